//! Tokenizers: CPU time of one MB of prose.
//!
//! `words`: words, integers and delimiters of a text, blanks skipped. A user looks at least at an element's kind and its
//! text, so that is done here too. lws-tokenize and logos find the same elements; `split` and `bytes` find only the words
//! and are no tokenizers: they show what is left to gain.
//!
//! `state`: bytes of a tokenizer's state between two parts of an input.

use std::hint::black_box;
use std::process::ExitCode;

use logos::Logos;
use lws_bench_data::run::{self, Report, Task};
use lws_bench_data::{clock, pack};
use lws_tokenize::{Grammar, Kind, Progress};

static WORDS: Grammar = Grammar::new().no_floats();

/// The same grammar for logos.
#[derive(Logos, Clone, Copy, PartialEq)]
#[logos(skip r"[ \t\r\n\x0c]+")]
enum Word {
    #[regex(r"[A-Za-z0-9_\u{80}-\u{10ffff}]+")]
    Token,
    #[regex(r"[0-9]+", priority = 10)]
    Integer,
    #[regex(r"[\x00-\x7f&&[^A-Za-z0-9_ \t\r\n\x0c]]", priority = 1)]
    Delimiter,
}

/// What there is of each, and how many begin with an `a`.
#[derive(Default, PartialEq, Debug)]
struct Found {
    words: usize,
    integers: usize,
    delimiters: usize,
    letters: usize,
}

impl Found {
    fn look(&mut self, text: &str) {
        self.letters += usize::from(text.as_bytes()[0] | 0x20 == b'a');
    }
}

fn main() -> ExitCode {
    run::main(|task| match task.scenario.as_str() {
        "words" => words(task),
        "state" => Ok(Report::new("").with("bytes", size_of::<Progress>() as f64)),
        _ => Err(format!("no scenario {}", task.scenario)),
    })
}

fn words(task: &Task) -> Result<Report, String> {
    let mut text = pack::text(task.corpus()?, task.size(48, 12) << 20).map_err(|e| e.to_string())?;
    // Prose has lone quotes and numbers before `=`, which are errors in header values; blanks keep its shape.
    text = text.replace(['"', '='], " ");
    let run = match task.contender.as_str() {
        "lws-tokenize" => lws_tokenize,
        "logos" => with_logos,
        "split" => split,
        "bytes" => bytes,
        _ => return task.unknown(),
    };
    let (ns, found) = clock::least(task.size(5, 3), || run(text.as_bytes()));
    let found = black_box(found);
    // All find the same words; the two tokenizers also tell them from integers and report delimiters.
    let answer = format!("{} {}", found.words + found.integers, found.letters);
    Ok(Report::new(answer).with("us", ns / 1000.0 / (text.len() as f64 / 1e6)))
}

fn lws_tokenize(text: &[u8]) -> Found {
    let mut found = Found::default();
    for element in WORDS.tokens(text) {
        let element = element.expect("a text without errors");
        match element.kind {
            Kind::Token => found.words += 1,
            Kind::Integer => found.integers += 1,
            _ => {
                found.delimiters += 1;
                continue;
            }
        }
        found.look(element.text);
    }
    found
}

fn with_logos(text: &[u8]) -> Found {
    let mut found = Found::default();
    let mut lexer = Word::lexer(str::from_utf8(text).expect("UTF-8"));
    while let Some(kind) = lexer.next() {
        match kind.expect("a text without errors") {
            Word::Token => found.words += 1,
            Word::Integer => found.integers += 1,
            Word::Delimiter => {
                found.delimiters += 1;
                continue;
            }
        }
        found.look(lexer.slice());
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn split(text: &[u8]) -> Found {
    let mut found = Found::default();
    let text = str::from_utf8(text).expect("UTF-8");
    let words = text.split(|c: char| c.is_ascii() && !is_word(c as u8)).filter(|word| !word.is_empty());
    for word in words {
        found.words += 1;
        found.look(word);
    }
    found
}

fn bytes(text: &[u8]) -> Found {
    let mut found = Found::default();
    let mut before = b' ';
    for &byte in text {
        let starts = is_word(byte) && !is_word(before);
        found.words += usize::from(starts);
        found.letters += usize::from(starts && byte | 0x20 == b'a');
        before = byte;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_find_the_same_words() {
        let text = "one 2 thr33 (4a), _x\tÄpfel; über\n\u{1}5. a".as_bytes();
        let ours = lws_tokenize(text);
        assert_eq!(ours, Found { words: 7, integers: 2, delimiters: 6, letters: 1 });
        assert_eq!(with_logos(text), ours);
        for found in [split(text), bytes(text)] {
            assert_eq!((found.words, found.letters), (ours.words + ours.integers, ours.letters));
        }
    }
}
