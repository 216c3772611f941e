//! Damaged indexes, from a seed: no panic, no hang, no memory, and never a wrong answer that a checksum could prevent.
//!
//! A short run by default. `LWS_FTS_MUTATIONS=1000000 cargo test --release -p lws-fts --test mutation` asks a million
//! questions; `LWS_FTS_SEED=n` takes other numbers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::time::{Duration, Instant};

use lws_fts::{Error, Index, LineHit, Query, Search, Suggestion, limits::PAGE};
use support::{Random, build, cjk, corpus};
use twox_hash::XxHash64;

const QUERIES: [&str; 10] = [
    "ba",
    "stin mor",
    "\"ba mor\"",
    "s*",
    "(ba OR mor) -stin",
    "\"ba m\"*",
    "検索",
    "全",
    "every",
    "\"every every\" 定*",
];
const PREFIXES: [&str; 4] = ["", "s", "sto", "全"];
/// Longest time for one question to a damaged index; without optimisation ten times as much.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });

/// What somebody can see of an index.
#[derive(Debug, PartialEq)]
enum Answer {
    Files(u64, Vec<(String, u32)>),
    Lines(Vec<LineHit>),
    Words(Vec<Suggestion>),
    Sound,
}

/// Asks question number `n`.
fn ask(index: &Index<&[u8]>, n: usize) -> Result<Answer, Error> {
    let query = QUERIES[n % QUERIES.len()];
    match n / QUERIES.len() % 4 {
        0 => {
            let found = index.search(&Query::parse(query)?, &Search::default())?;
            let path = |hit: &lws_fts::Hit| Ok((index.file(hit.file)?.path, hit.score.to_bits()));
            Ok(Answer::Files(found.total, found.hits.iter().map(path).collect::<Result<_, Error>>()?))
        }
        1 => Ok(Answer::Words(index.complete(PREFIXES[n % PREFIXES.len()], 10)?)),
        2 => {
            let file = index.files().nth(n % 7).ok_or(Error::Misuse("no file"))?;
            Ok(Answer::Lines(index.lines(&Query::parse(query)?, file, 10)?))
        }
        _ if n % 8 == 7 => index.verify(|_| {}).map(|_| Answer::Sound),
        _ => {
            let search = Search::default().path("*1*").limit(100);
            Ok(Answer::Files(index.search(&Query::parse(query)?, &search)?.total, Vec::new()))
        }
    }
}

/// An index with more than one level, block and group of everything, and another one that is small.
fn originals() -> Vec<Vec<u8>> {
    let mut large = corpus(1, 250, 120);
    large.extend(cjk(2, 60, 40));
    large.extend((0..300).map(|n| (format!("many/{n}"), "every\n".repeat(n % 3 + 1))));
    large.push(("lines".into(), "every\nline ".repeat(9000)));
    // More words with a common prefix than a completion looks at.
    large.push(("words".into(), (0..1200).map(|n| format!("s{n:o} sto{n} ")).collect()));
    vec![build(&large), build(&corpus(3, 3, 30))]
}

/// Changes a copy; answers whether the checksums were made right again.
fn damage(random: &mut Random, good: &[u8]) -> (Vec<u8>, bool) {
    let mut bad = good.to_vec();
    let pages = bad.len() / PAGE;
    match random.below(8) {
        0 => (0..=random.below(300)).for_each(|_| {
            let at = random.below(good.len());
            bad[at] ^= 1 << random.below(8);
        }),
        1 => bad.truncate(random.below(good.len())),
        2 => bad.truncate(random.below(pages) * PAGE),
        3 => {
            let (from, to) = (random.below(pages) * PAGE, random.below(pages) * PAGE);
            bad.copy_within(from..from + PAGE, to);
        }
        kind => {
            // From here on somebody who knows the format.
            let page = if random.below(3) == 0 { pages - 1 } else { random.below(pages) };
            let payload = &mut bad[page * PAGE..(page + 1) * PAGE - 8];
            match kind {
                4 => (0..=random.below(8)).for_each(|_| {
                    let at = random.below(payload.len());
                    payload[at] ^= 1 << random.below(8);
                }),
                5 => {
                    // A number becomes an extreme one.
                    let len = 1 << random.below(4);
                    let at = (random.below(payload.len() - 8) / len) * len;
                    let value =
                        *random.one(&[0u64, 1, u64::MAX, u64::MAX >> 1, 0x80, 0xFFFF_FFFF, 1 << 31, 4088]);
                    payload[at..at + len].copy_from_slice(&value.to_le_bytes()[..len]);
                }
                6 => {
                    let len = random.below(64) + 1;
                    let (from, to) = (random.below(payload.len() - 64), random.below(payload.len() - 64));
                    payload.copy_within(from..from + len, to);
                }
                _ => {
                    // One of the numbers of the footer, a little or a lot.
                    let at = payload.len() - 152 + random.below(19) * 8;
                    let old = u64::from_le_bytes(payload[at..at + 8].try_into().unwrap());
                    let off = *random.one(&[1, 8, u64::MAX, 4088, 1 << 20, 1 << 40]);
                    payload[at..at + 8].copy_from_slice(&old.wrapping_add(off).to_le_bytes());
                }
            }
            let sum = XxHash64::oneshot(page as u64, payload);
            bad[(page + 1) * PAGE - 8..(page + 1) * PAGE].copy_from_slice(&sum.to_le_bytes());
            return (bad, true);
        }
    }
    (bad, false)
}

/// Memory of this process, in bytes.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// FTS-01.
#[test]
fn fts_01_damaged_indexes() {
    let originals = originals();
    assert!(originals[0].len() > 16 * PAGE && originals[1].len() < 3 * PAGE);
    let kinds = QUERIES.len() * 4;
    let truth: Vec<Vec<Result<Answer, Error>>> = originals
        .iter()
        .map(|good| {
            let index = Index::open(good.as_slice()).unwrap();
            (0..kinds).map(|n| ask(&index, n)).collect()
        })
        .collect();
    let mut random = Random(number("LWS_FTS_SEED", 0x5EED));
    let questions = number("LWS_FTS_MUTATIONS", 4_000);
    let (mut asked, mut errors, mut slowest) = (0, 0, Duration::ZERO);
    let mut before = None;
    while asked < questions {
        let which = usize::from(random.below(4) == 0);
        let (bad, resealed) = damage(&mut random, &originals[which]);
        for _ in 0..5 {
            let n = random.below(kinds);
            let start = Instant::now();
            let outcome = Index::open(bad.as_slice()).and_then(|index| ask(&index, n));
            let mut took = start.elapsed();
            // On a busy machine a question may have waited: then it is asked again.
            for _ in 0..5 {
                if took >= LONGEST / 10 {
                    let start = Instant::now();
                    let again = Index::open(bad.as_slice()).and_then(|index| ask(&index, n));
                    took = took.min(start.elapsed());
                    assert_eq!(again, outcome);
                }
            }
            slowest = slowest.max(took);
            asked += 1;
            errors += u64::from(outcome.is_err());
            if !resealed && outcome.is_ok() {
                assert_eq!(outcome, truth[which][n], "question {n}");
            }
        }
        if asked == questions / 10 / 5 * 5 {
            before = resident();
        }
    }
    assert!(errors > asked / 20 && errors < asked, "{errors} errors of {asked}");
    println!("{asked} questions, {errors} errors, the slowest took {slowest:?}");
    assert!(slowest < LONGEST, "a question took {slowest:?}");
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(after < before + (8 << 20), "memory grew from {before} to {after}");
    }
}

/// FTS-01: cut at every byte.
#[test]
fn fts_01_truncated_anywhere() {
    let good = &originals()[1];
    for len in 0..good.len() {
        let outcome = Index::open(&good[..len]).and_then(|index| ask(&index, 0));
        assert!(matches!(outcome, Err(Error::Corrupt(_))), "cut at {len}");
    }
}

/// Every change of one byte is found, wherever it is.
#[test]
fn verify_finds_every_change_of_a_byte() {
    let mut bad = build(&corpus(3, 3, 30));
    let index = |bytes: &[u8]| Index::open(bytes).and_then(|index| index.verify(|_| {}));
    assert!(index(&bad).is_ok());
    let mut random = Random(9);
    for at in 0..bad.len() {
        let change = 1 + random.below(255) as u8;
        bad[at] ^= change;
        assert!(matches!(index(&bad), Err(Error::Corrupt(_))), "byte {at} ^ {change}");
        bad[at] ^= change;
    }
    assert!(index(&bad).is_ok());
}

/// A future version is named, not misread.
#[test]
fn another_version_is_said() {
    let mut bytes = build(&corpus(3, 3, 30));
    let footer = bytes.len() - 8 - 152;
    assert_eq!(bytes[footer..footer + 8], *b"lws-fts\x1A");
    bytes[footer + 10] = 3;
    let last = bytes.len() - PAGE;
    let sum = XxHash64::oneshot((last / PAGE) as u64, &bytes[last..last + PAGE - 8]);
    bytes[last + PAGE - 8..].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(Index::open(bytes).unwrap_err(), Error::Version { found: 3 << 16 });
}
