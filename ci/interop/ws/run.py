#!/usr/bin/env python3
"""permessage-deflate with npm's ws and Python's websockets, each as client of our server and as server of our client.

usage: run.py --server PROGRAM --client PROGRAM [--work FOLDER] [--only PEER]

The peers are installed below FOLDER (default: target/interop/ws), at the versions of requirements.txt and package.json;
one that cannot be is a SKIP with its reason. Between the two ends of each conversation sits a relay, which reads the
frames as they pass: it knows what was agreed on, and which messages were compressed (RSV1, RFC 7692 §6).

The last line is `N passed, N failed, N skipped`; the exit status is 0 if nothing failed.
"""

import argparse
import json
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PATIENCE = 120  # seconds; a conversation takes one or two


class Skip(Exception):
    """The peer is not there, and why."""


class Frames:
    """Reads one direction of a connection: a head, then frames."""

    def __init__(self):
        self.bytes, self.head, self.left = b"", None, 0
        self.frames = []  # (fin, rsv1, opcode, length)
        self.total = 0

    def feed(self, data):
        self.total += len(data)
        self.bytes += data
        if self.head is None:
            if b"\r\n\r\n" not in self.bytes:
                return
            self.head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        while self.step():
            pass

    def step(self):
        taken = min(self.left, len(self.bytes))
        self.bytes, self.left = self.bytes[taken:], self.left - taken
        if self.left or len(self.bytes) < 2:
            return False
        first, second = self.bytes[:2]
        length, size = second & 0x7F, 2
        if length >= 126:
            extra = 2 if length == 126 else 8
            if len(self.bytes) < 2 + extra:
                return False
            length, size = int.from_bytes(self.bytes[2 : 2 + extra], "big"), 2 + extra
        size += 4 if second & 0x80 else 0
        if len(self.bytes) < size:
            return False
        self.frames.append((bool(first & 0x80), bool(first & 0x40), first & 0x0F, length))
        self.bytes, self.left = self.bytes[size:], length
        return True

    def extensions(self):
        lines = (self.head or b"").decode("latin-1").split("\r\n")
        found = [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sec-websocket-extensions:")]
        return ", ".join(found)

    def messages(self):
        return [frame for frame in self.frames if frame[2] in (1, 2)]

    def compressed(self):
        return [frame for frame in self.messages() if frame[1]]


class Relay:
    """Carries one connection to `port`, and reads along."""

    def __init__(self, port):
        self.up, self.down = Frames(), Frames()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, args=(port,), daemon=True)
        self.thread.start()

    def run(self, port):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self.carry, args=(server, client, self.down), daemon=True)
        back.start()
        self.carry(client, server, self.up)
        back.join(PATIENCE)

    @staticmethod
    def carry(source, sink, frames):
        try:
            while data := source.recv(1 << 16):
                frames.feed(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other end is gone; what was to be seen was seen


class Running:
    """A program that serves until it is left, and says where in its first line."""

    def __init__(self, command, port_of):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = port_of(self.process.stdout.readline())

    def __enter__(self):
        return self.port

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def corpus(folder):
    """Empty ones, small ones, text that is compressed well, and noise that cannot be; sorted by name."""
    dice = random.Random(7692)
    rows = [{"id": n, "name": f"user {n % 97}", "on": n % 3 == 0, "score": dice.random()} for n in range(16000)]
    for name, data in {
        "00.text": b"",
        "01.bin": b"",
        "02.text": b"x",
        "03.text": "a bit of text, κόσμε".encode(),
        "04.text": json.dumps(rows).encode(),
        "05.bin": dice.randbytes(1 << 20),
        "06.bin": bytes(200_000),
        "07.text": json.dumps(rows[:40]).encode(),
        "08.text": b"ab" * 33_000,
    }.items():
        (folder / name).write_bytes(data)


# Those of corpus() that become much smaller: 04, 06, 07 and 08.
COMPRESSIBLE = 4

# What the peer is told, in the words of npm's ws and of Python's websockets, and what the answer must have of it.
VARIANTS = {
    "defaults": ({}, {}, "permessage-deflate"),
    "no-context": (
        {"serverNoContextTakeover": True, "clientNoContextTakeover": True},
        {"server_no_context_takeover": True, "client_no_context_takeover": True},
        "server_no_context_takeover",
    ),
    "server-bits": ({"serverMaxWindowBits": 10}, {"server_max_window_bits": 10}, "server_max_window_bits=10"),
    "client-bits": ({"clientMaxWindowBits": 9}, {"client_max_window_bits": 9}, None),
    "plain": (False, False, ""),
}

# What our client is told besides.
OURS = {
    "defaults": ([], "no_context_takeover"),
    "takeover": (["--takeover"], "permessage-deflate"),
    "server-bits": (["--takeover", "--server-bits", "9"], "server_max_window_bits=9"),
    "client-bits": (["--takeover", "--client-bits", "10"], "permessage-deflate"),
    "plain": (["--plain"], ""),
}


def judge(relay, agreed, talker):
    """What is wrong with a conversation that has ended well for both."""
    if talker.returncode != 0:
        raise AssertionError((talker.stderr or talker.stdout).strip()[-500:])
    relay.thread.join(PATIENCE)
    answer = relay.down.extensions()
    if agreed == "":
        assert answer == "", f"nothing was offered, and it answered {answer}"
        assert not relay.up.compressed() + relay.down.compressed(), "RSV1 without an extension"
        return "plain"
    assert answer.startswith("permessage-deflate"), f"the extension was not agreed on: {answer!r}"
    assert agreed is None or agreed in answer, f"{agreed} is not in {answer!r}"
    shares = []
    for name, frames in (("client", relay.up), ("server", relay.down)):
        large = [frame for frame in frames.compressed() if frame[3] > 100]
        assert len(large) >= COMPRESSIBLE, f"the {name} compressed {len(frames.compressed())} messages only"
        assert all(not rsv1 for _, rsv1, opcode, _ in frames.frames if opcode not in (1, 2)), f"RSV1 of the {name}"
        shares.append(f"{name} {len(frames.compressed())} of {len(frames.messages())} compressed")
    return ", ".join(shares)


class Npm:
    name, words = "npm-ws", 0

    def __init__(self, work):
        for program in ("node", "npm"):
            if not shutil.which(program):
                raise Skip(f"there is no {program}")
        folder = work / "npm"
        folder.mkdir(parents=True, exist_ok=True)
        wanted, mark = (HERE / "package.json").read_text(), folder / "package.json"
        if not (folder / "node_modules" / "ws").exists() or mark.read_text() != wanted:
            mark.write_text(wanted)
            command = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                raise Skip("npm: " + (done.stderr or done.stdout).strip()[-200:])
        self.command = ["node", str(HERE / "peer_npm.mjs"), str(folder)]


class Python:
    name, words = "python-websockets", 1

    def __init__(self, work):
        venv = work / "venv"
        wanted, mark = (HERE / "requirements.txt").read_text(), venv / "installed.txt"
        if not mark.exists() or mark.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True, capture_output=True)
            pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")]
            done = subprocess.run(pip, capture_output=True, text=True)
            if done.returncode != 0:
                raise Skip("pip: " + done.stderr.strip().splitlines()[-1])
            mark.write_text(wanted)
        self.command = [str(venv / "bin/python"), str(HERE / "peer_python.py")]


def port_of_url(line):
    return int(line.rsplit(":", 1)[1].strip().strip("/"))


def talk(command):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


def conversations(peer, args, folder):
    """(name, what is done) of each."""
    for contexts in ("shared", "own"):
        for name, variant in VARIANTS.items():
            options, agreed = json.dumps(variant[peer.words]), variant[2]

            def as_client(options=options, agreed=agreed, contexts=contexts):
                ours = [args.server, "--port", "0", "--deflate", contexts]
                with Running(ours, port_of_url) as port:
                    relay = Relay(port)
                    url = f"ws://127.0.0.1:{relay.port}/"
                    return judge(relay, agreed, talk(peer.command + ["client", options, str(folder), url]))

            yield f"{peer.name} → our server, {contexts}, {name}", as_client
    for name, (options, agreed) in OURS.items():

        def as_server(options=options, agreed=agreed):
            with Running(peer.command + ["server", "{}"], int) as port:
                relay = Relay(port)
                return judge(relay, agreed, talk([args.client, f"ws://127.0.0.1:{relay.port}/", str(folder)] + options))

        yield f"our client → {peer.name}, {name}", as_server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/interop/ws")
    parser.add_argument("--only")
    args = parser.parse_args()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        corpus(pathlib.Path(folder))
        for peer_class in (Npm, Python):
            if args.only and args.only != peer_class.name:
                continue
            try:
                peer = peer_class(args.work)
            except (Skip, OSError, subprocess.SubprocessError) as error:
                skipped += 1
                print(f"SKIP {peer_class.name}: {error}")
                continue
            for name, conversation in conversations(peer, args, folder):
                try:
                    print(f"PASS {name}: {conversation()}", flush=True)
                    passed += 1
                except (AssertionError, OSError, subprocess.SubprocessError) as error:
                    print(f"FAIL {name}: {error}", flush=True)
                    failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


main()
