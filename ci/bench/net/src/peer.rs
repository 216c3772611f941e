//! Servers: ours, the floors and other people's, each serving the same on one port of loopback.

mod built;
mod configs;

use crate::cpu::{SERVER_CORE, spawn_on};
use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server; dropping it ends it.
pub struct Peer {
    child: Child,
    /// `127.0.0.1:port`
    pub authority: String,
}

/// What is served, the same by all: `/` is 13 bytes, the files are in `root`, `/echo` is a WebSocket.
pub struct Site<'a> {
    pub root: &'a Path,
    pub scratch: &'a Path,
    pub tls: bool,
    /// For programs that are told more than a folder: ours, the floors, and the small servers in `peers`.
    pub args: Vec<String>,
    /// The core it runs on; `None`: on all.
    pub core: Option<usize>,
}

impl<'a> Site<'a> {
    /// Plain, on the core for servers.
    pub fn new(root: &'a Path, scratch: &'a Path) -> Self {
        Self { root, scratch, tls: false, args: Vec::new(), core: Some(SERVER_CORE) }
    }

    pub fn tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// More words for its command line.
    pub fn with(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }
}

/// A contender that is not installed: the others can run.
#[derive(Debug)]
pub struct Missing(pub String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Missing {}

const PATIENCE: Duration = Duration::from_secs(10);

impl Peer {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts a contender by its name.
    ///
    /// # Errors
    /// [`Missing`], or it does not listen.
    pub fn start(name: &str, site: &Site<'_>) -> Result<Self, Box<dyn Error>> {
        match name {
            "lws" => Self::telling(&mut Command::new(built::beside("server")?), site),
            "lws 1 thread" | "lws 2 threads" => {
                let mut command = Command::new(built::beside("server")?);
                command.args(["--threads", name.split(' ').nth(1).unwrap_or_default()]);
                // On all cores, the load beside it.
                Self::telling(&mut command, &Site { args: site.args.clone(), core: None, ..*site })
            }
            "lws takeover" => Self::telling(Command::new(built::beside("server")?).arg("--takeover"), site),
            "floor" => Self::telling(&mut Command::new(built::beside("floor")?), site),
            "floor sendfile" => {
                let mut command = Command::new(built::beside("floor")?);
                Self::telling(command.args(["--mode", "sendfile"]), site)
            }
            "actix-web" | "axum" | "fastwebsockets" | "hyper" | "may_minihttp" | "ntex"
            | "tokio-tungstenite" | "tokio-websockets" => {
                Self::telling(&mut Command::new(built::by_cargo(name)?), site)
            }
            "libwebsockets" => Self::telling(&mut Command::new(built::by_cc("lws.c")?), site),
            "nginx" => Self::configured(site, "nginx", "nginx-light", configs::nginx),
            "h2o" => Self::configured(site, "h2o", "h2o", configs::h2o),
            "lighttpd" => Self::configured(site, "lighttpd", "lighttpd", configs::lighttpd),
            "haproxy" => Self::configured(site, "haproxy", "haproxy", configs::haproxy),
            "nghttpd" => Self::configured(site, "nghttpd", "nghttp2-server", configs::nghttpd),
            other => Err(format!("no contender `{other}`").into()),
        }
    }

    /// A program that says where it listens.
    fn telling(command: &mut Command, site: &Site<'_>) -> Result<Self, Box<dyn Error>> {
        command.arg("--root").arg(site.root).args(site.tls.then_some("--tls")).args(&site.args);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = spawn_on(site.core, command)?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self { child, authority: line.trim().to_owned() })
    }

    /// A program that is told its port: one that was free a moment ago.
    fn configured(
        site: &Site<'_>,
        program: &str,
        package: &str,
        command: fn(&Site<'_>, u16) -> std::io::Result<Command>,
    ) -> Result<Self, Box<dyn Error>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let authority = format!("127.0.0.1:{port}");
        let mut command = command(site, port)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = spawn_on(site.core, &mut command)
            .map_err(|e| Missing(format!("{program}: {e}; apt-get install {package}")))?;
        let peer = Self { child, authority };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(&peer.authority).is_err() {
            if Instant::now() > end {
                return Err(format!("{program} does not listen on {}", peer.authority).into());
            }
            std::thread::sleep(Duration::from_millis(10)); // it says nothing when it is ready
        }
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // TERM first, so that one with worker processes ends them.
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let end = Instant::now() + Duration::from_secs(2);
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5)); // std offers no wait with a limit
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes `cert.pem` and `key.pem` in a folder: P-256, for 127.0.0.1.
///
/// # Errors
/// There is no `openssl`.
pub fn certify(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    command.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    command.arg("-keyout").arg(folder.join("key.pem")).arg("-out").arg(folder.join("cert.pem"));
    let made = command.stdin(Stdio::null()).output().map_err(|e| format!("openssl: {e}"))?;
    if made.status.success() {
        // A key that others may read is refused by ours.
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        return Ok(fs::set_permissions(folder.join("key.pem"), private)?);
    }
    Err(String::from_utf8_lossy(&made.stderr).into_owned().into())
}
