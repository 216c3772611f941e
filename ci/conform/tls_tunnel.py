"""Plain in, TLS out: lets a driver that speaks plain TCP talk to a TLS server.

usage: tls_tunnel.py HOST:PORT

Prints two addresses. What arrives at `whole://…` goes on in records as it came; what arrives at `bytes://…` goes on in
one TLS record a byte, a long block in 1500 records. Certificates are not checked: this is for test servers.
"""
import select
import socket
import ssl
import sys
import threading

PATIENCE = 30  # seconds without a byte either way


def send(block, tls, pieces):
    """Whether the server took it all. Where it has closed, what it said before is still to be read."""
    size = max(1, -(-len(block) // pieces))
    try:
        for at in range(0, len(block), size):
            tls.sendall(block[at:at + size])
    except OSError:
        return False
    return True


def receive(tls):
    """What has come; None for a record without data, such as a session ticket."""
    tls.settimeout(0)
    try:
        return tls.recv(65536)
    except ssl.SSLWantReadError:
        return None
    finally:
        tls.settimeout(PATIENCE)


def relay(plain, tls, pieces):
    """Both ways, until the server closes or the driver goes."""
    listening = [plain, tls]
    while True:
        ready = [tls] if tls.pending() else select.select(listening, [], [], PATIENCE)[0]
        if not ready:
            return
        if plain in ready:
            block = plain.recv(65536)
            if not block:
                return
            if not send(block, tls, pieces):
                listening.remove(plain)
        if tls in ready:
            block = receive(tls)
            if block == b"":
                return
            plain.sendall(block or b"")


def serve(plain, target, context, pieces):
    try:
        with plain, socket.create_connection(target, timeout=PATIENCE) as raw:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(raw, server_hostname="localhost") as tls:
                relay(plain, tls, pieces)
    except OSError:
        pass  # either side has gone; closing the other one is all there is to do


def listen(name, target, context, pieces):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(f"{name}://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve, args=(plain, target, context, pieces), daemon=True).start()


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    target = (host.strip("[]"), int(port))
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    threading.Thread(target=listen, args=("whole", target, context, 1), daemon=True).start()
    listen("bytes", target, context, 1500)


main()
