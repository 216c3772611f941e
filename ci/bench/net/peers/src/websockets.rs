//! An echo on tokio-websockets, as its example `echo_server` has it.

mod common;

use common::{Serve, Stream};
use futures_util::{SinkExt, StreamExt};
use tokio_websockets::{Config, ServerBuilder};

#[derive(Clone)]
struct Echo;

impl Serve for Echo {
    async fn serve<S: Stream>(self, stream: S) {
        let builder = ServerBuilder::new().config(Config::default().frame_size(usize::MAX));
        let Ok((_request, mut ws)) = builder.accept(stream).await else { return };
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
