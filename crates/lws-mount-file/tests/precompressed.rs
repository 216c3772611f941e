//! Compressed siblings of files.

mod support;

use lws_mount_file::files;
use support::{Host, MODIFIED, put, touch};
use tempfile::TempDir;

fn tree() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("app.js", "identity"),
        ("app.js.br", "brotli!"),
        ("app.js.gz", "gzip"),
        ("only.css", "identity"),
        ("only.css.gz", "gzip"),
        ("plain.txt", "identity"),
        ("docs/index.html", "identity"),
        ("docs/index.html.br", "brotli"),
    ] {
        put(dir.path(), name, content);
    }
    dir
}

fn check(host: &mut Host, target: &str, accept: &str, body: &str, coding: Option<&str>, vary: bool) {
    let answer = host.get_with(target, &[("accept-encoding", accept)]);
    let vary = vary.then_some("accept-encoding");
    assert_eq!(
        (answer.status, answer.text(), answer.field("content-encoding"), answer.field("vary")),
        (200, body, coding, vary),
        "{target} {accept}"
    );
    let plain = host.get(target);
    assert_eq!(answer.field("content-type"), plain.field("content-type"), "{target} {accept}");
}

#[test]
fn the_best_that_is_there_and_wanted() {
    let dir = tree();
    let host = &mut Host::files(files(dir.path()).precompressed(true));
    check(host, "/app.js", "gzip, deflate, br, zstd", "brotli!", Some("br"), true);
    check(host, "/app.js", "gzip", "gzip", Some("gzip"), true);
    check(host, "/app.js", "br;q=0.1, gzip;q=0.2", "gzip", Some("gzip"), true);
    check(host, "/app.js", "br;q=0, gzip;q=0", "identity", None, true);
    check(host, "/app.js", "", "identity", None, true);
    check(host, "/app.js", "*", "brotli!", Some("br"), true);
    check(host, "/only.css", "br", "identity", None, true);
    check(host, "/only.css", "br, gzip;q=0.5", "gzip", Some("gzip"), true);
    check(host, "/plain.txt", "br, gzip", "identity", None, false);
    check(host, "/docs/", "br", "brotli", Some("br"), true);
    assert_eq!(host.get("/app.js.gz").field("content-type"), Some("application/gzip"));
    assert_eq!(host.get("/app.js.gz").field("content-encoding"), None);
}

#[test]
fn off_by_default() {
    let dir = tree();
    check(&mut Host::files(files(dir.path())), "/app.js", "br, gzip", "identity", None, false);
}

#[test]
fn a_stale_sibling_is_left_alone() {
    let dir = tree();
    touch(&dir.path().join("app.js"), MODIFIED + 1);
    touch(&dir.path().join("app.js.gz"), MODIFIED + 1);
    let host = &mut Host::files(files(dir.path()).precompressed(true));
    check(host, "/app.js", "br, gzip", "gzip", Some("gzip"), true);
}

#[test]
fn each_coding_has_its_own_etag() {
    let dir = tree();
    for name in ["app.js.br", "app.js.gz"] {
        put(dir.path(), name, "same size as"); // the same size and time: the coding alone must tell them apart
    }
    put(dir.path(), "app.js", "this one is.");
    let mut host = Host::files(files(dir.path()).precompressed(true));
    let mut tags = ["", "br", "gzip"].map(|accept| {
        let fields = [("accept-encoding", accept)];
        let tag = host.get_with("/app.js", &fields).field("etag").expect("sent").to_owned();
        let again = host.get_with("/app.js", &[("accept-encoding", accept), ("if-none-match", &tag)]);
        assert_eq!((again.status, again.field("vary")), (304, Some("accept-encoding")));
        let other = host.get_with("/app.js", &[("accept-encoding", "zstd, *;q=0"), ("if-none-match", &tag)]);
        assert_eq!(other.status, if accept.is_empty() { 304 } else { 200 }, "the tag of another coding");
        tag
    });
    tags.sort();
    assert!(tags.windows(2).all(|w| w[0] != w[1]), "{tags:?}");
    assert!(tags.iter().all(|t| t.starts_with('"') && t.ends_with('"')));
}

#[test]
fn ranges_are_of_the_coded_bytes() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()).precompressed(true));
    let answer = host.get_with("/app.js", &[("accept-encoding", "br"), ("range", "bytes=-2")]);
    assert_eq!((answer.status, answer.text()), (206, "i!"));
    assert_eq!(answer.field("content-range"), Some("bytes 5-6/7"));
}
