//! `cargo xtask conform <suite>`: other people's conformance suites against our servers.
//!
//! A suite's own report decides, never its exit code. Suites are installed into `target/conform` on first use, at the
//! versions that `ci/conform` pins. `ci/conform/README.md` tells what each one needs.

mod autobahn;
pub(crate) mod h2;
mod python27;
mod report;

use crate::sh;
use std::path::PathBuf;

const USAGE: &str = "usage: cargo xtask conform autobahn [--tls | --h2] [--all] [--sample] [--client] [--cases GLOBS]\n\n  \
    --tls          the server speaks TLS with a certificate it makes itself\n  \
    --h2           over HTTP/2 and TLS, through a bridge on our own client\n  \
    --all          also groups 12 and 13, permessage-deflate; where neither --tls nor --h2 nor --client is given,\n                 \
    the full run: as server and as client, plain and over TLS\n  \
    --sample       also every tenth case of groups 12 and 13\n  \
    --backend NAME the server's TLS library: rustls, openssl or mbedtls\n  \
    --client       our client against the suite's server\n  \
    --cases GLOBS  only these cases, e.g. '6.*,7.1.1'\n\n\
    usage: cargo xtask conform h2 [--list] [--only PREFIX]... [--lenient] [--verbose] [--url URL | --get COMMAND]\n\n  \
    --url URL      against that server instead of our server and client\n  \
    --get COMMAND  against that client instead of them, see ci/conform/h2/README.md\n";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((suite, rest)) if suite == "autobahn" => autobahn::run(rest),
        Some((suite, rest)) if suite == "h2" => h2::run(rest),
        Some((help, _)) if help == "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        Some((other, _)) => Err(format!("no suite `{other}`\n{USAGE}")),
        None => Err(format!("which suite?\n{USAGE}")),
    }
}

/// `target/conform`, made if need be: suites, reports, logs and screenshots.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let dir = sh::target_dir().join("conform");
    std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()))?;
    Ok(dir)
}
