//! Autobahn's fuzzing server against our client, `ci/conform/wsclient`. Each batch of cases has a server of its own.

use super::super::h2;
use super::super::python27::Python;
use super::super::report;
use super::{all_batches, folder};
use crate::server::{PATIENCE, Server};
use crate::{certs, sh};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const CLIENT: &str = "ci/conform/wsclient";

/// What comes of the cases.
pub(super) fn run(
    python: &Python,
    wanted: &[String],
    tls: bool,
    reports: &Path,
) -> Result<Vec<report::Case>, String> {
    let program = h2::build(CLIENT, "lws-conform-wsclient")?;
    let certs = folder()?.join("autobahn-certs");
    let certs = if tls { Some(certs) } else { None };
    if let Some(certs) = &certs {
        std::fs::create_dir_all(certs).map_err(|e| format!("cannot make {}: {e}", certs.display()))?;
        certs::make(certs)?;
    }
    all_batches(wanted, reports, |ids, out, number| {
        one_batch(python, &program, certs.as_deref(), ids, out, number)
    })
}

fn one_batch(
    python: &Python,
    program: &Path,
    certs: Option<&Path>,
    ids: &[String],
    out: &Path,
    number: usize,
) -> Result<(), String> {
    // The suite is told its port: one that was free a moment ago.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
    let url = format!("{}://127.0.0.1:{port}", if certs.is_some() { "wss" } else { "ws" });
    let mut spec = serde_json::json!({
        "url": url, "outdir": out, "cases": ids, "exclude-cases": [], "exclude-agent-cases": {},
    });
    let mut client = Command::new(program);
    client.arg(&url);
    if let Some(certs) = certs {
        let path = |name| certs.join(name).display().to_string();
        spec["key"] = path("server-rsa.key").into();
        spec["cert"] = path("server-rsa.pem").into();
        client.arg(certs.join("ca.pem"));
    }
    let path = out.join("spec.json");
    std::fs::write(&path, spec.to_string()).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    let mut wstest = python.command();
    wstest.args(["-m", "autobahntestsuite.wstest", "--mode", "fuzzingserver", "--webport", "0", "--spec"]);
    wstest.arg(&path).current_dir(out);
    let _server =
        Server::start(&mut wstest, &folder()?.join(format!("autobahn-fuzzingserver-{number}.log")))?;
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if start.elapsed() > PATIENCE {
            return Err(format!("the fuzzing server does not listen on port {port}"));
        }
        std::thread::sleep(Duration::from_millis(50)); // it says nothing that one could wait for
    }
    sh::must(&format!("autobahn-client-{number}"), &mut client).map(drop)
}
