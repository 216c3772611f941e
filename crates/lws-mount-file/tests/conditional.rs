//! Preconditions, as a file answers them (RFC 9110 §13).

mod support;

use lws_http::Method;
use lws_mount_file::files;
use support::{Answer, Host, MODIFIED_DATE, put, touch};
use tempfile::TempDir;

const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

fn site() -> (TempDir, Host, String) {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), "page.html", "0123456789");
    let mut host = Host::files(files(dir.path()));
    let etag = host.get("/page.html").field("etag").expect("sent").to_owned();
    (dir, host, etag)
}

/// A 304 has the fields that matter to caches, and nothing that describes a body.
fn check_not_modified(answer: &Answer, etag: &str) {
    assert_eq!((answer.status, answer.body.len()), (304, 0));
    // RFC 9110 §15.4.5: these MUST be there if a 200 would have them.
    assert_eq!((answer.field("etag"), answer.field("cache-control")), (Some(etag), Some("no-cache")));
    for name in ["content-type", "content-range", "accept-ranges", "content-encoding"] {
        assert_eq!(answer.field(name), None, "{name}");
    }
}

#[test]
fn if_none_match() {
    let (_dir, mut host, etag) = site();
    for value in [etag.clone(), format!("W/{etag}"), format!("\"a\", {etag} ,\"b,c\""), "*".into()] {
        check_not_modified(&host.get_with("/page.html", &[("if-none-match", &value)]), &etag);
        check_not_modified(&host.fetch(Method::Head, "/page.html", &[("if-none-match", &value)]), &etag);
    }
    let bare = etag.trim_matches('"');
    for value in ["\"a\"", "", bare, "\"a\", \"b\"", "\"*\""] {
        assert_eq!(host.get_with("/page.html", &[("if-none-match", value)]).status, 200, "{value}");
    }
    check_not_modified(
        &host.get_with("/page.html", &[("if-none-match", "\"a\""), ("if-none-match", &etag)]),
        &etag,
    );
}

#[test]
fn if_modified_since() {
    let (_dir, mut host, etag) = site();
    for value in [MODIFIED_DATE, LATER, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
        check_not_modified(&host.get_with("/page.html", &[("if-modified-since", value)]), &etag);
    }
    for value in [EARLIER, "", "0", "Sun, 06 Nov 1994"] {
        assert_eq!(host.get_with("/page.html", &[("if-modified-since", value)]).status, 200, "{value}");
    }
    let both = [("if-none-match", "\"a\""), ("if-modified-since", LATER)];
    assert_eq!(host.get_with("/page.html", &both).status, 200, "the entity tag decides");
}

#[test]
fn if_match_and_if_unmodified_since() {
    let (_dir, mut host, etag) = site();
    for (name, value, status) in [
        ("if-match", etag.as_str(), 200),
        ("if-match", "*", 200),
        ("if-match", "\"a\"", 412),
        ("if-match", &format!("W/{etag}"), 412),
        ("if-unmodified-since", MODIFIED_DATE, 200),
        ("if-unmodified-since", LATER, 200),
        ("if-unmodified-since", EARLIER, 412),
        ("if-unmodified-since", "never", 200),
    ] {
        let answer = host.get_with("/page.html", &[(name, value)]);
        assert_eq!(answer.status, status, "{name}: {value}");
        assert!(!answer.text().contains("0123456789") || status == 200);
    }
}

#[test]
fn rfc_9110_13_2_1_only_where_a_200_would_be() {
    let (dir, mut host, _) = site();
    put(dir.path(), "docs/x", "");
    for (target, status) in [("/nope", 404), ("/docs", 301), ("/.git", 404)] {
        for (name, value) in [("if-none-match", "*"), ("if-match", "\"a\""), ("if-modified-since", LATER)] {
            assert_eq!(host.get_with(target, &[(name, value)]).status, status, "{target} {name}");
        }
    }
    assert_eq!(host.fetch(Method::Post, "/page.html", &[("if-match", "\"a\"")]).status, 405);
}

#[test]
fn path_10_the_etag_follows_size_and_time_and_nothing_else() {
    let (dir, mut host, etag) = site();
    let path = dir.path().join("page.html");
    let now = |host: &mut Host| host.get("/page.html").field("etag").expect("sent").to_owned();
    // Another inode, owner or name with the same size and time: the same tag, on every machine of a cluster.
    let twin = tempfile::tempdir().expect("a folder");
    put(twin.path(), "page.html", "9876543210");
    assert_eq!(now(&mut Host::files(files(twin.path()))), etag);
    put(dir.path(), "page.html", "0123456789A");
    assert_ne!(now(&mut host), etag, "size");
    put(dir.path(), "page.html", "0123456789");
    assert_eq!(now(&mut host), etag);
    touch(&path, support::MODIFIED + 1);
    assert_ne!(now(&mut host), etag, "time");
}

#[test]
fn if_range() {
    let (_dir, mut host, etag) = site();
    for value in [&etag, MODIFIED_DATE] {
        let answer = host.get_with("/page.html", &[("if-range", value), ("range", "bytes=2-3")]);
        assert_eq!((answer.status, answer.text()), (206, "23"), "{value}");
    }
    for value in ["\"a\"", &format!("W/{etag}"), LATER, EARLIER, "*", ""] {
        for range in ["bytes=2-3", "bytes=20-", "bytes=0-1,4-5"] {
            let answer = host.get_with("/page.html", &[("if-range", value), ("range", range)]);
            assert_eq!((answer.status, answer.text()), (200, "0123456789"), "{value} {range}");
        }
    }
    let answer = host.get_with("/page.html", &[("if-range", &etag)]);
    assert_eq!(answer.status, 200, "without a Range it means nothing");
    let answer = host.get_with("/page.html", &[("if-none-match", &etag), ("range", "bytes=2-3")]);
    check_not_modified(&answer, &etag);
    let answer =
        host.get_with("/page.html", &[("if-match", "\"a\""), ("if-range", &etag), ("range", "bytes=2-3")]);
    assert_eq!(answer.status, 412);
}
