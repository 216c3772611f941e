//! Messages through the machines: the RFC's examples, round trips, C zlib's output, and what attackers send.

mod drive;
mod reference;
mod rfc;
mod roundtrip;
mod security;
mod zlib;
