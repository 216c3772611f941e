//! WebSocket servers under load. Numbers: `b` bytes of a message, `c` connections, `d` messages under way on each (1).
//!
//! | argument | what | load |
//! |---|---|---|
//! | `echo-b20-c100-d16` | plain | the crowd |
//! | `wss-b20-c100-d16` | over TLS | our client |
//! | `deflate-b125-c100` | with permessage-deflate, as a browser offers it | our client |
//! | `all-b125-c1000-w8` | what one sends goes to all; `w` messages under way; the cost is per delivery | the crowd |
//! | `open-b20-c100-r20000` | `r` messages a second, whether answers come or not; with latencies | the crowd |
//! | `b64-c64` | the carriers: TLS with HTTP/1, with HTTP/2 for each socket, one HTTP/2 for all, and `plain` | our client |

mod broadcast;
mod pump;

use lws_bench_net::answer::Answer;
use lws_bench_net::crowd::{Crowd, greet, open};
use lws_bench_net::peer::{Peer, Site, certify};
use lws_bench_net::report::{Asked, Report};
use lws_bench_net::ring::Ring;
use lws_bench_net::{rate, wsframe};
use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    lws_bench_net::report::main(run)
}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    let size = usize::try_from(asked.number('b').ok_or("how many bytes?")?)?;
    let site = Site::new(&root, &asked.scratch).with(["--size".to_owned(), size.to_string()]);
    match asked.argument.split('-').next().unwrap_or_default() {
        "echo" => echo(asked, &Peer::start(&asked.contender, &site.with(["--mode", "ws"]))?, size),
        "open" => {
            let server = Peer::start(&asked.contender, &site.with(["--mode", "ws"]))?;
            rate::run(asked, &server, crowd(asked, &server, size)?, "echoed")
        }
        "all" => {
            let site = site.with(["--mode", "ws", "--all"]);
            broadcast::run(asked, &Peer::start(&asked.contender, &site)?, size)
        }
        "wss" => {
            certify(&root)?;
            let site = site.with(["--mode", "wss"]).tls(true);
            let server = Peer::start(&asked.contender, &site)?;
            pump::run(asked, &server, &root, pump::Carrier::Tls, size)
        }
        "deflate" => {
            let server = Peer::start(&asked.contender, &site.with(["--deflate"]))?;
            pump::run(asked, &server, &root, pump::Carrier::Deflate, size)
        }
        _ => {
            certify(&root)?;
            let carrier = pump::Carrier::of(&asked.contender)?;
            let site = site.tls(carrier != pump::Carrier::Plain);
            pump::run(asked, &Peer::start("lws", &site)?, &root, carrier, size)
        }
    }
}

/// So many open sockets: `c`.
fn crowd(asked: &Asked, server: &Peer, size: usize) -> Result<Crowd, Box<dyn Error>> {
    let sockets = asked.number('c').ok_or("how many sockets?")?;
    let payload = wsframe::payload(size);
    let answer = Answer::Message(Ring::new(&payload));
    let mut crowd = Crowd::new(&wsframe::from_client(&payload), answer)?;
    let request = wsframe::request(&server.authority, "/echo", "");
    for number in 0..usize::try_from(sockets)? {
        let mut stream = open(&server.authority, number)?;
        let head = greet(&mut stream, request.as_bytes(), "HTTP/1.1 101")?;
        if !wsframe::grants(&head) {
            return Err(format!("not granted: {head}").into());
        }
        crowd.add(stream)?;
    }
    Ok(crowd)
}

/// Messages of a run, so that it takes about a second or two.
fn messages(asked: &Asked, size: usize, depth: u64) -> u64 {
    let all = if depth > 1 { 1_600_000 } else { 400_000 };
    (if asked.quick { all / 8 } else { all }) / (1 + size as u64 / 2048)
}

fn echo(asked: &Asked, server: &Peer, size: usize) -> Result<Report, Box<dyn Error>> {
    let depth = asked.number('d').unwrap_or(1);
    let mut crowd = crowd(asked, server, size)?;
    for which in 0..crowd.len() {
        crowd.ask(which, usize::try_from(depth)?)?;
    }
    let messages = messages(asked, size, depth);
    crowd.run(messages / 10)?;
    crowd.trust();
    asked.measure(server, "echoed", messages, |messages| crowd.run(messages))
}
