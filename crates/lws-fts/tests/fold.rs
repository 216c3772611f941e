//! Folding against another implementation of Unicode.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use lws_fts::fold;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters that are folded by hand: they have no decomposition.
const BY_HAND: &str = "ßẞæÆœŒøØđĐðÐłŁþÞıħĦςŋŊŧŦſǽǼǿǾǣǢĸйЙўЎـ";

fn decomposed(c: char) -> String {
    let lower = |c: char| c.to_lowercase();
    let plain: String =
        c.to_lowercase().nfkd().flat_map(lower).nfkd().filter(|c| !is_combining_mark(*c)).collect();
    plain.replace('ς', "σ").replace('ı', "i").chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn letters_with_marks_fold_to_letters_without() {
    let ranges =
        [0xAA..0x590u32, 0x622..0x6D4, 0x1E00..0x2000, 0x2126..0x2127, 0x212A..0x212C, 0xFB00..0xFB07];
    let mut checked = 0;
    for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
        let want = decomposed(c);
        if !c.is_alphabetic() || BY_HAND.contains(c) || want.is_empty() {
            continue;
        }
        assert_eq!(fold(&c.to_string()), want, "{c} U+{:04X}", u32::from(c));
        checked += 1;
    }
    assert!(checked > 1500, "{checked}");
}

#[test]
fn folding_twice_changes_nothing() {
    for c in (0..0x20000).filter_map(char::from_u32) {
        let once = fold(&c.to_string());
        assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn by_hand() {
    assert_eq!(fold("Straße Æther Łódź Đorđe İstanbul"), "strasseaetherlodzdordeistanbul");
    assert_eq!(fold("Чайковский"), "чайковский");
    assert_eq!(fold("ＡＢＣ１２３"), "abc123");
    assert_eq!(fold("أحمد"), "احمد");
}

#[test]
fn no_letter_is_lost() {
    for c in (0..0x110000).filter_map(char::from_u32).filter(|c| c.is_alphanumeric()) {
        assert!(
            !fold(&c.to_string()).is_empty() || c == 'ـ' || is_combining_mark(c),
            "U+{:04X}",
            u32::from(c)
        );
    }
}
