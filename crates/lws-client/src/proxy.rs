//! Ways around: proxies, and which requests go through one.
//!
//! ```text
//!   http://   through an HTTP proxy    GET http://host/path               (RFC 9112 §3.2.2)
//!   https://, ws://, wss://            CONNECT host:port, then as direct  (RFC 9110 §9.3.6)
//!   with an https:// proxy             TLS with the proxy, and the same inside
//!   any       through a SOCKS proxy    SOCKS5 with the host's name        (RFC 1928, RFC 1929)
//! ```
//! Nothing is read from the environment unless [`Proxies::from_env`] is asked to. A proxy's password goes to the proxy
//! alone, and only the host and port of the URL ever reach it as the place to go.

mod socks;
mod tunnel;

pub(crate) use socks::Socks;
pub(crate) use tunnel::Tunnel;

use crate::auth::{Auth, Scheme};
use crate::limits::NO_PROXY;
use crate::url::{Origin, decode, is_host};
use crate::{Url, UrlError};
use lws_role::Closed;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;

/// A proxy: [`Proxy::parse`] reads its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) auth: Option<Auth>,
}

/// What is spoken with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Http,
    /// The same, over TLS.
    Https,
    Socks5,
}

/// Why a proxy did not open the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyFault {
    /// An HTTP proxy answered with this status: 407 wants a password, or another one.
    Status(u16),
    /// A SOCKS proxy refused, with this reply (RFC 1928 §6).
    Reply(u8),
    /// It wants an authentication that we do not have.
    Auth,
    /// It does not speak its protocol, or says more than it should.
    Protocol,
    /// Its answer is too long.
    Limit,
    /// The connection to it ended.
    Closed(Closed),
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::Reply(code) => {
                let words = match code {
                    2 => "not allowed",
                    3 => "network unreachable",
                    4 => "host unreachable",
                    5 => "connection refused",
                    6 => "timed out",
                    _ => "failure",
                };
                write!(f, "it replied {code} ({words})")
            }
            Self::Auth => f.write_str("it does not accept our user and password"),
            Self::Protocol => f.write_str("it broke its protocol"),
            Self::Limit => f.write_str("its answer is too long"),
            Self::Closed(why) => why.fmt(f),
        }
    }
}

impl Proxy {
    /// Reads `http://[user:password@]host[:port]`, `https://…` (TLS with the proxy), or `socks5://…` (also
    /// `socks5h://…`); without a scheme it is HTTP. The port is 8080, 443 or 1080 unless it is given. User and password
    /// may be percent-encoded, and are for basic authentication: see [`Proxy::auth`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > crate::limits::URL_BYTES {
            return Err(UrlError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(UrlError::Character);
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyKind::Http, 8080),
            "https" => (ProxyKind::Https, 443),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return Err(UrlError::Scheme),
        };
        let (user_info, authority) = match rest.rsplit_once('@') {
            Some((user_info, authority)) => (Some(user_info), authority),
            None => (None, rest),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let digits = port.bytes().all(|b| b.is_ascii_digit());
                let port = if digits { port.parse().ok().filter(|p| *p > 0) } else { None };
                (host, port.ok_or(UrlError::Port)?)
            }
            _ => (authority, default_port),
        };
        if !is_host(host) {
            return Err(UrlError::Host);
        }
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let auth = user_info.map(|info| credentials(info, kind)).transpose()?;
        Ok(Self { kind, host: bare.to_ascii_lowercase(), port, auth })
    }

    /// Who asks, and how that is shown: with [`Auth::digest`] the password does not go over the wire, and a proxy that
    /// wants basic authentication does not get it. SOCKS has a way of its own, for which user and password count.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// What goes with every request, unasked: with basic authentication.
    pub(crate) fn basic(&self) -> Option<Vec<u8>> {
        self.auth.as_ref().filter(|auth| auth.scheme == Scheme::Basic).map(Auth::basic_value)
    }

    /// Whose challenges are remembered.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            secure: self.kind == ProxyKind::Https,
            unix: false,
            host: self.host.clone(),
            port: self.port,
        }
    }
}

fn credentials(user_info: &str, kind: ProxyKind) -> Result<Auth, UrlError> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let text = |part: &str| decode(part).and_then(|bytes| String::from_utf8(bytes).ok());
    let (user, password) = text(user).zip(text(password)).ok_or(UrlError::UserInfo)?;
    // RFC 1929 §2: both have 1 to 255 bytes there.
    let long = |part: &str| part.is_empty() || part.len() > 255;
    if kind == ProxyKind::Socks5 && (long(&user) || long(&password)) {
        return Err(UrlError::UserInfo);
    }
    Auth::basic(&user, &password).map_err(|_| UrlError::UserInfo)
}

/// Which requests go through which proxy.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<Rc<Proxy>>,
    https: Option<Rc<Proxy>>,
    except: Vec<Rule>,
}

/// Who is reached without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    All,
    /// A domain and what is below it.
    Domain(String),
    Address(IpAddr),
}

impl Proxies {
    /// No proxies.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the environment says: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, the latter three in capitals,
    /// too. `HTTP_PROXY` is not looked at: to a CGI program that is a field of the request it serves.
    ///
    /// # Errors
    /// One of them is no proxy.
    #[doc(alias = "http_proxy")]
    #[doc(alias = "socks_proxy")]
    pub fn from_env() -> Result<Self, UrlError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`Proxies::from_env`], with another environment.
    ///
    /// # Errors
    /// One of them is no proxy.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, UrlError> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let both = |name: &str| set(name).or_else(|| set(&name.to_ascii_uppercase()));
        let parse = |text: Option<String>| text.map(|text| Proxy::parse(&text)).transpose();
        let mut this = Self::none();
        if let Some(all) = parse(both("all_proxy"))? {
            this = this.all(all);
        }
        if let Some(proxy) = parse(set("http_proxy"))? {
            this = this.http(proxy);
        }
        if let Some(proxy) = parse(both("https_proxy"))? {
            this = this.https(proxy);
        }
        Ok(this.except(&both("no_proxy").unwrap_or_default()))
    }

    /// `http` and `ws` go through this one.
    #[must_use]
    pub fn http(mut self, proxy: Proxy) -> Self {
        self.http = Some(Rc::new(proxy));
        self
    }

    /// `https` and `wss` go through this one.
    #[must_use]
    pub fn https(mut self, proxy: Proxy) -> Self {
        self.https = Some(Rc::new(proxy));
        self
    }

    /// Everything goes through this one.
    #[must_use]
    pub fn all(self, proxy: Proxy) -> Self {
        self.http(proxy.clone()).https(proxy)
    }

    /// User and password of each are shown as a digest: see [`Proxy::auth`]. SOCKS stays as it is.
    #[must_use]
    pub fn digest(mut self) -> Self {
        for proxy in [&mut self.http, &mut self.https].into_iter().flatten() {
            if let Some(auth) = &mut Rc::make_mut(proxy).auth {
                auth.scheme = Scheme::Digest;
            }
        }
        self
    }

    /// Whether one of them is spoken to over TLS: see [`crate::Client::proxy_tls`].
    pub fn any_secure(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(|proxy| proxy.kind == ProxyKind::Https)
    }

    /// Except these, separated by commas: a domain and what is below it (`example.com`, with or without a dot in
    /// front), an address, or `*`.
    #[must_use]
    pub fn except(mut self, list: &str) -> Self {
        let rules = list.split([',', ' ']).filter(|item| !item.is_empty()).map(|item| {
            let bare = item.trim_start_matches('.').to_ascii_lowercase();
            let address = bare.trim_start_matches('[').trim_end_matches(']').parse();
            match (item, address) {
                ("*", _) => Rule::All,
                (_, Ok(address)) => Rule::Address(address),
                _ => Rule::Domain(bare),
            }
        });
        self.except.extend(rules);
        self.except.truncate(NO_PROXY);
        self
    }

    /// The proxy on the way to `url`, if there is one.
    pub(crate) fn for_url(&self, url: &Url) -> Option<&Rc<Proxy>> {
        let host = url.host();
        let address = host.parse::<IpAddr>().ok();
        let excepted = self.except.iter().any(|rule| match rule {
            Rule::All => true,
            Rule::Address(one) => address == Some(*one),
            Rule::Domain(domain) => {
                address.is_none()
                    && host
                        .strip_suffix(domain.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        });
        match url.is_secure() {
            _ if excepted || url.is_unix() => None,
            true => self.https.as_ref(),
            false => self.http.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_what_is_none() {
        let parse = |text: &str| {
            let p = Proxy::parse(text)?;
            let auth = p.auth.map(|a| format!("{}:{}", a.user, a.password)).unwrap_or_default();
            Ok((p.kind, p.host, p.port, auth))
        };
        let is = |kind, host: &str, port, auth: &str| Ok((kind, host.to_string(), port, auth.to_string()));
        assert_eq!(parse("proxy"), is(ProxyKind::Http, "proxy", 8080, ""));
        assert_eq!(parse("HTTP://Proxy:3128/"), is(ProxyKind::Http, "proxy", 3128, ""));
        assert_eq!(parse("http://u:p%40%3a@[::1]:1"), is(ProxyKind::Http, "::1", 1, "u:p@:"));
        assert_eq!(parse("socks5h://u:p@h"), is(ProxyKind::Socks5, "h", 1080, "u:p"));
        assert_eq!(parse("https://u:p@h"), is(ProxyKind::Https, "h", 443, "u:p"));
        assert_eq!(parse("socks5://1.2.3.4:9"), is(ProxyKind::Socks5, "1.2.3.4", 9, ""));
        for (text, why) in [
            ("socks4://p", UrlError::Scheme),
            ("", UrlError::Host),
            ("http://", UrlError::Host),
            ("p/x", UrlError::Host),
            ("p:0", UrlError::Port),
            ("p:x", UrlError::Port),
            ("p\r\nx", UrlError::Character),
            ("u%0d%0a:p@h", UrlError::UserInfo),
            ("u%3a:p@h", UrlError::UserInfo),
            ("socks5://u@h", UrlError::UserInfo),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn who_goes_through_which() {
        let vars = |list: &'static [(&str, &str)]| {
            move |name: &str| list.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_string())
        };
        let through = |proxies: &Proxies, url: &str| {
            proxies.for_url(&Url::parse(url).unwrap()).map(|proxy| proxy.host.clone()).unwrap_or_default()
        };
        let env = Proxies::from_vars(vars(&[
            ("http_proxy", "a"),
            ("HTTPS_PROXY", "b"),
            ("HTTP_PROXY", "evil"),
            ("no_proxy", "localhost,.corp.example, 10.0.0.1,[::1]"),
        ]))
        .unwrap();
        for (url, expected) in [
            ("http://x/", "a"),
            ("ws://x/", "a"),
            ("https://x/", "b"),
            ("wss://x/", "b"),
            ("http://localhost/", ""),
            ("http://notlocalhost/", "a"),
            ("https://corp.example/", ""),
            ("https://a.corp.example/", ""),
            ("https://acorp.example/", "b"),
            ("http://10.0.0.1/", ""),
            ("http://110.0.0.1/", "a"),
            ("http://[::1]:80/", ""),
            ("http+unix://%2Fx/", ""),
        ] {
            assert_eq!(through(&env, url), expected, "{url}");
        }
        let env = Proxies::from_vars(vars(&[("ALL_PROXY", "socks5://s"), ("https_proxy", "b")])).unwrap();
        assert_eq!((through(&env, "http://x/"), through(&env, "https://x/")), ("s".into(), "b".into()));
        let env = Proxies::from_vars(vars(&[("HTTP_PROXY", "evil")])).unwrap();
        assert_eq!(through(&env, "http://x/"), "");
        assert_eq!(through(&Proxies::none().all(Proxy::parse("a").unwrap()).except("*"), "http://x/"), "");
        assert!(Proxies::from_vars(vars(&[("all_proxy", "ftp://x")])).is_err());
    }
}
