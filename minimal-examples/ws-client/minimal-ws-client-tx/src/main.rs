//! Threads of the program talk to one server over one WebSocket: what waits is in a ring of bounded size.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context, Env, Mail, PostError, Remote, Stop};
use std::collections::VecDeque;
use std::error::Error;
use std::thread;
use std::time::Duration;

/// Lines that the ring holds. When the server is slower than the threads for too long, the oldest are lost.
const RING: usize = 64;

struct Talk {
    ring: VecDeque<String>,
    sent: u64,
    lost: u64,
    /// How many came back: some servers send what they hear to all, the sender among them.
    back: u64,
    /// Threads that have more to say.
    threads: usize,
    how: Option<Closed>,
    stop: Stop,
}

impl Talk {
    fn is_over(&self) -> bool {
        self.threads == 0 && self.ring.is_empty()
    }
}

impl Protocol for Talk {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        ws.want_write();
    }

    fn message(&mut self, _session: &mut (), _ws: &mut Ws, _message: Message) {
        self.back += 1;
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws) {
        while let Some(line) = self.ring.front() {
            if !ws.send_text(line) {
                return ws.want_write();
            }
            self.sent += 1;
            self.ring.pop_front();
        }
        if self.is_over() {
            ws.close(CloseCode::NORMAL, "");
        }
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.how = Some(why);
        self.stop.stop();
    }
}

/// Runs on the loop's thread, so there is nothing to lock. `None` is the last word of a thread.
impl Mail<Option<String>> for Talk {
    fn mail(&mut self, env: &mut Env, line: Option<String>) {
        match line {
            Some(line) => {
                if self.ring.len() == RING {
                    self.ring.pop_front();
                    self.lost += 1;
                }
                self.ring.push_back(line);
            }
            None => self.threads -= 1,
        }
        env.want_write_all();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let threads: usize = flag("--threads").unwrap_or_else(|| "2".into()).parse()?;
    let count: u64 = flag("--count").unwrap_or_else(|| "50".into()).parse()?;
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/"))?;

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let stop = service.stopper();
    let talk =
        Talk { ring: VecDeque::new(), sent: 0, lost: 0, back: 0, threads, how: None, stop: stop.clone() };
    let talk = service.world().add(talk);
    let line_in: Remote<Talk> = service.remote().ok_or("it has just been added")?;
    let (client, hub) = Client::reach(client, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.open(hub, Request::get(url), WsClient::new(talk, random), move |_hub, result| match result {
        Ok(_) => {
            for number in 0..threads {
                let line_in = line_in.clone();
                thread::spawn(move || work(number, count, &line_in));
            }
        }
        Err(error) => {
            eprintln!("not connected: {error}");
            stop.stop();
        }
    });
    service.run()?;
    let Talk { sent, lost, back, how, .. } = service.world().slots.state(talk);
    println!("{sent} sent, {lost} lost, {back} came back");
    match how {
        Some(Closed::Done) => Ok(()),
        Some(why) => Err(why.to_string().into()),
        None => Err("there was no connection".into()),
    }
}

/// What a thread of the program does: something of its own, and now and then it says something.
fn work(number: usize, count: u64, line_in: &Remote<Talk>) {
    let lines = (0..count).map(|i| Some(format!("thread {number}: {i}")));
    for line in lines.chain([None]) {
        // A full mailbox means that the loop does not keep up: this thread can wait.
        while let Err(error) = line_in.post(line.clone()) {
            match error {
                PostError::Full => thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The client; with `--ssl` it speaks TLS. Whom to trust is the system's business, or that of a file (`--ca`).
fn connecting() -> Result<Client, Box<dyn Error>> {
    if !has("--ssl") {
        return Ok(Client::new());
    }
    let file = flag("--ca");
    let mut settings = file.as_deref().map_or_else(ClientSettings::platform, ClientSettings::roots_file);
    if has("-k") {
        // Each leniency is one of its own, and is logged.
        settings = settings.allow_self_signed().allow_expired().allow_wrong_name();
    }
    Ok(Client::new().tls(lws_backend_rustls::provider().client(&settings.alpn(["http/1.1"]))?))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

/// Whether `name` is on the command line.
fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}
