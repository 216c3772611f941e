//! What the servers over hyper share: HTTP/1 with pipelined answers in one write, HTTP/2.

use crate::common::Stream;
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;

type Whatever = Box<dyn Error + Send + Sync>;

/// Tasks stay on the one thread.
#[derive(Clone, Copy)]
struct Here;

impl<F: Future + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

/// Serves a connection until it ends.
pub async fn connection<S, V, B>(stream: S, service: V)
where
    S: Stream,
    V: Service<Request<Incoming>, Response = Response<B>> + 'static,
    V::Future: 'static,
    V::Error: Into<Whatever>,
    B: Body + 'static,
    B::Error: Into<Whatever>,
{
    let mut builder = hyper_util::server::conn::auto::Builder::new(Here);
    builder.http1().pipeline_flush(true).timer(TokioTimer::new());
    builder.http2().max_concurrent_streams(256).timer(TokioTimer::new());
    // Whoever ends a connection has his reasons: the load generator looks at the answers.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
