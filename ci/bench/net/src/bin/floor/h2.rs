//! HTTP/2: frames are cut by their lengths; each HEADERS frame is answered with fixed bytes that name its stream.
//! Flow control is not obeyed: 13 bytes fit every window that load generators open.

use crate::looper::Serve;
use lws_bench_net::h2frame;
use rustix::net::{SendFlags, send};
use std::net::TcpStream;

pub struct Hello {
    out: Vec<u8>,
}

/// What one connection has sent so far.
#[derive(Default)]
pub struct Progress {
    /// The preface has come.
    begun: bool,
    /// The beginning of a frame whose end has not come.
    rest: Vec<u8>,
}

impl Hello {
    pub fn new() -> Self {
        Self { out: Vec::new() }
    }

    /// Answers all whole frames of `input`; how many bytes those are.
    fn frames(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        while let Some(frame) = h2frame::first(&input[at..]) {
            match frame.kind {
                h2frame::HEADERS => h2frame::put_answer(&mut self.out, frame.stream),
                h2frame::SETTINGS if !frame.is_ack() => {
                    h2frame::put(&mut self.out, h2frame::SETTINGS, h2frame::ACK, 0, &[]);
                }
                _ => {}
            }
            at += frame.len;
        }
        at
    }
}

impl Serve for Hello {
    type State = Progress;

    fn open(&mut self) -> Progress {
        Progress::default()
    }

    fn ready(&mut self, stream: &TcpStream, progress: &mut Progress, input: &[u8]) -> rustix::io::Result<()> {
        self.out.clear();
        let mut input = input;
        if !progress.begun && input.len() >= h2frame::PREFACE.len() {
            progress.begun = true;
            input = &input[h2frame::PREFACE.len()..];
            h2frame::put(&mut self.out, h2frame::SETTINGS, 0, 0, &[0, 3, 0, 0, 1, 0]); // 256 streams at once
        }
        if progress.rest.is_empty() {
            let used = self.frames(input);
            progress.rest.extend_from_slice(&input[used..]);
        } else {
            let mut whole = std::mem::take(&mut progress.rest);
            whole.extend_from_slice(input);
            let used = self.frames(&whole);
            whole.drain(..used);
            progress.rest = whole;
        }
        let mut at = 0;
        while at < self.out.len() {
            // A client that asks for more than it reads has no place on a floor: it is dropped.
            at += send(stream, &self.out[at..], SendFlags::NOSIGNAL)?;
        }
        Ok(())
    }
}
