//! From bytes to events: which frame it is, whether it may come now, and whose it is.

use lws_wire::{Out, Time};

use super::{Connection, Stage};
use crate::error::{Code, Error, Limit, Peer, Wrong};
use crate::event::{Event, Received};
use crate::frame::{HEADER, Header, kind, rst_stream};
use crate::head::HeadRoom;
use crate::{PREFACE, State, limits, settings};

impl<T: Default> Connection<T> {
    /// Takes the frame at the front of `input`, or a part of it if it is `DATA`, and says what it meant. Answers that
    /// the protocol owes are written to `out`. Call it until it says [`Event::Incomplete`] or [`Event::Full`].
    ///
    /// Heads are put together in `room`, and borrowed from it. The input is changed in place.
    ///
    /// # Errors
    /// The connection cannot go on: say [`Connection::goaway`] with [`Error::code`], and close.
    pub fn receive<'a>(
        &mut self,
        now: Time,
        input: &'a mut [u8],
        room: &'a mut HeadRoom<'_>,
        out: &mut Out<'_>,
    ) -> Result<Received<'a>, Error> {
        if out.room() < limits::ANSWER_ROOM {
            return Ok(Received { consumed: 0, event: Event::Full });
        }
        if self.stage == Stage::Preface {
            return self.preface(input);
        }
        if self.skip > 0 {
            let n = input.len().min(self.skip as usize);
            self.skip -= n as u32;
            let event = if n == 0 { Event::Incomplete } else { Event::Nothing };
            return Ok(Received { consumed: n, event });
        }
        if self.body.is_some() {
            return Ok(self.body(0, input));
        }
        let Some(header) = Header::peek(input) else {
            return Ok(Received { consumed: 0, event: Event::Incomplete });
        };
        self.expect(header)?;
        match header.kind {
            kind::DATA => self.data(now, header, input, out),
            kind::HEADERS => self.headers(now, header, input, room, out),
            // RFC 9113 §6.10: only behind HEADERS, where it is taken together with it.
            kind::CONTINUATION => Err(Peer::Continuation.into()),
            // RFC 9113 §8.4: nobody may push to a server, and we never let a server push to us.
            kind::PUSH_PROMISE => Err(Peer::Push.into()),
            kind::PRIORITY
            | kind::RST_STREAM
            | kind::SETTINGS
            | kind::PING
            | kind::GOAWAY
            | kind::WINDOW_UPDATE => self.whole(now, header, input, out),
            kind::PRIORITY_UPDATE if header.length <= 4 + limits::PRIORITY_FIELD_BYTES => {
                self.whole(now, header, input, out)
            }
            _ => {
                // RFC 9113 §4.1: unknown types are ignored, but not for ever.
                self.budgets.idle_frame()?;
                self.skip = header.length;
                Ok(Received { consumed: HEADER, event: Event::Nothing })
            }
        }
    }

    fn preface<'a>(&mut self, input: &[u8]) -> Result<Received<'a>, Error> {
        let n = input.len().min(PREFACE.len());
        // RFC 9113 §3.4: anything else is a PROTOCOL_ERROR. Told at the first wrong byte (H2-18).
        if input.get(..n) != PREFACE.get(..n) {
            return Err(Peer::Preface.into());
        }
        if n < PREFACE.len() {
            return Ok(Received { consumed: 0, event: Event::Incomplete });
        }
        self.stage = Stage::FirstSettings;
        Ok(Received { consumed: n, event: Event::Nothing })
    }

    /// Whether such a frame may come at all; before anything of it is kept (H2-16).
    fn expect(&self, header: Header) -> Result<(), Error> {
        // RFC 9113 §3.4: the preface includes a SETTINGS frame, which comes first.
        if self.stage == Stage::FirstSettings
            && (header.kind != kind::SETTINGS || header.has(crate::frame::flag::ACK))
        {
            return Err(Peer::NoSettings.into());
        }
        // RFC 9113 §4.2: larger than SETTINGS_MAX_FRAME_SIZE is a FRAME_SIZE_ERROR.
        let wrong_size = match header.kind {
            kind::RST_STREAM | kind::WINDOW_UPDATE => header.length != 4,
            kind::PING => header.length != 8,
            kind::SETTINGS if header.length > 6 * limits::SETTINGS_ENTRIES => {
                if header.length > limits::FRAME_BYTES {
                    return Err(Peer::FrameSize.into());
                }
                return Err(Limit::SettingsEntries.into());
            }
            _ => header.length > limits::FRAME_BYTES,
        };
        if wrong_size { Err(Peer::FrameSize.into()) } else { Ok(()) }
    }

    /// A frame that is obeyed when it is complete.
    fn whole<'a>(
        &mut self,
        now: Time,
        header: Header,
        input: &[u8],
        out: &mut Out<'_>,
    ) -> Result<Received<'a>, Error> {
        let Some(payload) = input.get(HEADER..header.total()) else {
            return Ok(Received { consumed: 0, event: Event::Incomplete });
        };
        let event = match self.control(now, header, payload, out) {
            Ok(event) => event,
            Err(Wrong::Connection(error)) => return Err(error),
            Err(Wrong::Stream(fault)) => self.break_stream(now, header.stream, fault.code(), out)?,
        };
        Ok(Received { consumed: header.total(), event })
    }

    /// RFC 9113 §5.4.2: the peer broke a rule of one stream, which ends. Counted like a reset of its own (H2-02).
    pub(super) fn break_stream(
        &mut self,
        now: Time,
        id: u32,
        code: Code,
        out: &mut Out<'_>,
    ) -> Result<Event<'static>, Error> {
        let stream = self.streams.get(id);
        let early = stream.as_ref().is_none_or(|s| !s.flow.answered);
        self.budgets.made_reset(now, early)?;
        let event = match stream {
            Some(stream) => {
                stream.flow.state = State::Closed;
                stream.flow.answered = false;
                Event::Reset { id, code, by_peer: false }
            }
            None => Event::Nothing,
        };
        self.remember(id);
        // There is room: `receive` has seen to it.
        let _ = rst_stream::put(out, id, code);
        Ok(event)
    }

    pub(super) fn obey_settings(&mut self, payload: &[u8]) -> Result<(), Wrong> {
        settings::check_length(payload.len() as u32)?;
        let windows = self.streams.iter_mut().map(|s| &mut s.flow.send);
        self.peer.obey(self.side, payload, windows)?;
        self.sender.frame = self.peer.frame as usize;
        self.sender.encoder.set_table_bytes(self.peer.header_table as usize);
        Ok(())
    }
}
