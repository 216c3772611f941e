//! `jwk`: keys.

use std::path::Path;
use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_gencrypto::der::DateTime;
use lws_jose::jwk::{Curve, Jwk, JwkSet, Kty, Template};
use lws_jose::{base64url, jwe, jws};
use lws_x509::{Certificate, HostName, Policy, Purpose, Verify, pem};

use crate::args::Args;
use crate::report::Failure;
use crate::{backend, input};

pub(crate) fn run(verb: &str, args: &Args) -> Result<(), Failure> {
    let provider = backend::provider(args.value("--backend"))?;
    match verb {
        "gen" => generate(args, &provider),
        "pub" => public(args),
        "thp" => thumbprint(args, &provider),
        "from-pem" => from_pem(args, &provider),
        "to-pem" => to_pem(args),
        _ => x509(args, &provider),
    }
}

fn generate(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let key = template(args)?.generate(provider)?;
    let key = decorate(key, args, provider)?;
    input::output(args, key.private_json()?.expose(), true)
}

fn template(args: &Args) -> Result<Template, Failure> {
    let bits = args.number("--bits")?.map(|bits| usize::try_from(bits).unwrap_or(usize::MAX));
    let curves = args.names("--crv", Curve::ALL, Curve::from_name)?;
    let curve = curves.first().copied();
    let template = match (args.value("--alg"), args.value("--kty")) {
        (Some(name), None) => for_algorithm(name, args)?,
        (None, Some(name)) => match Kty::from_name(name) {
            Some(Kty::Oct) => Template::Oct(32),
            Some(Kty::Rsa) => Template::Rsa(2048),
            Some(Kty::Ec) => Template::Curve(Curve::P256),
            Some(Kty::Okp) => Template::Curve(Curve::Ed25519),
            _ => {
                let help = "--kty is oct, RSA, EC or OKP; case matters";
                return Err(Failure::usage(format!("there is no key type `{name}`"), help));
            }
        },
        (None, None) if curve.is_some() => Template::Curve(Curve::P256),
        _ => return Err(Failure::usage("which key?", "one of --alg ES256, --kty EC, --crv P-256")),
    };
    match (template, bits, curve) {
        (Template::Oct(_), Some(bits), None) if bits % 8 == 0 => Ok(Template::Oct(bits / 8)),
        (Template::Rsa(_), Some(bits), None) => Ok(Template::Rsa(bits)),
        (Template::Curve(given), None, Some(curve)) if fits(given, curve, args) => Ok(Template::Curve(curve)),
        (template, None, None) => Ok(template),
        (Template::Oct(_), Some(_), _) => {
            Err(Failure::usage("--bits of a symmetric key is a multiple of 8", ""))
        }
        (_, Some(_), _) => {
            Err(Failure::usage("--bits is for oct and RSA", "the size of other keys is their --crv"))
        }
        (_, _, Some(curve)) => Err(Failure::usage(format!("--crv {curve} does not fit the rest"), "")),
    }
}

/// Whether a curve may stand in for the one that was chosen by type or algorithm.
fn fits(given: Curve, curve: Curve, args: &Args) -> bool {
    match args.value("--alg").and_then(jws::Alg::from_name) {
        Some(alg) => alg.curve() == Some(curve),
        // ECDH-ES takes both types, but no Ed25519.
        None if args.value("--alg").is_some() => curve != Curve::Ed25519,
        None => args.value("--kty").is_none() || given.kty() == curve.kty(),
    }
}

fn for_algorithm(name: &str, args: &Args) -> Result<Template, Failure> {
    if let Some(alg) = jws::Alg::from_name(name) {
        return Ok(Template::signature(alg));
    }
    let Some(alg) = jwe::Alg::from_name(name) else {
        return Err(Failure::usage(format!("there is no algorithm `{name}`"), "lws-jose alg lists them"));
    };
    let enc = args.names("--enc", jwe::Enc::ALL, jwe::Enc::from_name)?.first().copied();
    match enc {
        None if alg == jwe::Alg::Dir => Err(Failure::usage(
            "the key for dir has the size of its --enc",
            "such as --alg dir --enc A256GCM",
        )),
        enc => Ok(Template::encryption(alg, enc.unwrap_or(jwe::Enc::A256Gcm))),
    }
}

/// What a key says of itself.
fn decorate(mut key: Jwk, args: &Args, provider: &Arc<dyn Provider>) -> Result<Jwk, Failure> {
    if let Some(kid) = args.value("--kid") {
        key = key.with_kid(kid)?;
    } else if !args.has("--no-kid") && key.kty() != Kty::Oct {
        let thumbprint = base64url::encode(&key.thumbprint(provider)?);
        key = key.with_kid(&thumbprint)?;
    }
    if let Some(alg) = args.value("--alg") {
        key = key.with_alg(alg);
    }
    if let Some(usage) = args.value("--use") {
        key = key.with_usage(usage);
    }
    if let Some(operations) = args.value("--key-ops") {
        key = key.with_operations(&operations.split(',').collect::<Vec<_>>())?;
    }
    Ok(key)
}

fn public(args: &Args) -> Result<(), Failure> {
    let set = input::key(args)?;
    let text = match &set.keys[..] {
        [one] => one.public_json()?,
        _ => set.public_json(),
    };
    input::output(args, text.as_bytes(), true)
}

fn thumbprint(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let set = input::key(args)?;
    let lines: Result<Vec<String>, lws_jose::Error> =
        set.keys.iter().map(|key| Ok(base64url::encode(&key.thumbprint(provider)?))).collect();
    input::output(args, lines?.join("\n").as_bytes(), true)
}

fn from_pem(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let key = Jwk::from_pem(provider, input::input(args)?.expose())?;
    key.validate(provider)?;
    write(args, &decorate(key, args, provider)?)
}

/// With its private half if it has one.
fn write(args: &Args, key: &Jwk) -> Result<(), Failure> {
    if key.is_private() {
        input::output(args, key.private_json()?.expose(), true)
    } else {
        input::output(args, key.public_json()?.as_bytes(), true)
    }
}

fn to_pem(args: &Args) -> Result<(), Failure> {
    let JwkSet { keys, .. } = input::key(args)?;
    let [key] = &keys[..] else {
        return Err(Failure::usage(
            "a set has several keys, PEM is made of one",
            "-k '{\"kty\":...}' takes one",
        ));
    };
    if key.is_private() && !args.has("--public") {
        input::output(args, key.private_pem()?.expose(), false)
    } else {
        input::output(args, key.public_pem()?.as_bytes(), false)
    }
}

/// A key from a certificate, with the certificates as `x5c`.
fn x509(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let text = input::input(args)?;
    let chain = certificates(text.expose(), "the input")?;
    let Some((leaf, intermediates)) = chain.split_first() else {
        return Err(Failure::usage(
            "there is no certificate in the input",
            "PEM: -----BEGIN CERTIFICATE-----",
        ));
    };
    if let Some(trust) = args.value("--trust") {
        let anchors = certificates(input::file(Path::new(trust))?.expose(), trust)?;
        verify(args, provider, leaf, intermediates, &anchors)?;
    }
    let mut key = Jwk::from_certificate(leaf)?;
    if let Some(path) = args.value("--key") {
        let private = Jwk::from_pem(provider, input::file(Path::new(path))?.expose())?;
        if !private.is_private() || !private.is_same_key(&key) {
            return Err(Failure::usage(format!("{path} is not the private key of this certificate"), ""));
        }
        private.validate(provider)?;
        key = private;
    }
    key = decorate(key, args, provider)?;
    write(args, &key.with_x5c(chain)?)
}

fn certificates(text: &[u8], name: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let help = "it starts with -----BEGIN CERTIFICATE-----";
    pem::all(text, pem::CERTIFICATE).map_err(|error| Failure::usage(format!("{name}: {error}"), help))
}

fn verify(
    args: &Args,
    provider: &Arc<dyn Provider>,
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    anchors: &[Vec<u8>],
) -> Result<(), Failure> {
    let now = args.number("--now")?.and_then(|now| i64::try_from(now).ok());
    let now = now
        .ok_or_else(|| Failure::usage("--trust needs --now", "--now $(date +%s): the tool reads no clock"))?;
    let intermediates = parse(intermediates)?;
    let anchors = parse(anchors)?;
    let leaf = Certificate::parse(leaf).map_err(|error| unreadable(&error))?;
    let host = args.value("--host").map(HostName::parse).transpose();
    let host = host.map_err(|error| Failure::usage(format!("--host: {error}"), ""))?;
    let policy = if args.has("--strict") { Policy::strict() } else { Policy::lws() };
    let question = Verify {
        leaf: &leaf,
        intermediates: &intermediates,
        anchors: &anchors,
        host,
        purpose: Purpose::Any,
        now: DateTime::from_unix(now),
    };
    match question.run(&**provider, policy) {
        Ok(_) => Ok(()),
        Err(rejected) => Err(Failure::refused(format!("the certificate is not trusted: {rejected}"))),
    }
}

fn parse(ders: &[Vec<u8>]) -> Result<Vec<Certificate<'_>>, Failure> {
    ders.iter().map(|der| Certificate::parse(der).map_err(|error| unreadable(&error))).collect()
}

fn unreadable(error: &lws_x509::Error) -> Failure {
    Failure::usage(format!("a certificate cannot be read: {error}"), "")
}
