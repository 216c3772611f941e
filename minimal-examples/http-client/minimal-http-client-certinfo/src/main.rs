//! Shows the certificate that a server has, whoever vouches for it.

use lws::client::{Answer, Client, Error, Facts, Fields, Hub, Request, Url};
use lws::tls::{Certificate, ClientSettings, Provider};
use lws::{Context, Stop};

struct Show {
    stop: Stop,
}

impl Answer for Show {
    fn connected(&mut self, _hub: &mut Hub, facts: &Facts) {
        let Some(tls) = facts.tls() else { return println!("no TLS") };
        println!("protocol: {}, {}", tls.version, tls.cipher);
        let Some(der) = &tls.peer_certificate else { return println!("no certificate") };
        match Certificate::parse(der) {
            Ok(certificate) => {
                println!("name: {}", certificate.short_name());
                println!("names: {}", certificate.shown_names().join(", "));
                println!("valid from: {}", certificate.not_before);
                println!("valid to: {}", certificate.not_after);
                println!("certificate: {} bytes of DER", der.len());
            }
            Err(fault) => println!("the certificate {fault}"),
        }
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        match result {
            Ok(_) => println!("completed"),
            Err(error) => println!("failed: {error}"),
        }
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (server, port) = if has("-l") { ("localhost", "7681") } else { ("libwebsockets.org", "443") };
    let server = flag("--server").unwrap_or(server.into());
    let port = flag("--port").unwrap_or(port.into());
    let request = Request::get(Url::parse(&format!("https://{server}:{port}/"))?);

    // This one looks at certificates: it takes any. A program that trusts what it hears must not.
    let settings = ClientSettings::platform().allow_self_signed().allow_expired().allow_wrong_name();
    let tls = lws_backend_rustls::provider().client(&settings.alpn(["http/1.1"]))?;

    let mut service = Context::new().build()?;
    let stop = service.stopper();
    let key = Client::new().tls(tls).install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let (client, hub) = Client::reach(key, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.send(hub, request, Show { stop });
    Ok(service.run()?)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
