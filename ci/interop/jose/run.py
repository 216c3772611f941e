#!/usr/bin/env python3
"""What lws-jose makes, others read, and the other way round: every algorithm that both sides have.

usage: run.py --program PATH [--backend NAME] [--work FOLDER] [--only PEER[,PEER]] [--fast]

Peers: PyPI jwcrypto and joserfc, npm jose, the program `jose` of latchset (Debian's package jose). The first three are
installed below FOLDER (default: target/interop/jose); a peer that cannot be installed or is not there is a SKIP with its
reason. Everything of ours goes through the command-line tool, PATH. --fast takes one content encryption and one curve per
key algorithm instead of all.

The last line is `N passed, N failed, N skipped`; the exit status is 0 if nothing failed.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DATA = "It\u2019s a dangerous business, Frodo, going out your door.".encode()
ENCS = "A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM".split()
CURVES = ["P-256", "P-384", "P-521", "X25519"]


class Refused(Exception):
    """The other side says no, and why."""


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def run(command, data=b""):
    done = subprocess.run(command, input=data, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise Refused(f"{pathlib.Path(command[0]).name}: {done.stderr.decode(errors='replace').strip() or done.returncode}")
    return done.stdout


class Ours:
    """The command-line tool."""

    def __init__(self, program, backend, folder):
        self.command = [program] + (["--backend", backend] if backend else [])
        self.folder = folder
        self.algorithms = json.loads(run(self.command + ["alg"]))

    def lacks(self, noun, kind, name):
        """Why the library cannot do it, or None if it can."""
        can = self.algorithms[noun][kind].get(name, True)
        return None if can is True else can

    def file(self, name, key):
        path = self.folder / name
        path.write_text(json.dumps(key))
        return str(path)

    def generate(self, *options):
        return json.loads(run(self.command + ["jwk", "gen", *options]))

    def public(self, key):
        if key["kty"] == "oct":
            return key
        return json.loads(run(self.command + ["jwk", "pub"], json.dumps(key).encode()))

    def sign(self, alg, key, as_json):
        options = ["--json"] if as_json else []
        return run(self.command + ["jws", "sign", "-k", self.file("key", key), "--alg", alg, *options], DATA).decode().strip()

    def verify(self, alg, key, token):
        return run(self.command + ["jws", "verify", "-k", self.file("key", key), "--alg", alg], token.encode())

    def encrypt(self, alg, enc, key, as_json):
        options = (["--json"] if as_json else []) + (["--p2c", "4096"] if alg.startswith("PBES2") else [])
        command = ["jwe", "encrypt", "-k", self.file("key", key), "--alg", alg, "--enc", enc, *options]
        return run(self.command + command, DATA).decode().strip()

    def decrypt(self, alg, enc, key, token):
        command = ["jwe", "decrypt", "-k", self.file("key", key), "--alg", alg, "--enc", enc, "--unsafe-rsa1-5"]
        return run(self.command + command, token.encode())


class Peer:
    """A process that answers a line of JSON with a line of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.ask(op="about")

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Refused("the peer has ended")
        reply = json.loads(line)
        if "error" in reply:
            raise Refused(reply["error"])
        return reply

    def sign(self, alg, key, as_json):
        return self.ask(op="sign", alg=alg, key=key, data=encode(DATA), json=as_json)["token"]

    def verify(self, alg, key, token):
        return decode(self.ask(op="verify", alg=alg, key=key, token=token, json=token.startswith("{"))["data"])

    def encrypt(self, alg, enc, key, as_json):
        return self.ask(op="encrypt", alg=alg, enc=enc, key=key, data=encode(DATA), json=as_json)["token"]

    def decrypt(self, alg, enc, key, token):
        request = {"alg": alg, "enc": enc, "key": key, "token": token, "json": token.startswith("{")}
        return decode(self.ask(op="decrypt", **request)["data"])

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Latchset:
    """The program `jose`. It wants keys in files, and reads no token with a line end."""

    def __init__(self, folder):
        self.folder = folder
        names = subprocess.run(["jose", "alg"], capture_output=True, text=True, check=True).stdout.split()
        self.about = {
            "jws": [name for name in names if name[:2] in ("HS", "RS", "ES", "PS") and name[2:].isdigit()],
            "alg": [name for name in names if name.startswith(("RSA", "ECDH-ES", "PBES2", "dir")) or name.endswith("KW")],
            "enc": [name for name in names if name in ENCS],
            "curves": ["P-256", "P-384", "P-521"],
            "json": True,
        }

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    def sign(self, alg, key, as_json):
        template = self.file("template", {"protected": {"alg": alg}})
        form = [] if as_json else ["-c"]
        payload = self.file("data", DATA)
        return run(["jose", "jws", "sig", "-s", template, "-I", payload, "-k", self.file("peer", key), *form]).decode()

    def verify(self, alg, key, token):
        return run(["jose", "jws", "ver", "-i", self.file("token", token.encode()), "-k", self.file("peer", key), "-O-"])

    def encrypt(self, alg, enc, key, as_json):
        template = self.file("template", {"protected": {"alg": alg, "enc": enc}})
        form = [] if as_json else ["-c"]
        payload = self.file("data", DATA)
        return run(["jose", "jwe", "enc", "-i", template, "-I", payload, "-k", self.file("peer", key), *form]).decode()

    def decrypt(self, alg, enc, key, token):
        return run(["jose", "jwe", "dec", "-i", self.file("token", token.encode()), "-k", self.file("peer", key), "-O-"])

    def close(self):
        pass


def python_peer(work, script):
    venv = work / "venv"
    python = venv / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    installed = venv / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode != 0:
            raise Refused("pip: " + done.stderr.strip().splitlines()[-1])
        installed.write_text(wanted)
    return Peer([str(python), str(HERE / script)])


def npm_peer(work):
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Refused(f"there is no {program}")
    folder = work / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    if not (folder / "node_modules" / "jose").exists() or (folder / "package.json").read_text() != wanted:
        (folder / "package.json").write_text(wanted)
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Refused("npm: " + (done.stderr or done.stdout).strip()[-200:])
    return Peer(["node", str(HERE / "peer_npm.mjs"), str(folder)])


def latchset_peer(folder):
    if not shutil.which("jose"):
        raise Refused("there is no program jose (Debian: apt install jose)")
    return Latchset(folder)


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0

    def check(self, what, action):
        try:
            data = action()
            if data == DATA:
                self.passed += 1
                return
            why = f"{data!r} is something else"
        except Refused as refused:
            why = str(refused)
        self.failed += 1
        print(f"FAIL {what}: {why}")

    def lacks(self, what, why):
        if why is not None:
            self.skipped += 1
            print(f"SKIP {what}: {why}")
        return why is not None


def signatures(name, ours, peer, keys, tally):
    for alg in peer.about["jws"]:
        if tally.lacks(f"{name}: {alg}", ours.lacks("jws", "alg", alg)):
            continue
        key = keys.signing(alg)
        public = ours.public(key)
        for as_json in (False, True):
            form = "json" if as_json else "compact"
            tally.check(f"{name}: {alg} {form} by us", lambda: peer.verify(alg, public, ours.sign(alg, key, as_json)))
            tally.check(f"{name}: {alg} {form} by them", lambda: ours.verify(alg, public, peer.sign(alg, key, as_json)))


def encryption(name, ours, peer, keys, tally, fast):
    for alg in peer.about["alg"]:
        if tally.lacks(f"{name}: {alg}", ours.lacks("jwe", "alg", alg)):
            continue
        for enc in peer.about["enc"][:1] if fast else peer.about["enc"]:
            for key in keys.encrypting(alg, enc, peer.about["curves"][:1] if fast else peer.about["curves"]):
                public = ours.public(key)
                what = f"{name}: {alg} {enc} {key.get('crv', '')}"
                for as_json in (False, True):
                    form = "json" if as_json else "compact"
                    tally.check(f"{what} {form} by us", lambda: peer.decrypt(alg, enc, key, ours.encrypt(alg, enc, public, as_json)))
                    tally.check(f"{what} {form} by them", lambda: ours.decrypt(alg, enc, key, peer.encrypt(alg, enc, public, as_json)))


class Keys:
    """Made by our tool, once each, without `alg` and `kid`, so that every peer takes them for everything."""

    def __init__(self, ours):
        self.ours, self.made = ours, {}

    def key(self, *options):
        if options not in self.made:
            key = self.ours.generate("--no-kid", *options)
            key.pop("alg", None)
            self.made[options] = key
        return self.made[options]

    def signing(self, alg):
        return self.key("--kty", "RSA") if alg[:2] in ("RS", "PS") else self.key("--alg", alg)

    def encrypting(self, alg, enc, curves):
        if alg.startswith("RSA"):
            return [self.key("--kty", "RSA")]
        if alg.startswith("ECDH"):
            return [self.key("--crv", curve) for curve in curves]
        return [self.key("--alg", alg, "--enc", enc)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", required=True)
    options.add_argument("--backend")
    options.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "interop" / "jose")
    options.add_argument("--only", default="")
    options.add_argument("--fast", action="store_true")
    args = options.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    with tempfile.TemporaryDirectory(dir=args.work) as name:
        folder = pathlib.Path(name)
        ours = Ours(os.path.abspath(args.program), args.backend, folder)
        keys = Keys(ours)
        peers = {
            "jwcrypto": lambda: python_peer(args.work, "peer_jwcrypto.py"),
            "joserfc": lambda: python_peer(args.work, "peer_joserfc.py"),
            "npm-jose": lambda: npm_peer(args.work),
            "latchset-jose": lambda: latchset_peer(folder),
        }
        for peer_name, start in peers.items():
            if args.only and peer_name not in args.only.split(","):
                continue
            before = (tally.passed, tally.failed)
            try:
                peer = start()
            except (Refused, OSError, subprocess.SubprocessError) as error:
                tally.skipped += 1
                print(f"SKIP {peer_name}: {error}")
                continue
            signatures(peer_name, ours, peer, keys, tally)
            encryption(peer_name, ours, peer, keys, tally, args.fast)
            peer.close()
            print(f"{peer_name}: {tally.passed - before[0]} passed, {tally.failed - before[1]} failed", flush=True)
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    sys.exit(1 if tally.failed else 0)


main()
