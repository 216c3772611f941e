use super::*;
use proptest::prelude::*;

fn key(n: u8) -> Key {
    Key::new([[n]])
}

/// The same, the slow way: keys with their time and size, oldest use first among the hot.
#[derive(Default)]
struct Model {
    hot: Vec<(u8, u32, u32)>,
    cold: Vec<(u8, u32, u32)>,
}

impl Model {
    fn forget(&mut self, n: u8) {
        self.hot.retain(|o| o.0 != n);
        self.cold.retain(|o| o.0 != n);
    }

    fn knows(&self, n: u8) -> bool {
        self.hot.iter().chain(&self.cold).any(|o| o.0 == n)
    }

    /// Times of the objects of which one is the oldest.
    fn oldest(&self) -> Option<u32> {
        let cold = self.cold.iter().map(|o| o.1).min();
        [cold, self.hot.first().map(|o| o.1)].into_iter().flatten().min()
    }
}

#[derive(Clone, Debug)]
enum Op {
    Touch(u8, u32),
    Found(Vec<(u8, u32)>),
    Remove(u8),
    Evict,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0..60_u8, 1..9_u32).prop_map(|(n, blocks)| Op::Touch(n, blocks)),
        1 => prop::collection::vec((0..60_u8, 0..50_u32), 0..20).prop_map(Op::Found),
        2 => (0..60_u8).prop_map(Op::Remove),
        2 => Just(Op::Evict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn does_as_the_slow_one(ops in prop::collection::vec(op(), 0..200)) {
        let (mut index, mut model) = (Index::new(), Model::default());
        for (now, op) in ops.into_iter().enumerate() {
            let now = now as u32 / 3; // several uses within one second
            match op {
                Op::Touch(n, blocks) => {
                    index.touch(&key(n), now, 1, blocks);
                    model.forget(n);
                    model.hot.push((n, now, blocks));
                }
                Op::Found(objects) => {
                    let mut runs: std::collections::HashMap<u8, Vec<u32>> = Default::default();
                    for (n, used_s) in objects {
                        let at = index.found(&key(n), used_s, 1);
                        prop_assert_eq!(at.is_none(), model.knows(n));
                        if let Some(at) = at {
                            runs.entry(key(n).as_bytes()[0]).or_default().push(at);
                            model.cold.push((n, used_s, 1));
                        }
                    }
                    runs.into_iter().for_each(|(dir, run)| index.add_run(dir, &run));
                }
                Op::Remove(n) => {
                    prop_assert_eq!(index.remove(&key(n)).is_some(), model.knows(n));
                    model.forget(n);
                }
                Op::Evict => {
                    let oldest = index.oldest();
                    prop_assert_eq!(oldest.map(|node| node.used_s), model.oldest());
                    if let Some(node) = oldest {
                        index.remove(&node.key);
                        model.forget((0..60).find(|n| key(*n) == node.key).expect("a key of ours"));
                    }
                }
            }
            let all: Vec<_> = model.hot.iter().chain(&model.cold).collect();
            prop_assert_eq!(index.len() as usize, all.len());
            prop_assert_eq!(index.blocks(), all.iter().map(|o| u64::from(o.2)).sum::<u64>());
            for (n, used_s, blocks) in all {
                let node = index.get(&key(*n)).expect("it is known");
                prop_assert_eq!((node.used_s, node.blocks), (*used_s, *blocks));
            }
        }
    }
}

/// Hot objects leave in the order of their use, to the last, also within one second.
#[test]
fn least_recently_used_first() {
    let mut index = Index::new();
    (0..50).for_each(|n| index.touch(&key(n), 7, 1, 1));
    (0..50).step_by(2).for_each(|n| index.touch(&key(n), 7, 1, 1));
    let order: Vec<Key> = std::iter::from_fn(|| {
        let key = index.oldest()?.key;
        index.remove(&key).map(|node| node.key)
    })
    .collect();
    let wanted = (0..50).filter(|n| n % 2 == 1).chain((0..50).step_by(2));
    assert!(order.into_iter().eq(wanted.map(key)));
}

#[test]
fn an_object_takes_little_memory() {
    assert!(size_of::<Node>() <= 56);
}
