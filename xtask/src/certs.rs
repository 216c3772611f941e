//! `cargo xtask certs DIR`: certificates for tests, made anew, by our own `lws-x509`.
//!
//! `ci/certs` makes and checks them; it links a cryptographic library, which this program must not. What needs a certificate
//! on disk asks [`make`]; no private key is kept in the repository.

use crate::conform::h2;
use crate::sh;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "ci/certs";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let [folder] = args else { return Err("certs wants one folder: cargo xtask certs DIR".to_owned()) };
    print!("{}", make(Path::new(folder))?);
    Ok(())
}

/// Writes `ca.pem`, and `.pem` and `.key` of `server`, `server-rsa`, `client`, `expired` and `wrong-name` into a folder.
/// What it says about each.
pub(crate) fn make(folder: &Path) -> Result<String, String> {
    let program = h2::build(PACKAGE, "certs")?;
    sh::output(Command::new(program).arg(folder))
}
