//! Our own HTTP/2 suite, `ci/conform/h2`: against our server and our client, plain and over TLS, or against any peer.
//!
//! The suite, the server and the client under test are packages of their own, so that nothing of the one gets into the
//! other. A run is good where every case is, the server answers afterwards, and its log has no panic.

use super::folder;
use crate::server::Server;
use crate::sh;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const SUITE: &str = "ci/conform/h2";
const SERVER: &str = "ci/conform/h2/server";
/// Programs on our client: this suite's, and Autobahn's way to HTTP/2.
pub(super) const CLIENTS: &str = "ci/conform/h2bridge";

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
    let client = build(CLIENTS, "h2get")?;
    let outcomes = [
        against_ours(&suite, &server, false, args),
        against_ours(&suite, &server, true, args),
        against_our_client(&suite, &client, false, args),
        against_our_client(&suite, &client, true, args),
    ];
    outcomes.into_iter().collect()
}

/// One run against a client of ours.
fn against_our_client(suite: &Path, client: &Path, tls: bool, args: &[String]) -> Result<(), String> {
    let name = if tls { "client, tls" } else { "client, plain" };
    let get = format!("{} {{url}}{}", client.display(), if tls { " --insecure" } else { "" });
    let mut ask = Command::new(suite);
    ask.args(["client", "--get", &get, "--post", &format!("{get} --post {{file}}")]);
    ask.args(tls.then_some("--tls")).args(args);
    let start = Instant::now();
    println!("{name}:");
    let outcome = told(&mut ask);
    sh::line(if outcome.is_ok() { "PASS" } else { "FAIL" }, name, start.elapsed(), "");
    outcome
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
pub(crate) fn build(package: &str, program: &str) -> Result<PathBuf, String> {
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
