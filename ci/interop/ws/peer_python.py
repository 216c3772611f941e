"""Python's websockets at either end; see peer_npm.mjs for the arguments. OPTIONS are those of its extension factories."""

import json
import pathlib
import sys

from websockets.extensions import permessage_deflate
from websockets.sync.client import connect
from websockets.sync.server import serve

LARGE = 1000
role, options = sys.argv[1], json.loads(sys.argv[2])


def pieces(data):
    """One message in three pieces if it is large; whole if not."""
    third = len(data) // 3
    return data if len(data) < LARGE else [data[:third], data[third : 2 * third], data[2 * third :]]


def client(corpus, url):
    extensions = [] if options is False else [permessage_deflate.ClientPerMessageDeflateFactory(**options)]
    files = sorted(pathlib.Path(corpus).iterdir())
    with connect(url, extensions=extensions, compression=None, max_size=None) as socket:
        for file in files:
            data = file.read_bytes() if file.suffix == ".bin" else file.read_text()
            for send in (data, pieces(data)):
                socket.send(send)
                if socket.recv(timeout=30) != data:
                    sys.exit(f"{file.name} came back changed")


def server():
    extensions = [] if options is False else [permessage_deflate.ServerPerMessageDeflateFactory(**options)]

    def echo(socket):
        for message in socket:
            socket.send(pieces(message))

    with serve(echo, "127.0.0.1", 0, extensions=extensions, compression=None, max_size=None) as listening:
        print(listening.socket.getsockname()[1], flush=True)
        listening.serve_forever()


client(*sys.argv[3:]) if role == "client" else server()
