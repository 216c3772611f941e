//! What the C library zlib makes of messages (`testdata/zlib.txt`), which is what most peers send.

use lws_pmd::Inflater;

use crate::drive::{ENGINES, Sizes, inflate};
use crate::reference::Reference;
use crate::roundtrip::sample;

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).expect("a hex digit") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// Lines of the corpus; the last one breaks a rule that zlib makes easy to break, and is understood all the same.
const STREAMS: usize = 7 * 3 * 2 + 2;

#[test]
fn messages_of_zlib_come_back() {
    let corpus = include_str!("../../testdata/zlib.txt");
    let mut streams = 0;
    for line in corpus.lines().filter(|line| !line.starts_with('#')) {
        // window bits, level, takeover, and then messages: kind, length, seed, payload
        let mut words = line.split(' ');
        let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
        let (bits, level, takeover) =
            (number().expect("bits"), number().expect("level"), number() == Some(1));
        let messages: Vec<(Vec<u8>, Vec<u8>)> = words
            .map(|word| {
                let parts: Vec<&str> = word.split(':').collect();
                let number = |i: usize| parts[i].parse::<u32>().expect("a number");
                (sample(number(1) as usize, number(0) as u8, number(2)), unhex(parts[3]))
            })
            .collect();
        let mut reference = Reference::default();
        for (message, payload) in messages.iter().filter(|_| streams + 1 < STREAMS) {
            assert_eq!(&reference.inflate(payload), message, "the corpus itself: {bits} {level} {takeover}");
        }
        for engine in ENGINES {
            for (chunk, room) in [(usize::MAX, usize::MAX), (1, 1), (7, 100), (100, 7)] {
                let mut inflater = Inflater::new(engine, !takeover);
                for (message, payload) in &messages {
                    let (chunks, rooms) = (Sizes::each(chunk), Sizes::each(room));
                    let back = inflate(&mut inflater, payload, message.len() as u64, &chunks, &rooms);
                    assert_eq!(back.as_ref(), Ok(message), "{engine:?} {bits} {level} {takeover}");
                }
            }
        }
        streams += 1;
    }
    assert_eq!(streams, STREAMS);
}
