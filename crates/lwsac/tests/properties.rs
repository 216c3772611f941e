//! Whatever is asked for in whatever order: objects keep their bytes, alignment and place, and the budget holds.

use lwsac::{Arena, Config, Error, Interner, Ref};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Line([u8; 64]);

#[derive(Clone, Debug)]
enum Op {
    Bytes(usize),
    Words(usize),
    Line,
    Wide,
    Insert(usize),
    Intern(u8),
    Grow(Vec<usize>),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..300_usize).prop_map(Op::Bytes),
        4 => (0..40_usize).prop_map(Op::Words),
        1 => (1000..9000_usize).prop_map(Op::Bytes),
        2 => Just(Op::Line),
        2 => Just(Op::Wide),
        4 => (0..300_usize).prop_map(Op::Insert),
        2 => any::<u8>().prop_map(Op::Intern),
        2 => prop::collection::vec(0..200_usize, 0..12).prop_map(Op::Grow),
    ]
}

fn config() -> impl Strategy<Value = Config> {
    (0..2000_usize, 0..8000_usize, 0..60_000_usize, 0..20_000_usize, any::<bool>()).prop_map(
        |(first, max, budget, keep, backfill)| {
            Config::default().first_chunk(first).max_chunk(max).budget(budget).keep(keep).backfill(backfill)
        },
    )
}

/// An object and what it must hold.
enum Held<'a> {
    Bytes(&'a mut [u8], u8),
    Words(&'a mut [u64], u64),
    Line(&'a mut Line, u8),
    Wide(&'a mut u128, u128),
    Ref(Ref<[u8]>, Vec<u8>),
    Text(Ref<str>, String),
}

fn perform<'a>(arena: &'a Arena, interner: &mut Interner<'a>, op: &Op, id: usize) -> Result<Held<'a>, Error> {
    let byte = id as u8;
    Ok(match op {
        Op::Bytes(len) => Held::Bytes(arena.try_alloc_with(*len, |_| 0)?, byte),
        Op::Words(len) => Held::Words(arena.try_alloc_slice(&vec![7; *len])?, id as u64),
        Op::Line => Held::Line(arena.try_alloc(Line([0; 64]))?, byte),
        Op::Wide => Held::Wide(arena.try_alloc(0)?, id as u128),
        Op::Insert(len) => {
            let bytes: Vec<u8> = (0..*len).map(|i| i as u8 ^ byte).collect();
            Held::Ref(arena.try_insert_slice(&bytes)?, bytes)
        }
        Op::Intern(n) => {
            let text = format!("text {n}");
            Held::Text(interner.try_intern(&text)?, text)
        }
        Op::Grow(parts) => {
            let mut grow = arena.grow();
            for (i, part) in parts.iter().enumerate() {
                let before = grow.as_slice().to_vec();
                if let Err(error) = grow.try_extend(&vec![i as u8; *part]) {
                    assert_eq!(grow.as_slice(), before, "a refusal changes nothing");
                    return Err(error);
                }
                if part % 5 == 0 {
                    arena.try_alloc(0_u8)?; // somebody else takes the place behind it
                }
            }
            let want: Vec<u8> = parts.iter().enumerate().flat_map(|(i, part)| vec![i as u8; *part]).collect();
            let bytes = grow.finish();
            assert_eq!(bytes, want);
            Held::Bytes(bytes, byte)
        }
    })
}

fn fill(held: &mut Held<'_>) {
    match held {
        Held::Bytes(bytes, value) => bytes.fill(*value),
        Held::Words(words, value) => words.fill(*value),
        Held::Line(line, value) => line.0.fill(*value),
        Held::Wide(wide, value) => **wide = *value,
        Held::Ref(..) | Held::Text(..) => {}
    }
}

fn check(arena: &Arena, held: &Held<'_>) {
    match held {
        Held::Bytes(bytes, value) => assert!(bytes.iter().all(|b| b == value)),
        Held::Words(words, value) => {
            assert!(words.iter().all(|w| w == value));
            assert_eq!(words.as_ptr().addr() % align_of::<u64>(), 0);
        }
        Held::Line(line, value) => {
            assert_eq!(**line, Line([*value; 64]));
            assert_eq!(std::ptr::from_ref(*line).addr() % 64, 0);
        }
        Held::Wide(wide, value) => {
            assert_eq!(*wide, value);
            assert_eq!(std::ptr::from_ref(*wide).addr() % align_of::<u128>(), 0);
        }
        Held::Ref(handle, bytes) => assert_eq!(arena.get(*handle), Some(bytes.as_slice())),
        Held::Text(handle, text) => assert_eq!(arena.get(*handle), Some(text.as_str())),
    }
}

fn check_usage(arena: &Arena) {
    let usage = arena.usage();
    assert!(usage.used <= usage.reserved && usage.reserved <= arena.config().budget, "{usage:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 8 } else { 400 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn objects_keep_their_bytes(config in config(), rounds in prop::collection::vec(prop::collection::vec(op(), 0..60), 1..5)) {
        let mut arena = Arena::new(config);
        let mut stale: Vec<Ref<[u8]>> = Vec::new();
        for ops in rounds {
            let mut interner = Interner::new(&arena);
            let mut all = Vec::new();
            for (id, op) in ops.iter().enumerate() {
                match perform(&arena, &mut interner, op, id) {
                    Ok(held) => all.push(held),
                    Err(error) => prop_assert_eq!(error, Error::Budget),
                }
                check_usage(&arena);
            }
            // Written only now: what overlaps another object overwrites it.
            all.iter_mut().for_each(fill);
            all.iter().for_each(|held| check(&arena, held));
            for &handle in &stale {
                prop_assert_eq!(arena.get(handle), None);
            }
            let kept: Vec<_> = all
                .into_iter()
                .filter_map(|held| if let Held::Ref(handle, bytes) = held { Some((handle, bytes)) } else { None })
                .collect();

            let shared = arena.freeze();
            for (handle, bytes) in &kept {
                prop_assert_eq!(shared.get(*handle), Some(bytes.as_slice()));
            }
            arena = shared.thaw().unwrap();
            for (handle, bytes) in &kept {
                arena.get_mut(*handle).unwrap().fill(1);
                prop_assert_eq!(arena.get(*handle).unwrap().len(), bytes.len());
            }
            arena.reset();
            check_usage(&arena);
            prop_assert!(arena.usage().reserved <= config.keep);
            prop_assert_eq!(arena.usage().used, 0);
            stale.extend(kept.iter().map(|(handle, _)| *handle));
        }
        arena.free();
        prop_assert_eq!(arena.usage(), lwsac::Usage::default());
    }
}
