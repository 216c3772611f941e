//! HTTP/1 under wrk: `hello-c100`, `hello-c100-p16` (pipelined), `file-k100-c10` (a file of 100 KB), each also with `tls`.
//! `crowd-c100-p16`: the same under our own load generator, which always has so many requests under way;
//! `open-c100-r20000`: so many requests a second, whether answers come or not, with latencies.

use lws_bench_net::answer::Answer;
use lws_bench_net::cpu::{LOAD_CORE, spawn_on};
use lws_bench_net::crowd::{Crowd, greet, open};
use lws_bench_net::peer::{Missing, Peer, Site, certify};
use lws_bench_net::rate;
use lws_bench_net::report::{self, Asked, Report};
use lws_bench_net::ring::Ring;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

fn main() -> Result<(), Box<dyn Error>> {
    report::main(run)
}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    let connections = asked.number('c').ok_or("how many connections?")?;
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    let tls = asked.has("tls");
    if tls {
        certify(&root)?;
    }
    let site = Site::new(&root, &asked.scratch).tls(tls);
    let (site, path) = match asked.number('k') {
        Some(kib) => {
            let bytes = usize::try_from(kib)? * 1024;
            fs::write(root.join("file.txt"), vec![b'x'; bytes])?;
            let path = if asked.contender == "libwebsockets" { "/files/file.txt" } else { "/file.txt" };
            // The floor answers every request alike.
            (site.with(["--size".to_owned(), bytes.to_string()]), path)
        }
        // Ours answers from memory, as most others do; who only has files serves the smallest.
        None if asked.ours() => (site, "/hello"),
        None => (site, "/"),
    };
    let server = Peer::start(&asked.contender, &site)?;
    let body = usize::try_from(asked.number('k').map_or(13, |kib| kib * 1024))?;
    if asked.has("open") {
        return rate::run(asked, &server, crowd(&server, path, connections, body)?, "served");
    }
    // wrk opens its connections anew in each run, which a count of system calls would see; the crowd has no TLS.
    if asked.calls && tls {
        return Ok(Report::new("served"));
    }
    if asked.has("crowd") || asked.calls {
        return kept_busy(asked, &server, crowd(&server, path, connections, body)?, body);
    }
    let scheme = if tls { "https" } else { "http" };
    let url = format!("{scheme}://{}{path}", server.authority);
    let script = asked.scratch.join("pipeline.lua");
    let depth = asked.number('p').unwrap_or(1);
    fs::write(
        &script,
        format!(
            "init = function(args)\n  local all = {{}}\n  for i = 1, {depth} do all[i] = wrk.format() end\n  \
         whole = table.concat(all)\nend\nrequest = function() return whole end\n"
        ),
    )?;
    let wrk = |seconds: u64| -> Result<u64, Box<dyn Error>> {
        let mut command = Command::new("wrk");
        command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s")]);
        if depth > 1 {
            command.arg("-s").arg(&script);
        }
        let child =
            spawn_on(Some(LOAD_CORE), command.arg(&url).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let child = child.map_err(|e| Missing(format!("wrk: {e}; apt-get install wrk")))?;
        let text = String::from_utf8(child.wait_with_output()?.stdout)?;
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("wrk was not served: {text}").into());
        }
        let count = text.lines().find_map(|l| l.trim().split_once(" requests in ")?.0.parse().ok());
        count.ok_or_else(|| format!("wrk counted nothing: {text}").into())
    };
    wrk(1)?;
    // wrk is told seconds, not requests.
    let seconds = if asked.quick { 1 } else { 2 };
    asked.measure(&server, "served", seconds, |_| wrk(seconds))
}

/// So many connections, each used once. Answers are told apart by their length, which the first one shows.
fn crowd(server: &Peer, path: &str, connections: u64, body: usize) -> Result<Crowd, Box<dyn Error>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority);
    let mut streams = Vec::new();
    let mut length = 0;
    for number in 0..usize::try_from(connections)? {
        let mut stream = open(&server.authority, number)?;
        let head = greet(&mut stream, request.as_bytes(), "HTTP/1.1 200")?;
        stream.read_exact(&mut vec![0; body])?;
        length = head.len() + body;
        streams.push(stream);
    }
    let mut crowd = Crowd::new(request.as_bytes(), Answer::Fixed(Ring::new(&vec![0; length])))?;
    // The date changes.
    crowd.trust();
    streams.into_iter().try_for_each(|stream| crowd.add(stream))?;
    Ok(crowd)
}

/// Requests under way on each connection: `p`.
fn kept_busy(asked: &Asked, server: &Peer, mut crowd: Crowd, body: usize) -> Result<Report, Box<dyn Error>> {
    let depth = usize::try_from(asked.number('p').unwrap_or(1))?;
    (0..crowd.len()).try_for_each(|which| crowd.ask(which, depth))?;
    let requests = if asked.quick { 50_000 } else { 400_000 } / (1 + body as u64 / 4096);
    crowd.run(requests / 10)?;
    asked.measure(server, "served", requests, |requests| crowd.run(requests))
}
