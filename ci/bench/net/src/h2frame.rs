//! As much of HTTP/2 as a floor and an idle crowd need: frames, and header blocks that were written by hand.

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const SETTINGS: u8 = 4;
/// The flag of a SETTINGS frame that answers one.
pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// `:status: 200`, `content-type: text/plain`, `content-length: 13` and a date, nothing of it to be remembered.
const ANSWER: &[u8] = b"\x88\x0f\x10\x0atext/plain\x0f\x0d\x0213\x0f\x12\x1dFri, 20 Nov 2026 12:00:00 GMT";
const BODY: &[u8] = b"Hello, World!";

/// Length, kind and stream of a frame.
pub struct Frame {
    /// With its head.
    pub len: usize,
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
}

impl Frame {
    pub fn is_ack(&self) -> bool {
        self.flags & ACK != 0
    }
}

/// The frame at the beginning of `input`, if all of it is there.
pub fn first(input: &[u8]) -> Option<Frame> {
    let (head, rest) = input.split_first_chunk::<9>()?;
    let payload = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    (rest.len() >= payload).then(|| Frame {
        len: 9 + payload,
        kind: head[3],
        flags: head[4],
        stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff,
    })
}

pub fn put(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let len = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    out.extend_from_slice(&[len[1], len[2], len[3], kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// 200 with 13 bytes.
pub fn put_answer(out: &mut Vec<u8>, stream: u32) {
    put(out, HEADERS, END_HEADERS, stream, ANSWER);
    put(out, DATA, END_STREAM, stream, BODY);
}

/// `GET path` from localhost.
pub fn put_request(out: &mut Vec<u8>, stream: u32, path: &str, scheme_https: bool) {
    let mut block = vec![0x82, if scheme_https { 0x87 } else { 0x86 }, 0x04, path.len() as u8];
    block.extend_from_slice(path.as_bytes());
    block.extend_from_slice(b"\x01\x09localhost");
    put(out, HEADERS, END_HEADERS | END_STREAM, stream, &block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_found() {
        let mut out = Vec::new();
        put_answer(&mut out, 7);
        let head = first(&out).unwrap();
        assert_eq!((head.kind, head.flags, head.stream), (HEADERS, END_HEADERS, 7));
        let data = first(&out[head.len..]).unwrap();
        assert_eq!((data.kind, data.len), (DATA, 9 + 13));
        assert!(first(&out[..head.len - 1]).is_none());
    }
}
