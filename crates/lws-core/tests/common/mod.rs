//! A service on a thread of its own, and small roles to serve.

// Each test binary uses a part of this.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use lws_core::{Address, Context, Error, Service, Stop};
use lws_role::{Acceptor, Blueprint, Facts, InstallError, Metrics, Role, World};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A service that runs until this is dropped.
pub(crate) struct Server {
    pub(crate) addresses: Vec<Address>,
    pub(crate) stop: Stop,
    thread: Option<JoinHandle<Metrics>>,
}

impl Server {
    pub(crate) fn run(context: Context) -> Self {
        Self::with(context, |_| ()).0
    }

    /// Runs it, and takes something out of the service before.
    pub(crate) fn with<T: Send + 'static>(
        context: Context,
        take: impl FnOnce(&Service) -> T + Send + 'static,
    ) -> (Self, T) {
        let (tx, rx) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut service = context.build().expect("the service can be built");
            let addresses = service.addresses().cloned().collect();
            tx.send((addresses, service.stopper(), take(&service))).expect("somebody waits");
            service.run().expect("the loop runs");
            service.world().hub.metrics.clone()
        });
        let (addresses, stop, taken) = rx.recv_timeout(PATIENCE).expect("the service starts");
        (Self { addresses, stop, thread: Some(thread) }, taken)
    }

    /// Waits until it has ended by itself.
    pub(crate) fn join(mut self) -> Metrics {
        self.thread.take().expect("not joined yet").join().expect("the service does not panic")
    }

    /// Ends it at once.
    pub(crate) fn end(self) -> Metrics {
        self.stop.stop();
        self.stop.stop();
        self.join()
    }

    pub(crate) fn inet(&self) -> SocketAddr {
        inet(&self.addresses[0])
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.inet())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            self.stop.stop();
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the service panicked");
        }
    }
}

pub(crate) fn inet(address: &Address) -> SocketAddr {
    match address {
        Address::Inet(address) => *address,
        other => panic!("{other} is no internet address"),
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
    patient(stream)
}

pub(crate) fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Asks, and reads the answer to the end of the connection.
pub(crate) fn ask(mut stream: impl Read + Write, path: &str) -> String {
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Reads until `n` bytes are there.
pub(crate) fn read_exactly(stream: &mut impl Read, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    stream.read_exact(&mut bytes).expect("so many bytes");
    bytes
}

/// Serves what `make` makes.
pub(crate) struct Roles<F>(pub(crate) F);

impl<R: Role + 'static, F: Fn() -> R + Clone + Send + Sync + 'static> Blueprint for Roles<F> {
    fn install(&self, _world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(Roles(self.0.clone())))
    }
}

impl<R: Role + 'static, F: Fn() -> R> Acceptor for Roles<F> {
    fn alpn(&self) -> &'static [u8] {
        b"test"
    }
    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new((self.0)())
    }
}

/// The words in which building this fails.
pub(crate) fn refusal(context: &Context) -> String {
    match context.build() {
        Ok(_) => panic!("it should not work"),
        Err(e @ Error::Listen { .. }) => e.to_string(),
        Err(e) => panic!("{e}"),
    }
}
