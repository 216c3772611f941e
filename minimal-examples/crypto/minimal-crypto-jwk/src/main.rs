//! Makes a new key and prints it as a JWK.

mod backend;

use std::process::ExitCode;

use lws_jose::Error;
use lws_jose::jwk::{Curve, Jwk, Template};

const USAGE: &str = "\
usage: minimal-crypto-jwk [-t oct|RSA|EC|OKP] [-b BITS] [-v CURVE] [--kid NAME] [--use USE] [--alg ALG]
                          [--key-ops OPS] [--public] [-c] [--backend LIBRARY]
  -b BITS      size of an RSA (2048 to 4096) or oct key          -v CURVE   such as P-521 or Ed25519
  --key-ops    separated by spaces, such as \"sign verify\"        --public   prints the public half only
  -c           as a string constant in C, over several lines     --backend   rustls, openssl or mbedtls
";

/// The value after an option.
fn value<'a>(args: &'a [String], option: &str) -> Option<&'a str> {
    let at = args.iter().position(|arg| arg == option)?;
    args.get(at + 1).map(String::as_str)
}

fn template(args: &[String]) -> Result<Template, String> {
    let bits =
        value(args, "-b").map(|bits| bits.parse::<usize>().map_err(|_| format!("-b {bits}: not a number")));
    let bits = bits.transpose()?;
    let curve = value(args, "-v").map(|name| Curve::from_name(name).ok_or(format!("no curve {name}")));
    let curve = curve.transpose()?;
    match value(args, "-t").unwrap_or("RSA") {
        "oct" => Ok(Template::Oct(bits.unwrap_or(256) / 8)),
        "RSA" => Ok(Template::Rsa(bits.unwrap_or(4096))),
        "EC" => Ok(Template::Curve(curve.unwrap_or(Curve::P256))),
        "OKP" => Ok(Template::Curve(curve.unwrap_or(Curve::Ed25519))),
        other => Err(format!("no key type {other}")),
    }
}

/// Adds what the key says of itself.
fn describe(mut key: Jwk, args: &[String]) -> Result<Jwk, Error> {
    if let Some(kid) = value(args, "--kid") {
        key = key.with_kid(kid)?;
    }
    if let Some(usage) = value(args, "--use") {
        key = key.with_usage(usage);
    }
    if let Some(alg) = value(args, "--alg") {
        key = key.with_alg(alg);
    }
    if let Some(operations) = value(args, "--key-ops") {
        key = key.with_operations(&operations.split_whitespace().collect::<Vec<_>>())?;
    }
    Ok(key)
}

fn run(args: &[String]) -> Result<(), String> {
    let provider = backend::provider(value(args, "--backend"))?;
    let key = template(args)?.generate(&provider).and_then(|key| describe(key, args));
    let key = key.map_err(|error| error.to_string())?;
    let text = if args.iter().any(|arg| arg == "--public") {
        key.public_json().map_err(|error| error.to_string())?
    } else {
        let private = key.private_json().map_err(|error| error.to_string())?;
        String::from_utf8_lossy(private.expose()).into_owned()
    };
    if !args.iter().any(|arg| arg == "-c") {
        println!("{text}");
        return Ok(());
    }
    for line in text.as_bytes().chunks(64) {
        println!("\t\"{}\"", String::from_utf8_lossy(line).replace('"', "\\\""));
    }
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "-h" || arg == "--help") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("error: {error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}
