//! The flags of `lwsws serve`, as a table: parsing, help and suggestions all read it.

use crate::{Message, Options, Protocols, TlsSource};

/// One flag.
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) help: &'static str,
}

/// Whether a flag takes a value, and what it does to the options.
pub(crate) enum Kind {
    Switch(fn(&mut Options)),
    /// What the value is called in the help text, and how it is read.
    Value(&'static str, fn(&mut Options, &str) -> Result<(), Message>),
}

pub(crate) static FLAGS: [Flag; 11] = [
    Flag {
        name: "--port",
        kind: Kind::Value("N", port),
        help: "listen on port N; 0: any free one (default: 7681)",
    },
    Flag {
        name: "--public",
        kind: Kind::Switch(|o| o.public = true),
        help: "listen on all addresses, not on loopback alone",
    },
    Flag {
        name: "--tls",
        kind: Kind::Value("self|CERT,KEY", tls),
        help: "speak https: with a fresh self-signed certificate, or with these files",
    },
    Flag {
        name: "--tls-backend",
        kind: Kind::Value("NAME", tls_backend),
        help: "the TLS library: rustls (default), openssl, mbedtls",
    },
    Flag {
        name: "--alpn",
        kind: Kind::Value("LIST", alpn),
        help: "speak only these: h2, http/1.1 (default: h2,http/1.1)",
    },
    Flag {
        name: "--listing",
        kind: Kind::Switch(|o| o.listing = true),
        help: "list folders that have no index.html (the default)",
    },
    Flag { name: "--no-listing", kind: Kind::Switch(|o| o.listing = false), help: "answer 404 for them" },
    Flag { name: "--quiet", kind: Kind::Switch(|o| o.quiet = true), help: "print the URL and nothing else" },
    Flag { name: "--json", kind: Kind::Switch(|o| o.json = true), help: "print one JSON object per line" },
    Flag { name: "--qr", kind: Kind::Switch(|o| o.qr = true), help: "print the URL as a QR code, too" },
    Flag {
        name: "--status-token",
        kind: Kind::Value("TOKEN", token),
        help: "show the status page from elsewhere to those who send TOKEN",
    },
];

impl Flag {
    /// The flag as one writes it.
    pub(crate) fn usage(&self) -> String {
        match self.kind {
            Kind::Switch(_) => self.name.into(),
            Kind::Value(value, _) => format!("{} {value}", self.name),
        }
    }
}

fn port(options: &mut Options, value: &str) -> Result<(), Message> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let port = if digits { value.parse().ok() } else { None };
    options.port = port.ok_or_else(|| {
        Message::usage(format!("--port needs a number from 0 to 65535, not '{}'", value.escape_debug()))
            .help("try --port 7681, or --port 0 for any free port")
    })?;
    Ok(())
}

fn tls(options: &mut Options, value: &str) -> Result<(), Message> {
    options.tls = Some(match value.split_once(',') {
        None if value == "self" => TlsSource::SelfSigned,
        Some((chain, key)) if !chain.is_empty() && !key.is_empty() => {
            TlsSource::Files { chain: chain.into(), key: key.into() }
        }
        _ => {
            let what = format!("--tls needs 'self' or two files, not '{}'", value.escape_debug());
            return Err(Message::usage(what)
                .help("try --tls self, or --tls cert.pem,key.pem (one file that has both: name it twice)"));
        }
    });
    Ok(())
}

fn tls_backend(options: &mut Options, value: &str) -> Result<(), Message> {
    options.tls_backend = crate::tls::named(value)?;
    Ok(())
}

fn alpn(options: &mut Options, value: &str) -> Result<(), Message> {
    options.protocols = match value {
        "h2,http/1.1" | "http/1.1,h2" => Protocols::Both,
        "http/1.1" => Protocols::Http1,
        "h2" => Protocols::Http2,
        _ => {
            let what = format!("--alpn needs h2, http/1.1 or both, not '{}'", value.escape_debug());
            return Err(Message::usage(what).help("try --alpn h2, or --alpn h2,http/1.1"));
        }
    };
    Ok(())
}

fn token(options: &mut Options, value: &str) -> Result<(), Message> {
    if value.is_empty() {
        let message = Message::usage("--status-token needs a token that is not empty");
        return Err(message.help("make one up: openssl rand -hex 16"));
    }
    options.status_token = Some(value.into());
    Ok(())
}
