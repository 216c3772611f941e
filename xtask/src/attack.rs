//! `cargo xtask attack [--write]`: hostile HTTP/1 against a live `lwsws serve`, plain and over TLS.
//!
//! | list | rows | each |
//! |---|---|---|
//! | `ci/conform/attack.toml` | what libwebsockets' attack.sh sends | whole |
//! | `ci/conform/h1.toml` | requests that a strict server refuses, H1-01 … H1-24 | whole, and byte by byte |
//! | `ci/conform/paths.toml` | ways to files that are not served, PATH-01 … PATH-11 | whole |
//!
//! After each one a good request on a new connection has to be answered; at the end the server must be the process it
//! was, with the descriptors and the memory it had, and its log without a panic. The server is a debug build, so its
//! own assertions take part.
//!
//! `--write` only writes `docs/attack-table.md`; without it a stale page is an error.

mod case;
mod doc;
mod judge;
mod site;
mod wire;

use crate::conform::folder;
use crate::server::Server;
use crate::sh;
use case::Case;
use site::Site;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use toml::{Table, Value};
use wire::Cut;

const PAGE: &str = "docs/attack-table.md";
/// Resident memory that a run may add: caches and pools that fill once.
const MAX_GROWTH_KIB: u64 = 16 << 10;

/// The cases of all lists.
struct Lists {
    /// attack.sh, and paths: sent whole.
    whole: Vec<Case>,
    /// Framing: sent whole and byte by byte.
    framing: Vec<Case>,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let write = args.iter().any(|a| a == "--write");
    if let Some(unknown) = args.iter().find(|a| *a != "--write") {
        return Err(format!("attack has no option `{unknown}`\nhelp: --write, or none"));
    }
    let (lists, page) = load(&sh::root().join("ci/conform"))?;
    let path = sh::root().join(PAGE);
    if write {
        std::fs::write(&path, page).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        println!("attack: wrote {PAGE}");
        return Ok(());
    }
    if sh::text(&path) != page {
        return Err(format!("{PAGE} is stale\nhelp: run `cargo xtask attack --write`"));
    }
    sh::must("lwsws-build", sh::cargo().args(["build", "--package", "lwsws"]))?;
    let dir = folder()?;
    let site = Site::prepare(&dir.join("attack"))?;
    let mut sum = Sum::default();
    plain(&lists, &site, &dir, &mut sum)?;
    tls(&lists, &site, &dir, &mut sum)?;
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    if sum.failed == 0 { Ok(()) } else { Err(format!("attack: {} cases failed", sum.failed)) }
}

fn load(dir: &Path) -> Result<(Lists, String), String> {
    let read = |name: &str| -> Result<Table, String> {
        let text = std::fs::read_to_string(dir.join(name)).map_err(|e| format!("ci/conform/{name}: {e}"))?;
        text.parse().map_err(|e| format!("ci/conform/{name}: {e}"))
    };
    let at = |name: &'static str| move |e: String| format!("ci/conform/{name}: {e}");
    let file = read("attack.toml")?;
    let named = case::list(&file, "request", &Table::new()).map_err(at("attack.toml"))?;
    let table = case::list(&file, "target", &Table::new()).map_err(at("attack.toml"))?;
    let page = doc::page(&file, &named, &table).map_err(at("attack.toml"))?;
    let framing = case::list(&read("h1.toml")?, "request", &defaults("reject")).map_err(at("h1.toml"))?;
    let paths = paths(&read("paths.toml")?).map_err(at("paths.toml"))?;
    Ok((Lists { whole: [named, table, paths].concat(), framing }, page))
}

fn defaults(mode: &str) -> Table {
    let mut table = Table::new();
    table.insert("mode".to_owned(), Value::from(mode));
    table
}

/// `[[group]]`: one id and one expectation for many `targets`; `send_header` goes with each of them.
fn paths(file: &Table) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for group in file.get("group").and_then(Value::as_array).ok_or("no [[group]]")? {
        let mut defaults = group.as_table().ok_or("a group is a table")?.clone();
        let targets = defaults.remove("targets").ok_or("a group without targets")?;
        let header = defaults
            .remove("send_header")
            .and_then(|h| h.as_str().map(|h| format!(r"{h}\r\n")))
            .unwrap_or_default();
        defaults.insert(
            "add".to_owned(),
            Value::from(format!(r" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{header}\r\n")),
        );
        let rows = targets.as_array().into_iter().flatten().map(|target| {
            let mut row = Table::new();
            row.insert("target".to_owned(), target.clone());
            Value::Table(row)
        });
        let mut file = Table::new();
        file.insert("targets".to_owned(), rows.collect::<Vec<_>>().into());
        cases.extend(case::list(&file, "targets", &defaults)?);
    }
    Ok(cases)
}

/// What came of the cases so far.
#[derive(Default)]
struct Sum {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Sum {
    /// Runs `cases` one after the other; an error means that the server is gone.
    fn run(
        &mut self,
        how: &str,
        cases: &[Case],
        authority: &str,
        cut: Cut,
        site: &Site,
    ) -> Result<(), String> {
        let start = Instant::now();
        let before = self.failed;
        for case in cases {
            match judge::check(case, authority, cut, site) {
                Ok(()) => self.passed += 1,
                Err(wrong) => {
                    self.failed += 1;
                    println!("{how}: {} {}\n    {}\n    {wrong}", case.id, case.what, excerpt(&case.written));
                }
            }
            judge::alive(authority)
                .map_err(|e| format!("{how}: after {} {}: {e}", case.id, excerpt(&case.written)))?;
        }
        let verdict = if self.failed == before { "PASS" } else { "FAIL" };
        sh::line(verdict, how, start.elapsed(), &format!("{} cases", cases.len()));
        Ok(())
    }
}

fn plain(lists: &Lists, site: &Site, dir: &Path, sum: &mut Sum) -> Result<(), String> {
    let log = dir.join("attack-plain.log");
    let mut server = serve(site, &log, &[])?;
    let authority = server.url("http://")?.authority;
    judge::alive(&authority)?;
    let before = Resources::of(&server);
    sum.run("plain", &lists.whole, &authority, Cut::Whole, site)?;
    sum.run("framing", &lists.framing, &authority, Cut::Whole, site)?;
    sum.run("framing, cut", &lists.framing, &authority, Cut::Bytes, site)?;
    aftermath(&server, before, &log)
}

fn tls(lists: &Lists, site: &Site, dir: &Path, sum: &mut Sum) -> Result<(), String> {
    if !sh::have("python3") {
        println!("note: no python3, so nothing over TLS");
        sum.skipped += lists.whole.len() + 2 * lists.framing.len();
        return Ok(());
    }
    let log = dir.join("attack-tls.log");
    let mut server = serve(site, &log, &["--tls", "self"])?;
    let url = server.url("https://")?;
    let mut command = Command::new("python3");
    command.arg(sh::root().join("ci/conform/tls_tunnel.py")).arg(&url.authority);
    let mut tunnel = Server::start(&mut command, &dir.join("attack-tunnel.log"))?;
    let (whole, bytes) = (tunnel.url("whole://")?.authority, tunnel.url("bytes://")?.authority);
    judge::alive(&whole)?;
    let before = Resources::of(&server);
    sum.run("tls", &lists.whole, &whole, Cut::Whole, site)?;
    sum.run("tls framing", &lists.framing, &whole, Cut::Whole, site)?;
    // The tunnel does the cutting: one record a byte.
    sum.run("tls fr., cut", &lists.framing, &bytes, Cut::Whole, site)?;
    drop(tunnel);
    aftermath(&server, before, &log)
}

fn serve(site: &Site, log: &Path, options: &[&str]) -> Result<Server, String> {
    let mut command = Command::new(sh::target_dir().join("debug/lwsws"));
    command.arg("serve").arg(&site.root).args(["--listing", "--port", "0"]).args(options);
    // HTTP/2 has a suite of its own; here its preface is one of the requests to refuse (H1-24).
    command.args(["--alpn", "http/1.1"]);
    Server::start(&mut command, log)
}

/// What a process holds; nothing is known where there is no `/proc`.
#[derive(Clone, Copy, Debug)]
struct Resources {
    descriptors: usize,
    resident_kib: u64,
}

impl Resources {
    fn of(server: &Server) -> Option<Resources> {
        let proc = Path::new("/proc").join(server.pid().to_string());
        let descriptors = std::fs::read_dir(proc.join("fd")).ok()?.count();
        let status = std::fs::read_to_string(proc.join("status")).ok()?;
        let resident = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
        Some(Resources { descriptors, resident_kib: resident.split_whitespace().next()?.parse().ok()? })
    }
}

/// The server is the process it was, holds what it held and has not panicked.
fn aftermath(server: &Server, before: Option<Resources>, log: &Path) -> Result<(), String> {
    if let Some(line) = sh::text(log).lines().find(|l| l.contains("panicked")) {
        return Err(format!("the server panicked: {line}\nlog: {}", log.display()));
    }
    let Some(before) = before else { return Ok(()) };
    let limit = Instant::now() + crate::server::PATIENCE;
    loop {
        let now = Resources::of(server).ok_or("the server is gone")?;
        if now.descriptors <= before.descriptors && now.resident_kib <= before.resident_kib + MAX_GROWTH_KIB {
            return Ok(());
        }
        if Instant::now() > limit {
            return Err(format!("the server keeps what attacks took: before {before:?}, after {now:?}"));
        }
        std::thread::sleep(std::time::Duration::from_millis(50)); // the last connections are still being closed
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data files are whole, and as many as the lists they were made from.
    #[test]
    fn the_data_files_load() {
        let (lists, page) = load(&sh::root().join("ci/conform")).unwrap();
        let count = |start: &str| lists.whole.iter().filter(|c| c.id.starts_with(start)).count();
        assert_eq!(
            (count("E-"), ["A", "B", "C", "D"].map(count)),
            (202, [5, 8, 2, 12]),
            "attack.sh, and a little more"
        );
        assert!(count("PATH-") >= 120, "{} paths", count("PATH-"));
        for row in 1..=20 {
            let id = format!("H1-{row:02}");
            assert!(lists.framing.iter().any(|c| c.id == id), "nothing for {id}");
        }
        assert_eq!(page.matches("\n| E-").count(), 202);
    }
}
