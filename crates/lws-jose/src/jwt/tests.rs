use super::*;
use alloc::string::ToString as _;

/// What becomes of claims: `ok` or the message.
fn outcome(expect: &Expect<'_>, claims: &str) -> alloc::string::String {
    match expect.check(claims.as_bytes()) {
        Ok(_) => "ok".into(),
        Err(Error::Claim(error)) => error.to_string(),
        Err(other) => panic!("{claims}: {other}"),
    }
}

#[test]
fn dates() {
    let at = Expect::at(1000);
    let loose = Expect::at(1000).leeway_s(10);
    for (claims, strict, lenient) in [
        (r#"{"exp":1001}"#, "ok", "ok"),
        (r#"{"exp":1000}"#, "expired 0 s ago", "ok"),
        (r#"{"exp":1000.9}"#, "expired 0 s ago", "ok"),
        (r#"{"exp":991}"#, "expired 9 s ago", "ok"),
        (r#"{"exp":990}"#, "expired 10 s ago", "expired 0 s ago"),
        (r#"{"exp":1e30}"#, "ok", "ok"),
        (r#"{"exp":1e400}"#, "`exp` has the wrong type", "`exp` has the wrong type"),
        (r#"{"exp":-1}"#, "`exp` has the wrong type", "`exp` has the wrong type"),
        (r#"{"exp":"1001"}"#, "`exp` has the wrong type", "`exp` has the wrong type"),
        (r#"{"exp":null}"#, "`exp` has the wrong type", "`exp` has the wrong type"),
        ("{}", "`exp` is missing", "`exp` is missing"),
        (r#"{"exp":9999,"nbf":1000}"#, "ok", "ok"),
        (r#"{"exp":9999,"nbf":1000.1}"#, "not valid for another 1 s", "ok"),
        (r#"{"exp":9999,"nbf":1011}"#, "not valid for another 11 s", "not valid for another 1 s"),
        (r#"{"exp":9999,"iat":1000}"#, "ok", "ok"),
        (r#"{"exp":9999,"iat":1010}"#, "issued 10 s in the future", "ok"),
        (r#"{"exp":9999,"iat":"x"}"#, "`iat` has the wrong type", "`iat` has the wrong type"),
    ] {
        assert_eq!(outcome(&at, claims), strict, "{claims}");
        assert_eq!(outcome(&loose, claims), lenient, "{claims}, with leeway");
    }
    assert_eq!(outcome(&Expect::at(1000).without_expiry(), "{}"), "ok");
    let young = Expect::at(1000).age_max_s(60);
    assert_eq!(outcome(&young, r#"{"exp":9999,"iat":940}"#), "ok");
    assert_eq!(outcome(&young, r#"{"exp":9999,"iat":939}"#), "expired 1 s ago");
    assert_eq!(outcome(&young, r#"{"exp":9999}"#), "`iat` is missing");
    assert_eq!(
        outcome(&Expect::at(u64::MAX).leeway_s(u64::MAX), r#"{"exp":5,"nbf":1e300}"#),
        "expired 0 s ago"
    );
}

#[test]
fn names() {
    let expect = Expect::at(0).without_expiry().issuer("joe").subject("kim").audience("us");
    for (claims, expected) in [
        (r#"{"iss":"joe","sub":"kim","aud":"us"}"#, "ok"),
        (r#"{"iss":"joe","sub":"kim","aud":["them","us"]}"#, "ok"),
        (r#"{"iss":"joe","sub":"kim","aud":["them"]}"#, "meant for another audience"),
        (r#"{"iss":"joe","sub":"kim","aud":[]}"#, "meant for another audience"),
        (r#"{"iss":"joe","sub":"kim","aud":["us",1]}"#, "`aud` has the wrong type"),
        (r#"{"iss":"joe","sub":"kim","aud":{}}"#, "`aud` has the wrong type"),
        (r#"{"iss":"joe","sub":"kim","aud":"US"}"#, "meant for another audience"),
        (r#"{"iss":"joe","sub":"kim"}"#, "`aud` is missing"),
        (r#"{"iss":"joe","aud":"us"}"#, "`sub` is missing"),
        (r#"{"iss":"joe","sub":"jim","aud":"us"}"#, "about `jim`"),
        (r#"{"sub":"kim","aud":"us"}"#, "`iss` is missing"),
        (r#"{"iss":"joe ","sub":"kim","aud":"us"}"#, "issued by `joe `"),
        (r#"{"iss":["joe"],"sub":"kim","aud":"us"}"#, "`iss` has the wrong type"),
        (r#"{"iss":"joe","sub":"kim","aud":"us","jti":7}"#, "`jti` has the wrong type"),
        (r#"{"iss":"joe","iss":"jim"}"#, "bad JSON: this name is twice in the object, at byte 13"),
        ("[]", "bad JSON: an object is needed, at byte 0"),
    ] {
        assert_eq!(outcome(&expect, claims), expected, "{claims}");
    }
    // RFC 7519 §4.1.3: who expects nothing is not meant.
    assert_eq!(outcome(&Expect::at(0).without_expiry(), r#"{"aud":"us"}"#), "meant for another audience");
}
