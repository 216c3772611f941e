//! HTTP/1 as a role
