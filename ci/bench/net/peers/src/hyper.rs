//! 13 bytes for every path, on hyper.

mod common;
mod over_hyper;

use common::{Serve, Stream};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use std::convert::Infallible;

#[derive(Clone)]
struct Hello;

impl Serve for Hello {
    async fn serve<S: Stream>(self, stream: S) {
        over_hyper::connection(stream, service_fn(hello)).await;
    }
}

async fn hello(_request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"Hello, World!")));
    response
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static("text/plain"));
    Ok(response)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    common::run(Hello, &["h2", "http/1.1"])
}
