//! `cargo bench -p lws-tokenize [-- file...]`: MB/s over the files' bytes, or over a generated text.
//!
//! The best of several rounds counts. Anchors that need nothing installed: a byte-class loop, and `str::split` on it.
#![allow(clippy::print_stdout)] // a benchmark reports on stdout

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use lws_tokenize::Grammar;

static PLAIN: Grammar = Grammar::new().no_floats();
static RFC7230: Grammar = Grammar::rfc7230().inside(b"-.");

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut text = Vec::new();
    for file in &files {
        text.extend(std::fs::read(file).expect("a readable file"));
    }
    // Prose has lone quotes, numbers before `=` and numbers like 1.2.3, which are errors; blanks keep its shape.
    text.iter_mut().filter(|b| matches!(b, b'"' | b'=')).for_each(|b| *b = b' ');
    if text.is_empty() {
        text = generated(16 << 20);
    }
    println!("{} MB", text.len() >> 20);
    report("default, no floats", &text, || count(&PLAIN, &text));
    report("RFC 7230", &text, || count(&RFC7230, &text));
    report("anchor: split on other bytes", &text, || {
        let mut letters = 0;
        let words = text.split(|b| !is_word(*b)).filter(|word| {
            letters += usize::from(word.first().is_some_and(|b| b | 0x20 == b'a'));
            !word.is_empty()
        });
        let count = words.count();
        black_box(letters);
        count
    });
    report("anchor: count words bytewise", &text, || {
        text.windows(2).filter(|pair| is_word(pair[0]) && !is_word(pair[1])).count()
    });
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || !b.is_ascii()
}

fn count(grammar: &Grammar, text: &[u8]) -> usize {
    let mut kinds = [0; 8];
    let mut letters = 0;
    for element in grammar.tokens(text) {
        match element {
            Ok(element) => {
                // What a user does at least: look at the kind, and at the text.
                kinds[element.kind as usize] += 1;
                letters += usize::from(element.text.as_bytes()[0] | 0x20 == b'a');
            }
            Err(error) => {
                println!("  stopped: {error}");
                break;
            }
        }
    }
    black_box(letters);
    kinds.iter().sum()
}

fn report(name: &str, text: &[u8], mut run: impl FnMut() -> usize) {
    let mut best = f64::MAX;
    let mut elements = 0;
    for _ in 0..9 {
        let start = cpu_seconds();
        elements = run();
        best = best.min(cpu_seconds() - start);
    }
    println!("{name:30} {:6.0} MB/s  {elements} elements", text.len() as f64 / best / 1e6);
}

/// CPU time of this thread, which a busy machine disturbs less than the clock on the wall; that where there is no other.
fn cpu_seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let on_cpu = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_cpu_ns = on_cpu.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    on_cpu_ns.map_or_else(|| START.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

/// Words of 1 to 12 letters in lines, with some numbers, names and punctuation; always the same.
fn generated(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut text = Vec::with_capacity(len + 32);
    while text.len() < len {
        let letters = 1 + random(6) + random(7);
        match random(20) {
            0 => {
                text.extend((0..letters).map(|_| b'0' + random(10) as u8));
                text.push(b' ');
                continue;
            }
            _ => text.extend((0..letters).map(|_| b'a' + random(26) as u8)),
        }
        text.extend_from_slice(match random(16) {
            0 => b", ",
            1 => b".\n",
            2 => b"; ",
            3 => b"(",
            4 => b"\n",
            5 => b"=",
            _ => b" ",
        });
    }
    text
}
