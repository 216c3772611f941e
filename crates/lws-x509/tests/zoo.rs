//! The zoo (TLS-07), judged with one provider; `ci/backends` does the same with all of them, and with OpenSSL's command.

#[path = "zoo/mod.rs"]
mod all;

use std::time::{Duration, Instant};

use lws_x509::Policy;

#[test]
fn tls_07_every_verdict_is_the_expected_one() {
    let provider = lws_backend_rustls::crypto();
    let cases = all::zoo(&provider);
    let wrong: Vec<_> = cases.iter().filter_map(|case| case.check(&provider).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let bad = cases.iter().filter(|case| case.strict.is_err()).count();
    assert!(bad >= 80 && cases.len() - bad >= 25, "{bad} of {} are bad", cases.len());
}

#[test]
fn tls_08_no_path_takes_long() {
    let provider = lws_backend_rustls::crypto();
    for case in all::zoo(&provider) {
        let begin = Instant::now();
        let _ = case.verdict(&provider, Policy::strict());
        // 50 ms are the goal with optimization; this is a busy machine, without.
        assert!(begin.elapsed() < Duration::from_millis(500), "{}: {:?}", case.name, begin.elapsed());
    }
}
