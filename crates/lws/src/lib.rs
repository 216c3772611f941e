//! libwebsockets in Rust: the paved path
