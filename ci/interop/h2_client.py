"""Python's h2 and httpx against a server of ours: h2_client.py URL. Prints one line a check, the counts last."""

import asyncio
import socket
import ssl
import sys
import time
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import httpx

URL = sys.argv[1].rstrip("/")
PARTS = urlsplit(URL)
TLS = PARTS.scheme == "https"
BIG = 50 * 1024 * 1024


def client(**more):
    # Prior knowledge where there is no ALPN.
    return httpx.Client(http1=TLS, http2=True, verify=False, timeout=60, **more)


def get():
    with client() as http:
        answer = http.get(URL + "/")
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2"), answer
        assert answer.text.startswith("A page"), answer.text


def large():
    with client() as http:
        assert http.get(URL + "/large").text == "y" * (512 << 10)


def post():
    with client() as http:
        answer = http.post(URL + "/count", content=(b"x" * 65536 for _ in range(BIG // 65536)))
        assert answer.text == f"{BIG}\n", answer.text


def not_found():
    with client() as http:
        assert http.get(URL + "/nowhere").status_code == 404


def parallel():
    async def run():
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(http1=TLS, http2=True, verify=False, timeout=60, limits=limits) as http:
            return await asyncio.gather(*(http.get(URL + "/") for _ in range(100)))

    answers = asyncio.run(run())
    assert [a.status_code for a in answers] == [200] * 100
    # Streams of one connection: no number twice.
    assert len({a.extensions["stream_id"] for a in answers}) == 100


def exchange(headers, content=(), trailers=()):
    """One request with h2 itself: the events of its answer."""
    raw = socket.create_connection((PARTS.hostname, PARTS.port), timeout=30)
    if TLS:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        raw = context.wrap_socket(raw, server_hostname="localhost")
        assert raw.selected_alpn_protocol() == "h2"
    with raw:
        peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        peer.initiate_connection()
        stream = peer.get_next_available_stream_id()
        peer.send_headers(stream, headers, end_stream=not content)
        for at, piece in enumerate(content):
            peer.send_data(stream, piece, end_stream=not trailers and at == len(content) - 1)
        if trailers:
            peer.send_headers(stream, trailers, end_stream=True)
        raw.sendall(peer.data_to_send())
        events, deadline = [], time.monotonic() + 30
        while not any(isinstance(e, (h2.events.StreamEnded, h2.events.StreamReset)) for e in events):
            assert time.monotonic() < deadline, events
            data = raw.recv(65536)
            assert data, events
            events += peer.receive_data(data)
            raw.sendall(peer.data_to_send())
        return events


def head(method, path):
    return [(":method", method), (":scheme", PARTS.scheme), (":authority", PARTS.netloc), (":path", path)]


def trailers():
    sent = [(b"x-checksum", b"abc"), (b"x-second", b"2")]
    events = exchange(head("POST", "/count"), [b"12345", b"678"], sent)
    back = [e.headers for e in events if isinstance(e, h2.events.TrailersReceived)]
    assert [[(bytes(n), bytes(v)) for n, v in h] for h in back] == [sent], events
    assert b"".join(e.data for e in events if isinstance(e, h2.events.DataReceived)) == b"8\n"


def all_fields():
    """A field of every kind arrives: the handlers get what h1 would have given them."""
    fields = [(f"x-field-{n}", "v" * n) for n in range(1, 60)]
    events = exchange(head("GET", "/") + fields)
    status = [dict(e.headers)[b":status"] for e in events if isinstance(e, h2.events.ResponseReceived)]
    assert status == [b"200"], events


failed = 0
checks = [get, large, post, not_found, parallel, trailers, all_fields]
for check in checks:
    try:
        check()
        print(f"ok {check.__name__}")
    except Exception as error:  # a check that breaks is a check that failed
        failed += 1
        print(f"FAILED {check.__name__}: {type(error).__name__}: {error}")
print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
