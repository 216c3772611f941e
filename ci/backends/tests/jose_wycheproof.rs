//! What of wycheproof's data is JOSE's own: the composition of AES-CBC and HMAC of RFC 7518 §5.2, and AES-GCM as RFC 7518
//! §5.3 restricts it. The primitives below are tested with lws-gencrypto.

mod jose_support;

use jose_support::providers;
use lws_jose::jwe::Enc;
use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

/// Of every vector: whether its lengths are those of JOSE, and then whether it opens.
fn check(name: TestName, enc: Enc) -> usize {
    let set = TestSet::load(name).expect("the crate's own data");
    let mut checked = 0;
    for provider in providers() {
        for group in &set.test_groups {
            for test in &group.tests {
                let (key, iv, tag) = (&test.key[..], &test.nonce[..], &test.tag[..]);
                let ours =
                    key.len() == enc.key_len() && iv.len() == enc.iv_len() && tag.len() == enc.tag_len();
                let opened = enc.open(&provider, key, iv, &test.aad, test.ct.to_vec(), tag);
                let what = format!("{enc} {} on {}: {}", test.tc_id, provider.name(), test.comment);
                if ours && test.result == TestResult::Valid {
                    assert_eq!(
                        opened.unwrap_or_else(|error| panic!("{what}: {error}")),
                        &test.pt[..],
                        "{what}"
                    );
                    let mut data = test.pt.to_vec();
                    let made = enc.seal(&provider, key, iv, &test.aad, &mut data).unwrap();
                    assert_eq!((&made[..], &data[..]), (tag, &test.ct[..]), "{what}");
                } else {
                    assert!(opened.is_err(), "{what}: accepted");
                }
                checked += 1;
            }
        }
    }
    checked
}

#[test]
fn aes_cbc_hmac() {
    for (name, enc) in [
        (TestName::Aes128CbcHmacSha256, Enc::A128CbcHs256),
        (TestName::Aes192CbcHmacSha384, Enc::A192CbcHs384),
        (TestName::Aes256CbcHmacSha512, Enc::A256CbcHs512),
    ] {
        let checked = check(name, enc);
        println!("{enc}: {checked}");
        assert!(checked >= 20 * providers().len());
    }
}

#[test]
fn aes_gcm() {
    for enc in [Enc::A128Gcm, Enc::A192Gcm, Enc::A256Gcm] {
        let checked = check(TestName::AesGcm, enc);
        println!("{enc}: {checked}");
        assert!(checked >= 100 * providers().len());
    }
}
