//! `lwsws get` and `lwsws ws` against real servers: our own program, and an echo of ours in this process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use lws::ws::{DeflateOptions, Message, Protocol, Ws, ws};
use lws::{Context, Threads, Vhost, h1};
use std::io::Write as _;
use std::process::Stdio;
use support::{Server, lwsws, run};

fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), "hello\n").unwrap();
    std::fs::write(dir.path().join("big"), vec![b'x'; 3_000_000]).unwrap();
    dir
}

#[test]
fn get_prints_the_body_and_what_was_asked_for_besides() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    assert_eq!(run(&["get", &server.url]), (Some(0), "hello\n".into(), String::new()));
    for (flag, version) in [("--h1", "HTTP/1.1 200"), ("--h2", "HTTP/2 200")] {
        let (code, out, err) = run(&["get", "-i", flag, "--timing", &server.url]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(version) && out.contains("\ncontent-length: 6\n"), "{out}");
        assert!(out.ends_with("\n\nhello\n"), "{out}");
        for word in ["connect", "request", "body", "6 bytes, status 200"] {
            assert!(err.contains(word), "no {word} in {err}");
        }
    }
    let file = dir.path().join("copy");
    let (code, out, _) = run(&["get", &format!("{}big", server.url), "-o", file.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(std::fs::read(&file).unwrap().len(), 3_000_000);
}

#[test]
fn a_status_is_a_failure_only_on_request() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let url = format!("{}nothing", server.url);
    assert_eq!(run(&["get", &url]).0, Some(0));
    let (code, _, err) = run(&["get", "--fail", &url]);
    assert_eq!((code, err.trim_end()), (Some(1), "error: the server answered 404"));
    let (code, _, err) = run(&["get", "-d", "x=1", "-f", &server.url]);
    assert_eq!((code, err.trim_end()), (Some(1), "error: the server answered 405"));
}

#[test]
fn certificates_are_checked_unless_told_otherwise() {
    let dir = site();
    for alpn in ["h2", "http/1.1"] {
        let server = Server::start(dir.path(), &["--tls", "self", "--alpn", alpn]);
        let (code, _, err) = run(&["get", &server.url]);
        assert_eq!(code, Some(1));
        assert!(err.contains("self-signed") && err.contains("help: -k takes any certificate"), "{err}");
        assert_eq!(
            run(&["get", "--allow-expired", &server.url]).0,
            Some(1),
            "another leniency does not help"
        );
        for flag in ["-k", "--allow-self-signed"] {
            assert_eq!(run(&["get", flag, &server.url]).1, "hello\n");
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    for (args, code, part) in [
        (&["get"][..], 2, "help: lwsws get http://127.0.0.1:7681/"),
        (&["get", "127.0.0.1"], 2, "help: try http://127.0.0.1"),
        (&["get", "-X", "BREW", "http://a/"], 2, "'BREW' is no method"),
        (&["get", "-H", "Host", "http://a/"], 2, "write -H 'Name: value'"),
        (&["get", "http://127.0.0.1:1/"], 1, "cannot connect: the connection was refused"),
        (&["ws", "ws://127.0.0.1:1/"], 1, "cannot connect: the connection was refused"),
        (&["gte", "http://a/"], 2, "did you mean lwsws get?"),
    ] {
        let (exit, out, err) = run(args);
        assert_eq!((exit, out.as_str()), (Some(code), ""), "{args:?}: {err}");
        assert!(err.contains(part), "{args:?}: {err}");
    }
    assert!(run(&["ws", "--help"]).1.contains("--subprotocol"));
}

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        ws.send(message.kind, message.data);
    }
}

fn echo() -> (Threads, String) {
    let echo = ws(|| Echo).subprotocol("lws-echo").deflate(DeflateOptions::default());
    let vhost = Vhost::new("*").upgrade("/", echo);
    let threads = Context::new().listen("127.0.0.1:0", h1(vhost)).start().unwrap();
    let url = format!("ws://{}/", threads.addresses().next().unwrap());
    (threads, url)
}

#[test]
fn lines_go_there_and_come_back() {
    let (_server, url) = echo();
    let mut lines = String::new();
    for n in 0..500 {
        lines += &format!("line {n} ü\n");
    }
    lines += "the last one has no end";
    for more in [&[][..], &["--deflate"]] {
        let mut child = lwsws()
            .args(["ws", "--subprotocol", "lws-echo", &url])
            .args(more)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{lines}\n"), "{more:?}");
    }
}

#[test]
fn a_server_without_the_socket_is_told() {
    let dir = site();
    let server = Server::start(dir.path(), &[]);
    let (code, _, err) = run(&["ws", &server.url.replace("http", "ws")]);
    assert_eq!(code, Some(1));
    assert!(err.contains("200"), "{err}");
}
