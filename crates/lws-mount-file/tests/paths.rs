//! The PATH rows of the threat table, through a whole site.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use lws_http::Vhost;
use lws_mount_file::files;
use support::{Host, pattern, put};
use tempfile::TempDir;

const SECRET: &str = "SECRET";

/// `secret.txt` and `www-evil/file` beside `www`, which is served.
fn site() -> (TempDir, Host) {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("secret.txt", SECRET),
        ("www-evil/file", SECRET),
        ("www/index.html", "root"),
        ("www/page.html", "page"),
        ("www/sub/index.html", "sub"),
        ("www/priv/x", "private"),
    ] {
        put(dir.path(), name, content);
    }
    let host = Host::files(files(dir.path().join("www")));
    (dir, host)
}

#[test]
fn path_01_traversal() {
    let (_dir, mut host) = site();
    let ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "..;",
        "..%2f",
        "..%5c",
        "..\\",
        "%252e%252e",
        "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae",
        "%u002e%u002e",
        "...",
        "..%00",
        "..%20",
        ".",
        "%2e",
        "..%09",
        "%c0%2e%c0%2e",
        "\u{ff0e}\u{ff0e}",
    ];
    let mut tried = 0;
    for up in ups {
        for lead in ["/", "//", "/sub/", "/sub/../", "/page.html/", "/.%2f", "/nope/"] {
            for depth in 1..4 {
                for goal in
                    ["secret.txt", "www-evil/file", "etc/passwd", "secret.txt%00.html", "www/../secret.txt"]
                {
                    let target = format!("{lead}{}{goal}", format!("{up}/").repeat(depth));
                    if target.bytes().any(|b| !b.is_ascii_graphic()) {
                        continue; // no parser lets these through
                    }
                    let answer = host.get(&target);
                    assert!([400, 403, 404].contains(&answer.status), "{target}: {}", answer.status);
                    assert!(!answer.text().contains(SECRET) && !answer.text().contains("root:"), "{target}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried >= 1000, "{tried}");
    // What is clamped at the root is the root page, as browsers have it.
    for target in ["/..", "/../", "/../../..", "/%2e%2e/", "/sub/../../"] {
        assert_eq!(host.get(target).text(), "root", "{target}");
    }
}

#[test]
fn path_02_nul() {
    let (_dir, mut host) = site();
    for target in ["/page.html%00", "/a%00.html", "/%00", "/page%00.html", "/page.html?a%00=b", "/sub%00/"] {
        assert_eq!(host.get(target).status, 400, "{target}");
    }
}

#[test]
fn path_03_links_out_of_the_root() {
    let (dir, mut host) = site();
    let www = dir.path().join("www");
    for (to, name) in
        [("../secret.txt", "out"), ("..", "up"), ("/etc", "etc"), ("/", "slash"), ("/proc/self/cwd", "cwd")]
    {
        symlink(to, www.join(name)).expect("linked");
    }
    for target in [
        "/out",
        "/up",
        "/up/",
        "/up/secret.txt",
        "/etc/passwd",
        "/etc/",
        "/slash/etc/passwd",
        "/cwd/",
        "/cwd",
    ] {
        assert_eq!(host.get(target).status, 404, "{target}");
    }
}

#[test]
fn path_04_dot_files_and_backups() {
    let (dir, mut host) = site();
    let www = dir.path().join("www");
    for name in [
        ".env",
        ".git/config",
        "a~",
        "sub/.htpasswd",
        "sub/x~",
        ".well-known/acme-challenge/token",
        ".hidden/index.html",
    ] {
        put(&www, name, name);
    }
    for target in [
        "/.env",
        "/.git/config",
        "/.git",
        "/.git/",
        "/a~",
        "/%61%7e",
        "/sub/.htpasswd",
        "/sub/x~",
        "/.hidden/",
        "/%2eenv",
    ] {
        assert_eq!(host.get(target).status, 404, "{target}");
    }
    assert_eq!(host.get("/.well-known/acme-challenge/token").status, 200);
    let mut open = Host::files(files(&www).dotfiles(true));
    for target in ["/.env", "/.git/config", "/a~", "/.hidden/"] {
        assert_eq!(open.get(target).status, 200, "{target}");
    }
}

#[test]
fn path_05_sibling_prefix() {
    let (dir, _) = site();
    let mut host = Host::new(Vhost::new("*").mount("/www", files(dir.path().join("www"))));
    assert_eq!(host.get("/www/page.html").text(), "page");
    for target in ["/www-evil/file", "/www/../www-evil/file", "/wwwpage.html", "/www/-evil/file"] {
        assert_eq!(host.get(target).status, 404, "{target}");
    }
}

#[test]
fn path_06_special_files() {
    let (dir, mut host) = site();
    let www = dir.path().join("www");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, www.join("fifo"), rustix::fs::FileType::Fifo, mode, 0)
        .expect("made");
    let _listener = UnixListener::bind(www.join("socket")).expect("bound");
    symlink("/dev/zero", www.join("zero")).expect("linked");
    fs::create_dir(www.join("bare")).expect("created");
    let began = Instant::now();
    for target in ["/fifo", "/socket", "/zero", "/bare/", "/fifo/", "/socket/x"] {
        assert_eq!(host.get(target).status, 404, "{target}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "the loop must not wait");
}

#[test]
fn path_06_what_may_not_be_read_is_403() {
    let (dir, mut host) = site();
    let path = dir.path().join("www/page.html");
    let mut permissions = fs::metadata(&path).expect("there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0);
    fs::set_permissions(&path, permissions).expect("set");
    // The superuser may read everything.
    let expect = if fs::read(&path).is_ok() { 200 } else { 403 };
    assert_eq!(host.get("/page.html").status, expect);
}

/// The gate and the file are found by the same path: every spelling either names the same file or is refused.
#[test]
fn path_07_spellings_of_one_path() {
    let (_dir, mut host) = site();
    for target in [
        "/priv/x",
        "//priv/x",
        "/./priv/x",
        "/x/../priv/x",
        "/priv//x",
        "/%70riv/x",
        "/priv/./x",
        "/../priv/x",
    ] {
        assert_eq!(host.get(target).text(), "private", "{target}");
    }
    for (target, status) in
        [("/priv%2fx", 400), ("/priv%5cx", 400), ("/PRIV/x", 404), ("/priv;a/x", 404), ("/priv/x/", 404)]
    {
        assert_eq!(host.get(target).status, status, "{target}");
    }
}

#[test]
fn path_08_a_file_that_shrinks() {
    // Larger than what is kept in memory, where nothing shrinks.
    const { assert!(lws_mount_file::limits::CACHED_FILE_BYTES < 200_000) };
    let (dir, mut host) = site();
    let path = dir.path().join("www/large.bin");
    let content = pattern(200_000);
    for room in [1000, 7001, 50_000] {
        put(dir.path(), "www/large.bin", &content);
        host.room = room;
        let shrink = |sent: &support::Answer| {
            if sent.body.len() >= 50_000 {
                fs::File::options().write(true).open(&path).expect("opens").set_len(50_000).expect("cut");
            }
        };
        let answer = host.fetch_watched(lws_http::Method::Get, "/large.bin", &[], shrink);
        assert!(answer.aborted, "room {room}: it must be seen to be incomplete");
        assert_eq!((answer.status, answer.length), (200, Some(200_000)));
        assert!(answer.body.len() < 200_000 && content.starts_with(&answer.body), "room {room}: no filling");
    }
}

#[test]
fn path_08_a_file_that_shrinks_under_several_ranges() {
    let (dir, mut host) = site();
    let path = dir.path().join("www/large.bin");
    put(dir.path(), "www/large.bin", pattern(200_000));
    host.room = 500;
    let shrink = |sent: &support::Answer| {
        if sent.body.len() > 1000 {
            fs::File::options().write(true).open(&path).expect("opens").set_len(10).expect("cut");
        }
    };
    let range = [("range", "bytes=0-1999,50000-51999")];
    let answer = host.fetch_watched(lws_http::Method::Get, "/large.bin", &range, shrink);
    assert!(
        answer.aborted && answer.status == 206 && (answer.body.len() as u64) < answer.length.expect("known")
    );
}

#[test]
fn path_08_a_file_that_grows_or_is_replaced() {
    let (dir, mut host) = site();
    let path = dir.path().join("www/large.bin");
    let content = pattern(10_000);
    host.room = 1000;
    put(dir.path(), "www/large.bin", &content);
    let grow = |_: &support::Answer| {
        use std::io::Write;
        fs::File::options().append(true).open(&path).expect("opens").write_all(b"more").expect("grown");
    };
    let answer = host.fetch_watched(lws_http::Method::Get, "/large.bin", &[], grow);
    assert!(!answer.aborted && answer.body == content, "the length of the head counts");
    put(dir.path(), "www/large.bin", &content);
    let replace = |_: &support::Answer| {
        put(dir.path(), "www/new.bin", "short");
        fs::rename(dir.path().join("www/new.bin"), &path).expect("replaced");
    };
    let answer = host.fetch_watched(lws_http::Method::Get, "/large.bin", &[], replace);
    assert!(!answer.aborted && answer.body == content, "what was opened is what is sent");
    assert_eq!(host.get("/large.bin").text(), "short");
}

#[test]
fn path_10_nosniff_and_an_explicit_type() {
    let (dir, mut host) = site();
    put(dir.path(), "www/data.unknown", "<script>alert(1)</script>");
    let answer = host.get("/data.unknown");
    assert_eq!(answer.field("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.field("x-content-type-options"), Some("nosniff"));
    let part = host.get_with("/data.unknown", &[("range", "bytes=0-7")]);
    assert_eq!((part.status, part.field("x-content-type-options")), (206, Some("nosniff")));
}

/// On Unix these are names like any other: they open nothing that does not bear them.
#[test]
fn path_11_windows_names() {
    let (dir, mut host) = site();
    for target in [
        "/CON",
        "/nul",
        "/a:b",
        "/c:/x",
        "/c:%5cx",
        "/page.html::$DATA",
        "/page.html.",
        "/page.html%20",
        "/PAGE~1.HTM",
    ] {
        assert!([400, 404].contains(&host.get(target).status), "{target}");
    }
    put(dir.path(), "www/CON", "just a name");
    assert_eq!(host.get("/CON").text(), "just a name");
}
