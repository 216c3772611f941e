//! `cargo xtask testssl [--backend NAME]...`: testssl.sh against lwsws, with each TLS library.
//!
//! ```text
//!   certificates of an authority made for the run ─▶ lwsws --tls-backend NAME ◀─ testssl ─▶ findings in JSON
//! ```
//! What is worse than low fails, unless [`ACCEPTED`] says why it cannot be otherwise here. It takes minutes for each library
//! and wants the Debian package `testssl.sh`, so it is run by hand and not in CI.

use crate::server::Server;
use crate::{backends, certs, sh};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const BACKENDS: [&str; 3] = ["rustls", "openssl", "mbedtls"];

/// Findings that say something about the run and not about the server: the beginning of the id, and why.
const ACCEPTED: [(&str, &str); 4] = [
    ("engine_problem", "about the openssl that testssl uses"),
    ("cert_expirationStatus", "certificates made for a run live for a month"),
    ("cert_notAfter", "certificates made for a run live for a month"),
    ("cert_revocation", "only a public authority says where it lists what it took back"),
];

/// One line of the report.
#[derive(Debug, PartialEq)]
struct Finding {
    id: String,
    severity: String,
    text: String,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let wanted = wanted(args)?;
    if !sh::works(Command::new("testssl").arg("--version")) {
        println!("skipped: no testssl; apt install testssl.sh");
        return Ok(());
    }
    if let Some((name, help)) = backends::missing().first() {
        println!("skipped: {name} cannot be built here; {help}");
        return Ok(());
    }
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "lwsws", "--features", "openssl,mbedtls"]);
    sh::must("testssl-build", &mut cargo)?;
    let folder = sh::scratch_dir()?.join("testssl");
    std::fs::create_dir_all(folder.join("www"))
        .map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    certs::make(&folder)?;
    let mut failed = 0;
    for backend in &wanted {
        println!("{backend}:");
        let findings = scan(&folder, backend)?;
        let bad = findings.iter().filter(|finding| report(finding)).count();
        failed += usize::from(bad > 0);
    }
    println!("{} passed, {failed} failed, 0 skipped", wanted.len() - failed);
    if failed == 0 { Ok(()) } else { Err(format!("testssl: findings with {failed} libraries")) }
}

fn wanted(args: &[String]) -> Result<Vec<&'static str>, String> {
    let mut wanted = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let name = if arg == "--backend" { rest.next().map(String::as_str) } else { None };
        let known = BACKENDS.into_iter().find(|known| name == Some(known));
        wanted.push(known.ok_or("testssl knows --backend, with rustls, openssl or mbedtls after it")?);
    }
    Ok(if wanted.is_empty() { BACKENDS.to_vec() } else { wanted })
}

/// What is worth telling about lwsws on a library.
fn scan(folder: &Path, backend: &str) -> Result<Vec<Finding>, String> {
    let file = |name: &str| folder.join(name).display().to_string();
    let mut lwsws = Command::new(sh::target_dir().join("debug").join("lwsws"));
    lwsws.args(["serve", &file("www"), "--port", "0", "--tls-backend", backend]);
    lwsws.args(["--tls", &format!("{},{}", file("server.pem"), file("server.key"))]);
    let mut server = Server::start(&mut lwsws, &folder.join(format!("{backend}-server.log")))?;
    let url = server.url("https://")?;
    let port = url.authority.rsplit(':').next().unwrap_or_default();
    let report = folder.join(format!("{backend}.json"));
    let _ = std::fs::remove_file(&report); // testssl does not write over one
    let mut testssl = Command::new("testssl");
    testssl.args(["--quiet", "--color", "0", "--warnings", "batch", "--nodns", "min", "--ip", "127.0.0.1"]);
    testssl.args(["--severity", "LOW", "--add-ca", &file("ca.pem"), "--jsonfile"]).arg(&report);
    testssl.arg(format!("localhost:{port}")).current_dir(folder);
    // Its exit code counts findings.
    let outcome = sh::logged(&format!("testssl-{backend}"), &mut testssl)?;
    let text = std::fs::read_to_string(&report)
        .map_err(|e| format!("testssl left no report ({e})\n{}", sh::tail(&outcome.log, 20)))?;
    parse(&text)
}

fn parse(report: &str) -> Result<Vec<Finding>, String> {
    let report: Value = serde_json::from_str(report).map_err(|e| format!("testssl's report: {e}"))?;
    let text = |entry: &Value, key| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let one = |entry: &Value| Finding {
        id: text(entry, "id"),
        severity: text(entry, "severity"),
        text: text(entry, "finding"),
    };
    Ok(report.as_array().ok_or("testssl's report is no list")?.iter().map(one).collect())
}

/// Prints a finding; whether it is bad.
fn report(finding: &Finding) -> bool {
    let Finding { id, severity, text } = finding;
    let accepted = ACCEPTED.iter().find(|(start, _)| id.starts_with(start));
    let (verdict, why) = match accepted {
        _ if is_harmless(severity) => ("note", ""),
        Some((_, why)) => ("accepted", *why),
        None => ("BAD", ""),
    };
    println!("  {verdict:8} {severity:8} {id}: {text}{}{why}", if why.is_empty() { "" } else { " - " });
    verdict == "BAD"
}

/// Low or better. `WARN` is none of these: something could not be tested.
fn is_harmless(severity: &str) -> bool {
    matches!(severity, "OK" | "INFO" | "LOW" | "DEBUG")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_chosen_by_name() {
        let wanted = |args: &[&str]| wanted(&args.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>());
        assert_eq!(wanted(&[]).unwrap(), BACKENDS);
        assert_eq!(wanted(&["--backend", "mbedtls"]).unwrap(), ["mbedtls"]);
        for bad in [&["--backend"][..], &["--backend", "schannel"], &["rustls"]] {
            assert!(wanted(bad).unwrap_err().contains("mbedtls"), "{bad:?}");
        }
    }

    #[test]
    fn what_is_worse_than_low_is_bad() {
        let text = r#"[{"id":"HSTS","ip":"localhost/127.0.0.1","port":"1","severity":"LOW","finding":"not offered"},
            {"id":"cipher_order","severity":"HIGH","finding":"NOT a cipher order configured"},
            {"id":"scanProblem","severity":"FATAL","finding":"x"},{"id":"engine","severity":"WARN","finding":"x"}]"#;
        let findings = parse(text).unwrap();
        assert_eq!(findings.iter().map(report).collect::<Vec<_>>(), [false, true, true, true]);
        assert!(parse("{}").is_err() && parse("no JSON").is_err());
    }
}
