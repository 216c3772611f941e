//! Listening: IPv4, IPv6, unix sockets and their files.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Server, ask, connect, inet, refusal};
use lws_core::{Address, Context, Error};
use lws_http::{Vhost, respond};
use lws_role_h1::{H1, h1};
use std::os::unix::net::{UnixListener, UnixStream};

fn site() -> H1 {
    h1(Vhost::new("a")
        .mount("/", respond(|request, reply| reply.text(format!("peer {}", request.facts().peer)))))
}

#[test]
fn ipv4() {
    let server = Server::run(Context::new().listen("127.0.0.1:0", site()));
    assert!(ask(server.connect(), "/").ends_with("\r\n\r\npeer 127.0.0.1"));
    let metrics = server.end();
    assert_eq!((metrics.accepted, metrics.requests), (1, 1));
}

#[test]
fn ipv6() {
    let context = Context::new().listen("[::1]:0", site());
    if let Err(Error::Listen { source, .. }) = context.build() {
        println!("skipped: this machine has no IPv6: {source}");
        return;
    }
    let server = Server::run(context);
    assert!(ask(server.connect(), "/").ends_with("\r\n\r\npeer ::1"));
    server.end();
}

#[test]
fn several_listeners_serve_one_site() {
    let site = site();
    let context = Context::new().listen("127.0.0.1:0", site.clone()).listen("127.0.0.1:0", site);
    let server = Server::run(context);
    let [first, second] = [0, 1].map(|i| inet(&server.addresses[i]));
    assert_ne!(first, second);
    for address in [first, second] {
        assert!(ask(connect(address), "/").starts_with("HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!(server.end().requests, 2);
}

#[test]
fn addresses_that_cannot_be_listened_on() {
    for text in ["localhost:80", "127.0.0.1", "127.0.0.1:99999", "", "::1:80"] {
        let error = Context::new().listen(text, site()).build().map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("is no address"), "{error}");
    }
    let server = Server::run(Context::new().listen("127.0.0.1:0", site()));
    let taken = Context::new().listen(&server.addresses[0].to_string(), site());
    assert_eq!(refusal(&taken), format!("cannot listen on {}: address already in use", server.addresses[0]));
    server.end();
}

#[test]
fn unix_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sock");
    let address = format!("unix:{}", path.display());
    let context = || Context::new().listen(&address, site());
    // A stale file is replaced.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let server = Server::run(context());
    assert_eq!(server.addresses[0], Address::Unix(path.clone()));
    assert!(ask(UnixStream::connect(&path).unwrap(), "/").ends_with("\r\n\r\npeer unix"));
    // One that is in use is left alone.
    assert_eq!(refusal(&context()), format!("cannot listen on {address}: address in use"));
    assert!(ask(UnixStream::connect(&path).unwrap(), "/").starts_with("HTTP/1.1 200"));
    // In the end it is removed.
    server.end();
    assert!(!path.exists());
    // But not if it is somebody else's by then.
    let server = Server::run(context());
    std::fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    server.end();
    assert!(path.exists());
    drop(other);
}

#[test]
fn px_12_a_file_that_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("precious");
    std::fs::write(&path, "data").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [&path, &link] {
        let context = Context::new().listen(&format!("unix:{}", path.display()), site());
        assert!(refusal(&context).contains("there is a file of that name already"));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "data");
    let nowhere = Context::new().listen("unix:/nonexistent/a.sock", site());
    assert!(refusal(&nowhere).contains("no such file or directory"));
}
