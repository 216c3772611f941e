//! What a person is told when it does not work.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::net::TcpListener;
use std::path::Path;
use support::run;

/// Runs it; it must say this on stderr, nothing on stdout, and exit so.
fn check(args: &[&str], code: i32, wanted: &str) {
    let (exit, stdout, stderr) = run(args);
    assert_eq!(stderr.trim_end(), wanted, "{args:?}");
    assert_eq!((exit, stdout.as_str()), (Some(code), ""), "{args:?}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_busy_port() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let next = port.checked_add(1).unwrap_or(7681);
    check(
        &["serve", "--port", &port.to_string()],
        1,
        &format!(
            "error: cannot listen on 127.0.0.1:{port}: address already in use\n\
             help: try --port {next}, or --port 0 for any free port"
        ),
    );
}

#[test]
fn folders_that_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let none = dir.path().join("none");
    check(
        &["serve", text(&none)],
        1,
        &format!(
            "error: there is no folder '{}'\nhelp: name one that exists, or none to serve the current one",
            none.display()
        ),
    );
    let file = dir.path().join("file.txt");
    std::fs::write(&file, "x").unwrap();
    let parent = dir.path().canonicalize().unwrap();
    check(
        &["serve", text(&file)],
        1,
        &format!(
            "error: '{}' is a file, not a folder\nhelp: serve the folder it is in: lwsws serve {}",
            file.display(),
            parent.display()
        ),
    );
}

#[test]
fn usage() {
    check(&["serve", "--prot", "1"], 2, "error: there is no flag '--prot'\nhelp: did you mean --port?");
    check(&["sevre"], 2, "error: there is no command 'sevre'\nhelp: did you mean lwsws serve?");
}

#[test]
fn help_and_version() {
    for args in [&[][..], &["--help"], &["serve", "--help"]] {
        let (exit, stdout, stderr) = run(args);
        assert_eq!((exit, stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(stdout.contains("usage: lwsws serve [DIR]") && stdout.contains("--port N"), "{stdout}");
    }
    let (exit, stdout, _) = run(&["--version"]);
    let wanted = format!("lwsws {}\nTLS: rustls with aws-lc-rs", env!("CARGO_PKG_VERSION"));
    assert!(exit == Some(0) && stdout.starts_with(&wanted), "{stdout}");
    assert_eq!(stdout.contains("OpenSSL "), cfg!(feature = "openssl"), "{stdout}");
    assert_eq!(stdout.contains("Mbed TLS "), cfg!(feature = "mbedtls"), "{stdout}");
}
