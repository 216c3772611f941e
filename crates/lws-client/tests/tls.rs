//! Over TLS.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, PATIENCE};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Client, Error, RedirectFault};
use lws_core::{Context, Stop};
use lws_http::{Vhost, redirect, respond};
use lws_role::Closed;
use lws_role_h1::h1;
use lws_role_tls::tls;
use lws_tls::{Certificates, ClientSettings, Provider as _, ServerSettings, Source};
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
    let signed = self_signed(["localhost"]).unwrap();
    let roots = signed.root();
    let settings = ServerSettings::new(signed.certificates());
    let acceptor = provider().server(settings).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let site = Vhost::new("localhost")
            .mount("/", respond(|_, reply| reply.text("secret")))
            .mount("/down", redirect("http://localhost:1/"));
        let mut service = Context::new().listen("127.0.0.1:0", tls(acceptor).over(h1(site))).build().unwrap();
        let address = service.addresses().next().unwrap().to_string();
        tell.send((address, service.stopper())).unwrap();
        service.run().unwrap();
    });
    let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
    Server { port: address.rsplit(':').next().unwrap().parse().unwrap(), roots, stop }
}
