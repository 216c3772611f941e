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
    socket: Kind,
    pub(crate) address: Address,
    pub(crate) acceptor: Box<dyn Acceptor>,
    /// Accepting failed for want of descriptors or memory; a deadline ends this.
    pub(crate) paused: bool,
}

enum Kind {
    Tcp(TcpListener),
    /// The path is held for what its `Drop` does.
    Unix(UnixListener, #[expect(dead_code, reason = "held for its Drop")] UnixPath),
}

/// Connections that the kernel may queue before we accept them.
const BACKLOG: i32 = 4096;

impl Listener {
    pub(crate) fn bind(address: &Address, acceptor: Box<dyn Acceptor>) -> Result<Self, Error> {
        let failed = |source| Error::Listen { address: address.clone(), source };
        let (socket, address) = match address {
            Address::Inet(addr) => {
                let listener = bind_tcp(*addr).map_err(failed)?;
                let actual = listener.local_addr().map_err(failed)?;
                (Kind::Tcp(listener), Address::Inet(actual))
            }
            Address::Unix(path) => {
                let (listener, guard) = bind_unix(path).map_err(failed)?;
                (Kind::Unix(listener, guard), address.clone())
            }
        };
        Ok(Self { socket, address, acceptor, paused: false })
    }

    fn source(&mut self) -> &mut dyn Source {
        match &mut self.socket {
            Kind::Tcp(l) => l,
            Kind::Unix(l, _) => l,
        }
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.source(), token, Interest::READABLE)
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) {
        // Closing it does the same.
        let _ = registry.deregister(self.source());
    }

    /// The next connection that waits.
    pub(crate) fn accept(&self) -> io::Result<(Socket, Peer)> {
        match &self.socket {
            Kind::Tcp(l) => l.accept().map(|(stream, peer)| (Socket::Tcp(stream), Peer::Inet(peer))),
            Kind::Unix(l, _) => l.accept().map(|(stream, _)| (Socket::Unix(stream), Peer::Unix)),
        }
    }
}

fn bind_tcp(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted server may listen while connections of its predecessor are still dying.
    socket.set_reuse_address(true)?;
    // Answers are small and complete: waiting to fill a segment only delays them. Accepted sockets inherit this.
    socket.set_tcp_nodelay(true)?;
    if addr.is_ipv6() {
        // [::] means IPv6 alone: listen on 0.0.0.0 too if you want both.
        socket.set_only_v6(true)?;
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
