//! Connections that are made and ended.
//!
//! | argument | what is counted |
//! |---|---|
//! | `churn` | a connection, one request, the end: ten side by side |
//! | `full`, `resumed` | the same with TLS 1.3, one at a time: P-256 and X25519 |
//! | `start` | from the start of a server to its first answer |

use lws_bench_net::crowd::open;
use lws_bench_net::peer::{Peer, Site, certify};
use lws_bench_net::report::{self, Asked, Report, spent_ns};
use lws_bench_net::tls;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};

/// Requests under way at once in `churn`.
const SIDE_BY_SIDE: usize = 10;
/// Connections come from so many places in turn: those that have ended keep their ports for a minute.
const PLACES: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    report::main(run)
}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    certify(&root)?;
    let path = if asked.ours() { "/hello" } else { "/" };
    let site = Site::new(&root, &asked.scratch);
    let (kind, quick) = (asked.argument.as_str(), asked.quick);
    if kind == "start" {
        return start(asked, &site, path);
    }
    let secure = kind != "churn";
    let server = Peer::start(&asked.contender, &site.tls(secure))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if !secure {
        let load = |requests| churn(&server, &request, requests);
        load(500)?;
        return asked.measure(&server, "served", if quick { 2_000 } else { 20_000 }, load);
    }
    let resume = kind == "resumed";
    let config = tls::config(&root, b"http/1.1", resume)?;
    let mut number = 0;
    let mut load = |requests: u64| -> Result<u64, Box<dyn Error>> {
        for _ in 0..requests {
            number += 1;
            let mut stream = tls::wrap(&config, open(&server.authority, number * 37 % PLACES)?)?;
            stream.write_all(request.as_bytes())?;
            answered(&mut stream)?;
            let resumed = stream.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
            if resume && number > 2 && !resumed {
                return Err("the server does not resume".into());
            }
        }
        Ok(requests)
    };
    load(20)?;
    asked.measure(&server, "served", if quick { 200 } else { 1_000 }, load)
}

fn churn(server: &Peer, request: &str, requests: u64) -> Result<u64, Box<dyn Error>> {
    let mut count = 0;
    while count < requests {
        let place = usize::try_from(count)? * 37 % PLACES;
        let mut streams = Vec::new();
        for _ in 0..SIDE_BY_SIDE {
            streams.push(open(&server.authority, place)?);
        }
        for stream in &mut streams {
            stream.write_all(request.as_bytes())?;
        }
        for stream in &mut streams {
            answered(stream)?;
        }
        count += SIDE_BY_SIDE as u64;
    }
    Ok(count)
}

/// Reads one answer.
fn answered(stream: &mut impl Read) -> Result<(), Box<dyn Error>> {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while !text.ends_with(b"Hello, World!") {
        match stream.read(&mut buffer)? {
            0 => return Err(format!("no answer: {}", String::from_utf8_lossy(&text)).into()),
            read => text.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(())
}

/// CPU time of whole servers, each asked once.
fn start(asked: &Asked, site: &Site<'_>, path: &str) -> Result<Report, Box<dyn Error>> {
    let times = if asked.quick { 3 } else { 20 };
    let mut spent = 0;
    for _ in 0..times {
        let server = Peer::start(&asked.contender, site)?;
        let mut stream = open(&server.authority, 0)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        answered(&mut stream)?;
        spent += spent_ns(server.pid())?;
    }
    Ok(Report::new("served").per_request(spent, times))
}
