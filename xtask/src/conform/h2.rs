//! Our own HTTP/2 suite, `ci/conform/h2`: against our server, plain and over TLS, or against any peer.
//!
//! The suite and the server under test are packages of their own, so that nothing of the one gets into the other. A
//! run is good where every case is, the server answers afterwards, and its log has no panic.

use super::folder;
use crate::server::Server;
use crate::sh;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const SUITE: &str = "ci/conform/h2";
const SERVER: &str = "ci/conform/h2/server";

pub(super) fn run(args: &[String]) -> Result<(), String> {
    let suite = build(SUITE, "conform-h2")?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    if has("--url") || has("--get") {
        let mode = if has("--url") { "server" } else { "client" };
        return told(Command::new(&suite).arg(mode).args(args));
    }
    if has("--list") {
        return told(Command::new(&suite).arg("list").args(args.iter().filter(|a| *a != "--list")));
    }
    let server = server()?;
    let outcomes = [against_ours(&suite, &server, false, args), against_ours(&suite, &server, true, args)];
    outcomes.into_iter().collect()
}

/// Builds the server that `/`, `/count`, `/large` and `/echo` are asked of; where it is.
pub(crate) fn server() -> Result<PathBuf, String> {
    build(SERVER, "lws-conform-h2-server")
}

/// One run against a server of ours.
fn against_ours(suite: &Path, server: &Path, tls: bool, args: &[String]) -> Result<(), String> {
    let (name, scheme) = if tls { ("tls", "https://") } else { ("plain", "http://") };
    let log = folder()?.join(format!("h2-{name}.log"));
    let mut command = Command::new(server);
    command.args(["--port", "0"]).args(tls.then_some("--tls"));
    let mut server = Server::start(&mut command, &log)?;
    let url = format!("{scheme}{}/", server.url(scheme)?.authority);
    let ask = |options: &[&str]| {
        let mut ask = Command::new(suite);
        ask.args(["server", "--url", &url, "--large", "/large", "--websocket", "/echo"]).args(options);
        ask
    };
    let start = Instant::now();
    println!("{name}:");
    let outcome = told(ask(&[]).args(args));
    sh::line(if outcome.is_ok() { "PASS" } else { "FAIL" }, name, start.elapsed(), "");
    sh::output(&mut ask(&["--only", "usual/1"]))
        .map_err(|e| format!("h2, {name}: the server did not survive: {e}"))?;
    if sh::text(&log).contains("panicked") {
        return Err(format!("h2, {name}: the server panicked, see {}", log.display()));
    }
    outcome
}

/// Builds a package outside the workspace; where its program is.
fn build(package: &str, program: &str) -> Result<PathBuf, String> {
    let (dir, target) = (sh::root().join(package), sh::target_dir().join("conform-h2"));
    sh::lend_lock(&dir)?;
    let mut cargo = sh::cargo();
    cargo.args(["build", "--manifest-path"]).arg(dir.join("Cargo.toml")).arg("--target-dir").arg(&target);
    sh::must(&format!("{program}-build"), &mut cargo)?;
    Ok(target.join("debug").join(program))
}

/// Runs the suite in the open: its report goes to the reader.
fn told(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("cannot start the suite: {e}"))?;
    if status.success() { Ok(()) } else { Err("h2: some cases failed".to_owned()) }
}
