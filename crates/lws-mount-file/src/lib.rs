//! A folder as an HTTP handler
