//! Does the time of an RSA decryption tell what was wrong? A t-test in the manner of dudect (Reparaz, Balasch, Verbauwhede,
//! 2017): two kinds of ciphertext, interleaved at random, thread CPU time, Welch's t on the lower part of the measurements.
//!
//! `crypto-timing [ROUNDS]` (default 4000 of each kind) prints |t| for each library and pair of kinds. Below 4.5 no difference
//! was seen; above 10 there is one. It says nothing on a busy machine, and is no part of the tests.

use std::time::Duration;

use backends::crypto::{providers, test_rsa};
use lws_gencrypto::{Error, Provider, RsaEncryption, RsaPrivateKey};

fn main() -> Result<(), Error> {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(4000);
    for provider in providers() {
        let key = provider.rsa_private(&test_rsa()?)?;
        let good = key.public_key().encrypt(RsaEncryption::Pkcs1, &[7; 32])?;
        let other_length = key.public_key().encrypt(RsaEncryption::Pkcs1, &[7; 31])?;
        let mut bad = good.clone();
        bad[100] ^= 1;
        for (name, first, second) in [
            ("right against wrong padding", &good, &bad),
            ("right against another length", &good, &other_length),
            ("right against itself (must be small)", &good, &good),
        ] {
            let t = compare(&*provider, &*key, [first, second], rounds)?;
            println!("{:8} {name:38} |t| = {:6.2}", provider.name(), t.abs());
        }
    }
    Ok(())
}

/// Welch's t between the times of two ciphertexts.
fn compare(
    provider: &dyn Provider,
    key: &dyn RsaPrivateKey,
    ciphertexts: [&Vec<u8>; 2],
    rounds: usize,
) -> Result<f64, Error> {
    let mut times = [Vec::new(), Vec::new()];
    let mut coin = [0; 1];
    while times.iter().any(|times| times.len() < rounds) {
        provider.random(&mut coin)?;
        let kind = usize::from(coin[0] & 1);
        let mut out = [1; 32];
        let before = cpu_time();
        key.decrypt_pkcs1_into(ciphertexts[kind], &mut out)?;
        times[kind].push((cpu_time() - before).as_nanos() as f64);
    }
    let [first, second] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        // The upper tenth is interrupts.
        times.truncate(times.len() * 9 / 10);
        mean_and_variance(&times)
    });
    Ok((first.0 - second.0) / (first.1 + second.1).sqrt())
}

/// The mean, and its variance.
fn mean_and_variance(times: &[f64]) -> (f64, f64) {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    (mean, squares / (count - 1.0) / count)
}

/// What this thread has used of a processor.
fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}
