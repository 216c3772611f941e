//! The other side: `lwsws get URL` and `lwsws ws URL`.

pub(crate) mod args;
mod get;
mod socket;

pub use args::{Asked, Leniency, Versions};
pub use get::get;
pub use socket::socket;

use crate::{Message, tls};
use lws::client::{Client, Proxies, Request, Url};
use lws::tls::{ClientSettings, Connector};
use lws::{Context, Service};
use lws_head::Method;
use lws_role::SlotKey;
use std::sync::Arc;

/// A loop with a client in it.
struct Running {
    service: Service,
    client: SlotKey<Client>,
}

fn start(asked: &Asked) -> Result<Running, Message> {
    let proxies =
        Proxies::from_env().map_err(|e| Message::failure(format!("the proxy in the environment: {e}")))?;
    let proxies = if asked.proxy_digest { proxies.digest() } else { proxies };
    let mut client = Client::new();
    if proxies.any_secure() {
        // What is overlooked is overlooked in the server's certificate, not in a proxy's.
        let strict = Asked { leniency: Leniency::default(), ..asked.clone() };
        client = client.proxy_tls(connector(&strict, &["http/1.1"])?);
    }
    client = client.proxies(proxies);
    if asked.url.starts_with("https:") || asked.url.starts_with("wss:") {
        client = client.tls(connector(asked, &["http/1.1"])?);
        if asked.versions != Versions::Http1 {
            client = client.http2(connector(asked, &["h2", "http/1.1"])?);
        }
    }
    let mut service = Context::new().build().map_err(|e| Message::failure(e.to_string()))?;
    let key = client.install(service.world());
    let remote = service.remote::<Client>().expect("it has just been installed");
    let (client, _) = Client::reach(key, service.world());
    // A letter that comes when the loop has ended is for nobody.
    client.post_by(move |letter| drop(remote.post(letter)));
    Ok(Running { service, client: key })
}

fn connector(asked: &Asked, alpn: &[&str]) -> Result<Arc<dyn Connector>, Message> {
    let mut settings = match &asked.roots {
        Some(file) => ClientSettings::roots_file(file),
        None => ClientSettings::platform(),
    };
    let Leniency { self_signed, expired, wrong_name } = asked.leniency;
    if self_signed {
        settings = settings.allow_self_signed();
    }
    if expired {
        settings = settings.allow_expired();
    }
    if wrong_name {
        settings = settings.allow_wrong_name();
    }
    let settings = settings.alpn(alpn.iter().copied());
    tls::default_provider().client(&settings).map_err(|e| {
        Message::failure(e.to_string()).help("--ca FILE names the certificates to trust; -k trusts any")
    })
}

/// The request as far as both commands have it alike.
fn request(asked: &Asked) -> Result<Request, Message> {
    let url = Url::parse(&asked.url).map_err(|e| {
        let message = Message::usage(format!("'{}' is no URL: {e}", asked.url.escape_debug()));
        if asked.url.contains("://") { message } else { message.help(format!("try http://{}", asked.url)) }
    })?;
    let method = match (&asked.method, &asked.data) {
        (Some(name), _) => Method::from_bytes(name.as_bytes())
            .ok_or_else(|| Message::usage(format!("'{}' is no method", name.escape_debug())))?,
        (None, Some(_)) => Method::Post,
        (None, None) => Method::Get,
    };
    let mut request = Request::new(method, url);
    if let Some(data) = &asked.data {
        request = request.body(data.clone());
    }
    for (name, value) in &asked.fields {
        request = request
            .field(name, value)
            .map_err(|e| Message::usage(format!("-H {name}: {e}")).help("write -H 'Name: value'"))?;
    }
    Ok(match asked.versions {
        Versions::Any => request,
        Versions::Http1 => request.http1(),
        Versions::Http2 => request.http2(),
    })
}

/// What failed, and what to do about it.
fn failed(error: &lws::client::Error) -> Message {
    let message = Message::failure(error.to_string());
    match error {
        lws::client::Error::Tls { .. } => message.help(
            "-k takes any certificate; --allow-self-signed, --allow-expired, --allow-wrong-name take less",
        ),
        lws::client::Error::NoHttp2 => message.help("leave --h2 out, and HTTP/1.1 is spoken"),
        _ => message,
    }
}
