//! Clients must show a certificate; the page greets them by its name.

use lws::http::respond;
use lws::tls::{Certificate, Provider, ServerSettings, Source, pem, tls};
use lws::{Context, Vhost, h1};
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let trusted = match flag("--clients") {
        Some(file) => Source::File(file),
        None => Source::Memory(alice(&flag("--client").unwrap_or_else(|| "client.pem".into()))?),
    };
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    // `client_auth_optional` would let others in, too, without a name.
    let settings = ServerSettings::new(own.certificates)
        .client_auth_required([trusted])
        // A certificate that its issuer took back is refused.
        .revocation_lists(flag("--revoked").map(Source::File));
    let acceptor = provider()?.server(settings)?;

    let page = respond(|request, reply| {
        // Verified, or the request would not be here. All of the certificate is there for whoever needs more.
        let tls = request.facts().tls();
        let name = tls.and_then(|tls| tls.peer_name.as_deref()).unwrap_or("nobody");
        let der = tls.and_then(|tls| tls.peer_certificate.as_deref()).unwrap_or_default();
        let until = Certificate::parse(der).map(|c| c.not_after.to_string()).unwrap_or_default();
        reply.text(format!("hello {name}, until {until}\n"));
    });
    let stack = tls(acceptor).over(h1(Vhost::new("localhost").mount("/", page)));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), stack).build()?;
    for address in service.addresses() {
        println!("https://{address}/");
    }
    Ok(service.run()?)
}

/// Makes a certificate for a client, writes it and its key to a file that nobody else can read, and returns it.
fn alice(path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let alice = lws_backend_rustls::self_signed(&["alice"])?;
    let Source::Memory(key) = alice.certificates.key() else { return Err("a key in memory".into()) };
    let _ = std::fs::remove_file(path);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(pem::encode("CERTIFICATE", &alice.certificate).as_bytes())?;
    file.write_all(pem::encode("PRIVATE KEY", key).as_bytes())?;
    println!("made a certificate for alice: {path}");
    Ok(alice.certificate)
}

/// The TLS library is a value.
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
