//! X.509 over any lws-gencrypto provider: parse, verify, create; PEM.
#![no_std]
#![forbid(unsafe_code)]
