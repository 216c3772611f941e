//! HTTP/2 under h2load: `plain-c100-m100`, `tls-c10-m10`.

use lws_bench_net::cpu::{LOAD_CORE, pin, spent_ns};
use lws_bench_net::peer::{Peer, Site, certify};
use lws_bench_net::report::{Asked, per_request};
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::read()?;
    let connections = asked.number('c').ok_or("how many connections?")?;
    let streams = asked.number('m').ok_or("how many streams?")?;
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    fs::write(root.join("http2"), "nginx speaks HTTP/2 only where it is told to")?;
    let tls = asked.has("tls");
    if tls {
        certify(&root)?;
    }
    let server = Peer::start(&asked.contender, &Site { root: &root, scratch: &asked.scratch, tls })?;
    let scheme = if tls { "https" } else { "http" };
    let url = format!("{scheme}://{}/hello.txt", server.authority);
    let load = |requests: u64| -> Result<(), Box<dyn Error>> {
        let mut command = Command::new("h2load");
        command.args([
            "-t1",
            &format!("-n{requests}"),
            &format!("-c{connections}"),
            &format!("-m{streams}"),
            &url,
        ]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.map_err(|e| format!("h2load: {e}; apt-get install nghttp2-client"))?;
        pin(child.id(), LOAD_CORE);
        let text = String::from_utf8(child.wait_with_output()?.stdout)?;
        match text.contains(&format!("status codes: {requests} 2xx")) {
            true => Ok(()),
            false => Err(format!("h2load was not served: {text}").into()),
        }
    };
    let count = if asked.quick { 20_000 } else { 100_000 };
    load(10_000)?;
    let before = spent_ns(server.pid())?;
    load(count)?;
    let spent = spent_ns(server.pid())? - before;
    per_request("served", spent, count);
    Ok(())
}
