//! Requests that are made from within callbacks of the same loop.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Got, Hearer, Loop, Origin, ok};
use lws_client::{Caller, Client, Error, Request, Url};
use lws_core::Context;
use lws_http::Vhost;
use lws_role::{Closed, Handle, World};
use lws_role_h1::h1;
use lws_role_ws::{CloseCode, Kind, Message, Protocol, Ws, WsClient, ws};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Fetches the URL that each message is, and answers with what is there.
#[derive(Default)]
struct Fetcher {
    caller: Option<Caller>,
    got: Rc<RefCell<VecDeque<String>>>,
}

/// Hears the whole answer, and wakes whoever asked.
struct Page {
    got: Rc<RefCell<VecDeque<String>>>,
    asked: Handle,
    text: String,
}

impl lws_client::Answer for Page {
    fn head(
        &mut self,
        _hub: &mut lws_client::Hub,
        _head: &lws_client::ResponseHead<'_>,
        _connection: Handle,
    ) {
    }
    fn body(&mut self, _hub: &mut lws_client::Hub, data: &[u8]) -> usize {
        self.text += &String::from_utf8_lossy(data);
        data.len()
    }
    fn done(self: Box<Self>, hub: &mut lws_client::Hub, result: Result<lws_client::Fields<'_>, Error>) {
        let Self { got, asked, text } = *self;
        got.borrow_mut().push_back(result.map_or_else(|error| error.to_string(), |_| text));
        hub.wake(asked);
    }
}

impl Protocol for Fetcher {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        let page = Page { got: self.got.clone(), asked: ws.handle(), text: String::new() };
        let url = Url::parse(message.text().unwrap()).unwrap();
        self.caller.as_ref().unwrap().send(Request::get(url), page);
        assert!(self.got.borrow().is_empty(), "not within the call");
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        while let Some(text) = self.got.borrow_mut().pop_front() {
            ws.send_text(&text);
        }
    }
}

/// Asks for each of these, and closes.
struct Asker {
    questions: VecDeque<String>,
    answers: Vec<String>,
    closed: Option<Closed>,
}

impl Asker {
    fn next(&mut self, ws: &mut Ws<'_, '_>) {
        match self.questions.pop_front() {
            Some(url) => assert!(ws.send(Kind::Text, url.as_bytes())),
            None => ws.close(CloseCode::NORMAL, ""),
        }
    }
}

impl Protocol for Asker {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        self.next(ws);
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.answers.push(message.text().unwrap().into());
        self.next(ws);
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.closed = Some(why);
    }
}

/// A server whose protocol is a client, and a client of it, on one loop.
#[test]
fn a_servers_protocol_makes_requests() {
    let origin = Origin::new(|seen| (ok(seen.line()), common::Then::Stay));
    let site = Vhost::new("localhost").upgrade("/", ws(Fetcher::default));
    let mut service = Context::new().listen("127.0.0.1:0", h1(site)).build().unwrap();
    let here = service.addresses().next().unwrap().to_string();
    let client = Client::new();
    let caller = client.caller();
    let key = client.install(service.world());
    let fetcher = service.world().slots.find::<Fetcher>().unwrap();
    service.world().slots.state(fetcher).caller = Some(caller.clone());
    let questions = [origin.url("/a"), origin.url("/b"), "http://127.0.0.1:1/".into()];
    let asker = Asker { questions: questions.into(), answers: Vec::new(), closed: None };
    let asker = service.world().add(asker);
    // What is ordered before there is a way to post letters is done when there is one.
    let outcome = Rc::new(RefCell::new(None));
    let told = outcome.clone();
    let request = Request::get(Url::parse(&format!("ws://{here}/")).unwrap());
    caller.open(request, WsClient::new(asker, lws_client::random), move |_, result| {
        *told.borrow_mut() = Some(result);
    });
    let remote = service.remote::<Client>().unwrap();
    service.world().slots.state(key).post_by(move |letter| remote.post(letter).unwrap());
    let mut own = Loop { service, key };
    let asked = RefCell::new(&mut own.service);
    let began = std::time::Instant::now();
    loop {
        let mut service = asked.borrow_mut();
        if service.world().slots.state(asker).closed.is_some() {
            break;
        }
        assert!(began.elapsed() < common::PATIENCE);
        service.turn(Some(std::time::Duration::from_millis(20))).unwrap();
    }
    assert_eq!(outcome.borrow_mut().take(), Some(Ok(None)));
    let World { slots, .. } = own.service.world();
    let asker = slots.state(asker);
    assert_eq!(asker.answers[..2], ["GET /a HTTP/1.1", "GET /b HTTP/1.1"]);
    assert!(asker.answers[2].starts_with("cannot connect"), "{}", asker.answers[2]);
    assert_eq!(asker.closed, Some(Closed::Done));
}

/// From within a client's own callback, and what is to be done later.
#[test]
fn an_answer_leads_to_the_next_request() {
    struct Chain {
        caller: Caller,
        url: Url,
        left: u32,
        last: Hearer,
    }
    impl lws_client::Answer for Chain {
        fn head(&mut self, _: &mut lws_client::Hub, _: &lws_client::ResponseHead<'_>, _: Handle) {}
        fn body(&mut self, _: &mut lws_client::Hub, data: &[u8]) -> usize {
            data.len()
        }
        fn done(self: Box<Self>, _: &mut lws_client::Hub, result: Result<lws_client::Fields<'_>, Error>) {
            result.unwrap();
            let Self { caller, url, left, last } = *self;
            let request = Request::get(url.clone());
            match left {
                0 => caller.clone().send(request, last),
                _ => caller.clone().send(request, Chain { caller, url, left: left - 1, last }),
            }
        }
    }
    let origin = Origin::saying(ok("x"));
    let mut own = Loop::new();
    let caller = own.client(|client, _| client.caller());
    let got = Rc::new(RefCell::new(Got { credit: usize::MAX, ..Got::default() }));
    let url = Url::parse(&origin.url("/")).unwrap();
    let chain = Chain { caller: caller.clone(), url: url.clone(), left: 9, last: Hearer(got.clone()) };
    caller.send(Request::get(url), chain);
    own.turn_until(|| !got.borrow().results.is_empty());
    assert_eq!(got.borrow().text(), "x");
    assert_eq!(origin.seen().len(), 11);
    let ran = Rc::new(RefCell::new(0));
    for _ in 0..3 {
        let ran = ran.clone();
        caller.later(move |_| *ran.borrow_mut() += 1);
    }
    assert_eq!(*ran.borrow(), 0);
    own.turn_until(|| *ran.borrow() == 3);
}
