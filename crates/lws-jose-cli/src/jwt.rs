//! `jwt`: claims.

use lws_jose::json::{Limits, Object, Value};
use lws_jose::jwt::Expect;
use lws_jose::{base64url, jwe};

use crate::args::Args;
use crate::limits::INPUT_MAX;
use crate::report::Failure;
use crate::{backend, input};

pub(crate) fn decode(args: &Args) -> Result<(), Failure> {
    let token = input::token(args)?;
    if args.has("--unverified") {
        return unverified(args, &token);
    }
    let now = args.number("--now")?;
    let now =
        now.ok_or_else(|| Failure::usage("--now is needed", "--now $(date +%s): the tool reads no clock"))?;
    let expect = expect(args, now)?;
    let provider = backend::provider(args.value("--backend"))?;
    let sets = input::keys(args)?;
    // Five parts are encrypted; which algorithms are accepted is still what --alg says.
    let (header, claims) = if token.split('.').count() == 5 {
        let decrypter = super::jwe::decrypter(args, &provider, &sets)?;
        let opened = decrypter.decrypt(&token)?;
        (opened.header()?.into_owned(), expect.decrypt(&decrypter, &token)?)
    } else {
        let verifier = super::jws::verifier(args, &provider, &sets)?;
        let good = verifier.verify(&token)?;
        (good.header()?.into_owned(), expect.verify(&verifier, &token)?)
    };
    answer(args, true, header, claims.all().clone())
}

fn expect(args: &Args, now: u64) -> Result<Expect<'_>, Failure> {
    let mut expect = Expect::at(now).leeway_s(args.number("--leeway")?.unwrap_or(0));
    if let Some(iss) = args.value("--iss") {
        expect = expect.issuer(iss);
    }
    if let Some(sub) = args.value("--sub") {
        expect = expect.subject(sub);
    }
    if let Some(aud) = args.value("--aud") {
        expect = expect.audience(aud);
    }
    if let Some(typ) = args.value("--typ") {
        expect = expect.typ(typ);
    }
    Ok(if args.has("--no-exp") { expect.without_expiry() } else { expect })
}

/// What a token says, whoever made it.
fn unverified(args: &Args, token: &str) -> Result<(), Failure> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, ..] = &parts[..] else {
        return Err(Failure::refused("a token is three or five parts with points between them"));
    };
    let header = object("header", header)?;
    let enc = header.find("enc").and_then(Value::as_str).and_then(jwe::Enc::from_name);
    if enc.is_some() || parts.len() == 5 {
        return answer(args, false, header, Object::new());
    }
    answer(args, false, header, object("claims", payload)?)
}

fn object(what: &str, encoded: &str) -> Result<Object<'static>, Failure> {
    let text = base64url::decode(encoded)
        .map_err(|_| Failure::refused(format!("the {what} is not strict base64url (RFC 7515 section 2)")))?;
    let object = Object::parse_within(&text, Limits::new().bytes(INPUT_MAX as usize));
    Ok(object.map_err(|error| Failure::refused(format!("the {what}: {error}")))?.into_owned())
}

fn answer(args: &Args, verified: bool, header: Object<'_>, claims: Object<'_>) -> Result<(), Failure> {
    let answer = Object::new().with("verified", verified).with("header", header).with("claims", claims);
    input::output(args, answer.to_string().as_bytes(), true)
}
