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

/// One connection.
#[derive(Default)]
pub struct Socket {
    /// How much of a message has come; `None`: the handshake has not.
    progress: Option<usize>,
    owed: Owed,
}

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

    /// The same on a socket, whose handshake is answered: it comes as a whole.
    fn take(&self, stream: &TcpStream, socket: &mut Socket, input: &[u8]) -> rustix::io::Result<usize> {
        if let Some(progress) = &mut socket.progress {
            return Ok(self.cut(progress, input));
        }
        if input.ends_with(b"\r\n\r\n") {
            send(stream, &wsframe::grant(&String::from_utf8_lossy(input)), SendFlags::NOSIGNAL)?;
            socket.progress = Some(0);
        }
        Ok(0)
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
    type State = Socket;

    fn open(&mut self) -> Socket {
        Socket::default()
    }

    fn ready(&mut self, stream: &TcpStream, socket: &mut Socket, input: &[u8]) -> rustix::io::Result<()> {
        let count = self.cutter.take(stream, socket, input)?;
        self.answer.owe(&mut socket.owed, count);
        self.answer.send(stream, &mut socket.owed)
    }
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
    type State = Socket;

    fn open(&mut self) -> Socket {
        self.echo.open()
    }

    fn ready(&mut self, stream: &TcpStream, socket: &mut Socket, input: &[u8]) -> rustix::io::Result<()> {
        self.news += self.echo.cutter.take(stream, socket, input)?;
        if input.is_empty() { self.echo.answer.send(stream, &mut socket.owed) } else { Ok(()) }
    }

    fn turned(&mut self, all: &mut [Option<(TcpStream, Socket)>]) {
        if self.news == 0 {
            return;
        }
        for (stream, socket) in all.iter_mut().flatten().filter(|(_, socket)| socket.progress.is_some()) {
            self.echo.answer.owe(&mut socket.owed, self.news);
            // Who has gone is noticed when its end is read.
            let _ = self.echo.answer.send(&*stream, &mut socket.owed);
        }
        self.news = 0;
    }
}
