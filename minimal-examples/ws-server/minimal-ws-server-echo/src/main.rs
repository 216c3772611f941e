use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        ws.send(message.kind, message.data);
    }
}

fn main() -> Result<(), lws::Error> {
    let vhost = Vhost::new("*").upgrade("/", ws(|| Echo)).mount("/hello", lws::http::respond(|_, r| r.text("hello\n")));
    let mut service = Context::new().listen("127.0.0.1:7681", h1(vhost)).build()?;
    for a in service.addresses() { println!("ws://{a}/"); }
    service.run()
}
