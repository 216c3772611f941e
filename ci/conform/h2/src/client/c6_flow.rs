//! RFC 9113 §5.2 and §6.9 for a client: windows of its uploads, and those it gives.

use super::{Case, case, upload};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::served::Served;
use crate::wire::{self, INITIAL_WINDOW_SIZE, MAX_31};

const EXCEEDED: &str = "The sender MUST NOT send a flow-controlled frame with a length that exceeds the space available \
    in either of the flow-control windows.";
const ZERO: &str = "A WINDOW_UPDATE with an increment of 0 MUST be a stream error PROTOCOL_ERROR; on the connection a \
    connection error.";
const OVERFLOW: &str = "If a WINDOW_UPDATE causes a flow-control window to exceed 2^31-1, the sender MUST terminate \
    either the stream or the connection with FLOW_CONTROL_ERROR.";
const NONE: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 0)];

pub(super) const CASES: &[Case] = &[
    case("c9113/6.9/1", ZERO, |s| {
        s.window_update(0, 0);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.9/2", ZERO, |s| {
        s.conn.window_update(s.stream, 0);
        s.conn.stream_error(s.stream, &[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.9/3",
        "WINDOW_UPDATE with a length other than 4 MUST be a connection error FRAME_SIZE_ERROR.",
        |s| {
            s.send(wire::WINDOW_UPDATE, 0, 0, [0, 0, 1]);
            s.connection_error(&[wire::FRAME_SIZE_ERROR])
        },
    ),
    case(
        "c9113/6.9/4",
        "The receiver sends WINDOW_UPDATE as it consumes data: a mebioctet comes through.",
        |s| {
            s.head(&Served::ok().with("content-length", (1 << 20).to_string()), false);
            download(s, 1 << 20)?;
            s.accepted()
        },
    ),
    case("c9113/6.9/5", "The same with padding, which counts too.", |s| {
        // Padding of more than a whole window, and yet less than the content: the other way round is an attack.
        let (content, size) = ([b'x'; 300], 1 + 300 + 255);
        s.head(&Served::ok().with("content-length", (300 * 300).to_string()), false);
        for left in (0..300).rev() {
            wait_for_window(s, size)?;
            let flags = wire::PADDED | if left == 0 { wire::END_STREAM } else { 0 };
            s.send(wire::DATA, flags, s.stream, wire::padded(255, &content, 255));
        }
        s.accepted()
    }),
    case("c9113/6.9/6", "Too much DATA MAY be a FLOW_CONTROL_ERROR, and has no other error.", |s| {
        s.grant = false;
        s.head(&Served::ok(), false);
        let window = s.may_send(s.stream);
        if window > 1 << 26 {
            return Err(Flaw::skip("the client gives a large window"));
        }
        let frame = wire::frame(wire::DATA, 0, s.stream, &[b'x'; 16_384]);
        s.raw(&frame.repeat(window / 16_384 + 2));
        let deadline = s.deadline();
        loop {
            match s.next(deadline)? {
                Event::Reset { code: wire::FLOW_CONTROL_ERROR, .. }
                | Event::Goaway { code: wire::FLOW_CONTROL_ERROR, .. }
                | Event::Late => return Ok(()),
                Event::Reset { .. } | Event::Goaway { .. } => {
                    return Err(s.wrong("FLOW_CONTROL_ERROR, or nothing"));
                }
                Event::Closed => return Err(s.weak("FLOW_CONTROL_ERROR, or nothing")),
                _ => {}
            }
        }
    }),
    case("c9113/6.9.1/1", OVERFLOW, |s| {
        s.window_update(0, MAX_31);
        s.connection_error(&[wire::FLOW_CONTROL_ERROR])
    }),
    upload("c9113/6.9.1/2", OVERFLOW, NONE, |s| {
        s.conn.window_update(s.stream, MAX_31);
        s.conn.window_update(s.stream, MAX_31);
        s.conn.stream_error(s.stream, &[wire::FLOW_CONTROL_ERROR])
    }),
    upload("c9113/6.9.1/3", EXCEEDED, &[], |s| {
        s.grant = false;
        exactly(s, 65_535)?;
        // Only the stream's window grows, then the connection's.
        s.conn.window_update(s.stream, 100);
        exactly(s, 0)?;
        s.window_update(0, 50);
        exactly(s, 50)
    }),
    upload("c9113/6.9.1/4", "The same for windows of one octet.", NONE, |s| {
        s.grant = false;
        for _ in 0..5 {
            s.conn.window_update(s.stream, 1);
            exactly(s, 1)?;
        }
        Ok(())
    }),
    upload("c9113/6.9.1/5", "An upload within the windows that the server gives comes whole.", &[], |s| {
        s.read_until_ended()?;
        s.works()
    }),
    upload(
        "c9113/6.9.2/1",
        "A change of SETTINGS_INITIAL_WINDOW_SIZE MUST adjust all stream windows.",
        NONE,
        |s| {
            s.grant = false;
            s.settings(&[(INITIAL_WINDOW_SIZE, 10)]);
            exactly(s, 10)
        },
    ),
    upload(
        "c9113/6.9.2/2",
        "A sender MUST track the negative flow-control window and MUST NOT send until it is positive.",
        NONE,
        |s| {
            s.grant = false;
            s.settings(&[(INITIAL_WINDOW_SIZE, 10)]);
            exactly(s, 10)?;
            s.settings(&[(INITIAL_WINDOW_SIZE, 4)]);
            s.settings_applied()?;
            s.conn.window_update(s.stream, 6);
            exactly(s, 0)?;
            s.conn.window_update(s.stream, 1);
            exactly(s, 1)
        },
    ),
    upload(
        "c9113/6.9.2/3",
        "A change that causes any window to exceed the maximum MUST be a connection error FLOW_CONTROL_ERROR.",
        NONE,
        |s| {
            s.grant = false;
            s.conn.window_update(s.stream, MAX_31);
            s.settings(&[(INITIAL_WINDOW_SIZE, MAX_31)]);
            s.connection_error(&[wire::FLOW_CONTROL_ERROR])
        },
    ),
    upload("c9113/6.9.2/4", "The connection's window can only be changed using WINDOW_UPDATE.", NONE, |s| {
        s.grant = false;
        s.settings(&[(INITIAL_WINDOW_SIZE, 1 << 20)]);
        exactly(s, 65_535)
    }),
    upload(
        "c9113/8.1/1",
        "A server can send a complete response prior to the client sending an entire request, and RST_STREAM with \
         NO_ERROR. Clients MUST NOT discard responses as a result of receiving such a RST_STREAM.",
        NONE,
        |s| {
            let block = Served::ok().with("content-length", "5").block();
            let mut bytes = wire::frame(wire::HEADERS, wire::END_HEADERS, s.stream, &block);
            bytes.extend(wire::frame(wire::DATA, wire::END_STREAM, s.stream, b"hello"));
            bytes.extend(wire::frame(wire::RST_STREAM, 0, s.stream, &wire::NO_ERROR.to_be_bytes()));
            s.raw(&bytes);
            s.accepted()
        },
    ),
];

impl Served {
    /// Reads until the request is whole.
    fn read_until_ended(&mut self) -> Outcome {
        let deadline = self.deadline();
        while self.message(self.stream).is_none_or(|m| !m.ended) {
            if self.ended() || self.next(deadline)? == Event::Late {
                return Err(self.wrong("END_STREAM of the upload"));
            }
        }
        Ok(())
    }
}

/// Reads exactly that much content, and then no more.
fn exactly(s: &mut Served, octets: u64) -> Outcome {
    let expected = format!("{octets} octets of DATA, not more");
    let deadline = s.deadline();
    let mut sum = 0;
    while sum < octets {
        match s.next(deadline)? {
            Event::Data { flow, .. } => sum += u64::from(flow),
            Event::Closed | Event::Late | Event::Reset { .. } => return Err(s.wrong(&expected)),
            _ => {}
        }
    }
    // More than the window would be a breach, so that this looks only for what the window leaves.
    let more = s.fence_with(|e| matches!(e, Event::Data { flow, .. } if *flow > 0))?;
    if more || sum > octets { Err(s.wrong(&expected)) } else { Ok(()) }
}

/// Sends that much content as fast as the client's windows let it.
fn download(s: &mut Served, octets: usize) -> Outcome {
    let mut left = octets;
    while left > 0 {
        let size = left.min(wait_for_window(s, 1)?).min(16_384);
        left -= size;
        s.content(&vec![b'x'; size], left == 0);
    }
    Ok(())
}

fn wait_for_window(s: &mut Served, octets: usize) -> Result<usize, Flaw> {
    let deadline = s.deadline();
    loop {
        let most = s.may_send(s.stream);
        if most >= octets {
            return Ok(most);
        }
        if s.ended() || s.next(deadline)? == Event::Late {
            return Err(s.wrong("WINDOW_UPDATE for what was sent"));
        }
    }
}
