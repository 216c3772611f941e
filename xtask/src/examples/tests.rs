//! Self-tests played against a made-up server, right and wrong answers alike.

use super::selftest;
use crate::client::Ws;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

/// What a server says about itself, and to each connection in turn.
struct Fake {
    answers: Vec<&'static [u8]>,
}

const UPGRADED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

impl Fake {
    /// Plays `selftest` against a program that says it listens where the answers are given.
    fn check(&self, selftest: &str) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = self.answers.clone();
        // Not joined: after a failed step it waits for connections that never come.
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer).unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        let name = std::thread::current().name().unwrap_or_default().replace(':', "-");
        let log = std::env::temp_dir().join(format!("lws-{}-{port}-{name}.log", std::process::id()));
        let script = format!(
            "trap 'exit 4' TERM; echo listening on ws://127.0.0.1:{port}; while :; do sleep 0.05; done"
        );
        let runs = selftest::parse(selftest)?;
        let result = runs[0].check(Command::new("sh").args(["-c", &script]), &log);
        std::fs::remove_file(log).unwrap();
        result
    }
}

fn step(kind: &str, rest: &str) -> String {
    format!("[[run]]\n[[run.step]]\nkind = \"{kind}\"\n{rest}\n")
}

#[test]
fn http_answers_are_compared() {
    let plain: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello";
    let chunked: &[u8] =
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n";
    let to_the_end: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nhello";
    let check = |answer, rest: &str| Fake { answers: vec![answer] }.check(&step("http", rest));
    assert_eq!(check(plain, "header = \"content-type: text/html\"\nbody_contains = \"ell\""), Ok(()));
    assert_eq!(check(chunked, "path = \"/x\"\nstatus = 404\nbody_contains = \"hello\""), Ok(()));
    assert_eq!(check(to_the_end, "body_contains = \"hello\""), Ok(()));
    for (answer, rest, wanted) in [
        (plain, "status = 404", "status 200, not 404"),
        (plain, "header = \"content-type: text/plain\"", "no header"),
        (plain, "body_contains = \"bye\"", "lacks `bye`"),
        (&plain[..plain.len() - 9] as &[u8], "", "GET /"),
    ] {
        let error = check(answer, rest).unwrap_err();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn ws_messages_are_compared() {
    let answer = |frames: &[u8]| -> &'static [u8] { Vec::leak([UPGRADED.as_bytes(), frames].concat()) };
    let check = |frames: &[u8]| {
        let selftest = step("ws", "send = \"hello\"\nexpect = [\"hello\", \"bye\"]");
        Fake { answers: vec![answer(frames)] }.check(&selftest)
    };
    let close = [0x88, 2, 3, 0xe8];
    // A message in two frames with a ping between them, then one more.
    assert_eq!(check(&[b"\x01\x02he\x89\x00\x80\x03llo\x81\x03bye" as &[u8], &close].concat()), Ok(()));
    for (frames, wanted) in [
        ([b"\x81\x05hello\x81\x02by" as &[u8], &close].concat(), "expected `bye`, got `by`"),
        (b"\x81\x05hello\x81\x03bye\x88\x02\x03\xea".to_vec(), "answered 1002, not 1000"),
        (b"\x81\x05hello".to_vec(), "waiting for `bye`"),
    ] {
        let error = check(&frames).unwrap_err();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_refused_upgrade_is_an_error() {
    let refused: &[u8] = b"HTTP/1.1 403 No\r\n\r\n";
    let error = Fake { answers: vec![refused] }.check(&step("ws", "")).unwrap_err();
    assert!(error.contains("not upgraded: 403"), "{error}");
}

#[test]
fn frames_of_every_length_are_masked() {
    for len in [0, 125, 126, 0xffff, 0x1_0000] {
        let mut pipe = Pipe { input: std::io::Cursor::new(UPGRADED.as_bytes()), output: Vec::new() };
        Ws::upgrade(&mut pipe, "h", "/", "").unwrap().send(&"x".repeat(len)).unwrap();
        let written = pipe.output;
        let start = written.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let header = match len {
            0..=125 => vec![0x81, 0x80 | len as u8],
            126..=0xffff => [&[0x81, 0xfe], &(len as u16).to_be_bytes()[..]].concat(),
            _ => [&[0x81, 0xff], &(len as u64).to_be_bytes()[..]].concat(),
        };
        assert!(written[start..].starts_with(&header), "{len}");
        assert_eq!(written.len(), start + header.len() + 4 + len);
        assert!(!written[start + header.len() + 4..].contains(&b'x'), "masked");
    }
}

/// Reads from one place, writes to another.
struct Pipe {
    input: std::io::Cursor<&'static [u8]>,
    output: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.input.read(into)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_and_exit_are_waited_for() {
    let check = |selftest: &str| Fake { answers: Vec::new() }.check(selftest);
    assert_eq!(check(&step("output", "contains = \"listening\"")), Ok(()));
    assert_eq!(check(&step("exit", "signal = \"TERM\"\ncode = 4")), Ok(()));
    assert!(check(&step("exit", "signal = \"TERM\"")).unwrap_err().contains("code 4, not 0"));
    assert!(check(&step("exit", "signal = \"KILL\"")).unwrap_err().contains("a signal ended it"));
}

#[test]
fn a_selftest_that_tests_nothing_is_refused() {
    for (text, wanted) in [
        ("", "nothing would be tested"),
        ("[[run]]\nargs = []", "nothing would be tested"),
        ("[[run]]\nargs = \"x\"\n[[run.step]]\nkind = \"htp\"", "http, ws, command, output or exit"),
        (&step("http", "stauts = 200"), "nothing is called `stauts`"),
        (&step("http", "status = \"200\""), "a number is wanted"),
        ("[[run]]\nexpect_url = 3\n[[run.step]]\nkind = \"exit\"", "expect_url: true, false"),
    ] {
        let error = selftest::parse(text).unwrap_err();
        assert!(error.contains(wanted), "{text}: {error}");
    }
}

#[test]
fn a_run_may_need_a_server() {
    let text = "[[run]]\nserver = \"a/b\"\nserver_args = [\"--port\", \"0\"]\nargs = [\"{port}\"]\nexpect_url = false\n\
                [[run.step]]\nkind = \"exit\"\n";
    let runs = super::selftest::parse(text).unwrap();
    assert_eq!((runs[0].server.as_str(), runs[0].server_args.len()), ("a/b", 2));
    let without = "[[run]]\n[[run.step]]\nkind = \"exit\"\n";
    assert_eq!(super::selftest::parse(without).unwrap()[0].server, "");
}
