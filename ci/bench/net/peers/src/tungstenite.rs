//! An echo on tokio-tungstenite.

mod common;

use common::{Serve, Stream};
use futures_util::{SinkExt, StreamExt};

#[derive(Clone)]
struct Echo;

impl Serve for Echo {
    async fn serve<S: Stream>(self, stream: S) {
        let Ok(mut ws) = tokio_tungstenite::accept_async(stream).await else { return };
        while let Some(Ok(message)) = ws.next().await {
            if (message.is_text() || message.is_binary()) && ws.send(message).await.is_err() {
                return;
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    common::run(Echo, &["http/1.1"])
}
