//! What the tests compare with: texts from a seed, and a search that reads all of the text each time.
#![allow(dead_code)] // each test uses a part of it

use std::collections::{BTreeMap, BTreeSet};

use lws_fts::{Builder, Index, Memory, Summary};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A small generator of numbers that are not predictable enough to matter.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Small numbers often, large ones seldom.
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        let x = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((n as f64).powf(x) as usize).min(n) - 1
    }
}

pub(crate) type Files = Vec<(String, String)>;

/// Words that are a little like words.
pub(crate) fn word(n: usize) -> String {
    const HEADS: [&str; 12] = ["b", "st", "m", "sp", "k", "tr", "é", "w", "n", "Д", "p", "sh"];
    const TAILS: [&str; 8] = ["a", "or", "ell", "in", "ö", "ume", "ост", "ay"];
    let mut word = String::new();
    let mut n = n + 1;
    while n > 0 {
        word += HEADS[n % 12];
        n /= 12;
        word += TAILS[n % 8];
        n /= 8;
    }
    word
}

/// `files` files of about `words` words.
pub(crate) fn corpus(seed: u64, files: usize, words: usize) -> Files {
    let mut random = Random(seed);
    let mut all = Vec::new();
    for file in 0..files {
        let mut text = String::new();
        for _ in 0..random.below(words * 2) {
            let mut w = word(random.zipf(600));
            if random.below(5) == 0 {
                w = w.to_uppercase();
            }
            text += &w;
            text += *random.one(&[" ", " ", " ", " ", ", ", "\n", "_", "-", ".\n\n", "\t", "\u{3000}"]);
        }
        all.push((
            format!("{}/{:04}.{}", random.one(&["src", "doc", "ünï"]), file, random.one(&["c", "txt"])),
            text,
        ));
    }
    all
}

/// Text with scripts that have no spaces.
pub(crate) fn cjk(seed: u64, files: usize, len: usize) -> Files {
    const CHARS: [&str; 30] = [
        "全", "文", "検", "索", "設", "定", "件", "用", "日", "本", "の", "を", "ん", "が", "ファ", "イル",
        "ー", "한", "국", "어", "파", "ไ", "ท", "ย", "ี่", "𠮷", "。", " ", "\n", "a",
    ];
    let mut random = Random(seed);
    (0..files)
        .map(|file| {
            let text = (0..random.below(len * 2)).map(|_| *random.one(&CHARS)).collect();
            (format!("{file:03}"), text)
        })
        .collect()
}

pub(crate) fn build(files: &Files) -> Vec<u8> {
    build_with(files, usize::MAX, 16 << 20).0
}

pub(crate) fn build_with(files: &Files, chunk: usize, budget: usize) -> (Vec<u8>, Summary) {
    let mut builder = Builder::with_budget(Vec::new(), Memory, budget).unwrap();
    for (number, (path, text)) in files.iter().enumerate() {
        builder.begin(path, number as u64).unwrap();
        text.as_bytes().chunks(chunk.min(text.len().max(1))).for_each(|c| builder.write(c).unwrap());
    }
    builder.finish().unwrap()
}

pub(crate) fn open(files: &Files) -> Index<Vec<u8>> {
    Index::open(build(files)).unwrap()
}

/// The words of a text, found in another way than the index does: by the decomposition of Unicode.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let c = if matches!(c, 'й' | 'Й') { '\u{E000}' } else { c };
        for c in c.to_lowercase().nfkd().flat_map(char::to_lowercase) {
            if c == '\u{E000}' {
                word.push('й');
            } else if c.is_alphanumeric() {
                word.push(c);
            } else if !is_combining_mark(c) && !word.is_empty() {
                all.push(std::mem::take(&mut word));
            }
        }
    }
    all.extend(Some(word).filter(|word| !word.is_empty()));
    all
}

/// The texts as words, for brute force.
pub(crate) struct Scan {
    pub(crate) files: Vec<(String, Vec<String>, Vec<Vec<String>>)>,
}

impl Scan {
    pub(crate) fn new(files: &Files) -> Self {
        let lines = |text: &str| text.split('\n').map(words).collect();
        Scan { files: files.iter().map(|(path, text)| (path.clone(), words(text), lines(text))).collect() }
    }

    /// Paths of files whose words satisfy the condition.
    pub(crate) fn paths(&self, condition: impl Fn(&[String]) -> bool) -> BTreeSet<String> {
        self.files.iter().filter(|f| condition(&f.1)).map(|f| f.0.clone()).collect()
    }

    /// How often each word is there.
    pub(crate) fn counts(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        self.files.iter().flat_map(|f| &f.1).for_each(|w| *counts.entry(w.as_str()).or_default() += 1);
        counts
    }
}

/// Whether the words have this phrase, whose last word may be the start of one.
pub(crate) fn has_phrase(words: &[String], phrase: &[String], prefix: bool) -> bool {
    count_phrase(words, phrase, prefix) > 0
}

pub(crate) fn count_phrase(words: &[String], phrase: &[String], prefix: bool) -> usize {
    let fits = |window: &&[String]| {
        let (last, rest) = phrase.split_last().unwrap();
        let end = &window[rest.len()];
        &window[..rest.len()] == rest && if prefix { end.starts_with(last) } else { end == last }
    };
    words.windows(phrase.len()).filter(fits).count()
}
