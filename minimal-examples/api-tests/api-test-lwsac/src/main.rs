//! A linked list of 1000 objects in an arena: built, shared, walked by two threads, freed in one go.

use std::process::ExitCode;

use lwsac::{Arena, Config, Error, Ref, Shared};

/// What we keep. An object may be on several lists: one `Ref` for each.
struct Item {
    payload: u32,
    next: Option<Ref<Item>>,
}

/// Follows the list and adds the payloads up.
fn sum(list: &Shared, head: Option<Ref<Item>>) -> u32 {
    let first = head.and_then(|at| list.get(at));
    std::iter::successors(first, |item| list.get(item.next?)).map(|item| item.payload).sum()
}

fn run() -> Result<bool, Error> {
    let arena = Arena::new(Config::default().budget(64 * 1024));

    // 1: 1000 objects, each pointing to the one before.
    let mut head = None;
    for payload in 0..1000 {
        head = Some(arena.try_insert(Item { payload, next: head })?);
    }

    // 2: few chunks hold them all.
    let usage = arena.usage();
    println!("1000 objects: {} bytes in {} chunks", usage.used, usage.chunks);

    // 3: freeze the list; another thread may read it too, without a copy.
    let shared = arena.freeze();
    let other = shared.clone();
    let there = std::thread::spawn(move || sum(&other, head)).join();
    let here = sum(&shared, head);
    println!("the sum is {here}");

    // 4: take the arena back, and free everything at once. The old handles lead nowhere now.
    let Ok(mut arena) = shared.thaw() else { return Ok(false) };
    arena.free();
    let gone = head.is_some_and(|head| arena.get(head).is_none());
    println!("after the free: {} bytes", arena.usage().reserved);

    Ok(here == 499_500 && there.is_ok_and(|there| there == here) && gone && arena.usage().reserved == 0)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
