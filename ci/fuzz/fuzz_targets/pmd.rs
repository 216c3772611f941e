//! Compressed messages (RFC 7692): what is inflated does not depend on how the bytes arrive or how much room there is, and
//! what is deflated inflates to the same.
//!
//! The first byte of the data is the size of the pieces, the second the room, the third window and level.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_pmd::{Deflater, Engine, Error, Inflater, WindowBits};
use lws_wire::Out;

const MAX_MESSAGE: u64 = 64 << 10;

fuzz_target!(|data: &[u8]| {
    let [step, room, form, input @ ..] = data else { return };
    let (step, room) = (usize::from(*step).max(1), usize::from(*room).max(1));
    let (whole, end) = inflate(&mut Inflater::new(Engine::ZlibRs, true), input, usize::MAX, 1 << 17);
    let (pieces, end_of_pieces) = inflate(&mut Inflater::new(Engine::ZlibRs, true), input, step, room);
    assert_eq!(end, end_of_pieces);
    // Before an error, one may have shown more than the other.
    assert!(whole.starts_with(&pieces) || pieces.starts_with(&whole));
    assert!(end.is_err() || whole == pieces);
    assert!(whole.len() as u64 <= MAX_MESSAGE);
    there_and_back(input, step, room, *form);
});

/// Three messages through one pair of contexts: the second and third refer to what came before.
fn there_and_back(input: &[u8], step: usize, room: usize, form: u8) {
    let window = WindowBits::new(8 + (form & 7)).expect("8 to 15");
    let resets = form & 8 != 0;
    let mut deflater = Deflater::new(Engine::ZlibRs, window, form >> 4, resets);
    let mut readers = [Engine::ZlibRs, Engine::MinizOxide].map(|engine| Inflater::new(engine, resets));
    for message in [input, &[], input] {
        let wire = deflate(&mut deflater, message, step, room);
        assert!(wire.len() <= Deflater::bound(message.len()));
        for reader in &mut readers {
            assert_eq!(inflate(reader, &wire, step, room), (message.to_vec(), Ok(())));
        }
    }
}

/// Offers `step` bytes more each time all are consumed.
fn inflate(inflater: &mut Inflater, input: &[u8], step: usize, room: usize) -> (Vec<u8>, Result<(), Error>) {
    let (mut at, mut end) = (0, step.min(input.len()));
    let mut seen = Vec::new();
    let mut room = vec![0; room];
    loop {
        let mut out = Out::new(&mut room);
        let found = inflater.inflate(&input[at..end], end == input.len(), MAX_MESSAGE, &mut out);
        seen.extend_from_slice(out.written());
        let moved = !out.written().is_empty();
        match found {
            Err(error) => return (seen, Err(error)),
            Ok(found) if found.done => return (seen, Ok(())),
            Ok(found) => {
                at += found.consumed;
                assert!(at <= end);
                let more = at == end && end < input.len();
                assert!(moved || found.consumed > 0 || more, "it stands still");
                if more {
                    end = end.saturating_add(step).min(input.len());
                }
            }
        }
    }
}

fn deflate(deflater: &mut Deflater, message: &[u8], step: usize, room: usize) -> Vec<u8> {
    let (mut at, mut end) = (0, step.min(message.len()));
    let mut wire = Vec::new();
    let mut room = vec![0; room];
    loop {
        let mut out = Out::new(&mut room);
        let found = deflater.deflate(&message[at..end], end == message.len(), &mut out);
        wire.extend_from_slice(out.written());
        if found.done {
            return wire;
        }
        at += found.consumed;
        if at == end {
            end = end.saturating_add(step).min(message.len());
        }
    }
}
