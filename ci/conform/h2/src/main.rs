//! `conform-h2`: HTTP/2 conformance from outside, one case per MUST of RFC 9113, RFC 7541 and RFC 8441.
//!
//! ```text
//!   run      cases side by side, the report
//!   server   tables of cases against a server      ─► session   a client's connection: requests, answers
//!   client   tables of cases against a client      ─► served    a server's connection: scripted misbehaviour
//!   conn     frames out, events in, windows, expectations
//!   referee  what every frame of the peer must obey, whatever the case
//!   wire, hpack, pipe    octets, field blocks, TCP and TLS
//! ```
//!
//! It shares no code with the implementation under test; HPACK is decoded by the crate `loona-hpack`, TLS is rustls.

mod args;
mod case;
mod client;
mod conn;
mod hpack;
mod pipe;
mod referee;
mod run;
mod served;
mod server;
mod session;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    match args::main(std::env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
