//! A WebSocket client in a few lines: frames as bytes, messages out of bytes.
//!
//! Strict about what a server must not do: masked frames, reserved bits, lengths that are not minimal, interleaved
//! messages, anything behind a close frame.

use alloc::{format, string::String, vec, vec::Vec};

/// The opcodes of RFC 6455 §5.2.
pub const CONTINUATION: u8 = 0;
/// Begins a text message.
pub const TEXT: u8 = 1;
/// Begins a binary message.
pub const BINARY: u8 = 2;
/// The last frame.
pub const CLOSE: u8 = 8;
/// Asks for a pong.
pub const PING: u8 = 9;
/// Answers a ping.
pub const PONG: u8 = 10;

/// The request that opens a WebSocket at `path` of `localhost`.
pub fn upgrade(path: &str) -> Vec<u8> {
    upgrade_with(path, &[])
}

/// As [`upgrade`], with further fields.
pub fn upgrade_with(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    all.extend_from_slice(fields);
    super::http::request("GET", path, &all, b"")
}

/// A client's frame, masked with `key`.
pub fn frame(fin: bool, opcode: u8, payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 14);
    bytes.push(u8::from(fin) << 7 | opcode);
    match payload.len() {
        n @ 0..126 => bytes.push(0x80 | n as u8),
        n @ 126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A client's frame that is whole, with some key.
pub fn whole(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(true, opcode, payload, [0x5a, 0xc3, 0x0f, 0x96])
}

/// A whole text message.
pub fn text(text: &str) -> Vec<u8> {
    whole(TEXT, text.as_bytes())
}

/// A whole binary message.
pub fn binary(data: &[u8]) -> Vec<u8> {
    whole(BINARY, data)
}

/// A ping.
pub fn ping(data: &[u8]) -> Vec<u8> {
    whole(PING, data)
}

/// A close frame with a code and a reason.
pub fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    whole(CLOSE, &payload)
}

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A whole text message.
    Text(String),
    /// A whole binary message.
    Binary(Vec<u8>),
    /// A ping.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// A close frame: its code, if it had one, and its reason.
    Close(Option<u16>, String),
}

/// Reads a server's frames, as far as they are complete, and puts its messages together. Control frames stand where
/// they came, messages where they ended.
///
/// # Errors
/// What is wrong with them.
pub fn heard(mut bytes: &[u8]) -> Result<Vec<Heard>, String> {
    let mut all = Vec::new();
    let mut message: Option<(u8, Vec<u8>)> = None;
    while let Some((fin, opcode, payload, rest)) = parse(bytes)? {
        if matches!(all.last(), Some(Heard::Close(..))) {
            return Err(format!("opcode {opcode} behind the close frame"));
        }
        bytes = rest;
        match (opcode, &mut message) {
            (PING, _) => all.push(Heard::Ping(payload.into())),
            (PONG, _) => all.push(Heard::Pong(payload.into())),
            (CLOSE, _) => all.push(closing(payload)?),
            (TEXT | BINARY, None) => message = Some((opcode, payload.into())),
            (CONTINUATION, Some((_, data))) => data.extend_from_slice(payload),
            (_, open) => return Err(format!("opcode {opcode} with {open:?} open")),
        }
        if fin
            && opcode < CLOSE
            && let Some((kind, data)) = message.take()
        {
            all.push(match kind {
                TEXT => Heard::Text(String::from_utf8(data).map_err(|e| format!("{e}"))?),
                _ => Heard::Binary(data),
            });
        }
    }
    if matches!(all.last(), Some(Heard::Close(..))) && !bytes.is_empty() {
        return Err(format!("{} bytes behind the close frame", bytes.len()));
    }
    Ok(all)
}

/// Reads the answer to an upgrade, and then as [`heard`].
///
/// # Errors
/// If the answer is not 101, or what is wrong with the frames.
pub fn heard_after_upgrade(bytes: &[u8]) -> Result<Vec<Heard>, String> {
    match super::http::response(bytes, false, false)? {
        Some((answer, n)) if answer.status == 101 => heard(&bytes[n..]),
        Some((answer, _)) => Err(format!("status {}", answer.status)),
        None => Ok(Vec::new()),
    }
}

/// One frame, and what is behind it.
type Frame<'a> = (bool, u8, &'a [u8], &'a [u8]);

fn parse(bytes: &[u8]) -> Result<Option<Frame<'_>>, String> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    let (fin, opcode) = (first & 0x80 != 0, first & 0xf);
    if first & 0x70 != 0 || second & 0x80 != 0 {
        return Err(format!("reserved or masked: {first:02x} {second:02x}"));
    }
    let (n, rest) = match second & 0x7f {
        126 => match rest.split_first_chunk() {
            Some((n, rest)) => (u64::from(u16::from_be_bytes(*n)), rest),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((n, rest)) => (u64::from_be_bytes(*n), rest),
            None => return Ok(None),
        },
        n => (u64::from(n), rest),
    };
    let least = [0, 126, 0x1_0000][usize::from((second & 0x7f).saturating_sub(125))];
    if n < least || (opcode >= CLOSE && (n > 125 || !fin)) {
        return Err(format!("opcode {opcode}, fin {fin}, length {n} written with {second:02x}"));
    }
    let n = usize::try_from(n).map_err(|_| format!("length {n}"))?;
    Ok(rest.split_at_checked(n).map(|(payload, rest)| (fin, opcode, payload, rest)))
}

fn closing(payload: &[u8]) -> Result<Heard, String> {
    match payload {
        [] => Ok(Heard::Close(None, String::new())),
        [_] => Err("a close frame of one byte".into()),
        [high, low, reason @ ..] => {
            let reason = core::str::from_utf8(reason).map_err(|e| format!("reason: {e}"))?;
            Ok(Heard::Close(Some(u16::from_be_bytes([*high, *low])), reason.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_messages_together_around_control_frames() {
        let bytes = b"\x01\x03hel\x8a\x01p\x80\x02lo\x82\x7e\x00\x7e".to_vec();
        let bytes = [bytes, vec![7; 126], b"\x88\x04\x03\xe8ok".to_vec()].concat();
        let expected = [
            Heard::Pong(b"p".into()),
            Heard::Text("hello".into()),
            Heard::Binary(vec![7; 126]),
            Heard::Close(Some(1000), "ok".into()),
        ];
        assert_eq!(heard(&bytes).unwrap(), expected);
        for cut in 0..bytes.len() {
            let some = heard(&bytes[..cut]).unwrap();
            assert_eq!(some, expected[..some.len()]);
        }
    }

    #[test]
    fn refuses_what_a_server_must_not_do() {
        for bad in [
            &b"\x81\x83\0\0\0\0abc"[..],
            b"\xc1\x01a",
            b"\x82\x7e\0\x7d",
            b"\x82\x7f\0\0\0\0\0\0\xff\xff",
            b"\x80\x01a",
            b"\x01\x01a\x81\x01b",
            b"\x88\x01a",
            b"\x09\x00",
            b"\x88\x00\x8a\x00",
            b"\x88\x00\x8a",
            b"\x81\x01\xff",
        ] {
            assert!(heard(bad).is_err(), "{bad:02x?}");
        }
    }

    #[test]
    fn masks_what_it_sends() {
        assert_eq!(
            frame(true, TEXT, b"Hello", [0x37, 0xfa, 0x21, 0x3d]),
            b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
        );
        assert_eq!(binary(&[0; 126])[..4], [0x82, 0xfe, 0, 126]);
        assert_eq!(binary(&vec![0; 0x1_0000])[..10], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
