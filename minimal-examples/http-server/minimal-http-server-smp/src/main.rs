//! Serves the files in ./mount-origin from several threads, one loop each. They share the port and nothing else.

use lws::files::files;
use lws::http::{Sites, respond};
use lws::tls::{Provider, ServerSettings, tls};
use lws::{Context, Sharing, Vhost, h1, h2};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let address = format!("127.0.0.1:{port}");
    let threads: usize = flag("--threads").unwrap_or_else(|| "2".into()).parse()?;
    let sharing = match flag("--sharing").as_deref() {
        None | Some("kernel") => Sharing::Kernel,
        Some("fewest") => Sharing::Fewest,
        Some(other) => return Err(format!("--sharing {other}: there are kernel and fewest").into()),
    };
    let sites =
        Sites::from(Vhost::new("localhost").security_headers().mount("/", files("./mount-origin")).mount(
            "/thread",
            respond(|_, reply| {
                reply.text(format!("{}\n", std::thread::current().name().unwrap_or_default()))
            }),
        ));
    let context = Context::new().threads(threads).sharing(sharing);
    let (context, scheme) = match flag("--tls") {
        None => (context.listen(&address, h1(sites)), "http"),
        Some(_) => {
            let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
            // One acceptor for all threads: a session begun on one can be resumed on another.
            let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(own.certificates))?;
            (context.listen(&address, tls(acceptor).over(h2(sites.clone())).over(h1(sites))), "https")
        }
    };
    let running = context.start()?;
    for address in running.addresses() {
        println!("{scheme}://{address}/");
    }
    Ok(running.join()?)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
