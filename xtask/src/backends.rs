//! `cargo xtask backends [--write]`: the shared tests of all cryptographic backends, and the tables made from them.
//!
//! `ci/backends` is a workspace of its own that links rustls, OpenSSL and Mbed TLS into one program. This command runs its
//! tests, then its programs that try every operation and every algorithm on every backend; what they find must be what
//! `docs/crypto-matrix.md` and `docs/jose-matrix.md` say. `--write` writes these files instead.

use crate::sh;
use std::fs;
use std::process::Command;

const PACKAGE: &str = "ci/backends";
/// A program of the package, and the file that it writes.
const TABLES: [(&str, &str); 2] =
    [("crypto-matrix", "docs/crypto-matrix.md"), ("jose-matrix", "docs/jose-matrix.md")];

/// A crate that builds on a library written in C, how to see that what it needs is here, and Debian's packages.
const NEEDY: [(&str, &[&str], &str); 3] = [
    ("lws-backend-openssl", &["pkg-config", "--exists", "openssl"], "pkg-config libssl-dev"),
    ("lws-backend-mbedtls", &["cmake", "--version"], "cmake"),
    ("lws-backend-mbedtls", &["clang-14", "--version"], "clang-14 libclang-14-dev"),
];

/// The crates that cannot be built here, and what to install for each.
pub(crate) fn missing() -> Vec<(&'static str, String)> {
    let lacks = |command: &[&str]| !sh::works(Command::new(command[0]).args(&command[1..]));
    let missing = NEEDY.iter().filter(|(_, command, _)| lacks(command));
    missing.map(|(name, _, packages)| (*name, format!("apt-get install {packages}"))).collect()
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.iter().find(|a| *a != "--write") {
        return Err(format!("backends knows --write, not `{unknown}`"));
    }
    if let Some((name, help)) = missing().first() {
        println!("skipped: {name} cannot be built here; {help}");
        return Ok(());
    }
    let write = !args.is_empty();
    sh::lend_lock(&sh::root().join(PACKAGE))?;
    if !write {
        let outcome = sh::logged("backends-test", cargo("test").arg("--no-fail-fast"))?;
        let text = sh::text(&outcome.log);
        text.lines().filter(|l| l.starts_with("test result: ")).for_each(|line| println!("{line}"));
        if !outcome.ok {
            println!("{}", sh::tail(&outcome.log, 60));
            return Err(format!("backends: see {}", outcome.log.display()));
        }
    }
    TABLES.iter().try_for_each(|(program, file)| table(program, file, write))
}

/// Compares one table with what is true, or writes it.
fn table(program: &str, file: &str, write: bool) -> Result<(), String> {
    let found = sh::output(cargo("run").args(["--quiet", "--bin", program]))?;
    let path = sh::root().join(file);
    if write {
        return fs::write(&path, found).map_err(|e| format!("{file}: {e}"));
    }
    if fs::read_to_string(&path).is_ok_and(|said| said == found) {
        return Ok(());
    }
    Err(format!("{file} does not say what is true\nhelp: cargo xtask backends --write"))
}

fn cargo(what: &str) -> Command {
    let mut cargo = sh::cargo();
    cargo.arg(what).arg("--manifest-path").arg(sh::root().join(PACKAGE).join("Cargo.toml"));
    cargo.arg("--target-dir").arg(sh::target_dir().join("backends"));
    cargo
}
