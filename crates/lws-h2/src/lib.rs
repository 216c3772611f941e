//! HTTP/2 (RFC 9113) as slices in, events out.
#![no_std]
#![forbid(unsafe_code)]
