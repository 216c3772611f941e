//! RFC 9113 §6.6 PUSH_PROMISE, §6.7 PING, §6.8 GOAWAY; §7, Error Codes.

use super::{Case, case, with};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::session::Session;
use crate::wire::{self, INITIAL_WINDOW_SIZE};

const PUSH: &str = "§8.4: servers MUST treat the receipt of a PUSH_PROMISE frame as a connection error of type PROTOCOL_ERROR.";
const PING_SIZE: &str = "Receipt of a PING frame with a length field value other than 8 MUST be treated as a connection \
    error of type FRAME_SIZE_ERROR.";
const PING_STREAM: &str = "If a PING frame is received with a Stream Identifier field value other than 0x00, the \
    recipient MUST respond with a connection error of type PROTOCOL_ERROR.";
const UNKNOWN: &str = "Unknown or unsupported error codes MUST NOT trigger any special behavior.";

pub(super) const CASES: &[Case] = &[
    case("9113/6.6/1", PUSH, |c| {
        let stream = c.begin_ask(&c.post());
        promise(c, stream, 2)
    }),
    case("9113/6.6/2", PUSH, |c| {
        c.works()?;
        promise(c, 1, 2)
    }),
    case("9113/6.6/3", PUSH, |c| promise(c, 0, 2)),
    case("9113/6.6/4", PUSH, |c| promise(c, 1, 3)),
    case(
        "9113/6.7/1",
        "Receivers of a PING frame that does not include an ACK flag MUST send a PING frame with the ACK flag set in \
         response, with an identical frame payload.",
        |c| {
            for data in [*b"\0\0\0\0\0\0\0\0", *b"\xff\xff\xff\xff\xff\xff\xff\xff", *b"12345678"] {
                c.send(wire::PING, 0, 0, data);
                ping_answered(c, data)?;
            }
            Ok(())
        },
    ),
    case("9113/6.7/2", "The same for several at once.", |c| {
        let all: Vec<u8> = (0..5).flat_map(|n| wire::frame(wire::PING, 0, 0, &[n; 8])).collect();
        c.raw(&all);
        (0..5).try_for_each(|n| ping_answered(c, [n; 8]))
    }),
    case("9113/6.7/3", "An endpoint MUST NOT respond to PING frames containing the ACK flag.", |c| {
        // An answer would be a breach: the referee knows no PING of ours with these octets.
        c.send(wire::PING, wire::ACK, 0, b"unasked!");
        c.fence()?;
        c.works()
    }),
    case("9113/6.7/4", PING_STREAM, |c| {
        c.send(wire::PING, 0, 1, b"onstream");
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.7/5", PING_STREAM, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::PING, wire::ACK, stream, b"onstream");
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.7/6", PING_SIZE, |c| {
        c.send(wire::PING, 0, 0, b"6octet");
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.7/7", PING_SIZE, |c| {
        c.send(wire::PING, 0, 0, b"9 octets!");
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.7/8", PING_SIZE, |c| {
        c.send(wire::PING, wire::ACK, 0, []);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    with("9113/6.7/9", "PING is answered while DATA waits for a window.", &[(INITIAL_WINDOW_SIZE, 0)], |c| {
        c.held()?;
        c.fence()
    }),
    case(
        "9113/6.8/1",
        "An endpoint MUST treat a GOAWAY frame with a stream identifier other than 0x00 as a connection error of type \
         PROTOCOL_ERROR.",
        |c| {
            c.send(wire::GOAWAY, 0, 1, wire::goaway(0, wire::NO_ERROR, b""));
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    with(
        "9113/6.8/2",
        "Activity on streams numbered lower than or equal to the last stream identifier might still complete.",
        &[(INITIAL_WINDOW_SIZE, 0)],
        |c| {
            let stream = c.held()?;
            c.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, b"going"));
            c.window_update(stream, 1 << 20);
            // The answer was begun: a server that drops it leaves the request neither done nor refused.
            c.success(stream)
        },
    ),
    case(
        "9113/6.8/3",
        "GOAWAY with debug data is a GOAWAY; with nothing open, to close then is right.",
        |c| {
            c.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, &[b'?'; 1000]));
            good_end(c)
        },
    ),
    case(
        "9113/6.8/4",
        "Endpoints MUST NOT increase the last stream identifier; two of the same are fine.",
        |c| {
            c.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, b""));
            c.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, b""));
            good_end(c)
        },
    ),
    case(
        "9113/6.8/5",
        "After the client's GOAWAY its own streams may go on (it shuts out the server's only).",
        |c| {
            c.send(wire::GOAWAY, 0, 0, wire::goaway(0, wire::NO_ERROR, b""));
            let stream = c.ask(&c.get());
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    Event::Head { stream: s, .. } if s == stream => return Ok(()),
                    // A server may end the connection at any time (§5.4.1), but not for an error that is none.
                    Event::Closed | Event::Goaway { code: wire::NO_ERROR, .. } => return Ok(()),
                    Event::Goaway { .. } | Event::Late | Event::Reset { code: wire::PROTOCOL_ERROR, .. } => {
                        return Err(c.wrong("an answer, or the end of the connection without an error"));
                    }
                    _ => {}
                }
            }
        },
    ),
    case("9113/7/1", UNKNOWN, |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, 0xff);
        c.works()
    }),
    case("9113/7/2", UNKNOWN, |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, 0xffff_ffff);
        c.works()
    }),
    case("9113/7/3", UNKNOWN, |c| {
        c.send(wire::GOAWAY, 0, 0, wire::goaway(0, 0xfafa_fafa, b""));
        good_end(c)
    }),
    case("9113/7/4", "Every known code in RST_STREAM ends the stream, and the stream only.", |c| {
        for code in 0..=13 {
            let stream = c.begin_ask(&c.post());
            c.reset(stream, code);
        }
        c.works()
    }),
];

/// PUSH_PROMISE with a good request.
fn promise(c: &mut Session<'_>, stream: u32, promised: u32) -> Outcome {
    let payload = [promised.to_be_bytes().to_vec(), c.get().block()].concat();
    c.send(wire::PUSH_PROMISE, wire::END_HEADERS, stream, payload);
    c.connection_error(&[wire::PROTOCOL_ERROR])
}

fn ping_answered(c: &mut Session<'_>, data: [u8; 8]) -> Outcome {
    let deadline = c.deadline();
    loop {
        match c.next(deadline)? {
            Event::PingAck(back) if back == data => return Ok(()),
            Event::PingAck(_) | Event::Closed | Event::Late | Event::Goaway { .. } => {
                return Err(c.wrong("PING ACK with the same octets, in order"));
            }
            _ => {}
        }
    }
}

/// The connection goes on, or ends without an error.
fn good_end(c: &mut Session<'_>) -> Outcome {
    c.send(wire::PING, 0, 0, b"goodend?");
    let deadline = c.deadline();
    loop {
        match c.next(deadline)? {
            Event::PingAck(_) | Event::Closed => return Ok(()),
            Event::Goaway { code, .. } if code != wire::NO_ERROR => {
                return Err(c.wrong("PING ACK, or an end without an error"));
            }
            Event::Late => {
                return Err(Flaw::Weak { expected: "PING ACK, or an end".to_owned(), seen: c.told() });
            }
            _ => {}
        }
    }
}
