//! `alg`: what there is, and what the library can do. Every answer is a trial, not a list.

use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::json::{Object, Value};
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::jws::{self, Signer, Verifier};
use lws_jose::{Error, limits};

use crate::args::Args;
use crate::report::Failure;
use crate::{backend, input};

pub(crate) fn list(args: &Args) -> Result<(), Failure> {
    let provider = backend::provider(args.value("--backend"))?;
    let rsa = Template::Rsa(2048).generate(&provider)?;
    let mut signatures = Object::new();
    for &alg in jws::Alg::ALL {
        signatures.set(alg.name(), outcome(try_signature(&provider, alg, &rsa)));
    }
    let mut keys = Object::new();
    for &alg in jwe::Alg::ALL {
        keys.set(alg.name(), outcome(try_encryption(&provider, alg, Enc::A128Gcm, &rsa)));
    }
    let mut contents = Object::new();
    for &enc in Enc::ALL {
        contents.set(enc.name(), outcome(try_encryption(&provider, jwe::Alg::Dir, enc, &rsa)));
    }
    let mut curves = Object::new();
    for &curve in Curve::ALL {
        curves.set(curve.name(), outcome(Template::Curve(curve).generate(&provider).map(|_| ())));
    }
    let answer = Object::new()
        .with("backend", provider.name())
        .with("jws", Object::new().with("alg", signatures))
        .with("jwe", Object::new().with("alg", keys).with("enc", contents))
        .with("jwk", Object::new().with("crv", curves));
    input::output(args, answer.to_string().as_bytes(), true)
}

/// `true`, or why not.
fn outcome(tried: Result<(), Error>) -> Value<'static> {
    match tried {
        Ok(()) => Value::Bool(true),
        Err(error) => Value::from(error.to_string()),
    }
}

fn key(provider: &Arc<dyn Provider>, template: Template, rsa: &Jwk) -> Result<Jwk, Error> {
    if matches!(template, Template::Rsa(_)) { Ok(rsa.clone()) } else { template.generate(provider) }
}

fn try_signature(provider: &Arc<dyn Provider>, alg: jws::Alg, rsa: &Jwk) -> Result<(), Error> {
    let key = key(provider, Template::signature(alg), rsa)?;
    let token = Signer::new(provider, alg, &key)?.sign(b"payload")?;
    Verifier::new(provider, &[alg]).key(&key)?.verify(&token)?;
    Ok(())
}

fn try_encryption(provider: &Arc<dyn Provider>, alg: jwe::Alg, enc: Enc, rsa: &Jwk) -> Result<(), Error> {
    let key = key(provider, Template::encryption(alg, enc), rsa)?;
    let token =
        Encrypter::new(provider, alg, enc, &key)?.iterations(limits::P2C_MIN)?.encrypt(b"plaintext")?;
    Decrypter::new(provider, &[alg], &[enc]).unsafe_allow_rsa1_5().key(&key)?.decrypt(&token)?;
    Ok(())
}
