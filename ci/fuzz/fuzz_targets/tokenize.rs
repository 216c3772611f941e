//! The tokenizer: the elements do not depend on where the input is cut, and each is a part of it.
//!
//! The first byte of the data is the size of the parts, the next two are the grammar.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_tokenize::{Element, Error, Grammar, Kind, Progress};

fuzz_target!(|data: &[u8]| {
    let [step, flags, inside, input @ ..] = data else { return };
    let grammar = grammar(*flags, *inside);
    let whole = elements(&grammar, input, input.len().max(1));
    let parts = elements(&grammar, input, usize::from(*step).max(1));
    assert_eq!(whole, parts);
    let mut at = 0;
    for (_, text, offset) in &whole.0 {
        let start = *offset as usize;
        assert!(start >= at);
        at = start + text.len();
        assert_eq!(&input[start..at], text.as_bytes());
    }
});

type Elements = (Vec<(Kind, String, u64)>, Option<Error>);

fn grammar(flags: u8, inside: u8) -> Grammar {
    let flag = |bit: u8, grammar: Grammar, set: fn(Grammar) -> Grammar| {
        if flags >> bit & 1 == 1 { set(grammar) } else { grammar }
    };
    let grammar = if flags & 1 == 1 { Grammar::rfc7230() } else { Grammar::new() };
    let grammar = flag(1, grammar, Grammar::colon_names);
    let grammar = flag(2, grammar, Grammar::comma_list);
    let grammar = flag(3, grammar, Grammar::hash_comments);
    let grammar = flag(4, grammar, Grammar::no_floats);
    let grammar = flag(5, grammar, Grammar::no_integers);
    let grammar = flag(6, grammar, Grammar::escapes);
    let grammar = flag(7, grammar, |grammar| grammar.max_token(20));
    let bytes: Vec<u8> =
        b"-.*=:/+#".iter().enumerate().filter(|(bit, _)| inside >> bit & 1 == 1).map(|(_, b)| *b).collect();
    grammar.inside(&bytes)
}

/// Offers `step` bytes more each time.
fn elements(grammar: &Grammar, input: &[u8], step: usize) -> Elements {
    let (mut from, mut start, mut end) = (Progress::default(), 0_usize, 0_usize);
    let mut found = Vec::new();
    loop {
        end = end.saturating_add(step).min(input.len());
        let last = end == input.len();
        let mut tokens = grammar.part(from, &input[start..end], last);
        for element in tokens.by_ref() {
            match element {
                Ok(Element { kind, text, offset }) => found.push((kind, text.to_owned(), offset)),
                Err(error) => return (found, Some(error)),
            }
        }
        if last {
            return (found, None);
        }
        from = tokens.progress();
        start += tokens.consumed();
    }
}
