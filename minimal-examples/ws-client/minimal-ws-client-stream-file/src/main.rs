//! Sends a file as one message, by fragments: neither end has ever more than a piece of it in memory.

use lws::client::{Client, Request, Url, random};
use lws::ws::{CloseCode, Fragment, Kind, Message, Protocol, Ws, WsClient, ws};
use lws::{Closed, Context, Stop, Vhost, h1};
use std::error::Error;
use std::fs::File;
use std::io::{self, Read};

/// Bytes of the file that are in memory at once.
const BUFFER: usize = 64 * 1024;

/// FNV-1a: enough to see that what arrived is what was sent. It is no protection against those who want it to seem so.
#[derive(Clone, Copy, PartialEq)]
struct Sum(u64);

impl Sum {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, data: &[u8]) {
        for &byte in data {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn tell(self, bytes: u64) -> String {
        format!("{bytes} bytes, checksum {:016x}", self.0)
    }
}

/// The sending end.
struct Sender {
    source: Box<dyn Read>,
    buffer: Box<[u8]>,
    /// `buffer[from..to]` is to be sent.
    from: usize,
    to: usize,
    is_sent: bool,
    bytes: u64,
    sum: Sum,
    outcome: Result<(), String>,
    stop: Stop,
}

impl Protocol for Sender {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        ws.want_write();
    }

    /// What the other end has received.
    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        let sent = self.sum.tell(self.bytes);
        let received = message.text().unwrap_or_default();
        println!("sent {sent}");
        println!("there {received}");
        self.outcome = if sent == received { Ok(()) } else { Err("that is not the same".into()) };
        ws.close(CloseCode::NORMAL, "");
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws) {
        while !self.is_sent {
            if self.from == self.to {
                match self.source.read(&mut self.buffer) {
                    Ok(n) => (self.from, self.to) = (0, n),
                    Err(error) => {
                        self.outcome = Err(error.to_string());
                        return ws.close(CloseCode::INTERNAL_ERROR, "");
                    }
                }
                self.bytes += self.to as u64;
                self.sum.add(&self.buffer[..self.to]);
            }
            // At the end of the file there is nothing left to send but that it was the end.
            let part = (self.to - self.from).min(ws.room());
            let is_last = self.to == 0;
            let data = &self.buffer[self.from..self.from + part];
            if (part == 0 && !is_last) || !ws.send_fragment(Kind::Binary, is_last, data) {
                return ws.want_write();
            }
            self.from += part;
            self.is_sent = is_last;
        }
    }

    fn closed(&mut self, _session: (), why: Closed) {
        if why != Closed::Done && self.outcome.is_ok() {
            self.outcome = Err(why.to_string());
        }
        self.stop.stop();
    }
}

/// The receiving end: it counts and forgets.
struct Receiver;

impl Protocol for Receiver {
    /// What has arrived of the message that is under way.
    type Session = (u64, Sum);
    const STREAMING: bool = true;

    fn open(&mut self, _ws: &mut Ws) -> (u64, Sum) {
        (0, Sum::new())
    }

    fn message(&mut self, _session: &mut (u64, Sum), _ws: &mut Ws, _message: Message) {}

    fn fragment(&mut self, (bytes, sum): &mut (u64, Sum), ws: &mut Ws, part: Fragment) -> usize {
        *bytes += part.data.len() as u64;
        sum.add(part.data);
        if part.last {
            let told = sum.tell(*bytes);
            println!("received {told}; {}", memory());
            ws.send_text(&told);
            (*bytes, *sum) = (0, Sum::new());
        }
        part.data.len()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    if std::env::args().any(|arg| arg == "--receive") { receive(&port) } else { send(&port) }
}

fn receive(port: &str) -> Result<(), Box<dyn Error>> {
    // A bound of the message's size is for those who keep it.
    let vhost = Vhost::new("localhost").upgrade("/", ws(|| Receiver).max_message(u64::MAX));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("ws://{address}/");
    }
    Ok(service.run()?)
}

fn send(port: &str) -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let url = Url::parse(&format!("ws://{server}:{port}/"))?;
    let source: Box<dyn Read> = match flag("--file") {
        Some(name) => Box::new(File::open(name)?),
        None => {
            let mib: u64 = flag("--mib").unwrap_or_else(|| "1024".into()).parse()?;
            Box::new(io::repeat(b'x').take(mib << 20))
        }
    };
    let mut service = Context::new().build()?;
    let client = Client::new().install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let stop = service.stopper();
    let sender = service.world().add(Sender {
        source,
        buffer: vec![0; BUFFER].into(),
        from: 0,
        to: 0,
        is_sent: false,
        bytes: 0,
        sum: Sum::new(),
        outcome: Err("the connection ended before there was an answer".into()),
        stop: stop.clone(),
    });
    let (client, hub) = Client::reach(client, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.open(hub, Request::get(url), WsClient::new(sender, random), move |_hub, result| {
        if let Err(error) = result {
            eprintln!("not connected: {error}");
            stop.stop();
        }
    });
    service.run()?;
    println!("{}", memory());
    Ok(service.world().slots.state(sender).outcome.clone()?)
}

/// The most memory this process has ever had, where that can be looked up.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    format!("memory at most: {}", most.map_or("unknown", str::trim))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
