//! inflate(deflate(x)) = x, under every window, with every cut and every room.

use lws_pmd::{Deflater, Engine, Inflater, WindowBits};
use proptest::prelude::*;

use crate::drive::{ENGINES, Sizes, deflate, deflate_all, inflate, inflate_all};
use crate::reference::Reference;

/// Bytes of `len`, from all alike to all random; the same for the same arguments.
pub(crate) fn sample(len: usize, kind: u8, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    match kind % 4 {
        0 => vec![b'x'; len],
        1 => (0..len).map(|_| next()).collect(),
        2 => (0..len).map(|_| b"etaoin shrdlu\n "[usize::from(next() % 15)]).collect(),
        _ => {
            // Phrases that come back from near and far.
            let phrases: Vec<Vec<u8>> = (0..40).map(|n| (0..n % 23 + 3).map(|_| next()).collect()).collect();
            let mut bytes = Vec::new();
            while bytes.len() < len {
                bytes.extend_from_slice(&phrases[usize::from(next()) % phrases.len()]);
            }
            bytes.truncate(len);
            bytes
        }
    }
}

fn sizes() -> impl Strategy<Value = Sizes> {
    prop_oneof![
        Just(Sizes::each(1)),
        Just(Sizes::all()),
        prop::collection::vec(1usize..300, 1..6).prop_map(Sizes),
        prop::collection::vec(prop_oneof![1usize..80, 100usize..5000], 1..6).prop_map(Sizes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn messages_come_back(
        (miniz, bits, resets, level) in (any::<bool>(), 8u8..=15, any::<bool>(), 1u8..=9),
        messages in prop::collection::vec((prop_oneof![0usize..300, 0usize..9000], any::<u8>(), any::<u32>()), 1..5),
        (chunks, rooms, in_chunks, in_rooms) in (sizes(), sizes(), sizes(), sizes()),
    ) {
        let engine = if miniz { Engine::MinizOxide } else { Engine::ZlibRs };
        let window = WindowBits::new(bits).expect("8 to 15");
        let mut deflater = Deflater::new(engine, window, level, resets);
        let mut inflaters = ENGINES.map(|engine| Inflater::new(engine, resets));
        let mut reference = Reference::default();
        for (len, kind, seed) in messages {
            let message = sample(len, kind, seed);
            let payload = deflate(&mut deflater, &message, &chunks, &rooms);
            prop_assert!(!deflater.in_message());
            for inflater in &mut inflaters {
                let back = inflate(inflater, &payload, len as u64, &in_chunks, &in_rooms);
                prop_assert_eq!(back.as_ref(), Ok(&message));
                prop_assert!(!inflater.in_message());
            }
            prop_assert_eq!(reference.inflate(&payload), message);
            if resets {
                reference.forget();
            }
        }
        let window = if miniz { 1 << 15 } else { 1 << bits };
        prop_assert!(reference.farthest <= window, "{} reaches beyond {}", reference.farthest, window);
    }

    #[test]
    fn noise_is_an_error_or_a_message_and_never_a_panic(
        miniz in any::<bool>(),
        noise in prop::collection::vec(any::<u8>(), 0..400),
        (chunks, rooms) in (sizes(), sizes()),
    ) {
        let engine = if miniz { Engine::MinizOxide } else { Engine::ZlibRs };
        // How it is cut must not change what it is.
        let whole = inflate(&mut Inflater::new(engine, true), &noise, 5000, &Sizes::all(), &Sizes::all());
        let cut = inflate(&mut Inflater::new(engine, true), &noise, 5000, &chunks, &rooms);
        prop_assert_eq!(whole, cut);
    }
}

#[test]
fn each_window_is_kept_to_and_used() {
    for bits in 8..=15 {
        for level in 1..=9 {
            let window = WindowBits::new(bits).expect("8 to 15");
            let mut deflater = Deflater::new(Engine::ZlibRs, window, level, false);
            let mut reference = Reference::default();
            for seed in 0..4 {
                let message = sample(40_000, 3, seed);
                assert_eq!(reference.inflate(&deflate_all(&mut deflater, &message)), message);
            }
            let (farthest, size) = (reference.farthest, 1 << bits);
            assert!(farthest <= size, "{bits} bits, level {level}: {farthest} bytes back");
            assert!(farthest > size / 4, "{bits} bits, level {level}: only {farthest} bytes back");
        }
    }
}

#[test]
fn output_that_exactly_fills_its_room() {
    for engine in ENGINES {
        for (kind, len) in [(0, 700), (1, 300), (2, 500), (3, 400)] {
            let message = sample(len, kind, 7);
            let payload = deflate_all(&mut Deflater::new(engine, WindowBits::MAX, 6, true), &message);
            // The message's own length, its halves, and one off each.
            for room in [len - 1, len, len + 1, len / 2, len / 2 + 1, len / 4] {
                for chunk in [1, payload.len() - 1, payload.len()] {
                    let mut inflater = Inflater::new(engine, true);
                    let (chunks, rooms) = (Sizes::each(chunk), Sizes::each(room));
                    let back = inflate(&mut inflater, &payload, len as u64, &chunks, &rooms);
                    assert_eq!(back.as_ref(), Ok(&message), "{engine:?} kind {kind} room {room}");
                }
            }
            // Every room around the payload's length, where the last four bytes come and go.
            for room in 1..payload.len() + 8 {
                let mut deflater = Deflater::new(engine, WindowBits::MAX, 6, true);
                let sent = deflate(&mut deflater, &message, &Sizes::all(), &Sizes::each(room));
                let back = inflate_all(&mut Inflater::new(engine, true), &sent);
                assert_eq!(back.as_ref(), Ok(&message), "{engine:?} kind {kind} room {room}");
                // A flush that ends with its room may say so twice.
                assert!(sent.len() <= payload.len() + 5, "{} bytes instead of {}", sent.len(), payload.len());
            }
        }
    }
}

#[test]
fn the_bound_of_a_payload_holds() {
    for engine in ENGINES {
        for level in 1..=9 {
            for len in [0, 1, 2, 63, 64, 125, 1000, 3999, 4000, 65_535, 200_000] {
                for seed in 1..4 {
                    let message = sample(len, 1, seed);
                    let payload =
                        deflate_all(&mut Deflater::new(engine, WindowBits::MAX, level, true), &message);
                    assert!(
                        payload.len() <= Deflater::bound(len),
                        "{engine:?} {level} {len}: {}",
                        payload.len()
                    );
                }
            }
        }
    }
}
