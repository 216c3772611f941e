//! Autobahn's fuzzing client against `minimal-ws-server-echo`, and its fuzzing server against our client.
//!
//! The client knows no HTTP/2. With `--h2` it talks to a bridge, which carries its bytes over our own HTTP/2 client, unchanged, to
//! the same server (RFC 8441).
//!
//! Groups 1 to 10 run in one process, one case after the other, as the suite means them. Groups 12 and 13 take minutes
//! of the suite's own CPU time, so they are split at their subgroups over the machine's cores; a case has its own
//! connection and does not see the others. `--all` is the full run: all groups four times, as server and as client, plain
//! and over TLS.

mod client;

use super::{folder, h2, python27, report};
use crate::client::Ws;
use crate::server::{Server, Url};
use crate::{backends, examples, sh};
use python27::{Absent, Python};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

const EXAMPLE: &str = "minimal-examples/ws-server/minimal-ws-server-echo";
/// Writes one id a line.
const LIST: &str =
    "from autobahntestsuite.case import Cases\nfor c in Cases: print(c.__name__[4:].replace('_', '.'))";

#[derive(Debug, Default, PartialEq)]
struct Options {
    tls: bool,
    /// Over HTTP/2, and that over TLS.
    h2: bool,
    all: bool,
    /// Groups 1 to 10, and every tenth case of 12 and 13.
    sample: bool,
    /// Our client against the suite's server.
    client: bool,
    /// The server's TLS library.
    backend: Option<&'static str>,
    globs: Vec<String>,
}

/// What `--backend` takes. The first is there anyway, the others are features of the example.
const BACKENDS: [&str; 3] = ["rustls", "openssl", "mbedtls"];

pub(super) fn run(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args)?;
    let library = format!("lws-backend-{}", options.backend.unwrap_or(BACKENDS[0]));
    if let Some((_, help)) = backends::missing().iter().find(|(name, _)| *name == library) {
        println!("skipped: {library} cannot be built here; {help}");
        return Ok(());
    }
    let python = match python27::with_autobahn() {
        Ok(python) => python,
        Err(Absent::Skip(why)) => {
            println!("skipped: {why}");
            return Ok(());
        }
        Err(Absent::Broken(why)) => return Err(why),
    };
    let ids = sh::output(python.command().args(["-c", LIST]))?;
    let wanted = options.select(&ids.lines().map(str::to_owned).collect::<Vec<_>>())?;
    let mut bad = Vec::new();
    for run in options.runs() {
        let name = &[run.name(), options.backend.unwrap_or_default()].join("-");
        let name = name.trim_end_matches('-');
        println!("{name}:");
        let start = Instant::now();
        let reports = folder()?.join("reports").join(name);
        let _ = std::fs::remove_dir_all(&reports); // those of the last run
        let cases = if run.client {
            client::run(&python, &wanted, run.tls, &reports)?
        } else {
            server(&python, &wanted, &run, options.backend.unwrap_or(BACKENDS[0]), &reports)?
        };
        print!("{}", report::table(&cases));
        println!("took {:.0} s; reports: {}", start.elapsed().as_secs_f64(), reports.display());
        let failed = cases.iter().filter(|c| !c.good).count();
        println!("{} passed, {failed} failed, 0 skipped", cases.len() - failed);
        if failed > 0 {
            bad.push(format!("{name}: {failed} cases are bad"));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(format!("autobahn: {}", bad.join(", "))) }
}

/// What comes of the cases with our server.
fn server(
    python: &Python,
    wanted: &[String],
    run: &Run,
    backend: &str,
    reports: &Path,
) -> Result<Vec<report::Case>, String> {
    let features = ["--features", backend];
    let features = if backend == BACKENDS[0] { &[][..] } else { &features };
    let mut command = Command::new(examples::build(&sh::root().join(EXAMPLE), "release", features)?);
    // Groups 12 and 13 want compression; the others do not offer it.
    let tls = run.tls || run.h2;
    let secure = ["--tls", "self", "--backend", backend];
    command.args(["--port", "0", "--deflate", "own"]).args(if tls { &secure[..] } else { &[] });
    let mut server = Server::start(&mut command, &folder()?.join("autobahn-server.log"))?;
    let mut url = server.url(if tls { "wss://" } else { "ws://" })?;
    let mut bridge = None;
    if run.h2 {
        let mut command = Command::new(h2::build(h2::CLIENTS, "h2bridge")?);
        command.arg(format!("https://{}{}", url.authority, url.path)).arg("--insecure");
        let log = folder()?.join("autobahn-bridge.log");
        url = bridge.insert(Server::start(&mut command, &log)?).url("ws://")?;
    }
    let cases = all_batches(wanted, reports, |ids, out, number| one_batch(python, &url, ids, out, number))?;
    let after = Ws::connect(&url, &url.path, "").and_then(|ws| ws.close().map_err(|e| e.to_string()));
    after.map_err(|e| format!("autobahn: the server did not survive: {e}"))?;
    Ok(cases)
}

/// One way through the cases.
#[derive(Debug, PartialEq)]
struct Run {
    client: bool,
    tls: bool,
    h2: bool,
}

impl Run {
    fn name(&self) -> &'static str {
        match (self.client, self.tls, self.h2) {
            (_, _, true) => "server-h2",
            (false, false, _) => "server-ws",
            (false, true, _) => "server-wss",
            (true, false, _) => "client-ws",
            (true, true, _) => "client-wss",
        }
    }
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "--tls" => options.tls = true,
                "--h2" => options.h2 = true,
                "--all" => options.all = true,
                "--sample" => options.sample = true,
                "--client" => options.client = true,
                "--backend" => {
                    let wanted = rest.next().map(String::as_str);
                    let known = BACKENDS.into_iter().find(|name| wanted == Some(name));
                    options.backend =
                        Some(known.ok_or("--backend wants rustls, openssl or mbedtls after it")?);
                }
                "--cases" => {
                    let globs = rest.next().ok_or("--cases wants globs after it, such as '6.*,7.1.1'")?;
                    options.globs.extend(globs.split(',').map(|g| g.trim().to_owned()));
                }
                other => return Err(format!("conform autobahn has no option `{other}`\n{}", super::USAGE)),
            }
        }
        if options.backend.is_some() && (options.client || !(options.tls || options.h2)) {
            return Err("--backend is the TLS library of our server: it goes with --tls or --h2".to_owned());
        }
        Ok(options)
    }

    /// The ways to go through the cases: one, or all four where everything is asked for and no way is named.
    fn runs(&self) -> Vec<Run> {
        let Self { tls, h2, all, client, .. } = *self;
        let ways = [(false, false), (false, true), (true, false), (true, true)];
        if all && !tls && !h2 && !client {
            return ways.map(|(client, tls)| Run { client, tls, h2 }).into();
        }
        vec![Run { client, tls, h2 }]
    }

    /// The cases to run, in the suite's order.
    fn select(&self, ids: &[String]) -> Result<Vec<String>, String> {
        if let Some(unused) = self.globs.iter().find(|glob| !ids.iter().any(|id| matches(glob, id))) {
            return Err(format!("no case matches `{unused}`"));
        }
        let tenth: Vec<&String> = ids.iter().filter(|id| report::group(id) > 10).step_by(10).collect();
        let meant = |id: &&String| match self.globs.as_slice() {
            [] => self.all || report::group(id) <= 10 || (self.sample && tenth.contains(id)),
            globs => globs.iter().any(|glob| matches(glob, id)),
        };
        if self.h2 && ids.iter().filter(meant).any(|id| report::group(id) > 10) {
            return Err("the bridge passes no extensions on: groups 12 and 13 cannot be had with --h2".into());
        }
        let wanted: Vec<String> = ids.iter().filter(meant).cloned().collect();
        if wanted.is_empty() { Err("the suite lists no cases".to_owned()) } else { Ok(wanted) }
    }
}

/// A shell glob with `*` only.
fn matches(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((head, rest)) => text
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).any(|at| tail.get(at..).is_some_and(|t| matches(rest, t)))),
    }
}

/// What runs in one process: groups 1 to 10 together, each subgroup of 12 and 13 alone.
fn batches(wanted: &[String]) -> Vec<Vec<String>> {
    let key = |id: &str| match report::group(id) {
        ..=10 => String::new(),
        _ => id.rsplit_once('.').map_or(id, |(subgroup, _)| subgroup).to_owned(),
    };
    wanted.chunk_by(|a, b| key(a) == key(b)).map(<[String]>::to_vec).collect()
}

/// Has `one` go through the batches, each with a folder for its report, as many at a time as there are cores.
fn all_batches(
    wanted: &[String],
    reports: &Path,
    one: impl Fn(&[String], &Path, usize) -> Result<(), String> + Sync,
) -> Result<Vec<report::Case>, String> {
    let todo = Mutex::new(batches(wanted).into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    let worker = || -> Result<(), String> {
        loop {
            let Some((number, ids)) = todo.lock().map_err(|e| e.to_string())?.next() else { return Ok(()) };
            let out = reports.join(number.to_string());
            std::fs::create_dir_all(&out).map_err(|e| format!("cannot make {}: {e}", out.display()))?;
            one(&ids, &out, number)?;
            done.lock().map_err(|e| e.to_string())?.push((number, report::read(&out, &ids)));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|w| w.join().unwrap_or(Err("a worker panicked".to_owned())))
    })?;
    let mut done = done.into_inner().map_err(|e| e.to_string())?;
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().flat_map(|(_, cases)| cases).collect())
}

/// One run of the fuzzing client. It bounds each case by itself, so a silent server cannot hold it.
fn one_batch(python: &Python, url: &Url, ids: &[String], out: &Path, number: usize) -> Result<(), String> {
    let scheme = if url.tls { "wss" } else { "ws" };
    let spec = serde_json::json!({
        "outdir": out, "cases": ids, "exclude-cases": [], "exclude-agent-cases": {},
        "servers": [{ "agent": "lws", "url": format!("{scheme}://{}{}", url.authority, url.path) }],
    });
    let path = out.join("spec.json");
    std::fs::write(&path, spec.to_string()).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    let mut wstest = python.command();
    wstest
        .args(["-m", "autobahntestsuite.wstest", "--mode", "fuzzingclient", "--spec"])
        .arg(&path)
        .current_dir(out);
    sh::logged(&format!("autobahn-{number}"), &mut wstest).map(drop) // the report tells how it went
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Vec<String> {
        ["1.1.1", "2.10", "2.11", "10.1.1", "12.1.1", "12.1.2", "12.2.1", "13.1.1"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn options_choose_cases() {
        let chosen = |args: &[&str]| {
            let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
            Options::parse(&args).and_then(|o| o.select(&ids())).map(|v| v.join(" "))
        };
        assert_eq!(chosen(&[]).unwrap(), "1.1.1 2.10 2.11 10.1.1");
        assert_eq!(chosen(&["--all"]).unwrap().split(' ').count(), 8);
        assert_eq!(chosen(&["--cases", "1*.1.1,2.11"]).unwrap(), "1.1.1 2.11 10.1.1 12.1.1 13.1.1");
        assert_eq!(chosen(&["--cases", "3.*"]).unwrap_err(), "no case matches `3.*`");
        assert_eq!(chosen(&["--sample"]).unwrap(), "1.1.1 2.10 2.11 10.1.1 12.1.1");
        assert!(chosen(&["--h2", "--all"]).unwrap_err().contains("no extensions"));
        let ways = |args: &[&str]| {
            let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
            Options::parse(&args).unwrap().runs().iter().map(Run::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ways(&["--all"]), "server-ws server-wss client-ws client-wss");
        assert_eq!(ways(&["--all", "--client"]), "client-ws");
        assert_eq!(ways(&["--tls", "--client", "--sample"]), "client-wss");
        assert_eq!(ways(&[]), "server-ws");
        assert!(chosen(&["--tls", "--backend", "openssl"]).is_ok());
        assert!(chosen(&["--tls", "--backend", "schannel"]).unwrap_err().contains("mbedtls"));
        for nonsense in [&["--backend", "openssl"][..], &["--tls", "--client", "--backend", "openssl"]] {
            assert!(chosen(nonsense).unwrap_err().contains("goes with --tls"), "{nonsense:?}");
        }
        assert!(chosen(&["--fast"]).unwrap_err().contains("no option `--fast`"));
    }

    #[test]
    fn groups_12_and_13_are_split_at_their_subgroups() {
        let sizes: Vec<usize> = batches(&ids()).iter().map(Vec::len).collect();
        assert_eq!(sizes, [4, 2, 1, 1]);
    }
}
