//! The zoo of certificates (TLS-07): every library gives the same verdict, and OpenSSL's own command agrees except where it
//! is known not to.

#[path = "../../../crates/lws-x509/tests/zoo/mod.rs"]
mod all;

use std::path::Path;
use std::process::Command;

use all::{Case, NOW, Openssl};
use backends::crypto::providers;
use lws_gencrypto::Provider;
use lws_x509::{Policy, Purpose, pem};

/// What one library makes, all of them judge.
#[test]
fn jose_15_every_library_gives_the_expected_verdict() {
    for maker in providers() {
        let cases = all::zoo(&*maker);
        for judge in providers() {
            let wrong: Vec<_> = cases.iter().filter_map(|case| check(case, &*judge).err()).collect();
            let (maker, judge) = (maker.name(), judge.name());
            assert!(wrong.is_empty(), "made by {maker}, judged by {judge}:\n{}", wrong.join("\n"));
        }
    }
}

/// Mbed TLS 2.28 has no Ed25519, and says so.
fn check(case: &Case, judge: &dyn Provider) -> Result<(), String> {
    if case.name != all::ED25519 || judge.name() != "mbedtls" {
        return case.check(judge);
    }
    match case.verdict(judge, Policy::strict()) {
        Err(fault) if fault.starts_with("Library(Unsupported") => Ok(()),
        other => Err(format!("{}: {other:?}", case.name)),
    }
}

#[test]
fn tls_07_openssl_agrees_except_where_it_is_known_not_to() {
    let dir = tempfile::tempdir().unwrap();
    let cases = all::zoo(&lws_backend_rustls::crypto());
    let wrong: Vec<_> = cases.iter().filter_map(|case| disagrees(case, dir.path())).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn disagrees(case: &Case, dir: &Path) -> Option<String> {
    let (found, words) = verify(case, dir);
    let ours = case.strict.is_ok();
    let expected = match case.openssl {
        Openssl::Agrees => ours,
        Openssl::Differs(_) => !ours,
    };
    (found != expected).then(|| format!("{}: OpenSSL says {found}, {:?}: {words}", case.name, case.openssl))
}

/// Whether OpenSSL trusts the leaf, and its words.
fn verify(case: &Case, dir: &Path) -> (bool, String) {
    let write = |name: &str, list: &[Vec<u8>]| {
        let text: String = list.iter().map(|der| pem::encode(pem::CERTIFICATE, der)).collect();
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut command = Command::new("openssl");
    command.args(["verify", "-no-CApath", "-no-CAstore", "-partial_chain", "-auth_level", "2"]);
    command.args(["-attime", &NOW.to_string()]);
    command.arg("-CAfile").arg(write("anchors.pem", &case.anchors));
    if !case.intermediates.is_empty() {
        command.arg("-untrusted").arg(write("intermediates.pem", &case.intermediates));
    }
    let is_address = case.host.parse::<std::net::IpAddr>().is_ok();
    command.args([if is_address { "-verify_ip" } else { "-verify_hostname" }, case.host]);
    command.args(["-purpose", if case.purpose == Purpose::Client { "sslclient" } else { "sslserver" }]);
    let output = command.arg(write("leaf.pem", std::slice::from_ref(&case.leaf))).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).replace('\n', " / "))
}
