//! Proxies that let one through, and what is behind them.

use super::{PATIENCE, read_head, scripted};
use lws_backend_rustls::{provider, self_signed};
use lws_client::{Client, Proxies, Proxy};
use lws_core::{Context, Stop};
use lws_http::{Vhost, respond};
use lws_role_h1::h1;
use lws_role_tls::tls;
use lws_tls::{ClientSettings, Provider as _, ServerSettings, Session, Source};
use lws_wire::Out;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) fn through(proxy: &str) -> Client {
    Client::new().proxies(Proxies::none().all(Proxy::parse(proxy).unwrap()))
}

/// What the client said to a proxy.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

/// Both directions, until one ends.
pub(crate) fn splice(client: TcpStream, server: TcpStream) {
    let (mut a, mut b) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut a, &mut b);
        let _ = b.shutdown(std::net::Shutdown::Write);
    });
    let (mut a, mut b) = (client, server);
    let _ = std::io::copy(&mut b, &mut a);
    let _ = a.shutdown(std::net::Shutdown::Write);
}

/// A proxy that lets everybody through to `to`, whatever he asks for.
pub(crate) fn tunnel(to: SocketAddr) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = log.clone();
    let addr = scripted(move |_, mut stream| {
        let heard = heard.clone();
        std::thread::spawn(move || {
            heard.lock().unwrap().push(read_head(&mut stream));
            stream.write_all(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n").unwrap();
            splice(stream, TcpStream::connect(to).unwrap());
        });
    });
    (addr, log)
}

/// A server with TLS, for this name.
pub(crate) struct Secure {
    pub(crate) addr: SocketAddr,
    pub(crate) roots: Source,
    stop: Stop,
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.stop.stop();
        self.stop.stop();
    }
}

impl Secure {
    pub(crate) fn new(name: &str) -> Self {
        let own = self_signed(&[name]).unwrap();
        let roots = Source::Memory(own.certificate);
        let acceptor = provider().server(ServerSettings::new(own.certificates)).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let site = Vhost::new("localhost").mount("/", respond(|_, reply| reply.text("secret")));
            let stack = tls(acceptor).over(h1(site));
            let mut service = Context::new().listen("127.0.0.1:0", stack).build().unwrap();
            tell.send((service.addresses().next().unwrap().to_string(), service.stopper())).unwrap();
            service.run().unwrap();
        });
        let (address, stop) = told.recv_timeout(PATIENCE).unwrap();
        Self { addr: address.parse().unwrap(), roots, stop }
    }

    pub(crate) fn trusted(&self, client: Client) -> Client {
        let settings = ClientSettings::new([self.roots.clone()]).alpn(["http/1.1"]);
        client.tls(provider().client(&settings).unwrap())
    }
}

/// TLS in front of a proxy at `to`, with a certificate for `name`; where, and who vouches for it.
pub(crate) fn front(name: &str, to: SocketAddr) -> (SocketAddr, Source) {
    let own = self_signed(&[name]).unwrap();
    let roots = Source::Memory(own.certificate);
    let acceptor = provider().server(ServerSettings::new(own.certificates)).unwrap();
    let addr = scripted(move |_, stream| {
        let session = acceptor.accept().unwrap();
        std::thread::spawn(move || pump(session, stream, TcpStream::connect(to).unwrap()));
    });
    (addr, roots)
}

/// Opens and seals until either end is gone.
fn pump(mut session: Box<dyn Session>, mut outer: TcpStream, mut inner: TcpStream) {
    for stream in [&outer, &inner] {
        stream.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
    }
    let waits = |e: &std::io::Error| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    let (mut sealed, mut block, mut room) = (Vec::new(), vec![0; 16 << 10], vec![0; 64 << 10]);
    loop {
        match outer.read(&mut block) {
            Ok(0) => return,
            Ok(n) => sealed.extend_from_slice(&block[..n]),
            Err(e) if waits(&e) => {}
            Err(_) => return,
        }
        loop {
            let mut out = Out::new(&mut room);
            let result = session.receive(&mut sealed, &mut out);
            let said = out.len();
            if outer.write_all(&room[..said]).is_err() {
                return;
            }
            let Ok(received) = result else { return };
            if inner.write_all(&sealed[received.plain]).is_err() {
                return;
            }
            sealed.drain(..received.consumed);
            if received.consumed == 0 {
                break;
            }
        }
        let n = match inner.read(&mut block) {
            Ok(n) => n,
            Err(e) if waits(&e) => continue,
            Err(_) => return,
        };
        let mut out = Out::new(&mut room);
        if n == 0 {
            session.close_notify(&mut out);
        } else {
            assert_eq!(session.send(&block[..n], &mut out).unwrap(), n);
        }
        let said = out.len();
        if outer.write_all(&room[..said]).is_err() || n == 0 {
            return;
        }
    }
}
