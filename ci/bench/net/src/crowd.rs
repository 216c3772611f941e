//! A load generator: many connections that each have some messages under way, all of one size and content.
//!
//! It parses as little as it can, so that it is faster than what it measures. While it warms up it compares every byte that
//! comes with what should come.

use crate::answer::{Answer, Place};
use crate::ring::{Owed, Ring};
use rustix::event::epoll;
use rustix::io::Errno;
use rustix::net::sockopt::set_tcp_nodelay;
use rustix::net::{AddressFamily, RecvFlags, SocketType, bind, connect, recv, socket};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Connections from one address of loopback: servers count those of one peer.
const PER_ADDRESS: usize = 500;
/// Bytes received at once.
const BUFFER: usize = 512 * 1024;
/// How long a server may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer to what opens a connection.
const HELLO: usize = 16 * 1024;

struct Conn {
    stream: TcpStream,
    owed: Owed,
    place: Place,
}

pub struct Crowd {
    conns: Vec<Conn>,
    poll: OwnedFd,
    ask: Ring,
    answer: Answer,
    buffer: Vec<u8>,
    /// Whether bytes are compared.
    check: bool,
}

/// A connection to `to` from the `number`th of many; blocking, without Nagle's delay.
///
/// # Errors
/// Nobody listens.
pub fn open(to: &str, number: usize) -> Result<TcpStream, Box<dyn Error>> {
    let to: SocketAddrV4 = to.parse()?;
    let fd = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    let host = u8::try_from(2 + number / PER_ADDRESS)?;
    bind(&fd, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, host), 0))?;
    connect(&fd, &to)?;
    set_tcp_nodelay(&fd, true)?;
    Ok(TcpStream::from(fd))
}

/// Sends what opens a conversation and reads the head of the answer, to the empty line. What comes after it stays unread
/// only if it comes later: no server of ours speaks first.
///
/// # Errors
/// The answer does not begin with `wanted`, or does not come.
pub fn greet(stream: &mut (impl Read + Write), hello: &[u8], wanted: &str) -> Result<String, Box<dyn Error>> {
    stream.write_all(hello)?;
    stream.flush()?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if head.len() > HELLO || stream.read(&mut byte)? == 0 {
            return Err(format!("no answer: {}", String::from_utf8_lossy(&head)).into());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with(wanted) { Ok(head) } else { Err(format!("refused: {head}").into()) }
}

impl Crowd {
    /// `ask` is what is sent for each message, and `answer` what comes for it.
    ///
    /// # Errors
    /// No epoll.
    pub fn new(ask: &[u8], answer: Answer) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            conns: Vec::new(),
            poll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            ask: Ring::new(ask),
            answer,
            buffer: vec![0; BUFFER],
            check: true,
        })
    }

    /// Takes a connection that is ready for messages.
    ///
    /// # Errors
    /// Of the system.
    pub fn add(&mut self, stream: TcpStream) -> Result<(), Box<dyn Error>> {
        stream.set_nonblocking(true)?;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
        epoll::add(&self.poll, &stream, epoll::EventData::new_u64(self.conns.len() as u64), flags)?;
        self.conns.push(Conn { stream, owed: Owed::default(), place: Place::default() });
        Ok(())
    }

    /// Starts `depth` messages on connection `which`.
    ///
    /// # Errors
    /// The server has gone.
    pub fn ask(&mut self, which: usize, depth: usize) -> Result<(), Box<dyn Error>> {
        let conn = &mut self.conns[which];
        self.ask.owe(&mut conn.owed, depth);
        Ok(self.ask.send(&conn.stream, &mut conn.owed)?)
    }

    /// From here on nothing is compared.
    pub fn trust(&mut self) {
        self.check = false;
    }

    pub fn len(&self) -> usize {
        self.conns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.conns.is_empty()
    }

    /// Waits once and takes what has come; `done` is told the connection and how many answers, and says how many
    /// messages follow them.
    ///
    /// # Errors
    /// A connection ended, or an answer is not what it should be.
    pub fn turn(
        &mut self,
        timeout: Option<Duration>,
        mut done: impl FnMut(usize, usize) -> usize,
    ) -> Result<(), Box<dyn Error>> {
        let mut events = Vec::with_capacity(1024);
        let longest = rustix::event::Timespec::try_from(timeout.unwrap_or(PATIENCE))?;
        match epoll::wait(&self.poll, rustix::buffer::spare_capacity(&mut events), Some(&longest)) {
            Err(Errno::INTR) => return Ok(()),
            Ok(0) if timeout.is_none() => return Err("the server is silent".into()),
            other => other?,
        };
        for event in &events {
            let which = usize::try_from(event.data.u64())?;
            let conn = &mut self.conns[which];
            loop {
                let read = match recv(&conn.stream, &mut *self.buffer, RecvFlags::empty()) {
                    Ok((0, _)) => return Err(format!("connection {which} was closed").into()),
                    Ok((read, _)) => read,
                    Err(Errno::AGAIN) => break,
                    Err(other) => return Err(other.into()),
                };
                let answers = self.answer.count(&mut conn.place, &self.buffer[..read], self.check);
                let answers =
                    answers.ok_or_else(|| format!("connection {which}: another answer than expected"))?;
                if answers > 0 {
                    self.ask.owe(&mut conn.owed, done(which, answers));
                }
                if read < self.buffer.len() {
                    break;
                }
            }
            self.ask.send(&conn.stream, &mut conn.owed)?;
        }
        Ok(())
    }

    /// Runs until `messages` more were answered, each answer followed by a new message. Answers how many it were.
    ///
    /// # Errors
    /// As [`Crowd::turn`].
    pub fn run(&mut self, messages: u64) -> Result<u64, Box<dyn Error>> {
        let mut count = 0;
        while count < messages {
            self.turn(None, |_, answers| {
                count += answers as u64;
                answers
            })?;
        }
        Ok(count)
    }
}
