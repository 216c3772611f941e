//! HTTP/2 under h2load: `plain-c100-m100`, `tls-c10-m10`; `hello`: from memory where a server can, and not a file.

use lws_bench_net::cpu::{LOAD_CORE, spawn_on};
use lws_bench_net::peer::{Missing, Peer, Site, certify};
use lws_bench_net::report::{self, Asked, Report};
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

fn main() -> Result<(), Box<dyn Error>> {
    report::main(run)
}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    let connections = asked.number('c').ok_or("how many connections?")?;
    let streams = asked.number('m').ok_or("how many streams?")?;
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    fs::write(root.join("http2"), "nginx and haproxy speak HTTP/2 only where they are told to")?;
    let tls = asked.has("tls");
    if tls {
        certify(&root)?;
    }
    let site = Site::new(&root, &asked.scratch).tls(tls).with(["--mode", "h2"]);
    let server = Peer::start(&asked.contender, &site)?;
    let scheme = if tls { "https" } else { "http" };
    let path = if asked.has("hello") && asked.ours() { "hello" } else { "hello.txt" };
    let url = format!("{scheme}://{}/{path}", server.authority);
    let load = |requests: u64| -> Result<u64, Box<dyn Error>> {
        let mut command = Command::new("h2load");
        command.args([
            "-t1",
            &format!("-n{requests}"),
            &format!("-c{connections}"),
            &format!("-m{streams}"),
            &url,
        ]);
        let child = spawn_on(Some(LOAD_CORE), command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let child = child.map_err(|e| Missing(format!("h2load: {e}; apt-get install nghttp2-client")))?;
        let text = String::from_utf8(child.wait_with_output()?.stdout)?;
        match text.contains(&format!("status codes: {requests} 2xx")) {
            true => Ok(requests),
            false => Err(format!("h2load was not served: {text}").into()),
        }
    };
    let count = if asked.quick { 20_000 } else { 100_000 };
    // Alone on a connection a request takes longer.
    let count = if streams == 1 { count / 2 } else { count };
    load(10_000)?;
    // Under strace as many: h2load opens its connections anew, which few requests would have to bear.
    let count = if asked.calls { count * 10 } else { count };
    asked.measure(&server, "served", count, load)
}
