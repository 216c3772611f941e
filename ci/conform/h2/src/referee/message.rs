//! RFC 9113 §8: what the fields of a message must be, and the order of its parts.

use super::{Breach, List, Phase, Side, Stream};

/// §8.2.2; `te` is a case of its own.
const CONNECTION_SPECIFIC: [&[u8]; 5] =
    [b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"];
const REQUEST_PSEUDO: [&[u8]; 5] = [b":method", b":scheme", b":authority", b":path", b":protocol"];

impl Stream {
    pub(super) fn active(&self) -> bool {
        let ended = self.phase == Phase::Ended && self.ours_ended;
        self.phase != Phase::Reset && !self.ours_reset && !ended
    }

    /// Enters a header section, an interim one, or trailers.
    pub(super) fn section(
        &mut self,
        peer: Side,
        number: u32,
        fields: &List,
        end: bool,
        extended_connect: bool,
    ) -> Result<(), Breach> {
        let at = |e: &str| format!("{e} (stream {number})");
        let regular = syntax(fields)?;
        if self.phase == Phase::Body {
            if !end {
                return Err(at("9113/8.1: a second header section without END_STREAM"));
            }
            if regular > 0 {
                return Err(at("9113/8.1: trailers with pseudo-header fields"));
            }
            self.check_length(number, true)?;
            self.phase = Phase::Ended;
            return Ok(());
        }
        match peer {
            Side::Client => request(fields, extended_connect).map_err(|e| at(&e))?,
            Side::Server => {
                let status = status(fields).map_err(|e| at(&e))?;
                if status == 101 {
                    return Err(at("9113/8.6: status 101"));
                }
                if status < 200 {
                    return if end {
                        Err(at("9113/8.1: an interim response with END_STREAM"))
                    } else {
                        Ok(())
                    };
                }
                self.bodyless = self.to_head || matches!(status, 204 | 304);
            }
        }
        self.length = length(fields)?;
        self.phase = Phase::Body;
        self.check_length(number, end)?;
        if end {
            self.phase = Phase::Ended;
        }
        Ok(())
    }

    /// §8.1.1: content-length is the sum of the DATA.
    pub(super) fn check_length(&self, number: u32, end: bool) -> Result<(), Breach> {
        let received = self.received;
        if self.bodyless {
            return if received == 0 {
                Ok(())
            } else {
                Err(format!("9110/6.4.1: content where there is none (stream {number})"))
            };
        }
        match self.length {
            Some(length) if received > length || (end && received < length) => Err(format!(
                "9113/8.1.1: content-length {length}, but DATA of {received} octets (stream {number})"
            )),
            _ => Ok(()),
        }
    }
}

/// Names and values by themselves; answers how many pseudo-header fields there are.
fn syntax(fields: &List) -> Result<usize, Breach> {
    let mut pseudo = 0;
    let mut seen: Vec<&[u8]> = Vec::new();
    for (at, (name, value)) in fields.iter().enumerate() {
        let shown = String::from_utf8_lossy(name);
        let bare = name.strip_prefix(b":").unwrap_or(name);
        if bare.len() < name.len() {
            if at != pseudo {
                return Err(format!("9113/8.3: {shown} behind a regular field"));
            }
            if seen.contains(&name.as_slice()) {
                return Err(format!("9113/8.3: {shown} twice"));
            }
            seen.push(name);
            pseudo += 1;
        }
        let bad = |b: &u8| *b <= b' ' || b.is_ascii_uppercase() || *b >= 0x7f || *b == b':';
        if bare.is_empty() || bare.iter().any(bad) {
            return Err(format!("9113/8.2.1: the field name `{shown}`"));
        }
        let blank = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b' ' | b'\t'));
        if value.iter().any(|b| matches!(b, 0 | b'\r' | b'\n')) || blank(value.first()) || blank(value.last())
        {
            return Err(format!("9113/8.2.1: the value of {shown}: {:?}", String::from_utf8_lossy(value)));
        }
        if CONNECTION_SPECIFIC.contains(&name.as_slice()) {
            return Err(format!("9113/8.2.2: the connection-specific field {shown}"));
        }
    }
    Ok(pseudo)
}

fn status(fields: &List) -> Result<u16, Breach> {
    let mut pseudo = fields.iter().filter(|(n, _)| n.starts_with(b":"));
    let (Some((name, value)), None) = (pseudo.next(), pseudo.next()) else {
        return Err("9113/8.3.2: a response without exactly one pseudo-header field".to_owned());
    };
    let digits = value.len() == 3 && value.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
    match number {
        Some(number @ 100..) if name == b":status" && digits => Ok(number),
        _ => Err(format!(
            "9113/8.3.2: a response that begins with {}: {}",
            String::from_utf8_lossy(name),
            String::from_utf8_lossy(value)
        )),
    }
}

fn request(fields: &List, extended_connect: bool) -> Result<(), Breach> {
    let value = |name: &[u8]| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice());
    if let Some((name, _)) =
        fields.iter().find(|(n, _)| n.starts_with(b":") && !REQUEST_PSEUDO.contains(&n.as_slice()))
    {
        return Err(format!("9113/8.3: a request with {}", String::from_utf8_lossy(name)));
    }
    let method = value(b":method").ok_or("9113/8.3.1: a request without :method")?;
    let extended = value(b":protocol").is_some();
    if extended && (method != b"CONNECT" || !extended_connect) {
        return Err("8441/4: :protocol, though it was not enabled or the method is not CONNECT".to_owned());
    }
    if method == b"CONNECT" && !extended {
        if value(b":scheme").is_some() || value(b":path").is_some() {
            return Err("9113/8.5: CONNECT with :scheme or :path".to_owned());
        }
    } else if value(b":scheme").is_none_or(<[u8]>::is_empty) || value(b":path").is_none_or(<[u8]>::is_empty) {
        return Err("9113/8.3.1: a request without :scheme or :path".to_owned());
    }
    let authority = value(b":authority");
    if authority.is_none_or(<[u8]>::is_empty) {
        return Err("9113/8.3.1: a request without :authority".to_owned());
    }
    if authority.is_some_and(|a| a.contains(&b'@')) {
        return Err("9113/8.3.1: userinfo in :authority".to_owned());
    }
    if let (Some(authority), Some(host)) = (authority, value(b"host"))
        && authority != host
    {
        return Err("9113/8.3.1: host differs from :authority".to_owned());
    }
    match value(b"te") {
        Some(te) if te != b"trailers" => Err("9113/8.2.2: te other than `trailers`".to_owned()),
        _ => Ok(()),
    }
}

fn length(fields: &List) -> Result<Option<u64>, Breach> {
    let mut found = None;
    for (_, value) in fields.iter().filter(|(n, _)| n == b"content-length") {
        let text = String::from_utf8_lossy(value);
        let number = text.parse().map_err(|_| format!("9110/8.6: content-length {text}"))?;
        if found.is_some_and(|f| f != number) {
            return Err("9110/8.6: two content-length fields that differ".to_owned());
        }
        found = Some(number);
    }
    Ok(found)
}
