//! A connection to the peer under test: sends anything, reads events, keeps what was seen.
//!
//! SETTINGS and PING of the peer are acknowledged by themselves, unless a case turns that off.

use crate::case::Flaw;
use crate::pipe::{Got, Pipe};
use crate::referee::{Event, List, Referee, Side};
use crate::wire::{self, Frame};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many of the last events a failure tells.
const TOLD: usize = 14;

/// What the peer said on a stream so far.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// Of a final header section; 0 before it, and in requests.
    pub(crate) status: u16,
    pub(crate) fields: List,
    pub(crate) body: Vec<u8>,
    /// END_STREAM came.
    pub(crate) ended: bool,
    /// RST_STREAM came, with this code.
    pub(crate) reset: Option<u32>,
}

/// How much DATA the peer lets us send.
struct Credit {
    initial: i64,
    connection: i64,
    streams: BTreeMap<u32, i64>,
}

pub(crate) struct Conn {
    peer: Side,
    pub(crate) pipe: Pipe,
    bytes: Vec<u8>,
    pub(crate) referee: Referee,
    seen: Vec<String>,
    /// How long each wait may take.
    pub(crate) patience: Duration,
    /// Acknowledge SETTINGS and PING.
    pub(crate) acknowledge: bool,
    /// Give back what DATA took from the windows.
    pub(crate) grant: bool,
    messages: BTreeMap<u32, Message>,
    credit: Credit,
    closed: bool,
    /// GOAWAY with this error came.
    condemned: Option<u32>,
    /// GOAWAY without an error came.
    graceful: bool,
    pings: u64,
}

impl Conn {
    pub(crate) fn new(pipe: Pipe, peer: Side, patience: Duration) -> Conn {
        Conn {
            peer,
            pipe,
            bytes: Vec::new(),
            referee: Referee::new(peer),
            seen: Vec::new(),
            patience,
            acknowledge: true,
            grant: true,
            messages: BTreeMap::new(),
            credit: Credit { initial: 65_535, connection: 65_535, streams: BTreeMap::new() },
            closed: false,
            condemned: None,
            graceful: false,
            pings: 0,
        }
    }

    /// Sends a frame.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) {
        self.raw(&wire::frame(kind, flags, stream, payload.as_ref()));
    }

    /// Sends octets: frames, several in one write, or no frames at all.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let mut copy = bytes.to_vec();
        while let Some(frame) = Frame::take(&mut copy) {
            self.sent(&frame);
        }
        self.pipe.write(bytes);
    }

    /// Enters a frame into the books that went out by another way.
    pub(crate) fn sent(&mut self, frame: &Frame) {
        self.referee.sent(frame);
        if frame.kind == wire::DATA {
            let size = i64::try_from(frame.payload.len()).unwrap_or(0);
            let initial = self.credit.initial;
            *self.credit.streams.entry(frame.stream).or_insert(initial) -= size;
            self.credit.connection -= size;
        }
    }

    /// How many octets of DATA the peer takes on a stream now.
    pub(crate) fn may_send(&self, stream: u32) -> usize {
        let of_stream = self.credit.streams.get(&stream).copied().unwrap_or(self.credit.initial);
        usize::try_from(of_stream.min(self.credit.connection)).unwrap_or(0)
    }

    /// The first stream on which the peer sent a header section.
    pub(crate) fn first_stream(&self) -> Option<u32> {
        self.messages.iter().find(|(_, m)| !m.fields.is_empty()).map(|(stream, _)| *stream)
    }

    /// What the peer said on a stream so far; `None` where that is nothing.
    pub(crate) fn message(&self, stream: u32) -> Option<&Message> {
        self.messages.get(&stream)
    }

    /// Sends SETTINGS.
    pub(crate) fn settings(&mut self, pairs: &[(u16, u32)]) {
        self.send(wire::SETTINGS, 0, 0, wire::settings(pairs));
    }

    /// Sends WINDOW_UPDATE.
    pub(crate) fn window_update(&mut self, stream: u32, increment: u32) {
        self.send(wire::WINDOW_UPDATE, 0, stream, increment.to_be_bytes());
    }

    /// Sends RST_STREAM.
    pub(crate) fn reset(&mut self, stream: u32, code: u32) {
        self.send(wire::RST_STREAM, 0, stream, code.to_be_bytes());
    }

    /// Until when a wait that begins now may last.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// The next event; a breach of a rule that always holds is a flaw.
    pub(crate) fn next(&mut self, deadline: Instant) -> Result<Event, Flaw> {
        loop {
            if let Some(frame) = Frame::take(&mut self.bytes) {
                return self.event(&frame);
            }
            if self.closed {
                return Ok(Event::Closed);
            }
            // A frame that claims more than it may have need not be waited for.
            if let Some(head) = self.bytes.first_chunk()
                && wire::length(head) > 1 << 20
            {
                return Err(
                    self.breach("9113/4.2: a frame of more than a mebioctet, or no HTTP/2".to_owned())
                );
            }
            let mut buffer = [0; 16_384];
            match self.pipe.read(&mut buffer, deadline) {
                Got::Bytes(n) => self.bytes.extend_from_slice(&buffer[..n]),
                Got::Late => return Ok(Event::Late),
                Got::End => {
                    self.closed = true;
                    self.seen.push("closed".to_owned());
                }
            }
        }
    }

    fn event(&mut self, frame: &Frame) -> Result<Event, Flaw> {
        self.seen.push(frame.describe());
        let event = self.referee.see(frame).map_err(|rule| self.breach(rule))?;
        self.enter(&event);
        match &event {
            Event::Goaway { code: wire::NO_ERROR, .. } => self.graceful = true,
            Event::Goaway { code, .. } => self.condemned = Some(*code),
            Event::Settings if self.acknowledge => self.send(wire::SETTINGS, wire::ACK, 0, []),
            Event::Ping(data) if self.acknowledge => self.send(wire::PING, wire::ACK, 0, data),
            Event::Head { fields, .. } => {
                // Status or method and path, for the list of what was seen.
                let pseudo = fields.iter().filter(|(name, _)| name.starts_with(b":"));
                let words: Vec<_> = pseudo.map(|(_, value)| String::from_utf8_lossy(value)).collect();
                self.seen.push(format!("[{}]", words.join(" ")));
            }
            Event::Data { stream, flow, end, .. } if self.grant && *flow > 0 => {
                self.window_update(0, *flow);
                if !end {
                    self.window_update(*stream, *flow);
                }
            }
            _ => {}
        }
        Ok(event)
    }

    /// Messages and windows, as the peer makes them.
    fn enter(&mut self, event: &Event) {
        match event {
            Event::Head { stream, fields, end } => {
                let message = self.messages.entry(*stream).or_default();
                if message.status < 200 {
                    message.status = status(fields);
                    message.fields.clone_from(fields);
                }
                message.ended |= end;
            }
            Event::Data { stream, content, end, .. } => {
                let message = self.messages.entry(*stream).or_default();
                message.body.extend_from_slice(content);
                message.ended |= end;
            }
            Event::Reset { stream, code } => self.messages.entry(*stream).or_default().reset = Some(*code),
            Event::WindowUpdate { stream: 0, increment } => self.credit.connection += i64::from(*increment),
            Event::WindowUpdate { stream, increment } => {
                let initial = self.credit.initial;
                *self.credit.streams.entry(*stream).or_insert(initial) += i64::from(*increment);
            }
            Event::Settings => {
                let initial = self.referee.theirs.value(wire::INITIAL_WINDOW_SIZE).map_or(0, i64::from);
                for window in self.credit.streams.values_mut() {
                    *window += initial - self.credit.initial;
                }
                self.credit.initial = initial;
            }
            _ => {}
        }
    }

    /// Reads until the peer's SETTINGS and the acknowledgements of ours are here.
    pub(crate) fn settle(&mut self) -> Result<(), Flaw> {
        let deadline = self.deadline();
        let mut heard = false;
        while !heard || !self.referee.settled() {
            match self.next(deadline)? {
                Event::Settings => heard = true,
                Event::Closed | Event::Late | Event::Goaway { .. } => {
                    return Err(self.wrong("SETTINGS, and SETTINGS ACK for ours"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits for the acknowledgement of SETTINGS sent later.
    pub(crate) fn settings_applied(&mut self) -> Result<(), Flaw> {
        let deadline = self.deadline();
        while !self.referee.settled() {
            if matches!(self.next(deadline)?, Event::Closed | Event::Late | Event::Goaway { .. }) {
                return Err(self.wrong("SETTINGS ACK"));
            }
        }
        Ok(())
    }

    /// A PING there and back: everything sent before was read, and none of it was an error of the connection.
    pub(crate) fn fence(&mut self) -> Result<(), Flaw> {
        self.fence_with(|_| false).map(|_| ())
    }

    /// Like [`Conn::fence`]; answers whether any event on the way was `wanted`.
    pub(crate) fn fence_with(&mut self, wanted: impl Fn(&Event) -> bool) -> Result<bool, Flaw> {
        self.pings += 1;
        let data = (0x6c77_7300_0000_0000 + self.pings).to_be_bytes();
        self.send(wire::PING, 0, 0, data);
        let deadline = self.deadline();
        let mut found = false;
        loop {
            match self.next(deadline)? {
                Event::PingAck(back) if back == data => return Ok(found),
                Event::Closed | Event::Late => return Err(self.wrong("the connection goes on: PING ACK")),
                Event::Goaway { code, .. } if code != wire::NO_ERROR => {
                    return Err(self.wrong("the connection goes on: PING ACK"));
                }
                event => found |= wanted(&event),
            }
        }
    }

    /// The peer ends the connection for one of `codes`, tells so with GOAWAY, and closes the socket (§5.4.1).
    pub(crate) fn connection_error(&mut self, codes: &[u32]) -> Result<(), Flaw> {
        let expected = format!("GOAWAY with {}, then the end of the connection", wire::code_names(codes));
        let deadline = self.deadline();
        loop {
            match self.next(deadline)? {
                Event::Goaway { code, .. } if codes.contains(&code) => return self.closes(&expected),
                Event::Goaway { code: wire::NO_ERROR, .. } if !codes.contains(&wire::NO_ERROR) => {}
                Event::Goaway { code, .. } => return Err(self.other_code(&expected, code)),
                // §5.4.1: GOAWAY is a SHOULD.
                Event::Closed => return Err(self.weak(&expected)),
                Event::Late => return Err(self.wrong(&expected)),
                _ => {}
            }
        }
    }

    /// The peer resets the stream for one of `codes` and goes on, or ends the connection for it, as §5.4.1 allows.
    pub(crate) fn stream_error(&mut self, stream: u32, codes: &[u32]) -> Result<(), Flaw> {
        let expected = format!("RST_STREAM({stream}) or GOAWAY with {}", wire::code_names(codes));
        let deadline = self.deadline();
        loop {
            match self.next(deadline)? {
                Event::Reset { stream: s, code } if s == stream && codes.contains(&code) => {
                    return self.goes_on();
                }
                Event::Reset { stream: s, code } if s == stream => {
                    return Err(self.other_code(&expected, code));
                }
                Event::Goaway { code, .. } if codes.contains(&code) => return self.closes(&expected),
                Event::Goaway { code: wire::NO_ERROR, .. } => {}
                Event::Goaway { code, .. } => return Err(self.other_code(&expected, code)),
                Event::Closed => return Err(self.weak(&expected)),
                Event::Late => return Err(self.wrong(&expected)),
                _ => {}
            }
        }
    }

    /// The connection serves other streams. A client whose only stream is gone may leave.
    fn goes_on(&mut self) -> Result<(), Flaw> {
        let fence = self.fence();
        let left = self.peer == Side::Client && self.condemned.is_none() && self.closed;
        if left { Ok(()) } else { fence }
    }

    /// After GOAWAY for an error, "the endpoint MUST close the TCP connection" (§5.4.1).
    fn closes(&mut self, expected: &str) -> Result<(), Flaw> {
        let deadline = self.deadline();
        loop {
            match self.next(deadline)? {
                Event::Closed => return Ok(()),
                Event::Late => return Err(self.wrong(expected)),
                _ => {}
            }
        }
    }

    /// §5.4: "a generic error code (such as PROTOCOL_ERROR or INTERNAL_ERROR) can always be used".
    fn other_code(&self, expected: &str, code: u32) -> Flaw {
        if matches!(code, wire::PROTOCOL_ERROR | wire::INTERNAL_ERROR) {
            self.weak(expected)
        } else {
            self.wrong(expected)
        }
    }

    /// True where the peer has ended the connection, or said that it will.
    pub(crate) fn ended(&self) -> bool {
        self.closed || self.condemned.is_some()
    }

    /// The error of the last GOAWAY that had one.
    pub(crate) fn last_error(&self) -> Option<u32> {
        self.condemned
    }

    /// True where the peer announced an end without an error.
    pub(crate) fn graceful(&self) -> bool {
        self.graceful
    }

    /// Forgets what was seen so far, so that failures tell only what came after.
    pub(crate) fn mark(&mut self) {
        self.seen.clear();
    }

    pub(crate) fn wrong(&self, expected: &str) -> Flaw {
        Flaw::Wrong { expected: expected.to_owned(), seen: self.told() }
    }

    pub(crate) fn weak(&self, expected: &str) -> Flaw {
        Flaw::Weak { expected: expected.to_owned(), seen: self.told() }
    }

    fn breach(&self, rule: String) -> Flaw {
        Flaw::Breach { rule, seen: self.told() }
    }

    /// The last events, for people.
    pub(crate) fn told(&self) -> String {
        let from = self.seen.len().saturating_sub(TOLD);
        let dots = if from > 0 { "… " } else { "" };
        let list = self.seen[from..].join(", ");
        if list.is_empty() { "nothing".to_owned() } else { format!("{dots}{list}") }
    }
}

/// The status of an answer; 0 where there is none.
pub(crate) fn status(fields: &List) -> u16 {
    let value = fields.iter().find(|(name, _)| name == b":status").map(|(_, v)| String::from_utf8_lossy(v));
    value.and_then(|v| v.parse().ok()).unwrap_or(0)
}
