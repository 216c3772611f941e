//! The floor: one epoll loop that reads, counts requests by their ends, and writes fixed bytes. It parses nothing.

use rustix::event::epoll;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n\
    date: Fri, 20 Nov 2026 12:00:00 GMT\r\n\r\nHello, World!";
/// Answers that fit one send.
const BATCH: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    println!("{}", listener.local_addr()?);
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&poll, &listener, epoll::EventData::new_u64(u64::MAX), epoll::EventFlags::IN)?;
    let answers = ANSWER.repeat(BATCH);
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    let mut buffer = vec![0; 65536];
    let mut events = Vec::with_capacity(1024);
    loop {
        events.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in &events {
            let data = event.data.u64();
            if data == u64::MAX {
                accept(&poll, &listener, &mut streams)?;
                continue;
            }
            let slot = &mut streams[usize::try_from(data)?];
            let Some(stream) = slot else { continue };
            match serve(stream.as_fd(), &mut buffer, &answers) {
                Ok(true) | Err(rustix::io::Errno::AGAIN) => {}
                Ok(false) | Err(_) => *slot = None,
            }
        }
    }
}

fn accept(
    poll: impl AsFd,
    listener: &TcpListener,
    streams: &mut Vec<Option<TcpStream>>,
) -> Result<(), Box<dyn Error>> {
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let data = epoll::EventData::new_u64(streams.len() as u64);
        epoll::add(&poll, &stream, data, epoll::EventFlags::IN | epoll::EventFlags::ET)?;
        streams.push(Some(stream));
    }
    Ok(())
}

/// One read, one write; false: the peer has gone.
fn serve(stream: impl AsFd, buffer: &mut [u8], answers: &[u8]) -> Result<bool, rustix::io::Errno> {
    loop {
        let (read, _) = recv(&stream, &mut *buffer, RecvFlags::empty())?;
        if read == 0 {
            return Ok(false);
        }
        let text = &buffer[..read];
        // Load generators write whole requests: each ends in an empty line.
        let mut left = text.windows(4).filter(|w| w == b"\r\n\r\n").count();
        while left > 0 {
            let now = left.min(BATCH);
            send(&stream, &answers[..now * ANSWER.len()], SendFlags::empty())?;
            left -= now;
        }
        if read < buffer.len() {
            return Ok(true);
        }
    }
}
