//! Scripts of `ci/interop` that bring their peers along: they print a line a check, the counts last.

use super::{Outcome, Tally};
use crate::{examples, sh};
use std::path::PathBuf;
use std::process::Command;

const CLIENTS: &str = "minimal-examples/http-client";

/// Our JOSE tool against jwcrypto, joserfc, npm's jose and Debian's.
pub(super) fn jose(tally: &mut Tally) -> Result<(), String> {
    sh::must("lws-jose-build", sh::cargo().args(["build", "--package", "lws-jose-cli"]))?;
    let program = sh::target_dir().join("debug/lws-jose");
    let mut command = script("jose/run.py");
    command.arg("--fast").arg("--program").arg(program);
    tally.check("jose", || run("interop-jose", &mut command));
    Ok(())
}

/// Our HTTP client against nghttpd, nginx and h2o.
pub(super) fn http(tally: &mut Tally) -> Result<(), String> {
    if let Some(missing) = ["nghttpd", "nginx", "h2o"].iter().find(|p| !is_there(p)) {
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
