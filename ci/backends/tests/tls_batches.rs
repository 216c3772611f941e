//! What a message costs in system calls: the loop reads once, runs the role once, and writes once. So what one read brought
//! must be answered in one run, whole, and the next run must have nothing left to do.

use backends::tls::{Side, backends, only, trusting};
use backends::tls_certs::leaf;
use lws_role::{
    Acceptor, Blueprint, Closed, Cx, Facts, Handle, Hosted, InstallError, Next, Peer, Place, Role, Step,
    World,
};
use lws_role_tls::tls;
use lws_tls::ServerSettings;
use lws_wire::{Out, Stash, Time};

/// Bytes that the loop reads at once, and lends to be written to.
const LOOP: usize = 65_536;

/// Sends back what it hears.
struct Echo;

impl Role for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        Step::stay(out.put_some(input))
    }

    fn ended(&mut self, _cx: &mut Cx<'_>, _truncated: bool, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Ended)
    }
}

impl Blueprint for Echo {
    fn install(&self, _world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(Self))
    }
}

impl Acceptor for Echo {
    fn alpn(&self) -> &'static [u8] {
        b""
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        Box::new(Self)
    }
}

/// The loop's part of one connection, with a count of what would be system calls.
struct Loop {
    world: World,
    facts: Facts,
    hosted: Hosted,
    /// What has arrived and was not taken.
    stash: Stash,
    reads: usize,
    writes: usize,
}

impl Loop {
    fn new(stack: &dyn Blueprint) -> Self {
        let mut world = World::new(Time::from_micros(1));
        let acceptor = stack.install(&mut world).expect("a stack");
        let facts = Facts::plain(Peer::Memory);
        let mut buf = vec![0; LOOP];
        let mut place = Place::new(&mut world, HANDLE, &facts);
        let (hosted, closed) = Hosted::start(acceptor.accept(&facts), &mut place, &mut Out::new(&mut buf));
        assert_eq!(closed, None);
        Self { world, facts, hosted, stash: Stash::new(), reads: 0, writes: 0 }
    }

    /// One read, and runs until nothing moves; each run that says something is one write.
    fn read(&mut self, bytes: &[u8]) -> Vec<u8> {
        assert!(bytes.len() <= LOOP);
        self.reads += 1;
        self.stash.push(bytes);
        let mut all = Vec::new();
        loop {
            let mut buf = vec![0; LOOP];
            let mut out = Out::new(&mut buf);
            let mut place = Place::new(&mut self.world, HANDLE, &self.facts);
            let ran = self.hosted.run(&mut place, self.stash.bytes_mut(), &mut out);
            assert_eq!(ran.closed, None);
            self.stash.consume(ran.consumed);
            if out.is_empty() {
                self.hosted.void_want_write();
            }
            self.writes += usize::from(!out.is_empty());
            all.extend(out.written());
            if ran.consumed == 0 && out.is_empty() {
                return all;
            }
        }
    }
}

const HANDLE: Handle = Handle { conn: 1, generation: 1, sub: 0 };

#[test]
fn an_echo_costs_one_read_and_one_write() {
    let own = leaf(&["localhost"]).self_signed();
    for backend in backends() {
        for version in backend.versions {
            let what = format!("{backend:?} {version}");
            let stack = tls(backend.serve(ServerSettings::new(own.certificates()))).over(Echo);
            let mut server = Loop::new(&stack);
            let connector = backend.connect(&only(*version, trusting(&own)));
            let mut client = Side::new(connector.connect("localhost").unwrap());
            let mut bytes = client.step(0, LOOP).0;
            while !bytes.is_empty() {
                let answer = server.read(&bytes);
                bytes = client.feed(&answer, LOOP);
            }
            // One flight each way, then the client's Finished; with TLS 1.2 or tickets that is answered.
            assert!(server.reads <= 3 && server.writes <= server.reads, "{what}: the handshake");
            // One record; several that arrive together; more than one lent room can answer.
            for (messages, length, writes) in [(1, 16_384, 1), (1, 1, 1), (3, 16_384, 1), (60, 1_000, 1)] {
                let (reads_before, writes_before) = (server.reads, server.writes);
                client.seen.clear();
                let mut batch = Vec::new();
                for n in 0..messages {
                    let text = vec![b'a' + (n % 26) as u8; length];
                    let (sealed, bytes) = client.send(&text, LOOP);
                    assert_eq!(sealed, length, "{what}");
                    batch.extend(bytes);
                }
                let answer = server.read(&batch);
                client.feed(&answer, LOOP);
                assert_eq!(client.seen.len(), messages * length, "{what}");
                let cost = (server.reads - reads_before, server.writes - writes_before);
                assert_eq!(cost, (1, writes), "{what}: {messages} × {length} bytes");
                // Answers share records: what came in sixty goes out in as few as there can be.
                let records = (messages * length).div_ceil(16_384);
                let overhead = answer.len() - messages * length;
                assert!(overhead <= records * 29, "{what}: {overhead} bytes for {records} records");
            }
        }
    }
}
