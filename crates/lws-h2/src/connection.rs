//! One connection: what both sides agreed on, its streams, and what its peer has spent.

mod client;
mod control;
mod data;
mod headers;
mod receive;

use alloc::collections::VecDeque;

use lws_hpack::{Decoder, Limits};
use lws_wire::Out;

use crate::budget::Budgets;
use crate::error::{Code, Error, Wrong};
use crate::flow::RecvWindow;
use crate::frame::{goaway, rst_stream, window_update};
use crate::sender::Sender;
use crate::settings::{FIRST_WINDOW, Local, Peer};
use crate::streams::{Flow, Stream, Streams};
use crate::{PREFACE, Side, limits};

pub use client::NotOpened;

/// An HTTP/2 connection without its socket. `T` is what you keep with each stream.
///
/// Memory: under 1 KiB, two header-compression tables that are allocated with their first entry (4 KiB at most for
/// the peer's, 1 KiB for ours), and a slot per open stream.
#[doc(alias = "lws_h2_netconn")]
pub struct Connection<T> {
    side: Side,
    local: Local,
    peer: Peer,
    /// `SETTINGS` of ours that the peer has not acknowledged.
    unacknowledged: u8,
    stage: Stage,
    decoder: Decoder,
    sender: Sender,
    recv: RecvWindow,
    streams: Streams<T>,
    /// The highest stream of the peer's that we have seen.
    last_seen: u32,
    /// The next stream that we open.
    next_id: u32,
    /// Payload of a `DATA` frame under way.
    body: Option<Body>,
    /// Bytes to be skipped: padding, payload that nobody wants.
    skip: u32,
    budgets: Budgets,
    /// Streams that we reset; frames on them may still be on their way.
    resets: VecDeque<u32>,
    /// Payload that may still come on those.
    late: u64,
    /// The last stream that we process, once we have said so.
    goaway: Option<u32>,
    notice: Notice,
    /// The peer has said that it goes, and takes no stream above this.
    peer_goaway: Option<u32>,
    /// A window update did not find room.
    owes_credit: bool,
}

/// How far the beginning is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Preface,
    FirstSettings,
    Open,
}

/// How far the notice that we are about to go is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notice {
    None,
    Said,
    /// The peer has answered the `PING` behind it.
    Heard,
}

/// What the `PING` behind a notice says.
const NOTICE: [u8; 8] = *b"\0\0notice";

/// A `DATA` frame of which a part has come.
struct Body {
    id: u32,
    left: u32,
    padding: u32,
    ends: bool,
}

/// What is left of a stream that is taken out.
#[derive(Clone, Copy)]
struct Ended {
    /// Bytes that it had not consumed.
    held: u32,
    /// It was answered to its end.
    answered: bool,
}

impl Ended {
    fn of(flow: &Flow) -> Self {
        Self { held: flow.recv.held(), answered: flow.answered && flow.state == crate::State::Closed }
    }
}

/// What a stream that is not in the table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// Never opened.
    Idle,
    /// We reset it, or it is behind our `GOAWAY`: the peer may not know yet.
    Ignored,
    Closed,
}

impl<T> Connection<T> {
    /// A server's side.
    pub fn server(local: Local) -> Self {
        Self::new(Side::Server, local)
    }

    /// A client's side.
    pub fn client(local: Local) -> Self {
        Self::new(Side::Client, local)
    }

    /// A server's side of a connection that began as HTTP/1.1, with `Upgrade: h2c` (RFC 7540 §3.2): `settings` is the
    /// decoded value of `HTTP2-Settings`, and stream 1 is in the table, half closed, to be answered.
    ///
    /// # Errors
    /// The settings are not valid.
    pub fn upgraded(local: Local, settings: &[u8]) -> Result<Self, Error>
    where
        T: Default,
    {
        let mut this = Self::new(Side::Server, local);
        match this.obey_settings(settings) {
            Ok(()) => {}
            Err(Wrong::Connection(error)) => return Err(error),
            Err(Wrong::Stream(fault)) => return Err(fault.into()),
        }
        let mut flow = Flow::new(1, this.peer.stream_window, local.stream_window);
        flow.state = flow.state.end_remote();
        this.streams.push(Stream { flow, data: T::default() });
        (this.last_seen, this.budgets.opened) = (1, 1);
        Ok(this)
    }

    fn new(side: Side, local: Local) -> Self {
        Self {
            side,
            local,
            peer: Peer::default(),
            unacknowledged: 0,
            stage: if side == Side::Server { Stage::Preface } else { Stage::FirstSettings },
            decoder: Decoder::new(Limits::default()),
            sender: Sender::new(),
            recv: RecvWindow::new(local.connection_window.max(FIRST_WINDOW)),
            streams: Streams::new(),
            last_seen: 0,
            next_id: 1,
            body: None,
            skip: 0,
            budgets: Budgets::default(),
            resets: VecDeque::new(),
            late: 0,
            goaway: None,
            notice: Notice::None,
            peer_goaway: None,
            owes_credit: false,
        }
    }

    /// Says what comes first: a client's preface, our settings, our window. False if there is no room for it: 100
    /// bytes suffice.
    #[must_use = "false means that nothing was written"]
    pub fn start(&mut self, out: &mut Out<'_>) -> bool {
        let before = out.len();
        let preface = self.side == Side::Server || out.put(PREFACE);
        let raise = self.local.connection_window.saturating_sub(FIRST_WINDOW);
        let put =
            preface && self.local.put(out, self.side) && (raise == 0 || window_update::put(out, 0, raise));
        if put {
            self.unacknowledged += 1;
        } else {
            out.rewind(before);
        }
        put
    }

    /// Which side we are.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What the peer told us about itself.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Whether the peer still owes us its settings, or an acknowledgement of ours.
    pub fn awaits_settings(&self) -> bool {
        self.unacknowledged > 0 || self.stage != Stage::Open
    }

    /// Streams in the table.
    pub fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether there is no stream.
    pub fn is_empty(&self) -> bool {
        self.streams.len() == 0
    }

    /// The id of the stream at a place in the table, by rising id.
    pub fn id_at(&self, place: usize) -> Option<u32> {
        self.streams.id_at(place)
    }

    /// A stream, and what it sends with.
    pub fn stream(&mut self, id: u32) -> Option<(&mut Sender, &mut Stream<T>)> {
        Some((&mut self.sender, self.streams.get(id)?))
    }

    /// `n` of the bytes that [`Event::Data`](crate::Event::Data) showed are consumed: the peer may send as many more,
    /// and is told so in good time.
    pub fn consumed(&mut self, id: u32, n: usize, out: &mut Out<'_>) {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        if let Some(stream) = self.streams.get(id) {
            stream.flow.recv.consume(n);
            self.recv.consume(n);
            // Without room it stays owed, and `flush` sees to it.
            self.owes_credit |= !tell_stream(&mut stream.flow, out) || !tell_connection(&mut self.recv, out);
        }
    }

    /// Says what found no room before. False if something is still owed: call again when there is room.
    #[must_use = "false means that something is still owed"]
    pub fn flush(&mut self, out: &mut Out<'_>) -> bool {
        if self.last_seen == limits::STREAM_ID_MAX
            && self.goaway.is_none()
            && !self.goaway(Code::NO_ERROR, out)
        {
            // RFC 9113 §5.1.1: no identifiers are left, the client has to connect anew.
            return false;
        }
        if self.owes_credit {
            let told = tell_connection(&mut self.recv, out);
            let all = self.streams.iter_mut().fold(told, |told, s| tell_stream(&mut s.flow, out) && told);
            self.owes_credit = !all;
        }
        !self.owes_credit
    }

    /// Resets a stream that this side does not want any more; false without room. Take it out by
    /// [`Connection::remove`].
    #[must_use = "false means that nothing was written"]
    pub fn reset(&mut self, id: u32, code: Code, out: &mut Out<'_>) -> bool {
        let Some(stream) = self.streams.get(id) else { return true };
        if stream.flow.state == crate::State::Closed {
            return true;
        }
        if !rst_stream::put(out, id, code) {
            return false;
        }
        stream.flow.state = crate::State::Closed;
        stream.flow.answered = false;
        self.remember(id);
        true
    }

    /// Takes a stream out of the table. What it had not consumed counts as consumed.
    pub fn remove(&mut self, id: u32) -> Option<T> {
        let (end, data) = self.streams.remove(id, |stream| {
            let end = stream.as_ref().map(|stream| Ended::of(&stream.flow));
            (end, stream.take().map(|stream| stream.data))
        })?;
        self.removed(id, end?);
        data
    }

    /// The same for a stream of which nothing is wanted any more.
    pub fn forget(&mut self, id: u32) {
        let end = self.streams.remove(id, |stream| stream.as_ref().map(|stream| Ended::of(&stream.flow)));
        if let Some(end) = end.flatten() {
            self.removed(id, end);
        }
    }

    fn removed(&mut self, id: u32, end: Ended) {
        if end.held > 0 {
            self.recv.consume(end.held);
            self.owes_credit |= self.recv.due() > 0;
        }
        if let Some(body) = self.body.take_if(|body| body.id == id) {
            self.skip = body.left + body.padding;
        }
        if end.answered {
            self.budgets.answered();
        }
    }

    /// A server: tells the client to open no more streams (RFC 9113 §6.8), while those on their way are still taken.
    /// [`Connection::goaway`] is to follow when [`Connection::is_notice_heard`], or after a while. False without room.
    #[must_use = "false means that nothing was written"]
    pub fn notice(&mut self, out: &mut Out<'_>) -> bool {
        if self.notice != Notice::None || self.goaway.is_some() {
            return true;
        }
        let before = out.len();
        let put = goaway::put(out, limits::STREAM_ID_MAX, Code::NO_ERROR)
            && crate::frame::ping::put(out, false, NOTICE);
        if put {
            self.notice = Notice::Said;
        } else {
            out.rewind(before);
        }
        put
    }

    /// Whether the peer has heard the notice, so that no stream of its is on its way any more.
    pub fn is_notice_heard(&self) -> bool {
        self.notice == Notice::Heard
    }

    /// Begins to end the connection: streams above those seen so far are ignored, the others go on. With an error
    /// code the caller closes. False without room; the second call changes nothing unless it has an error code.
    #[must_use = "false means that nothing was written"]
    #[doc(alias = "lws_h2_goaway")]
    pub fn goaway(&mut self, code: Code, out: &mut Out<'_>) -> bool {
        if self.goaway.is_some() && code == Code::NO_ERROR {
            return true;
        }
        let last = self.goaway.unwrap_or(if self.side == Side::Server { self.last_seen } else { 0 });
        let put = goaway::put(out, last, code);
        if put {
            self.goaway = Some(last);
        }
        put
    }

    /// Asks the peer for a sign of life (RFC 9113 §6.7): its answer is not told, but something comes. False without
    /// room.
    #[must_use = "false means that nothing was written"]
    pub fn ping(&mut self, opaque: [u8; 8], out: &mut Out<'_>) -> bool {
        crate::frame::ping::put(out, false, opaque)
    }

    /// Whether we have said that we go.
    pub fn is_going(&self) -> bool {
        self.goaway.is_some()
    }

    /// Notes that frames on `id` may still come, and mean nothing.
    fn remember(&mut self, id: u32) {
        if self.resets.len() == limits::REMEMBERED_RESETS {
            self.resets.pop_front();
        }
        self.resets.push_back(id);
        self.late += u64::from(self.local.stream_window);
    }

    /// What a stream is that is not in the table.
    fn unknown(&self, id: u32) -> Unknown {
        let opened = match (self.side, id % 2) {
            (Side::Server, 1) => id <= self.last_seen,
            (Side::Client, 1) => id < self.next_id,
            _ => false,
        };
        let behind_goaway = self.side == Side::Server && self.goaway.is_some_and(|last| id > last);
        match opened {
            false => Unknown::Idle,
            true if behind_goaway || self.resets.contains(&id) => Unknown::Ignored,
            true => Unknown::Closed,
        }
    }
}

/// Tells the peer of a stream's credit, if it is due; false if there is no room for that.
fn tell_stream(flow: &mut Flow, out: &mut Out<'_>) -> bool {
    let due = flow.recv.due();
    // Whoever has ended its side needs no window.
    if due == 0 || flow.muted || !flow.state.is_remote_open() {
        return true;
    }
    let put = window_update::put(out, flow.id, due);
    if put {
        flow.recv.told();
    }
    put
}

/// The same for the connection.
fn tell_connection(recv: &mut RecvWindow, out: &mut Out<'_>) -> bool {
    let due = recv.due();
    let put = due == 0 || window_update::put(out, 0, due);
    if put && due > 0 {
        recv.told();
    }
    put
}
