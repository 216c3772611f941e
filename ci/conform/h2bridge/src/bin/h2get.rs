//! `h2get URL [--post FILE] [--insecure | --roots FILE]`: ends with 0 where a whole answer came, with 1 where none did.

use lws_conform_h2bridge::{Dial, Trust};
use lws_core::Context;
use lws_head::{Fields, Method, ResponseHead};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing, Supply};
use lws_role::{Closed, Cx};
use lws_wire::Out;
use std::cell::RefCell;
use std::error::Error;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the server has to hear our last words.
const DRAIN: Duration = Duration::from_secs(1);

/// How long it has to read why its answer was not taken.
const READ: Duration = Duration::from_millis(300);

#[derive(Default)]
struct State {
    call: Option<Box<dyn Call>>,
    /// Whether a whole answer came, once that is known.
    good: Option<bool>,
}

struct Line(Rc<RefCell<State>>);

impl Calls for Line {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.0.borrow_mut().call.take()
    }

    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        let mut state = self.0.borrow_mut();
        if state.good.is_none() {
            eprintln!("{why}");
            state.good = Some(false);
        }
    }
}

struct Get {
    state: Rc<RefCell<State>>,
    head: CallHead,
    body: Vec<u8>,
    sent: usize,
}

impl Call for Get {
    fn head(&self) -> &CallHead {
        &self.head
    }

    fn send(&mut self, _cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        self.sent += out.put_some(&self.body[self.sent..]);
        if self.sent == self.body.len() { Supply::End } else { Supply::More }
    }

    fn response(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        println!("{}", head.status.code());
    }

    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        data.len()
    }

    fn end(self: Box<Self>, _cx: &mut Cx<'_>, _trailers: Fields<'_>) {
        self.state.borrow_mut().good = Some(true);
    }

    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, failure: Failure) {
        eprintln!("{failure}");
        self.state.borrow_mut().good = Some(false);
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (mut url, mut trust, mut post) = (None, Trust::Platform, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--insecure" => trust = Trust::Anybody,
            "--roots" => trust = Trust::File(args.next().ok_or("--roots wants a file after it")?),
            "--post" => post = Some(std::fs::read(args.next().ok_or("--post wants a file after it")?)?),
            other => url = Some(other.to_owned()),
        }
    }
    let dial = Dial::new(&url.ok_or("which URL?")?, &trust)?;
    let head = CallHead {
        method: if post.is_some() { Method::Post } else { Method::Get },
        target: dial.target.clone(),
        fields: vec![("Host".to_owned(), dial.authority.clone().into_bytes())],
        body: post.as_ref().map_or(Framing::None, |body| Framing::Length(body.len() as u64)),
    };
    let state = Rc::new(RefCell::new(State::default()));
    let get = Get { state: state.clone(), head, body: post.unwrap_or_default(), sent: 0 };
    state.borrow_mut().call = Some(Box::new(get));
    let mut service = Context::new().build()?;
    service.connect(dial.target(), dial.role(Box::new(Line(state.clone())))?);
    while state.borrow().good.is_none() {
        service.turn(None)?;
    }
    if state.borrow().good == Some(false) {
        // Whoever closes while the other end still sends may cost it the last words: it is to read why, first.
        let until = Instant::now() + READ;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            service.turn(Some(left))?;
        }
    }
    // The connection's last words go out.
    service.drain(DRAIN);
    while service.turn(None)? {}
    let good = state.borrow().good == Some(true);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
