//! A TLS server, and a plain one that redirects to it.

use lws::http::{self, Status, respond};
use lws::tls::{Provider, ServerSettings, tls};
use lws::{Context, Vhost, h1};
use std::error::Error;
use std::sync::{Arc, OnceLock};

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let plain_port = flag("--http-port").unwrap_or_else(|| "7680".into());
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    let acceptor = provider()?.server(ServerSettings::new(own.certificates))?;

    let page = respond(|request, reply| reply.text(format!("this is secret: {}\n", request.path())));
    let secure = Vhost::new("localhost").security_headers().mount("/", page);

    // Known when the port is. With fixed ports, `http::redirect(Status::PERMANENT_REDIRECT, "https://example.com")` is
    // all it takes.
    let target = Arc::new(OnceLock::<String>::new());
    let known = target.clone();
    let elsewhere = respond(move |request: &http::Request, reply| {
        let base = known.get().map_or("", String::as_str);
        let location = format!("{base}{}", request.head().target);
        reply.status(Status::PERMANENT_REDIRECT).field("location", location).empty();
    });
    let plain = Vhost::new("localhost").mount("/", elsewhere);

    let mut service = Context::new()
        .listen(&format!("127.0.0.1:{port}"), tls(acceptor).over(h1(secure)))
        .listen(&format!("127.0.0.1:{plain_port}"), h1(plain))
        .build()?;
    let addresses: Vec<String> = service.addresses().map(ToString::to_string).collect();
    let [https, http] = &addresses[..] else { return Err("two listeners have two addresses".into()) };
    target.get_or_init(|| format!("https://{https}"));
    println!("https://{https}/");
    println!("plain: http://{http}/");
    Ok(service.run()?)
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
