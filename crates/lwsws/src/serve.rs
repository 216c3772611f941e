//! `lwsws serve`: puts the parts together and runs them.

use crate::access::{Entry, Style};
use crate::json::{self, Object};
use crate::limits::PORT_ATTEMPTS;
use crate::message::{reason, shown};
use crate::tls::Secured;
use crate::writer::Log;
use crate::{Message, Options, Protocols, qr, signals, status, tls};
use lws::files::files;
use lws::http::{Record, Sites};
use lws::tls::Acceptor;
use lws::{Address, Context, Error, Service, Vhost, h1, h2, sniff};
use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Serves a folder until a signal ends it; prints where when it can be reached. Takes over the signals INT, TERM and
/// HUP of the process; with TLS the process leaves no core files from then on ([`lws_tls::files::forbid_dumps`]).
///
/// # Errors
/// What cannot be served, or not there.
pub fn serve(options: &Options) -> Result<(), Message> {
    let dir = folder(&options.dir)?;
    let lan = if options.public { lan_address() } else { None };
    let secured = options
        .tls
        .as_ref()
        .map(|source| tls::secure(source, options.tls_backend, &names(lan)))
        .transpose()?;
    let style = style(options);
    let log = Log::start(style, options.quiet, io::stdout(), io::stderr()).map_err(|e| no_thread(&e))?;
    // Whoever uses this as a library may have a logger already; then that one hears what there is to say.
    if log::set_boxed_logger(Box::new(log.clone())).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
    let sites = Sites::from(vhost(options, &dir, &log));
    let mut service = bind(options, &sites, secured.as_ref()).map_err(|e| cannot_bind(&e))?;

    let reload = secured.as_ref().and_then(|s| s.reload.clone());
    if let Some(secured) = &secured {
        tls::warn_of_age(&*secured.acceptor, &log);
    }
    if let Some(reload) = reload.clone() {
        reload.watch(log.clone()).map_err(|e| no_thread(&e))?;
    }
    signals::watch(service.stopper(), reload, log.clone()).map_err(|e| no_thread(&e))?;
    let banner = Banner::new(options, &dir, &service, secured.as_ref(), lan);
    // Whoever closed stdout does not want to know.
    let _ = io::stdout().write_all(banner.text(options, style).as_bytes());
    let _ = io::stdout().flush();
    let result = service.run();
    drop(service);
    log.finish();
    result.map_err(|e| Message::failure(e.to_string()))
}

/// The folder, as an absolute path.
fn folder(dir: &Path) -> Result<PathBuf, Message> {
    let path = shown(dir);
    let absolute = dir.canonicalize().and_then(|p| p.metadata().map(|meta| (p, meta)));
    match absolute {
        Ok((absolute, meta)) if meta.is_dir() => Ok(absolute),
        Ok((absolute, _)) => {
            let parent = absolute.parent().map(shown).unwrap_or_default();
            let message = Message::failure(format!("'{path}' is a file, not a folder"));
            Err(message.help(format!("serve the folder it is in: lwsws serve {parent}")))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let message = Message::failure(format!("there is no folder '{path}'"));
            Err(message.help("name one that exists, or none to serve the current one"))
        }
        Err(e) => Err(Message::failure(format!("cannot open the folder '{path}': {}", reason(&e)))),
    }
}

fn style(options: &Options) -> Style {
    // https://no-color.org
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    match (options.json, colour) {
        (true, _) => Style::Json,
        (false, true) => Style::Colour,
        (false, false) => Style::Plain,
    }
}

fn vhost(options: &Options, dir: &Path, log: &Log) -> Vhost {
    let mount = files(dir).listing(options.listing).precompressed(true);
    let vhost = Vhost::new("*").mount("/", mount).security_headers();
    // What is in the folder is what was asked for: our own page steps back.
    let metrics_at_root = dir.join("metrics").symlink_metadata().is_err();
    let vhost = status::add(vhost, options.status_token.clone(), log.clone(), metrics_at_root);
    if options.quiet {
        return vhost;
    }
    let log = log.clone();
    vhost.access_log(move |record: &Record| log.access(Entry::from(record)))
}

/// Listens on IPv4 and, where there is any, on IPv6, both on the same port.
fn bind(options: &Options, sites: &Sites, secured: Option<&Secured>) -> Result<Service, Error> {
    let (v4, v6) = match options.public {
        true => (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED),
        false => (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST),
    };
    let has_v6 = TcpListener::bind((v6, 0)).is_ok();
    let build = |port: u16| {
        let ips = [IpAddr::V4(v4), IpAddr::V6(v6)];
        let addresses = ips.into_iter().filter(|ip| has_v6 || ip.is_ipv4());
        let context = addresses.fold(Context::new(), |context, ip| {
            let address = SocketAddr::new(ip, port).to_string();
            let acceptor = secured.map(|s| s.acceptor.clone());
            listen(context, &address, options.protocols, sites, acceptor)
        });
        context.build()
    };
    if options.port != 0 || !has_v6 {
        return build(options.port);
    }
    // The kernel picks a port for one address; that it is free on the other, too, must be tried.
    for _ in 1..PORT_ATTEMPTS {
        let port = TcpListener::bind((v4, 0))?.local_addr()?.port();
        match build(port) {
            Err(Error::Listen { source, .. }) if source.kind() == ErrorKind::AddrInUse => {}
            result => return result,
        }
    }
    build(TcpListener::bind((v4, 0))?.local_addr()?.port())
}

/// Adds a listener that speaks what was asked for.
fn listen(
    context: Context,
    address: &str,
    protocols: Protocols,
    sites: &Sites,
    acceptor: Option<Arc<dyn Acceptor>>,
) -> Context {
    let (h1, h2) = (h1(sites.clone()), h2(sites.clone()));
    let Some(tls) = acceptor.map(lws::tls::tls) else {
        return match protocols {
            Protocols::Both => context.listen(address, sniff().or(h2).or(h1)),
            Protocols::Http1 => context.listen(address, h1),
            Protocols::Http2 => context.listen(address, h2),
        };
    };
    match protocols {
        Protocols::Both => context.listen(address, tls.over(h2).over(h1)),
        Protocols::Http1 => context.listen(address, tls.over(h1)),
        Protocols::Http2 => context.listen(address, tls.over(h2)),
    }
}

fn cannot_bind(error: &Error) -> Message {
    let message = Message::failure(error.to_string());
    let Error::Listen { address: Address::Inet(address), source } = error else { return message };
    match source.kind() {
        ErrorKind::AddrInUse => {
            let other = address.port().checked_add(1).unwrap_or(7681);
            message.help(format!("try --port {other}, or --port 0 for any free port"))
        }
        ErrorKind::PermissionDenied => {
            message.help("ports below 1024 are for privileged users: try --port 7681")
        }
        _ => message,
    }
}

fn no_thread(error: &io::Error) -> Message {
    Message::failure(format!("the system has no thread for us: {}", reason(error)))
}

/// The address under which other machines most likely reach this one: that of the interface which leads elsewhere.
fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // TEST-NET-1 (RFC 5737). Connecting a UDP socket sends nothing.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}

/// What a certificate of our own is for.
fn names(lan: Option<IpAddr>) -> Vec<String> {
    let own = ["localhost", "127.0.0.1", "::1"].map(String::from);
    own.into_iter().chain(lan.map(|ip| ip.to_string())).collect()
}

/// What is printed when the server can be reached.
struct Banner {
    dir: String,
    addresses: Vec<String>,
    /// For this machine.
    url: String,
    /// For others.
    lan_url: Option<String>,
    fingerprint: Option<String>,
}

impl Banner {
    fn new(
        options: &Options,
        dir: &Path,
        service: &Service,
        secured: Option<&Secured>,
        lan: Option<IpAddr>,
    ) -> Self {
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let port = service.addresses().find_map(|a| match a {
            Address::Inet(address) => Some(address.port()),
            Address::Unix(_) => None,
        });
        let url = |ip| format!("{scheme}://{}/", SocketAddr::new(ip, port.unwrap_or(options.port)));
        Self {
            dir: shown(dir),
            addresses: service.addresses().map(ToString::to_string).collect(),
            url: url(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            lan_url: lan.map(url),
            fingerprint: secured.and_then(|s| s.fingerprint.clone()),
        }
    }

    /// Ends with the URL for this machine: programs look for the last one.
    fn text(&self, options: &Options, style: Style) -> String {
        if style == Style::Json {
            return self.json(options) + "\n";
        }
        let mut text = String::new();
        if !options.quiet {
            text += &self.about(options);
        }
        if options.qr {
            let url = self.lan_url.as_ref().unwrap_or(&self.url);
            text += &qr::render(url, style == Style::Colour).unwrap_or_default();
            if self.lan_url.is_none() && !options.quiet {
                text += "  the code leads to this machine alone; --public is for others\n";
            }
        }
        if options.quiet {
            return text + &self.url + "\n";
        }
        match &self.lan_url {
            Some(lan) => text + &format!("listening on {lan} and {}\n", self.url),
            None => text + &format!("listening on {}\n", self.url),
        }
    }

    fn about(&self, options: &Options) -> String {
        let whom = if options.public { "everybody who can reach this machine" } else { "this machine alone" };
        let listing = if options.listing { "with" } else { "without" };
        let mut text = format!("lwsws {}: {}\n", env!("CARGO_PKG_VERSION"), self.dir);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  for {whom}, {listing} listings; status page at /.lws/status");
        if let Some(fingerprint) = &self.fingerprint {
            let _ = writeln!(text, "  self-signed certificate, SHA-256 {fingerprint}");
        }
        text
    }

    fn json(&self, options: &Options) -> String {
        let object = Object::new().text("event", "listening");
        if options.quiet {
            return object.text("url", &self.url).end();
        }
        let addresses = json::strings(self.addresses.iter().map(String::as_str));
        let mut object = object
            .text("version", env!("CARGO_PKG_VERSION"))
            .text("dir", &self.dir)
            .value("listing", options.listing)
            .value("public", options.public)
            .value("addresses", addresses);
        if let Some(fingerprint) = &self.fingerprint {
            object = object.text("sha256", fingerprint);
        }
        if let Some(lan) = &self.lan_url {
            object = object.text("lan_url", lan);
        }
        object.text("url", &self.url).end()
    }
}
