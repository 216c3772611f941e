//! Serves the files in ./mount-origin over TLS.

use lws::files::files;
use lws::http::Sites;
use lws::tls::{Certificates, Provider, ServerSettings, tls};
use lws::{Context, Vhost, h1, h2};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let certificates = match (flag("--cert"), flag("--key")) {
        (Some(cert), Some(key)) => Certificates::files(cert, key),
        _ => {
            let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
            println!("made a certificate, SHA-256 {}", own.fingerprint_hex());
            own.certificates
        }
    };
    let acceptor = provider()?.server(ServerSettings::new(certificates))?;
    let vhost = Vhost::new("localhost").security_headers().mount("/", files("./mount-origin"));
    let sites = Sites::from(vhost);
    // The client chooses HTTP/2 or HTTP/1 by ALPN; the handlers cannot tell.
    let stack = tls(acceptor).over(h2(sites.clone())).over(h1(sites));
    let context = Context::new().listen(&format!("127.0.0.1:{port}"), stack);
    let mut service = context.build()?;
    for address in service.addresses() {
        println!("https://{address}/");
    }
    Ok(service.run()?)
}

/// The TLS library is a value: each backend crate makes one, and the rest of the program cannot tell them apart.
fn provider() -> Result<Box<dyn Provider>, String> {
    match flag("--backend").as_deref() {
        None | Some("rustls") => Ok(Box::new(lws_backend_rustls::provider())),
        #[cfg(feature = "openssl")]
        Some("openssl") => Ok(Box::new(lws_backend_openssl::provider())),
        #[cfg(feature = "mbedtls")]
        Some("mbedtls") => Ok(Box::new(lws_backend_mbedtls::provider())),
        Some(other) => Err(format!("this was built without {other}; try: cargo run --features {other}")),
    }
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
