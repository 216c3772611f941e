//! The servers against OpenSSL's command-line client, over a socket: what no library does when asked nicely.
//!
//! Skipped, with a word, where there is no `openssl` program.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backends::tls::{Side, backends};
use backends::tls_certs::leaf;
use lws_tls::{Acceptor, Phase};

/// What came of one connection.
struct Outcome {
    /// What the server read.
    seen: String,
    phase: Phase,
    /// What the program wrote, to stdout and stderr.
    told: String,
    success: bool,
}

/// Serves one connection, for `openssl s_client` with `args`, which gets `input` piece by piece.
fn serve(acceptor: &Arc<dyn Acceptor>, args: &[&str], input: &[&str]) -> Option<Outcome> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut program = Command::new("openssl");
    program.args(["s_client", "-connect", &address, "-servername", "localhost"]).args(args);
    let program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut program = match program {
        Ok(program) => program,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            println!("skipped: there is no program called openssl");
            return None;
        }
        Err(e) => panic!("{e}"),
    };
    let acceptor = acceptor.clone();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(1_500))).unwrap();
        let mut side = Side::new(acceptor.accept().unwrap());
        let mut buf = [0; 16_384];
        loop {
            match stream.read(&mut buf) {
                Ok(0) | Err(_) => return side,
                Ok(n) => {
                    let answer = side.feed(&buf[..n], usize::MAX);
                    if stream.write_all(&answer).is_err() || side.error.is_some() {
                        return side;
                    }
                }
            }
        }
    });
    let mut stdin = program.stdin.take().unwrap();
    for piece in input {
        // The program reads commands line by line, one per read.
        std::thread::sleep(Duration::from_millis(300));
        let _ = stdin.write_all(piece.as_bytes());
    }
    let side = server.join().unwrap();
    drop(stdin);
    let begin = Instant::now();
    while program.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(10) {
            program.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = program.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let seen = String::from_utf8_lossy(&side.seen).into_owned();
    Some(Outcome { seen, phase: side.tls.phase(), told, success: output.status.success() })
}

#[test]
fn tls_01_no_renegotiation() {
    let own = leaf(&["localhost"]).self_signed();
    for backend in backends() {
        let acceptor = backend.acceptor(&own, &[]);
        let Some(outcome) = serve(&acceptor, &["-tls1_2"], &["first\n", "R\n", "second\n"]) else { return };
        assert!(outcome.seen.starts_with("first\n"), "{backend:?}: the harness talks: {}", outcome.told);
        assert!(outcome.told.contains("RENEGOTIATING"), "{backend:?}: {}", outcome.told);
        assert!(
            !outcome.success && outcome.told.contains("no renegotiation"),
            "{backend:?}: {}",
            outcome.told
        );
        assert!(!outcome.seen.contains("second"), "{backend:?}");
    }
}

#[test]
fn tls_01_old_versions_are_refused_with_an_alert() {
    let own = leaf(&["localhost"]).self_signed();
    for backend in backends() {
        let acceptor = backend.acceptor(&own, &[]);
        for version in ["-tls1", "-tls1_1"] {
            let Some(outcome) = serve(&acceptor, &[version, "-cipher", "ALL:@SECLEVEL=0"], &[]) else {
                return;
            };
            assert!(
                !outcome.success && outcome.phase == Phase::Failed,
                "{backend:?} {version}: {}",
                outcome.told
            );
            let refused = ["alert protocol version", "alert handshake failure"];
            assert!(
                refused.iter().any(|word| outcome.told.contains(word)),
                "{backend:?} {version}: {}",
                outcome.told
            );
        }
    }
}
