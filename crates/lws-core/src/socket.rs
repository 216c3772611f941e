//! A connected stream socket of either kind.

use lws_role::{Sends, Target};
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::net::Shutdown;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

pub(crate) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(s) => s,
            Self::Unix(s) => s,
        }
    }

    /// Begins to open a connection. `Ok` says nothing yet: see [`Socket::connected`].
    pub(crate) fn connect(target: &Target) -> io::Result<Self> {
        match target {
            Target::Inet(addr) => {
                let stream = TcpStream::connect(*addr)?;
                // Requests are small and complete: waiting to fill a segment only delays them.
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
            Target::Unix(path) => UnixStream::connect(OsStr::from_bytes(path)).map(Self::Unix),
        }
    }

    /// Whether a connection that was begun is there now; false: it may come.
    ///
    /// # Errors
    /// Why it will never be.
    pub(crate) fn connected(&self) -> io::Result<bool> {
        let (error, peer) = match self {
            Self::Tcp(s) => (s.take_error()?, s.peer_addr().map(drop)),
            Self::Unix(s) => (s.take_error()?, s.peer_addr().map(drop)),
        };
        match (error, peer) {
            (Some(e), _) => Err(e),
            (None, Ok(())) => Ok(true),
            (None, Err(e)) if e.kind() == io::ErrorKind::NotConnected => Ok(false),
            (None, Err(e)) => Err(e),
        }
    }

    /// Watches both directions, edge-triggered, once: nothing is registered again in the steady state.
    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.source(), token, Interest::READABLE | Interest::WRITABLE)
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) {
        // A socket that cannot be deregistered is about to be closed, which does it too.
        let _ = registry.deregister(self.source());
    }

    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        retry(|| match self {
            Self::Tcp(s) => s.read(buf),
            Self::Unix(s) => s.read(buf),
        })
    }

    /// Writes; `more` says that more follows at once, so that this need not become a packet of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn write(&mut self, buf: &[u8], more: bool) -> io::Result<usize> {
        // MSG_NOSIGNAL and MSG_MORE of send(2).
        let flags = if more { 0x4000 | 0x8000 } else { 0x4000 };
        let socket = self.socket();
        retry(|| socket.send_with_flags(buf, flags))
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn write(&mut self, buf: &[u8], _more: bool) -> io::Result<usize> {
        use std::io::Write;
        retry(|| match self {
            Self::Tcp(s) => s.write(buf),
            Self::Unix(s) => s.write(buf),
        })
    }

    #[cfg(target_os = "linux")]
    fn socket(&self) -> socket2::SockRef<'_> {
        match self {
            Self::Tcp(s) => s.into(),
            Self::Unix(s) => s.into(),
        }
    }

    /// What it sends from where it lies; files by [`Socket::write_file`].
    pub(crate) const SENDS: Sends = Sends { files: cfg!(target_os = "linux"), bytes: true };

    /// Writes a part of a file that no byte of is looked at; 0 at the end of the file.
    #[cfg(target_os = "linux")]
    pub(crate) fn write_file(&mut self, file: &std::fs::File, at: u64, most: usize) -> io::Result<usize> {
        let at = usize::try_from(at).map_err(|_| io::ErrorKind::InvalidInput)?;
        let (socket, most) = (self.socket(), std::num::NonZeroUsize::new(most));
        retry(|| socket.sendfile(file, at, most))
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn write_file(&mut self, _file: &std::fs::File, _at: u64, _most: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Tells the peer that no more will come.
    pub(crate) fn shutdown_write(&mut self) {
        // Fails only if the peer has gone already.
        let _ = match self {
            Self::Tcp(s) => s.shutdown(Shutdown::Write),
            Self::Unix(s) => s.shutdown(Shutdown::Write),
        };
    }

    /// Makes the coming close a reset, which the peer cannot take for a regular end.
    pub(crate) fn reset_on_close(&mut self) {
        if let Self::Tcp(s) = self {
            let _ = socket2::SockRef::from(&*s).set_linger(Some(Duration::ZERO));
        }
    }
}

fn retry<T>(mut f: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match f() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
