//! Runs the machines over whole messages, in pieces.

use lws_pmd::{Deflater, Engine, Error, Inflater};
use lws_wire::Out;

pub(crate) const ENGINES: [Engine; 2] = [Engine::ZlibRs, Engine::MinizOxide];

/// The sizes of the pieces that something comes in, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Sizes(pub(crate) Vec<usize>);

impl Sizes {
    pub(crate) fn all() -> Self {
        Self(vec![usize::MAX])
    }

    pub(crate) fn each(size: usize) -> Self {
        Self(vec![size])
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().copied().cycle()
    }
}

/// The payload of one whole message, given in pieces of `chunks` and written into rooms of `rooms`.
pub(crate) fn deflate(deflater: &mut Deflater, message: &[u8], chunks: &Sizes, rooms: &Sizes) -> Vec<u8> {
    let mut payload = Vec::new();
    let (mut chunks, mut rooms) = (chunks.iter(), rooms.iter());
    let (mut at, mut end) = (0, 0);
    for _ in 0..100_000_000 {
        if at == end && end < message.len() {
            end = end.saturating_add(chunks.next().expect("endless").max(1)).min(message.len());
        }
        let mut room = vec![0; rooms.next().expect("endless").clamp(1, 1 << 20)];
        let mut out = Out::new(&mut room);
        let deflated = deflater.deflate(&message[at..end], end == message.len(), &mut out);
        at += deflated.consumed;
        payload.extend_from_slice(out.written());
        if deflated.done {
            assert_eq!(at, message.len(), "done means that everything was taken");
            return payload;
        }
        assert!(at == end || out.room() == 0, "only room or input can be missing");
    }
    panic!("does not come to an end");
}

/// The message in one whole payload, given in pieces of `chunks` and written into rooms of `rooms`.
pub(crate) fn inflate(
    inflater: &mut Inflater,
    payload: &[u8],
    max_message: u64,
    chunks: &Sizes,
    rooms: &Sizes,
) -> Result<Vec<u8>, Error> {
    let mut message = Vec::new();
    let (mut chunks, mut rooms) = (chunks.iter(), rooms.iter());
    let (mut at, mut end) = (0, 0);
    for _ in 0..100_000_000 {
        if at == end && end < payload.len() {
            end = end.saturating_add(chunks.next().expect("endless").max(1)).min(payload.len());
        }
        let mut room = vec![0; rooms.next().expect("endless").clamp(1, 1 << 20)];
        let mut out = Out::new(&mut room);
        let inflated = inflater.inflate(&payload[at..end], end == payload.len(), max_message, &mut out)?;
        assert!(inflated.consumed <= end - at);
        at += inflated.consumed;
        message.extend_from_slice(out.written());
        assert!(message.len() as u64 <= max_message, "no byte beyond the limit is written");
        if inflated.done {
            assert_eq!(at, payload.len(), "done means that everything was taken");
            return Ok(message);
        }
        let step_is_full = out.len() == lws_pmd::limits::MAX_STEP;
        assert!(at == end || out.room() == 0 || step_is_full, "only room or input can be missing");
    }
    panic!("does not come to an end");
}

/// A message at once.
pub(crate) fn inflate_all(inflater: &mut Inflater, payload: &[u8]) -> Result<Vec<u8>, Error> {
    inflate(inflater, payload, u64::MAX, &Sizes::all(), &Sizes::all())
}

/// A message at once.
pub(crate) fn deflate_all(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
    deflate(deflater, message, &Sizes::all(), &Sizes::all())
}
