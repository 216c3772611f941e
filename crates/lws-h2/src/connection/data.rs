//! `DATA`: admitted by its header, then streamed.

use lws_wire::{Out, Time};

use super::{Body, Connection, Unknown};
use crate::Side;
use crate::error::{Error, Peer, Wrong};
use crate::event::{Event, Received};
use crate::frame::data::{Layout, layout};
use crate::frame::{HEADER, Header, flag};

impl<T: Default> Connection<T> {
    pub(super) fn data<'a>(
        &mut self,
        now: Time,
        header: Header,
        input: &'a mut [u8],
        out: &mut Out<'_>,
    ) -> Result<Received<'a>, Error> {
        // RFC 9113 §6.1: on stream 0 a PROTOCOL_ERROR.
        if header.stream == 0 {
            return Err(Peer::WrongStream.into());
        }
        let Some(frame) = layout(header, input.get(HEADER..).unwrap_or_default())? else {
            return Ok(Received { consumed: 0, event: Event::Incomplete });
        };
        let framing = HEADER as u32 + frame.prefix + frame.padding;
        // H2-07. A client asked for what comes, and a server that answers in small pieces may have its reasons.
        let framing = if self.side == Side::Server { framing } else { 0 };
        self.budgets.data(now, frame.payload, framing, header.has(flag::END_STREAM))?;
        // RFC 9113 §6.9.1: the whole payload counts, padding included, on any stream.
        self.recv.take(header.length)?;
        let consumed = HEADER + frame.prefix as usize;
        match self.admit(header, frame) {
            Ok(true) => Ok(self.body(consumed, input)),
            Ok(false) => Ok(Received { consumed, event: self.ignore(header, frame, Event::Nothing) }),
            Err(Wrong::Connection(error)) => Err(error),
            Err(Wrong::Stream(fault)) => {
                let event = self.break_stream(now, header.stream, fault.code(), out)?;
                Ok(Received { consumed, event: self.ignore(header, frame, event) })
            }
        }
    }

    /// Whether the frame is for a stream in the table; if so, its windows and lengths are charged.
    fn admit(&mut self, header: Header, frame: Layout) -> Result<bool, Wrong> {
        let id = header.stream;
        let ends = header.has(flag::END_STREAM);
        let Some(stream) = self.streams.get(id) else {
            return match self.unknown(id) {
                // RFC 9113 §5.1: on an idle stream a PROTOCOL_ERROR.
                Unknown::Idle => Err(Peer::IdleStream.into()),
                Unknown::Closed => Err(Peer::ClosedStream.into()),
                Unknown::Ignored => {
                    // What was on its way, and no more.
                    self.late = self.late.checked_sub(u64::from(header.length)).ok_or(Peer::ClosedStream)?;
                    Ok(false)
                }
            };
        };
        let flow = &mut stream.flow;
        // RFC 9113 §5.1: behind END_STREAM a STREAM_CLOSED.
        if !flow.state.is_remote_open() {
            return Err(Wrong::Stream(Peer::ClosedStream));
        }
        if self.side == crate::Side::Client && !flow.answered {
            return Err(Wrong::Stream(Peer::DataFirst));
        }
        // RFC 9113 §8.1.1: content-length is the sum of all DATA payloads (H2-12).
        if let Some(owed) = &mut flow.owed {
            let payload = u64::from(frame.payload);
            *owed = owed.checked_sub(payload).ok_or(Wrong::Stream(Peer::BodyLength))?;
            if ends && *owed > 0 {
                return Err(Wrong::Stream(Peer::BodyLength));
            }
        }
        // RFC 9113 §6.9.1: more than the stream's window is a FLOW_CONTROL_ERROR.
        flow.recv.take(header.length).map_err(Wrong::Stream)?;
        // H2-07: padding is credited at once.
        flow.recv.consume(frame.prefix + frame.padding);
        self.recv.consume(frame.prefix + frame.padding);
        self.owes_credit |= flow.recv.due() > 0 || self.recv.due() > 0;
        self.body = Some(Body { id, left: frame.payload, padding: frame.padding, ends });
        Ok(true)
    }

    /// Nobody wants the payload, and its stream has not counted it: it is credited now and skipped as it comes.
    fn ignore<'a>(&mut self, header: Header, frame: Layout, event: Event<'a>) -> Event<'a> {
        self.recv.consume(header.length);
        self.owes_credit |= self.recv.due() > 0;
        self.skip = frame.payload + frame.padding;
        event
    }

    /// Payload of the frame under way, from `at` of the input.
    pub(super) fn body<'a>(&mut self, at: usize, input: &'a mut [u8]) -> Received<'a> {
        let rest = input.get_mut(at..).unwrap_or_default();
        let Some(body) = &mut self.body else { return Received { consumed: at, event: Event::Nothing } };
        let n = rest.len().min(body.left as usize);
        body.left -= n as u32;
        let (id, complete) = (body.id, body.left == 0);
        let ends = complete && body.ends;
        if complete {
            self.skip = body.padding;
            self.body = None;
        }
        if ends && let Some(stream) = self.streams.get(id) {
            stream.flow.state = stream.flow.state.end_remote();
        }
        let event = match rest.get_mut(..n) {
            Some(data) if n > 0 || ends => Event::Data { id, data, ends },
            _ if at == 0 && !complete => Event::Incomplete,
            _ => Event::Nothing,
        };
        Received { consumed: at + n, event }
    }
}
