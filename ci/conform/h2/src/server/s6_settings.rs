//! RFC 9113 §6.5 SETTINGS.

use super::{Case, case, with};
use crate::case::Flaw;
use crate::referee::Event;
use crate::wire::{self, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE};

const PUSH: &str = "SETTINGS_ENABLE_PUSH: Any value other than 0 or 1 MUST be treated as a connection error of type \
    PROTOCOL_ERROR.";
const WINDOW: &str = "SETTINGS_INITIAL_WINDOW_SIZE: Values above the maximum flow-control window size of 2^31-1 MUST be \
    treated as a connection error of type FLOW_CONTROL_ERROR.";
const FRAME: &str = "SETTINGS_MAX_FRAME_SIZE: Values outside this range MUST be treated as a connection error of type PROTOCOL_ERROR.";
const SIZE: &str = "A SETTINGS frame with a length other than a multiple of 6 octets MUST be treated as a connection \
    error of type FRAME_SIZE_ERROR.";
const ACK: &str = "Receipt of a SETTINGS frame with the ACK flag set and a length field value other than 0 MUST be \
    treated as a connection error of type FRAME_SIZE_ERROR.";
const STREAM: &str = "If an endpoint receives a SETTINGS frame whose Stream Identifier field is anything other than \
    0x00, the endpoint MUST respond with a connection error of type PROTOCOL_ERROR.";
const ORDER: &str = "The values in the SETTINGS frame MUST be processed in the order they appear.";

pub(super) const CASES: &[Case] = &[
    case("9113/6.5/1", ACK, |c| {
        c.send(wire::SETTINGS, wire::ACK, 0, wire::settings(&[(0xfafa, 0)]));
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.5/2", ACK, |c| {
        c.send(wire::SETTINGS, wire::ACK, 0, [0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.5/3", STREAM, |c| {
        c.send(wire::SETTINGS, 0, 1, wire::settings(&[(wire::MAX_CONCURRENT_STREAMS, 100)]));
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5/4", STREAM, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::SETTINGS, 0, stream, []);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5/5", "The same for an acknowledgement on a stream.", |c| {
        c.send(wire::SETTINGS, wire::ACK, 1, []);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5/6", SIZE, |c| {
        c.send(wire::SETTINGS, 0, 0, [0, 3, 0, 0, 0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.5/7", SIZE, |c| {
        c.send(wire::SETTINGS, 0, 0, [0, 3, 0, 0, 0, 100, 0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.5/8", "An empty SETTINGS frame is a SETTINGS frame, and acknowledged.", |c| {
        c.settings(&[]);
        c.settings_applied()?;
        c.works()
    }),
    case("9113/6.5.2/1", PUSH, |c| {
        c.settings(&[(wire::ENABLE_PUSH, 2)]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5.2/2", PUSH, |c| {
        c.settings(&[(wire::ENABLE_PUSH, 0xffff_ffff)]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5.2/3", WINDOW, |c| {
        c.settings(&[(INITIAL_WINDOW_SIZE, 1 << 31)]);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    case("9113/6.5.2/4", WINDOW, |c| {
        c.settings(&[(INITIAL_WINDOW_SIZE, 0xffff_ffff)]);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    case("9113/6.5.2/5", "The same where a good value follows in the same frame.", |c| {
        c.settings(&[(INITIAL_WINDOW_SIZE, 1 << 31), (INITIAL_WINDOW_SIZE, 65_535)]);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    with("9113/6.5.2/6", "2^31-1 is a good value.", &[(INITIAL_WINDOW_SIZE, wire::MAX_31)], |c| c.works()),
    case("9113/6.5.2/7", FRAME, |c| {
        c.settings(&[(MAX_FRAME_SIZE, 16_383)]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5.2/8", FRAME, |c| {
        c.settings(&[(MAX_FRAME_SIZE, 1 << 24)]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.5.2/9", FRAME, |c| {
        c.settings(&[(MAX_FRAME_SIZE, 0)]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    with("9113/6.5.2/10", "2^14 and 2^24-1 are good values.", &[(MAX_FRAME_SIZE, (1 << 24) - 1)], |c| {
        c.works()?;
        c.settings(&[(MAX_FRAME_SIZE, 1 << 14)]);
        c.settings_applied()?;
        c.works()
    }),
    case(
        "9113/6.5.2/11",
        "An endpoint that receives a SETTINGS frame with any unknown identifier MUST ignore that setting.",
        |c| {
            c.settings(&[(0xfafa, 1), (0x1234, 0xffff_ffff)]);
            c.settings_applied()?;
            c.works()
        },
    ),
    with(
        "9113/6.5.2/12",
        "SETTINGS_MAX_HEADER_LIST_SIZE is advisory: an answer or a refusal, and the connection goes on.",
        &[(wire::MAX_HEADER_LIST_SIZE, 1)],
        |c| {
            let stream = c.ask(&c.get());
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    Event::Head { stream: s, end: true, .. } | Event::Data { stream: s, end: true, .. }
                        if s == stream =>
                    {
                        break;
                    }
                    Event::Reset { .. } => break,
                    Event::Closed | Event::Late | Event::Goaway { .. } => {
                        return Err(c.wrong("an answer or RST_STREAM"));
                    }
                    _ => {}
                }
            }
            c.fence()
        },
    ),
    case(
        "9113/6.5.2/13",
        "A server MUST NOT send PUSH_PROMISE to a client that set ENABLE_PUSH to 0, nor set ENABLE_PUSH to 1 itself.",
        |c| {
            c.works()?;
            match c.referee.theirs.sent(wire::ENABLE_PUSH) {
                None | Some(0) => Ok(()),
                Some(_) => Err(c.wrong("ENABLE_PUSH absent or 0")),
            }
        },
    ),
    case("9113/6.5.3/1", ORDER, |c| {
        c.grant = false;
        c.settings(&[(INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 1)]);
        c.settings_applied()?;
        let stream = c.ask(&c.get());
        c.head(stream)?;
        c.exactly(stream, 1)
    }),
    case(
        "9113/6.5.3/2",
        "Once all values have been processed, the recipient MUST immediately emit a SETTINGS frame with the ACK flag set.",
        |c| {
            c.settings(&[(wire::MAX_CONCURRENT_STREAMS, 5)]);
            c.settings_applied()
        },
    ),
    case(
        "9113/6.5.3/3",
        "SETTINGS frames are acknowledged in the order in which they are received, each of them.",
        |c| {
            for size in 1..=5 {
                c.settings(&[(wire::MAX_HEADER_LIST_SIZE, 10_000 * size)]);
            }
            c.settings_applied()?;
            // A sixth acknowledgement would be a breach.
            c.works()
        },
    ),
    case(
        "9113/6.5.3/4",
        "The recipient MUST apply the updated settings as soon as possible: the ACK tells that they are.",
        |c| {
            c.grant = false;
            c.settings(&[(INITIAL_WINDOW_SIZE, 0)]);
            c.settings_applied()?;
            let stream = c.ask(&c.get());
            let (_, end) = c.head(stream)?;
            if end {
                return Err(Flaw::skip("the resource has no content"));
            }
            c.no_data(stream)
        },
    ),
    case(
        "9113/6.5.3/5",
        "An acknowledgement without SETTINGS before it is nothing the RFC forbids: no answer to it.",
        |c| {
            c.send(wire::SETTINGS, wire::ACK, 0, []);
            c.send(wire::PING, 0, 0, b"afterack");
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    // Some call it a PROTOCOL_ERROR.
                    Event::PingAck(_) | Event::Goaway { code: wire::PROTOCOL_ERROR, .. } => return Ok(()),
                    Event::Closed | Event::Late | Event::Goaway { .. } => {
                        return Err(c.wrong("PING ACK, or PROTOCOL_ERROR"));
                    }
                    _ => {}
                }
            }
        },
    ),
];
