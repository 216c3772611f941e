//! RFC 9113 §5.2, Flow Control, and §6.9 WINDOW_UPDATE.

use super::{Case, case, with};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::session::Session;
use crate::wire::{self, INITIAL_WINDOW_SIZE, MAX_31, MAX_FRAME_SIZE};

const ZERO: &str = "A receiver MUST treat the receipt of a WINDOW_UPDATE frame with a flow-control window increment of \
    0 as a stream error of type PROTOCOL_ERROR; errors on the connection window MUST be treated as a connection error.";
const SIZE: &str = "A WINDOW_UPDATE frame with a length other than 4 octets MUST be treated as a connection error of \
    type FRAME_SIZE_ERROR.";
const EXCEEDED: &str = "The sender MUST NOT send a flow-controlled frame with a length that exceeds the space available \
    in either of the flow-control windows.";
const OVERFLOW: &str = "If a sender receives a WINDOW_UPDATE that causes a flow-control window to exceed 2^31-1, it MUST \
    terminate either the stream or the connection with FLOW_CONTROL_ERROR.";
const CHANGED: &str = "When the value of SETTINGS_INITIAL_WINDOW_SIZE changes, a receiver MUST adjust the size of all \
    stream flow-control windows that it maintains by the difference.";
const NEGATIVE: &str = "A sender MUST track the negative flow-control window and MUST NOT send new flow-controlled \
    frames until WINDOW_UPDATE frames cause it to become positive.";
const TOO_FAR: &str = "An endpoint MUST treat a change to SETTINGS_INITIAL_WINDOW_SIZE that causes any flow-control \
    window to exceed the maximum size as a connection error of type FLOW_CONTROL_ERROR.";
const ACCOUNT: &str = "A receiver that receives a flow-controlled frame MUST always account for its contribution against \
    the connection flow-control window, even if the frame is in error.";

const NONE: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 0)];
const ONE: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 1)];
const TEN: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 10)];
/// More than the connection's initial window, and as much as a stream may get.
const WIDE: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 1 << 20)];

pub(super) const CASES: &[Case] = &[
    with("9113/5.2/1", "A sender MUST respect flow-control limits imposed by a receiver.", ONE, |c| {
        c.grant = false;
        let stream = c.ask(&c.get());
        c.head(stream)?;
        c.exactly(stream, 1)
    }),
    with("9113/5.2/2", "Only DATA frames are subject to flow control: HEADERS are not blocked.", NONE, |c| {
        for _ in 0..3 {
            c.held()?;
        }
        Ok(())
    }),
    with("9113/5.2/3", "A stalled stream does not prevent progress on other streams.", NONE, |c| {
        c.held()?;
        let second = c.held()?;
        c.window_update(second, 1 << 20);
        c.success(second)
    }),
    case(
        "9113/5.2/4",
        "The initial value for the flow-control window is 65,535 octets for both (stream and connection).",
        |c| {
            c.grant = false;
            let stream = c.ask(&c.get_large()?);
            c.head(stream)?;
            c.exactly(stream, 65_535)
        },
    ),
    with("9113/5.2/5", "The connection's window holds whatever the streams have.", WIDE, |c| {
        c.grant = false;
        let stream = c.ask(&c.get_large()?);
        c.head(stream)?;
        c.exactly(stream, 65_535)?;
        c.window_update(0, 10);
        c.exactly(stream, 10)
    }),
    with("9113/5.2/6", "The same for two streams together.", &[(INITIAL_WINDOW_SIZE, 40_000)], |c| {
        c.grant = false;
        let (first, second) = (c.ask(&c.get_large()?), c.ask(&c.get_large()?));
        let deadline = c.deadline();
        let mut sum = 0;
        while sum < 65_535 {
            match c.next(deadline)? {
                Event::Data { flow, .. } => sum += flow,
                Event::Closed | Event::Late => return Err(c.wrong("65535 octets on both streams together")),
                _ => {}
            }
        }
        c.no_data(0)?;
        c.reset(first, wire::CANCEL);
        c.reset(second, wire::CANCEL);
        Ok(())
    }),
    case(
        "9113/5.2/7",
        "A large answer comes in the frame size that the client allows, not a larger one.",
        |c| {
            let stream = c.ask(&c.get_large()?);
            // A frame above 2^14 would be a breach.
            c.success(stream)
        },
    ),
    with(
        "9113/5.2/8",
        "A larger SETTINGS_MAX_FRAME_SIZE may be used, and need not be.",
        &[(MAX_FRAME_SIZE, 1 << 17)],
        |c| {
            let stream = c.ask(&c.get_large()?);
            c.success(stream)
        },
    ),
    with("9113/6.9/1", "WINDOW_UPDATE gives the sender that much and no more.", NONE, |c| {
        c.grant = false;
        let stream = c.held()?;
        c.window_update(stream, 3);
        c.exactly(stream, 3)?;
        c.window_update(stream, 1);
        c.exactly(stream, 1)
    }),
    case("9113/6.9/2", ZERO, |c| {
        c.window_update(0, 0);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.9/3", ZERO, |c| {
        let stream = c.begin_ask(&c.post());
        c.window_update(stream, 0);
        c.stream_error(stream, &[wire::PROTOCOL_ERROR])
    }),
    with("9113/6.9/4", "The same on a stream that waits for its window.", NONE, |c| {
        let stream = c.held()?;
        c.window_update(stream, 0);
        c.stream_error(stream, &[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.9/5", "The same with the reserved bit set: the increment is 0 still.", |c| {
        let stream = c.begin_ask(&c.post());
        c.window_update(stream, 1 << 31);
        c.stream_error(stream, &[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.9/6", SIZE, |c| {
        c.send(wire::WINDOW_UPDATE, 0, 0, [0, 0, 1]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.9/7", SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::WINDOW_UPDATE, 0, stream, [0, 0, 0, 1, 0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case(
        "9113/6.9/8",
        "WINDOW_UPDATE on a half-closed (remote) or closed stream: A receiver MUST NOT treat this as an error.",
        |c| {
            let stream = c.ask(&c.get());
            c.window_update(stream, 100);
            c.success(stream)?;
            c.window_update(stream, 100);
            c.works()
        },
    ),
    case("9113/6.9/9", ACCOUNT, |c| {
        // DATA for a stream that was reset: its octets must come back to the connection's window.
        for _ in 0..6 {
            let stream = c.begin_ask(&c.post().with("UPPER", "x"));
            c.send(wire::DATA, wire::END_STREAM, stream, [b'x'; 10_000]);
            c.fence()?;
        }
        if c.ended() {
            return Err(Flaw::skip("the server ends the connection for a malformed request"));
        }
        let stream = c.begin_ask(&c.post());
        upload(c, stream, 70_000)?;
        c.response(stream).map(|_| ())
    }),
    case("9113/6.9/10", "The padding counts too, and is given back.", |c| {
        // Padding of more than a whole window, and yet less than the content: the other way round is an attack.
        let (content, size) = ([b'x'; 300], 1 + 300 + 255);
        let stream = c.begin_ask(&c.post());
        for _ in 0..300 {
            wait_for_window(c, stream, size)?;
            if answered(c, stream) {
                break;
            }
            c.send(wire::DATA, wire::PADDED, stream, wire::padded(255, &content, 255));
        }
        c.send(wire::DATA, wire::END_STREAM, stream, []);
        c.response(stream).map(|_| ())
    }),
    case(
        "9113/6.9/11",
        "A receiver MAY respond with a stream error or connection error of type FLOW_CONTROL_ERROR if it is unable to \
         accept a frame: too much DATA has no other error.",
        |c| {
            let window = c.referee.theirs.value(INITIAL_WINDOW_SIZE).and_then(|w| usize::try_from(w).ok());
            let Some(size) = window.filter(|w| *w < 1 << 20) else {
                return Err(Flaw::skip("the server gives a large window"));
            };
            let stream = c.begin_ask(&c.post());
            let frames: Vec<u8> = vec![b'x'; size + 1]
                .chunks(16_384)
                .flat_map(|part| wire::frame(wire::DATA, 0, stream, part))
                .collect();
            c.raw(&frames);
            c.send(wire::DATA, wire::END_STREAM, stream, b"x");
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    Event::Head { stream: s, .. } if s == stream => return Ok(()),
                    Event::Reset { code: wire::FLOW_CONTROL_ERROR, .. }
                    | Event::Goaway { code: wire::FLOW_CONTROL_ERROR, .. } => return Ok(()),
                    Event::Reset { .. } | Event::Goaway { .. } | Event::Closed | Event::Late => {
                        return Err(c.wrong("FLOW_CONTROL_ERROR, or an answer"));
                    }
                    _ => {}
                }
            }
        },
    ),
    case("9113/6.9.1/1", EXCEEDED, |c| {
        c.grant = false;
        let stream = c.ask(&c.get_large()?);
        c.head(stream)?;
        c.exactly(stream, 65_535)?;
        // Only the stream's window grows, then only the connection's.
        c.window_update(stream, 100);
        c.no_data(stream)?;
        c.window_update(0, 50);
        c.exactly(stream, 50)
    }),
    with("9113/6.9.1/2", "Two increments in one segment count both.", NONE, |c| {
        c.grant = false;
        let stream = c.held()?;
        let one = wire::frame(wire::WINDOW_UPDATE, 0, stream, &[0, 0, 0, 2]);
        c.raw(&one.repeat(2));
        c.exactly(stream, 4)
    }),
    case("9113/6.9.1/3", OVERFLOW, |c| {
        c.window_update(0, MAX_31);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    case("9113/6.9.1/4", "The same by two increments.", |c| {
        c.window_update(0, MAX_31 - 65_535);
        c.fence()?;
        c.window_update(0, 1);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    with("9113/6.9.1/5", OVERFLOW, ONE, |c| {
        let stream = c.begin_ask(&c.post());
        c.window_update(stream, MAX_31);
        c.stream_error(stream, &[wire::FLOW_CONTROL_ERROR])
    }),
    with("9113/6.9.1/6", "The same on a stream that waits for its window.", NONE, |c| {
        c.grant = false;
        let stream = c.ask(&c.get_large()?);
        c.head(stream)?;
        c.window_update(stream, MAX_31);
        c.window_update(stream, MAX_31);
        c.stream_error(stream, &[wire::FLOW_CONTROL_ERROR])
    }),
    case("9113/6.9.1/7", "The largest window is a window.", |c| {
        c.window_update(0, MAX_31 - 65_535);
        let stream = c.begin_ask(&c.post());
        c.window_update(stream, MAX_31 - 65_535);
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.success(stream)
    }),
    with("9113/6.9.1/8", "Windows of one octet: the answer comes whole all the same.", ONE, |c| {
        let stream = c.ask(&c.get());
        c.success(stream)
    }),
    with("9113/6.9.2/1", CHANGED, NONE, |c| {
        c.grant = false;
        let stream = c.held()?;
        c.settings(&[(INITIAL_WINDOW_SIZE, 1)]);
        c.exactly(stream, 1)
    }),
    with("9113/6.9.2/2", "The same for two streams.", NONE, |c| {
        c.grant = false;
        let (first, second) = (c.held()?, c.held()?);
        c.window_update(first, 2);
        c.exactly(first, 2)?;
        c.settings(&[(INITIAL_WINDOW_SIZE, 3)]);
        let deadline = c.deadline();
        let (mut one, mut two) = (0, 0);
        while one < 3 || two < 3 {
            match c.next(deadline)? {
                Event::Data { stream, flow, .. } if stream == first => one += flow,
                Event::Data { stream, flow, .. } if stream == second => two += flow,
                Event::Closed | Event::Late => return Err(c.wrong("3 octets of DATA on each stream")),
                _ => {}
            }
        }
        c.no_data(0)
    }),
    with("9113/6.9.2/3", NEGATIVE, TEN, |c| {
        c.grant = false;
        let stream = c.ask(&c.get());
        c.head(stream)?;
        c.exactly(stream, 10)?;
        c.settings(&[(INITIAL_WINDOW_SIZE, 4)]);
        c.settings_applied()?;
        // 4 - 10 = -6: six octets bring it to zero, the seventh is the first that may be used.
        c.window_update(stream, 6);
        c.no_data(stream)?;
        c.window_update(stream, 1);
        c.exactly(stream, 1)
    }),
    with("9113/6.9.2/4", "The same, and a larger initial window makes it positive again.", TEN, |c| {
        c.grant = false;
        let stream = c.ask(&c.get());
        c.head(stream)?;
        c.exactly(stream, 10)?;
        c.settings(&[(INITIAL_WINDOW_SIZE, 0)]);
        c.settings_applied()?;
        c.no_data(stream)?;
        c.settings(&[(INITIAL_WINDOW_SIZE, 12)]);
        c.exactly(stream, 2)
    }),
    // nghttpd 1.52 and nginx 1.22 reset the stream; the sentence leaves no choice.
    with("9113/6.9.2/5", TOO_FAR, &[(INITIAL_WINDOW_SIZE, 1 << 17)], |c| {
        c.grant = false;
        let stream = c.ask(&c.get_large()?);
        c.head(stream)?;
        // The connection's window ends the sending, and the stream's has 2^17 - 65535 left.
        c.exactly(stream, 65_535)?;
        c.window_update(stream, MAX_31 - ((1 << 17) - 65_535));
        c.fence()?;
        c.settings(&[(INITIAL_WINDOW_SIZE, (1 << 17) + 1)]);
        c.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    with(
        "9113/6.9.2/6",
        "The connection flow-control window can only be changed using WINDOW_UPDATE frames.",
        NONE,
        |c| {
            c.grant = false;
            let stream = c.ask(&c.get_large()?);
            c.head(stream)?;
            c.settings(&[(INITIAL_WINDOW_SIZE, 1 << 20)]);
            c.exactly(stream, 65_535)
        },
    ),
    case(
        "9113/6.9.3/1",
        "A receiver can send a new SETTINGS frame with a smaller window: new streams have it.",
        |c| {
            c.works()?;
            c.grant = false;
            c.settings(&[(INITIAL_WINDOW_SIZE, 5)]);
            c.settings_applied()?;
            let stream = c.ask(&c.get());
            c.head(stream)?;
            c.exactly(stream, 5)
        },
    ),
];

/// Sends that much content within the server's windows, and ends the stream. A server may answer before.
pub(super) fn upload(c: &mut Session<'_>, stream: u32, mut octets: usize) -> Outcome {
    while octets > 0 {
        let most = wait_for_window(c, stream, 1)?;
        if answered(c, stream) {
            return Ok(());
        }
        let size = octets.min(most).min(16_384);
        octets -= size;
        let flags = if octets == 0 { wire::END_STREAM } else { 0 };
        c.send(wire::DATA, flags, stream, vec![b'x'; size]);
    }
    Ok(())
}

/// The server has begun an answer.
fn answered(c: &Session<'_>, stream: u32) -> bool {
    c.message(stream).is_some_and(|m| m.status >= 200)
}

/// Reads until that many octets may be sent; answers how many may.
fn wait_for_window(c: &mut Session<'_>, stream: u32, octets: usize) -> Result<usize, Flaw> {
    let deadline = c.deadline();
    loop {
        let most = c.may_send(stream);
        if most >= octets || answered(c, stream) {
            return Ok(most);
        }
        if c.ended()
            || c.message(stream).is_some_and(|m| m.reset.is_some())
            || c.next(deadline)? == Event::Late
        {
            return Err(c.wrong("WINDOW_UPDATE for what was sent"));
        }
    }
}
