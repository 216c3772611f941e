//! OpenSSL behind the lws-tls and lws-gencrypto traits.
