//! JWK, JWS, JWE and JWT over any lws-gencrypto provider.
#![no_std]
#![forbid(unsafe_code)]
