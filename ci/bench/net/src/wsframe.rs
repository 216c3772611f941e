//! The words of WebSocket that the load generator and the floors need, by our own codec.

use lws_wire::Out;
use lws_ws::{Header, Opcode, handshake};

/// Key of the handshake: any 16 bytes do.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";
/// The mask of all frames: what counts is that it is not nothing.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x88];

/// The request that opens a WebSocket at `/echo` or another path.
pub fn request(authority: &str, path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

/// Whether the head of an answer grants it.
pub fn grants(head: &str) -> bool {
    let accept = handshake::accept_key(KEY.as_bytes());
    head.contains(std::str::from_utf8(&accept).unwrap_or("?"))
}

/// The answer to the head of a request.
pub fn grant(head: &str) -> Vec<u8> {
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
    });
    let accept = handshake::accept_key(key.unwrap_or_default().as_bytes());
    let mut answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: "
        .to_vec();
    answer.extend_from_slice(&accept);
    answer.extend_from_slice(b"\r\n\r\n");
    answer
}

/// A whole binary message as a client sends it.
pub fn from_client(payload: &[u8]) -> Vec<u8> {
    frame(Header::new(Opcode::Binary).mask(Some(MASK)), payload)
}

/// The same as a server sends it.
pub fn from_server(payload: &[u8]) -> Vec<u8> {
    frame(Header::new(Opcode::Binary), payload)
}

fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; payload.len() + 14];
    let mut out = Out::new(&mut buffer);
    assert!(header.put(&mut out, payload), "a header has at most 14 bytes");
    let len = out.len();
    buffer.truncate(len);
    buffer
}

/// What is echoed: letters, not all the same.
pub fn payload(size: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_granted() {
        let answer = grant(&request("localhost", "/echo", ""));
        assert!(grants(std::str::from_utf8(&answer).unwrap()));
        assert!(!grants("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    }

    #[test]
    fn frames_have_the_sizes_of_rfc_6455() {
        for (size, header) in [(20, 2), (125, 2), (1024, 4), (16384, 4), (1 << 20, 10)] {
            assert_eq!(from_server(&payload(size)).len(), size + header);
            assert_eq!(from_client(&payload(size)).len(), size + header + 4);
        }
    }
}
