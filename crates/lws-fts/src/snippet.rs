//! A short piece of a text that shows why it was found.
//!
//! The answer is ranges of bytes, never markup: how a mark looks, and how text is escaped, is for whoever shows it.

use alloc::vec::Vec;
use core::ops::Range;

use crate::limits::MAX_SNIPPET_TEXT;
use crate::query::{Phrase, Query};
use crate::text::{Sink, Token, Tokenizer};

/// A piece of a text, and what in it matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece, in bytes of the text. It starts and ends between words.
    pub range: Range<usize>,
    /// What matches, in bytes of the text: within `range`, sorted, apart from each other.
    pub marks: Vec<Range<usize>>,
}

impl Query {
    /// The piece of `text`, of about `width` bytes, that has most of the different words and phrases wanted; of equals
    /// the first. Only the first [`MAX_SNIPPET_TEXT`] bytes are looked at.
    ///
    /// ```
    /// let text = b"It was a dark and stormy night; the rain fell in torrents.";
    /// let snippet = lws_fts::Query::parse("rain OR night")?.snippet(text, 30);
    /// assert_eq!(&text[snippet.range], b"stormy night; the rain fell in");
    /// assert_eq!(&text[snippet.marks[1].clone()], b"rain");
    /// # Ok::<(), lws_fts::Error>(())
    /// ```
    #[must_use]
    #[doc(alias = "LWSFTS_F_QUERY_QUOTE_LINE")]
    pub fn snippet(&self, text: &[u8], width: usize) -> Snippet {
        let text = text.get(..MAX_SNIPPET_TEXT).unwrap_or(text);
        let phrases = self.phrases();
        let mut seen = Seen { phrases: &phrases, places: Vec::new(), words: Vec::new() };
        let mut tokenizer = Tokenizer::default();
        tokenizer.feed(text, &mut seen);
        tokenizer.finish(&mut seen);
        let matches = seen.matches();
        let window = best(&matches, phrases.len(), width);
        let range = around(&seen.words, window, width, text.len());
        let mut marks: Vec<Range<usize>> = Vec::new();
        for (_, found) in matches {
            match marks.last_mut() {
                Some(last) if found.start < last.end => last.end = last.end.max(found.end),
                _ => marks.push(found),
            }
        }
        marks.retain(|mark| range.start <= mark.start && mark.end <= range.end);
        Snippet { range, marks }
    }
}

/// What the tokenizer found.
struct Seen<'q> {
    phrases: &'q [&'q Phrase],
    /// Which part of which phrase is at which position.
    places: Vec<(usize, usize, u32)>,
    /// Where each term is, and where it ends for who looks for its first character only.
    words: Vec<(u32, u32, u32)>,
}

impl Sink for Seen<'_> {
    fn token(&mut self, token: Token<'_>) {
        let first = core::str::from_utf8(token.term).ok().and_then(|term| term.chars().next());
        let head = token.start as u32 + first.filter(|_| token.pair).map_or(0, |c| c.len_utf8() as u32);
        let end = token.end as u32;
        self.words.push((token.start as u32, end, if token.pair { head } else { end }));
        for (number, phrase) in self.phrases.iter().enumerate() {
            let last = phrase.terms.len().wrapping_sub(1);
            for (part, (_, term)) in phrase.terms.iter().enumerate() {
                let prefix = phrase.prefix && part == last;
                if if prefix { token.term.starts_with(term) } else { token.term == term.as_slice() } {
                    self.places.push((number, part, token.position));
                }
            }
        }
    }

    fn line(&mut self, _end: u64, _position: u32) {}
}

impl Seen<'_> {
    /// Where each phrase is complete, with its number, in the order of the text.
    fn matches(&mut self) -> Vec<(usize, Range<usize>)> {
        self.places.sort_unstable();
        let there = |number: usize, part: usize, position: u32| {
            self.places.binary_search(&(number, part, position)).is_ok()
        };
        let mut found = Vec::new();
        for (number, _, position) in self.places.iter().filter(|place| place.1 == 0) {
            let Some(phrase) = self.phrases.get(*number) else { continue };
            let mut parts = phrase.terms.iter().enumerate();
            if !parts.all(|(part, (offset, _))| there(*number, part, position.saturating_add(*offset))) {
                continue;
            }
            let last = phrase.terms.last().map_or(0, |term| term.0) + position;
            let ends = (self.words.get(*position as usize), self.words.get(last as usize));
            if let (Some(first), Some(last)) = ends {
                // Only a lone character is the prefix of a pair.
                let end = if phrase.prefix { last.2 } else { last.1 };
                found.push((*number, first.0 as usize..end as usize));
            }
        }
        found.sort_unstable_by_key(|(_, range)| (range.start, range.end));
        found
    }
}

/// The stretch of at most `width` bytes, or one match, that has most different phrases.
fn best(matches: &[(usize, Range<usize>)], phrases: usize, width: usize) -> Range<usize> {
    let mut counts = alloc::vec![0u32; phrases];
    let mut best = ((0, 0), 0..0);
    let (mut first, mut different, mut all) = (0, 0, 0);
    for (number, range) in matches {
        if let Some(count) = counts.get_mut(*number) {
            different += u32::from(*count == 0);
            *count += 1;
            all += 1;
        }
        while let Some((out, start)) = matches.get(first).map(|m| (m.0, m.1.start)) {
            if range.end <= start.saturating_add(width) || start >= range.start {
                break;
            }
            if let Some(count) = counts.get_mut(out) {
                *count -= 1;
                different -= u32::from(*count == 0);
                all -= 1;
            }
            first += 1;
        }
        if (different, all) > best.0 {
            let start = matches.get(first).map_or(range.start, |m| m.1.start);
            best = ((different, all), start..range.end);
        }
    }
    best.1
}

/// Adds words on both sides of the window while there is room.
fn around(words: &[(u32, u32, u32)], window: Range<usize>, width: usize, len: usize) -> Range<usize> {
    let spare = width.saturating_sub(window.len());
    // As much before as after, unless the text ends.
    let after = (spare / 2).min(len.saturating_sub(window.end));
    let least = window.start.saturating_sub(spare - after);
    let from = words.partition_point(|word| (word.0 as usize) < least);
    let start = words.get(from).map_or(window.start, |word| word.0 as usize).min(window.start);
    let start = if least == 0 { 0 } else { start };
    let most = start.saturating_add(width).max(window.end);
    if most >= len {
        return start..len;
    }
    let after = words.partition_point(|word| word.1 as usize <= most);
    let end = after.checked_sub(1).and_then(|at| words.get(at)).map_or(most, |word| word.1 as usize);
    start..end.max(window.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn check(query: &str, text: &str, width: usize, want: &str) {
        let snippet = Query::parse(query).unwrap().snippet(text.as_bytes(), width);
        let mut shown = String::new();
        let mut at = snippet.range.start;
        for mark in &snippet.marks {
            shown += &text[at..mark.start];
            shown += "[";
            shown += &text[mark.clone()];
            shown += "]";
            at = mark.end;
        }
        shown += &text[at..snippet.range.end];
        assert_eq!(shown, want, "{query}");
    }

    #[test]
    fn the_densest_piece_is_shown() {
        let text = "one two three four five six seven eight nine ten eleven two six";
        check("two", text, 20, "one [two] three four");
        check("two six", text, 20, "ten eleven [two] [six]");
        check("\"six seven\"", text, 24, "five [six seven] eight");
        check("e*", text, 12, "[eight] nine");
        check("eleven", text, 1, "[eleven]");
        check("nothing", text, 9, "one two");
        check("two", "two", 100, "[two]");
        check("two", "", 100, "");
    }

    #[test]
    fn marks_are_of_the_text_not_of_its_folding() {
        check("cafe", "au CAFÉ, là", 100, "au [CAFÉ], là");
        check("検索", "全文検索する", 100, "全文[検索]する");
        check("索", "全文検索する", 100, "全文検[索]する");
        check("全文検 文検索", "全文検索する", 100, "[全文検索]する");
        check("-x script", "<script>x</script>", 100, "<[script]>x</[script]>");
    }

    #[test]
    fn any_bytes_are_text() {
        let text = b"\xFF\xFEabc\xE3\x81 abc\x00";
        for width in 0..20 {
            let snippet = Query::parse("abc").unwrap().snippet(text, width);
            assert!(snippet.range.end <= text.len() && snippet.range.start <= snippet.range.end);
            assert!(snippet.marks.iter().all(|m| &text[m.clone()] == b"abc"));
        }
    }
}
