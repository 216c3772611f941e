//! Encrypts the standard input, or decrypts a token and prints what was in it.

mod backend;

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::jwe::{Alg, Decrypter, Enc, Encrypter};
use lws_jose::jwk::Jwk;

const USAGE: &str = "\
usage: minimal-crypto-jwe -e \"ALG ENC\" -k KEY.jwk [-i FILE] [-f] [-c]   encrypts
       minimal-crypto-jwe -k KEY.jwk [-i FILE]                          decrypts, with the `alg` that the key names
  -i FILE   instead of the standard input
  -f        as flattened JSON instead of a compact token
  -c        as a string constant in C, over several lines
  --backend rustls|openssl|mbedtls   the cryptographic library
";

/// The value after an option.
fn value<'a>(args: &'a [String], option: &str) -> Option<&'a str> {
    let at = args.iter().position(|arg| arg == option)?;
    args.get(at + 1).map(String::as_str)
}

fn read(path: Option<&str>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match path {
        Some(path) => bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?,
        None => drop(std::io::stdin().read_to_end(&mut bytes).map_err(|error| error.to_string())?),
    }
    Ok(bytes)
}

fn encrypt(provider: &Arc<dyn Provider>, how: &str, key: &Jwk, args: &[String]) -> Result<(), String> {
    let (alg, enc) = how.split_once(' ').ok_or("-e takes two names, as in \"A128KW A128CBC-HS256\"")?;
    let alg = Alg::from_name(alg).ok_or(format!("no algorithm {alg}"))?;
    let enc = Enc::from_name(enc).ok_or(format!("no algorithm {enc}"))?;
    let plaintext = read(value(args, "-i"))?;
    let encrypter = Encrypter::new(provider, alg, enc, key).map_err(|error| error.to_string())?;
    let flattened = args.iter().any(|arg| arg == "-f");
    let token =
        if flattened { encrypter.encrypt_flattened(&plaintext, None) } else { encrypter.encrypt(&plaintext) };
    let token = token.map_err(|error| error.to_string())?;
    if !args.iter().any(|arg| arg == "-c") {
        println!("{token}");
        return Ok(());
    }
    for line in token.as_bytes().chunks(64) {
        println!("\t\"{}\"", String::from_utf8_lossy(line).replace('"', "\\\""));
    }
    Ok(())
}

fn decrypt(provider: &Arc<dyn Provider>, key: &Jwk, args: &[String]) -> Result<(), String> {
    // The key says what is accepted; the token does not.
    let alg = key.alg().and_then(Alg::from_name).ok_or("the key has no `alg` for encryption")?;
    let token = read(value(args, "-i"))?;
    let token = std::str::from_utf8(&token).map_err(|_| "the token is not text")?.trim_end();
    let decrypter = Decrypter::new(provider, &[alg], Enc::ALL).key(key).map_err(|error| error.to_string())?;
    let opened =
        if token.starts_with('{') { decrypter.decrypt_json(token) } else { decrypter.decrypt(token) };
    let opened = opened.map_err(|error| error.to_string())?;
    std::io::stdout().write_all(&opened.plaintext).map_err(|error| error.to_string())
}

fn run(args: &[String]) -> Result<(), String> {
    let provider = backend::provider(value(args, "--backend"))?;
    let path = value(args, "-k").ok_or(format!("-k is needed\n{USAGE}"))?;
    let key = Jwk::from_json(&read(Some(path))?).map_err(|error| format!("{path}: {error}"))?;
    match value(args, "-e") {
        Some(how) => encrypt(&provider, how, &key, args),
        None => decrypt(&provider, &key, args),
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
