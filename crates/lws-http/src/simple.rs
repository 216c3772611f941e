//! Handlers for the simple cases.

use crate::{Handler, HandlerBlueprint, Reply, Request};
use alloc::{format, string::String, sync::Arc, vec::Vec};
use lws_head::{Status, path};
use lws_role::{InstallError, World};

/// A blueprint that makes a handler by calling `make`, once per loop: `handler(Api::new)`.
pub fn handler<H: Handler, F: Fn() -> H + Send + Sync>(make: F) -> HandlerFn<F> {
    HandlerFn { make }
}

/// See [`handler`].
pub struct HandlerFn<F> {
    make: F,
}

impl<H: Handler, F: Fn() -> H + Send + Sync> HandlerBlueprint for HandlerFn<F> {
    type Handler = H;
    fn install(&self, _world: &mut World) -> Result<H, InstallError> {
        Ok((self.make)())
    }
}

/// Answers each request at once: `respond(|request, reply| reply.text("hello"))`. Request bodies are discarded.
pub fn respond<F>(answer: F) -> Respond<F>
where
    F: Fn(&Request<'_>, &mut Reply<'_>) + Send + Sync + 'static,
{
    Respond { answer: Arc::new(answer) }
}

/// See [`respond`].
pub struct Respond<F> {
    answer: Arc<F>,
}

impl<F> HandlerBlueprint for Respond<F>
where
    F: Fn(&Request<'_>, &mut Reply<'_>) + Send + Sync + 'static,
{
    type Handler = Self;
    fn install(&self, _world: &mut World) -> Result<Self, InstallError> {
        Ok(Self { answer: self.answer.clone() })
    }
}

impl<F> Handler for Respond<F>
where
    F: Fn(&Request<'_>, &mut Reply<'_>) + Send + Sync + 'static,
{
    type Exchange = ();
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        (self.answer)(request, reply);
    }
}

/// Redirects everything below the mount to the same path below `to`, with `status` (301, 302, 307 or 308).
#[doc(alias = "lws_http_redirect")]
pub fn redirect(status: Status, to: impl Into<String>) -> Redirect {
    Redirect { status, to: to.into() }
}

/// See [`redirect`].
#[derive(Clone)]
pub struct Redirect {
    status: Status,
    to: String,
}

impl HandlerBlueprint for Redirect {
    type Handler = Self;
    fn install(&self, _world: &mut World) -> Result<Self, InstallError> {
        if self.status.is_redirection() {
            Ok(self.clone())
        } else {
            Err(InstallError(format!("{} is not a redirection status", self.status.code())))
        }
    }
}

impl Handler for Redirect {
    type Exchange = ();
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        let mut location: Vec<u8> = self.to.trim_end_matches('/').into();
        // Encoded again: decoded bytes never reach a header (H1-22).
        path::encode(request.tail(), &mut location);
        if location.is_empty() {
            location.push(b'/');
        }
        if let Some(query) = request.query() {
            location.push(b'?');
            location.extend_from_slice(query.as_bytes());
        }
        reply.status(self.status).field("location", location).empty();
    }
}
