//! RFC 9113 §5.3, Prioritization; §5.4, Error Handling; §5.5, Extending HTTP/2.

use super::{Case, case, with};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::session::Session;
use crate::wire::{self, INITIAL_WINDOW_SIZE};

const DEPRECATED: &str = "This update to HTTP/2 deprecates the priority signaling defined in RFC 7540, some of the \
    mandatory handling is retained: a frame of the right form is no error.";
const SELF: &str = "RFC 7540 §5.3.1: a stream cannot depend on itself, a stream error PROTOCOL_ERROR. RFC 9113 dropped \
    the rule: an error or none, and nothing else.";
const UNKNOWN: &str =
    "Implementations MUST ignore unknown or unsupported values in all extensible protocol elements.";
const MIDDLE: &str = "Extension frames that appear in the middle of a field block are not permitted; these MUST be \
    treated as a connection error of type PROTOCOL_ERROR.";

pub(super) const CASES: &[Case] = &[
    case("9113/5.3/1", DEPRECATED, |c| {
        for stream in [1, 3, 5, 7, 99] {
            c.send(wire::PRIORITY, 0, stream, wire::priority(0, stream == 5, 255));
        }
        c.works()
    }),
    case("9113/5.3/2", "The same for a dependency on a stream that is idle, or closed.", |c| {
        c.works()?;
        c.send(wire::PRIORITY, 0, 9, wire::priority(1, false, 3));
        c.send(wire::PRIORITY, 0, 9, wire::priority(77, true, 3));
        c.works()
    }),
    case("9113/5.3/3", "The same in HEADERS.", |c| {
        c.works()?;
        let stream = c.stream();
        let payload = [wire::priority(55, true, 0), c.get().block()].concat();
        c.send(wire::HEADERS, wire::WHOLE | wire::PRIORITIZED, stream, payload);
        c.success(stream)
    }),
    case("9113/5.3/4", "The same for a circle of dependencies.", |c| {
        c.send(wire::PRIORITY, 0, 11, wire::priority(13, false, 3));
        c.send(wire::PRIORITY, 0, 13, wire::priority(15, false, 3));
        c.send(wire::PRIORITY, 0, 15, wire::priority(11, true, 3));
        c.works()
    }),
    case(
        "9113/5.3/5",
        "Sending or receiving a PRIORITY frame does not affect the state of any stream (idle).",
        |c| {
            c.send(wire::PRIORITY, 0, 9, wire::priority(0, false, 3));
            c.works()?;
            // Stream 9 is idle still.
            c.next = 9;
            c.works()
        },
    ),
    case("9113/5.3/6", SELF, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::PRIORITY, 0, stream, wire::priority(stream, false, 3));
        error_or_none(c)
    }),
    case("9113/5.3/7", SELF, |c| {
        let stream = c.stream();
        let payload = [wire::priority(stream, false, 3), c.get().block()].concat();
        c.send(wire::HEADERS, wire::WHOLE | wire::PRIORITIZED, stream, payload);
        error_or_none(c)
    }),
    // RFC 9218 §7.1: a server that does not know the type ignores it.
    case("9113/5.3/8", "PRIORITY_UPDATE (RFC 9218) of a good form is taken or ignored.", |c| {
        c.send(0x10, 0, 0, b"\x00\x00\x00\x01u=1, i");
        let stream = c.ask(&c.get().with("priority", "u=1, i"));
        c.success(stream)
    }),
    case(
        "9113/5.4.1/1",
        "After sending the GOAWAY frame for an error condition, the endpoint MUST close the TCP connection.",
        |c| {
            c.send(wire::DATA, 0, 0, b"x");
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case(
        "9113/5.4.1/2",
        "GOAWAY has the identifier of the last stream that was or might be processed; one that was answered is (§8.7).",
        |c| {
            c.works()?;
            c.works()?;
            c.send(wire::DATA, 0, 0, b"x");
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    Event::Goaway { last, code, .. } if code != wire::NO_ERROR => {
                        return if last >= 3 { Ok(()) } else { Err(c.wrong("GOAWAY with last stream 3")) };
                    }
                    Event::Closed => return Err(c.weak("GOAWAY with last stream 3")),
                    Event::Late => return Err(c.wrong("GOAWAY with last stream 3")),
                    _ => {}
                }
            }
        },
    ),
    with(
        "9113/5.4.2/1",
        "A stream error is an error related to a specific stream that does not affect processing of other streams.",
        &[(INITIAL_WINDOW_SIZE, 0)],
        |c| {
            let good = c.held()?;
            let bad = c.ask(&c.get().with("UPPER", "x"));
            c.malformed(bad)?;
            if c.ended() {
                return Err(Flaw::skip("the server ends the connection for a malformed request"));
            }
            c.window_update(good, 1 << 20);
            c.success(good)
        },
    ),
    case(
        "9113/5.4.2/2",
        "To avoid looping, an endpoint MUST NOT send a RST_STREAM in response to a RST_STREAM frame.",
        |c| {
            let stream = c.begin_ask(&c.post());
            c.fence()?;
            c.reset(stream, wire::CANCEL);
            let answered =
                c.fence_with(move |e| matches!(e, Event::Reset { stream: s, .. } if *s == stream))?;
            if answered { Err(c.wrong("no RST_STREAM")) } else { c.works() }
        },
    ),
    case("9113/5.4.2/3", "The same for a second RST_STREAM, on the closed stream.", |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        c.fence()?;
        c.reset(stream, wire::CANCEL);
        let answered = c.fence_with(move |e| matches!(e, Event::Reset { stream: s, .. } if *s == stream))?;
        if answered { Err(c.wrong("no RST_STREAM")) } else { c.works() }
    }),
    case(
        "9113/5.4.2/4",
        "The peer that sends the RST_STREAM frame MUST be prepared to receive any frames that were sent or enqueued.",
        |c| {
            let stream = c.begin_ask(&c.post().with("UPPER", "x"));
            // All of this may have been on its way when the server found the name.
            c.send(wire::DATA, 0, stream, b"more");
            c.send(wire::WINDOW_UPDATE, 0, stream, 1_u32.to_be_bytes());
            c.send(
                wire::HEADERS,
                wire::WHOLE,
                stream,
                crate::hpack::Fields::default().with("x-sum", "1").block(),
            );
            c.malformed(stream)?;
            if c.ended() {
                return Err(Flaw::skip("the server ends the connection for a malformed request"));
            }
            c.works()
        },
    ),
    case("9113/5.5/1", UNKNOWN, |c| {
        c.settings(&[(0, 1), (0x7, 3), (0xfafa, 0xffff_ffff), (0xffff, 0)]);
        c.settings_applied()?;
        c.works()
    }),
    case("9113/5.5/2", "Implementations MUST discard frames that have unknown or unsupported types.", |c| {
        let stream = c.begin_ask(&c.post());
        for (kind, on) in [(0xb, 0), (0xc, stream), (0x7f, 0), (0xff, stream)] {
            c.send(kind, 0, on, b"extension");
        }
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.success(stream)
    }),
    case("9113/5.5/3", MIDDLE, |c| {
        let block = c.get().block();
        c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..5]);
        c.send(0xfa, 0, 1, b"extension");
        c.send(wire::CONTINUATION, wire::END_HEADERS, 1, &block[5..]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.5/4", MIDDLE, |c| {
        let block = c.get().block();
        c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..5]);
        c.send(0xfa, 0, 0, b"extension");
        c.send(wire::CONTINUATION, wire::END_HEADERS, 1, &block[5..]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
];

/// The connection goes on, or ends with PROTOCOL_ERROR.
fn error_or_none(c: &mut Session<'_>) -> Outcome {
    c.send(wire::PING, 0, 0, b"dependon");
    let deadline = c.deadline();
    loop {
        match c.next(deadline)? {
            Event::Goaway { code: wire::PROTOCOL_ERROR, .. } | Event::PingAck(_) => return Ok(()),
            Event::Reset { code, .. } if code != wire::PROTOCOL_ERROR && code != wire::NO_ERROR => {
                return Err(c.wrong("PROTOCOL_ERROR, or no error"));
            }
            Event::Goaway { .. } | Event::Closed | Event::Late => {
                return Err(c.wrong("PROTOCOL_ERROR, or no error"));
            }
            _ => {}
        }
    }
}
