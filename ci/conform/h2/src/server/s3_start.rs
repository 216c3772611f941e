//! RFC 9113 §3, Starting HTTP/2, and §9.2, Use of TLS.

use super::{Case, raw};
use crate::case::{Flaw, Outcome};
use crate::hpack::Fields;
use crate::pipe::{Got, Offer, USUAL};
use crate::referee::Event;
use crate::session::{Session, Target};
use crate::wire;
use std::time::{Duration, Instant};

const INVALID: &str = "Clients and servers MUST treat an invalid connection preface as a connection error of type \
    PROTOCOL_ERROR. A GOAWAY frame MAY be omitted in this case.";
const FOLLOWED: &str = "This sequence MUST be followed by a SETTINGS frame.";

pub(super) const CASES: &[Case] = &[
    raw("9113/3.2/1", "HTTP/2 over TLS uses the \"h2\" protocol identifier.", |t| {
        let pipe = t.offering(Offer { alpn: &[b"h2", b"http/1.1"], ..USUAL })?.map_err(|e| handshake(&e))?;
        if pipe.alpn() != Some(b"h2") {
            return Err(Flaw::Wrong { expected: "ALPN h2".to_owned(), seen: format!("{:?}", pipe.alpn()) });
        }
        ready(&mut t.over(pipe))
    }),
    raw(
        "9113/3.2/2",
        "The \"h2c\" protocol identifier MUST NOT be sent by a client or selected by a server.",
        |t| match t.offering(Offer { alpn: &[b"h2c"], ..USUAL })? {
            Ok(pipe) if pipe.alpn() == Some(b"h2c") => {
                Err(Flaw::Wrong { expected: "not h2c".to_owned(), seen: "ALPN h2c".to_owned() })
            }
            Ok(_) | Err(_) => Ok(()),
        },
    ),
    raw(
        "9113/3.2/3",
        "Once TLS negotiation is complete, both the client and the server MUST send a connection preface.",
        |t| {
            if t.tls.is_none() {
                return Err(Flaw::skip("this server speaks no TLS"));
            }
            t.open(&[]).map(|_| ())
        },
    ),
    raw("9113/3.3/1", "Likewise, the server MUST send a connection preface (prior knowledge).", |t| {
        if t.tls.is_some() {
            return Err(Flaw::skip("this server speaks TLS"));
        }
        t.open(&[]).map(|_| ())
    }),
    raw(
        "9113/3.4/1",
        "The server connection preface consists of a SETTINGS frame that MUST be the first frame the server sends.",
        |t| {
            let mut c = t.bare()?;
            c.raw(&[&wire::PREFACE[..], &wire::frame(wire::SETTINGS, 0, 0, &[])].concat());
            let deadline = c.deadline();
            match c.next(deadline)? {
                Event::Settings => Ok(()),
                _ => Err(c.wrong("SETTINGS")),
            }
        },
    ),
    raw(
        "9113/3.4/2",
        "The SETTINGS frames received from a peer as part of the connection preface MUST be acknowledged (empty).",
        |t| {
            let mut c = t.bare()?;
            c.raw(&[&wire::PREFACE[..], &wire::frame(wire::SETTINGS, 0, 0, &[])].concat());
            // The referee cannot read past the preface.
            c.sent(&wire::Frame { kind: wire::SETTINGS, flags: 0, stream: 0, payload: Vec::new() });
            c.settle()
        },
    ),
    raw("9113/3.4/3", "The same with every setting that there is.", |t| {
        let settings = [
            (wire::HEADER_TABLE_SIZE, 8192),
            (wire::MAX_CONCURRENT_STREAMS, 7),
            (wire::INITIAL_WINDOW_SIZE, 100_000),
            (wire::MAX_FRAME_SIZE, 20_000),
            (wire::MAX_HEADER_LIST_SIZE, 100_000),
        ];
        t.open(&settings)?.works()
    }),
    raw("9113/3.4/4", INVALID, |t| invalid(t, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "the last octet wrong")),
    raw("9113/3.4/5", INVALID, |t| invalid(t, b"XRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "the first octet wrong")),
    raw("9113/3.4/6", INVALID, |t| invalid(t, b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "SM missing")),
    raw("9113/3.4/7", INVALID, |t| {
        let bytes = wire::frame(wire::SETTINGS, 0, 0, &[]).repeat(3);
        invalid(t, &bytes, "frames without the 24 octets")
    }),
    raw(
        "9113/3.4/8",
        "The same for an HTTP/1.1 request where TLS has chosen h2: no HTTP/1 answer, the connection ends.",
        |t| {
            if t.tls.is_none() {
                return Err(Flaw::skip("a plain server may also speak HTTP/1"));
            }
            let text = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            invalid(t, text, "HTTP/1.1")
        },
    ),
    raw("9113/3.4/9", FOLLOWED, |t| follow(t, &wire::frame(wire::PING, 0, 0, b"toosoon!"))),
    raw("9113/3.4/10", FOLLOWED, |t| {
        let mut block = Fields::default().with(":method", "GET").with(":scheme", t.scheme());
        block = block.with(":path", &t.path).with(":authority", &t.authority);
        follow(t, &wire::frame(wire::HEADERS, wire::WHOLE, 1, &block.block()))
    }),
    raw("9113/3.4/11", FOLLOWED, |t| follow(t, &wire::frame(wire::WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]))),
    raw("9113/3.4/12", "The same for an acknowledgement, which is not the client's settings.", |t| {
        follow(t, &wire::frame(wire::SETTINGS, wire::ACK, 0, &[]))
    }),
    raw("9113/3.4/13", "The same for SETTINGS of a wrong size.", |t| {
        follow(t, &wire::frame(wire::SETTINGS, 0, 0, &[0, 4, 0, 0, 0]))
    }),
    raw("9113/3.4/14", "A preface in many segments is a preface.", |t| {
        let mut c = t.bare()?;
        for octet in wire::PREFACE {
            c.pipe.write(&[*octet]);
            std::thread::sleep(Duration::from_millis(1)); // so that it is a segment of its own
        }
        c.raw(&wire::frame(wire::SETTINGS, 0, 0, &[]));
        c.settle()?;
        c.works()
    }),
    raw(
        "9113/3.4/15",
        "Clients are permitted to send additional frames immediately after the preface, without waiting.",
        |t| {
            let mut c = t.bare()?;
            let request = wire::frame(wire::HEADERS, wire::WHOLE, 1, &c.get().block());
            let settings = wire::frame(wire::SETTINGS, 0, 0, &[]);
            c.raw(&[&wire::PREFACE[..], &settings, &request].concat());
            let mut behind = [settings, request].concat();
            while let Some(frame) = wire::Frame::take(&mut behind) {
                c.sent(&frame);
            }
            c.success(1)
        },
    ),
    raw("9113/3.4/16", "A second preface is a frame like any other, and far too large.", |t| {
        let mut c = t.open(&[])?;
        c.raw(wire::PREFACE);
        c.connection_error(&[wire::FRAME_SIZE_ERROR, wire::PROTOCOL_ERROR])
    }),
    raw("9113/9.2/1", "Implementations of HTTP/2 MUST use TLS version 1.2 or higher (1.2 is there).", |t| {
        let versions = &[&rustls::version::TLS12];
        ready(&mut t.over(t.offering(Offer { versions, ..USUAL })?.map_err(|e| handshake(&e))?))
    }),
    raw("9113/9.2/2", "Implementations of HTTP/2 MUST use TLS version 1.2 or higher (1.3 is there).", |t| {
        let versions = &[&rustls::version::TLS13];
        ready(&mut t.over(t.offering(Offer { versions, ..USUAL })?.map_err(|e| handshake(&e))?))
    }),
    raw(
        "9113/9.2.2/1",
        "Deployments of HTTP/2 that use TLS 1.2 MUST support TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 with the P-256 \
         elliptic curve.",
        |t| {
            let offer = Offer { versions: &[&rustls::version::TLS12], mandatory_suite_only: true, ..USUAL };
            match t.offering(offer)? {
                Ok(pipe) => ready(&mut t.over(pipe)),
                // The suite needs an RSA certificate, which is the deployment's choice.
                Err(e) => Err(Flaw::Skip(format!("no handshake, probably no RSA certificate: {e}"))),
            }
        },
    ),
];

fn handshake(error: &str) -> Flaw {
    Flaw::Wrong { expected: "a TLS handshake".to_owned(), seen: error.to_owned() }
}

fn ready(c: &mut Session<'_>) -> Outcome {
    c.begin(&[])?;
    c.works()
}

/// The connection ends; what is said before that may be HTTP/2 or not, but no good answer.
fn invalid(t: &Target, bytes: &[u8], what: &str) -> Outcome {
    let mut pipe = t.pipe()?;
    pipe.write(bytes);
    pipe.write(&wire::frame(wire::SETTINGS, 0, 0, &[]));
    let deadline = Instant::now() + t.patience;
    let mut all = Vec::new();
    let expected = format!("the end of the connection ({what})");
    loop {
        let mut buffer = [0; 4096];
        match pipe.read(&mut buffer, deadline) {
            Got::Bytes(n) => all.extend_from_slice(&buffer[..n]),
            Got::End => break,
            Got::Late => return Err(Flaw::Wrong { expected, seen: "it stays open".to_owned() }),
        }
    }
    if all.starts_with(b"HTTP/1.1 2") {
        return Err(Flaw::Wrong { expected, seen: "an HTTP/1 answer".to_owned() });
    }
    let mut code = None;
    while let Some(frame) = wire::Frame::take(&mut all) {
        if frame.kind == wire::GOAWAY {
            code = frame.number(4);
        }
    }
    match code {
        None | Some(wire::PROTOCOL_ERROR) => Ok(()),
        Some(other) => Err(Flaw::Weak { expected, seen: format!("GOAWAY with {}", wire::code_name(other)) }),
    }
}

/// The 24 octets, then something that is not a SETTINGS frame.
fn follow(t: &Target, frame: &[u8]) -> Outcome {
    let mut c = t.bare()?;
    c.pipe.write(wire::PREFACE);
    c.raw(frame);
    let deadline = c.deadline();
    loop {
        match c.next(deadline)? {
            Event::Goaway { code: wire::PROTOCOL_ERROR | wire::FRAME_SIZE_ERROR, .. } | Event::Closed => {
                return Ok(());
            }
            Event::Goaway { .. } => return Err(c.weak("PROTOCOL_ERROR, or the end of the connection")),
            Event::Late => return Err(c.wrong("PROTOCOL_ERROR, or the end of the connection")),
            _ => {}
        }
    }
}
