//! Two ports whose certificates come from memory: as PEM text, and as DER.

use lws::tls::{Certificates, Provider, ServerSettings, Source, pem, tls};
use lws::{Context, Vhost, h1, http};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = flag("--port").unwrap_or_else(|| "7681".into()).parse()?;
    let next = if port == 0 { 0 } else { port + 1 };

    // Stands for wherever yours are kept.
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    let Source::Memory(key) = own.certificates.key() else { return Err("a key in memory".into()) };
    let chain_text = pem::encode("CERTIFICATE", &own.certificate);
    let key_text = pem::encode("PRIVATE KEY", key);

    let from_pem = serve(Certificates::pem(chain_text, key_text))?.over(h1(site("PEM")));
    let from_der = serve(Certificates::der([own.certificate], key.clone()))?.over(h1(site("DER")));
    let context = Context::new()
        .listen(&format!("127.0.0.1:{port}"), from_pem)
        .listen(&format!("127.0.0.1:{next}"), from_der);
    let mut service = context.build()?;
    for (address, label) in service.addresses().zip(["", "second port: "]) {
        println!("{label}https://{address}/");
    }
    Ok(service.run()?)
}

fn serve(certificates: Certificates) -> Result<lws::tls::Tls, Box<dyn Error>> {
    Ok(tls(provider()?.server(ServerSettings::new(certificates))?))
}

fn site(kind: &'static str) -> Vhost {
    Vhost::new("localhost")
        .mount("/", http::respond(move |_, reply| reply.text(format!("hello from {kind}\n"))))
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
