//! Scripts of `ci/interop` that bring their peers along: they print a line a check, the counts last.

use super::{Outcome, Tally};
use crate::conform::h2;
use crate::{backends, examples, sh};
use std::path::PathBuf;
use std::process::Command;

const CLIENTS: &str = "minimal-examples/http-client";
const ECHO: &str = "minimal-examples/ws-server/minimal-ws-server-echo";
const TALK: &str = "ci/conform/wsclient";

/// The cryptographic libraries that the JOSE tool can be built with beside rustls.
const MORE_LIBRARIES: [&str; 2] = ["openssl", "mbedtls"];

/// Our JOSE tool against jwcrypto, joserfc, npm's jose and Debian's: everything on one library, or a part of it on rustls and
/// a smaller one on each of the others.
pub(super) fn jose(tally: &mut Tally, only: Option<&str>) -> Result<(), String> {
    let missing = backends::missing();
    let lacks = |name: &str| missing.iter().find(|(of, _)| of.strip_prefix("lws-backend-") == Some(name));
    let features: Vec<&str> = MORE_LIBRARIES.into_iter().filter(|name| lacks(name).is_none()).collect();
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "lws-jose-cli", "--features", &features.join(",")]);
    sh::must("lws-jose-build", &mut cargo)?;
    for backend in ["rustls"].into_iter().chain(MORE_LIBRARIES) {
        if only.is_some_and(|only| only != backend) {
            continue;
        }
        let name = format!("jose-{backend}");
        if let Some((_, help)) = lacks(backend) {
            tally.check(&name, || Ok(Outcome::Skipped(format!("skipped: {help}"))));
            continue;
        }
        let mut command = script("jose/run.py");
        command.args(["--backend", backend, "--program"]).arg(sh::target_dir().join("debug/lws-jose"));
        match (only, backend) {
            (Some(_), _) => {}
            (None, "rustls") => drop(command.arg("--fast")),
            (None, _) => drop(command.args(["--fast", "--only", "jwcrypto"])),
        }
        tally.check(&name, || run(&format!("interop-{name}"), &mut command));
    }
    match only {
        Some(name) if name != "rustls" && !MORE_LIBRARIES.contains(&name) => {
            Err(format!("there is no library `{name}`; there are rustls, {}", MORE_LIBRARIES.join(", ")))
        }
        _ => Ok(()),
    }
}

/// permessage-deflate with npm's ws and Python's websockets, as client of our server and as server of our client.
pub(super) fn ws(tally: &mut Tally) -> Result<(), String> {
    let server = examples::build(&sh::root().join(ECHO), "dev", &[])?;
    let client = h2::build(TALK, "talk")?;
    let mut command = script("ws/run.py");
    command.arg("--server").arg(server).arg("--client").arg(client);
    command.arg("--work").arg(sh::target_dir().join("interop/ws"));
    tally.check("ws-deflate", || run("interop-ws", &mut command));
    Ok(())
}

/// Our HTTP client against nghttpd, nginx and h2o.
pub(super) fn http(tally: &mut Tally) -> Result<(), String> {
    if let Some(missing) = ["nghttpd", "nginx", "h2o", "openssl"].iter().find(|p| !is_there(p)) {
        tally.check("http-client", || Ok(Outcome::Skipped(format!("skipped: no {missing}"))));
        return Ok(());
    }
    let mut command = script("http-client.py");
    for (option, name) in [("--multi", "-multi"), ("--get", ""), ("--post", "-post")] {
        let dir = sh::root().join(CLIENTS).join(format!("minimal-http-client{name}"));
        command.arg(option).arg(examples::build(&dir, "dev", &[])?);
    }
    tally.check("http-client", || run("interop-http-client", &mut command));
    Ok(())
}

fn script(name: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(sh::root().join("ci/interop").join(name)).current_dir(sh::root());
    command
}

/// In PATH, or where Debian puts servers. `nginx --version` is an error.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    folders.iter().any(|folder| folder.join(program).exists())
}

fn run(name: &str, command: &mut Command) -> Result<Outcome, String> {
    let outcome = sh::logged(name, command)?;
    if outcome.ok {
        println!("      {}", sh::tail(&outcome.log, 1));
        return Ok(Outcome::Passed);
    }
    Err(format!("see {}:\n{}", outcome.log.display(), sh::tail(&outcome.log, 30)))
}
