//! Keys, signatures, encryption, claims and rotation, with examples of the RFCs: what a user of lws-jose calls, in one go.

mod backend;

use std::process::ExitCode;
use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, JwkSet, Template};
use lws_jose::jws::{self, Signer, Verifier};
use lws_jose::jwt::Expect;
use lws_jose::{Error, KeyRing, Policy, TokenError, base64url};

/// Compares, and says so if it differs.
fn expect<T: PartialEq + std::fmt::Debug>(what: &str, got: T, want: T) -> bool {
    if got != want {
        println!("{what}: got {got:?}, wanted {want:?}");
    }
    got == want
}

/// RFC 7638 §3.1: the thumbprint of an RSA key.
fn thumbprint(provider: &Arc<dyn Provider>) -> Result<bool, Error> {
    let key = Jwk::from_json(include_bytes!("../rfc7638.jwk"))?;
    let thumbprint = base64url::encode(&key.thumbprint(provider)?);
    Ok(expect("thumbprint", &*thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"))
}

/// RFC 8037 appendix A.4: a signature that comes out the same every time.
fn signature(provider: &Arc<dyn Provider>) -> Result<bool, Error> {
    let key = Jwk::from_json(
        br#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    )?;
    let token = Signer::new(provider, jws::Alg::EdDsa, &key)?.sign(b"Example of Ed25519 signing")?;
    let wanted = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
        hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let public = key.public().ok_or(Error::Misuse("it has a public half"))?;
    let verifier = Verifier::new(provider, &[jws::Alg::EdDsa]).key(&public)?;
    let forged = jws::unsecured(b"Example of Ed25519 signing");
    Ok(expect("token", &*token, wanted)
        & expect("payload", &*verifier.verify(&token)?.payload, b"Example of Ed25519 signing")
        & expect("none", verifier.verify(&forged).err(), Some(Error::Token(TokenError::Unsecured))))
}

/// Every way to encrypt a key with every way to encrypt content.
fn encryption(provider: &Arc<dyn Provider>) -> Result<bool, Error> {
    let rsa = Template::Rsa(2048).generate(provider)?;
    let mut good = true;
    let mut tried = 0;
    for &alg in jwe::Alg::ALL {
        for &enc in Enc::ALL {
            let keys = match Template::encryption(alg, enc) {
                Template::Rsa(_) => vec![rsa.clone()],
                Template::Curve(_) => [Curve::P256, Curve::P384, Curve::P521, Curve::X25519]
                    .iter()
                    .map(|&curve| Template::Curve(curve).generate(provider))
                    .collect::<Result<_, _>>()?,
                other => vec![other.generate(provider)?],
            };
            for key in keys {
                let token =
                    Encrypter::new(provider, alg, enc, &key)?.iterations(1000)?.encrypt(b"any length")?;
                let decrypter = Decrypter::new(provider, &[alg], &[enc]).unsafe_allow_rsa1_5().key(&key)?;
                good &= expect("plaintext", &*decrypter.decrypt(&token)?.plaintext, b"any length");
                tried += 1;
            }
        }
    }
    println!("{tried} ways to encrypt");
    Ok(good)
}

/// A key is replaced while tokens of the old one are about; the time is ours.
fn rotation(provider: &Arc<dyn Provider>) -> Result<bool, Error> {
    let key = |kid| Template::Curve(Curve::P256).generate(provider)?.with_kid(kid);
    let set = |key: Jwk| JwkSet { keys: vec![key], skipped: vec![] }.private_json();
    let policy = Policy::new().signatures(&[jws::Alg::Es256]).grace_s(3600);
    let mut ring = KeyRing::new(provider, policy);
    ring.rotate(set(key("spring")?).expose(), 1000)?;
    let token = ring.signer(1000)?.sign(br#"{"iss":"us","exp":9000}"#)?;
    ring.rotate(set(key("summer")?).expose(), 2000)?;
    let claims = Expect::at(3000).issuer("us").check(&ring.verify(&token, 3000)?.payload)?;
    let late = ring.verify(&token, 2000 + 3600).err();
    println!("{:?}", ring.metrics());
    Ok(expect("expiry", claims.expires_s(), Some(9000))
        & expect("retired", late, Some(Error::Token(TokenError::Retired("spring".into())))))
}

/// The value of `--backend`.
fn library(args: &[String]) -> Result<Option<&str>, String> {
    match args {
        [] => Ok(None),
        [option, name] if option == "--backend" => Ok(Some(name)),
        _ => Err("wrong arguments\nhelp: --backend rustls|openssl|mbedtls".into()),
    }
}

type Check = fn(&Arc<dyn Provider>) -> Result<bool, Error>;

fn run(args: &[String]) -> Result<bool, String> {
    let provider = backend::provider(library(args)?)?;
    let mut good = true;
    for check in [thumbprint as Check, signature, encryption, rotation] {
        match check(&provider) {
            Ok(right) => good &= right,
            // Not every library can do everything; it says what to do instead.
            Err(error @ Error::Crypto(lws_gencrypto::Error::Unsupported { .. })) => println!("{error}"),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(good)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("Completed: FAIL: {error}");
            ExitCode::FAILURE
        }
    }
}
