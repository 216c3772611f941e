//! Walks through the cases of Autobahn's fuzzing server: opens a WebSocket for each, sends back what comes until it is
//! closed, and asks for the report in the end. `URL [CA-FILE]`; the agent is called `lws`.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{DeflateOptions, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context};
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;

/// The longest message of the suite: 16 MiB.
const LONGEST: u64 = 16 << 20;

/// Sends every message back, and remembers the last one.
struct Echo {
    open: Rc<Cell<bool>>,
    last: Rc<RefCell<String>>,
    /// Whether it answers; the suite's own questions are only heard.
    answers: Rc<Cell<bool>>,
}

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        if self.answers.get() {
            ws.send(message.kind, message.data);
        } else {
            *self.last.borrow_mut() = message.text().unwrap_or_default().to_owned();
        }
    }

    fn closed(&mut self, _session: (), _why: Closed) {
        self.open.set(false);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let base = args.first().ok_or("usage: URL [CA-FILE]")?.trim_end_matches('/').to_owned();
    let mut client = Client::new();
    if let Some(file) = args.get(1) {
        let settings = ClientSettings::roots_file(file).alpn(["http/1.1"]);
        client = client.tls(lws_backend_rustls::provider().client(&settings)?);
    }
    let mut service = Context::new().build()?;
    let (open, last, answers) =
        (Rc::new(Cell::new(false)), Rc::new(RefCell::default()), Rc::new(Cell::new(false)));
    let echo = Echo { open: open.clone(), last: last.clone(), answers: answers.clone() };
    let slot = service.world().add(echo);
    let key = client.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(key, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    let mut visit = |path: &str, answering: bool| -> Result<(), Box<dyn Error>> {
        answers.set(answering);
        open.set(true);
        // As many contexts as the server may ask for: the suite tries them all.
        let deflate =
            DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false);
        let ws = WsClient::new(slot, random).max_message(LONGEST).deflate(deflate);
        let request = Request::get(Url::parse(&format!("{base}{path}"))?).http1().no_timeout();
        let failed = open.clone();
        let (client, hub) = Client::reach(key, service.world());
        client.open(hub, request, ws, move |_, result| {
            if let Err(error) = result {
                eprintln!("not opened: {error}");
                failed.set(false);
            }
        });
        while open.get() {
            service.turn(None)?;
        }
        Ok(())
    };
    visit("/getCaseCount", false)?;
    let count: u32 = last.borrow().parse()?;
    for case in 1..=count {
        visit(&format!("/runCase?case={case}&agent=lws"), true)?;
    }
    visit("/updateReports?agent=lws", false)?;
    println!("{count} cases");
    Ok(())
}
