//! Rotation on a clock of its own.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Enc};
use lws_jose::jwk::{Jwk, JwkSet, Template};
use lws_jose::jws::{self, Signer};
use lws_jose::{Error, KeyError, KeyRing, Lifetime, Metrics, Policy, State, TokenError, limits};

fn provider() -> Arc<dyn Provider> {
    Arc::new(lws_backend_rustls::crypto())
}

fn key(kid: &str) -> Jwk {
    Template::signature(jws::Alg::Es256).generate(&provider()).unwrap().with_kid(kid).unwrap()
}

fn set(keys: &[&Jwk]) -> Vec<u8> {
    let keys = keys.iter().map(|&key| key.clone()).collect();
    JwkSet { keys, skipped: vec![] }.private_json().expose().to_vec()
}

fn sign(key: &Jwk) -> String {
    Signer::new(&provider(), jws::Alg::Es256, key).unwrap().sign(b"x").unwrap()
}

fn ring() -> KeyRing {
    let policy = Policy::new().signatures(&[jws::Alg::Es256]).publish_s(100).grace_s(1000);
    KeyRing::new(&provider(), policy)
}

fn refusal(outcome: Result<impl std::fmt::Debug, Error>) -> TokenError {
    match outcome {
        Err(Error::Token(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_lives_through_its_states() {
    let (a, b) = (key("a"), key("b"));
    let mut ring = ring();
    assert!(ring.signer(0).is_err());
    // The first key is needed at once.
    let rotation = ring.rotate(&set(&[&a]), 1000).unwrap();
    assert_eq!((rotation.added, rotation.kept, rotation.removed), (1, 0, 0));
    assert_eq!(ring.state("a", 1000), Some(State::Current));
    // The next one is published first.
    let rotation = ring.rotate(&set(&[&a, &b]), 2000).unwrap();
    assert_eq!((rotation.added, rotation.kept, rotation.removed), (1, 1, 0));
    let signed_by = |ring: &KeyRing, now| {
        let token = ring.signer(now).unwrap().sign(b"x").unwrap();
        let good = ring.verify(&token, now).unwrap();
        good.header().unwrap().find("kid").unwrap().as_str().unwrap().to_owned()
    };
    for (now, a_state, b_state, signer) in [
        (2000, State::Current, State::Upcoming, "a"),
        (2099, State::Current, State::Upcoming, "a"),
        (2100, State::Current, State::Current, "b"),
    ] {
        assert_eq!((ring.state("a", now), ring.state("b", now)), (Some(a_state), Some(b_state)), "{now}");
        assert_eq!(signed_by(&ring, now), signer, "{now}");
        ring.verify(&sign(&a), now).unwrap();
        ring.verify(&sign(&b), now).unwrap();
    }
    // The old one leaves the set: grace, then retired.
    let rotation = ring.rotate(&set(&[&b]), 3000).unwrap();
    assert_eq!((rotation.added, rotation.kept, rotation.removed), (0, 1, 1));
    for (now, state) in
        [(3000, State::Grace), (3999, State::Grace), (4000, State::Retired), (9000, State::Retired)]
    {
        assert_eq!(ring.state("a", now), Some(state), "{now}");
        match state {
            State::Grace => drop(ring.verify(&sign(&a), now).unwrap()),
            _ => assert_eq!(refusal(ring.verify(&sign(&a), now)), TokenError::Retired("a".into())),
        }
        assert_eq!(signed_by(&ring, now), "b");
    }
    assert!(ring.public_json(3999).contains("\"a\"") && !ring.public_json(4000).contains("\"a\""));
    assert!(!ring.public_json(2000).contains("\"d\""));
    // A retired key does not come back under its name.
    assert_eq!(refusal(ring.rotate(&set(&[&a, &b]), 5000)), TokenError::Retired("a".into()));
}

#[test]
fn a_bad_rotation_changes_nothing() {
    let (a, b) = (key("a"), key("b"));
    let mut ring = ring();
    ring.rotate(&set(&[&a]), 0).unwrap();
    let other_a = key("a");
    let unnamed = Template::signature(jws::Alg::Es256).generate(&provider()).unwrap();
    for bad in [
        b"{".to_vec(),
        b"[]".to_vec(),
        br#"{"keys":[]}"#.to_vec(),
        br#"{"keys":[],"keys":[]}"#.to_vec(),
        set(&[&a, &b])[..300].to_vec(),
        set(&[&b, &b]),       // a name twice
        set(&[&other_a]),     // the name of another key
        set(&[&b, &other_a]), // one good one is not enough
        set(&[&unnamed]),     // nothing usable
    ] {
        assert!(ring.rotate(&bad, 10).is_err(), "{}", String::from_utf8_lossy(&bad));
        assert_eq!(ring.keys(10).map(|(kid, ..)| kid).collect::<Vec<_>>(), ["a"]);
        assert_eq!(ring.state("a", 10), Some(State::Current));
        ring.verify(&sign(&a), 10).unwrap();
    }
    assert_eq!(ring.metrics().rotations_refused, 9);
    // What nobody here has a use for is skipped, and told.
    let foreign = format!(
        r#"{{"keys":[{{"kty":"new"}},{}]}}"#,
        std::str::from_utf8(b.private_json().unwrap().expose()).unwrap()
    );
    let rotation = ring.rotate(foreign.as_bytes(), 20).unwrap();
    assert_eq!((rotation.added, rotation.removed), (1, 1));
    assert_eq!(rotation.skipped, [(0, Error::Key(KeyError::UnknownType("new".into())))]);
    let rotation = ring.rotate(&set(&[&b, &unnamed]), 30).unwrap();
    assert_eq!(rotation.skipped, [(1, Error::Key(KeyError::Missing("kid")))]);
}

#[test]
fn a_key_that_is_back_in_time_is_current_again() {
    let (a, b) = (key("a"), key("b"));
    let mut ring = ring();
    ring.rotate(&set(&[&a]), 0).unwrap();
    ring.rotate(&set(&[&b]), 10).unwrap();
    assert_eq!(ring.state("a", 500), Some(State::Grace));
    ring.rotate(&set(&[&a, &b]), 500).unwrap();
    assert_eq!(ring.state("a", 5000), Some(State::Current));
}

#[test]
fn the_policy_says_which_algorithms() {
    let p384 = Template::signature(jws::Alg::Es384).generate(&provider()).unwrap().with_kid("c").unwrap();
    let a = key("a");
    let mut ring = ring();
    ring.rotate(&set(&[&a]), 0).unwrap();
    let token = Signer::new(&provider(), jws::Alg::Es384, &p384).unwrap().sign(b"x").unwrap();
    assert_eq!(refusal(ring.verify(&token, 0)), TokenError::NotAllowed("ES384"));
    assert_eq!(refusal(ring.verify(&jws::unsecured(b"x"), 0)), TokenError::Unsecured);
    assert_eq!(refusal(ring.verify(&sign(&key("z")), 0)), TokenError::NoKey(Some("z".into())));
    assert_eq!(refusal(ring.verify(&sign(&key("a")), 0)), TokenError::Signature);
    assert_eq!(
        refusal(ring.verify("x", 0)),
        TokenError::Form("a compact JWS is three parts with two points between them")
    );
    ring.verify(&sign(&a), 0).unwrap();
    assert_eq!(
        ring.metrics(),
        Metrics {
            accepted: 1,
            not_allowed: 2,
            unknown_key: 1,
            bad: 1,
            malformed: 1,
            rotations: 1,
            ..Metrics::default()
        }
    );
    assert!(ring.add(&p384, Lifetime { from_s: 0, until_s: 1, retired_s: 2 }, 0).is_err());
}

#[test]
fn keys_with_times_of_their_own_and_revocation() {
    let (a, b) = (key("a"), key("b"));
    let mut ring = ring();
    let life = Lifetime { from_s: 100, until_s: 200, retired_s: 300 };
    ring.add(&a, life, 0).unwrap();
    assert!(ring.add(&a, life, 0).is_err());
    assert!(ring.add(&b, Lifetime { from_s: 2, until_s: 1, retired_s: 3 }, 0).is_err());
    let states = [0, 100, 199, 200, 299, 300].map(|now| ring.state("a", now).unwrap());
    use State::{Current, Grace, Retired, Upcoming};
    assert_eq!(states, [Upcoming, Current, Current, Grace, Grace, Retired]);
    let token = sign(&a);
    for now in [0, 100, 250] {
        ring.verify(&token, now).unwrap();
    }
    let metrics = ring.metrics();
    assert_eq!((metrics.accepted, metrics.accepted_upcoming, metrics.accepted_in_grace), (3, 1, 1));
    // Rotations leave it alone.
    ring.rotate(&set(&[&b]), 150).unwrap();
    assert_eq!(ring.state("a", 150), Some(Current));
    // Stolen.
    ring.revoke("a", 150).unwrap();
    assert_eq!(refusal(ring.verify(&token, 150)), TokenError::Retired("a".into()));
    assert_eq!(ring.metrics().retired, 1);
    assert!(ring.revoke("nobody", 150).is_err());
}

#[test]
fn encryption_keys_rotate_too() {
    let provider = provider();
    let policy =
        Policy::new().encryption(&[jwe::Alg::EcdhEsA256Kw, jwe::Alg::A256Kw], &[Enc::A256Gcm]).grace_s(100);
    let mut ring = KeyRing::new(&provider, policy);
    let ec = key("ec");
    let oct = Jwk::oct(&[3; 32]).unwrap().with_kid("oct").unwrap();
    ring.rotate(&set(&[&ec]), 0).unwrap();
    let token = ring.encrypter(0).unwrap().encrypt(b"secret").unwrap();
    ring.rotate(&set(&[&oct]), 10).unwrap();
    assert_eq!(ring.decrypt(&token, 109).unwrap().plaintext, b"secret");
    assert_eq!(refusal(ring.decrypt(&token, 110)), TokenError::Retired("ec".into()));
    assert_eq!(ring.encrypter(110).unwrap().algorithms(), (jwe::Alg::A256Kw, Enc::A256Gcm));
    let shown = format!("{ring:?}");
    assert!(shown.contains("oct") && !shown.contains("AwMD") && !shown.contains("3, 3"), "{shown}");
}

#[test]
fn the_ring_is_bounded() {
    let oct = |i: usize| Jwk::oct(&[i as u8; 32]).unwrap().with_kid(&format!("k{i}")).unwrap();
    let policy = Policy::new().signatures(&[jws::Alg::Hs256]);
    let mut ring = KeyRing::new(&provider(), policy);
    for i in 0..limits::RING_KEYS_MAX {
        ring.add(&oct(i), Lifetime { from_s: 0, until_s: 1000 + i as u64, retired_s: 1000 + i as u64 }, 0)
            .unwrap();
    }
    let life = Lifetime { from_s: 0, until_s: u64::MAX, retired_s: u64::MAX };
    assert!(ring.add(&oct(200), life, 0).is_err());
    // Later the longest retired one makes room.
    ring.add(&oct(200), life, 2000).unwrap();
    assert_eq!((ring.state("k0", 2000), ring.state("k1", 2000)), (None, Some(State::Retired)));
    assert_eq!(ring.keys(2000).count(), limits::RING_KEYS_MAX);
}
