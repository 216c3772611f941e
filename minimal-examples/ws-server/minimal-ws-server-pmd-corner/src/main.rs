//! Sends messages whose sizes are where compressors and buffers go wrong, and wants each of them back as it was.

use lws::ws::{CloseCode, DeflateOptions, Kind, Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};
use std::error::Error;

/// Around these there are buffers that end, lengths that take more bytes, and blocks of DEFLATE that are full.
const EDGES: [usize; 7] = [0, 126, 1024, 4096, 16_384, 32_768, 65_536];
/// How far on either side of an edge.
const AROUND: usize = 16;

struct Corners {
    /// The sizes, each once with what compresses and once with what does not.
    messages: Vec<(Kind, usize)>,
}

impl Default for Corners {
    fn default() -> Self {
        let sizes = EDGES.iter().flat_map(|edge| edge.saturating_sub(AROUND)..=edge + AROUND);
        // Compressible and not, in turn: what is too short to be compressed, or gains nothing, stands between those
        // that do.
        let messages = sizes.flat_map(|size| [(Kind::Text, size), (Kind::Binary, size)]).collect();
        Self { messages }
    }
}

impl Protocol for Corners {
    /// How many messages came back.
    type Session = usize;

    fn open(&mut self, ws: &mut Ws) -> usize {
        ws.want_write();
        0
    }

    fn message(&mut self, back: &mut usize, ws: &mut Ws, message: Message) {
        let is_right = self
            .messages
            .get(*back)
            .is_some_and(|&(kind, size)| message.kind == kind && message.data == content(kind, size));
        if !is_right {
            return ws.close(CloseCode::POLICY_VIOLATION, "that was something else");
        }
        *back += 1;
        ws.want_write();
    }

    fn writable(&mut self, back: &mut usize, ws: &mut Ws) {
        match self.messages.get(*back) {
            None => ws.close(CloseCode::NORMAL, ""),
            Some(&(kind, size)) => {
                if !ws.send(kind, &content(kind, size)) {
                    ws.want_write();
                }
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    // Each connection remembers what it sent before: the harder case.
    let options =
        DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false);
    let vhost = Vhost::new("localhost").upgrade("/", ws(Corners::default).deflate(options));
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

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
