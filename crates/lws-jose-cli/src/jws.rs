//! `jws`: signatures.

use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::json::{Object, Value};
use lws_jose::jwk::{Jwk, JwkSet, Kty};
use lws_jose::jws::{self, Alg, Need, Signer, Verifier};
use lws_jose::{Limits, base64url};

use crate::args::Args;
use crate::limits::INPUT_MAX;
use crate::report::Failure;
use crate::{backend, input};

pub(crate) fn run(verb: &str, args: &Args) -> Result<(), Failure> {
    let provider = backend::provider(args.value("--backend"))?;
    if verb == "sign" { sign(args, &provider) } else { verify(args, &provider) }
}

fn sign(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let sets = input::keys(args)?;
    let algs = args.names("--alg", Alg::ALL, Alg::from_name)?;
    let mut signers = Vec::new();
    for (i, set) in sets.iter().enumerate() {
        signers.push(signer(args, provider, set, algs.get(i).copied())?);
    }
    let payload = input::input(args)?;
    let payload = payload.expose();
    let text = match &signers[..] {
        [one] if args.has("--json") && args.has("--detach") => {
            without_payload(&one.sign_flattened(payload)?)?
        }
        [one] if args.has("--json") => one.sign_flattened(payload)?,
        [one] if args.has("--detach") => one.sign_detached(payload)?,
        [one] => one.sign(payload)?,
        several => {
            let text = jws::general(payload, &several.iter().collect::<Vec<_>>())?;
            if args.has("--detach") { without_payload(&text)? } else { text }
        }
    };
    input::output(args, text.as_bytes(), true)
}

fn signer(
    args: &Args,
    provider: &Arc<dyn Provider>,
    set: &JwkSet,
    alg: Option<Alg>,
) -> Result<Signer, Failure> {
    let one =
        |key: &Jwk| alg.map_or_else(|| only_algorithm(key), Ok).map(|alg| Signer::new(provider, alg, key));
    // Of a set the first key that can: a set has keys for other things too.
    let mut made = Err(Failure::usage("no key", ""));
    for key in &set.keys {
        made = one(key).and_then(|signer| Ok(signer?));
        if made.is_ok() {
            break;
        }
    }
    let mut signer = made?;
    if args.has("--no-kid") {
        signer = signer.without_kid();
    }
    if let Some(typ) = args.value("--typ") {
        signer = signer.header("typ", typ)?;
    }
    for (name, value) in input::header(args)? {
        signer = signer.header(&name, value)?;
    }
    Ok(if args.has("--unencoded") { signer.unencoded() } else { signer })
}

/// The algorithm that the key names, or the only one of its curve.
fn only_algorithm(key: &Jwk) -> Result<Alg, Failure> {
    if let Some(alg) = key.alg().and_then(Alg::from_name) {
        return Ok(alg);
    }
    let by_curve = Alg::ALL.iter().copied().find(|alg| key.curve().is_some() && alg.curve() == key.curve());
    by_curve.ok_or_else(|| {
        let help = match key.kty() {
            Kty::Rsa => "such as --alg PS256 or --alg RS256",
            Kty::Oct => "such as --alg HS256",
            _ => "this curve is not for signatures",
        };
        Failure::usage("the key does not say which algorithm it is for", help)
    })
}

/// RFC 7515 appendix F: the member is removed.
fn without_payload(text: &str) -> Result<String, Failure> {
    let limits = Limits::new().bytes(text.len());
    let object = Object::parse_within(text.as_bytes(), limits)
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    let mut detached = Object::new();
    for (name, value) in object.iter().filter(|(name, _)| *name != "payload") {
        detached.set(name, value.clone());
    }
    Ok(detached.to_string())
}

/// What is accepted: `--alg`, or what every key says it is for.
pub(crate) fn allowed(args: &Args, sets: &[JwkSet]) -> Result<Vec<Alg>, Failure> {
    let named = args.names("--alg", Alg::ALL, Alg::from_name)?;
    if !named.is_empty() {
        return Ok(named);
    }
    let keys = sets.iter().flat_map(|set| &set.keys);
    let algs: Option<Vec<Alg>> = keys.map(|key| Alg::from_name(key.alg()?)).collect();
    algs.filter(|algs| !algs.is_empty()).ok_or_else(|| {
        let help = "such as --alg ES256,RS256. A token must not choose how it is checked";
        Failure::usage("which algorithms are accepted?", help)
    })
}

pub(crate) fn verifier(
    args: &Args,
    provider: &Arc<dyn Provider>,
    sets: &[JwkSet],
) -> Result<Verifier, Failure> {
    let limits = Limits::new().bytes(INPUT_MAX as usize);
    let mut verifier = Verifier::new(provider, &allowed(args, sets)?).limits(limits);
    for set in sets {
        verifier = verifier.keys(set)?;
    }
    Ok(verifier)
}

fn verify(args: &Args, provider: &Arc<dyn Provider>) -> Result<(), Failure> {
    let sets = input::keys(args)?;
    let verifier = verifier(args, provider, &sets)?;
    let token = input::token(args)?;
    let detached = args.path("--detached").map(|path| input::file(&path)).transpose()?;
    let need = if args.has("--all") { Need::All } else { Need::Any };
    let good = match (input::is_json(&token), &detached) {
        (false, None) => verifier.verify(&token)?,
        (false, Some(payload)) => verifier.verify_detached(&token, payload.expose())?,
        (true, None) => verifier.verify_json(&token, need)?,
        (true, Some(payload)) => verifier.verify_json_detached(&token, payload.expose(), need)?,
    };
    if !args.has("--details") {
        return input::output(args, &good.payload, false);
    }
    let details = Object::new()
        .with("alg", good.signed.alg.name())
        .with("key", key_name(&sets, good.signed.key))
        .with("header", Value::Object(good.header()?))
        .with("payload", base64url::encode(&good.payload));
    input::output(args, details.to_string().as_bytes(), true)
}

/// The `kid` of a key, by its position among all that were given.
pub(crate) fn key_name(sets: &[JwkSet], at: usize) -> Value<'_> {
    let kid = sets.iter().flat_map(|set| &set.keys).nth(at).and_then(Jwk::kid);
    kid.map_or(Value::Null, Value::from)
}
