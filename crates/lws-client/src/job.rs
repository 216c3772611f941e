//! One request on its way through connections: attempts, redirects, and the one word at the end.

use crate::client::{Client, Place};
use crate::error::RedirectFault;
use crate::limits::REDIRECTS;
use crate::{Answer, Error, Request};
use lws_head::{Fields, Method, ResponseHead, Status};
use lws_role::{Cx, Handle, Hub, Role, SlotKey};
use lws_role_h1::client::{Call, CallHead, Failure, Framing, Supply};
use lws_wire::Out;
use std::time::Duration;

/// One request, and who waits for it.
pub(crate) struct Job {
    pub(crate) request: Request,
    pub(crate) kind: Kind,
    /// It was sent before, on a connection that was just being closed: this time it gets one of its own.
    pub(crate) retried: bool,
    /// Redirects followed.
    hops: u32,
}

pub(crate) enum Kind {
    Http(Box<dyn Answer>),
    Switch(Box<dyn Switch>),
}

/// Who wants another protocol on the connection.
pub(crate) trait Switch {
    fn fields(&self) -> Vec<(String, Vec<u8>)>;
    fn switch(self: Box<Self>, hub: &mut Hub, head: &ResponseHead<'_>) -> Option<Box<dyn Role>>;
    fn failed(self: Box<Self>, hub: &mut Hub, error: Error);
}

impl Job {
    pub(crate) fn new(request: Request, kind: Kind) -> Self {
        Self { request, kind, retried: false, hops: 0 }
    }

    pub(crate) fn fail(self, hub: &mut Hub, error: Error) {
        match self.kind {
            Kind::Http(answer) => answer.done(hub, Err(error)),
            Kind::Switch(switch) => switch.failed(hub, error),
        }
    }

    /// Where a redirect leads; `None` if this is none, or none that is followed by itself.
    fn redirect(&self, head: &ResponseHead<'_>) -> Option<Result<Request, RedirectFault>> {
        let is_redirect = matches!(head.status.code(), 301 | 302 | 303 | 307 | 308);
        if !is_redirect || self.request.redirects == 0 {
            return None;
        }
        Some(if self.hops >= self.request.redirects.min(REDIRECTS) {
            Err(RedirectFault::TooMany)
        } else {
            redirected(&self.request, head)
        })
    }
}

/// The request that a redirect asks for.
fn redirected(request: &Request, head: &ResponseHead<'_>) -> Result<Request, RedirectFault> {
    let mut locations = head.fields.all("location");
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return Err(RedirectFault::Location);
    };
    let location = std::str::from_utf8(location).map_err(|_| RedirectFault::Location)?;
    let url = request.url.join(location).map_err(RedirectFault::Url)?;
    if url.is_websocket() {
        return Err(RedirectFault::Url(crate::UrlError::Scheme));
    }
    let (from, to) = (request.url.origin(), url.origin());
    if (from.secure && !to.secure) || (to.unix && from != to) {
        return Err(RedirectFault::Downgrade);
    }
    let mut next = Request { url, ..request.clone() };
    if from != to {
        // CLI-01: what was meant for one origin is not for another; nor is it given back later.
        next.fields.retain(|(name, _)| !is_secret(name));
    }
    // CLI-02: 307 and 308 ask for the same again; the others for a GET.
    if matches!(head.status.code(), 301..=303) && next.method != Method::Head {
        next.method = Method::Get;
        next.body = Vec::new();
        next.fields.retain(|(name, _)| !name.get(..8).is_some_and(|n| n.eq_ignore_ascii_case("content-")));
    }
    Ok(next)
}

fn is_secret(name: &str) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    is("authorization") || is("cookie") || name.get(..6).is_some_and(|n| n.eq_ignore_ascii_case("proxy-"))
}

/// A job on a connection.
pub(crate) struct Exchange {
    job: Job,
    key: SlotKey<Client>,
    handle: Handle,
    /// Where the connection looks for its next job.
    place: Place,
    head: CallHead,
    /// Bytes of the body that are sent.
    sent: usize,
    fate: Fate,
    discarded: usize,
}

/// What becomes of the job when the response is over.
enum Fate {
    /// The answer hears of it.
    Answer,
    Redirect(Box<Request>),
    Fail(Error),
}

/// Bytes of a response that nobody wants which are read so that the connection can be used again.
const DISCARD_BYTES: usize = 64 * 1024;

impl Exchange {
    pub(crate) fn new(job: Job, key: SlotKey<Client>, handle: Handle, place: Place) -> Self {
        let request = &job.request;
        let mut fields = Vec::with_capacity(request.fields.len() + 6);
        fields.push(("Host".to_string(), request.url.authority_text().into_bytes()));
        if let Kind::Switch(switch) = &job.kind {
            fields.extend(switch.fields());
        }
        fields.extend(request.fields.iter().cloned());
        let has_body = matches!(request.method, Method::Post | Method::Put | Method::Patch);
        let body = match request.body.len() {
            0 if !has_body => Framing::None,
            n => Framing::Length(n as u64),
        };
        let head = CallHead { method: request.method, target: request.url.target().into(), fields, body };
        Self { job, key, handle, place, head, sent: 0, fate: Fate::Answer, discarded: 0 }
    }

    /// The response is over, regularly or not. Returns the job if its answer is still to be told.
    fn settle(self: Box<Self>, cx: &mut Cx<'_>, regularly: bool) -> Option<Job> {
        let Self { mut job, key, fate, place, .. } = *self;
        match fate {
            Fate::Answer => return Some(job),
            Fate::Fail(error) => job.fail(cx.hub(), error),
            Fate::Redirect(request) => {
                let stays = regularly && job.request.url.origin() == request.url.origin();
                (job.request, job.hops, job.retried) = (*request, job.hops + 1, false);
                if stays {
                    // The connection is free in a moment; if it ends instead, it gives the job back.
                    *place.borrow_mut() = Some(Box::new(job));
                    return None;
                }
                let (client, mut env) = cx.split(key);
                client.start(env.hub(), Box::new(job));
            }
        }
        None
    }
}

impl Call for Exchange {
    fn head(&self) -> &CallHead {
        &self.head
    }

    fn deadline(&self) -> Option<Duration> {
        Some(self.job.request.timeout)
    }

    fn send(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        self.sent += out.put_some(&self.job.request.body[self.sent..]);
        if self.sent == self.job.request.body.len() { Supply::End } else { Supply::More }
    }

    fn response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        let redirect = self.job.redirect(head);
        self.fate = match (&mut self.job.kind, redirect) {
            (Kind::Switch(_), _) => Fate::Fail(Error::Status(head.status.code())),
            (_, Some(Ok(request))) => Fate::Redirect(Box::new(request)),
            (_, Some(Err(fault))) => Fate::Fail(Error::Redirect(fault)),
            (Kind::Http(answer), None) => {
                answer.head(cx.hub(), head, self.handle);
                Fate::Answer
            }
        };
        debug_assert!(head.status != Status::SWITCHING_PROTOCOLS, "101 is for `switch`");
    }

    fn body(&mut self, cx: &mut Cx<'_>, data: &[u8]) -> usize {
        match (&mut self.job.kind, &self.fate) {
            (Kind::Http(answer), Fate::Answer) => answer.body(cx.hub(), data),
            _ => {
                self.discarded += data.len();
                if self.discarded > DISCARD_BYTES {
                    // What becomes of the job is known: nothing is lost with the connection.
                    cx.hub().abort(self.handle);
                }
                data.len()
            }
        }
    }

    fn end(self: Box<Self>, cx: &mut Cx<'_>, trailers: Fields<'_>) {
        if let Some(job) = self.settle(cx, true)
            && let Kind::Http(answer) = job.kind
        {
            answer.done(cx.hub(), Ok(trailers));
        }
    }

    fn wants_switch(&self) -> bool {
        matches!(self.job.kind, Kind::Switch(_))
    }

    fn switch(self: Box<Self>, cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        match self.job.kind {
            Kind::Switch(switch) => switch.switch(cx.hub(), head),
            // It did not want to.
            Kind::Http(_) => None,
        }
    }

    fn failed(self: Box<Self>, cx: &mut Cx<'_>, failure: Failure) {
        let key = self.key;
        let Some(mut job) = self.settle(cx, false) else { return };
        // RFC 9110 §9.2.2: what is idempotent may be sent again if the connection was closed before an answer.
        if failure.is_stale() && job.request.method.is_idempotent() && !job.retried {
            job.retried = true;
            let (client, mut env) = cx.split(key);
            return client.start(env.hub(), Box::new(job));
        }
        job.fail(cx.hub(), Error::Http(failure));
    }
}
