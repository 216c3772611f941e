//! `cargo xtask size`: what the echo example costs, against `[size]` in `ci/ratchet.toml`.
//!
//! | measure | how |
//! |---|---|
//! | third-party crates, bytes of the program | `cargo tree` and a build without TLS in the example's profile `small` |
//! | resident bytes per idle connection | `VmRSS` of the server with few and with many connections open; the difference, per connection |
//!
//! "Without TLS" is the example with `--no-default-features`. Plain connections are opened here, TLS ones by
//! `ci/idle/wss.py`.

use crate::client::Ws;
use crate::examples;
use crate::server::{Server, Url};
use crate::sh;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use toml::{Table, Value};

/// Connections open before the first look, so that what a server allocates once is not counted.
const WARM: u64 = 100;
/// File descriptors a process needs beside its connections.
const SPARE_FDS: u64 = 100;

/// `[size]` of `ci/ratchet.toml`.
struct Budgets(Table);

impl Budgets {
    fn load(root: &Path) -> Result<Budgets, String> {
        let text = std::fs::read_to_string(root.join("ci/ratchet.toml"))
            .map_err(|e| format!("ci/ratchet.toml: {e}"))?;
        let table: Table = text.parse().map_err(|e| format!("ci/ratchet.toml: {e}"))?;
        match table.get("size") {
            Some(Value::Table(size)) => Ok(Budgets(size.clone())),
            _ => Err("ci/ratchet.toml: no [size]".to_owned()),
        }
    }

    fn number(&self, key: &str) -> Result<u64, String> {
        let number = self.0.get(key).and_then(Value::as_integer).and_then(|n| u64::try_from(n).ok());
        number.ok_or_else(|| format!("ci/ratchet.toml: [size] lacks `{key}`"))
    }

    fn text(&self, key: &str) -> Result<&str, String> {
        self.0
            .get(key)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("ci/ratchet.toml: [size] lacks `{key}`"))
    }

    fn list(&self, key: &str) -> Result<Vec<&str>, String> {
        let list = self
            .0
            .get(key)
            .and_then(Value::as_array)
            .ok_or_else(|| format!("ci/ratchet.toml: [size] lacks `{key}`"))?;
        Ok(list.iter().filter_map(Value::as_str).collect())
    }

    /// Prints a line; true where the measure is within its budget.
    fn holds(&self, key: &str, measured: u64, start: Instant) -> Result<bool, String> {
        let budget = self.number(key)?;
        let verdict = if measured <= budget { "PASS" } else { "FAIL" };
        sh::line(verdict, key, start.elapsed(), &format!("{measured} of {budget}"));
        Ok(measured <= budget)
    }
}

pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let budgets = Budgets::load(&root)?;
    let start = Instant::now();
    let example = root.join(budgets.text("example")?);
    let mut held = vec![budgets.holds("third_party_crates", third_party(&example)?.len() as u64, start)?];

    let small = examples::build(&example, "small", &["--no-default-features"])?;
    let bytes = std::fs::metadata(&small).map_err(|e| format!("{}: {e}", small.display()))?.len();
    held.push(budgets.holds("binary_bytes", bytes, start)?);

    let start = Instant::now();
    let plain = examples::build(&example, "release", &["--no-default-features"])?;
    let wanted = budgets.number("idle_ws_connections")?;
    held.push(budgets.holds(
        "idle_ws_bytes",
        idle(&plain, &budgets.list("args")?, wanted, &open_plain)?,
        start,
    )?);

    let start = Instant::now();
    let tls = examples::build(&root.join(budgets.text("tls_example")?), "release", &[])?;
    let wanted = budgets.number("idle_wss_connections")?;
    held.push(budgets.holds(
        "idle_wss_bytes",
        idle(&tls, &budgets.list("tls_args")?, wanted, &open_tls)?,
        start,
    )?);

    let failed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {failed} failed, 0 skipped", held.len() - failed);
    if failed == 0 {
        Ok(())
    } else {
        Err("over budget\nhelp: make it smaller; ci/ratchet.toml only tightens".to_owned())
    }
}

/// The crates in the example's normal dependency tree that are not ours, as `name v1.2.3`.
fn third_party(example: &Path) -> Result<BTreeSet<String>, String> {
    sh::lend_lock(example)?;
    let mut cargo = sh::cargo();
    cargo
        .args(["tree", "-e", "normal", "--no-default-features", "--prefix", "none", "--manifest-path"])
        .arg(example.join("Cargo.toml"));
    Ok(foreign(&sh::output(&mut cargo)?))
}

/// Of the lines of `cargo tree`, those of registry crates: ours have a path.
fn foreign(tree: &str) -> BTreeSet<String> {
    let lines = tree.lines().filter(|line| !line.is_empty() && !line.contains("(/"));
    lines.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

/// Connections to a server; dropping them closes them.
trait Connections {}
impl Connections for Vec<Ws> {}
impl Connections for Script {}

/// Opens that many connections and answers when all are upgraded.
type Open = dyn Fn(&Url, u64) -> Result<Box<dyn Connections>, String>;

/// Resident bytes of the server per idle connection.
fn idle(program: &PathBuf, args: &[&str], wanted: u64, open: &Open) -> Result<u64, String> {
    let limit = raise_fd_limit()?;
    let count = wanted.min(limit.saturating_sub(WARM + SPARE_FDS));
    if count < wanted {
        println!(
            "      {wanted} connections wanted, {count} possible: the hard limit of file descriptors is {limit}"
        );
    }
    let log = sh::scratch_dir()?.join("size-server.log");
    // The server inherits our limit.
    let mut server = Server::start(Command::new(program).args(args), &log)?;
    let url = server.url("://")?;
    let _warm = open(&url, WARM)?;
    let before = resident(server.pid())?;
    let _many = open(&url, count)?;
    let after = resident(server.pid())?;
    Ok(after.saturating_sub(before) / count.max(1))
}

fn open_plain(url: &Url, count: u64) -> Result<Box<dyn Connections>, String> {
    // From one address there are some 28 000 ports, so one is enough for what is opened here.
    let open =
        |number| Ws::connect(url, &url.path, "").map_err(|e| format!("connection {number} of {count}: {e}"));
    Ok(Box::new((1..=count).map(open).collect::<Result<Vec<Ws>, String>>()?))
}

/// `ci/idle/wss.py`, which keeps its connections until its stdin closes.
struct Script(Child);

impl Drop for Script {
    fn drop(&mut self) {
        // Both fail only where the script has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn open_tls(url: &Url, count: u64) -> Result<Box<dyn Connections>, String> {
    let mut python = Command::new("python3");
    python.arg(sh::root().join("ci/idle/wss.py")).args([&url.authority, &url.path, &count.to_string()]);
    let child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut script =
        Script(child.map_err(|e| format!("cannot start python3: {e}\nhelp: apt-get install python3"))?);
    let mut line = String::new();
    if let Some(output) = script.0.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(|e| format!("ci/idle/wss.py: {e}"))?;
    }
    if line.trim() == format!("open {count}") {
        Ok(Box::new(script))
    } else {
        Err(format!("ci/idle/wss.py failed: {line}"))
    }
}

/// `VmRSS` of a process in bytes.
fn resident(pid: u32) -> Result<u64, String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .map_err(|e| format!("the server is gone: {e}"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc/…/status")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| format!("VmRSS:{line}"))?;
    Ok(kib * 1024)
}

/// Raises our soft limit of file descriptors to the hard one, and answers it. Children inherit it.
fn raise_fd_limit() -> Result<u64, String> {
    let limits =
        std::fs::read_to_string("/proc/self/limits").map_err(|e| format!("/proc/self/limits: {e}"))?;
    let line = limits.lines().find_map(|l| l.strip_prefix("Max open files")).ok_or("no `Max open files`")?;
    let mut numbers = line.split_whitespace();
    let (soft, hard) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let pid = std::process::id().to_string();
    // std cannot set limits and this program has no unsafe; prlimit is part of every util-linux.
    if soft != hard
        && !sh::works(Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={hard}:{hard}")]))
    {
        return soft.parse().map_err(|_| format!("the limit of file descriptors is {soft}"));
    }
    hard.parse().or(Ok(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_crates_are_not_third_party() {
        let tree = "echo v0.1.0 (/home/a/echo)\nlws v0.1.0 (/home/a/lws)\nmio v1.1.0\nlibc v0.2.1\nlibc v0.2.1 (*)\nlog v0.4.1\n\nserde_derive v1.0.0 (proc-macro)\n";
        let found: Vec<String> = foreign(tree).into_iter().collect();
        assert_eq!(found, ["libc v0.2.1", "log v0.4.1", "mio v1.1.0", "serde_derive v1.0.0"]);
    }

    #[test]
    fn our_own_memory_can_be_measured() {
        let before = resident(std::process::id()).unwrap();
        let block = vec![1_u8; 64 << 20];
        let after = resident(std::process::id()).unwrap();
        assert!(after >= before + (32 << 20), "{before} {after} {}", block.len());
    }

    #[test]
    fn a_budget_holds_up_to_its_number() {
        let budgets = Budgets("idle = 10".parse().unwrap());
        assert_eq!(budgets.holds("idle", 10, Instant::now()), Ok(true));
        assert_eq!(budgets.holds("idle", 11, Instant::now()), Ok(false));
        assert!(budgets.holds("other", 1, Instant::now()).is_err());
    }
}
