//! Servers that are built when they are needed.

use super::Missing;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// This package.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A program of this package: the runner has built it.
pub(super) fn beside(program: &str) -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::env::current_exe()?.with_file_name(program))
}

/// A server of the package `peers`, which has a feature for each.
pub(super) fn by_cargo(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let target = beside("peers")?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--features", name, "--bin", name]);
    cargo.arg("--manifest-path").arg(Path::new(HERE).join("peers/Cargo.toml"));
    cargo.arg("--target-dir").arg(&target);
    done(&mut cargo, name)?;
    Ok(target.join("release").join(name))
}

/// A server in C, which links what Debian has.
pub(super) fn by_cc(source: &str) -> Result<PathBuf, Box<dyn Error>> {
    let source = Path::new(HERE).join("peers").join(source);
    let program = beside("peer-libwebsockets")?;
    let time = |path: &Path| path.metadata().and_then(|m| m.modified()).ok();
    if time(&program) < time(&source) {
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-Wall", "-o"]).arg(&program).arg(&source).args([
            "-lwebsockets",
            "-lssl",
            "-lcrypto",
        ]);
        done(&mut cc, "libwebsockets (apt-get install gcc libwebsockets-dev libssl-dev)")?;
    }
    Ok(program)
}

fn done(command: &mut Command, what: &str) -> Result<(), Missing> {
    crate::cpu::pin(None);
    let output = command.stdin(Stdio::null()).output();
    crate::cpu::pin(Some(crate::cpu::LOAD_CORE));
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(Missing(format!("{what}: {}", text.lines().last().unwrap_or("cannot be built"))))
        }
        Err(why) => Err(Missing(format!("{what}: {why}"))),
    }
}
