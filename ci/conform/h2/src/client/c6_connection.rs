//! RFC 9113 §6.5 SETTINGS, §6.6 PUSH_PROMISE, §6.7 PING, §6.8 GOAWAY for a client.

use super::{Case, case, raw};
use crate::case::{Flaw, Outcome};
use crate::hpack::Fields;
use crate::referee::Event;
use crate::served::Served;
use crate::wire;

const ACK: &str =
    "SETTINGS with the ACK flag and a length other than 0 MUST be a connection error FRAME_SIZE_ERROR.";
const PUSH: &str = "A client MUST treat receipt of a SETTINGS frame with SETTINGS_ENABLE_PUSH set to 1 as a connection \
    error of type PROTOCOL_ERROR.";
const RANGE: &str = "Values outside the range of a setting MUST be treated as a connection error.";
const DISABLED: &str = "A client that has both set SETTINGS_ENABLE_PUSH to 0 and had it acknowledged MUST treat the \
    receipt of a PUSH_PROMISE frame as a connection error of type PROTOCOL_ERROR.";
const ILLEGAL: &str = "A receiver MUST treat the receipt of a PUSH_PROMISE that promises an illegal stream identifier, or \
    on a stream that is not open, as a connection error of type PROTOCOL_ERROR.";
const PING_SIZE: &str =
    "Receipt of a PING frame with a length other than 8 MUST be a connection error FRAME_SIZE_ERROR.";
const NO_STREAM: &str =
    "On a stream other than 0x00 the endpoint MUST respond with a connection error of type PROTOCOL_ERROR.";

pub(super) const CASES: &[Case] = &[
    case("c9113/6.5/1", ACK, |s| {
        s.send(wire::SETTINGS, wire::ACK, 0, wire::settings(&[(0xfafa, 0)]));
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/6.5/2", NO_STREAM, |s| {
        s.send(wire::SETTINGS, 0, s.stream, []);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.5/3",
        "A SETTINGS frame with a length other than a multiple of 6 MUST be a connection error FRAME_SIZE_ERROR.",
        |s| {
            s.send(wire::SETTINGS, 0, 0, [0, 3, 0, 0, 0]);
            s.connection_error(&[wire::FRAME_SIZE_ERROR])
        },
    ),
    case("c9113/6.5.2/1", PUSH, |s| {
        s.settings(&[(wire::ENABLE_PUSH, 1)]);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.5.2/2", RANGE, |s| {
        s.settings(&[(wire::ENABLE_PUSH, 2)]);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.5.2/3", RANGE, |s| {
        s.settings(&[(wire::INITIAL_WINDOW_SIZE, 1 << 31)]);
        s.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    case("c9113/6.5.2/4", RANGE, |s| {
        s.settings(&[(wire::MAX_FRAME_SIZE, 16_383)]);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.5.2/5", RANGE, |s| {
        s.settings(&[(wire::MAX_FRAME_SIZE, 1 << 24)]);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.5.2/6",
        "An endpoint that receives SETTINGS with any unknown identifier MUST ignore that setting.",
        |s| {
            s.settings(&[(0xfafa, 0xffff_ffff), (wire::ENABLE_PUSH, 0), (0x7777, 1)]);
            s.settings_applied()?;
            s.works()
        },
    ),
    case("c9113/6.5.2/7", "Every good value is a good value.", |s| {
        s.settings(&[
            (wire::HEADER_TABLE_SIZE, 0),
            (wire::MAX_CONCURRENT_STREAMS, 0),
            (wire::INITIAL_WINDOW_SIZE, wire::MAX_31),
            (wire::MAX_FRAME_SIZE, (1 << 24) - 1),
            (wire::MAX_HEADER_LIST_SIZE, 1),
            (wire::ENABLE_CONNECT_PROTOCOL, 1),
        ]);
        s.settings_applied()?;
        s.works()
    }),
    case("c9113/6.5.3/1", "SETTINGS are acknowledged, each of them, in order.", |s| {
        for limit in 1..=4 {
            s.settings(&[(wire::MAX_CONCURRENT_STREAMS, 100 * limit)]);
        }
        s.settings_applied()?;
        s.works()
    }),
    case("c9113/6.6/1", DISABLED, |s| {
        disabled(s)?;
        promise(s, s.stream, 2)
    }),
    case(
        "c9113/6.6/2",
        "If the Stream Identifier field specifies 0x00, a recipient MUST respond with PROTOCOL_ERROR.",
        |s| promise(s, 0, 2),
    ),
    case("c9113/6.6/3", ILLEGAL, |s| promise(s, s.stream, 3)),
    case("c9113/6.6/4", ILLEGAL, |s| promise(s, s.stream, 0)),
    case("c9113/6.6/5", ILLEGAL, |s| promise(s, s.stream + 2, 2)),
    case("c9113/6.6/6", ILLEGAL, |s| {
        s.send(wire::PUSH_PROMISE, wire::END_HEADERS, s.stream, promised(4));
        promise(s, s.stream, 2)
    }),
    case(
        "c9113/6.7/1",
        "Receivers of a PING frame without ACK MUST send one with ACK and an identical payload.",
        |s| {
            s.fence()?;
            s.fence()?;
            s.works()
        },
    ),
    case("c9113/6.7/2", "An endpoint MUST NOT respond to PING frames containing the ACK flag.", |s| {
        s.send(wire::PING, wire::ACK, 0, b"unasked!");
        // An answer would be a breach: the referee knows no PING with these octets.
        s.fence()?;
        s.works()
    }),
    case("c9113/6.7/3", NO_STREAM, |s| {
        s.send(wire::PING, 0, s.stream, b"onstream");
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.7/4", PING_SIZE, |s| {
        s.send(wire::PING, 0, 0, b"6octet");
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/6.7/5", PING_SIZE, |s| {
        s.send(wire::PING, wire::ACK, 0, b"9 octets!");
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/6.8/1", NO_STREAM, |s| {
        s.send(wire::GOAWAY, 0, s.stream, wire::goaway(s.stream, wire::NO_ERROR, b""));
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.8/2", "A GOAWAY too small for its fields is a FRAME_SIZE_ERROR (§4.2).", |s| {
        s.send(wire::GOAWAY, 0, 0, [0; 7]);
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case(
        "c9113/6.8/3",
        "Activity on streams up to the last stream identifier might still complete: the answer is accepted.",
        |s| {
            s.send(wire::GOAWAY, 0, 0, wire::goaway(s.stream, wire::NO_ERROR, b"draining"));
            s.works()
        },
    ),
    case("c9113/6.8/4", "The same for a graceful shutdown: first 2^31-1, then the last one.", |s| {
        s.send(wire::GOAWAY, 0, 0, wire::goaway(wire::MAX_31, wire::NO_ERROR, b""));
        s.fence()?;
        s.send(wire::GOAWAY, 0, 0, wire::goaway(s.stream, wire::NO_ERROR, b""));
        s.works()
    }),
    case(
        "c9113/6.8/5",
        "Streams above the last stream identifier are not processed: no success on this connection.",
        |s| {
            s.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, b""));
            let deadline = s.deadline();
            loop {
                match s.next(deadline)? {
                    // "Receivers of a GOAWAY frame MUST NOT open additional streams on the connection."
                    Event::Head { .. } => return Err(s.wrong("no new stream")),
                    Event::Goaway { code, .. } if code != wire::NO_ERROR => return Err(s.wrong("no error")),
                    // It may retry on another connection, which nobody answers.
                    Event::Closed | Event::Late => return Ok(()),
                    _ => {}
                }
            }
        },
    ),
    case("c9113/6.8/6", "GOAWAY with an error ends what is open: no success.", |s| {
        s.send(wire::GOAWAY, 0, 0, wire::goaway(s.stream, wire::INTERNAL_ERROR, b""));
        s.pipe.shut_writing();
        s.rejected()
    }),
    raw("c9113/6.5.3/2", "The client's SETTINGS are good, and stay in force when ours come late.", |s| {
        s.read_preface()?;
        // The server's first frame is its SETTINGS, not an acknowledgement.
        s.acknowledge = false;
        let deadline = s.deadline();
        while s.first_stream().is_none() {
            if matches!(s.next(deadline)?, Event::Late | Event::Closed) {
                return Err(Flaw::skip("the client waits for SETTINGS before it asks"));
            }
        }
        s.settings(&[]);
        s.send(wire::SETTINGS, wire::ACK, 0, []);
        s.settings_applied()?;
        s.stream = s.first_stream().unwrap_or(1);
        s.works()
    }),
];

/// Skips the case where the client has not disabled push.
fn disabled(s: &Served) -> Result<(), Flaw> {
    match s.referee.theirs.sent(wire::ENABLE_PUSH) {
        Some(0) => Ok(()),
        _ => Err(Flaw::skip("the client leaves push enabled")),
    }
}

/// The payload of PUSH_PROMISE with a good request.
fn promised(stream: u32) -> Vec<u8> {
    let request = Fields::default().with(":method", "GET").with(":scheme", "http").with(":path", "/pushed");
    [stream.to_be_bytes().to_vec(), request.with(":authority", "127.0.0.1").block()].concat()
}

fn promise(s: &mut Served, stream: u32, promise: u32) -> Outcome {
    s.send(wire::PUSH_PROMISE, wire::END_HEADERS, stream, promised(promise));
    s.connection_error(&[wire::PROTOCOL_ERROR])
}
