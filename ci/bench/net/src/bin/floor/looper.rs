//! The loop of all floors.

use rustix::event::epoll;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;

/// Bytes read at once.
const BUFFER: usize = 512 * 1024;

/// What a floor does with its bytes.
pub trait Serve {
    type State;

    fn open(&mut self) -> Self::State;

    /// Bytes have come, or (no input) there is room again for what is owed.
    fn ready(&mut self, stream: &TcpStream, state: &mut Self::State, input: &[u8]) -> rustix::io::Result<()>;

    /// All connections have had their turn.
    fn turned(&mut self, _all: &mut [Option<(TcpStream, Self::State)>]) {}
}

pub struct Loop {
    listener: TcpListener,
    poll: OwnedFd,
}

impl Loop {
    /// Listens, and says where.
    pub fn bind() -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        println!("{}", listener.local_addr()?);
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&poll, &listener, epoll::EventData::new_u64(u64::MAX), epoll::EventFlags::IN)?;
        Ok(Self { listener, poll })
    }

    pub fn run<S: Serve>(self, mut floor: S) -> Result<(), Box<dyn Error>> {
        let mut conns: Vec<Option<(TcpStream, S::State)>> = Vec::new();
        let mut buffer = vec![0; BUFFER];
        let mut events = Vec::with_capacity(1024);
        loop {
            events.clear();
            match epoll::wait(&self.poll, rustix::buffer::spare_capacity(&mut events), None) {
                Err(Errno::INTR) => continue,
                other => other?,
            };
            for event in &events {
                let data = event.data.u64();
                if data == u64::MAX {
                    self.accept(&mut floor, &mut conns)?;
                    continue;
                }
                let slot = &mut conns[usize::try_from(data)?];
                let Some((stream, state)) = slot else { continue };
                if one(&mut floor, stream, state, &mut buffer).is_err() {
                    *slot = None;
                }
            }
            floor.turned(&mut conns);
        }
    }

    fn accept<S: Serve>(
        &self,
        floor: &mut S,
        conns: &mut Vec<Option<(TcpStream, S::State)>>,
    ) -> Result<(), Box<dyn Error>> {
        while let Ok((stream, _)) = self.listener.accept() {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let data = epoll::EventData::new_u64(conns.len() as u64);
            let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
            epoll::add(&self.poll, &stream, data, flags)?;
            conns.push(Some((stream, floor.open())));
        }
        Ok(())
    }
}

/// One read and what it asks for. An error: the peer has gone.
fn one<S: Serve>(
    floor: &mut S,
    stream: &TcpStream,
    state: &mut S::State,
    buffer: &mut [u8],
) -> rustix::io::Result<()> {
    loop {
        let read = match recv(stream, &mut *buffer, RecvFlags::empty()) {
            Ok((0, _)) => return Err(Errno::CONNRESET),
            Ok((read, _)) => read,
            // Nothing to read: there is room to write.
            Err(Errno::AGAIN) => return floor.ready(stream, state, &[]),
            Err(other) => return Err(other),
        };
        floor.ready(stream, state, &buffer[..read])?;
        if read < buffer.len() {
            return Ok(());
        }
    }
}
