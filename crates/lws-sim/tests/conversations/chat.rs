//! Several streams that speak to each other: everybody hears everything, in the same order, whatever happens to one.

use crate::{most, seeds, server};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, PeerId, Rng, Sim, for_seeds};
use std::time::Duration;

fn heard(sim: &Sim, peer: PeerId) -> Vec<String> {
    let heard = ws::heard_after_upgrade(sim.received(peer)).expect("well-formed frames");
    let text = |h| match h {
        Heard::Text(text) => Some(text),
        _ => None,
    };
    heard.into_iter().filter_map(text).collect()
}

fn chat(seed: u64) {
    let mut rng = Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let most = most(&conditions) / 10;
    let mut sim = Sim::under(conditions, seed);
    let acceptor = sim.install(&*server::SITE);
    let mut peers = Vec::new();
    let mut said: Vec<Vec<String>> = Vec::new();
    let mut lost = None;
    for _ in 0..3 {
        peers.push(sim.accept(&*acceptor));
        said.push(Vec::new());
        let newest = peers.len() - 1;
        sim.send(peers[newest], &ws::upgrade("/chat"));
        // The others may go on talking while it comes in.
        if rng.one_in(2) {
            sim.run();
        }
        for i in 0..rng.below(8) {
            let who = rng.below(peers.len());
            let text = format!("{who}:{}:{}", said[who].len(), "x".repeat(rng.magnitude(0, most)));
            sim.send(peers[who], &ws::text(&text));
            said[who].push(text);
            if i == 3 && rng.one_in(10) && lost.is_none() {
                // One of them vanishes, or reads no more.
                lost = Some(who);
                if rng.one_in(2) { sim.reset(peers[who]) } else { sim.window(peers[who], Some(0)) }
            }
            if rng.one_in(3) {
                sim.run();
            }
        }
    }
    sim.run();
    check(&sim, &peers, &said, lost);
    // On the way out, the service says goodbye to everybody; who does not answer is left alone soon.
    sim.drain();
    sim.advance(Duration::from_secs(5));
    for (i, peer) in peers.iter().enumerate() {
        assert!(sim.closed(*peer).is_some(), "{i} is still there");
        if lost != Some(i) {
            let all = ws::heard_after_upgrade(sim.received(*peer)).expect("well-formed frames");
            assert_eq!(all.last(), Some(&Heard::Close(Some(1001), String::new())));
        }
    }
    sim.end();
}

/// Each has heard a tail of the same sequence, and that has what everybody said in their own order.
fn check(sim: &Sim, peers: &[PeerId], said: &[Vec<String>], lost: Option<usize>) {
    let all: Vec<Vec<String>> = peers.iter().map(|peer| heard(sim, *peer)).collect();
    let present = |i: &usize| lost != Some(*i);
    let longest =
        (0..all.len()).filter(present).map(|i| &all[i]).max_by_key(|all| all.len()).expect("some are left");
    for (i, heard) in all.iter().enumerate().filter(|(i, _)| present(i)) {
        assert!(longest.ends_with(heard), "{i} has not heard what the others have");
    }
    for (who, own) in said.iter().enumerate() {
        let prefix = format!("{who}:");
        let heard: Vec<&String> = longest.iter().filter(|text| text.starts_with(&prefix)).collect();
        let expected: Vec<&String> = own.iter().collect();
        match present(&who) {
            // The very first words may have been said before the one with the longest memory came.
            true => assert!(expected.ends_with(&heard), "{who}: {} of {}", heard.len(), expected.len()),
            false => assert!(heard.iter().all(|text| own.contains(text))),
        }
        // Whoever speaks hears itself.
        assert!(
            !present(&who) || own.iter().all(|text| all[who].contains(text)),
            "{who} has not heard itself"
        );
    }
}

#[test]
fn chats() {
    for_seeds!(seeds(4, 5), chat);
}
