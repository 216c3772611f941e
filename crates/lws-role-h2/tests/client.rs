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
            [
                "a: 200",
                "a: end [30000]",
                "b: 200",
                "b: end [30000]",
                "c: 200",
                "c: end []",
                "d: 200",
                "d: end []"
            ]
        );
        pair.end();
    });
}

#[test]
fn trailers_both_ways() {
    for_seeds!(SEEDS, |seed| {
        let desk = desk();
        for (name, framing) in [("a", Framing::Chunked), ("b", Framing::Length(3))] {
            let mut call = One::post(&desk, name, "/trailers", framing, b"abc");
            let trailer = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
            call.trailers = vec![trailer("X-Sum", "6"), trailer("Content-Type", "no"), trailer("x-b", " c ")];
            ask(&desk, call);
        }
        let pair = pair(seed, &desk);
        let mut all = heard(&desk);
        all.sort();
        let end = "end [body] x-sum=6,x-b=c";
        assert_eq!(all, ["a: 200", &format!("a: {end}"), "b: 200", &format!("b: {end}")]);
        pair.end();
    });
}

#[test]
fn a_server_that_drains_is_left_in_peace() {
    for_seeds!(SEEDS, |seed| {
        let desk = desk();
        ask(&desk, One { complete: false, ..One::post(&desk, "a", "/sum", Framing::Chunked, b"some") });
        let mut pair = pair(seed, &desk);
        // Both are in one loop: it is the server's word that counts here, and the client hears of both.
        pair.sim.drain();
        pair.run();
        ask(&desk, One::get(&desk, "b", "/x"));
        pair.wake();
        assert_eq!(desk.borrow().calls.len(), 1, "seed {seed}: no new call");
        desk.borrow_mut().cancelled = true;
        pair.wake();
        let all = heard(&desk);
        assert_eq!(all, ["going", "a: failed cancelled", "closed Shutdown"], "seed {seed}");
        pair.end();
    });
}

/// The wire breaks somewhere: every call ends, once.
fn broken(seed: u64) {
    let mut rng = Rng::new(seed);
    let desk = desk();
    let names = ["a", "b", "c", "d", "e"];
    ask(&desk, One::get(&desk, "a", "/large"));
    ask(&desk, One::post(&desk, "b", "/echo", Framing::Chunked, &vec![7; 20_000]));
    ask(&desk, One::post(&desk, "c", "/sum", Framing::Length(20_000), &vec![7; 20_000]));
    ask(&desk, One::get(&desk, "d", "/short"));
    ask(&desk, One::get(&desk, "e", "/never"));
    let conditions = Conditions::rough(&mut rng);
    let mut pair = Pair::breaking(conditions, seed, &desk, rng.magnitude(0, 400_000));
    if pair.sim.closed(pair.client).is_none() {
        pair.advance(120.0);
    }
    let all = heard(&desk);
    for name in names {
        let ends = |note: &&String| {
            note.starts_with(&format!("{name}: end")) || note.starts_with(&format!("{name}: failed"))
        };
        assert_eq!(all.iter().filter(ends).count(), 1, "seed {seed}: {name} in {all:?}");
    }
    assert!(all.last().is_some_and(|note| note.starts_with("closed")), "seed {seed}: {all:?}");
    // What was promised and did not come is a failure, never an end.
    assert!(!all.iter().any(|note| note.starts_with("d: end")), "seed {seed}: {all:?}");
    pair.end();
}

#[test]
fn a_wire_that_breaks_under_seeds() {
    for_seeds!(0..60, broken);
}
