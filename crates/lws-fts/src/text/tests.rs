use alloc::format;
use alloc::string::String;

use super::*;

#[derive(Default, PartialEq, Debug)]
struct Seen(String);

impl Sink for Seen {
    fn token(&mut self, t: Token<'_>) {
        let term = String::from_utf8(t.term.to_vec()).unwrap();
        self.0 += &format!("{term}@{}[{},{}) ", t.position, t.start, t.end);
    }

    fn line(&mut self, end: u64, position: u32) {
        self.0 += &format!("| {end} {position} ");
    }
}

fn tokens(text: &[u8], chunk: usize) -> (String, u64) {
    let (mut seen, mut tokenizer) = (Seen::default(), Tokenizer::default());
    text.chunks(chunk).for_each(|c| tokenizer.feed(c, &mut seen));
    assert!(tokenizer.offset() + tokenizer.carry.len() as u64 == text.len() as u64);
    let invalid = tokenizer.invalid() + tokenizer.carry.len() as u64;
    tokenizer.finish(&mut seen);
    (seen.0.trim_end().into(), invalid)
}

fn check(text: &str, want: &str) {
    for chunk in 1..=text.len().max(1) {
        assert_eq!(tokens(text.as_bytes(), chunk), (want.into(), 0), "{text:?} in chunks of {chunk}");
    }
}

#[test]
fn words_lines_and_ranges() {
    check("", "");
    check("The CAT", "the@0[0,3) cat@1[4,7)");
    check("a\n\nb2 c", "a@0[0,1) | 2 1 | 3 1 b2@1[3,5) c@2[6,7)");
    check("x_y-z", "x@0[0,1) y@1[2,3) z@2[4,5)");
}

#[test]
fn case_and_diacritics_fold() {
    check("là être même für", "la@0[0,3) etre@1[4,9) meme@2[10,15) fur@3[16,20)");
    check("Straße ÆON ﬃx", "strasse@0[0,7) aeon@1[8,12) ffix@2[13,17)");
    check("ФАЙЛ Ὀδυσσεύς", "файл@0[0,8) οδυσσευσ@1[9,26)");
    check("e\u{301}a Ａ１", "ea@0[0,4) a1@1[5,11)");
    check("cafe\u{301}!", "cafe@0[0,4)");
    check("हिन्दी", "हिन्दी@0[0,18)");
}

#[test]
fn scripts_without_spaces_become_pairs() {
    check("全文検索", "全文@0[0,6) 文検@1[3,9) 検索@2[6,12) 索@3[9,12)");
    check("a設b", "a@0[0,1) 設@1[1,4) b@2[4,5)");
    check("設定。파일", "設定@0[0,6) 定@1[3,6) 파일@2[9,15) 일@3[12,15)");
    check("ฟ้า", "ฟ้@0[0,6) ้า@1[3,9) า@2[6,9)");
}

#[test]
fn spaces_of_every_kind_separate() {
    check("a\u{A0}b\u{3000}c\u{FF0C}d", "a@0[0,1) b@1[3,4) c@2[7,8) d@3[11,12)");
}

#[test]
fn long_words_keep_their_identity() {
    let (a, b) = ("x".repeat(100), "x".repeat(101));
    let (seen_a, seen_b) = (tokens(a.as_bytes(), 100).0, tokens(b.as_bytes(), 101).0);
    assert!(seen_a.starts_with(&format!("{}…", "x".repeat(40))) && seen_a.len() < 90);
    assert_ne!(seen_a.split('@').next(), seen_b.split('@').next());
    let wide = "ж".repeat(60);
    for text in [&a, &wide, &"y".repeat(64), &"z".repeat(65)] {
        let whole = tokens(text.as_bytes(), text.len()).0;
        for chunk in 1..text.len() {
            assert_eq!(tokens(text.as_bytes(), chunk).0, whole);
        }
    }
    assert!(is_whole(&[b'y'; 64]));
    assert!(!is_whole(seen_a.split('@').next().unwrap().as_bytes()));
}

#[test]
fn bytes_that_are_not_utf8_separate_however_they_are_cut() {
    let texts: [&[u8]; 8] = [
        b"a\xFFb",
        b"a\xC3",
        b"\xE3\x81",
        b"\xE3\x81b",
        b"\xE3\x81\xE3\x81\x82c",
        b"\xE0\x80\x80x",
        b"\xED\xA0\x80y",
        b"\xF4\x90\x80\x80z\x80",
    ];
    for text in texts {
        let whole = tokens(text, text.len());
        assert!(whole.1 > 0);
        for chunk in 1..text.len() {
            assert_eq!(tokens(text, chunk), whole, "{text:x?} in chunks of {chunk}");
        }
    }
    assert_eq!(tokens(b"a\xFFb", 9), ("a@0[0,1) b@1[2,3)".into(), 1));
    assert_eq!(tokens(b"\xE3\x81\xE3\x81\x82c", 9), ("あ@0[2,5) c@1[5,6)".into(), 2));
}

#[test]
fn letters_are_found_eight_at_a_time() {
    for byte in 0..=255u8 {
        for at in 0..8 {
            let mut text = *b"aB3zZ09A";
            text[at] = byte;
            let wanted = text.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            let (lower, n) = super::letters(&text);
            assert_eq!(n, wanted, "{text:?}");
            assert_eq!(lower[..n], text.to_ascii_lowercase()[..n], "{text:?}");
            let (lower, n) = super::letters(&text[..at]);
            assert_eq!((n, &lower[..n]), (at, text.to_ascii_lowercase().split_at(at).0));
        }
    }
}
