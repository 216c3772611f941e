//! Running other programs: output goes to a log file, one short line goes to the reader.
//!
//! Logs live in `target/xtask/<name>.log`. Nothing here reads stdin.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest a logged command may run: what hangs is to fail, not to hang whoever waits for the counts.
const LONGEST: Duration = Duration::from_mins(40);

/// How a logged command ended.
pub(crate) struct Outcome {
    /// It ran and ended with exit code 0.
    pub(crate) ok: bool,
    /// Wall time.
    pub(crate) took: Duration,
    /// Everything it wrote, stdout and stderr as they came.
    pub(crate) log: PathBuf,
}

/// The top folder of the project: the parent of this package.
pub(crate) fn root() -> PathBuf {
    // cargo sets the variable for `cargo run` and `cargo test`, also from a subfolder.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from("xtask"));
    Path::new(&package).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds the workspace.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// `target/xtask`, made if need be: logs and scratch files.
pub(crate) fn scratch_dir() -> Result<PathBuf, String> {
    let dir = target_dir().join("xtask");
    std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()))?;
    Ok(dir)
}

/// The cargo that started us, in the project's top folder.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    command
}

/// The `cargo` found in PATH, which rustup answers: the one that understands `+nightly`.
pub(crate) fn cargo_of_toolchain(toolchain: &str) -> Command {
    let mut command = Command::new("cargo");
    command.arg(format!("+{toolchain}")).current_dir(root());
    // What our own cargo set would send rustup's proxy back to the toolchain we came from.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command
}

/// True where `program args` runs and ends with 0. Its output is dropped.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// True where `program --version` works.
pub(crate) fn have(program: &str) -> bool {
    works(Command::new(program).arg("--version"))
}

/// Runs `command` with its output in `target/xtask/<name>.log`, and kills it after [`LONGEST`].
///
/// An error means that it could not be started; a program that fails is an [`Outcome`].
pub(crate) fn logged(name: &str, command: &mut Command) -> Result<Outcome, String> {
    let log = scratch_dir()?.join(format!("{name}.log"));
    let file = |error| format!("cannot write {}: {error}", log.display());
    let mut out = File::create(&log).map_err(file)?;
    command
        .stdin(Stdio::null())
        .stdout(out.try_clone().map_err(file)?)
        .stderr(out.try_clone().map_err(file)?);
    let start = Instant::now();
    let program = command.get_program().display().to_string();
    let mut child = command.spawn().map_err(|e| format!("cannot start {program}: {e}"))?;
    while start.elapsed() < LONGEST {
        if let Some(status) = child.try_wait().map_err(|e| format!("{program}: {e}"))? {
            return Ok(Outcome { ok: status.success(), took: start.elapsed(), log });
        }
        std::thread::sleep(Duration::from_millis(10)); // std offers no wait with a limit
    }
    // Both fail only where it has ended in this moment.
    let _ = child.kill();
    let _ = child.wait();
    let _ = writeln!(out, "\nkilled after {} s", LONGEST.as_secs());
    Ok(Outcome { ok: false, took: start.elapsed(), log })
}

/// Like [`logged`], and a program that fails is an error with the tail of its log.
pub(crate) fn must(name: &str, command: &mut Command) -> Result<Outcome, String> {
    let outcome = logged(name, command)?;
    if outcome.ok {
        return Ok(outcome);
    }
    Err(format!("{name} failed; the end of {}:\n{}", outcome.log.display(), tail(&outcome.log, 30)))
}

/// What `command` writes to stdout; an error where it fails.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().display().to_string();
    let out = command.stdin(Stdio::null()).output().map_err(|e| format!("cannot start {program}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{program} failed: {}", String::from_utf8_lossy(&out.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The text of a log, whatever its encoding; empty where there is none.
pub(crate) fn text(log: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned()
}

/// The last `lines` lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text = text(log);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// One line for the reader: `PASS  clippy     12.3 s`.
pub(crate) fn line(verdict: &str, name: &str, took: Duration, note: &str) {
    println!(
        "{verdict:<5} {name:<12} {:>6.1} s{}{note}",
        took.as_secs_f64(),
        if note.is_empty() { "" } else { "  " }
    );
}

/// Gives a package outside the workspace the workspace's `Cargo.lock`, so that it builds with the versions we test.
///
/// cargo drops what the package does not need; the copy is not kept in git.
pub(crate) fn lend_lock(package: &Path) -> Result<(), String> {
    let to = package.join("Cargo.lock");
    std::fs::copy(root().join("Cargo.lock"), &to)
        .map_err(|e| format!("cannot write {}: {e}", to.display()))?;
    Ok(())
}

/// The value after `flag` in `args`, as a number.
pub(crate) fn number(args: &[String], flag: &str) -> Result<Option<u64>, String> {
    let Some(at) = args.iter().position(|a| a == flag) else { return Ok(None) };
    let value = args.get(at + 1).ok_or_else(|| format!("{flag} wants a number after it"))?;
    value.parse().map(Some).map_err(|_| format!("{flag} wants a number, not `{value}`"))
}
