//! What a connector brings along: leniencies, client certificates (CLI-01), the platform's roots.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, PATIENCE};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Client, Error, Request, Url};
use lws_core::{Context, Stop};
use lws_http::{Status, Vhost, redirect, respond};
use lws_role_h1::h1;
use lws_role_tls::tls;
use lws_tls::{Cause, Certificates, ClientSettings, Provider as _, ServerSettings, Source};

struct Server {
    port: u16,
    roots: Source,
    stop: Stop,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        self.stop.stop();
    }
}

impl Server {
    /// A server for `localhost` that looks at certificates of clients whom `clients` vouches for, and answers with
    /// whether it saw one. `/away` leads to another port.
    fn new(clients: Option<Source>, away: u16) -> Self {
        let own = self_signed(&["localhost"]).unwrap();
        let roots = Source::Memory(own.certificate);
        let mut settings = ServerSettings::new(own.certificates);
        if let Some(clients) = clients {
            settings = settings.client_auth_optional([clients]);
        }
        let acceptor = provider().server(settings).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let site = Vhost::new("localhost")
                .mount(
                    "/",
                    respond(|request, reply| {
                        let shown = request.facts().tls().is_some_and(|tls| tls.peer_certificate.is_some());
                        reply.text(if shown { "known" } else { "unknown" });
                    }),
                )
                .mount("/away", redirect(Status::FOUND, format!("https://localhost:{away}")))
                .mount("/here", redirect(Status::FOUND, "/"));
            let mut service =
                Context::new().listen("127.0.0.1:0", tls(acceptor).over(h1(site))).build().unwrap();
            tell.send((service.addresses().next().unwrap().to_string(), service.stopper())).unwrap();
            service.run().unwrap();
        });
        let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
        Self { port: address.rsplit(':').next().unwrap().parse().unwrap(), roots, stop }
    }

    fn get(&self, host: &str, path: &str) -> Request {
        Request::get(Url::parse(&format!("https://{host}:{}{path}", self.port)).unwrap())
    }
}

fn identity() -> (Certificates, Source) {
    let own = self_signed(&["client.example"]).unwrap();
    (own.certificates, Source::Memory(own.certificate))
}

fn name(error: &Error) -> &'static str {
    match error {
        Error::Tls {
            reason: Some(lws_tls::Error::Peer { cause: Cause::Certificate(fault), .. }), ..
        } => fault.name(),
        other => panic!("{other}"),
    }
}

#[test]
fn each_leniency_is_its_own() {
    let server = Server::new(None, 1);
    let nobody = Source::Memory(self_signed(&["x.example"]).unwrap().certificate);
    let strange = || ClientSettings::new([nobody.clone()]);
    let known = || ClientSettings::new([server.roots.clone()]);
    let ask = |settings: ClientSettings, host: &str| {
        let client = Client::new().tls(provider().client(&settings).unwrap());
        Loop::with(client).fetch(server.get(host, "/"))
    };
    assert_eq!(name(&ask(strange(), "localhost").error()), "self-signed");
    assert_eq!(ask(strange().allow_self_signed(), "localhost").text(), "unknown");
    assert_eq!(name(&ask(strange().allow_self_signed(), "127.0.0.1").error()), "wrong name");
    assert_eq!(name(&ask(strange().allow_wrong_name(), "127.0.0.1").error()), "self-signed");
    assert_eq!(name(&ask(known().allow_expired(), "127.0.0.1").error()), "wrong name");
    assert_eq!(ask(known().allow_wrong_name(), "127.0.0.1").text(), "unknown");
    // In words, with what is wrong.
    let said = ask(known(), "127.0.0.1").error().to_string();
    assert!(said.contains("localhost") && said.contains("127.0.0.1"), "{said}");
}

#[test]
fn cli_01_a_client_certificate_stays_with_its_origin() {
    let (own, source) = identity();
    let other = Server::new(Some(source.clone()), 1);
    let server = Server::new(Some(source), other.port);
    let roots = || ClientSettings::new([server.roots.clone(), other.roots.clone()]).alpn(["http/1.1"]);
    let anonymous = provider().client(&roots()).unwrap();
    let known = provider().client(&roots().identity(own)).unwrap();
    let mut own = Loop::with(Client::new().tls(anonymous));
    assert_eq!(own.fetch(server.get("localhost", "/")).text(), "unknown");
    assert_eq!(own.fetch(server.get("localhost", "/").connector(known.clone())).text(), "known");
    assert_eq!(own.fetch(server.get("localhost", "/here").connector(known.clone())).text(), "known");
    // CLI-01: elsewhere it is not shown, though it would be welcome.
    assert_eq!(own.fetch(other.get("localhost", "/").connector(known.clone())).text(), "known");
    assert_eq!(own.fetch(server.get("localhost", "/away").connector(known)).text(), "unknown");
    // CLI-08: nor does who has none use the connection of who has one.
    assert_eq!(own.fetch(server.get("localhost", "/")).text(), "unknown");
}
