//! TLS as a role that hosts one role
