//! Clients of HTTP/2: h2load against the TLS example; curl, nghttp and Python against the server of `ci/conform/h2`.

use super::h2load::LOADS;
use super::{Outcome, Tally, python};
use crate::conform::{folder, h2};
use crate::server::{Server, Url};
use crate::{examples, sh};
use std::path::PathBuf;
use std::process::Command;

const TLS_EXAMPLE: &str = "minimal-examples/http-server/minimal-http-server-tls";
/// What is posted: 50 MB.
const BIG: u64 = 50 << 20;

pub(super) fn run(tally: &mut Tally) -> Result<(), String> {
    loads(tally)?;
    let program = h2::server()?;
    for tls in [false, true] {
        let (name, scheme) = if tls { ("tls", "https://") } else { ("plain", "http://") };
        let mut command = Command::new(&program);
        command.args(["--port", "0"]).args(tls.then_some("--tls"));
        let mut server = Server::start(&mut command, &folder()?.join(format!("peers-h2-{name}.log")))?;
        let url = server.url(scheme)?;
        tally.check(&format!("curl-{name}"), || have("curl", "curl", || curl(&url)));
        tally.check(&format!("nghttp-{name}"), || have("nghttp", "nghttp2-client", || nghttp(&url)));
        tally.check(&format!("python-{name}"), || httpx(&url));
    }
    Ok(())
}

/// The h2load runs, against a release build.
fn loads(tally: &mut Tally) -> Result<(), String> {
    let dir = sh::root().join(TLS_EXAMPLE);
    let program = examples::build(&dir, "release", &[])?;
    let mut command = Command::new(program);
    command.args(["--port", "0"]).current_dir(&dir);
    let mut server = Server::start(&mut command, &folder()?.join("peers-h2load.log"))?;
    let url = server.url("https://")?;
    for load in LOADS {
        tally.check(&load.name(), || have("h2load", "nghttp2-client", || load.run(&url)));
    }
    Ok(())
}

/// Runs a check if its program is there.
fn have(program: &str, package: &str, check: impl FnOnce() -> Result<(), String>) -> Result<Outcome, String> {
    if sh::have(program) {
        return check().map(|()| Outcome::Passed);
    }
    Ok(Outcome::Skipped(format!("skipped: no {program}; apt-get install {package}")))
}

fn address(url: &Url, path: &str) -> String {
    format!("{}://{}{path}", if url.tls { "https" } else { "http" }, url.authority)
}

/// A file of [`BIG`] bytes.
fn big_file() -> Result<PathBuf, String> {
    let path = folder()?.join("big");
    let file = std::fs::File::create(&path).and_then(|file| file.set_len(BIG));
    file.map(|()| path).map_err(|e| format!("big: {e}"))
}

/// Runs a program; every one of `wanted` must stand in what it writes.
fn must_say(command: &mut Command, wanted: &[&str]) -> Result<String, String> {
    let text = sh::output(command)?;
    match wanted.iter().find(|w| !text.contains(**w)) {
        Some(missing) => Err(format!("no `{missing}` in: {text:.600}")),
        None => Ok(text),
    }
}

/// 100 requests at once must bring 100 times this.
fn must_count(text: &str, answer: &str) -> Result<(), String> {
    match text.matches(answer).count() {
        100 => Ok(()),
        n => Err(format!("{n} of 100 parallel requests were answered")),
    }
}

fn curl(url: &Url) -> Result<(), String> {
    let version = if url.tls { "--http2" } else { "--http2-prior-knowledge" };
    let options = ["-sSk", version, "-w", "[%{http_version} %{response_code}]"];
    let curl = |path: &str, more: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(options).args(more).arg(address(url, path));
        curl
    };
    must_say(&mut curl("/", &[]), &["A page of some length.", "[2 200]"])?;
    must_say(&mut curl("/nowhere", &[]), &["[2 404]"])?;
    let file = format!("@{}", big_file()?.display());
    let counted = format!("{BIG}\n");
    must_say(&mut curl("/count", &["--data-binary", &file]), &[&counted, "[2 200]"])?;
    // Of unknown length, as from a pipe.
    must_say(&mut curl("/count", &["-H", "content-length:", "--data-binary", &file]), &[&counted])?;
    if !url.tls {
        // curl 7.88 fails here with any server (nghttpd, too): it waits for an ALPN that never comes.
        return Ok(());
    }
    let many = (0..100).map(|n| address(url, &format!("/?{n}")));
    let mut parallel = Command::new("curl");
    parallel.args(options).args(["-Z", "--parallel-max", "100"]).args(many);
    must_count(&sh::output(&mut parallel)?, "[2 200]")
}

fn nghttp(url: &Url) -> Result<(), String> {
    let nghttp = |path: &str, more: &[&str]| {
        let mut nghttp = Command::new("nghttp");
        nghttp.arg("-v").args(more).arg(address(url, path));
        nghttp
    };
    must_say(&mut nghttp("/", &[]), &[":status: 200", "A page of some length."])?;
    let file = big_file()?;
    let file = file.to_string_lossy();
    must_say(&mut nghttp("/count", &["-d", &file]), &[":status: 200", &BIG.to_string()])?;
    // There and back: once as what it sends, once as what it gets.
    let trailer = ["-d", "/etc/hostname", "--trailer", "x-check: a1b2"];
    let text = must_say(&mut nghttp("/count", &trailer), &[":status: 200"])?;
    if text.matches("x-check: a1b2").count() < 2 {
        return Err(format!("the trailer did not come back: {text:.2000}"));
    }
    must_count(&must_say(&mut nghttp("/", &["-m", "100"]), &[])?, ":status: 200")
}

fn httpx(url: &Url) -> Result<Outcome, String> {
    let interpreter = match python::interpreter() {
        Ok(interpreter) => interpreter,
        Err(why) => {
            let reason = why.lines().next().unwrap_or_default();
            return Ok(Outcome::Skipped(format!("skipped: no Python environment: {reason}")));
        }
    };
    let mut command = Command::new(interpreter);
    command.arg(sh::root().join("ci/interop/h2_client.py")).arg(address(url, ""));
    let outcome = sh::logged(if url.tls { "interop-h2-tls" } else { "interop-h2-plain" }, &mut command)?;
    let text = sh::text(&outcome.log);
    if outcome.ok && text.contains(" passed, 0 failed") { Ok(Outcome::Passed) } else { Err(text) }
}
