//! 13 bytes at `/`, and at the path that load generators of HTTP/2 ask for, on axum over hyper.

mod common;
mod over_hyper;

use axum::Router;
use axum::routing::get;
use common::{Serve, Stream};
use hyper_util::service::TowerToHyperService;

#[derive(Clone)]
struct Hello(Router);

impl Serve for Hello {
    async fn serve<S: Stream>(self, stream: S) {
        over_hyper::connection(stream, TowerToHyperService::new(self.0)).await;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A text that is known when it is compiled goes out without a copy, as `text/plain`.
    let hello = get(async || "Hello, World!");
    let router = Router::new().route("/", hello.clone()).route("/hello.txt", hello);
    common::run(Hello(router), &["h2", "http/1.1"])
}
