//! Certificates for tests: an authority, and what it issued, into a folder.
//!
//! ```text
//!   authority (its key is never written) ──┬─▶ server, server-rsa     localhost, 127.0.0.1, ::1
//!                                          ├─▶ client
//!                                          ├─▶ expired                localhost, until yesterday
//!                                          └─▶ wrong-name             wrong.invalid
//! ```
//! Everything is read back and verified before it is called done: the good are good, and the bad are bad for the reason
//! that their name tells.
#![allow(clippy::print_stdout)] // a command-line tool speaks on stdout

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use lws_gencrypto::der::DateTime;
use lws_gencrypto::{Curve, Provider};
use lws_x509::{
    Certificate, Fault, HostName, Policy, PrivateKey, Purpose, SigningKey, Template, Verify, pem,
};

const USAGE: &str = "usage: certs DIR";

/// Who connects to a server of a test calls it one of these.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// For how long they are good. Long enough to work with, too short to rely on.
const DAYS: u32 = 30;
const DAY_S: i64 = 86_400;
/// Clocks differ: they have been good for an hour.
const EARLIER_S: i64 = 3_600;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is wrong with a certificate, if anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    Expired,
    OtherHost,
}

/// One certificate to issue: `NAME.pem` and `NAME.key`.
struct Entry {
    name: &'static str,
    about: &'static str,
    rsa: bool,
    purpose: Purpose,
    flaw: Flaw,
}

const fn server(name: &'static str, about: &'static str, rsa: bool, flaw: Flaw) -> Entry {
    Entry { name, about, rsa, purpose: Purpose::Server, flaw }
}

const ENTRIES: [Entry; 5] = [
    server("server", "a server at localhost, 127.0.0.1 or ::1, P-256", false, Flaw::None),
    server("server-rsa", "the same with RSA-2048", true, Flaw::None),
    Entry {
        name: "client",
        about: "a client called `client`, P-256",
        rsa: false,
        purpose: Purpose::Client,
        flaw: Flaw::None,
    },
    server("expired", "a server at localhost until yesterday: must be refused", false, Flaw::Expired),
    server("wrong-name", "a server at wrong.invalid: must be refused elsewhere", false, Flaw::OtherHost),
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(folder), None) = (args.next(), args.next()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match make(&lws_backend_rustls::crypto(), Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(provider: &dyn Provider, folder: &Path) -> Result<()> {
    let now = now()?;
    let ca_key = SigningKey::Ec(provider.ec_generate(Curve::P256)?);
    let ca = valid(Template::authority("lws test authority"), now).self_signed(provider, &ca_key)?;
    let authority = Certificate::parse(&ca)?;
    fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    write(&folder.join("ca.pem"), pem::encode(pem::CERTIFICATE, &ca).as_bytes(), 0o644)?;
    for entry in &ENTRIES {
        let key = if entry.rsa {
            SigningKey::Rsa(provider.rsa_generate(2048)?)
        } else {
            SigningKey::Ec(provider.ec_generate(Curve::P256)?)
        };
        let der = template(entry, now)?.signed_by(provider, &key.public(), &authority, &ca_key)?;
        let certificate = pem::encode(pem::CERTIFICATE, &der);
        write(&folder.join(format!("{}.pem", entry.name)), certificate.as_bytes(), 0o644)?;
        // Our servers refuse keys that others may read.
        let key = key.export_private()?.to_pem()?;
        write(&folder.join(format!("{}.key", entry.name)), key.expose(), 0o600)?;
    }
    write(&folder.join("README.md"), readme(authority.not_after).as_bytes(), 0o644)?;
    check(provider, folder, now)
}

fn template(entry: &Entry, now: DateTime) -> Result<Template> {
    let template = match (entry.purpose, entry.flaw) {
        (Purpose::Client, _) => Template::client("client"),
        (_, Flaw::OtherHost) => Template::server(&["wrong.invalid"])?,
        _ => Template::server(&HOSTS)?,
    };
    if entry.flaw == Flaw::Expired {
        let begin = DateTime::from_unix(now.unix() - 2 * DAY_S);
        return Ok(template.valid(begin, 1));
    }
    Ok(valid(template, now))
}

fn valid(template: Template, now: DateTime) -> Template {
    template.valid(DateTime::from_unix(now.unix() - EARLIER_S), DAYS)
}

fn readme(end: DateTime) -> String {
    let mut text = format!(
        "# Certificates for tests\n\nWritten by `cargo xtask certs`. Good until {end}. \
        Not secret, not to be trusted by anything but a test.\n\n| file | for |\n|---|---|\n\
        | ca.pem | the authority, to be trusted; its private key was not kept |\n"
    );
    for Entry { name, about, .. } in &ENTRIES {
        text += &format!("| {name}.pem, {name}.key | {about} |\n");
    }
    text
}

/// Reads everything back, and asks of each certificate what a peer would ask.
fn check(provider: &dyn Provider, folder: &Path, now: DateTime) -> Result<()> {
    let read =
        |name: String| fs::read(folder.join(&name)).map_err(|error| format!("cannot read {name}: {error}"));
    let ca = pem::all(&read("ca.pem".to_owned())?, pem::CERTIFICATE)?;
    let anchors = [Certificate::parse(ca.first().ok_or("ca.pem is empty")?)?];
    for Entry { name, about, purpose, flaw, .. } in &ENTRIES {
        let der = pem::all(&read(format!("{name}.pem"))?, pem::CERTIFICATE)?;
        let leaf = Certificate::parse(der.first().ok_or("a certificate file is empty")?)?;
        leaf.check_key(&PrivateKey::from_pem(&read(format!("{name}.key"))?)?.public(provider)?)?;
        let hosts = if *purpose == Purpose::Server { HOSTS.map(Some).to_vec() } else { vec![None] };
        for host in hosts {
            let host = host.map(HostName::parse).transpose()?;
            let question =
                Verify { leaf: &leaf, intermediates: &[], anchors: &anchors, host, purpose: *purpose, now };
            let answer = question.run(provider, Policy::strict()).map_err(|rejected| rejected.fault);
            let expected = match (flaw, &answer) {
                (Flaw::None, Ok(_)) | (Flaw::OtherHost, Err(Fault::WrongHost)) => true,
                (Flaw::Expired, Err(Fault::Expired(_))) => true,
                _ => false,
            };
            if !expected {
                return Err(format!("{name}.pem is not what it should be: {answer:?}").into());
            }
        }
        println!("{name:<11} {about}");
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let failed = |error| format!("cannot write {}: {error}", path.display());
    // What is there may have another mode, which opening it would keep.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    Ok(options.open(path).map_err(failed)?.write_all(bytes).map_err(failed)?)
}

fn now() -> Result<DateTime> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(DateTime::from_unix(i64::try_from(since.as_secs())?))
}
