"""Opens idle WebSockets over TLS for `cargo xtask size`, and keeps them until stdin closes.

usage: wss.py HOST:PORT PATH COUNT

Prints `open COUNT` when all are upgraded. Only the standard library is needed.
"""

import socket
import ssl
import sys

# RFC 6455 section 1.3
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def main():
    authority, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    host, port = authority.rsplit(":", 1)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the example made its certificate itself
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    ).encode()
    opened = []
    for number in range(count):
        plain = socket.create_connection((host.strip("[]"), int(port)), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = context.wrap_socket(plain, server_hostname="localhost")
        tls.sendall(request)
        head = b""
        while b"\r\n\r\n" not in head:
            block = tls.recv(4096)
            if not block:
                sys.exit(f"connection {number} was closed: {head!r}")
            head += block
        if not head.startswith(b"HTTP/1.1 101") or ACCEPT not in head:
            sys.exit(f"connection {number} was not upgraded: {head!r}")
        opened.append(tls)
    print(f"open {len(opened)}", flush=True)
    sys.stdin.read()


main()
