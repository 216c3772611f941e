//! 13 bytes for every path, on hyper: HTTP/1 with pipelined answers in one write, HTTP/2.

mod common;

use common::{Serve, Stream};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;

#[derive(Clone, Copy)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

#[derive(Clone)]
struct Hello;

impl Serve for Hello {
    async fn serve<S: Stream>(self, stream: S) {
        let mut builder = hyper_util::server::conn::auto::Builder::new(Here);
        builder.http1().pipeline_flush(true).timer(TokioTimer::new());
        builder.http2().max_concurrent_streams(256).timer(TokioTimer::new());
        // Whoever ends a connection has his reasons: the load generator looks at the answers.
        let _ = builder.serve_connection(TokioIo::new(stream), service_fn(hello)).await;
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
