//! WebSocket messages of one length, each answered with as many bytes; nothing is unmasked.

use crate::looper::Serve;
use lws_bench_net::ring::{Owed, Ring};
use lws_bench_net::wsframe;
use rustix::net::{SendFlags, send};
use std::net::TcpStream;

/// Cuts what comes into messages by their length alone.
pub struct Cutter {
    /// Bytes of a message from a client.
    unit: usize,
}

/// How much of a message has come; `None`: the handshake has not.
pub type Progress = Option<usize>;

impl Cutter {
    pub fn new(size: usize) -> Self {
        Self { unit: wsframe::from_client(&wsframe::payload(size)).len() }
    }

    /// The messages that end in `input`.
    pub fn cut(&self, progress: &mut usize, input: &[u8]) -> usize {
        let all = *progress + input.len();
        *progress = all % self.unit;
        all / self.unit
    }
}

/// Each message back to who sent it.
pub struct Echo {
    cutter: Cutter,
    answer: Ring,
}

impl Echo {
    pub fn new(size: usize) -> Self {
        let answer = Ring::new(&wsframe::from_server(&wsframe::payload(size)));
        Self { cutter: Cutter::new(size), answer }
    }
}

impl Serve for Echo {
    type State = (Progress, Owed);

    fn open(&mut self) -> Self::State {
        (None, Owed::default())
    }

    fn ready(
        &mut self,
        stream: &TcpStream,
        (progress, owed): &mut Self::State,
        input: &[u8],
    ) -> rustix::io::Result<()> {
        match progress {
            Some(progress) => self.answer.owe(owed, self.cutter.cut(progress, input)),
            None => return shake(stream, progress, input),
        }
        self.answer.send(stream, owed)
    }
}

/// Answers the handshake, which comes as a whole.
fn shake(stream: &TcpStream, progress: &mut Progress, input: &[u8]) -> rustix::io::Result<()> {
    if input.ends_with(b"\r\n\r\n") {
        send(stream, &wsframe::grant(&String::from_utf8_lossy(input)), SendFlags::NOSIGNAL)?;
        *progress = Some(0);
    }
    Ok(())
}

/// Each message to everybody: one `send` to each for all that came in one turn.
pub struct Broadcast {
    echo: Echo,
    /// Messages of this turn.
    news: usize,
}

impl Broadcast {
    pub fn new(size: usize) -> Self {
        Self { echo: Echo::new(size), news: 0 }
    }
}

impl Serve for Broadcast {
    type State = (Progress, Owed);

    fn open(&mut self) -> Self::State {
        self.echo.open()
    }

    fn ready(
        &mut self,
        stream: &TcpStream,
        (progress, owed): &mut Self::State,
        input: &[u8],
    ) -> rustix::io::Result<()> {
        match progress {
            Some(progress) => self.news += self.echo.cutter.cut(progress, input),
            None => return shake(stream, progress, input),
        }
        if input.is_empty() { self.echo.answer.send(stream, owed) } else { Ok(()) }
    }

    fn turned(&mut self, all: &mut [Option<(TcpStream, Self::State)>]) {
        if self.news == 0 {
            return;
        }
        for (stream, (progress, owed)) in all.iter_mut().flatten() {
            if progress.is_some() {
                self.echo.answer.owe(owed, self.news);
                // Who has gone is noticed when its end is read.
                let _ = self.echo.answer.send(&*stream, owed);
            }
        }
        self.news = 0;
    }
}
