//! Replaces the certificate while the server runs.

use lws::http::{Reply, Request, respond};
use lws::tls::{Acceptor, Certificates, Provider, ServerSettings, Source, pem, tls};
use lws::{Context, Vhost, h1};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What serves, and the files that it reads.
struct Renewal {
    acceptor: Arc<dyn Acceptor>,
    folder: PathBuf,
    /// The fingerprint of what is served.
    serving: Mutex<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let folder = std::env::temp_dir().join(format!("minimal-http-server-cert-reload-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let fingerprint = write_pair(&folder, true)?;
    println!("serving {fingerprint}");
    let file = |name: &str| folder.join(name).display().to_string();
    let certificates = Certificates::files(file("cert.pem"), file("key.pem"));
    let acceptor = provider()?.server(ServerSettings::new(certificates))?;

    // The stack gets a clone; whoever keeps the other one can reload.
    let renewal = Renewal { acceptor: acceptor.clone(), folder, serving: Mutex::new(fingerprint) };
    let renewal = Arc::new(renewal);
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.text("hello\n")))
        .mount("/renew", renew(renewal.clone(), true))
        .mount("/break", renew(renewal, false));
    let stack = tls(acceptor).over(h1(vhost));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), stack).build()?;
    for address in service.addresses() {
        println!("https://{address}/");
    }
    Ok(service.run()?)
}

/// A page that writes new files and has them read. With `whole`, the key is written, too.
fn renew(
    renewal: Arc<Renewal>,
    whole: bool,
) -> lws::http::Respond<impl Fn(&Request<'_>, &mut Reply<'_>) + Send + Sync + 'static> {
    respond(move |_, reply: &mut Reply<'_>| {
        let written = write_pair(&renewal.folder, whole).map_err(|e| e.to_string());
        let loaded = written.and_then(|new| match renewal.acceptor.reload() {
            Ok(()) => Ok(new),
            Err(e) => Err(e.to_string()),
        });
        let mut serving = renewal.serving.lock().expect("nothing panics with it");
        reply.text(match loaded {
            Ok(new) => {
                *serving = new;
                format!("now serving {serving}\n")
            }
            Err(why) => format!("still serving {serving}: {why}\n"),
        });
    })
}

/// Writes a new certificate, and its key if `whole`; returns the fingerprint.
fn write_pair(folder: &Path, whole: bool) -> Result<String, Box<dyn Error>> {
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    let Source::Memory(key) = own.certificates.key() else { return Err("a key in memory".into()) };
    replace(&folder.join("cert.pem"), &pem::encode("CERTIFICATE", &own.certificate))?;
    if whole {
        replace(&folder.join("key.pem"), &pem::encode("PRIVATE KEY", key))?;
    }
    Ok(own.fingerprint_hex())
}

/// Writes a file that only its owner can read, and puts it in place when it is complete.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, "")?;
    #[cfg(unix)]
    fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    fs::write(&new, text)?;
    fs::rename(&new, path)
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
