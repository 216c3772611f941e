//! What a client remembers of servers: cookies, and challenges.

use super::Client;
use crate::auth::{Challenge, Scheme, cnonce};
use crate::limits::CHALLENGES;
use crate::url::Origin;
use crate::{Proxy, Request, Url};
use lws_cookies::Place;
use lws_head::{Fields, Method, ResponseHead};
use std::collections::VecDeque;

/// Challenges of digest authentication, the latest of each origin; the oldest first.
#[derive(Default)]
pub(super) struct Challenges(VecDeque<(Origin, Challenge)>);

impl Challenges {
    fn of(&mut self, origin: &Origin) -> Option<&mut Challenge> {
        self.0.iter_mut().find(|(other, _)| other == origin).map(|(_, challenge)| challenge)
    }

    fn remember(&mut self, origin: Origin, challenge: Challenge) {
        self.0.retain(|(other, _)| *other != origin);
        if self.0.len() >= CHALLENGES {
            self.0.pop_front();
        }
        self.0.push_back((origin, challenge));
    }

    /// Remembers the challenge in a refusal, unless answering it again is of no use.
    fn take(&mut self, origin: Origin, challenge: Challenge) -> bool {
        // RFC 7616 §3.3: a new challenge to an answer that was not just too old means that the password is wrong.
        let news = match self.of(&origin) {
            Some(old) => challenge.stale || !old.was_answered() || challenge.is_news(old),
            None => true,
        };
        if news {
            self.remember(origin, challenge);
        }
        news
    }
}

impl Client {
    /// The value of `Authorization`, if this request can say who is asking.
    pub(crate) fn authorization(&mut self, request: &Request) -> Option<Vec<u8>> {
        let auth = request.auth.as_ref()?;
        match auth.scheme {
            Scheme::Basic => Some(auth.basic_value()),
            Scheme::Digest => {
                let challenge = self.challenges.of(&request.url.origin())?;
                Some(challenge.answer(auth, request.method, request.url.target(), &cnonce()))
            }
        }
    }

    /// The server wants to know who is asking: whether that can be said, and has not been already.
    pub(crate) fn takes_challenge(&mut self, request: &Request, head: &ResponseHead<'_>) -> bool {
        let has_own = request.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let digest = request.auth.as_ref().is_some_and(|auth| auth.scheme == Scheme::Digest);
        if has_own || !digest {
            return false;
        }
        let Some(challenge) = Challenge::choose(head.fields, "www-authenticate") else { return false };
        self.challenges.take(request.url.origin(), challenge)
    }

    /// The value of `Proxy-Authorization`, if it can be said to this proxy who is asking.
    pub(crate) fn proxy_authorization(
        &mut self,
        proxy: &Proxy,
        method: Method,
        target: &str,
    ) -> Option<Vec<u8>> {
        proxy.basic().or_else(|| {
            let challenge = self.proxy_challenges.of(&proxy.origin())?;
            Some(challenge.answer(proxy.auth.as_ref()?, method, target, &cnonce()))
        })
    }

    /// The same for a proxy's 407 (RFC 9110 §15.5.8).
    pub(crate) fn takes_proxy_challenge(&mut self, proxy: &Proxy, fields: Fields<'_>) -> bool {
        let digest = proxy.auth.as_ref().is_some_and(|auth| auth.scheme == Scheme::Digest);
        match Challenge::choose(fields, "proxy-authenticate").filter(|_| digest) {
            Some(challenge) => self.proxy_challenges.take(proxy.origin(), challenge),
            None => false,
        }
    }

    /// The value of `Cookie`.
    pub(crate) fn cookie_field(&mut self, url: &Url, now_s: u64) -> Option<String> {
        self.jar.as_mut()?.header(&place(url), now_s)
    }

    /// Keeps the cookies of a response.
    pub(crate) fn take_cookies(&mut self, url: &Url, head: &ResponseHead<'_>, now_s: u64) {
        let Some(jar) = &mut self.jar else { return };
        for field in head.fields.all("set-cookie") {
            // One that is refused is as good as none.
            let _ = jar.store(&place(url), field, now_s);
        }
    }
}

fn place(url: &Url) -> Place<'_> {
    Place { host: url.host(), path: url.target(), secure: url.is_secure() }
}
