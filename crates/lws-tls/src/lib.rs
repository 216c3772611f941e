//! What a TLS library must offer: traits and types only
