use std::format;
use std::string::ToString as _;
use std::vec::Vec;

use super::*;

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).expect("a window size")
}

/// What a server with `options` answers to `offers`: the field, or "" if it declines.
fn served(options: &Options, offers: &str) -> String {
    let grant = options.accept(Extensions::parse(offers.as_bytes())).expect("a list");
    grant.map(|grant| grant.field).unwrap_or_default()
}

fn with_takeover() -> Options {
    Options::default().server_no_context_takeover(false).client_no_context_takeover(false)
}

const PLAIN: &str = "permessage-deflate";
const RESETS: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

#[test]
fn what_a_server_grants_by_default() {
    // What browsers offer.
    assert_eq!(served(&Options::default(), "permessage-deflate; client_max_window_bits"), RESETS);
    assert_eq!(served(&Options::default(), "permessage-deflate"), RESETS);
    assert_eq!(served(&Options::default(), ""), "");
    assert_eq!(served(&Options::default(), "permessage-bzip2, x-webkit-deflate-frame"), "");
    // RFC 6455 §9.1 wants tokens compared as they are.
    assert_eq!(served(&Options::default(), "Permessage-Deflate"), "");
}

#[test]
fn the_parameters_that_a_server_sends_back() {
    let check = |offer: &str, answer: &str| {
        let offer = format!("{PLAIN}{offer}");
        assert_eq!(served(&with_takeover(), &offer), format!("{PLAIN}{answer}"), "{offer}");
    };
    check("", "");
    // RFC 7692 §7.1.1.1: accepted by sending it back.
    check("; server_no_context_takeover", "; server_no_context_takeover");
    // RFC 7692 §7.1.1.2: a hint, made firm.
    check("; client_no_context_takeover", "; client_no_context_takeover");
    // RFC 7692 §7.1.2.1
    for n in 8..=15 {
        check(&format!("; server_max_window_bits={n}"), &format!("; server_max_window_bits={n}"));
        check(&format!("; server_max_window_bits=\"{n}\""), &format!("; server_max_window_bits={n}"));
    }
    // RFC 7692 §7.1.2.2
    check("; client_max_window_bits", "");
    check("; client_max_window_bits=15", "");
    check("; client_max_window_bits=10", "; client_max_window_bits=10");
    check(
        "; client_max_window_bits=9 ; server_no_context_takeover;server_max_window_bits = 10",
        "; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
    );
}

#[test]
fn a_server_asks_for_smaller_windows() {
    let options = with_takeover().server_max_window_bits(bits(11)).client_max_window_bits(bits(10));
    let check = |offer: &str, answer: &str| {
        let offer = format!("{PLAIN}{offer}");
        assert_eq!(served(&options, &offer), format!("{PLAIN}{answer}"), "{offer}");
    };
    // RFC 7692 §7.1.2.1: the server may name its window unasked; §7.1.2.2: the client's it MUST NOT.
    check("", "; server_max_window_bits=11");
    check("; client_max_window_bits", "; server_max_window_bits=11; client_max_window_bits=10");
    check("; client_max_window_bits=12", "; server_max_window_bits=11; client_max_window_bits=10");
    check("; client_max_window_bits=9", "; server_max_window_bits=11; client_max_window_bits=9");
    check("; server_max_window_bits=12", "; server_max_window_bits=11");
    check("; server_max_window_bits=9", "; server_max_window_bits=9");
    let grant = options.accept(Extensions::parse(PLAIN.as_bytes())).expect("a list").expect("granted");
    assert_eq!(grant.agreed.client_max_window_bits(), WindowBits::MAX, "it was not asked");
}

/// Offers that break a rule, and answers that do.
const BAD: &[&str] = &[
    "; server_max_window_bits=0",
    "; server_max_window_bits=7",
    "; server_max_window_bits=16",
    "; server_max_window_bits=256",
    "; server_max_window_bits=08",
    "; server_max_window_bits=-8",
    "; server_max_window_bits=8x",
    "; server_max_window_bits=99999999999999999999",
    "; server_max_window_bits",
    "; client_max_window_bits=0",
    "; client_max_window_bits=7",
    "; client_max_window_bits=16",
    "; client_max_window_bits=256",
    "; client_max_window_bits=\"16\"",
    "; server_no_context_takeover=1",
    "; client_no_context_takeover=true",
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; client_max_window_bits=10; client_max_window_bits=11",
    "; client_max_window_bits=10; client_max_window_bits",
    "; client_max_window_bits; client_max_window_bits=10",
    "; unknown",
    "; unknown=1",
    "; Server_no_context_takeover",
];

#[test]
fn ws_07_a_server_declines_what_breaks_a_rule() {
    for bad in BAD {
        let offer = format!("{PLAIN}{bad}");
        assert_eq!(served(&Options::default(), &offer), "", "{offer}");
        // RFC 7692 §5.1: and goes on to the next alternative.
        let alternatives = format!("{offer}, foo; bar, {PLAIN}; server_max_window_bits=10, {PLAIN}");
        assert_eq!(
            served(&with_takeover(), &alternatives),
            "permessage-deflate; server_max_window_bits=10",
            "{alternatives}"
        );
    }
}

#[test]
fn ws_07_what_is_not_a_list_is_refused() {
    let mut bad = Vec::from(["permessage-deflate; server_max_window_bits=\"\"".to_string()]);
    bad.extend(
        [
            "permessage-deflate; server_max_window_bits=",
            "permessage-deflate;",
            "permessage-deflate, ;",
            "a b",
        ]
        .map(String::from),
    );
    bad.push(["permessage-deflate"; 17].join(","));
    for field in &bad {
        let accepted = Options::default().accept(Extensions::parse(field.as_bytes()));
        assert_eq!(accepted, Err(Malformed), "{field}");
        let checked = check(&[Options::default()], Extensions::parse(field.as_bytes()));
        assert!(matches!(checked, Err(Failure::Malformed | Failure::Parameters)), "{field}: {checked:?}");
    }
}

#[test]
fn ws_07_an_engine_with_one_window_declines_smaller_ones() {
    let options = Options::new(Engine::MinizOxide).server_max_window_bits(bits(9));
    let alternatives = "permessage-deflate; server_max_window_bits=10, permessage-deflate";
    assert_eq!(served(&options, "permessage-deflate; server_max_window_bits=10"), "");
    assert_eq!(served(&options, alternatives), RESETS);
    // It inflates all of them.
    let asked = "permessage-deflate; server_max_window_bits=15; client_max_window_bits=8";
    let answer = format!("{RESETS}; server_max_window_bits=15; client_max_window_bits=8");
    assert_eq!(served(&options, asked), answer);
    // And offers no choice of what it compresses with.
    assert_eq!(offer(&[Options::new(Engine::MinizOxide)]), format!("{RESETS}"));
    let refused = check(
        &[Options::new(Engine::MinizOxide)],
        Extensions::parse(b"permessage-deflate; client_max_window_bits=15"),
    );
    assert_eq!(refused, Err(Failure::Parameters));
}

#[test]
fn what_a_client_offers() {
    assert_eq!(offer(&[]), "");
    assert_eq!(offer(&[Options::default()]), format!("{RESETS}; client_max_window_bits"));
    let small = with_takeover().server_max_window_bits(bits(10)).client_max_window_bits(bits(9));
    assert_eq!(
        offer(&[small, with_takeover()]),
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9, \
         permessage-deflate; client_max_window_bits"
    );
}

/// What a client that offered `options` agrees to: takeovers and windows of both, the server first.
fn agreed(options: &[Options], response: &str) -> Result<Option<(bool, bool, u8, u8)>, Failure> {
    let agreed = check(options, Extensions::parse(response.as_bytes()))?;
    Ok(agreed.map(|a| (a.server_resets, a.client_resets, a.server_bits.bits(), a.client_bits.bits())))
}

#[test]
fn what_a_client_agrees_to() {
    let plain = [with_takeover()];
    assert_eq!(agreed(&plain, ""), Ok(None));
    assert_eq!(agreed(&[], ""), Ok(None));
    assert_eq!(agreed(&plain, PLAIN), Ok(Some((false, false, 15, 15))));
    // RFC 7692 §7.1.1: the server may say both unasked, and §7.1.2.1: its window too.
    assert_eq!(agreed(&plain, RESETS), Ok(Some((true, true, 15, 15))));
    for n in 8..=15 {
        assert_eq!(
            agreed(&plain, &format!("{PLAIN}; server_max_window_bits={n}")),
            Ok(Some((false, false, n, 15)))
        );
        assert_eq!(
            agreed(&plain, &format!("{PLAIN}; client_max_window_bits={n}")),
            Ok(Some((false, false, 15, n)))
        );
    }
    // The client said it would forget, and does so whether or not the server says it too.
    let forgets = [Options::default().server_no_context_takeover(false)];
    assert_eq!(agreed(&forgets, PLAIN), Ok(Some((false, true, 15, 15))));
}

#[test]
fn ws_07_a_client_fails_what_breaks_a_rule() {
    let plain = [with_takeover()];
    for bad in BAD.iter().chain(&["; client_max_window_bits"]) {
        assert_eq!(agreed(&plain, &format!("{PLAIN}{bad}")), Err(Failure::Parameters), "{bad}");
    }
    assert_eq!(agreed(&[], PLAIN), Err(Failure::NotOffered));
    assert_eq!(agreed(&plain, "foo"), Err(Failure::NotOffered));
    assert_eq!(agreed(&plain, "permessage-deflate, foo"), Err(Failure::NotOffered));
    assert_eq!(agreed(&plain, "permessage-deflate, permessage-deflate"), Err(Failure::Twice));
}

#[test]
fn ws_07_a_client_fails_what_answers_no_offer() {
    let check = |options: &Options, answer: &str, expected| {
        let offered = core::slice::from_ref(options);
        assert_eq!(agreed(offered, &format!("{PLAIN}{answer}")), expected, "{options:?}: {answer}");
    };
    // RFC 7692 §7.1.1.1: asked for, and not granted.
    let forget = with_takeover().server_no_context_takeover(true);
    check(&forget, "", Err(Failure::Parameters));
    check(&forget, "; server_no_context_takeover", Ok(Some((true, false, 15, 15))));
    // RFC 7692 §7.1.2.1: not granted, or a larger window than asked for.
    let small = with_takeover().server_max_window_bits(bits(10));
    check(&small, "", Err(Failure::Parameters));
    check(&small, "; server_max_window_bits=11", Err(Failure::Parameters));
    check(&small, "; server_max_window_bits=10", Ok(Some((false, false, 10, 15))));
    check(&small, "; server_max_window_bits=8", Ok(Some((false, false, 8, 15))));
    // RFC 7692 §7.1.2.2: a larger one than offered.
    let own = with_takeover().client_max_window_bits(bits(10));
    check(&own, "", Ok(Some((false, false, 15, 10))));
    check(&own, "; client_max_window_bits=11", Err(Failure::Parameters));
    check(&own, "; client_max_window_bits=9", Ok(Some((false, false, 15, 9))));
}

#[test]
fn a_client_falls_back_to_its_next_alternative() {
    let small = with_takeover().server_max_window_bits(bits(10)).level(9);
    let alternatives = [small, with_takeover()];
    let levels = |answer: &str| {
        let agreed =
            check(&alternatives, Extensions::parse(answer.as_bytes())).expect("legal").expect("granted");
        agreed.level
    };
    assert_eq!(levels("permessage-deflate; server_max_window_bits=10"), 9);
    assert_eq!(levels("permessage-deflate"), 1);
}

#[test]
fn both_sides_agree_whatever_they_want() {
    let flags = [false, true];
    let windows = [8, 9, 12, 15].map(bits);
    let mut all = Vec::new();
    for server in flags {
        for client in flags {
            for server_bits in windows {
                for client_bits in windows {
                    all.push(
                        Options::default()
                            .server_no_context_takeover(server)
                            .client_no_context_takeover(client)
                            .server_max_window_bits(server_bits)
                            .client_max_window_bits(client_bits),
                    );
                }
            }
        }
    }
    for client in &all {
        let asked = offer(core::slice::from_ref(client));
        for server in &all {
            let grant =
                server.accept(Extensions::parse(asked.as_bytes())).expect("a list").expect("servable");
            let agreed = check(core::slice::from_ref(client), Extensions::parse(grant.field.as_bytes()));
            assert_eq!(agreed, Ok(Some(grant.agreed)), "{asked} | {}", grant.field);
        }
    }
}
