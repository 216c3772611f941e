//! Servers: ours, the floor and other people's, each serving the same on one port of loopback.

use crate::cpu::{SERVER_CORE, pin};
use std::error::Error;
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

/// What is served, the same by all: `/` is 13 bytes, the files are in `root`.
pub struct Site<'a> {
    pub root: &'a Path,
    pub scratch: &'a Path,
    pub tls: bool,
}

const PATIENCE: Duration = Duration::from_secs(10);

impl Peer {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts a contender by its name.
    ///
    /// # Errors
    /// It is not installed, or does not listen.
    pub fn start(name: &str, site: &Site<'_>) -> Result<Self, Box<dyn Error>> {
        match name {
            "lws" => Self::own("server", site),
            "floor" => Self::own("floor", site),
            "nginx" => Self::configured(site, "nginx", "nginx-light", nginx),
            "h2o" => Self::configured(site, "h2o", "h2o", h2o),
            "lighttpd" => Self::configured(site, "lighttpd", "lighttpd", lighttpd),
            "nghttpd" => Self::configured(site, "nghttpd", "nghttp2-server", nghttpd),
            other => Err(format!("no contender `{other}`").into()),
        }
    }

    /// One of the programs beside this one: it says where it listens.
    fn own(program: &str, site: &Site<'_>) -> Result<Self, Box<dyn Error>> {
        let path = std::env::current_exe()?.with_file_name(program);
        let mut command = Command::new(path);
        command.arg("--root").arg(site.root).args(site.tls.then_some("--tls"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        pin(child.id(), SERVER_CORE);
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
        let child = command.spawn().map_err(|e| format!("{program}: {e}; apt-get install {package}"))?;
        pin(child.id(), SERVER_CORE);
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

fn written(site: &Site<'_>, name: &str, text: &str) -> std::io::Result<std::path::PathBuf> {
    let path = site.scratch.join(name);
    fs::write(&path, text)?;
    Ok(path)
}

fn nginx(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let (root, scratch) = (site.root.display(), site.scratch.display());
    let (ssl, pair) = match site.tls {
        true => {
            (" ssl http2", format!("ssl_certificate {root}/cert.pem; ssl_certificate_key {root}/key.pem;"))
        }
        false if site.root.join("http2").exists() => (" http2", String::new()),
        false => ("", String::new()),
    };
    let text = format!(
        "daemon off; master_process off; worker_processes 1; pid {scratch}/nginx.pid; error_log /dev/null;\n\
         events {{ worker_connections 8192; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 600;\n\
         open_file_cache max=1000; client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p;\n\
         fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;\n\
         server {{ listen 127.0.0.1:{port}{ssl}; {pair} root {root};\n\
         location = / {{ default_type text/plain; return 200 'Hello, World!'; }} }} }}\n"
    );
    let mut command = Command::new("nginx");
    command.arg("-p").arg(site.scratch).arg("-c").arg(written(site, "nginx.conf", &text)?);
    Ok(command)
}

fn h2o(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let root = site.root.display();
    let ssl = match site.tls {
        true => format!("  ssl:\n    certificate-file: {root}/cert.pem\n    key-file: {root}/key.pem\n"),
        false => String::new(),
    };
    let text = format!(
        "num-threads: 1\nerror-log: /dev/null\nhttp1-request-timeout: 600\nhttp2-idle-timeout: 600\n\
         listen:\n  host: 127.0.0.1\n  port: {port}\n{ssl}\
         hosts:\n  default:\n    paths:\n      \"/\":\n        file.dir: {root}\n        file.index: ['hello.txt']\n"
    );
    let mut command = Command::new("h2o");
    command.arg("-c").arg(written(site, "h2o.conf", &text)?);
    Ok(command)
}

fn lighttpd(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let root = site.root.display();
    let text = format!(
        "server.document-root = \"{root}\"\nserver.port = {port}\nserver.bind = \"127.0.0.1\"\n\
         index-file.names = ( \"hello.txt\" )\nserver.max-keep-alive-requests = 100000000\n\
         server.max-keep-alive-idle = 600\nserver.max-connections = 8192\n\
         mimetype.assign = ( \".txt\" => \"text/plain\" )\n"
    );
    let mut command = Command::new("lighttpd");
    command.arg("-D").arg("-f").arg(written(site, "lighttpd.conf", &text)?);
    Ok(command)
}

fn nghttpd(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let mut command = Command::new("nghttpd");
    command.args(["-a", "127.0.0.1", "-n1", "-d"]).arg(site.root);
    if !site.tls {
        command.arg("--no-tls");
    }
    command.arg(port.to_string());
    if site.tls {
        command.arg(site.root.join("key.pem")).arg(site.root.join("cert.pem"));
    }
    Ok(command)
}
