//! Many seeds, one after the other.

/// Runs a closure for each seed of a range; if it panics, says with which seed.
///
/// `LWS_SIM_SEED=17` runs that seed alone. For tests, which have `std`.
///
/// ```
/// lws_sim::for_seeds!(0..100, |seed: u64| {
///     let mut rng = lws_sim::Rng::new(seed);
///     assert!(rng.below(10) < 10);
/// });
/// ```
#[macro_export]
macro_rules! for_seeds {
    ($seeds:expr, $run:expr) => {{
        let run = $run;
        let only = ::std::env::var("LWS_SIM_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
        let seeds = match only {
            Some(seed) => seed..seed + 1,
            None => $seeds,
        };
        for seed in seeds {
            let run = ::std::panic::AssertUnwindSafe(|| run(seed));
            if let Err(panic) = ::std::panic::catch_unwind(run) {
                ::std::eprintln!("seed {seed} failed; LWS_SIM_SEED={seed} runs it alone");
                ::std::panic::resume_unwind(panic);
            }
        }
    }};
}
