//! Autobahn's fuzzing server against our client, `ci/conform/wsclient`.

use super::super::h2;
use super::super::python27::Python;
use super::super::report;
use super::{folder, tell};
use crate::server::{PATIENCE, Server};
use crate::sh;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Instant;

const CLIENT: &str = "ci/conform/wsclient";

pub(super) fn run(python: &Python, wanted: &[String], tls: bool) -> Result<(), String> {
    let program = h2::build(CLIENT, "lws-conform-wsclient")?;
    let reports = folder()?.join("reports");
    let _ = std::fs::remove_dir_all(&reports); // those of the last run
    std::fs::create_dir_all(&reports).map_err(|e| format!("cannot make {}: {e}", reports.display()))?;
    // The suite is told its port: one that was free a moment ago.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
    let url = format!("{}://127.0.0.1:{port}", if tls { "wss" } else { "ws" });
    let (key, certificate) = (reports.join("key.pem"), reports.join("cert.pem"));
    let mut spec = serde_json::json!({
        "url": url, "outdir": reports, "cases": wanted, "exclude-cases": [], "exclude-agent-cases": {},
    });
    if tls {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]);
        openssl.args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ]);
        sh::output(openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate))?;
        spec["key"] = key.display().to_string().into();
        spec["cert"] = certificate.display().to_string().into();
    }
    let path = reports.join("spec.json");
    std::fs::write(&path, spec.to_string()).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    let mut wstest = python.command();
    wstest.args(["-m", "autobahntestsuite.wstest", "--mode", "fuzzingserver", "--webport", "0", "--spec"]);
    wstest.arg(&path).current_dir(&reports);
    let _server = Server::start(&mut wstest, &folder()?.join("autobahn-fuzzingserver.log"))?;
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if start.elapsed() > PATIENCE {
            return Err(format!("the fuzzing server does not listen on port {port}"));
        }
        std::thread::sleep(std::time::Duration::from_millis(50)); // it says nothing that one could wait for
    }
    let mut client = Command::new(program);
    client.arg(&url);
    if tls {
        client.arg(&certificate);
    }
    sh::must("autobahn-client", &mut client)?;
    let cases = report::read(&reports, wanted);
    let failed = tell(&cases, start)?;
    if failed == 0 { Ok(()) } else { Err(format!("autobahn: {failed} cases are bad")) }
}
