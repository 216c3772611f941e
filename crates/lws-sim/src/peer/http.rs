//! An HTTP/1.1 client in a few lines: requests as bytes, responses out of bytes.
//!
//! Strict about what this project writes: CRLF, one space, one framing. Whatever else comes is an error.

use alloc::{format, string::String, vec::Vec};

/// A response, as far as framing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values, in order.
    pub fields: Vec<(String, String)>,
    /// The body without its framing.
    pub body: Vec<u8>,
    /// Trailer fields: names in lower case, and values.
    pub trailers: Vec<(String, String)>,
    /// The body ends with the connection.
    pub until_close: bool,
}

impl Response {
    /// The value of a field; names are in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Whether the server said that this is the last response of the connection.
    pub fn closes(&self) -> bool {
        self.field("connection") == Some("close")
    }
}

/// A GET request for `target`, for the host `localhost`.
pub fn get(target: &str) -> Vec<u8> {
    request("GET", target, &[], b"")
}

/// A request with fields and a body of known length, for the host `localhost`; no length is given for an empty one.
pub fn request(method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A body in chunks of these pieces, with trailer fields.
pub fn chunked<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, trailers: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// Reads one response from the beginning of `bytes`, and how long it was. `None`: it is not complete.
///
/// `to_head`: it answers a HEAD request. `ended`: no more bytes will come.
///
/// # Errors
/// What is wrong with it.
pub fn response(bytes: &[u8], to_head: bool, ended: bool) -> Result<Option<(Response, usize)>, String> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = text(&bytes[..end])?;
    let (line, lines) = head.split_once("\r\n").unwrap_or((head, ""));
    let code = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status =
        code.and_then(|code| code.parse().ok()).ok_or_else(|| format!("no status line: {line:?}"))?;
    if line.as_bytes().get(12) != Some(&b' ') {
        return Err(format!("no space behind the code: {line:?}"));
    }
    let mut response = Response { status, fields: fields(lines)?, ..Response::default() };
    let behind = &bytes[end + 4..];
    let framing = ["content-length", "transfer-encoding"].map(|name| {
        let mut all = response.fields.iter().filter(|(n, _)| n == name);
        (all.next().map(|(_, value)| value.clone()), all.next().is_some())
    });
    if framing.iter().any(|(_, twice)| *twice) || framing.iter().all(|(once, _)| once.is_some()) {
        return Err(format!("framed twice: {head:?}"));
    }
    let [(length, _), (coding, _)] = framing;
    let bodiless = to_head || matches!(status, 100..200 | 204 | 304);
    let taken = match (length, coding) {
        _ if bodiless => Some(0),
        (Some(length), _) => {
            let n: usize = length.parse().map_err(|_| format!("content-length: {length:?}"))?;
            response.body = behind.get(..n).unwrap_or_default().to_vec();
            (behind.len() >= n).then_some(n)
        }
        (_, Some(coding)) if coding == "chunked" => unchunk(behind, &mut response)?,
        (_, Some(coding)) => return Err(format!("transfer-encoding: {coding:?}")),
        (None, None) => {
            response.until_close = true;
            response.body = behind.to_vec();
            ended.then_some(behind.len())
        }
    };
    Ok(taken.map(|n| (response, end + 4 + n)))
}

/// Reads all complete responses, and how many bytes they were.
///
/// `heads`: which of them, counted without interim ones, answer HEAD requests.
///
/// # Errors
/// What is wrong with the first malformed one.
pub fn responses(bytes: &[u8], heads: &[bool], ended: bool) -> Result<(Vec<Response>, usize), String> {
    let (mut all, mut at, mut finals) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let to_head = heads.get(finals).copied().unwrap_or(false);
        let Some((response, n)) = response(&bytes[at..], to_head, ended)? else { break };
        at += n;
        finals += usize::from(response.status >= 200);
        let switched = response.status == 101;
        all.push(response);
        if switched {
            break;
        }
    }
    Ok((all, at))
}

fn unchunk(bytes: &[u8], response: &mut Response) -> Result<Option<usize>, String> {
    let mut at = 0;
    loop {
        let Some(line) = find(&bytes[at..], b"\r\n") else { return Ok(None) };
        let size = text(&bytes[at..at + line])?;
        let n = usize::from_str_radix(size, 16).map_err(|_| format!("chunk size: {size:?}"))?;
        at += line + 2;
        if n == 0 {
            break;
        }
        let Some(data) = bytes.get(at..at + n) else { return Ok(None) };
        response.body.extend_from_slice(data);
        match bytes.get(at + n..at + n + 2) {
            Some(b"\r\n") => at += n + 2,
            Some(other) => return Err(format!("{other:?} behind a chunk")),
            None => return Ok(None),
        }
    }
    if bytes[at..].starts_with(b"\r\n") {
        return Ok(Some(at + 2));
    }
    let Some(end) = find(&bytes[at..], b"\r\n\r\n") else { return Ok(None) };
    response.trailers = fields(text(&bytes[at..at + end])?)?;
    Ok(Some(at + end + 4))
}

fn fields(lines: &str) -> Result<Vec<(String, String)>, String> {
    let split = |line: &str| {
        let (name, value) = line.split_once(": ").ok_or_else(|| format!("no field: {line:?}"))?;
        let legal = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let clean = value.bytes().all(|b| b >= b' ' && b != 0x7f);
        if legal && clean { Ok((name.to_ascii_lowercase(), value.into())) } else { Err(format!("{line:?}")) }
    };
    lines.split("\r\n").filter(|line| !line.is_empty()).map(split).collect()
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    core::str::from_utf8(bytes).map_err(|_| format!("no text: {bytes:?}"))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_framing_and_says_when_it_is_not_complete() {
        let all = b"HTTP/1.1 100 Continue\r\n\r\n\
            HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello\
            HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0002\r\nde\r\n0\r\nx-sum: 9\r\n\r\n\
            HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n\
            HTTP/1.1 204 No Content\r\n\r\n\
            HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nrest";
        let heads = [false, false, true];
        let (found, n) = responses(all, &heads, true).unwrap();
        assert_eq!(n, all.len());
        let bodies: Vec<&[u8]> = found.iter().map(|r| &r.body[..]).collect();
        assert_eq!(bodies, [&b""[..], b"hello", b"abcde", b"", b"", b"rest"]);
        assert_eq!(found[2].trailers, [("x-sum".into(), "9".into())]);
        assert!(found[5].closes() && found[5].until_close);
        let (found, _) = responses(all, &heads, false).unwrap();
        assert_eq!(found.len(), 5, "the last one may go on");
        for cut in 0..all.len() {
            let (found, n) = responses(&all[..cut], &heads, false).unwrap();
            assert!(n <= cut && found.len() <= 5);
        }
    }

    #[test]
    fn refuses_what_nobody_should_write() {
        for bad in [
            &b"HTTP/1.0 200 OK\r\n\r\n"[..],
            b"HTTP/1.1 200\r\n\r\n",
            b"HTTP/1.1 20x OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\na",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\na",
            b"HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\na",
            b"HTTP/1.1 200 OK\r\nx:1\r\n\r\na",
            b"HTTP/1.1 200 OK\r\nx: a\nb\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
        ] {
            assert!(response(bad, false, true).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }
}
