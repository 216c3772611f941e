//! Frames that are complete before they are obeyed: everything but `DATA` and header blocks.

use lws_wire::{Out, Time};

use super::{Connection, NOTICE, Notice, Stage, Unknown};
use crate::error::{Peer, Wrong};
use crate::event::Event;
use crate::frame::{
    Header, flag, goaway, kind, ping, priority, priority_update, rst_stream, settings, window_update,
};
use crate::priority::urgency;
use crate::{Side, State, block};

impl<T: Default> Connection<T> {
    pub(super) fn control(
        &mut self,
        now: Time,
        header: Header,
        payload: &[u8],
        out: &mut Out<'_>,
    ) -> Result<Event<'static>, Wrong> {
        let on_stream = matches!(header.kind, kind::PRIORITY | kind::RST_STREAM);
        let either = header.kind == kind::WINDOW_UPDATE;
        // RFC 9113 §6: each type belongs either to streams or to the connection.
        if !either && on_stream != (header.stream != 0) {
            return Err(Peer::WrongStream.into());
        }
        match header.kind {
            kind::SETTINGS => self.settings(now, header, payload, out),
            kind::PING => self.pinged(now, header, payload, out),
            kind::RST_STREAM => self.rst_stream(now, header.stream, payload),
            kind::WINDOW_UPDATE => self.window_update(header.stream, payload),
            kind::PRIORITY => self.priority(header.stream, payload),
            kind::PRIORITY_UPDATE => self.priority_update(payload),
            _ => self.peer_goes(payload),
        }
    }

    fn settings(
        &mut self,
        now: Time,
        header: Header,
        payload: &[u8],
        out: &mut Out<'_>,
    ) -> Result<Event<'static>, Wrong> {
        self.budgets.settings(now)?;
        if header.has(flag::ACK) {
            // RFC 9113 §6.5: an acknowledgement is empty.
            if !payload.is_empty() {
                return Err(Peer::FrameSize.into());
            }
            self.unacknowledged = self.unacknowledged.checked_sub(1).ok_or(Peer::UnexpectedAck)?;
            return Ok(Event::Nothing);
        }
        self.obey_settings(payload)?;
        self.stage = Stage::Open;
        // RFC 9113 §6.5.3: acknowledged as soon as they are obeyed. There is room: `receive` has seen to it.
        let _ = settings::put_ack(out);
        Ok(Event::Settings)
    }

    fn pinged(
        &mut self,
        now: Time,
        header: Header,
        payload: &[u8],
        out: &mut Out<'_>,
    ) -> Result<Event<'static>, Wrong> {
        self.budgets.ping(now)?;
        let opaque = ping::read(payload)?;
        if header.has(flag::ACK) {
            if opaque == NOTICE && self.notice == Notice::Said {
                self.notice = Notice::Heard;
            }
        } else {
            // RFC 9113 §6.7: answered with the same bytes.
            let _ = ping::put(out, true, opaque);
        }
        Ok(Event::Nothing)
    }

    fn rst_stream(&mut self, now: Time, id: u32, payload: &[u8]) -> Result<Event<'static>, Wrong> {
        let code = rst_stream::read(payload)?;
        let Some(stream) = self.streams.get(id) else {
            // RFC 9113 §6.4: an idle stream cannot be reset.
            if self.unknown(id) == Unknown::Idle {
                return Err(Peer::IdleStream.into());
            }
            self.budgets.reset(now, false)?;
            return Ok(Event::Nothing);
        };
        let early = self.side == Side::Server && !stream.flow.answered;
        stream.flow.state = State::Closed;
        stream.flow.answered = false;
        self.budgets.reset(now, early)?;
        Ok(Event::Reset { id, code, by_peer: true })
    }

    fn window_update(&mut self, id: u32, payload: &[u8]) -> Result<Event<'static>, Wrong> {
        self.budgets.data_sent = self.sender.data_frames;
        self.budgets.window_update()?;
        let increment = window_update::read(payload)?;
        let opened = if id == 0 {
            // RFC 9113 §6.9: on the connection's window an error is one of the connection.
            self.sender.window.open(increment)?
        } else if let Some(stream) = self.streams.get(id) {
            stream.flow.send.open(increment).map_err(Wrong::Stream)?
        } else if self.unknown(id) == Unknown::Idle {
            return Err(Peer::IdleStream.into());
        } else {
            false
        };
        Ok(if opened { Event::Opened { id } } else { Event::Nothing })
    }

    fn priority(&mut self, id: u32, payload: &[u8]) -> Result<Event<'static>, Wrong> {
        self.budgets.idle_frame()?;
        let checked = priority::read(payload)
            .map_err(Wrong::Stream)
            .and_then(|depends_on| block::check_dependency(id, depends_on));
        match (checked, self.streams.get(id).is_some()) {
            (Err(Wrong::Stream(fault)), false) => match self.unknown(id) {
                // There is no stream that could end.
                Unknown::Idle => Err(fault.into()),
                Unknown::Ignored | Unknown::Closed => Ok(Event::Nothing),
            },
            (checked, _) => checked.map(|()| Event::Nothing),
        }
    }

    fn priority_update(&mut self, payload: &[u8]) -> Result<Event<'static>, Wrong> {
        self.budgets.idle_frame()?;
        let (id, field) = priority_update::read(payload)?;
        // RFC 9218 §7.1: only from clients, and only about their streams.
        if self.side == Side::Client || id % 2 == 0 {
            return Err(Peer::WrongStream.into());
        }
        if let Some(stream) = self.streams.get(id) {
            stream.flow.urgency = urgency(field);
        }
        Ok(Event::Nothing)
    }

    /// RFC 9113 §6.8: the server has not processed, and will not process, what is above the identifier it names.
    fn abandon_above(&mut self, last: u32) {
        let mut place = self.streams.len();
        while let Some(id) = place.checked_sub(1).and_then(|place| self.streams.id_at(place))
            && id > last
        {
            if let Some(stream) = self.streams.get(id) {
                stream.flow.state = State::Closed;
                stream.flow.answered = false;
            }
            self.remember(id);
            place -= 1;
        }
    }

    fn peer_goes(&mut self, payload: &[u8]) -> Result<Event<'static>, Wrong> {
        self.budgets.idle_frame()?;
        let (last, code) = goaway::read(payload)?;
        // RFC 9113 §6.8: the identifier must not increase.
        if self.peer_goaway.is_some_and(|before| last > before) {
            return Err(Peer::StreamId.into());
        }
        self.peer_goaway = Some(last);
        if self.side == Side::Client {
            self.abandon_above(last);
        }
        Ok(Event::GoAway { last, code })
    }
}
