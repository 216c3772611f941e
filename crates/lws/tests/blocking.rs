//! The blocking clients against servers of ours and one that misbehaves.

#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws::blocking::{Agent, Error, WebSocket, get};
use lws::http::{Handler, Reply, Request, Status, handler, respond};
use lws::ws::{CloseCode, Kind, Message, Protocol, Ws, ws};
use lws::{Context, Threads, Vhost, h1};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

/// Sends the body back.
struct Mirror;

impl Handler for Mirror {
    type Exchange = Vec<u8>;

    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) -> Vec<u8> {
        Vec::new()
    }

    fn body(&mut self, seen: &mut Vec<u8>, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        seen.extend_from_slice(data);
        data.len()
    }

    fn body_end(&mut self, seen: &mut Vec<u8>, _: lws::http::Fields<'_>, reply: &mut Reply<'_>) {
        reply.status(Status::OK).field("x-length", seen.len().to_string()).send(std::mem::take(seen));
    }
}

/// Echoes; "bye" makes it close.
struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        if message.text() == Some("bye") {
            return ws.close(CloseCode::TRY_LATER, "not now");
        }
        ws.send(message.kind, message.data);
    }
}

fn server() -> (Threads, String) {
    let vhost = Vhost::new("*")
        .mount("/", respond(|_, reply| reply.text("hello")))
        .mount("/mirror", handler(|| Mirror))
        .mount("/gone", respond(|_, reply| reply.error(Status::GONE)))
        .upgrade("/echo", ws(|| Echo).subprotocol("lws-echo"));
    let threads = Context::new().listen("127.0.0.1:0", h1(vhost)).start().unwrap();
    let address = threads.addresses().next().unwrap().to_string();
    (threads, address)
}

#[test]
fn get_and_post() {
    let (_server, address) = server();
    let page = get(&format!("http://{address}/")).unwrap();
    assert_eq!((page.status, &*page.text()), (200, "hello"));
    assert_eq!(page.header("Content-Type"), Some("text/plain; charset=utf-8"));
    let mut agent = Agent::new().unwrap();
    let big = vec![b'x'; 3 << 20];
    for _ in 0..2 {
        let back = agent.post(&format!("http://{address}/mirror"), big.clone()).unwrap();
        assert_eq!(back.header("x-length"), Some("3145728"));
        assert!(back.body == big);
    }
    // A status is an answer, not an error.
    assert_eq!(agent.get(&format!("http://{address}/gone")).unwrap().status, 410);
}

#[test]
fn errors_say_what_to_do() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, part) in [
        ("http//x".to_owned(), "URL"),
        (format!("https://{closed}/"), "Agent::with_tls"),
        (format!("http://{closed}/"), "connect"),
    ] {
        let error = get(&url).unwrap_err().to_string();
        assert!(error.contains(part), "{url}: {error}");
    }
}

#[test]
fn a_body_without_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let endless = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let block = vec![b'x'; 1 << 16];
        while stream.write_all(&block).is_ok() {}
    });
    let mut agent = Agent::new().unwrap();
    assert!(matches!(agent.get(&format!("http://{address}/")), Err(Error::TooLarge)));
    drop(agent);
    endless.join().unwrap();
}

#[test]
fn a_socket_from_open_to_close() {
    let (_server, address) = server();
    let request =
        lws::client::Request::get(lws::client::Url::parse(&format!("ws://{address}/echo")).unwrap());
    let mut socket = Agent::new().unwrap().websocket_with(request, &["other", "lws-echo"]).unwrap();
    assert_eq!(socket.subprotocol(), Some("lws-echo"));
    socket.send_text("hello").unwrap();
    assert_eq!(socket.receive().unwrap().text(), Some("hello"));
    assert_eq!(socket.receive_within(Duration::from_millis(20)).unwrap(), None);
    // Longer than any buffer on the way.
    let big: Vec<u8> = (0..900_000_u32).map(|n| n as u8).collect();
    socket.send_binary(&big).unwrap();
    let back = socket.receive().unwrap();
    assert!(back.kind == Kind::Binary && back.data == big);
    socket.send_binary(b"").unwrap();
    assert_eq!(socket.receive().unwrap().data, b"");
    socket.close().unwrap();
}

/// Passes one connection on to `to`, and counts the bytes each way.
#[cfg(feature = "deflate")]
fn counted(to: String) -> (String, std::thread::JoinHandle<(u64, u64)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = std::net::TcpStream::connect(to).unwrap();
        let (mut from, mut into) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let up = std::thread::spawn(move || std::io::copy(&mut from, &mut into).unwrap_or(0));
        let (mut from, mut into) = (server, client);
        let down = std::io::copy(&mut from, &mut into).unwrap_or(0);
        let _ = into.shutdown(std::net::Shutdown::Both);
        (up.join().unwrap(), down)
    });
    (address, thread)
}

#[cfg(feature = "deflate")]
#[test]
fn a_socket_that_compresses() {
    use lws::ws::DeflateOptions;
    let vhost = Vhost::new("*").upgrade("/", ws(|| Echo).deflate(DeflateOptions::default()));
    let threads = Context::new().listen("127.0.0.1:0", h1(vhost)).start().unwrap();
    let mut bytes = Vec::new();
    for compresses in [true, false] {
        let (address, count) = counted(threads.addresses().next().unwrap().to_string());
        let mut agent = Agent::new().unwrap();
        if compresses {
            agent = agent.deflate(DeflateOptions::default());
        }
        let mut socket = agent.websocket(&format!("ws://{address}/")).unwrap();
        let big = "all work and no play ".repeat(40_000);
        for _ in 0..3 {
            socket.send_text(&big).unwrap();
            assert!(socket.receive().unwrap().text() == Some(&big));
        }
        for small in ["", "x", "short"] {
            socket.send_text(small).unwrap();
            socket.send_text(small).unwrap();
            assert_eq!(socket.receive().unwrap().text(), Some(small));
            assert_eq!(socket.receive().unwrap().text(), Some(small));
        }
        socket.close().unwrap();
        bytes.push(count.join().unwrap());
    }
    let [(up, down), (plain_up, plain_down)] = bytes[..] else { panic!("two runs") };
    assert!(up * 50 < plain_up && down * 50 < plain_down, "{bytes:?}");
    assert!(plain_up > 3 * 840_000, "{bytes:?}");
}

#[test]
fn what_the_server_says_when_it_closes_is_told() {
    let (_server, address) = server();
    let mut socket = WebSocket::connect(&format!("ws://{address}/echo")).unwrap();
    socket.send_text("bye").unwrap();
    let error = socket.receive().unwrap_err();
    assert_eq!(error.to_string(), "the WebSocket is closed (1013): not now");
    assert!(matches!(socket.send_text("more"), Err(Error::Closed { code: Some(1013), .. })));
    let refused = WebSocket::connect(&format!("ws://{address}/")).err().unwrap();
    assert!(refused.to_string().contains("200"), "{refused}");
}
