//! What a mount answers to whole requests.

mod support;

use std::path::Path;

use lws_http::{Method, Vhost};
use lws_mount_file::{Files, files};
use lws_role::World;
use lws_wire::Time;
use support::{Host, MODIFIED_DATE, NOW, pattern, put, touch};
use tempfile::TempDir;

fn www() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), "index.html", "<p>root");
    put(dir.path(), "page.html", "<p>page");
    put(dir.path(), "docs/index.html", "<p>docs");
    put(dir.path(), "docs/a b.txt", "blank");
    put(dir.path(), "bare/x.bin", "x");
    put(dir.path(), "empty.css", "");
    dir
}

fn host(dir: &Path) -> Host {
    Host::files(files(dir))
}

#[test]
fn a_file_and_what_is_said_of_it() {
    let dir = www();
    let answer = host(dir.path()).get("/page.html");
    assert_eq!((answer.status, answer.text(), answer.length), (200, "<p>page", Some(7)));
    for (name, expect) in [
        ("content-type", "text/html; charset=utf-8"),
        ("etag", "\"7-ae1b981bc490a05\""),
        ("last-modified", MODIFIED_DATE),
        ("accept-ranges", "bytes"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("date", "Fri, 15 Jan 2027 08:00:00 GMT"),
    ] {
        assert_eq!(answer.field(name), Some(expect), "{name}");
    }
    for name in ["vary", "content-encoding", "content-range", "location"] {
        assert_eq!(answer.field(name), None, "{name}");
    }
}

#[test]
fn head_says_what_get_says() {
    let dir = www();
    let mut host = host(dir.path());
    for target in ["/page.html", "/", "/docs", "/nope", "/empty.css", "/docs/a%20b.txt"] {
        let (get, head) = (host.get(target), host.fetch(Method::Head, target, &[]));
        assert_eq!(
            (head.status, &head.fields, head.length),
            (get.status, &get.fields, get.length),
            "{target}"
        );
        assert!(head.body.is_empty());
    }
    // RFC 9110 §14.2: a Range on HEAD is ignored.
    let head = host.fetch(Method::Head, "/page.html", &[("range", "bytes=0-1")]);
    assert_eq!((head.status, head.length), (200, Some(7)));
}

#[test]
fn an_empty_file() {
    let dir = www();
    let answer = host(dir.path()).get("/empty.css");
    assert_eq!((answer.status, answer.length, answer.body.len(), answer.aborted), (200, Some(0), 0, false));
    assert_eq!(answer.field("content-type"), Some("text/css; charset=utf-8"));
}

#[test]
fn rfc_9110_15_5_6_other_methods() {
    let dir = www();
    let mut host = host(dir.path());
    for method in [Method::Post, Method::Put, Method::Patch, Method::Delete, Method::Trace] {
        let answer = host.fetch(method, "/page.html", &[]);
        assert_eq!((answer.status, answer.field("allow")), (405, Some("GET, HEAD, OPTIONS")), "{method:?}");
    }
    let answer = host.fetch(Method::Options, "/page.html", &[]);
    assert_eq!(
        (answer.status, answer.field("allow"), answer.length),
        (204, Some("GET, HEAD, OPTIONS"), Some(0))
    );
}

#[test]
fn large_files_go_out_whole_whatever_the_room() {
    let dir = www();
    let content = pattern(300_000);
    put(dir.path(), "large.bin", &content);
    let mut host = host(dir.path());
    for (room, turns) in [(300_000, 1), (299_999, 2), (65_536, 5), (1000, 300), (997, 301)] {
        host.room = room;
        let answer = host.get("/large.bin");
        assert!(answer.body == content && !answer.aborted, "room {room}");
        assert_eq!(answer.turns, turns, "room {room}: each turn fills all of it");
    }
}

#[test]
fn an_exchange_is_small() {
    assert!(size_of::<lws_mount_file::Download>() <= 64);
}

#[test]
fn folders() {
    let dir = www();
    let mut host = host(dir.path());
    assert_eq!(host.get("/").text(), "<p>root");
    assert_eq!(host.get("/docs/").text(), "<p>docs");
    assert_eq!(host.get("/docs/index.html").text(), "<p>docs");
    assert_eq!(host.get("/bare/").status, 404, "no index, no listing");
    assert_eq!(host.get("/nope/").status, 404);
    assert_eq!(host.get("/page.html/").status, 404, "a file is no folder");
    let mut other = Host::files(files(dir.path()).index(&["home.html", "x.bin"]));
    assert_eq!((other.get("/bare/").text(), other.get("/docs/").status), ("x", 404));
    let mut none = Host::files(files(dir.path()).index(&[]));
    assert_eq!(none.get("/").status, 404);
}

#[test]
fn a_folder_may_be_called_like_an_index() {
    let dir = www();
    put(dir.path(), "odd/index.html/x", "");
    assert_eq!(host(dir.path()).get("/odd/").status, 404);
    let mut host = Host::files(files(dir.path()).index(&["index.html", "x.bin"]));
    put(dir.path(), "odd/x.bin", "second choice");
    assert_eq!(host.get("/odd/").text(), "second choice");
}

#[test]
fn h1_22_redirects_to_the_slash() {
    let dir = www();
    put(dir.path(), "evil.example/x", "");
    put(dir.path(), "a \"<b>\u{e9}%0d%0aSet-Cookie:x/y", "");
    let mut host = host(dir.path());
    for (target, location) in [
        ("/docs", "/docs/"),
        ("/docs?a=1&b=%20/", "/docs/?a=1&b=%20/"),
        ("/docs?", "/docs/?"),
        ("//docs", "/docs/"),
        ("/./x/../docs", "/docs/"),
        ("/%64ocs", "/docs/"),
        // Never a reference that begins with two slashes: that would be another host.
        ("//evil.example", "/evil.example/"),
        ("///evil.example", "/evil.example/"),
        ("/x/..//evil.example", "/evil.example/"),
        ("/a%20%22%3Cb%3E%C3%A9%250d%250aSet-Cookie:x", "/a%20%22%3Cb%3E%C3%A9%250d%250aSet-Cookie:x/"),
    ] {
        let answer = host.get(target);
        assert_eq!((answer.status, answer.field("location")), (301, Some(location)), "{target}");
        assert!(answer.fields.iter().all(|(n, v)| n != "set-cookie" && !v.contains(['\r', '\n'])));
    }
    for target in ["/%0d%0aSet-Cookie:x", "/docs%0d%0aSet-Cookie:x", "/\\evil.example", "/%5cevil.example"] {
        let answer = host.get(target);
        assert_eq!((answer.status, answer.field("location")), (400, None), "{target}");
    }
}

#[test]
fn a_mount_that_is_not_the_root() {
    let dir = www();
    let mut host = Host::new(Vhost::new("*").mount("/static", files(dir.path())));
    assert_eq!(host.get("/static/page.html").text(), "<p>page");
    assert_eq!(host.get("/static/").text(), "<p>root");
    assert_eq!(host.get("/static").field("location"), Some("/static/"));
    assert_eq!(host.get("/static/docs?q").field("location"), Some("/static/docs/?q"));
    assert_eq!((host.get("/page.html").status, host.get("/staticpage.html").status), (404, 404));
    assert_eq!(host.get("/static/../static/page.html").status, 200);
}

#[test]
fn types() {
    let dir = www();
    for name in ["a.JS", "b.mjs", "c.svg", "d.wasm", "e.woff2", "f.xyz", "g", "h.tar.gz"] {
        put(dir.path(), name, "content");
    }
    let mut host = host(dir.path());
    for (name, expect) in [
        ("a.JS", "text/javascript; charset=utf-8"),
        ("b.mjs", "text/javascript; charset=utf-8"),
        ("c.svg", "image/svg+xml; charset=utf-8"),
        ("d.wasm", "application/wasm"),
        ("e.woff2", "font/woff2"),
        ("f.xyz", "application/octet-stream"),
        ("g", "application/octet-stream"),
        ("h.tar.gz", "application/gzip"),
    ] {
        assert_eq!(host.get(&format!("/{name}")).field("content-type"), Some(expect), "{name}");
    }
    let own = files(dir.path()).mime("XYZ", "text/x-xyz").mime("js", "text/x-js").mime("*", "text/plain");
    let mut host = Host::files(own);
    for (name, expect) in
        [("f.xyz", "text/x-xyz"), ("a.JS", "text/x-js"), ("g", "text/plain"), ("d.wasm", "application/wasm")]
    {
        assert_eq!(host.get(&format!("/{name}")).field("content-type"), Some(expect), "{name}");
    }
}

#[test]
fn cache_control() {
    let dir = www();
    let told = |files: Files| {
        let mut host = Host::files(files);
        let etag = host.get("/page.html").field("etag").expect("sent").to_owned();
        let fresh = host.get_with("/page.html", &[("if-none-match", &etag)]);
        assert_eq!(fresh.status, 304);
        let (get, not_modified) = (host.get("/page.html"), fresh.field("cache-control").map(str::to_owned));
        assert_eq!(get.field("cache-control"), not_modified.as_deref());
        not_modified.expect("sent")
    };
    assert_eq!(told(files(dir.path())), "no-cache");
    assert_eq!(told(files(dir.path()).cache_max_age_s(60)), "max-age=60");
    assert_eq!(told(files(dir.path()).cache_control("private, no-store")), "private, no-store");
}

#[test]
fn a_time_in_the_future_is_now() {
    let dir = www();
    touch(&dir.path().join("page.html"), NOW + 1000);
    // RFC 9110 §8.8.2.1: Last-Modified is never later than Date.
    assert_eq!(
        host(dir.path()).get("/page.html").field("last-modified"),
        Some("Fri, 15 Jan 2027 08:00:00 GMT")
    );
}

#[test]
fn what_cannot_be_installed() {
    let dir = www();
    let refused = |files: Files| {
        let mut world = World::new(Time::ZERO);
        let error = lws_http::Sites::from(Vhost::new("*").mount("/", files))
            .install(&mut world)
            .expect_err("refused");
        error.to_string()
    };
    assert!(refused(files(dir.path().join("nope"))).starts_with("cannot open the folder "));
    assert!(refused(files(dir.path().join("page.html"))).contains("page.html"));
    assert!(refused(files(dir.path()).mime("a", "text/x\r\nevil: yes")).contains("text/x\\r\\nevil"));
    assert!(refused(files(dir.path()).cache_control("")).contains("header"));
    assert!(refused(files(dir.path()).index(&["../index.html"])).contains("index"));
}
