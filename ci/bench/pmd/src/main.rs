//! Compression of WebSocket messages beside C zlib, at the same level.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use lws_pmd::{Agreed, Codec, Deflater, Inbound, Options, Outbound};
use lws_wire::Out;
use lws_ws::Side;
use lws_ws::handshake::Extensions;
use std::time::Duration;

/// Sizes of the messages, in bytes.
const SIZES: [usize; 3] = [125, 1024, 16_384];
/// Compression levels.
const LEVELS: [u8; 4] = [1, 2, 6, 9];
/// Bytes of the stream.
const STREAM: usize = 2 << 20;
/// Rounds per comparison; in each both sides run once, in alternating order.
const ROUNDS: usize = 15;
/// Of a message the wire leaves out the last four bytes (RFC 7692 §7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

fn main() {
    let rounds = if std::env::args().any(|arg| arg == "--quick") { 3 } else { ROUNDS };
    println!(
        "| message | takeover | level | ours, of the plain size | C zlib | size | ours, MB/s | C zlib | time |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for size in SIZES {
        let messages: Vec<Vec<u8>> = (0..STREAM / size).map(|index| message(index, size)).collect();
        for takeover in [false, true] {
            for level in LEVELS {
                compress(&messages, takeover, level, rounds);
            }
            inflate(&messages, takeover, rounds);
        }
    }
}

/// An event as services send them: most of it the same each time, the rest numbers and names.
fn message(index: usize, size: usize) -> Vec<u8> {
    const NAMES: [&str; 8] = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"];
    let mut state = index as u32 ^ 0x9e37_79b9;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    let mut text = format!("{{\"type\":\"update\",\"seq\":{index},\"items\":[");
    while text.len() < size {
        let (name, other) = (NAMES[next() % 8], NAMES[next() % 8]);
        let (id, price, volume) = (next(), next(), next());
        text += &format!(
            "{{\"id\":{id},\"name\":\"{name}-{other}\",\"price\":{}.{:02},\"volume\":{volume},\"active\":{}}},",
            price % 500,
            price % 100,
            volume % 3 == 0
        );
    }
    text.truncate(size);
    text.into_bytes()
}

fn agreed(takeover: bool, level: u8) -> Agreed {
    let options = Options::default()
        .level(level)
        .server_no_context_takeover(!takeover)
        .client_no_context_takeover(!takeover);
    let grant = options.accept(Extensions::parse(b"permessage-deflate")).expect("a list of one");
    grant.expect("nothing special is asked for").agreed
}

fn compress(messages: &[Vec<u8>], takeover: bool, level: u8, rounds: usize) {
    let agreed = agreed(takeover, level);
    let (mut ours, mut codec) = (agreed.outbound(Side::Server), Codec::default());
    let mut theirs = Compress::new(Compression::new(level.into()), false);
    let mut room = vec![0; 2 * Deflater::bound(messages[0].len())];
    let (mut our_size, mut their_size) = (0, 0);
    let times = race(
        rounds,
        &mut room,
        |room| our_size = messages.iter().map(|message| deflated(&mut ours, &mut codec, message, room)).sum(),
        |room| {
            their_size = messages.iter().map(|message| by_zlib(&mut theirs, takeover, message, room)).sum()
        },
    );
    let share = |size: usize| 100.0 * size as f64 / plain_size(messages) as f64;
    let (ours, theirs) = (share(our_size), share(their_size));
    let size = our_size as f64 / their_size as f64;
    row(messages, takeover, &format!("{level} | {ours:.1} % | {theirs:.1} % | {size:.2}"), times);
}

fn inflate(messages: &[Vec<u8>], takeover: bool, rounds: usize) {
    let agreed = agreed(takeover, 6);
    let mut theirs = Compress::new(Compression::new(6), false);
    let mut room = vec![0; 2 * Deflater::bound(messages[0].len())];
    let payloads: Vec<Vec<u8>> = messages
        .iter()
        .map(|message| {
            let n = by_zlib(&mut theirs, takeover, message, &mut room);
            room[..n].to_vec()
        })
        .collect();
    let mut codec = Codec::default();
    let times = race(
        rounds,
        &mut room,
        |room| {
            let mut ours = agreed.inbound(Side::Server, u64::MAX);
            for (payload, message) in payloads.iter().zip(messages) {
                inflated(&mut ours, &mut codec, payload, message, room);
            }
        },
        |room| {
            let mut theirs = Decompress::new(false);
            for (payload, message) in payloads.iter().zip(messages) {
                let before = theirs.total_out();
                let mut input = payload.clone();
                input.extend_from_slice(&TAIL);
                theirs.decompress(&input, room, FlushDecompress::Sync).expect("its own");
                assert_eq!(theirs.total_out() - before, message.len() as u64);
                if !takeover {
                    theirs.reset(false);
                }
            }
        },
    );
    row(messages, takeover, "inflate | | |", times);
}

fn plain_size(messages: &[Vec<u8>]) -> usize {
    messages.iter().map(Vec::len).sum()
}

/// A line of the table: what was done with the messages, and how long we and they took for all of them, in seconds.
fn row(messages: &[Vec<u8>], takeover: bool, what: &str, (ours, theirs, ratio): (f64, f64, f64)) {
    let takeover = if takeover { "yes" } else { "no" };
    let speed = |seconds: f64| plain_size(messages) as f64 / seconds / 1e6;
    let (ours, theirs) = (speed(ours), speed(theirs));
    println!("| {} B | {takeover} | {what} | {ours:.0} | {theirs:.0} | {ratio:.2} |", messages[0].len());
}

fn deflated(ours: &mut Outbound, codec: &mut Codec, message: &[u8], room: &mut [u8]) -> usize {
    let mut out = Out::new(room);
    assert!(ours.deflate(codec, message, true, &mut out).done);
    out.len()
}

fn by_zlib(theirs: &mut Compress, takeover: bool, message: &[u8], room: &mut [u8]) -> usize {
    let before = theirs.total_out();
    theirs.compress(message, room, FlushCompress::Sync).expect("a compressor refuses no input");
    let n = (theirs.total_out() - before) as usize;
    assert!(room[..n].ends_with(&TAIL));
    if !takeover {
        theirs.reset();
    }
    n - TAIL.len()
}

fn inflated(ours: &mut Inbound, codec: &mut Codec, payload: &[u8], message: &[u8], room: &mut [u8]) {
    let mut out = Out::new(room);
    assert!(ours.inflate(codec, payload, true, &mut out).expect("legal").done);
    assert_eq!(out.len(), message.len());
}

/// The medians of both in seconds, and the median of their ratios.
fn race(
    rounds: usize,
    room: &mut [u8],
    mut ours: impl FnMut(&mut [u8]),
    mut theirs: impl FnMut(&mut [u8]),
) -> (f64, f64, f64) {
    let (mut a, mut b, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (mine, other) = if round % 2 == 0 {
            let mine = time(|| ours(room));
            (mine, time(|| theirs(room)))
        } else {
            let other = time(|| theirs(room));
            (time(|| ours(room)), other)
        };
        a.push(mine);
        b.push(other);
        ratios.push(mine / other);
    }
    (median(a), median(b), median(ratios))
}

fn time(work: impl FnOnce()) -> f64 {
    let before = cpu_time();
    work();
    (cpu_time() - before).as_secs_f64()
}

fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.cast_unsigned(), now.tv_nsec as u32)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
