use super::*;
use core::mem::size_of;
use lws_role::{Facts, Handle, Peer, Place, Stream, World};

struct Echo;

impl Protocol for Echo {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        ws.send(message.kind, message.data);
    }
}

/// 56 bytes are what a block of 64 has room for in most allocators.
#[test]
fn an_idle_connection_is_small() {
    assert!(size_of::<WsRole<Echo>>() <= 56, "{} bytes", size_of::<WsRole<Echo>>());
}

/// Masked with zeros: `hello` in two fragments, with a ping between them, and `whole`.
const FRAMES: &[u8] =
    b"\x01\x82\0\0\0\0he\x89\x81\0\0\0\0p\x80\x83\0\0\0\0llo\x81\x85\0\0\0\0whole\x81\x80\0\0\0\0";
const ANSWERS: &[u8] = b"\x8a\x01p\x81\x05hello\x81\x05whole\x81\x00";
/// Behind how many bytes of them a message is under way.
fn is_amid(taken: usize) -> bool {
    matches!(taken, 7..24 | 31..35)
}

#[test]
fn between_two_messages_nothing_is_kept_wherever_the_input_is_cut() {
    for cut in 0..=FRAMES.len() {
        let mut world = World::new(Time::ZERO);
        let slot = world.add(Echo).untyped();
        let facts = Facts::plain(Peer::Memory);
        let mut stream = Stream::default();
        let mut place = Place::new(&mut world, Handle { conn: 0, generation: 0, sub: 0 }, &facts);
        let terms = Terms { slot, ..Terms::for_tests() };
        let mut role: WsRole<Echo> = WsRole::new(Rc::new(terms), None);
        let mut buffer = [0; 256];
        let mut out = Out::new(&mut buffer);
        role.start(&mut place.cx(&mut stream), &mut out);
        assert!(role.rx.is_none());

        let mut input = FRAMES.to_vec();
        let first = role.receive(&mut place.cx(&mut stream), &mut input[..cut], &mut out).consumed;
        assert_eq!(role.rx.is_some(), is_amid(first), "cut at {cut}, {first} taken");
        let second = role.receive(&mut place.cx(&mut stream), &mut input[first..], &mut out).consumed;
        assert_eq!(first + second, FRAMES.len(), "cut at {cut}");
        assert!(role.rx.is_none(), "cut at {cut}");
        assert_eq!(out.written(), ANSWERS, "cut at {cut}");
    }
}
