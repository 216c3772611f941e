//! Where the server is, and how to get there: TLS with ALPN `h2`, or a plain connection by prior knowledge.

use lws_backend_rustls::{provider, self_signed};
use lws_http::client::Calls;
use lws_role::{Role, Target};
use lws_role_h2::H2Client;
use lws_role_tls::TlsRole;
use lws_tls::{ClientSettings, Connector, Provider, Source};
use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

/// A server, and how to get there.
#[derive(Clone)]
pub struct Dial {
    address: SocketAddr,
    host: String,
    /// What `Host` says.
    pub authority: String,
    /// What is asked for.
    pub target: String,
    tls: Option<Arc<dyn Connector>>,
}

/// Whose word is taken for who the server is.
pub enum Trust {
    /// Those whom this system trusts.
    Platform,
    /// Those in this file.
    File(String),
    /// Anybody's: for servers that made their certificate themselves.
    Anybody,
}

impl Dial {
    /// From an `http` or `https` URL.
    ///
    /// # Errors
    /// What is wrong with it, in words for a person.
    pub fn new(url: &str, trust: &Trust) -> Result<Self, Box<dyn Error>> {
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(format!("`{url}` begins with neither http:// nor https://").into()),
        };
        let (authority, target) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let parsed = lws_head::Host::parse(authority).ok_or_else(|| format!("no host in `{url}`"))?;
        let port = parsed.port.unwrap_or(if secure { 443 } else { 80 });
        let host = parsed.name.trim_start_matches('[').trim_end_matches(']').to_owned();
        let address = (host.as_str(), port).to_socket_addrs()?.next().ok_or("the host has no address")?;
        let tls = if secure { Some(provider().client(&settings(trust)?)?) } else { None };
        Ok(Self { address, host, authority: authority.into(), target: target.into(), tls })
    }

    /// Where to connect to.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::Inet(self.address)
    }

    /// Who speaks on the connection: asks what `calls` has.
    ///
    /// # Errors
    /// The TLS library cannot make a session.
    pub fn role(&self, calls: Box<dyn Calls>) -> Result<Box<dyn Role>, lws_tls::Error> {
        let client: Box<dyn Role> = Box::new(H2Client::new(calls));
        Ok(match &self.tls {
            Some(tls) => Box::new(TlsRole::hosting(tls.connect(&self.host)?, client)),
            None => client,
        })
    }
}

fn settings(trust: &Trust) -> Result<ClientSettings, Box<dyn Error>> {
    let settings = match trust {
        Trust::Platform => ClientSettings::platform(),
        Trust::File(path) => ClientSettings::roots_file(path),
        Trust::Anybody => {
            // Some root is wanted: this one has vouched for nobody.
            let nobody = Source::Memory(self_signed(&["nobody.invalid"])?.certificate);
            ClientSettings::new([nobody]).allow_self_signed().allow_wrong_name()
        }
    };
    Ok(settings.alpn(["h2"]))
}
