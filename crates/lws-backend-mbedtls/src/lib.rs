//! Mbed TLS 2.28 behind the lws-tls and lws-gencrypto traits.
