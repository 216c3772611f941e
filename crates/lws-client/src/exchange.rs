//! A job on a connection: what is sent, and what becomes of the answer.

use crate::Error;
use crate::client::Client;
use crate::conn::Conn;
use crate::decode::Decoding;
use crate::job::{Change, Fate, Job, Kind};
use crate::pool::Route;
use lws_head::{Fields, Method, ResponseHead, Status};
use lws_role::{Cx, Handle, Hub, Role};
use lws_role_h1::client::{Call, CallHead, Cause, Failure, Framing, Supply};
use lws_wire::{Out, Time};
use std::rc::Rc;
use std::time::Duration;

/// A job on a connection.
pub(crate) struct Exchange {
    job: Job,
    conn: Rc<Conn>,
    head: CallHead,
    begun: Time,
    fate: Fate,
    decoding: Option<Decoding>,
    discarded: usize,
    /// Nothing more is wanted of this connection.
    cancelled: bool,
    /// The request's body cannot go on.
    broken: bool,
}

/// Bytes of a response that nobody wants which are read so that the connection can be used again.
const DISCARD_BYTES: usize = 64 * 1024;

/// How often a request is sent again that no server has looked at.
const UNPROCESSED: u32 = 3;

impl Exchange {
    pub(crate) fn new(mut job: Box<Job>, conn: Rc<Conn>, client: &mut Client, hub: &Hub) -> Self {
        let head = head(&mut job, &conn, client, hub);
        let (decoding, discarded, cancelled, broken) = (None, 0, false, false);
        Self {
            job: *job,
            conn,
            head,
            begun: hub.now,
            fate: Fate::Answer,
            decoding,
            discarded,
            cancelled,
            broken,
        }
    }

    /// The response is over, regularly or not. Returns the job if its answer is still to be told.
    fn settle(self: Box<Self>, cx: &mut Cx<'_>, regularly: bool) -> Option<Job> {
        let Self { mut job, conn, fate, .. } = *self;
        let connection = Handle { sub: 0, ..cx.handle() };
        let (client, mut env) = cx.split(conn.client);
        let hub = env.hub();
        match fate {
            Fate::Answer => return Some(job),
            Fate::Fail(error) => job.fail(hub, error),
            Fate::Again(change) => {
                let delay = if let Change::Later(delay) = change { Some(delay) } else { None };
                match (job.change(change), delay) {
                    (Err(error), _) => job.fail(hub, error),
                    (Ok(()), Some(delay)) => client.start_later(hub, Box::new(job), delay),
                    // The connection is free in a moment; if it ends instead, it gives the job back.
                    (Ok(()), None) if regularly && client.key_of(&job).as_ref() == Ok(&*conn.key) => {
                        conn.place.borrow_mut().push_front(Box::new(job));
                        hub.wake(connection);
                    }
                    (Ok(()), None) => client.start(hub, Box::new(job)),
                }
            }
        }
        None
    }

    /// Gives the answer what has been decoded; whether it took all.
    fn deliver(&mut self, cx: &mut Cx<'_>, data: &[u8]) -> usize {
        let Kind::Http(answer) = &mut self.job.kind else { return data.len() };
        let Some(decoding) = &mut self.decoding else { return answer.body(cx.hub(), data) };
        match decoding.run(data, |decoded| answer.body(cx.hub(), decoded)) {
            Ok(taken) => taken,
            Err(error) => {
                self.fate = Fate::Fail(Error::Coding(error));
                self.cancel(cx);
                data.len()
            }
        }
    }

    /// What becomes of the job is known: nothing is lost with the connection.
    fn cancel(&mut self, cx: &mut Cx<'_>) {
        self.cancelled = true;
        let handle = cx.handle();
        cx.wake(handle);
    }
}

/// The head of the request.
fn head(job: &mut Job, conn: &Conn, client: &mut Client, hub: &Hub) -> CallHead {
    let request = &job.request;
    let mut fields = Vec::with_capacity(request.fields.len() + 6);
    fields.push(("Host".to_string(), request.url.authority_text().into_bytes()));
    if let Kind::Switch(switch) = &job.kind {
        fields.extend(switch.fields());
    }
    fields.extend(request.fields.iter().cloned());
    let has = |name: &str| request.fields.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    if request.decodes() && !job.is_switch() {
        fields.push(("Accept-Encoding".to_string(), lws_coding::ACCEPTED.into()));
    }
    if !has("cookie")
        && let Some(cookies) = client.cookie_field(&request.url, hub.unix_s)
    {
        fields.push(("Cookie".to_string(), cookies.into_bytes()));
    }
    if !has("authorization")
        && let Some(value) = client.authorization(request)
    {
        fields.push(("Authorization".to_string(), value));
    }
    // RFC 9112 §3.2.2: a proxy is told the whole URL.
    let target = match &conn.key.route {
        Route::Forward(proxy) => {
            let target = request.url.to_string();
            if let Some(value) = client.proxy_authorization(proxy, request.method, &target) {
                fields.push(("Proxy-Authorization".to_string(), value));
            }
            target
        }
        _ => request.url.target().to_string(),
    };
    // RFC 9110 §8.6: a method that is expected to have a body says so even if it has none.
    let wants_body = matches!(request.method, Method::Post | Method::Put | Method::Patch);
    let body = match request.body.framing() {
        Framing::None if wants_body => Framing::Length(0),
        Framing::Length(0) if !wants_body => Framing::None,
        framing => framing,
    };
    CallHead { method: request.method, target, fields, body }
}

impl Call for Exchange {
    fn head(&self) -> &CallHead {
        &self.head
    }

    fn deadline(&self) -> Option<Duration> {
        self.job.deadline.map(|deadline| deadline.since(self.begun))
    }

    fn stall_timeout(&self) -> Option<Duration> {
        Some(self.job.request.timeouts.stall)
    }

    fn expect_continue(&self) -> Option<Duration> {
        self.job.request.expect.filter(|_| self.head.body != Framing::Length(0))
    }

    fn is_cancelled(&self) -> bool {
        let unwanted = match &self.job.kind {
            Kind::Http(answer) => answer.is_cancelled(),
            Kind::Switch(_) => false,
        };
        self.cancelled || unwanted
    }

    fn send(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        let connection = cx.handle();
        let supply = self.job.request.body.send(cx.hub(), connection, out);
        if supply == Supply::Fail {
            // Whatever the carrier makes of it, this is the end, and the reason.
            self.broken = true;
            self.cancel(cx);
        }
        supply
    }

    fn response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        debug_assert!(head.status != Status::SWITCHING_PROTOCOLS, "101 is for `switch`");
        let (client, mut env) = cx.split(self.conn.client);
        client.take_cookies(&self.job.request.url, head, env.unix_s());
        self.fate = self.job.judge(client, head, env.hub(), &self.conn.key.route);
        let handle = cx.handle();
        if let (Fate::Answer, Kind::Http(answer)) = (&self.fate, &mut self.job.kind) {
            if self.job.request.decodes() {
                match Decoding::of(head) {
                    Ok(decoding) => self.decoding = decoding,
                    Err(error) => {
                        self.fate = Fate::Fail(Error::Coding(error));
                        return;
                    }
                }
            }
            let facts = cx.facts();
            answer.connected(cx.hub(), facts);
            answer.head(cx.hub(), head, handle);
        }
    }

    fn body(&mut self, cx: &mut Cx<'_>, data: &[u8]) -> usize {
        if let (Fate::Answer, Kind::Http(_)) = (&self.fate, &self.job.kind) {
            return self.deliver(cx, data);
        }
        self.discarded += data.len();
        if self.discarded > DISCARD_BYTES {
            self.cancel(cx);
        }
        data.len()
    }

    fn end(mut self: Box<Self>, cx: &mut Cx<'_>, trailers: Fields<'_>) {
        if let Some(Err(error)) = self.decoding.as_ref().map(Decoding::finish) {
            self.fate = Fate::Fail(Error::Coding(error));
        }
        if let Some(job) = self.settle(cx, true)
            && let Kind::Http(answer) = job.kind
        {
            answer.done(cx.hub(), Ok(trailers));
        }
    }

    fn wants_switch(&self) -> bool {
        self.job.is_switch()
    }

    fn switch(self: Box<Self>, cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        let Self { job, conn, .. } = *self;
        let (client, mut env) = cx.split(conn.client);
        client.take_cookies(&job.request.url, head, env.unix_s());
        // RFC 8441: on HTTP/2 it is one stream of many; on HTTP/1 the whole connection is not HTTP's any more.
        if env.handle().sub == 0 {
            client.released(env.hub(), &conn);
        }
        match job.kind {
            Kind::Switch(switch) => switch.switch(env.hub(), head),
            // It did not want to.
            Kind::Http(_) => None,
        }
    }

    fn failed(self: Box<Self>, cx: &mut Cx<'_>, failure: Failure) {
        let cause = if self.broken { Cause::Source } else { failure.cause };
        let failure = Failure { cause, ..failure };
        let conn = self.conn.clone();
        let Some(mut job) = self.settle(cx, false) else { return };
        let (client, mut env) = cx.split(conn.client);
        let hub = env.hub();
        // RFC 9110 §9.2.2: what is idempotent may be sent again if the connection was closed before an answer.
        let stale = failure.is_stale() && job.request.method.is_idempotent() && !job.alone;
        // RFC 9113 §8.7: and anything that nobody has looked at.
        let unseen = failure.is_unprocessed() && job.unprocessed < UNPROCESSED;
        // RFC 8441 §3: where HTTP/2 has no way to the protocol, HTTP/1 has.
        let elsewhere = failure.cause == Cause::NoSwitch && !job.alone;
        if (stale || unseen || elsewhere) && !hub.is_draining() && job.request.body.rewind() {
            job.alone |= stale || elsewhere;
            job.unprocessed += u32::from(unseen);
            return client.start(hub, Box::new(job));
        }
        client.fail(hub, Box::new(job), failure.into());
    }
}
