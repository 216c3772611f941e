//! Counts what comes back, with as little reading as that takes, and compares it while there is time.

use crate::ring::Ring;

/// What a load generator expects for each message.
pub enum Answer {
    /// Always the same bytes.
    Fixed(Ring),
    /// A WebSocket message of this payload, in one frame or in several.
    Message(Ring),
}

/// Where in the answers one connection is.
#[derive(Default)]
pub struct Place {
    /// Bytes of the current answer, without heads of frames, that have come.
    at: usize,
    /// The head of a frame, as far as it has come: `head_len <= head.len()`.
    head: [u8; 10],
    head_len: usize,
    /// Payload of the current frame that has not come.
    left: usize,
    /// The current frame ends its message.
    last: bool,
}

impl Answer {
    /// How many answers end in `data`; `None`: it is not what was expected. Content is only compared where `check` says so.
    pub fn count(&self, place: &mut Place, data: &[u8], check: bool) -> Option<usize> {
        match self {
            Self::Fixed(ring) => {
                if check && !ring.agrees(place.at, data) {
                    return None;
                }
                let count = (place.at + data.len()) / ring.unit();
                place.at = (place.at + data.len()) % ring.unit();
                Some(count)
            }
            Self::Message(payload) => frames(payload, place, data, check),
        }
    }
}

fn frames(payload: &Ring, place: &mut Place, mut data: &[u8], check: bool) -> Option<usize> {
    let mut count = 0;
    while !data.is_empty() {
        if place.left == 0 {
            data = head(place, data)?;
        }
        let now = place.left.min(data.len());
        if check && !payload.agrees(place.at, &data[..now]) {
            return None;
        }
        place.at += now;
        place.left -= now;
        data = &data[now..];
        if place.left == 0 && place.head_len == 0 && place.last {
            if place.at != payload.unit() {
                return None;
            }
            place.at = 0;
            place.last = false;
            count += 1;
        }
    }
    Some(count)
}

/// Takes the head of a frame, or a part of it; what is behind it. `head_len` is 0 once it is complete.
fn head<'d>(place: &mut Place, mut data: &'d [u8]) -> Option<&'d [u8]> {
    // Nearly always it is all there.
    if let ([first, len @ ..=125, rest @ ..], 0) = (data, place.head_len) {
        (place.last, place.left) = (first & 0x80 != 0, usize::from(*len));
        return Some(rest);
    }
    while let Some((byte, rest)) = data.split_first() {
        place.head[place.head_len] = *byte;
        place.head_len += 1;
        data = rest;
        let more = match (place.head_len, place.head[1]) {
            (1, _) => continue,
            (_, 126) => 2,
            (_, 127) => 8,
            // A server does not mask.
            (_, 128..) => return None,
            _ => 0,
        };
        if place.head_len == 2 + more {
            let long = place.head[2..2 + more].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            place.left = if more == 0 { usize::from(place.head[1]) } else { long };
            place.last = place.head[0] & 0x80 != 0;
            place.head_len = 0;
            return Some(data);
        }
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_they_come() {
        let payload = crate::wsframe::payload(300);
        let whole = crate::wsframe::from_server(&payload);
        let mut pieces = vec![0x02, 100];
        pieces.extend(&payload[..100]);
        pieces.extend([0x80, 126, 0, 200]);
        pieces.extend(&payload[100..]);
        let stream = [whole, pieces].concat();
        let answer = Answer::Message(Ring::new(&payload));
        for step in [1, 2, 3, 7, 101, 300, 1000] {
            let mut place = Place::default();
            let count =
                stream.chunks(step).map(|part| answer.count(&mut place, part, true).unwrap()).sum::<usize>();
            assert_eq!(count, 2, "{step}");
        }
        let mut wrong = stream.clone();
        wrong[50] ^= 1;
        assert_eq!(answer.count(&mut Place::default(), &wrong, true), None);
        assert_eq!(answer.count(&mut Place::default(), &wrong, false), Some(2));
        // Another length is never right.
        assert_eq!(answer.count(&mut Place::default(), &crate::wsframe::from_server(b"short"), false), None);
    }

    #[test]
    fn fixed_answers_are_counted_by_their_length() {
        let answer = Answer::Fixed(Ring::new(b"abc"));
        let mut place = Place::default();
        assert_eq!(answer.count(&mut place, b"abcab", true), Some(1));
        assert_eq!(answer.count(&mut place, b"cabc", true), Some(2));
        assert_eq!(answer.count(&mut place, b"abd", true), None);
    }
}
