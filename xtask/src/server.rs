//! A program under test: started, its output read line by line, its URL found, stopped by a signal.
//!
//! Programs say where they listen: the last URL on the first line of their output that has one. So tests start them
//! with `--port 0` and there are no fixed ports. Dropping a [`Server`] kills the program.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Longest wait for a line, an exit, an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where a program listens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Url {
    /// `https` or `wss`.
    pub(crate) tls: bool,
    /// `host:port`, as for connecting.
    pub(crate) authority: String,
    /// From the first `/` on; `/` where the URL has none.
    pub(crate) path: String,
}

impl Url {
    /// The last URL in a line; `None` where there is none with a port.
    pub(crate) fn last_in(line: &str) -> Option<Url> {
        let at = line.rfind("://")?;
        let scheme = line[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
        let rest = line[at + 3..].split(|c: char| c.is_whitespace() || "\"'<>),;".contains(c)).next()?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let port: u16 = authority.rsplit(':').next()?.parse().ok()?;
        let everywhere = authority.starts_with("0.0.0.0:") || authority.starts_with("[::]:");
        Some(Url {
            tls: matches!(scheme, "https" | "wss"),
            authority: if everywhere { format!("127.0.0.1:{port}") } else { authority.to_owned() },
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        })
    }
}

/// A running program. Everything it writes goes to its log and can be waited for.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    /// What was read so far.
    output: String,
}

impl Server {
    /// Starts `command`; its stdout and stderr go to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Server, String> {
        let file = File::create(log).map_err(|e| format!("cannot write {}: {e}", log.display()))?;
        let other = file.try_clone().map_err(|e| format!("cannot write {}: {e}", log.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().map_err(|e| format!("cannot start {}: {e}", command.get_program().display()))?;
        let (sender, lines) = channel();
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            read_lines(out, file, sender.clone());
            read_lines(err, other, sender);
        }
        Ok(Server { child, lines, output: String::new() })
    }

    /// The program's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the line that says where it listens; only lines that contain `scheme` count.
    pub(crate) fn url(&mut self, scheme: &str) -> Result<Url, String> {
        let found = |line: &str| if line.contains(scheme) { Url::last_in(line) } else { None };
        self.find(&format!("a line with a URL ({scheme})"), |output| output.lines().find_map(found))
    }

    /// Waits until `text` stands in the output, stdout and stderr together.
    pub(crate) fn says(&mut self, text: &str) -> Result<(), String> {
        self.find(&format!("`{text}`"), |output| output.contains(text).then_some(()))
    }

    /// Sends a signal by name: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) -> Result<(), String> {
        // The shell has `kill` built in, so no package is needed for it.
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.pid())).status();
        if sent.is_ok_and(|s| s.success()) { Ok(()) } else { Err(format!("cannot send {name}")) }
    }

    /// Waits for the end of the program; the exit code is `None` where a signal killed it.
    pub(crate) fn exit(&mut self) -> Result<Option<i32>, String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().map_err(|e| e.to_string())? {
                return Ok(status.code());
            }
            std::thread::sleep(Duration::from_millis(5)); // std offers no wait with a limit
        }
        Err(format!("still running after {} s", PATIENCE.as_secs()))
    }

    fn find<T>(&mut self, what: &str, look: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.output) {
                return Ok(found);
            }
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.output += &line,
                Err(_) => {
                    return Err(format!("it never wrote {what}; it wrote:\n{}", self.output.trim_end()));
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where the program has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(from: impl Read + Send + 'static, mut log: File, to: Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let _ = log.write_all(&line); // a full disk shows elsewhere
            let _ = to.send(String::from_utf8_lossy(&line).into_owned()); // nobody waits any more
            line.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_url_of_a_line_is_where_it_listens() {
        let url = |tls, authority: &str, path: &str| {
            Some(Url { tls, authority: authority.into(), path: path.into() })
        };
        for (line, wanted) in [
            ("listening on ws://127.0.0.1:7681", url(false, "127.0.0.1:7681", "/")),
            ("docs: https://a.example/x, here: wss://0.0.0.0:80/echo.", url(true, "127.0.0.1:80", "/echo.")),
            ("(http://[::1]:99/)", url(false, "[::1]:99", "/")),
            ("see https://a.example/", None),
            ("no address", None),
        ] {
            assert_eq!(Url::last_in(line), wanted, "{line}");
        }
    }

    #[test]
    fn a_program_is_followed_from_its_first_line_to_its_exit() {
        let log = std::env::temp_dir().join(format!("lws-server-{}.log", std::process::id()));
        let script =
            "trap 'echo bye; exit 3' TERM; echo at http://127.0.0.1:1/ >&2; while :; do sleep 0.05; done";
        let mut server = Server::start(Command::new("sh").args(["-c", script]), &log).unwrap();
        assert_eq!(server.url("http://").unwrap().authority, "127.0.0.1:1");
        server.signal("TERM").unwrap();
        server.says("bye").unwrap();
        assert_eq!(server.exit(), Ok(Some(3)));
        assert!(server.says("more").unwrap_err().contains("bye"));
        assert!(std::fs::read_to_string(&log).unwrap().contains("bye"));
        std::fs::remove_file(&log).unwrap();
    }
}
