//! RFC 8441, Bootstrapping WebSockets with HTTP/2.

use super::{Case, case};
use crate::case::{Flaw, Outcome};
use crate::hpack::Fields;
use crate::referee::Event;
use crate::session::Session;
use crate::wire::{self, ENABLE_CONNECT_PROTOCOL};

const NEEDED: &str = "§4: On requests that contain the :protocol pseudo-header field, :scheme and :path MUST also be included.";
const UNKNOWN: &str = "§4: :protocol without SETTINGS_ENABLE_CONNECT_PROTOCOL of the peer is an undefined pseudo-header \
    field: malformed.";

pub(super) const CASES: &[Case] = &[
    case("8441/3/1", "§3: The value of the parameter MUST be 0 or 1.", |c| {
        // Another value would be a breach already.
        if c.referee.theirs.sent(ENABLE_CONNECT_PROTOCOL).is_none() {
            return Err(Flaw::skip("not announced"));
        }
        Ok(())
    }),
    case("8441/3/2", "§3: The use of a SETTINGS parameter by a client has no meaning for a server.", |c| {
        c.settings(&[(ENABLE_CONNECT_PROTOCOL, 1)]);
        c.settings_applied()?;
        c.works()
    }),
    case("8441/4/1", ":protocol is for CONNECT only: GET with it is malformed.", |c| {
        let stream = c.ask(&c.get().with(":protocol", "websocket"));
        c.malformed(stream)
    }),
    case("8441/4/2", UNKNOWN, |c| {
        if enabled(c).is_ok() {
            return Err(Flaw::skip("the server has enabled it"));
        }
        let stream = c.ask(&connect(c));
        c.refused(stream, &[400, 405, 501])
    }),
    case("8441/4/3", NEEDED, |c| refused(c, |f| f.without(":scheme"))),
    case("8441/4/4", NEEDED, |c| refused(c, |f| f.without(":path"))),
    case("8441/4/5", "§4: :authority names the target of the request and is part of it.", |c| {
        refused(c, |f| f.without(":authority"))
    }),
    case("8441/4/6", "RFC 9113 §8.3: :protocol is a pseudo-header field: not twice.", |c| {
        refused(c, |f| f.with(":protocol", "websocket"))
    }),
    case("8441/4/7", "RFC 9113 §8.3: the same: not behind regular fields.", |c| {
        refused(c, |f| f.without(":protocol").with("x-test", "1").with(":protocol", "websocket"))
    }),
    case(
        "8441/5/1",
        "§5: Connection and Upgrade are not used: with them the request is malformed (RFC 9113 §8.2.2).",
        |c| refused(c, |f| f.with("connection", "upgrade").with("upgrade", "websocket")),
    ),
    case("8441/5/2", "§5: a protocol that the server does not know is not answered with 2xx.", |c| {
        enabled(c)?;
        let stream = c.begin_ask(&connect(c).set(":protocol", "no-such-protocol"));
        c.refused_while_open(stream)
    }),
    case(
        "8441/5/3",
        "§5: a 2xx answer to the extended CONNECT opens the WebSocket: DATA carries its frames both ways.",
        |c| {
            let stream = websocket(c)?;
            c.send(wire::DATA, 0, stream, masked_text(b"hello"));
            echoed(c, stream, b"\x81\x05hello")
        },
    ),
    case("8441/5/4", "§5: the same where a WebSocket frame is cut into DATA frames, with padding.", |c| {
        let stream = websocket(c)?;
        let text = masked_text(b"in pieces");
        for octet in &text {
            c.send(wire::DATA, wire::PADDED, stream, wire::padded(3, &[*octet], 3));
        }
        echoed(c, stream, b"\x81\x09in pieces")
    }),
    case("8441/5/5", "§5: two WebSockets and a request share the connection.", |c| {
        let (first, second) = (websocket(c)?, websocket(c)?);
        c.send(wire::DATA, 0, second, masked_text(b"two"));
        echoed(c, second, b"\x81\x03two")?;
        c.works()?;
        c.send(wire::DATA, 0, first, masked_text(b"one"));
        echoed(c, first, b"\x81\x03one")
    }),
    case("8441/5/6", "§5: orderly TCP-level closures are represented as END_STREAM flags.", |c| {
        let stream = websocket(c)?;
        // A close frame with code 1000, mask 0.
        c.send(wire::DATA, wire::END_STREAM, stream, b"\x88\x82\0\0\0\0\x03\xe8");
        c.read_until(stream, "END_STREAM", |m| m.ended)?;
        c.works()
    }),
    case(
        "8441/5/7",
        "§5: RST exceptions are represented with RST_STREAM, CANCEL: the connection goes on.",
        |c| {
            let stream = websocket(c)?;
            c.reset(stream, wire::CANCEL);
            c.works()
        },
    ),
];

/// Skips the case where the server has not announced extended CONNECT.
fn enabled(c: &Session<'_>) -> Result<(), Flaw> {
    match c.referee.theirs.value(ENABLE_CONNECT_PROTOCOL) {
        Some(1) => Ok(()),
        _ => Err(Flaw::skip("the server has not enabled extended CONNECT")),
    }
}

fn connect(c: &Session<'_>) -> Fields {
    let path = c.target.websocket.clone().unwrap_or_else(|| c.target.path.clone());
    c.fields("CONNECT").set(":path", path).with(":protocol", "websocket").with("sec-websocket-version", "13")
}

/// Extended CONNECT that is changed so is malformed.
fn refused(c: &mut Session<'_>, change: fn(Fields) -> Fields) -> Outcome {
    enabled(c)?;
    let stream = c.ask(&change(connect(c)));
    c.refused(stream, &[400, 405, 501])
}

/// An open WebSocket; skips the case where there is none to open.
fn websocket(c: &mut Session<'_>) -> Result<u32, Flaw> {
    enabled(c)?;
    if c.target.websocket.is_none() {
        return Err(Flaw::skip("no --websocket resource"));
    }
    let stream = c.begin_ask(&connect(c));
    match c.head(stream)? {
        (200..300, false) => Ok(stream),
        _ => Err(c.wrong("2xx that leaves the stream open")),
    }
}

/// A text message with the mask 1, 2, 3, 4.
fn masked_text(text: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap_or(0)];
    frame.extend(mask);
    frame.extend(text.iter().zip(mask.iter().cycle()).map(|(octet, key)| octet ^ key));
    frame
}

/// The server's DATA on the stream ends with `frame`.
fn echoed(c: &mut Session<'_>, stream: u32, frame: &[u8]) -> Outcome {
    let expected = format!("the message back on stream {stream}");
    let deadline = c.deadline();
    while c.message(stream).is_none_or(|m| !m.body.ends_with(frame)) {
        let event = c.next(deadline)?;
        if c.ended() || matches!(event, Event::Late | Event::Reset { .. }) {
            return Err(c.wrong(&expected));
        }
    }
    Ok(())
}
