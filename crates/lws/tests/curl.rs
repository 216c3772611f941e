//! The paved path against curl, over http and https: files, ranges, conditions, and a large upload to a handler that
//! takes its time.
#![expect(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws::files::files;
use lws::http::{Fields, Handler, Reply, Request, Status, handler};
use lws::tls::{Provider, ServerSettings, tls};
use lws::{Context, Service, Stop, Vhost, h1};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Bytes of the upload, and how much the handler takes at a time.
const UPLOAD: usize = 100 * 1024 * 1024;
const APPETITE: usize = 512 * 1024;

/// Takes a little of the body, then nothing until a timer wakes it: a slow consumer.
struct Slow;

#[derive(Default)]
struct Eaten {
    bytes: usize,
    allowance: usize,
    sum: u32,
}

impl Handler for Slow {
    type Exchange = Eaten;

    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) -> Eaten {
        reply.set_timer(Duration::from_millis(1));
        Eaten::default()
    }

    fn body(&mut self, eaten: &mut Eaten, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        let n = data.len().min(eaten.allowance);
        eaten.sum =
            data[..n].iter().fold(eaten.sum, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(*b)));
        eaten.allowance -= n;
        eaten.bytes += n;
        n
    }

    fn timer(&mut self, eaten: &mut Eaten, reply: &mut Reply<'_>) {
        eaten.allowance = APPETITE;
        let own = reply.handle();
        reply.hub().wake(own);
        reply.set_timer(Duration::from_millis(1));
    }

    fn body_end(&mut self, eaten: &mut Eaten, _trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.cancel_timer();
        reply.text(format!("{} {:08x}\n", eaten.bytes, eaten.sum));
    }
}

/// A service on a thread of its own.
struct Server {
    url: String,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(root: &Path, secure: bool) -> Self {
        let root = root.to_path_buf();
        let (ready, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut service = build(&root, secure);
            let address = service.addresses().next().unwrap().to_string();
            ready.send((address, service.stopper())).unwrap();
            service.run().unwrap();
        });
        let (address, stop) = started.recv().unwrap();
        let scheme = if secure { "https" } else { "http" };
        Self { url: format!("{scheme}://{address}"), stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn build(root: &Path, secure: bool) -> Service {
    let vhost = Vhost::new("localhost")
        .mount("/", files(root).listing(true))
        .mount("/upload", handler(|| Slow))
        .max_body(UPLOAD as u64);
    let context = Context::new();
    let context = if secure {
        let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"]).unwrap();
        let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(own.certificates)).unwrap();
        context.listen("127.0.0.1:0", tls(acceptor).over(h1(vhost)))
    } else {
        context.listen("127.0.0.1:0", h1(vhost))
    };
    context.build().unwrap()
}

/// What curl printed, head included; `None` if there is no curl here.
fn curl(args: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["-sk", "--max-time", "60"]).args(args).output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no curl on this machine");
        return None;
    };
    assert!(output.status.success(), "curl {args:?}: {}", output.status);
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn site() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("digits.txt"), "0123456789").unwrap();
    root
}

#[test]
fn files_ranges_and_conditions() {
    let root = site();
    for secure in [false, true] {
        let server = Server::start(root.path(), secure);
        let url = format!("{}/digits.txt", server.url);
        let Some(plain) = curl(&["-i", &url]) else { return };
        assert!(plain.starts_with("HTTP/1.1 200 OK\r\n") && plain.ends_with("\r\n\r\n0123456789"), "{plain}");

        let head = curl(&["-I", &url]).unwrap();
        assert!(head.contains("content-length: 10\r\n") && head.ends_with("\r\n\r\n"), "{head}");

        let range = curl(&["-i", "-r", "2-4", &url]).unwrap();
        assert!(range.starts_with("HTTP/1.1 206") && range.ends_with("\r\n\r\n234"), "{range}");
        assert!(range.contains("content-range: bytes 2-4/10\r\n"), "{range}");

        let two = curl(&["-i", "-r", "0-1,8-9", &url]).unwrap();
        assert!(two.contains("multipart/byteranges") && two.contains("\r\n\r\n01\r\n"), "{two}");

        let etag = head.lines().find_map(|l| l.strip_prefix("etag: ")).unwrap().trim();
        let same = curl(&["-i", "-H", &format!("If-None-Match: \"x\", {etag}"), &url]).unwrap();
        assert!(same.starts_with("HTTP/1.1 304"), "{same}");

        let listing = curl(&["-i", &format!("{}/", server.url)]).unwrap();
        assert!(listing.starts_with("HTTP/1.1 200") && listing.contains("digits.txt"), "{listing}");

        let no = curl(&["-i", "--path-as-is", &format!("{}/../etc/passwd", server.url)]).unwrap();
        assert!(no.starts_with("HTTP/1.1 404"), "{no}");
    }
}

#[test]
fn several_requests_share_a_connection() {
    let root = site();
    let server = Server::start(root.path(), false);
    let url = format!("{}/digits.txt", server.url);
    let Some(twice) = curl(&["-w", " %{num_connects}\n", &url, &url]) else { return };
    assert_eq!(twice, "0123456789 1\n0123456789 0\n");
}

#[test]
fn a_large_upload_to_a_slow_handler_needs_little_memory() {
    let root = site();
    let body = root.path().join("upload.bin");
    let content: Vec<u8> = (0..UPLOAD).map(|i| (i / 251) as u8).collect();
    let sum = content.iter().fold(0u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(*b)));
    std::fs::write(&body, &content).unwrap();
    drop(content);
    for secure in [false, true] {
        let server = Server::start(root.path(), secure);
        let before = peak_rss_reset();
        let url = format!("{}/upload", server.url);
        let file = format!("@{}", body.display());
        for encoding in ["Expect:", "Transfer-Encoding: chunked"] {
            let Some(answer) = curl(&["-H", encoding, "--data-binary", &file, &url]) else { return };
            assert_eq!(answer, format!("{UPLOAD} {sum:08x}\n"), "{encoding}");
        }
        let grown = peak_rss().saturating_sub(before);
        assert!(grown < 8 * 1024, "{grown} KiB more for {UPLOAD} bytes of upload");
    }
}

#[test]
fn an_upload_beyond_the_mounts_limit_is_413() {
    let root = site();
    let server = Server::start(root.path(), false);
    let body = root.path().join("upload.bin");
    std::fs::File::create(&body).unwrap().set_len(UPLOAD as u64 + 1).unwrap();
    let file = format!("@{}", body.display());
    let url = format!("{}/upload", server.url);
    let Some(answer) = curl(&["-o", "/dev/null", "-w", "%{http_code}", "--data-binary", &file, &url]) else {
        return;
    };
    assert_eq!(answer, Status::CONTENT_TOO_LARGE.code().to_string());
}

/// Peak resident memory of this process in KiB.
fn peak_rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Makes the kernel forget the peak so far; returns what is resident now, in KiB.
fn peak_rss_reset() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    peak_rss()
}
