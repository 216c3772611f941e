//! An echo on fastwebsockets.

mod common;

use common::{Serve, Stream};
use fastwebsockets::{FragmentCollector, OpCode, Role, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[derive(Clone)]
struct Echo;

impl Serve for Echo {
    async fn serve<S: Stream>(self, mut stream: S) {
        if shake(&mut stream).await.is_none() {
            return;
        }
        let mut ws = WebSocket::after_handshake(stream, Role::Server);
        ws.set_writev(true);
        ws.set_auto_close(true);
        ws.set_auto_pong(true);
        ws.set_max_message_size(16 << 20);
        let mut ws = FragmentCollector::new(ws);
        while let Ok(frame) = ws.read_frame().await {
            match frame.opcode {
                OpCode::Close => return,
                OpCode::Text | OpCode::Binary => {
                    if ws.write_frame(frame).await.is_err() {
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Reads the request and grants it.
async fn shake<S: Stream>(stream: &mut S) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
    })?;
    let accept = lws_ws::handshake::accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        std::str::from_utf8(&accept).ok()?
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    common::run(Echo, &["http/1.1"])
}
