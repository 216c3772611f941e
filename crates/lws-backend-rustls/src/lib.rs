//! rustls and aws-lc-rs behind the lws-tls traits
