//! Generic cryptography: traits, types and errors, for any library.
#![no_std]
#![forbid(unsafe_code)]
