//! Over TLS.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, PATIENCE};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Client, Error, RedirectFault};
use lws_core::{Context, Stop};
use lws_http::{Status, Vhost, redirect, respond};
use lws_role::Closed;
use lws_role_h1::h1;
use lws_role_tls::tls;
use lws_tls::{Cause, ClientSettings, Provider as _, ServerSettings, Source};
use std::io::Read;
use std::net::TcpListener;

/// A server with a certificate for `localhost`; its port, and who vouches for it.
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

fn serve() -> Server {
    let own = self_signed(&["localhost"]).unwrap();
    let roots = Source::Memory(own.certificate);
    let settings = ServerSettings::new(own.certificates);
    let acceptor = provider().server(settings).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let site = Vhost::new("localhost")
            .mount("/", respond(|_, reply| reply.text("secret")))
            .mount("/down", redirect(Status::FOUND, "http://localhost:1"));
        let mut service = Context::new().listen("127.0.0.1:0", tls(acceptor).over(h1(site))).build().unwrap();
        let address = service.addresses().next().unwrap().to_string();
        tell.send((address, service.stopper())).unwrap();
        service.run().unwrap();
    });
    let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
    Server { port: address.rsplit(':').next().unwrap().parse().unwrap(), roots, stop }
}

/// What is wrong with the certificate.
fn reason(error: &Error) -> &'static str {
    match error {
        Error::Tls {
            reason: Some(lws_tls::Error::Peer { cause: Cause::Certificate(fault), .. }), ..
        } => fault.name(),
        other => panic!("{other:?}"),
    }
}

fn trusting(roots: &Source) -> Loop {
    let settings = ClientSettings::new([roots.clone()]).alpn(["http/1.1"]);
    Loop::with(Client::new().tls(provider().client(&settings).unwrap()))
}

#[test]
fn a_request_over_tls_and_another_on_the_same_connection() {
    let server = serve();
    let mut own = trusting(&server.roots);
    let url = format!("https://localhost:{}/", server.port);
    assert_eq!(own.get(&url).text(), "secret");
    let connects = own.service.world().hub.metrics.connects;
    assert_eq!(own.get(&url).text(), "secret");
    assert_eq!(own.service.world().hub.metrics.connects, connects, "it is used again");
    assert_eq!(own.client(|client, _| client.idle()), 1);
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let (server, other) = (serve(), serve());
    let mut own = trusting(&other.roots);
    let url = format!("https://localhost:{}/", server.port);
    assert_eq!(reason(&own.get(&url).error()), "self-signed");
    // Nor is it good for another name.
    let mut own = trusting(&server.roots);
    let url = format!("https://127.0.0.1:{}/", server.port);
    assert_eq!(reason(&own.get(&url).error()), "wrong name");
}

#[test]
fn cli_02_no_way_from_https_to_http() {
    let server = serve();
    let mut own = trusting(&server.roots);
    let got = own.get(&format!("https://localhost:{}/down", server.port));
    assert_eq!(got.error(), Error::Redirect(RedirectFault::Downgrade));
}

#[test]
fn a_server_that_hangs_up_or_speaks_something_else() {
    let server = serve();
    for (says, why) in [(&b""[..], Closed::Truncated), (b"HTTP/1.1 400 Bad\r\n\r\n", Closed::Protocol)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            // The whole first message: closing in front of it would be a reset.
            let _ = stream.read(&mut [0; 4096]).unwrap();
            std::io::Write::write_all(&mut stream, says).unwrap();
        });
        let got = trusting(&server.roots).get(&format!("https://127.0.0.1:{port}/"));
        assert!(matches!(got.error(), Error::Tls { why: w, .. } if w == why), "{:?}", got.error());
        thread.join().unwrap();
    }
}
