//! `cargo xtask examples [name...]`: builds every `minimal-examples/<group>/<name>` alone and runs its self-test.
//!
//! An example is a package of its own, outside the workspace, as its reader would copy it. It borrows the workspace's
//! `Cargo.lock` for the build, and all examples share one target folder. The program has the folder's name.
//!
//! `selftest.toml` says how to see that it works:
//!
//! ```toml
//! [[run]]                           # one start of the program, in its own folder
//! args = ["--port", "0"]            # default: none
//! server = "http-server/minimal-http-server"   # another example, which is started before and killed behind;
//! server_args = ["--port", "0"]     # then {port} in `args` is the port it listens on. Default: none
//! expect_url = true                 # default: wait for the line that says where it listens. A string such as
//!                                   # "wss://" waits for a line with that scheme; false waits for nothing.
//!
//! [[run.step]]                      # in this order
//! kind = "http"                     # one request on a connection of its own; https where the URL says so
//! path = "/"                        # default: the URL's
//! method = "GET"                    # the default
//! send_header = ["Range: bytes=0-3"]
//! body = ""
//! status = 200                      # the default
//! header = ["content-type: text/html"]   # each must be there with that value
//! body_contains = "hello"
//!
//! [[run.step]]
//! kind = "ws"                       # opens, sends, expects, closes with 1000 and expects 1000 back
//! path = "/"                        # default: the URL's
//! protocol = "lws-minimal"          # subprotocol; default: none
//! clients = 1                       # how many connect; the last one sends, every one expects
//! send = ["hello"]
//! expect = ["hello"]                # exactly these messages, in order
//!
//! [[run.step]]
//! kind = "command"                  # runs another program, which must succeed
//! args = ["curl", "-sk", "{url}"]   # {url} is where the example listens
//! contains = ["hello"]              # what it must write to stdout
//!
//! [[run.step]]
//! kind = "output"                   # waits until stdout or stderr has the text
//! contains = "bye"
//!
//! [[run.step]]
//! kind = "exit"                     # sends the signal, waits for the end. Without this step the program is killed.
//! signal = "TERM"                   # default: none, it ends by itself
//! code = 0                          # the default
//! ```

mod selftest;
#[cfg(test)]
mod tests;

use crate::server::Server;
use crate::{files, sh};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let groups = files::folders(&root.join("minimal-examples"));
    let all = groups.iter().flat_map(|g| files::folders(g)).filter(|dir| dir.join("Cargo.toml").exists());
    let wanted: Vec<PathBuf> = all.filter(|dir| args.is_empty() || args.contains(&name(dir))).collect();
    if wanted.is_empty() {
        return Err("no such example under minimal-examples".to_owned());
    }
    let mut failed = 0;
    for dir in &wanted {
        let start = Instant::now();
        match check(dir, &[], &[], None) {
            Ok(steps) => sh::line("PASS", &name(dir), start.elapsed(), &format!("{steps} steps")),
            Err(why) => {
                failed += 1;
                sh::line("FAIL", &name(dir), start.elapsed(), &why);
            }
        }
    }
    println!("{} passed, {failed} failed, 0 skipped", wanted.len() - failed);
    if failed == 0 { Ok(()) } else { Err(format!("{failed} examples failed")) }
}

/// Builds an example outside the workspace; answers its program. `options` go to `cargo build`.
pub(crate) fn build(dir: &Path, profile: &str, options: &[&str]) -> Result<PathBuf, String> {
    sh::lend_lock(dir)?;
    let target = sh::target_dir().join("examples");
    let mut cargo = sh::cargo();
    cargo
        .arg("build")
        .arg("--manifest-path")
        .arg(dir.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .args(["--profile", profile])
        .args(options);
    sh::must(&format!("{}-build", name(dir)), &mut cargo)?;
    // Cargo's own exception: what profile `dev` builds is in `debug`.
    let program = target.join(if profile == "dev" { "debug" } else { profile }).join(name(dir));
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("the package does not build a program `{}`", name(dir)))
    }
}

/// Builds and self-tests one example; answers how many steps it has. `options` go to `cargo build`, `args` to each of
/// the first `starts` starts.
pub(crate) fn check(
    dir: &Path,
    options: &[&str],
    args: &[String],
    starts: Option<usize>,
) -> Result<usize, String> {
    let path = dir.join("selftest.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("selftest.toml: {e}"))?;
    let mut runs = selftest::parse(&text).map_err(|e| format!("selftest.toml: {e}"))?;
    runs.truncate(starts.unwrap_or(usize::MAX));
    let program = build(dir, "dev", options)?;
    for (number, run) in runs.iter().enumerate() {
        let log = sh::scratch_dir()?.join(format!("{}-run{number}.log", name(dir)));
        let mut own_args = run.args.clone();
        // Until the end of this run.
        let mut _server = None;
        if !run.server.is_empty() {
            let (server, port) = start_server(run, &log)?;
            own_args.iter_mut().for_each(|arg| *arg = arg.replace("{port}", &port));
            _server = Some(server);
        }
        let mut command = Command::new(&program);
        command.args(&own_args).args(args).current_dir(dir);
        run.check(&mut command, &log).map_err(|e| format!("run {number}, {e}\nlog: {}", log.display()))?;
    }
    Ok(runs.iter().map(|r| r.steps.len()).sum())
}

/// Builds and starts the example that a run needs as its server; answers its port, too.
fn start_server(run: &selftest::Run, log: &Path) -> Result<(Server, String), String> {
    let dir = sh::root().join("minimal-examples").join(&run.server);
    let program = build(&dir, "dev", &[])?;
    let mut command = Command::new(program);
    command.args(&run.server_args).current_dir(&dir);
    let mut server = Server::start(&mut command, &log.with_extension("server.log"))?;
    let url = server.url("://")?;
    let port = url.authority.rsplit(':').next().unwrap_or_default().to_owned();
    Ok((server, port))
}

fn name(dir: &Path) -> String {
    dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
