//! Sends large messages, compressed, and wants each of them back as it was.

use lws::ws::{CloseCode, DeflateOptions, Kind, Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};
use std::error::Error;

struct Bulk {
    kind: Kind,
    data: Vec<u8>,
    count: u32,
}

impl Protocol for Bulk {
    /// How many messages came back.
    type Session = u32;

    fn open(&mut self, ws: &mut Ws) -> u32 {
        ws.want_write();
        0
    }

    fn message(&mut self, back: &mut u32, ws: &mut Ws, message: Message) {
        if message.kind != self.kind || message.data != self.data {
            return ws.close(CloseCode::POLICY_VIOLATION, "that was something else");
        }
        *back += 1;
        ws.want_write();
    }

    fn writable(&mut self, back: &mut u32, ws: &mut Ws) {
        if *back == self.count {
            ws.close(CloseCode::NORMAL, "");
        } else if !ws.send(self.kind, &self.data) {
            ws.want_write();
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let size: usize = flag("--size").unwrap_or_else(|| "2097152".into()).parse()?;
    let count = flag("--count").unwrap_or_else(|| "4".into()).parse()?;
    let kind = if has("-c") { Kind::Text } else { Kind::Binary };
    let mut bulk = ws(move || Bulk { kind, data: content(kind, size), count });
    if !has("-n") {
        bulk = bulk.deflate(DeflateOptions::default());
    }
    let vhost = Vhost::new("localhost").upgrade("/", bulk);
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("ws://{address}/");
    }
    Ok(service.run()?)
}

/// What both ends take for the content of a message of that kind and length: text that compresses well, or bytes that do
/// not compress.
fn content(kind: Kind, len: usize) -> Vec<u8> {
    const WORDS: [&str; 8] =
        ["lighthouse ", "keeper ", "lamp ", "storm ", "ship ", "rock ", "night ", "oil "];
    let mut state = 0x2545_f491_u32;
    let mut data = Vec::with_capacity(len + 16);
    while data.len() < len {
        // Numerical Recipes' generator; its upper bits are the good ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match kind {
            Kind::Text => data.extend_from_slice(WORDS[(state >> 29) as usize].as_bytes()),
            Kind::Binary => data.push((state >> 24) as u8),
        }
    }
    data.truncate(len);
    data
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
