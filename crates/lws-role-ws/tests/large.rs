//! Messages that are larger than what is read at once, and than the room for answers.

mod common;

use common::Line;
use lws_role_ws::{Kind, Message, Protocol, Ws, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, Rng, for_seeds};

/// Sends a part of each message back, twice if it can.
struct Part;

impl Protocol for Part {
    type Session = Option<Vec<u8>>;

    fn open(&mut self, _ws: &mut Ws<'_, '_>) -> Self::Session {
        None
    }

    fn message(&mut self, later: &mut Self::Session, ws: &mut Ws<'_, '_>, message: Message<'_>) {
        // One byte at the front says which part.
        let (which, body) = message.data.split_first().expect("it says which part");
        let third = body.len() / 3;
        let part = match which {
            0 => body,
            1 => &body[third..],
            2 => &body[..third],
            _ => &body[third..2 * third],
        };
        assert!(ws.send(Kind::Binary, part), "there is always room to answer");
        if !ws.send(Kind::Binary, b"again") {
            *later = Some(b"later".to_vec());
            ws.want_write();
        }
    }

    fn writable(&mut self, later: &mut Self::Session, ws: &mut Ws<'_, '_>) {
        if let Some(data) = later.take()
            && !ws.send(Kind::Binary, &data)
        {
            *later = Some(data);
            ws.want_write();
        }
    }
}

/// What comes back of a message, `again` or `later` left out.
fn part(message: &[u8]) -> &[u8] {
    let (which, body) = message.split_first().expect("not empty");
    let third = body.len() / 3;
    match which {
        0 => body,
        1 => &body[third..],
        2 => &body[..third],
        _ => &body[third..2 * third],
    }
}

fn talk(conditions: Conditions, sizes: &[usize], rng: &mut Rng) {
    let mut line = Line::to(websocket(|| Part), conditions);
    let mut expected = Vec::new();
    for (index, size) in sizes.iter().enumerate() {
        let mut message = rng.bytes(size + 1);
        message[0] = index as u8 % 4;
        // In two frames, or in one.
        let cut = if rng.one_in(2) { rng.below(message.len()) } else { message.len() };
        let (first, second) = message.split_at(cut);
        let mut frames = ws::frame(second.is_empty(), ws::BINARY, first, [1, 2, 3, 4]);
        if !second.is_empty() {
            frames.extend(ws::frame(true, ws::CONTINUATION, second, [5, 6, 7, 8]));
        }
        line.say(frames);
        expected.push(part(&message).to_vec());
    }
    let heard: Vec<_> = line
        .heard()
        .into_iter()
        .map(|heard| match heard {
            Heard::Binary(data) => data,
            other => panic!("{other:?}"),
        })
        .filter(|data| data != b"again" && data != b"later")
        .collect();
    assert_eq!(heard.len(), expected.len());
    assert!(heard == expected, "each part comes back as it was");
    assert_eq!(line.heard().len(), 2 * expected.len());
    line.end();
}

#[test]
fn any_part_of_a_large_message_is_an_answer() {
    let sizes = [10, 70_000, 200_000, 300, 1_500_000, 65_535, 65_536, 300_000];
    for_seeds!(0..10, |seed| talk(Conditions::CALM, &sizes, &mut Rng::new(seed)));
    talk(Conditions::BYTES, &[10, 70_000, 130_000, 300], &mut Rng::new(1));
}

/// Bytes of a frame's header with a 64-bit length and no mask.
const LONG_HEADER: usize = 10;

#[test]
fn what_was_put_together_goes_out_in_one_frame_where_the_transport_sends_memory() {
    let body = Rng::new(3).bytes(1_000_000);
    for sends_bytes in [true, false] {
        let mut line = Line::echo(Conditions { sends_bytes, ..Conditions::CALM });
        let before = line.sim.received(line.peer).len();
        line.say(ws::frame(true, ws::BINARY, &body, [1, 2, 3, 4]));
        let headers = line.sim.received(line.peer).len() - before - body.len();
        assert_eq!(headers == LONG_HEADER, sends_bytes, "{headers} bytes of headers");
        assert_eq!(line.heard(), [Heard::Binary(body.clone())]);
        line.end();
    }
}
