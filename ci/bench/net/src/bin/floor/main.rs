//! The floors: one epoll loop that reads, counts messages by their length or their end, and writes fixed bytes. They parse
//! nothing, so nobody who uses sockets in the usual way can be below them.
//!
//! | `--mode` | answers |
//! |---|---|
//! | `h1` (default) | each empty line with 13 bytes, or with `--size N` bytes from memory |
//! | `sendfile` | each empty line with the file `file.txt` under `--root` |
//! | `ws` | each `--size N` bytes of WebSocket message with a message as long; `--all`: to everybody |
//! | `wss` | the same over TLS |
//! | `h2` | each HEADERS frame with a HEADERS and a DATA frame |

mod file;
mod h2;
mod looper;
mod tls;
mod ws;

use looper::{Loop, Serve};
use lws_bench_net::ring::{Owed, Ring};
use std::error::Error;
use std::net::TcpStream;

fn main() -> Result<(), Box<dyn Error>> {
    lws_bench_net::cpu::raise_fd_limit();
    let size = flag("--size").map(|size| size.parse()).transpose()?;
    let root = flag("--root").unwrap_or_default();
    let looper = Loop::bind()?;
    match flag("--mode").as_deref().unwrap_or("h1") {
        "h1" => looper.run(Hello::new(size.unwrap_or(13))),
        "sendfile" => looper.run(file::SendFile::new(&format!("{root}/file.txt"))?),
        "ws" if has("--all") => looper.run(ws::Broadcast::new(size.ok_or("--size N")?)),
        "ws" => looper.run(ws::Echo::new(size.ok_or("--size N")?)),
        "wss" => looper.run(tls::Echo::new(size.ok_or("--size N")?, &root)?),
        "h2" => looper.run(h2::Hello::new()),
        other => Err(format!("no floor `{other}`").into()),
    }
}

/// HTTP/1 from memory.
struct Hello(Ring);

impl Hello {
    fn new(size: usize) -> Self {
        let body = if size == 13 { b"Hello, World!".to_vec() } else { vec![b'x'; size] };
        let mut answer = head(body.len()).into_bytes();
        answer.extend(body);
        Self(Ring::new(&answer))
    }
}

impl Serve for Hello {
    type State = Owed;

    fn open(&mut self) -> Owed {
        Owed::default()
    }

    fn ready(&mut self, stream: &TcpStream, owed: &mut Owed, input: &[u8]) -> rustix::io::Result<()> {
        self.0.owe(owed, requests(input));
        self.0.send(stream, owed)
    }
}

fn head(length: usize) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\
         date: Fri, 20 Nov 2026 12:00:00 GMT\r\n\r\n"
    )
}

/// Load generators write whole requests: each ends in an empty line.
fn requests(input: &[u8]) -> usize {
    input.windows(4).filter(|w| w == b"\r\n\r\n").count()
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}
