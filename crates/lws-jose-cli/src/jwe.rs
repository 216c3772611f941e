//! `jwe`: encryption.

use std::sync::Arc;

use lws_gencrypto::{Provider, Secret};
use lws_jose::json::{Object, Value};
use lws_jose::jwe::{self, Alg, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Jwk, JwkSet};
use lws_jose::{Limits, base64url};

use crate::args::Args;
use crate::limits::INPUT_MAX;
use crate::report::Failure;
use crate::{backend, input};

pub(crate) fn run(verb: &str, args: &Args) -> Result<(), Failure> {
    let provider = backend::provider(args.value("--backend"))?;
    if verb == "encrypt" { encrypt(args, &provider) } else { decrypt(args, &provider) }
}

/// Of `--password-file` or `-k`.
fn keys(args: &Args) -> Result<Vec<JwkSet>, Failure> {
    let Some(path) = args.path("--password-file") else { return input::keys(args) };
    let content = input::file(&path)?;
    let mut password = content.expose();
    while let Some((b'\r' | b'\n', rest)) = password.split_last() {
        password = rest;
    }
    Ok(vec![JwkSet { keys: vec![Jwk::oct(password)?], skipped: Vec::new() }])
}

fn encrypt(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let sets = keys(args)?;
    let algs = args.names("--alg", Alg::ALL, Alg::from_name)?;
    let enc = args.names("--enc", Enc::ALL, Enc::from_name)?.first().copied().unwrap_or(Enc::A256Gcm);
    let mut encrypters = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        encrypters.push(encrypter(args, provider, set, algs.get(i).copied(), enc)?);
    }
    let aad = args.path("--aad").map(|path| input::file(&path)).transpose()?;
    let aad = aad.as_ref().map(Secret::expose);
    let plaintext = input::input(args)?;
    let text = match &encrypters[..] {
        [one] if args.has("--json") => one.encrypt_flattened(plaintext.expose(), aad)?,
        [_] if aad.is_some() => return Err(Failure::usage("a compact token has no --aad", "use --json")),
        [one] => one.encrypt(plaintext.expose())?,
        several => jwe::general(plaintext.expose(), aad, &several.iter().collect::<Vec<_>>())?,
    };
    input::output(args, text.as_bytes(), true)
}

fn encrypter(
    args: &Args,
    provider: &Arc<dyn Provider>,
    set: &JwkSet,
    alg: Option<Alg>,
    enc: Enc,
) -> Result<Encrypter, Failure> {
    let mut made = Err(Failure::usage("no key", ""));
    for key in &set.keys {
        let alg = alg.or_else(|| key.alg().and_then(Alg::from_name));
        made = match alg {
            Some(alg) if args.has("--no-kid") => Ok(Encrypter::new(provider, alg, enc, &unnamed(key)?)?),
            Some(alg) => Encrypter::new(provider, alg, enc, key).map_err(Failure::from),
            None => Err(Failure::usage(
                "the key does not say which algorithm it is for",
                "such as --alg ECDH-ES+A256KW for EC and OKP, RSA-OAEP-256 for RSA, A256KW or dir for oct",
            )),
        };
        if made.is_ok() {
            break;
        }
    }
    let mut encrypter = made?;
    for (name, value) in input::header(args)? {
        encrypter = encrypter.header(&name, value)?;
    }
    if let Some(count) = args.number("--p2c")? {
        encrypter = encrypter.iterations(u32::try_from(count).unwrap_or(u32::MAX))?;
    }
    let party = |name| args.value(name).unwrap_or_default().as_bytes();
    Ok(encrypter.parties(party("--apu"), party("--apv"))?)
}

/// The same key without its `kid`.
fn unnamed(key: &Jwk) -> Result<Jwk, Failure> {
    let text =
        if key.is_private() { key.private_json()? } else { Secret::from(key.public_json()?.into_bytes()) };
    let object = Object::parse(text.expose()).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let mut other = Object::new();
    for (name, value) in object.iter().filter(|(name, _)| *name != "kid") {
        other.set(name, value.clone());
    }
    Ok(Jwk::from_object(&other)?)
}

/// What is accepted: `--alg`, or what every key says it is for; `--enc`, or every one.
pub(crate) fn decrypter(
    args: &Args,
    provider: &Arc<dyn Provider>,
    sets: &[JwkSet],
) -> Result<Decrypter, Failure> {
    let mut algs = args.names("--alg", Alg::ALL, Alg::from_name)?;
    if algs.is_empty() {
        let keys = sets.iter().flat_map(|set| &set.keys);
        let named: Option<Vec<Alg>> = keys.map(|key| Alg::from_name(key.alg()?)).collect();
        algs = named.filter(|algs| !algs.is_empty()).ok_or_else(|| {
            let help = "such as --alg ECDH-ES+A256KW,RSA-OAEP-256. A token must not choose how it is opened";
            Failure::usage("which algorithms are accepted?", help)
        })?;
    }
    let mut encs = args.names("--enc", Enc::ALL, Enc::from_name)?;
    if encs.is_empty() {
        encs = Enc::ALL.to_vec();
    }
    let limits = Limits::new().bytes(INPUT_MAX as usize * 2);
    let mut decrypter = Decrypter::new(provider, &algs, &encs).limits(limits);
    if args.has("--unsafe-rsa1-5") {
        decrypter = decrypter.unsafe_allow_rsa1_5();
    } else if algs == [Alg::Rsa1_5] {
        return Err(Failure::usage(
            "RSA1_5 is not accepted",
            "add --unsafe-rsa1-5 if you know what it costs",
        ));
    }
    for set in sets {
        decrypter = decrypter.keys(set)?;
    }
    Ok(decrypter)
}

fn decrypt(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let sets = keys(args)?;
    let decrypter = decrypter(args, provider, &sets)?;
    let token = input::token(args)?;
    let opened =
        if input::is_json(&token) { decrypter.decrypt_json(&token)? } else { decrypter.decrypt(&token)? };
    if !args.has("--details") {
        return input::output(args, &opened.plaintext, false);
    }
    let details = Object::new()
        .with("alg", opened.alg.name())
        .with("enc", opened.enc.name())
        .with("key", super::jws::key_name(&sets, opened.key))
        .with("header", Value::Object(opened.header()?))
        .with("plaintext", base64url::encode(&opened.plaintext));
    input::output(args, details.to_string().as_bytes(), true)
}
