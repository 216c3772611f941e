//! The sending half of a connection: heads, data, trailers, into whatever room there is.

use lws_head::trailer::{Rule, rule};
use lws_hpack::{Encoder, Field};
use lws_wire::Out;

use crate::flow::SendWindow;
use crate::frame::{HEADER, Header, flag, kind};
use crate::limits;
use crate::memo::HeadMemo;
use crate::settings;
use crate::streams::Flow;

/// What all streams of a connection share for sending. [`Connection::stream`](crate::Connection::stream) lends it
/// together with one stream.
pub struct Sender {
    pub(crate) encoder: Encoder,
    pub(crate) window: SendWindow,
    /// Bytes of payload that the peer takes in one frame.
    pub(crate) frame: usize,
    /// `DATA` frames sent.
    pub(crate) data_frames: u64,
}

/// What kind of request a client sends, as far as the response's framing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// HEAD: the response has no body, whatever its head says (RFC 9110 §9.3.2).
    Head,
    /// CONNECT: the response, if good, has no length (RFC 9110 §9.3.6).
    Connect,
    /// Anything else.
    Other,
}

/// Bytes of an encoded `content-length` at most.
const LENGTH_BOUND: usize = 23;

impl Sender {
    pub(crate) fn new() -> Self {
        Self {
            encoder: Encoder::new(limits::ENCODER_TABLE_BYTES),
            window: SendWindow::new(settings::FIRST_WINDOW),
            frame: settings::Peer::default().frame as usize,
            data_frames: 0,
        }
    }

    /// Bytes that both windows let this stream send now.
    pub fn window(&self, flow: &Flow) -> usize {
        flow.send.available().min(self.window.available())
    }

    /// Bytes of payload that one `DATA` frame can carry now: both windows, the peer's frame size, and the room.
    pub fn room(&self, flow: &Flow, out: &Out<'_>) -> usize {
        if !flow.state.is_local_open() {
            return 0;
        }
        self.window(flow).min(self.frame).min(out.room().saturating_sub(HEADER))
    }

    /// Appends a final head, whole or not at all; pseudo-headers first, names in lower case. Without room (or if the
    /// head is longer than a frame) nothing has happened, and it can be tried again.
    #[must_use = "false means that nothing was written"]
    pub fn head<'f, I>(&mut self, flow: &mut Flow, out: &mut Out<'_>, fields: I, ends: bool) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        let put = self.block(flow, out, fields, ends);
        flow.answered |= put;
        put
    }

    /// Appends a final head like [`Sender::head`], with a `content-length` behind the fields if there is one. `key` is
    /// the same for two heads only if their fields are: for the second one `memo` may have what the first one was
    /// encoded as.
    #[must_use = "false means that nothing was written"]
    pub fn head_like<'f, I>(
        &mut self,
        flow: &mut Flow,
        out: &mut Out<'_>,
        memo: &mut HeadMemo<'_>,
        (key, fields): (&[u8], I),
        length: Option<u64>,
        ends: bool,
    ) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        if !flow.state.is_local_open() {
            return false;
        }
        let changes = self.encoder.changes();
        let header = |block: usize| {
            let flags = flag::END_HEADERS | if ends { flag::END_STREAM } else { 0 };
            Header { length: block as u32, kind: kind::HEADERS, flags, stream: flow.id }.bytes()
        };
        let (mut put, encoder) = (false, &mut self.encoder);
        out.nest::<HEADER>(
            self.frame,
            |inner| {
                match memo.find(key, changes) {
                    Some(coded) => {
                        put = inner.put(coded) && length.is_none_or(|n| encoder.content_length(inner, n));
                    }
                    None => {
                        let fields = fields.into_iter();
                        let bound = Encoder::block_bound(fields.clone()) + LENGTH_BOUND;
                        put = bound <= inner.room() && encoder.start(inner);
                        put = put && fields.into_iter().all(|field| encoder.field(inner, &field));
                        if put && encoder.changes() == changes {
                            memo.keep(key, inner.written(), changes);
                        }
                        put = put && length.is_none_or(|n| encoder.content_length(inner, n));
                    }
                }
                if !put {
                    // Only a copy can get here, and the length behind it: the table is as it was.
                    inner.rewind(0);
                }
            },
            |head, block| *head = header(block.len()),
        );
        if put {
            flow.answered = true;
            if ends {
                flow.state = flow.state.end_local();
            }
        }
        put
    }

    /// Appends an interim head (1xx), whole or not at all.
    #[must_use = "false means that nothing was written"]
    pub fn interim<'f, I>(&mut self, flow: &mut Flow, out: &mut Out<'_>, fields: I) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        self.block(flow, out, fields, false)
    }

    /// Appends trailers, which end our side, whole or not at all. Fields that must not be there are left out.
    #[must_use = "false means that nothing was written"]
    pub fn trailers<'f, I>(&mut self, flow: &mut Flow, out: &mut Out<'_>, fields: I) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        // RFC 9110 §6.5.1: only fields that may be understood apart from the head.
        let allowed = fields.into_iter().filter(|f| f.is_well_formed() && rule(f.name) == Rule::Keep);
        self.block(flow, out, allowed, true)
    }

    pub(crate) fn block<'f, I>(&mut self, flow: &mut Flow, out: &mut Out<'_>, fields: I, ends: bool) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        if !flow.state.is_local_open() {
            return false;
        }
        let put = put_block(&mut self.encoder, self.frame, flow.id, out, fields, ends);
        if put && ends {
            flow.state = flow.state.end_local();
        }
        put
    }

    /// Appends one `DATA` frame: `fill` writes up to `limit` bytes of payload into the room it is lent, which is also
    /// bounded by [`Sender::room`]; then `ends` says whether those, so many, are the last. Returns their number. If
    /// there are none, nothing is written.
    pub fn data(
        &mut self,
        flow: &mut Flow,
        out: &mut Out<'_>,
        limit: usize,
        fill: impl FnOnce(&mut Out<'_>),
        ends: impl FnOnce(usize) -> bool,
    ) -> usize {
        let most = self.room(flow, out).min(limit);
        if most == 0 {
            return 0;
        }
        let mut ended = false;
        let id = flow.id;
        let n = out.nest::<HEADER>(most, fill, |header, payload| {
            ended = ends(payload.len());
            let flags = if ended { flag::END_STREAM } else { 0 };
            *header = Header { length: payload.len() as u32, kind: kind::DATA, flags, stream: id }.bytes();
        });
        if n > 0 {
            flow.send.spend(n);
            self.window.spend(n);
            flow.sent += n as u64;
            self.data_frames += 1;
        }
        if ended {
            flow.state = flow.state.end_local();
        }
        n
    }

    /// Appends a whole body, and so ends our side, as one `DATA` frame. False if it takes more than one, or more room or
    /// window than there is, or is empty: then nothing has happened.
    #[must_use = "false means that nothing was written"]
    pub fn whole(&mut self, flow: &mut Flow, out: &mut Out<'_>, body: &[u8]) -> bool {
        let n = body.len();
        if n == 0 || n > self.room(flow, out) {
            return false;
        }
        let length = n as u32;
        let header = Header { length, kind: kind::DATA, flags: flag::END_STREAM, stream: flow.id };
        let put = out.put(&header.bytes()) && out.put(body);
        debug_assert!(put, "there is room for both");
        flow.send.spend(n);
        self.window.spend(n);
        flow.sent += u64::from(length);
        self.data_frames += 1;
        flow.state = flow.state.end_local();
        put
    }

    /// Ends our side by an empty `DATA` frame; false without room for it.
    #[must_use = "false means that nothing was written"]
    pub fn end(&mut self, flow: &mut Flow, out: &mut Out<'_>) -> bool {
        let put =
            flow.state.is_local_open() && crate::frame::put(out, kind::DATA, flag::END_STREAM, flow.id, &[]);
        if put {
            flow.state = flow.state.end_local();
        }
        put
    }
}

/// Appends a `HEADERS` frame, whole or not at all.
pub(crate) fn put_block<'f, I>(
    encoder: &mut Encoder,
    most: usize,
    stream: u32,
    out: &mut Out<'_>,
    fields: I,
    ends: bool,
) -> bool
where
    I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
{
    let flags = flag::END_HEADERS | if ends { flag::END_STREAM } else { 0 };
    let mut put = false;
    let n = out.nest::<HEADER>(
        most,
        |inner| put = encoder.block(inner, fields),
        |header, block| {
            *header = Header { length: block.len() as u32, kind: kind::HEADERS, flags, stream }.bytes();
        },
    );
    // A block without fields is legal: trailers of which none was left.
    put && (n > 0 || crate::frame::put(out, kind::HEADERS, flags, stream, &[]))
}
