//! The codec from outside: RFC 6455's own frames, the threats it faces, and what proptest comes up with.

mod frames;
mod peer;
mod roundtrip;
mod security;
