//! What every frame of the peer must obey, whatever the case is about: a breach fails the case it happens in.
//!
//! The referee keeps the peer's side of the books: which of our settings it may or must already follow, how much DATA it
//! may send, in which state its streams are, what its HPACK encoder may refer to. Where frames cross on the wire it
//! gives the peer the benefit: a larger window counts from the moment we send it, a smaller one from the
//! acknowledgement.
//!
//! Checked here: RFC 9113 §3.4 (first frame), §4.1 (reserved bit, flags), §4.2 (sizes), §4.3 (blocks), §5.1 (states),
//! §5.1.1, §5.1.2, §6.x (form of each frame, padding, windows, settings, acknowledgements), §8 (messages, in
//! [`message`]); RFC 7541 §4.2, §6; RFC 8441 §3.

mod message;
mod settings;
#[cfg(test)]
mod tests;

use crate::hpack;
use crate::wire::{self, Frame};
use settings::Ours;
pub(crate) use settings::Settings;
use std::collections::BTreeMap;

/// Fields in order.
pub(crate) type List = Vec<(Vec<u8>, Vec<u8>)>;

/// Who the peer is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    Server,
    Client,
}

/// What a frame meant; a field block counts when it is whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// `flow` octets of it count for the windows.
    Data {
        stream: u32,
        content: Vec<u8>,
        flow: u32,
        end: bool,
    },
    Head {
        stream: u32,
        fields: List,
        end: bool,
    },
    Reset {
        stream: u32,
        code: u32,
    },
    Settings,
    SettingsAck,
    Push,
    Ping([u8; 8]),
    PingAck([u8; 8]),
    Goaway {
        last: u32,
        code: u32,
    },
    WindowUpdate {
        stream: u32,
        increment: u32,
    },
    /// Part of a block, PRIORITY, unknown types.
    Other,
    /// The peer closed the connection.
    Closed,
    /// Nothing came until the deadline.
    Late,
}

/// A rule and how the peer broke it.
pub(crate) type Breach = String;

/// One stream as the peer uses it.
#[derive(Debug)]
struct Stream {
    /// How much DATA it may still send; negative after a smaller initial window.
    window: i64,
    phase: Phase,
    /// The answer to HEAD has no content.
    to_head: bool,
    /// 204, 304 or to HEAD: no content, whatever content-length says.
    bodyless: bool,
    length: Option<u64>,
    received: u64,
    /// We ended our half.
    ours_ended: bool,
    /// We reset the stream.
    ours_reset: bool,
}

/// How far the peer's message on a stream is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// No final header section yet.
    Head,
    Body,
    Ended,
    Reset,
}

/// A block whose END_HEADERS has not come.
struct Block {
    stream: u32,
    end: bool,
    push: bool,
    bytes: Vec<u8>,
}

/// The books.
pub(crate) struct Referee {
    peer: Side,
    began: bool,
    block: Option<Block>,
    decoder: loona_hpack::Decoder<'static>,
    ours: Ours,
    /// What the peer set.
    pub(crate) theirs: Settings,
    window: i64,
    streams: BTreeMap<u32, Stream>,
    pings: Vec<Vec<u8>>,
    last_goaway: Option<u32>,
    /// The highest stream that the peer opened.
    highest: u32,
    /// Forms seen in the peer's blocks, newest last.
    pub(crate) scans: Vec<hpack::Scan>,
}

impl Referee {
    pub(crate) fn new(peer: Side) -> Referee {
        let mut decoder = loona_hpack::Decoder::new();
        decoder.set_max_allowed_table_size(4096);
        Referee {
            peer,
            began: false,
            block: None,
            decoder,
            ours: Ours::default(),
            theirs: Settings::default(),
            window: 65_535,
            streams: BTreeMap::new(),
            pings: Vec::new(),
            last_goaway: None,
            highest: 0,
            scans: Vec::new(),
        }
    }

    /// Enters what we send; it may be wrong on purpose.
    pub(crate) fn sent(&mut self, frame: &Frame) {
        let stream = frame.stream & wire::MAX_31;
        match frame.kind {
            wire::SETTINGS
                if !frame.has(wire::ACK) && stream == 0 && frame.payload.len().is_multiple_of(6) =>
            {
                let change = self.ours.sent(&frame.settings());
                self.shift_windows(change);
            }
            wire::PING if !frame.has(wire::ACK) => self.pings.push(frame.payload.clone()),
            wire::WINDOW_UPDATE => {
                let increment = i64::from(frame.number(0).unwrap_or(0) & wire::MAX_31);
                if stream == 0 {
                    self.window += increment;
                } else {
                    self.touch(stream).window += increment;
                }
            }
            wire::RST_STREAM => self.touch(stream).ours_reset = true,
            wire::HEADERS | wire::DATA => self.touch(stream).ours_ended |= frame.has(wire::END_STREAM),
            wire::PRIORITY if self.peer == Side::Server => {}
            _ if stream != 0 => drop(self.touch(stream)),
            _ => {}
        }
    }

    /// The request on `stream` is HEAD.
    pub(crate) fn sent_head_request(&mut self, stream: u32) {
        self.touch(stream).to_head = true;
    }

    /// True where all our SETTINGS are acknowledged.
    pub(crate) fn settled(&self) -> bool {
        self.ours.settled()
    }

    /// Judges a frame.
    pub(crate) fn see(&mut self, frame: &Frame) -> Result<Event, Breach> {
        self.form(frame)?;
        let stream = frame.stream;
        let number = |at| frame.number(at).unwrap_or(0);
        match frame.kind {
            wire::DATA => self.data(frame),
            wire::HEADERS | wire::PUSH_PROMISE => self.block_begins(frame),
            wire::CONTINUATION => self.block_continues(frame),
            wire::RST_STREAM => {
                self.known(stream, "RST_STREAM")?;
                self.touch(stream).phase = Phase::Reset;
                Ok(Event::Reset { stream, code: number(0) })
            }
            wire::SETTINGS if frame.has(wire::ACK) => {
                let change =
                    self.ours.acknowledged().ok_or("9113/6.5.3: a SETTINGS ACK that nothing asked for")?;
                self.decoder.set_max_allowed_table_size(self.ours.table_limit());
                self.shift_windows(change);
                Ok(Event::SettingsAck)
            }
            wire::SETTINGS => {
                self.theirs.apply(&frame.settings(), self.peer)?;
                Ok(Event::Settings)
            }
            wire::PING => self.ping(frame),
            wire::GOAWAY => {
                let last = number(0) & wire::MAX_31;
                if self.last_goaway.is_some_and(|before| last > before) {
                    return Err(format!("9113/6.8: GOAWAY raised its last stream identifier to {last}"));
                }
                self.last_goaway = Some(last);
                Ok(Event::Goaway { last, code: number(4) })
            }
            wire::WINDOW_UPDATE => {
                let increment = number(0) & wire::MAX_31;
                if increment == 0 {
                    return Err("9113/6.9: WINDOW_UPDATE with an increment of 0".to_owned());
                }
                self.usable(stream, "WINDOW_UPDATE")?;
                Ok(Event::WindowUpdate { stream, increment })
            }
            _ => Ok(Event::Other),
        }
    }

    /// What the frame is by itself, and whether it may come now.
    fn form(&mut self, frame: &Frame) -> Result<(), Breach> {
        let name = frame.describe();
        let first = !std::mem::replace(&mut self.began, true);
        if first && (frame.kind != wire::SETTINGS || frame.has(wire::ACK)) {
            return Err(format!("9113/3.4: the first frame is {name}, not SETTINGS"));
        }
        if frame.stream > wire::MAX_31 {
            return Err(format!("9113/4.1: {name} has the reserved bit set"));
        }
        let flags = match frame.kind {
            wire::DATA => wire::END_STREAM | wire::PADDED,
            wire::HEADERS => wire::WHOLE | wire::PADDED | wire::PRIORITIZED,
            wire::PUSH_PROMISE => wire::END_HEADERS | wire::PADDED,
            wire::CONTINUATION => wire::END_HEADERS,
            wire::SETTINGS | wire::PING => wire::ACK,
            wire::PRIORITY | wire::RST_STREAM | wire::GOAWAY | wire::WINDOW_UPDATE => 0,
            _ => 0xff,
        };
        if frame.flags & !flags != 0 {
            return Err(format!("9113/4.1: {name} has unused flags set: {:#04x}", frame.flags));
        }
        let length = frame.payload.len();
        let limit = usize::try_from(self.ours.max_frame()).unwrap_or(usize::MAX);
        if length > limit {
            return Err(format!("9113/4.2: {name} has {length} octets, our limit is {limit}"));
        }
        let fits = match frame.kind {
            wire::PRIORITY => length == 5,
            wire::RST_STREAM | wire::WINDOW_UPDATE => length == 4,
            wire::SETTINGS => length.is_multiple_of(6) && (length == 0 || !frame.has(wire::ACK)),
            wire::PING => length == 8,
            wire::GOAWAY => length >= 8,
            _ => true,
        };
        if !fits {
            return Err(format!("9113/6: {name} has a payload of {length} octets"));
        }
        let whole = matches!(frame.kind, wire::SETTINGS | wire::PING | wire::GOAWAY);
        let either = frame.kind == wire::WINDOW_UPDATE || frame.kind > wire::CONTINUATION;
        if !either && whole != (frame.stream == 0) {
            return Err(format!("9113/6: {name} on stream {}", frame.stream));
        }
        match &self.block {
            Some(block) if frame.kind != wire::CONTINUATION || frame.stream != block.stream => {
                Err(format!("9113/4.3: {name} inside the field block of stream {}", block.stream))
            }
            None if frame.kind == wire::CONTINUATION => {
                Err(format!("9113/6.10: {name} without a block to continue"))
            }
            _ => Ok(()),
        }
    }

    fn data(&mut self, frame: &Frame) -> Result<Event, Breach> {
        let (number, length) = (frame.stream, i64::try_from(frame.payload.len()).unwrap_or(i64::MAX));
        let end = frame.has(wire::END_STREAM);
        let content = unpadded(frame)?.to_vec();
        self.open(number, "DATA")?;
        let stream = self.touch(number);
        if stream.phase == Phase::Head {
            return Err(format!("9113/8.1: DATA on stream {number} before the header section"));
        }
        stream.window -= length;
        if stream.window < 0 && length > 0 {
            return Err(format!(
                "9113/6.9.1: DATA on stream {number} is {} beyond its window",
                -stream.window
            ));
        }
        stream.received += content.len() as u64;
        stream.check_length(number, end)?;
        if end {
            stream.phase = Phase::Ended;
        }
        self.window -= length;
        if self.window < 0 && length > 0 {
            return Err(format!("9113/6.9.1: DATA is {} beyond the connection's window", -self.window));
        }
        let flow = u32::try_from(frame.payload.len()).unwrap_or(0);
        Ok(Event::Data { stream: number, content, flow, end })
    }

    fn block_begins(&mut self, frame: &Frame) -> Result<Event, Breach> {
        let push = frame.kind == wire::PUSH_PROMISE;
        if push {
            // Every connection of ours begins with ENABLE_PUSH = 0, and a client may not push at all.
            return Err("9113/6.6: PUSH_PROMISE, though push is disabled".to_owned());
        }
        if self.peer == Side::Client && !self.streams.contains_key(&frame.stream) {
            self.opened(frame.stream)?;
        }
        self.open(frame.stream, "HEADERS")?;
        let mut bytes = unpadded(frame)?;
        if frame.has(wire::PRIORITIZED) {
            bytes = bytes.get(5..).ok_or("9113/4.2: HEADERS too short for its priority")?;
        }
        let end = frame.has(wire::END_STREAM);
        self.block = Some(Block { stream: frame.stream, end, push, bytes: bytes.to_vec() });
        self.block_ends(frame)
    }

    fn block_continues(&mut self, frame: &Frame) -> Result<Event, Breach> {
        if let Some(block) = &mut self.block {
            block.bytes.extend_from_slice(&frame.payload);
        }
        self.block_ends(frame)
    }

    fn block_ends(&mut self, frame: &Frame) -> Result<Event, Breach> {
        if !frame.has(wire::END_HEADERS) {
            return Ok(Event::Other);
        }
        let Some(block) = self.block.take() else { return Ok(Event::Other) };
        let scan =
            hpack::scan(&block.bytes).ok_or("7541/6: a field block that ends inside an instruction")?;
        self.ours.table(&scan)?;
        self.scans.push(scan);
        let fields = self.decoder.decode(&block.bytes).map_err(|e| format!("7541: a field block: {e}"))?;
        if block.push {
            return Ok(Event::Push);
        }
        let (number, end) = (block.stream, block.end);
        let peer = self.peer;
        let extended_connect = self.ours.extended_connect();
        self.touch(number).section(peer, number, &fields, end, extended_connect)?;
        Ok(Event::Head { stream: number, fields, end })
    }

    fn ping(&mut self, frame: &Frame) -> Result<Event, Breach> {
        let data: [u8; 8] = frame.payload.as_slice().try_into().unwrap_or_default();
        if !frame.has(wire::ACK) {
            return Ok(Event::Ping(data));
        }
        let asked = self.pings.iter().position(|p| *p == data);
        let at = asked.ok_or("9113/6.7: a PING ACK whose octets we never sent")?;
        self.pings.remove(at);
        Ok(Event::PingAck(data))
    }

    /// A client's new stream: odd, and higher than all before.
    fn opened(&mut self, stream: u32) -> Result<(), Breach> {
        if stream.is_multiple_of(2) || stream <= self.highest {
            return Err(format!("9113/5.1.1: stream {stream} opened after {}", self.highest));
        }
        let active = self.streams.values().filter(|s| s.active()).count();
        let limit = self.ours.max_streams();
        if u64::try_from(active).is_ok_and(|a| a >= limit) {
            return Err(format!("9113/5.1.2: stream {stream} is beyond our limit of {limit} streams"));
        }
        self.highest = stream;
        self.touch(stream);
        Ok(())
    }

    /// An idle stream has no frames but those that open it, and PRIORITY.
    fn known(&self, stream: u32, name: &str) -> Result<(), Breach> {
        if stream == 0 || self.streams.contains_key(&stream) {
            return Ok(());
        }
        Err(format!("9113/5.1: {name} on stream {stream}, which is idle"))
    }

    /// After RST_STREAM nothing more, on a closed stream nothing but RST_STREAM.
    fn usable(&self, stream: u32, name: &str) -> Result<(), Breach> {
        self.known(stream, name)?;
        match self.streams.get(&stream) {
            Some(s) if s.phase == Phase::Reset => {
                Err(format!("9113/5.1: {name} on stream {stream} after RST_STREAM"))
            }
            _ => Ok(()),
        }
    }

    fn open(&self, stream: u32, name: &str) -> Result<(), Breach> {
        self.usable(stream, name)?;
        match self.streams.get(&stream) {
            Some(s) if s.phase == Phase::Ended => {
                Err(format!("9113/5.1: {name} on stream {stream} after END_STREAM"))
            }
            _ => Ok(()),
        }
    }

    fn touch(&mut self, stream: u32) -> &mut Stream {
        let window = self.ours.initial_window();
        self.streams.entry(stream).or_insert(Stream {
            window,
            phase: Phase::Head,
            to_head: false,
            bodyless: false,
            length: None,
            received: 0,
            ours_ended: false,
            ours_reset: false,
        })
    }

    fn shift_windows(&mut self, by: i64) {
        for stream in self.streams.values_mut() {
            stream.window += by;
        }
    }
}

/// The payload without Pad Length and padding, which must be zeros.
fn unpadded(frame: &Frame) -> Result<&[u8], Breach> {
    if !frame.has(wire::PADDED) {
        return Ok(&frame.payload);
    }
    let name = frame.describe();
    let (pad, rest) =
        frame.payload.split_first().ok_or_else(|| format!("9113/6.1: {name} without Pad Length"))?;
    let content = rest.len().checked_sub(usize::from(*pad));
    let content = content.ok_or_else(|| format!("9113/6.1: {name} is shorter than its padding"))?;
    if rest[content..].iter().any(|octet| *octet != 0) {
        return Err(format!("9113/6.1: the padding of {name} is not zero"));
    }
    Ok(&rest[..content])
}
