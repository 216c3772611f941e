//! The client's side against the server's: calls, bodies, limits, ends.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::desk::*;
use common::site::Notes;
use lws_head::Method;
use lws_http::client::Framing;
use lws_sim::{Conditions, Rng, for_seeds};

const SEEDS: std::ops::Range<u64> = 0..16;

fn pair(seed: u64, desk: &Shared) -> Pair {
    let conditions = Conditions::rough(&mut Rng::new(seed));
    Pair::new(conditions, seed, desk, &Notes::default())
}

#[test]
fn many_calls_at_once() {
    for_seeds!(SEEDS, |seed| {
        let desk = desk();
        ask(&desk, One::get(&desk, "a", "/x?q=1"));
        ask(&desk, One::get(&desk, "b", "/large"));
        ask(&desk, One::new(&desk, "c", Method::Head, "/large"));
        ask(&desk, One::get(&desk, "d", "/empty"));
        let mut pair = pair(seed, &desk);
        ask(&desk, One::get(&desk, "e", "/old"));
        pair.wake();
        let mut all = heard(&desk);
        all.sort();
        assert_eq!(
            all,
            [
                "a: 200",
                "a: end [root /x]",
                "b: 200",
                "b: end [300000]",
                "c: 200",
                "c: end []",
                "d: 204",
                "d: end []",
                "e: 301",
                "e: end []",
            ]
        );
        pair.end();
    });
}

#[test]
fn bodies_out_in_both_framings() {
    for_seeds!(SEEDS, |seed| {
        let desk = desk();
        let body: Vec<u8> = (0..30_000).map(|i| (i % 251) as u8).collect();
        ask(&desk, One::post(&desk, "a", "/echo", Framing::Length(30_000), &body));
        ask(&desk, One::post(&desk, "b", "/echo", Framing::Chunked, &body));
        ask(&desk, One::post(&desk, "c", "/echo", Framing::Length(0), b""));
        ask(&desk, One::post(&desk, "d", "/echo", Framing::Chunked, b""));
        let mut pair = pair(seed, &desk);
        pair.run();
        let mut all = heard(&desk);
        all.sort();
        assert_eq!(
            all,
            ["a: 200", "a: end [30000]", "b: 200", "b: end [30000]", "c: 200", "c: end []", "d: 200", "d: end []"]
        );
        pair.end();
    });
}
