use super::*;
use alloc::format;
use alloc::string::ToString as _;

const P256: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
const OKP: &str = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
/// RFC 7638 §3.1.
const RSA_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

fn refused(json: &str) -> String {
    match Jwk::from_json(json.as_bytes()) {
        Err(Error::Key(error)) => error.to_string(),
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn written_members_are_in_order() {
    let text = format!(
        r#"{{"use":"sig",{P256},"kid":"1","extra":{{"a":[1]}},"key_ops":["verify"],"alg":"ES256","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}}"#
    );
    let key = Jwk::from_json(text.as_bytes()).unwrap();
    assert_eq!(
        key.public_json().unwrap(),
        r#"{"alg":"ES256","crv":"P-256","key_ops":["verify"],"kid":"1","kty":"EC","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    );
    let private = key.private_json().unwrap();
    assert_eq!(
        core::str::from_utf8(private.expose()).unwrap(),
        r#"{"alg":"ES256","crv":"P-256","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","key_ops":["verify"],"kid":"1","kty":"EC","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    );
    // What is written reads back as the same.
    let again = Jwk::from_json(private.expose()).unwrap();
    assert!(again.is_same_key(&key) && again.is_private());
    assert_eq!(again.private_json().unwrap(), private);
    let public = key.public().unwrap();
    assert!(!public.is_private() && public.is_same_key(&key));
    assert_eq!(public.private_json().unwrap_err(), Error::Misuse("this key has no private half to export"));
}

#[test]
fn thumbprint_input_of_rfc_7638() {
    let text = format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
    let key = Jwk::from_json(text.as_bytes()).unwrap();
    let input = key.thumbprint_input();
    let expected = format!(r#"{{"e":"AQAB","kty":"RSA","n":"{RSA_N}"}}"#);
    assert_eq!(core::str::from_utf8(input.expose()).unwrap(), expected);
    assert_eq!((key.bits(), key.kty(), key.curve()), (2048, Kty::Rsa, None));
}

#[test]
fn malformed_keys() {
    for (json, expected) in [
        ("{}".to_string(), "`kty` is missing"),
        (r#"{"kty":1}"#.into(), "`kty` is not as it must be"),
        (r#"{"kty":"ec"}"#.into(), "there is no key type `ec`"),
        (r#"{"kty":"oct"}"#.into(), "`k` is missing"),
        (r#"{"kty":"oct","k":"AA=="}"#.into(), "`k` is not as it must be"),
        (r#"{"kty":"oct","k":"AB"}"#.into(), "`k` is not as it must be"),
        (r#"{"kty":"oct","k":["AA"]}"#.into(), "`k` is not as it must be"),
        (
            r#"{"kty":"oct","k":"AA","k":"AA"}"#.into(),
            "bad JSON: this name is twice in the object, at byte 22",
        ),
        (r#"{"kty":"oct","k":"AA"} "x""#.into(), "bad JSON: something follows the value, at byte 23"),
        (r#"{"kty":"oct","k":"AA","kid":7}"#.into(), "`kid` is not as it must be"),
        (format!(r#"{{"kty":"oct","k":"AA","kid":"{}"}}"#, "k".repeat(257)), "the kid is too long"),
        (format!(r#"{{"kty":"oct","k":"{}"}}"#, "A".repeat(5464)), "the symmetric key is too long"),
        (r#"{"kty":"oct","k":"AA","use":[]}"#.into(), "`use` is not as it must be"),
        (r#"{"kty":"oct","k":"AA","key_ops":"sign"}"#.into(), "`key_ops` is not as it must be"),
        (r#"{"kty":"oct","k":"AA","key_ops":["sign","sign"]}"#.into(), "`key_ops` is not as it must be"),
        (r#"{"kty":"oct","k":"AA","key_ops":[1]}"#.into(), "`key_ops` is not as it must be"),
        (r#"{"kty":"oct","k":"AA","x5c":[]}"#.into(), "`x5c` is not as it must be"),
        (r#"{"kty":"oct","k":"AA","x5c":["_-8"]}"#.into(), "`x5c` is not as it must be"),
        (r#"{"kty":"EC","crv":"P-256","x":"AA"}"#.into(), "`x` is not as it must be"),
        (format!("{{{P256}}}").replace("P-256", "secp256k1"), "there is no curve `secp256k1`"),
        (format!("{{{P256}}}").replace("P-256", "P-384"), "`x` is not as it must be"),
        (format!("{{{P256}}}").replace("P-256", "Ed25519"), "there is no curve `Ed25519`"),
        (format!("{{{OKP}}}").replace("Ed25519", "P-256"), "there is no curve `P-256`"),
        (format!("{{{OKP}}}").replace("Ed25519", "Ed448"), "there is no curve `Ed448`"),
        (format!("{{{P256},\"d\":\"AA\"}}"), "`d` is not as it must be"),
        (format!("{{{P256}}}").replace("\"y\"", "\"z\""), "`y` is missing"),
        (format!(r#"{{"kty":"RSA","n":"{RSA_N}"}}"#), "`e` is missing"),
        (format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AAEAAQ"}}"#), "`e` is not as it must be"),
        (format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":""}}"#), "`e` is not as it must be"),
        (r#"{"kty":"RSA","n":"AP8","e":"AQAB"}"#.into(), "`n` is not as it must be"),
        (r#"{"kty":"RSA","n":"-g","e":"Aw"}"#.into(), KeyError::Invalid.to_string().leak()),
        (format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, "_".repeat(684)), "the RSA key is too large"),
        (format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AQAB","p":"AQ"}}"#), "`d` is missing"),
        (format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AQAB","d":"AQ","p":"AQ"}}"#), "`q` is missing"),
        (
            format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AQAB","d":"AQ","oth":[]}}"#),
            "`oth` is not as it must be",
        ),
    ] {
        assert_eq!(refused(&json), expected, "{json}");
    }
}

#[test]
fn a_set_keeps_what_it_can_read() {
    let text = format!(
        r#"{{"keys":[{{{P256},"kid":"a"}},{{"kty":"new"}},7,{{"kty":"oct","k":"AA","kid":"b"}}],"more":0}}"#
    );
    let set = JwkSet::from_json(text.as_bytes()).unwrap();
    assert_eq!(set.keys.iter().filter_map(Jwk::kid).collect::<Vec<_>>(), ["a", "b"]);
    let skipped: Vec<_> = set.skipped.iter().map(|(at, why)| (*at, why.to_string())).collect();
    assert_eq!(
        skipped,
        [(1, "there is no key type `new`".into()), (2, "`keys` is not as it must be".into())]
    );
    assert_eq!(set.named("b").count(), 1);
    // A symmetric key has no public half.
    assert_eq!(JwkSet::from_json(set.public_json().as_bytes()).unwrap().keys.len(), 1);
    assert_eq!(JwkSet::from_json(set.private_json().expose()).unwrap().keys.len(), 2);
    for bad in ["{}", r#"{"keys":{}}"#, "[]", r#"{"keys":[],"keys":[]}"#] {
        assert!(JwkSet::from_json(bad.as_bytes()).is_err(), "{bad}");
    }
    let many = format!(r#"{{"keys":[{}1]}}"#, "1,".repeat(256));
    assert!(JwkSet::from_json(many.as_bytes()).is_err());
}

#[test]
fn jose_14_debug_shows_no_secret() {
    let d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    for json in [format!(r#"{{{P256},"d":"{d}"}}"#), format!(r#"{{"kty":"oct","k":"{d}","kid":"x"}}"#)] {
        let key = Jwk::from_json(json.as_bytes()).unwrap();
        for shown in [
            format!("{key:?}"),
            format!("{key:#?}"),
            format!("{:?}", JwkSet { keys: Vec::from([key]), skipped: Vec::new() }),
        ] {
            assert!(shown.contains("redacted"), "{shown}");
            // Neither the text, nor the first bytes as numbers or hex.
            for secret in [d, "142, 155", "8e9b", "0x8e"] {
                assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{shown}");
            }
        }
    }
}

#[test]
fn what_a_key_is_for() {
    use crate::error::Unfit;
    use crate::jwe::{self, Enc};
    use crate::jws;
    let d = r#","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#;
    let ec = |more: &str| format!("{{{P256}{more}}}");
    let oct = |len: usize, more: &str| {
        format!(r#"{{"kty":"oct","k":"{}"{more}}}"#, crate::base64url::encode(&alloc::vec![1; len]))
    };
    let rsa = |e: &str| format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"{e}"}}"#);
    let es = Purpose::Verify(jws::Alg::Es256);
    let hs = Purpose::Verify(jws::Alg::Hs256);
    let a128 = Purpose::Decrypt(jwe::Alg::A128Kw, Enc::A256Gcm);
    let dir = Purpose::Encrypt(jwe::Alg::Dir, Enc::A128Gcm);
    let agree = Purpose::Encrypt(jwe::Alg::EcdhEs, Enc::A128Gcm);
    for (json, purpose, expected) in [
        (ec(""), es, Ok(())),
        (ec(""), hs, Err(Unfit::Type(Kty::Ec))),
        (ec(""), Purpose::Verify(jws::Alg::Rs256), Err(Unfit::Type(Kty::Ec))),
        (ec(""), Purpose::Verify(jws::Alg::Es384), Err(Unfit::Curve(Curve::P256))),
        (ec(""), Purpose::Sign(jws::Alg::Es256), Err(Unfit::Public)),
        (ec(d), Purpose::Sign(jws::Alg::Es256), Ok(())),
        (ec(r#","use":"sig""#), es, Ok(())),
        (ec(r#","use":"enc""#), es, Err(Unfit::Use)),
        (ec(r#","use":"else""#), es, Err(Unfit::Use)),
        (ec(r#","use":"sig""#), agree, Err(Unfit::Use)),
        (ec(r#","alg":"ES256""#), es, Ok(())),
        (ec(r#","alg":"ES384""#), es, Err(Unfit::Algorithm)),
        (ec(r#","alg":"ES256""#), agree, Err(Unfit::Algorithm)),
        (ec(r#","key_ops":["verify"]"#), es, Ok(())),
        (ec(r#","key_ops":["sign","encrypt"]"#), es, Err(Unfit::Operation("verify"))),
        (ec(r#","key_ops":[]"#), es, Err(Unfit::Operation("verify"))),
        (ec(r#","key_ops":[]"#), agree, Ok(())),
        (ec(r#","key_ops":["verify"]"#), agree, Err(Unfit::Operation("deriveKey"))),
        (format!("{{{OKP}}}"), Purpose::Verify(jws::Alg::EdDsa), Ok(())),
        (format!("{{{OKP}}}"), es, Err(Unfit::Type(Kty::Okp))),
        (format!("{{{OKP}}}"), agree, Err(Unfit::Curve(Curve::Ed25519))),
        (format!("{{{OKP}}}").replace("Ed25519", "X25519"), agree, Ok(())),
        (
            format!("{{{OKP}}}").replace("Ed25519", "X25519"),
            Purpose::Verify(jws::Alg::EdDsa),
            Err(Unfit::Curve(Curve::X25519)),
        ),
        (oct(32, ""), hs, Ok(())),
        (oct(31, ""), hs, Err(Unfit::Size(248))),
        (oct(32, ""), Purpose::Sign(jws::Alg::Hs512), Err(Unfit::Size(256))),
        (oct(32, ""), es, Err(Unfit::Type(Kty::Oct))),
        (oct(16, ""), a128, Ok(())),
        (oct(32, ""), a128, Err(Unfit::Size(256))),
        (oct(16, r#","key_ops":["unwrapKey"]"#), a128, Ok(())),
        (oct(16, r#","key_ops":["wrapKey"]"#), a128, Err(Unfit::Operation("unwrapKey"))),
        (oct(16, ""), dir, Ok(())),
        (oct(32, ""), dir, Err(Unfit::Size(256))),
        (oct(16, r#","alg":"A128GCM""#), dir, Ok(())),
        (oct(16, r#","alg":"dir""#), dir, Ok(())),
        (oct(16, r#","alg":"A128KW""#), dir, Err(Unfit::Algorithm)),
        (oct(0, ""), Purpose::Encrypt(jwe::Alg::Pbes2Hs256A128Kw, Enc::A128Gcm), Err(Unfit::Size(0))),
        (rsa("AQAB"), Purpose::Verify(jws::Alg::Ps256), Ok(())),
        (rsa("AQAB"), Purpose::Encrypt(jwe::Alg::RsaOaep, Enc::A128Gcm), Ok(())),
        (rsa("AQAB"), Purpose::Decrypt(jwe::Alg::RsaOaep, Enc::A128Gcm), Err(Unfit::Public)),
        (rsa("Aw"), Purpose::Verify(jws::Alg::Rs256), Err(Unfit::Exponent)),
        (rsa("AQ"), Purpose::Verify(jws::Alg::Rs256), Err(Unfit::Exponent)),
        (rsa("AQAA"), Purpose::Verify(jws::Alg::Rs256), Err(Unfit::Exponent)),
        (
            rsa("AQAB").replace(RSA_N, &format!("8{}8", "_".repeat(169))),
            Purpose::Verify(jws::Alg::Rs256),
            Err(Unfit::Size(1024)),
        ),
    ] {
        let key = Jwk::from_json(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(key.check(purpose), expected, "{json} {purpose:?}");
    }
}
