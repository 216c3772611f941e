//! Listening sockets.

use crate::socket::Socket;
use crate::{Address, Error};
use lws_role::{Acceptor, Peer};
use mio::event::Source;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Type};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A listening socket and what it speaks.
pub(crate) struct Listener {
    bound: Bound,
    pub(crate) acceptor: Box<dyn Acceptor>,
    /// Accepting failed for want of descriptors or memory; a deadline ends this.
    pub(crate) paused: bool,
}

/// An address that is listened on, before there is a loop.
pub(crate) struct Bound {
    socket: Kind,
    pub(crate) address: Address,
}

enum Kind {
    Tcp(TcpListener),
    /// The path is held for what its `Drop` does.
    Unix(UnixListener, #[expect(dead_code, reason = "held for its Drop")] UnixPath),
    /// Another loop accepts, and sends on what is for this one.
    Fed,
}

/// Who else listens on the same address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    Alone,
    /// Other sockets of this process: the kernel deals connections out among them.
    Others,
}

/// Connections that the kernel may queue before we accept them.
const BACKLOG: i32 = 4096;

impl Bound {
    pub(crate) fn new(address: &Address, company: Company) -> Result<Self, Error> {
        let failed = |source| Error::Listen { address: address.clone(), source };
        let (socket, address) = match address {
            Address::Inet(addr) => {
                let listener = bind_tcp(*addr, company).map_err(failed)?;
                let actual = listener.local_addr().map_err(failed)?;
                (Kind::Tcp(listener), Address::Inet(actual))
            }
            Address::Unix(path) => {
                let (listener, guard) = bind_unix(path).map_err(failed)?;
                (Kind::Unix(listener, guard), address.clone())
            }
        };
        Ok(Self { socket, address })
    }

    /// For a loop to which another one sends what it accepted there.
    pub(crate) fn fed(address: &Address) -> Self {
        Self { socket: Kind::Fed, address: address.clone() }
    }

    pub(crate) fn serve(self, acceptor: Box<dyn Acceptor>) -> Listener {
        Listener { bound: self, acceptor, paused: false }
    }
}

impl Listener {
    pub(crate) fn address(&self) -> &Address {
        &self.bound.address
    }

    fn source(&mut self) -> Option<&mut dyn Source> {
        match &mut self.bound.socket {
            Kind::Tcp(l) => Some(l),
            Kind::Unix(l, _) => Some(l),
            Kind::Fed => None,
        }
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.source().map_or(Ok(()), |source| registry.register(source, token, Interest::READABLE))
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) {
        if let Some(source) = self.source() {
            // Closing it does the same.
            let _ = registry.deregister(source);
        }
    }

    /// The next connection that waits.
    pub(crate) fn accept(&self) -> io::Result<(Socket, Peer)> {
        match &self.bound.socket {
            Kind::Tcp(l) => l.accept().map(|(stream, peer)| (Socket::Tcp(stream), Peer::Inet(peer))),
            Kind::Unix(l, _) => l.accept().map(|(stream, _)| (Socket::Unix(stream), Peer::Unix)),
            Kind::Fed => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

fn bind_tcp(addr: SocketAddr, company: Company) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted server may listen while connections of its predecessor are still dying.
    socket.set_reuse_address(true)?;
    // Answers are small and complete: waiting to fill a segment only delays them. Accepted sockets inherit this.
    socket.set_tcp_nodelay(true)?;
    if addr.is_ipv6() {
        // [::] means IPv6 alone: listen on 0.0.0.0 too if you want both.
        socket.set_only_v6(true)?;
    }
    if company == Company::Others {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(TcpListener::from_std(socket.into()))
}

/// Binds `path`; a socket file that nobody listens on any more is replaced, anything else is left alone (PX-12).
fn bind_unix(path: &Path) -> io::Result<(UnixListener, UnixPath)> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if !meta.file_type().is_socket() => {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file of that name already"));
        }
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        Ok(_) => std::fs::remove_file(path)?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    let inode = std::fs::symlink_metadata(path)?.ino();
    Ok((listener, UnixPath { path: path.into(), inode }))
}

/// Removes the socket file in the end, if it is still ours.
struct UnixPath {
    path: PathBuf,
    inode: u64,
}

impl Drop for UnixPath {
    fn drop(&mut self) {
        if std::fs::symlink_metadata(&self.path).is_ok_and(|m| m.ino() == self.inode) {
            // If it cannot be removed, the next start finds that nobody listens on it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
