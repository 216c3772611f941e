//! Path normalisation: the attack table, the traversal payloads, and what holds for every path.

use lws_head::path::{PathError, check_query, encode, normalise, normalise_strict};
use proptest::prelude::*;

/// Splits the target as a parser does, checks both parts, and returns the normalised path.
fn of_target(target: &str) -> Result<String, PathError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    check_query(query)?;
    let mut out = Vec::new();
    normalise(path, &mut out).map(str::to_owned)
}

#[track_caller]
fn check(target: &str, expect: Result<&str, PathError>) {
    assert_eq!(of_target(target).as_deref(), expect.as_ref().map(|s| *s), "{target:?}");
}

#[test]
fn answers_the_dot_segment_table() {
    let rows: Vec<_> = include_str!("../testdata/dot-segments.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    assert_eq!(rows.len(), 202);
    for (target, expect) in rows {
        match expect {
            "400" => check(target, Err(PathError::BadEscape)),
            path => check(target, Ok(path)),
        }
    }
}

#[test]
fn answers_the_other_attack_rows() {
    check("/nope", Ok("/nope"));
    check("nope", Err(PathError::NoLeadingSlash));
    check("", Err(PathError::NoLeadingSlash));
    check("*", Err(PathError::NoLeadingSlash));
    check("/../../../../etc/passwd", Ok("/etc/passwd"));
    check("/%2e%2e%2f../../../etc/passwd", Err(PathError::EncodedSlash));
    check("%2f%2e%2e%2f%2e./.%2e/.%2e%2fetc/passwd", Err(PathError::NoLeadingSlash));
    for root in ["/", "//", "/../", "/./", "/.", "/..", "/blah/..", "/blah/../", "/blah/../."] {
        check(root, Ok("/"));
    }
    check("/t%3dest?key1%3d2=value1", Ok("/t=est"));
}

#[test]
fn path_01_traversal() {
    for (target, expect) in [
        ("/%2e%2e/x", Ok("/x")),
        ("/%2E./x", Ok("/x")),
        ("/a/.%2e/%2e%2e/x", Ok("/x")),
        ("/..;/x", Ok("/..;/x")),
        ("/a/..%2fx", Err(PathError::EncodedSlash)),
        ("/a/..%2Fx", Err(PathError::EncodedSlash)),
        ("/a/..%5cx", Err(PathError::Backslash)),
        ("/a/..\\x", Err(PathError::Backslash)),
        ("/%252e%252e/x", Ok("/%2e%2e/x")),
        ("/%25%32%65/x", Ok("/%2e/x")),
        ("/%c0%ae%c0%ae/x", Err(PathError::NotUtf8)),
        ("/%c0%af", Err(PathError::NotUtf8)),
        ("/%e0%80%ae/x", Err(PathError::NotUtf8)),
        ("/%ed%a0%80", Err(PathError::NotUtf8)),
        ("/%ff", Err(PathError::NotUtf8)),
        ("/%u002e%u002e/x", Err(PathError::BadEscape)),
        ("/caf%c3%a9", Ok("/café")),
        ("/%c3%a9%2e%2e", Ok("/é..")),
        ("/a%3fb", Ok("/a?b")),
        ("/%2g", Err(PathError::BadEscape)),
        ("/a%", Err(PathError::BadEscape)),
        ("/a%4", Err(PathError::BadEscape)),
        ("/%4/1", Err(PathError::BadEscape)),
        ("/%+1", Err(PathError::BadEscape)),
        ("/bad%/..", Err(PathError::BadEscape)),
    ] {
        check(target, expect);
    }
}

#[test]
fn path_02_nul_and_control() {
    for target in
        ["/a%00.html", "/%00", "/a\u{1}b", "/a%0d%0aSet-Cookie:x", "/%7f", "/a%1f/..", "/x?a%00=1", "/x?\n"]
    {
        check(target, Err(PathError::Control));
    }
    check("/x?line=%0a", Ok("/x"));
}

#[test]
fn path_07_one_form_for_the_gate_and_the_opener() {
    for target in
        ["/priv/x", "//priv/x", "/./priv/x", "/x/../priv/x", "/%70riv/x", "/..//priv/./x", "/priv//x"]
    {
        check(target, Ok("/priv/x"));
    }
    check("/priv%2fx", Err(PathError::EncodedSlash));
    check("/PRIV/x", Ok("/PRIV/x"));
}

#[test]
fn keeps_a_final_slash() {
    for (target, expect) in
        [("/a", "/a"), ("/a/", "/a/"), ("/a//", "/a/"), ("/a/.", "/a/"), ("/a/b/..", "/a/")]
    {
        check(target, Ok(expect));
    }
}

#[test]
fn strict_reports_what_leads_above_the_root() {
    let mut out = Vec::new();
    for path in ["/..", "/../x", "/a/../..", "/a/../%2e%2e/b", "//.."] {
        assert_eq!(normalise_strict(path, &mut out), Err(PathError::AboveRoot), "{path}");
    }
    for (path, expect) in [("/a/..", "/"), ("/a/b/../../c", "/c"), ("/...", "/...")] {
        assert_eq!(normalise_strict(path, &mut out), Ok(expect));
    }
}

#[test]
fn queries_want_their_digits_too() {
    for (query, ok) in
        [("", true), ("a=%3F", true), ("%", false), ("a=%4", false), ("a=%zz", false), ("%%41", false)]
    {
        assert_eq!(check_query(query).is_ok(), ok, "{query}");
    }
}

/// Paths that hit the interesting cases often.
fn paths() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "/", "/", ".", "..", "a", "%2e", "%2E%2e", "%41", "%25", "%c3%a9", "é", " ", "%20", ";",
        "\u{7f}", "%", "%2f", "%ff", "?",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|v| format!("/{}", v.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn result_is_normal(path in paths()) {
        let mut out = Vec::new();
        if let Ok(got) = normalise(&path, &mut out) {
            prop_assert!(got.starts_with('/') && got.len() <= path.len());
            let inner = got[1..].strip_suffix('/').unwrap_or(&got[1..]);
            if !inner.is_empty() {
                prop_assert!(inner.split('/').all(|s| !matches!(s, "" | "." | "..")), "{}", got);
            } else {
                prop_assert_eq!(got, "/");
            }
            prop_assert!(!got.chars().any(|c| c.is_ascii_control() || c == '\\'));
        }
    }

    #[test]
    fn is_idempotent(path in paths()) {
        let mut out = Vec::new();
        if let Ok(once) = normalise(&path, &mut out) {
            let (mut encoded, mut again) = (Vec::new(), Vec::new());
            encode(once, &mut encoded);
            let encoded = String::from_utf8(encoded).unwrap();
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#'));
            prop_assert_eq!(normalise(&encoded, &mut again), Ok(once));
            // Decoding happens once: only a path without a percent sign may be normalised again as it stands.
            if !once.contains('%') {
                prop_assert_eq!(normalise(once, &mut again), Ok(once));
            }
        }
    }

    #[test]
    fn strict_agrees_where_it_accepts(path in paths()) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        if let Ok(strict) = normalise_strict(&path, &mut a) {
            prop_assert_eq!(normalise(&path, &mut b), Ok(strict));
        }
    }

    #[test]
    fn any_string_gives_an_answer(path in any::<String>()) {
        let mut out = Vec::new();
        let _ = normalise(&path, &mut out);
        let _ = check_query(&path);
        prop_assert!(lws_head::query::args(&path).count() <= lws_head::limits::QUERY_ARGS_MAX);
    }
}

/// What is called normal must be what normalising gives: a shortcut must not become a second reading (PATH-07).
#[test]
fn path_07_what_is_called_normal_is() {
    for (path, normal) in [
        ("/", true),
        ("/a", true),
        ("/a/b.c/", true),
        ("/a/b..c/d.", true),
        ("", false),
        ("a", false),
        ("//", false),
        ("/a//b", false),
        ("/./a", false),
        ("/a/..", false),
        ("/a/.", false),
        ("/.a", false), // normal, but it takes a closer look
        ("/%61", false),
        ("/a\\b", false),
        ("/a b", false),
        ("/a\x7f", false),
        ("/\u{e9}", false),
    ] {
        assert_eq!(lws_head::path::is_normal(path), normal, "{path:?}");
    }
    let alphabet = ["/", ".", "..", "a", "~", "%2e", "%2f", "\\", "\0", "\u{e9}"];
    let mut out = Vec::new();
    for n in 0..10_u32.pow(5) {
        let digits = [n % 10, n / 10 % 10, n / 100 % 10, n / 1_000 % 10, n / 10_000];
        let path: String = digits.iter().map(|d| alphabet[*d as usize]).collect();
        if lws_head::path::is_normal(&path) {
            assert_eq!(lws_head::path::normalise(&path, &mut out), Ok(&path[..]), "{path:?}");
        }
    }
}
