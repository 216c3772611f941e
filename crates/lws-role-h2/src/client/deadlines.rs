//! What must have happened by when, on a connection and on its streams.

use super::H2Client;
use super::content::Kind;
use crate::limits;
use crate::serve::Stall;
use lws_h2::Code;
use lws_http::client::Cause;
use lws_role::{Closed, Cx};
use lws_wire::{Out, Time};

impl H2Client {
    /// Looks at all deadlines. `strict`: the server could have said something meanwhile.
    pub(super) fn sweep(&mut self, cx: &mut Cx<'_>, strict: bool, out: &mut Out<'_>) {
        let now = cx.now();
        let is_late = |since: Time, limit| strict && now.since(since) >= limit;
        if self.conn.awaits_settings() {
            if is_late(self.born, limits::SETTINGS_TIMEOUT) {
                return self.give_up(Code::SETTINGS_TIMEOUT, out);
            }
            self.watch.note((self.born + limits::SETTINGS_TIMEOUT).max(now + limits::SETTINGS_TIMEOUT / 10));
        }
        if let Some(since) = self.partial_since {
            if is_late(since, limits::FRAME_TIMEOUT) {
                return self.give_up(Code::ENHANCE_YOUR_CALM, out);
            }
            self.watch.note((since + limits::FRAME_TIMEOUT).max(now + limits::FRAME_TIMEOUT / 10));
        }
        if let Some(waiting) = self.waiting.take_if(|waiting| waiting.watch_at() <= now) {
            self.refuse(cx, waiting.call, Cause::Timeout);
            self.asks = true;
            if self.conn.is_empty() {
                // It takes no streams at all.
                return self.give_up(Code::NO_ERROR, out);
            }
        }
        if self.conn.is_empty() && self.waiting.is_none() {
            if is_late(self.idle_since, self.idle_timeout) {
                return self.close(Code::NO_ERROR, Closed::Done, Cause::Closed(Closed::Done), out);
            }
            let at = self.idle_since + self.idle_timeout;
            return self.watch.note(at.max(now + self.idle_timeout / 10));
        }
        if let Some(waiting) = &self.waiting {
            self.watch.note(waiting.watch_at());
        }
        self.ping(now, strict, out);
        for place in (0..self.conn.len()).rev() {
            if let Some(id) = self.conn.id_at(place) {
                self.sweep_stream(cx, id, strict, out);
            }
        }
    }

    /// RFC 9113 §6.7: asks a silent server that owes answers for a sign of life.
    fn ping(&mut self, now: Time, strict: bool, out: &mut Out<'_>) {
        let mut places = 0..self.conn.len();
        let is_owed = places.any(|place| {
            let id = self.conn.id_at(place);
            let stream = id.and_then(|id| self.conn.stream(id));
            stream.is_some_and(|(_, stream)| matches!(stream.data.kind, Kind::Call(_)))
        });
        if !is_owed || self.end.is_some() {
            return;
        }
        let at = match self.pinged_at {
            Some(at) if strict && now.since(at) >= self.ping_timeout => {
                return self.give_up(Code::NO_ERROR, out);
            }
            Some(at) => (at + self.ping_timeout).max(now + self.ping_timeout / 10),
            None if now.since(self.heard_at) >= self.ping_after => {
                (self.pinged_at, self.ping_due) = (Some(now), true);
                now + self.ping_timeout
            }
            None => self.heard_at + self.ping_after,
        };
        self.watch.note(at);
    }

    fn sweep_stream(&mut self, cx: &mut Cx<'_>, id: u32, strict: bool, out: &mut Out<'_>) {
        let now = cx.now();
        let Some((_, stream)) = self.conn.stream(id) else { return };
        let sent = stream.flow.sent();
        if let Some(stall) = &mut stream.data.stall
            && now.since(stall.since) >= limits::SEND_STALL
        {
            // H2-08
            let owed = limits::SEND_STALL.as_secs() * limits::SEND_RATE_BYTES_S;
            if strict && sent - stall.sent < owed {
                return self.expire(cx, id, out);
            }
            *stall = Stall { since: now, sent };
        }
        match &mut stream.data.kind {
            Kind::Lingering(since) if now.since(*since) >= limits::LINGER => {
                return self.end_stream(cx, id, Cause::Closed(Closed::Done), Closed::Done, out);
            }
            Kind::Call(live) if live.is_late(now, strict) => return self.expire(cx, id, out),
            Kind::Call(live) => live.watch(now),
            _ => {}
        }
        if let Some((_, stream)) = self.conn.stream(id)
            && let Some(at) = stream.data.watch_at()
        {
            self.watch.note(at);
        }
    }

    fn expire(&mut self, cx: &mut Cx<'_>, id: u32, out: &mut Out<'_>) {
        cx.hub().metrics.timeouts += 1;
        self.end_stream(cx, id, Cause::Timeout, Closed::Timeout, out);
    }

    fn give_up(&mut self, code: Code, out: &mut Out<'_>) {
        self.close(code, Closed::Timeout, Cause::Timeout, out);
    }
}
