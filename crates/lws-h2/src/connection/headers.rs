//! `HEADERS`: requests, responses, trailers, and blocks that are decoded only to keep the compression in step.

use lws_head::{Method, Status};
use lws_hpack::Field;
use lws_wire::{Out, Time};

use super::{Connection, Unknown};
use crate::block::{self, Block};
use crate::error::{Code, Error, Limit, Peer};
use crate::event::{Event, Received, Request, Response};
use crate::frame::{Header, flag, rst_stream};
use crate::head::{self, HeadRoom, Verdict};
use crate::sender::put_block;
use crate::streams::{Flow, Stream};
use crate::{Side, State, limits};

/// What a block is for.
enum Purpose {
    Request,
    Response,
    Trailers,
    /// It is behind our `GOAWAY`, or on a stream that we reset.
    Nothing,
    /// Too many streams are open.
    Refuse,
    /// Its stream is broken already, by this.
    Break(Peer),
}

impl<T: Default> Connection<T> {
    pub(super) fn headers<'a>(
        &mut self,
        now: Time,
        first: Header,
        input: &'a mut [u8],
        room: &'a mut HeadRoom<'_>,
        out: &mut Out<'_>,
    ) -> Result<Received<'a>, Error> {
        // RFC 9113 §6.2: on stream 0 a PROTOCOL_ERROR.
        if first.stream == 0 {
            return Err(Peer::WrongStream.into());
        }
        let Some(block) = block::gather(first, input)? else {
            return Ok(Received { consumed: 0, event: Event::Incomplete });
        };
        let consumed = block.total;
        let ends = first.has(flag::END_STREAM);
        let purpose = self.purpose(now, first, &block, ends)?;
        let fragment = input.get(block.fragment).unwrap_or_default();
        let id = first.stream;
        let event = match purpose {
            Purpose::Request => self.incoming_request(now, id, fragment, ends, room, out)?,
            Purpose::Response => self.incoming_response(now, id, fragment, ends, room, out)?,
            Purpose::Trailers => self.incoming_trailers(now, id, fragment, room, out)?,
            Purpose::Nothing => {
                head::discard(&mut self.decoder, fragment, room)?;
                Event::Nothing
            }
            Purpose::Refuse => {
                head::discard(&mut self.decoder, fragment, room)?;
                // H2-11: the stream is refused, not the connection.
                let _ = rst_stream::put(out, id, Code::REFUSED_STREAM);
                self.remember(id);
                Event::Nothing
            }
            Purpose::Break(fault) => {
                head::discard(&mut self.decoder, fragment, room)?;
                self.break_stream(now, id, fault.code(), out)?
            }
        };
        Ok(Received { consumed, event })
    }

    fn purpose(&mut self, now: Time, first: Header, block: &Block, ends: bool) -> Result<Purpose, Error> {
        let id = first.stream;
        let itself = block.depends_on == Some(id);
        if self.side == Side::Server && id % 2 == 1 && id > self.last_seen {
            return self.opened(now, id, itself);
        }
        if let Some(stream) = self.streams.get(id) {
            let answered = stream.flow.answered;
            return Ok(match stream.flow.state.is_remote_open() {
                // RFC 9113 §5.1: behind END_STREAM a STREAM_CLOSED.
                false => Purpose::Break(Peer::ClosedStream),
                true if itself => Purpose::Break(Peer::SelfDependency),
                true if self.side == Side::Client && !answered => Purpose::Response,
                // RFC 9113 §8.1: trailers end the stream.
                true if !ends => Purpose::Break(Peer::Trailers),
                true => Purpose::Trailers,
            });
        }
        match self.unknown(id) {
            Unknown::Ignored => Ok(Purpose::Nothing),
            // RFC 9113 §5.1.1: identifiers rise; those left out are closed. If none was, this one was used and ended.
            Unknown::Closed
                if self.side == Side::Server && self.budgets.opened < u64::from(self.last_seen / 2 + 1) =>
            {
                Err(Peer::StreamId.into())
            }
            Unknown::Closed => Err(Peer::ClosedStream.into()),
            // RFC 9113 §5.1.1: a client opens odd streams; a server none, as it must not push.
            Unknown::Idle => Err(Peer::StreamId.into()),
        }
    }

    /// A client opens a stream.
    fn opened(&mut self, now: Time, id: u32, itself: bool) -> Result<Purpose, Error> {
        self.last_seen = id;
        self.budgets.opened += 1;
        // H2-17: RFC 9113 §6.8: what comes behind our GOAWAY is ignored.
        if self.goaway.is_some() {
            self.late += u64::from(self.local.stream_window);
            return Ok(Purpose::Nothing);
        }
        if self.streams.len() >= self.local.streams as usize {
            self.budgets.refused(now)?;
            return Ok(Purpose::Refuse);
        }
        Ok(if itself { Purpose::Break(Peer::SelfDependency) } else { Purpose::Request })
    }

    fn incoming_request<'a>(
        &mut self,
        now: Time,
        id: u32,
        fragment: &[u8],
        ends: bool,
        room: &'a mut HeadRoom<'_>,
        out: &mut Out<'_>,
    ) -> Result<Event<'a>, Error> {
        let request = match head::request(&mut self.decoder, fragment, room, self.local.connect_protocol)? {
            Verdict::Good(request) => request,
            Verdict::Malformed(fault) => return self.break_stream(now, id, fault.code(), out),
            Verdict::Answer(status) => {
                self.answer(id, status, ends, out);
                return Ok(Event::Nothing);
            }
        };
        // RFC 9110 §9.3.6: CONNECT has no content, so a length would mean nothing.
        let length = if request.head.method == Method::Connect { None } else { request.content_length };
        // RFC 9113 §8.1.1: a length, and no DATA to fill it.
        if ends && length.is_some_and(|n| n > 0) {
            return self.break_stream(now, id, Peer::BodyLength.code(), out);
        }
        let mut flow = Flow::new(id, self.peer.stream_window, self.local.stream_window);
        flow.owed = length;
        flow.urgency = request.urgency;
        if ends {
            flow.state = flow.state.end_remote();
        }
        self.streams.push(Stream { flow, data: T::default() });
        let length = if ends { Some(0) } else { length };
        let expect_continue = request.expect_continue && !ends;
        Ok(Event::Request(Request { id, head: request.head, length, ends, expect_continue }))
    }

    fn incoming_response<'a>(
        &mut self,
        now: Time,
        id: u32,
        fragment: &[u8],
        ends: bool,
        room: &'a mut HeadRoom<'_>,
        out: &mut Out<'_>,
    ) -> Result<Event<'a>, Error> {
        let response = match head::response(&mut self.decoder, fragment, room)? {
            Verdict::Good(response) => response,
            Verdict::Malformed(fault) => return self.break_stream(now, id, fault.code(), out),
            // Too large for us; there is nobody to answer.
            Verdict::Answer(_) => return self.break_stream(now, id, Code::CANCEL, out),
        };
        let Some(stream) = self.streams.get(id) else { return Ok(Event::Nothing) };
        let flow = &mut stream.flow;
        let status = response.head.status;
        let interim = status.is_informational();
        let mut fault = None;
        if interim {
            flow.interim += 1;
            if flow.interim > limits::INTERIM_RESPONSES {
                return Err(Limit::Interim.into());
            }
            // RFC 9113 §8.1: an interim response does not end the stream.
            fault = ends.then_some(Peer::Status);
        } else {
            flow.answered = true;
            flow.owed = response.content_length.filter(|_| flow.has_length(status));
            if ends {
                flow.state = flow.state.end_remote();
                fault = flow.owed.is_some_and(|n| n > 0).then_some(Peer::BodyLength);
            }
        }
        match fault {
            Some(fault) => self.break_stream(now, id, fault.code(), out),
            None => Ok(Event::Response(Response { id, head: response.head, interim, ends })),
        }
    }

    fn incoming_trailers<'a>(
        &mut self,
        now: Time,
        id: u32,
        fragment: &[u8],
        room: &'a mut HeadRoom<'_>,
        out: &mut Out<'_>,
    ) -> Result<Event<'a>, Error> {
        let fields = match head::trailers(&mut self.decoder, fragment, room)? {
            Verdict::Good(fields) => fields,
            Verdict::Malformed(fault) => return self.break_stream(now, id, fault.code(), out),
            Verdict::Answer(_) => return self.break_stream(now, id, Peer::Trailers.code(), out),
        };
        let Some(stream) = self.streams.get(id) else { return Ok(Event::Nothing) };
        stream.flow.state = stream.flow.state.end_remote();
        // RFC 9113 §8.1.1: the body is over, and shorter than it was said to be.
        if stream.flow.owed.is_some_and(|n| n > 0) {
            return self.break_stream(now, id, Peer::BodyLength.code(), out);
        }
        Ok(Event::Trailers { id, fields })
    }

    /// Answers a request that gets no further, and forgets it.
    fn answer(&mut self, id: u32, status: Status, ends: bool, out: &mut Out<'_>) {
        let code = status.code();
        let digits = [code / 100, code / 10 % 10, code % 10].map(|d| b'0' + d as u8);
        let fields = [Field::new(b":status", &digits)];
        // There is room for both: `receive` has seen to it.
        let _ = put_block(&mut self.sender.encoder, self.sender.frame, id, out, fields, true);
        if !ends {
            // RFC 9113 §8.1: the client need not send the rest.
            let _ = rst_stream::put(out, id, Code::NO_ERROR);
            self.remember(id);
        }
    }
}

impl Flow {
    /// Whether `content-length` of a response of this status says how much `DATA` comes.
    fn has_length(&self, status: Status) -> bool {
        let bodiless = status == Status::NO_CONTENT || status == Status::NOT_MODIFIED;
        match self.asked {
            crate::Asked::Head => false,
            crate::Asked::Connect => !status.is_success(),
            crate::Asked::Other => !bodiless,
        }
    }

    /// Whether both sides have ended the stream, or one has reset it.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }
}
