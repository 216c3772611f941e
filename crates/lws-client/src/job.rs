//! One request on its way through connections: attempts, redirects, and the one word at the end.

use crate::client::Client;
use crate::error::RedirectFault;
use crate::limits::{REDIRECTS, RETRY_AFTER};
use crate::pool::Route;
use crate::timeouts::Stage;
use crate::{Answer, Error, Request};
use lws_head::{Method, ResponseHead};
use lws_role::{Hub, Role};
use lws_wire::Time;
use std::time::Duration;

/// One request, and who waits for it.
pub(crate) struct Job {
    pub(crate) request: Request,
    pub(crate) kind: Kind,
    /// By when all must be done.
    pub(crate) deadline: Option<Time>,
    /// It was sent before, on a connection that was just being closed: this time it gets one of its own.
    pub(crate) alone: bool,
    /// How often a server said that it has not looked at it.
    pub(crate) unprocessed: u32,
    /// Tries that failed and were repeated; see [`crate::Retry`].
    pub(crate) tries: u32,
    /// Redirects followed.
    pub(crate) hops: u32,
    /// Challenges answered, since the last redirect: the server's, and the proxy's.
    pub(crate) proofs: u32,
    pub(crate) proxy_proofs: u32,
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

/// What a response leads to.
pub(crate) enum Fate {
    /// The answer hears of it.
    Answer,
    /// The same again, changed like that.
    Again(Change),
    Fail(Error),
}

/// What is different in the next request.
pub(crate) enum Change {
    /// It goes elsewhere; if the flag is set, as a GET.
    Redirect(crate::Url, bool),
    /// It says who is asking.
    Proof,
    /// It says so to the proxy.
    ProxyProof,
    /// It does not ask for leave to send its body.
    WithoutExpect,
    /// It comes later.
    Later(Duration),
}

/// Challenges that one request answers to a server, or to a proxy: the first, and one more if that was too old.
pub(crate) const PROOFS: u32 = 2;

impl Job {
    pub(crate) fn new(request: Request, kind: Kind, now: Time) -> Self {
        let deadline = request.timeout.map(|timeout| now + timeout);
        let (alone, unprocessed, tries, hops, proofs, proxy_proofs) = (false, 0, 0, 0, 0, 0);
        Self { request, kind, deadline, alone, unprocessed, tries, hops, proofs, proxy_proofs }
    }

    pub(crate) fn is_switch(&self) -> bool {
        matches!(self.kind, Kind::Switch(_))
    }

    pub(crate) fn stage(&mut self, hub: &mut Hub, stage: Stage) {
        if let Kind::Http(answer) = &mut self.kind {
            answer.stage(hub, stage);
        }
    }

    /// The last word.
    pub(crate) fn fail(self, hub: &mut Hub, error: Error) {
        match self.kind {
            Kind::Http(answer) => answer.done(hub, Err(error)),
            Kind::Switch(switch) => switch.failed(hub, error),
        }
    }

    /// What this response leads to, which came by way of `route`.
    pub(crate) fn judge(
        &self,
        client: &mut Client,
        head: &ResponseHead<'_>,
        hub: &Hub,
        route: &Route,
    ) -> Fate {
        let status = head.status.code();
        if self.is_switch() {
            return Fate::Fail(Error::Status(status));
        }
        match status {
            301 | 302 | 303 | 307 | 308 if self.request.redirects > 0 => self.redirect(head),
            401 if self.proofs < PROOFS && client.takes_challenge(&self.request, head) => {
                Fate::Again(Change::Proof)
            }
            // In a tunnel this is the server's word, and none of a proxy's.
            407 if self.proxy_proofs < PROOFS
                && matches!(route, Route::Forward(proxy) if client.takes_proxy_challenge(proxy, head.fields)) =>
            {
                Fate::Again(Change::ProxyProof)
            }
            // RFC 9110 §10.1.1: who does not know `Expect` is asked without.
            417 if self.request.expect.is_some() => Fate::Again(Change::WithoutExpect),
            429 | 503 => {
                self.later(head, hub).map_or(Fate::Answer, |delay| Fate::Again(Change::Later(delay)))
            }
            _ => Fate::Answer,
        }
    }

    fn redirect(&self, head: &ResponseHead<'_>) -> Fate {
        let fail = |fault| Fate::Fail(Error::Redirect(fault));
        if self.hops >= self.request.redirects.min(REDIRECTS) {
            return fail(RedirectFault::TooMany);
        }
        let mut locations = head.fields.all("location");
        let (Some(location), None) = (locations.next(), locations.next()) else {
            return fail(RedirectFault::Location);
        };
        let Ok(location) = std::str::from_utf8(location) else { return fail(RedirectFault::Location) };
        let url = match self.request.url.join(location) {
            Ok(url) if url.is_websocket() => return fail(RedirectFault::Url(crate::UrlError::Scheme)),
            Ok(url) => url,
            Err(why) => return fail(RedirectFault::Url(why)),
        };
        let (from, to) = (self.request.url.origin(), url.origin());
        if (from.secure && !to.secure) || (to.unix && from != to) {
            return fail(RedirectFault::Downgrade);
        }
        // CLI-02: 307 and 308 ask for the same again; the others for a GET.
        let as_get = matches!(head.status.code(), 301..=303) && self.request.method != Method::Head;
        Fate::Again(Change::Redirect(url, as_get))
    }

    /// How long a server that is busy wants to be left alone, if this is to be tried again.
    fn later(&self, head: &ResponseHead<'_>, hub: &Hub) -> Option<Duration> {
        let own = self.request.retry.as_ref()?.next(self.tries)?;
        let delay = match head.fields.first("retry-after") {
            // Not before it says; spread beyond as ours would be.
            Some(value) => retry_after(value, hub.unix_s)?.max(own),
            None => own,
        };
        if delay <= RETRY_AFTER && self.has_time(hub.now, delay) { Some(delay) } else { None }
    }

    /// Whether there is time to wait so long.
    pub(crate) fn has_time(&self, now: Time, delay: Duration) -> bool {
        self.deadline.is_none_or(|deadline| now + delay < deadline)
    }

    /// Makes the next request of it.
    ///
    /// # Errors
    /// It cannot be sent again.
    pub(crate) fn change(&mut self, change: Change) -> Result<(), Error> {
        self.alone = false;
        let mut fault = Error::Body;
        match change {
            Change::Redirect(url, as_get) => {
                self.hops += 1;
                (self.proofs, self.proxy_proofs) = (0, 0);
                self.request.redirect(url, as_get);
                fault = Error::Redirect(RedirectFault::Body);
            }
            Change::Proof => self.proofs += 1,
            Change::ProxyProof => self.proxy_proofs += 1,
            Change::WithoutExpect => self.request.expect = None,
            Change::Later(_) => self.tries += 1,
        }
        if self.request.body.rewind() { Ok(()) } else { Err(fault) }
    }
}

/// RFC 9110 §10.2.3: seconds, or a date.
fn retry_after(value: &[u8], now_unix_s: u64) -> Option<Duration> {
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        let text = std::str::from_utf8(value).ok()?;
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = lws_http::date::parse(value, now_unix_s)?;
    Some(Duration::from_secs(at.saturating_sub(now_unix_s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_back() {
        let now = 784_111_777;
        let secs = |value: &str| retry_after(value.as_bytes(), now).map(|d| d.as_secs());
        assert_eq!(secs("0"), Some(0));
        assert_eq!(secs("120"), Some(120));
        assert_eq!(secs("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(secs("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(secs("Sun, 06 Nov 1994 08:40:37 GMT"), Some(0));
        assert_eq!((secs(""), secs("-1"), secs("soon"), secs("1.5")), (None, None, None, None));
    }
}
