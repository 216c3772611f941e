//! Lists of what is in a folder.

mod support;

use lws_mount_file::{files, limits};
use support::{Host, put};
use tempfile::TempDir;

fn tree() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for name in [
        "pub/b.txt",
        "pub/a&b <i>.txt",
        "pub/.secret",
        "pub/old~",
        "pub/sub/x",
        "pub/Zeta/x",
        "pub/\u{e9}.txt",
    ] {
        put(dir.path(), name, "123");
    }
    put(dir.path(), "secret", "SECRET");
    for (to, name) in
        [("../secret-outside", "out"), ("/etc/passwd", "passwd"), ("b.txt", "inside"), ("sub", "to-sub")]
    {
        std::os::unix::fs::symlink(to, dir.path().join("pub").join(name)).expect("linked");
    }
    dir
}

#[test]
fn off_by_default() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()));
    assert_eq!((host.get("/pub/").status, host.get("/pub/?listing.css").status), (404, 404));
}

#[test]
fn a_page() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()).listing(true));
    let page = host.get("/pub/");
    assert_eq!((page.status, page.field("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!((page.field("vary"), page.field("x-content-type-options")), (Some("accept"), Some("nosniff")));
    let links: Vec<_> =
        page.text().split("<a href=\"").skip(1).map(|s| s.split('"').next().unwrap_or("")).collect();
    let expect = [
        "../",
        "./Zeta/",
        "./sub/",
        "./to-sub/",
        "./a&amp;b%20%3Ci%3E.txt",
        "./b.txt",
        "./inside",
        "./%C3%A9.txt",
    ];
    assert_eq!(links, expect);
    for link in &links[1..] {
        let target = format!("/pub/{}", link.replace("&amp;", "&"));
        assert!([200, 301].contains(&host.get(&target).status), "{target} is listed and cannot be fetched");
    }
    assert_eq!(host.get("/pub").field("location"), Some("/pub/"));
    let root = host.get("/");
    assert!(
        root.text().contains("./pub/") && !root.text().contains("../"),
        "there is nothing above the mount"
    );
}

/// Works under `default-src 'none'; style-src 'self'`, and brings its own style.
#[test]
fn needs_neither_script_nor_inline_style() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()).listing(true));
    let page = host.get("/pub/").text().to_owned();
    assert!(
        !page.contains("<script")
            && !page.contains("<style")
            && !page.contains("style=")
            && !page.contains(" on")
    );
    assert!(page.contains("<link rel=\"stylesheet\" href=\"?listing.css\">"));
    let style = host.get("/pub/?listing.css");
    assert_eq!((style.status, style.field("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(style.text().contains("body {"));
}

#[test]
fn as_json() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()).listing(true));
    let answer = host.get_with("/pub/Zeta/", &[("accept", "application/json")]);
    assert_eq!(answer.field("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(
        answer.text(),
        "[\n{\"name\":\"x\",\"type\":\"file\",\"size\":3,\"modified\":\"1994-11-06T08:49:37Z\"}\n]\n"
    );
    assert!(
        host.get_with("/pub/", &[("accept", "application/json")])
            .text()
            .contains("\"name\":\"sub\",\"type\":\"directory\",\"mod")
    );
    for accept in ["text/html, application/json", "*/*", "application/json;q=0", "application/jsonp"] {
        let page = host.get_with("/pub/", &[("accept", accept)]);
        assert_eq!(page.field("content-type"), Some("text/html; charset=utf-8"), "{accept}");
    }
    let json =
        host.get_with("/pub/", &[("accept", "text/plain"), ("accept", "x/y, Application/JSON ; q=0.3")]);
    assert_eq!(json.field("content-type"), Some("application/json; charset=utf-8"));
}

#[test]
fn dot_files_if_asked_for() {
    let dir = tree();
    let mut host = Host::files(files(dir.path()).listing(true).dotfiles(true));
    let page = host.get("/pub/").text().to_owned();
    assert!(page.contains("./.secret") && page.contains("./old~"));
    assert_eq!(host.get("/pub/.secret").status, 200);
}

#[test]
fn an_index_comes_before_a_listing() {
    let dir = tree();
    put(dir.path(), "pub/sub/index.html", "<p>index");
    let mut host = Host::files(files(dir.path()).listing(true));
    assert_eq!((host.get("/pub/sub/").text(), host.get("/nope/").status), ("<p>index", 404));
    assert_eq!(host.get("/secret/").status, 404, "a file is no folder");
}

#[test]
fn many_entries_are_cut_off() {
    let dir = tempfile::tempdir().expect("a folder");
    for i in 0..limits::MAX_LISTING_ENTRIES + 10 {
        std::fs::write(dir.path().join(format!("{i:05}")), "").expect("written");
    }
    let page = Host::files(files(dir.path()).listing(true)).get("/");
    assert!(page.text().contains("more than this page shows"));
    let rows = page.text().matches("<tr>").count() - 1;
    assert!(rows <= limits::MAX_LISTING_ENTRIES && rows > 900, "{rows}");
}
