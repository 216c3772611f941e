use alloc::vec::Vec;

use lws_head::FieldPos;

use super::*;

/// Mon, 06 Nov 2023 08:49:37 GMT
const MODIFIED: u64 = 1_699_260_577;
const NOW: u64 = MODIFIED + 3600;
const SAME: &str = "Mon, 06 Nov 2023 08:49:37 GMT";
const BEFORE: &str = "Mon, 06 Nov 2023 08:49:36 GMT";
const AFTER: &str = "Mon, 06 Nov 2023 08:49:38 GMT";

type Pairs<'a> = [(&'a str, &'a str)];

fn strong() -> Validators<'static> {
    Validators { etag: EntityTag::parse(b"\"xyzzy\""), modified_unix_s: Some(MODIFIED) }
}

fn with<T>(pairs: &Pairs<'_>, f: impl FnOnce(Fields<'_>) -> T) -> T {
    let mut block = Vec::new();
    let mut put = |text: &str| {
        block.extend_from_slice(text.as_bytes());
        (block.len() - text.len()) as u16
    };
    let index: Vec<_> = pairs
        .iter()
        .map(|(n, v)| FieldPos {
            name: put(n),
            name_len: n.len() as u16,
            value: put(v),
            value_len: v.len() as u16,
        })
        .collect();
    f(Fields::new(&block, &index))
}

fn ranged(pairs: &Pairs<'_>, v: &Validators<'_>, now: u64) -> bool {
    with(pairs, |fields| range_applies(fields, v, now))
}

/// What GET and HEAD share, and what the others do.
fn method(reads: bool) -> Method {
    if reads { Method::Get } else { Method::Put }
}

fn verdict(reads: bool, fields: &Pairs<'_>, v: &Validators<'_>) -> Verdict {
    with(fields, |fields| evaluate(method(reads), fields, v, NOW))
}

fn check(reads: bool, fields: &Pairs<'_>, expect: Verdict) {
    assert_eq!(verdict(reads, fields, &strong()), expect, "{fields:?}");
}

fn tags(list: &str) -> Vec<(bool, &str)> {
    EntityTags(list.as_bytes()).map(|t| (t.weak, core::str::from_utf8(t.opaque).expect("ascii"))).collect()
}

#[test]
fn rfc_9110_8_8_3_entity_tags() {
    for (text, expect) in [
        ("\"xyzzy\"", Some((false, "xyzzy"))),
        ("W/\"xyzzy\"", Some((true, "xyzzy"))),
        ("\"\"", Some((false, ""))),
        ("\"a,b\"", Some((false, "a,b"))),
        ("\"!#~\"", Some((false, "!#~"))),
        ("w/\"xyzzy\"", None),
        ("W/xyzzy", None),
        ("xyzzy", None),
        ("\"xyzzy", None),
        ("\"xy zzy\"", None),
        ("\"xy\u{7f}\"", None),
        ("\"a\"b", None),
        ("\"a\" ", None),
        ("*", None),
        ("", None),
    ] {
        let tag = EntityTag::parse(text.as_bytes());
        assert_eq!(tag.map(|t| (t.weak, core::str::from_utf8(t.opaque).expect("ascii"))), expect, "{text}");
    }
    assert!(EntityTag::parse(b"\"\xe9\"").is_some(), "obs-text is legal");
}

#[test]
fn rfc_9110_8_8_3_2_comparison_table() {
    for (a, b, strong, weak) in [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
    ] {
        let (a, b) =
            (EntityTag::parse(a.as_bytes()).expect("tag"), EntityTag::parse(b.as_bytes()).expect("tag"));
        assert_eq!((a.strong_eq(&b), a.weak_eq(&b)), (strong, weak));
        assert_eq!((b.strong_eq(&a), b.weak_eq(&a)), (strong, weak));
    }
}

#[test]
fn lists_of_entity_tags() {
    assert_eq!(tags("\"a\", W/\"b\",\"c\""), [(false, "a"), (true, "b"), (false, "c")]);
    assert_eq!(tags(" ,, \"a\"\t ,\t, \"b\" ,"), [(false, "a"), (false, "b")]);
    assert_eq!(tags("\"a,b\", \"c\""), [(false, "a,b"), (false, "c")]);
    assert_eq!(tags("\"a\" \"b\""), [], "two tags without a comma are not a list");
    assert_eq!(tags("\"a\", b, \"c\""), [(false, "a")]);
    assert_eq!(tags("\"a\", *"), [(false, "a")]);
    assert_eq!(tags(", ,"), []);
    assert_eq!(tags(""), []);
}

#[test]
fn rfc_9110_13_1_1_if_match_is_strong() {
    for (value, expect) in [
        ("\"xyzzy\"", Verdict::Proceed),
        ("\"a\", \"xyzzy\"", Verdict::Proceed),
        ("*", Verdict::Proceed),
        ("\"a\"", Verdict::PreconditionFailed),
        ("W/\"xyzzy\"", Verdict::PreconditionFailed),
        ("xyzzy", Verdict::PreconditionFailed),
        ("", Verdict::PreconditionFailed),
    ] {
        for reads in [true, false] {
            check(reads, &[("if-match", value)], expect);
        }
    }
    check(false, &[("if-match", "\"a\""), ("if-match", "\"xyzzy\"")], Verdict::Proceed);
    let weak = Validators { etag: EntityTag::parse(b"W/\"xyzzy\""), ..strong() };
    assert_eq!(verdict(false, &[("if-match", "\"xyzzy\"")], &weak), Verdict::PreconditionFailed);
}

#[test]
fn rfc_9110_13_1_2_if_none_match_is_weak() {
    for (value, hit) in [
        ("\"xyzzy\"", true),
        ("W/\"xyzzy\"", true),
        ("\"a\", W/\"xyzzy\", \"c3piozzzz\"", true),
        ("*", true),
        (" * ", true),
        ("\"a\"", false),
        ("W/\"a\", \"b\"", false),
        ("xyzzy", false),
        ("\"*\"", false),
    ] {
        let [get, put] = match hit {
            true => [Verdict::NotModified, Verdict::PreconditionFailed],
            false => [Verdict::Proceed; 2],
        };
        check(true, &[("if-none-match", value)], get);
        check(false, &[("if-none-match", value)], put);
    }
    check(true, &[("if-none-match", "\"a\""), ("if-none-match", "\"xyzzy\"")], Verdict::NotModified);
}

#[test]
fn rfc_9110_13_1_3_if_modified_since() {
    for (value, expect) in [
        (SAME, Verdict::NotModified),
        (AFTER, Verdict::NotModified),
        (BEFORE, Verdict::Proceed),
        ("Monday, 06-Nov-23 08:49:37 GMT", Verdict::NotModified),
        ("Mon Nov  6 08:49:37 2023", Verdict::NotModified),
        ("yesterday", Verdict::Proceed),
        ("", Verdict::Proceed),
    ] {
        check(true, &[("if-modified-since", value)], expect);
        check(false, &[("if-modified-since", value)], Verdict::Proceed);
    }
    check(true, &[("if-modified-since", SAME), ("if-modified-since", SAME)], Verdict::Proceed);
    let undated = Validators { modified_unix_s: None, ..strong() };
    assert_eq!(verdict(true, &[("if-modified-since", SAME)], &undated), Verdict::Proceed);
}

#[test]
fn rfc_9110_13_1_4_if_unmodified_since() {
    for (value, expect) in [
        (SAME, Verdict::Proceed),
        (AFTER, Verdict::Proceed),
        (BEFORE, Verdict::PreconditionFailed),
        ("nonsense", Verdict::Proceed),
    ] {
        check(true, &[("if-unmodified-since", value)], expect);
        check(false, &[("if-unmodified-since", value)], expect);
    }
    let undated = Validators { modified_unix_s: None, ..strong() };
    assert_eq!(verdict(true, &[("if-unmodified-since", BEFORE)], &undated), Verdict::Proceed);
}

#[test]
fn rfc_9110_13_2_2_order_of_evaluation() {
    use Verdict::{NotModified, PreconditionFailed, Proceed};
    // Steps 1 and 2: If-Match silences If-Unmodified-Since, whichever way it would decide.
    check(true, &[("if-match", "\"xyzzy\""), ("if-unmodified-since", BEFORE)], Proceed);
    check(true, &[("if-match", "\"a\""), ("if-unmodified-since", SAME)], PreconditionFailed);
    // Steps 3 and 4: If-None-Match silences If-Modified-Since.
    check(true, &[("if-none-match", "\"a\""), ("if-modified-since", SAME)], Proceed);
    check(true, &[("if-none-match", "\"xyzzy\""), ("if-modified-since", BEFORE)], NotModified);
    check(true, &[("if-none-match", "broken"), ("if-modified-since", SAME)], Proceed);
    // A 412 comes before a 304; a true first step goes on to the second.
    check(true, &[("if-match", "\"a\""), ("if-none-match", "\"xyzzy\"")], PreconditionFailed);
    check(true, &[("if-match", "*"), ("if-none-match", "\"xyzzy\"")], NotModified);
    check(true, &[("if-unmodified-since", BEFORE), ("if-none-match", "*")], PreconditionFailed);
    check(true, &[("if-unmodified-since", SAME), ("if-modified-since", SAME)], NotModified);
    check(true, &[], Proceed);
}

#[test]
fn without_an_entity_tag_only_the_star_matches() {
    let dated = Validators { etag: None, ..strong() };
    assert_eq!(verdict(false, &[("if-match", "\"xyzzy\"")], &dated), Verdict::PreconditionFailed);
    assert_eq!(verdict(false, &[("if-match", "*")], &dated), Verdict::Proceed);
    assert_eq!(verdict(true, &[("if-none-match", "\"xyzzy\"")], &dated), Verdict::Proceed);
    assert_eq!(verdict(true, &[("if-none-match", "*")], &dated), Verdict::NotModified);
}

#[test]
fn rfc_9110_13_1_5_if_range() {
    let holds = |value: &str, v: &Validators<'_>, now| ranged(&[("if-range", value)], v, now);
    assert!(ranged(&[], &strong(), NOW));
    assert!(holds("\"xyzzy\"", &strong(), NOW));
    assert!(holds(SAME, &strong(), NOW));
    for value in ["\"a\"", "W/\"xyzzy\"", "\"a\", \"xyzzy\"", "*", "xyzzy", "", BEFORE, AFTER] {
        assert!(!holds(value, &strong(), NOW), "{value}");
    }
    let weak = Validators { etag: EntityTag::parse(b"W/\"xyzzy\""), ..strong() };
    assert!(!holds("\"xyzzy\"", &weak, NOW) && !holds("W/\"xyzzy\"", &weak, NOW));
    assert!(!holds(SAME, &strong(), MODIFIED + 1), "it may change again within its second");
    assert!(holds(SAME, &strong(), MODIFIED + 2));
    assert!(!holds(SAME, &Validators::default(), NOW));
    assert!(!ranged(&[("if-range", SAME), ("if-range", SAME)], &strong(), NOW));
}

#[test]
fn every_cut_of_every_field_is_survived() {
    let list = "W/\"a\" , \"b,c\",,*, \"xyzzy\"";
    for name in ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"] {
        for cut in 0..=list.len() {
            let fields = [(name, &list[..cut])];
            let _ = verdict(true, &fields, &strong());
            let _ = ranged(&fields, &strong(), NOW);
        }
    }
}
