//! HTTP/1 under wrk: `hello-c100`, `hello-c100-p16` (pipelined), `file-k100-c10` (a file of 100 KB).

use lws_bench_net::cpu::{LOAD_CORE, pin, spent_ns};
use lws_bench_net::peer::{Peer, Site};
use lws_bench_net::report::{Asked, per_request};
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::read()?;
    let connections = asked.number('c').ok_or("how many connections?")?;
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    let path = match asked.number('k') {
        Some(kib) => {
            fs::write(root.join("file.txt"), vec![b'x'; usize::try_from(kib)? * 1024])?;
            "/file.txt"
        }
        // Ours and nginx answer from memory; who only has files serves the smallest.
        None if asked.contender == "lws" => "/hello",
        None => "/",
    };
    let server = Peer::start(&asked.contender, &Site { root: &root, scratch: &asked.scratch, tls: false })?;
    let url = format!("http://{}{path}", server.authority);
    let script = asked.scratch.join("pipeline.lua");
    let depth = asked.number('p').unwrap_or(1);
    fs::write(
        &script,
        format!(
            "init = function(args)\n  local all = {{}}\n  for i = 1, {depth} do all[i] = wrk.format() end\n  \
         whole = table.concat(all)\nend\nrequest = function() return whole end\n"
        ),
    )?;
    let wrk = |seconds: u32| -> Result<u64, Box<dyn Error>> {
        let mut command = Command::new("wrk");
        command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s")]);
        if depth > 1 {
            command.arg("-s").arg(&script);
        }
        let child = command.arg(&url).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.map_err(|e| format!("wrk: {e}; apt-get install wrk"))?;
        pin(child.id(), LOAD_CORE);
        let text = String::from_utf8(child.wait_with_output()?.stdout)?;
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(format!("wrk was not served: {text}").into());
        }
        let count = text.lines().find_map(|l| l.trim().split_once(" requests in ")?.0.parse().ok());
        count.ok_or_else(|| format!("wrk counted nothing: {text}").into())
    };
    wrk(1)?;
    let before = spent_ns(server.pid())?;
    let count = wrk(if asked.quick { 1 } else { 3 })?;
    let spent = spent_ns(server.pid())? - before;
    per_request("served", spent, count);
    Ok(())
}
