//! WebSocket frames (RFC 6455 §5): what a receiver sees does not depend on how the bytes arrive or how few are taken.
//!
//! The first byte of the data is the size of the pieces, the second one chooses side and extension.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_ws::{Event, Options, Receiver, Side};

fuzz_target!(|data: &[u8]| {
    let [step, flags, input @ ..] = data else { return };
    let side = if flags & 1 == 0 { Side::Server } else { Side::Client };
    let options = Options::default().allow_rsv1(flags & 2 != 0).max_message(1000);
    let whole = read(Receiver::new(side, options), input, usize::MAX);
    let pieces = read(Receiver::new(side, options), input, usize::from(*step).max(1));
    assert_eq!(whole.end, pieces.end);
    // Text is refused where it stops being UTF-8; how much was seen before depends on the pieces.
    if !whole.end.starts_with("error") {
        assert_eq!(whole.events, pieces.events);
    }
});

#[derive(Default)]
struct Seen {
    /// Messages with their payload put together, control frames as they came.
    events: Vec<String>,
    end: String,
}

/// Offers `step` bytes more each time the receiver asks, and takes at most `step` bytes of a message at once.
fn read(mut receiver: Receiver, input: &[u8], step: usize) -> Seen {
    let mut buffer = input.to_vec(); // unmasked in place, so each reader has its own
    let (mut at, mut end) = (0, 0);
    let mut seen = Seen::default();
    let mut message: Vec<u8> = Vec::new();
    loop {
        let offered = end - at;
        let (header, take) = match receiver.receive(&mut buffer[at..end]) {
            Ok(None) if end == input.len() => {
                seen.end = format!("more, closed: {}", receiver.is_closed());
                return seen;
            }
            Ok(None) => {
                end = end.saturating_add(step).min(input.len());
                continue;
            }
            Err(error) => {
                seen.end = format!("error {:?}", error.close_code());
                return seen;
            }
            Ok(Some(found)) => {
                assert!(found.header + found.payload <= offered);
                let take = match found.event {
                    Event::Data(data) => {
                        let take = data.bytes.len().min(step);
                        message.extend(&data.bytes[..take]);
                        if data.fin && take == data.bytes.len() {
                            seen.events.push(format!(
                                "{:?} {} {:?}",
                                data.kind,
                                data.rsv1,
                                std::mem::take(&mut message)
                            ));
                        }
                        take
                    }
                    control => {
                        seen.events.push(format!("{control:?}"));
                        found.payload
                    }
                };
                (found.header, take)
            }
        };
        receiver.consume(take);
        at += header + take;
    }
}
