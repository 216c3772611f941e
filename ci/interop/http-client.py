#!/usr/bin/env python3
"""Our HTTP client against nghttpd, nginx and h2o: the matrix of minimal-http-client-multi, a POST, and a pulled cable.

    http-client.py --multi PROGRAM --get PROGRAM --post PROGRAM [--stopped]

The programs are the examples of those names. Ports are picked by the kernel, everything else is in a temporary folder,
and what was started here is ended by its number. One line per case; the exit code is 1 if any failed, 2 if a server is
not installed.
"""

import argparse
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 60


def free_port():
    """A port that the kernel picks; free until somebody else is given it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} has ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


class Lab:
    """Servers in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.running = []
        self.key, self.cert = (os.path.join(folder, name) for name in ("key.pem", "cert.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", self.key, "-out", self.cert],
            check=True, capture_output=True)
        self.www = os.path.join(folder, "www")
        os.mkdir(self.www)
        with open(os.path.join(self.www, "index.html"), "w", encoding="ascii") as page:
            page.write("It works. " * 5000)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def start(self, port, *args):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.running.append(process)
        wait_for(port, process)
        return process

    def nghttpd(self, tls):
        port = free_port()
        args = ["nghttpd", "-d", self.www, "-a", "127.0.0.1", str(port)]
        args += [self.key, self.cert] if tls else ["--no-tls"]
        return port, self.start(port, *args)

    def nginx(self, tls, http2):
        port = free_port()
        listen = f"listen 127.0.0.1:{port}{' ssl' if tls else ''}{' http2' if http2 else ''};"
        own = os.path.join(self.folder, f"nginx-{port}")
        os.mkdir(own)
        config = self.write(f"nginx-{port}.conf", f"""
daemon off; master_process off; pid {own}/pid; error_log {own}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {own}/b; proxy_temp_path {own}/p; fastcgi_temp_path {own}/f;
    uwsgi_temp_path {own}/u; scgi_temp_path {own}/s;
    types {{ text/html html; }}
    gzip on; gzip_min_length 1;
    server {{
        {listen}
        {f'ssl_certificate {self.cert}; ssl_certificate_key {self.key};' if tls else ''}
        root {self.www};
        error_page 405 =200 $uri;
    }}
}}
""")
        return port, self.start(port, "nginx", "-p", own, "-c", config, "-e", f"{own}/error.log")

    def h2o(self, tls):
        port = free_port()
        secure = f"\n  ssl:\n    certificate-file: {self.cert}\n    key-file: {self.key}" if tls else ""
        config = self.write(f"h2o-{port}.conf", f"""
user: root
num-threads: 1
compress: ON
listen:
  host: 127.0.0.1
  port: {port}{secure}
hosts:
  default:
    paths:
      /:
        file.dir: {self.www}
""")
        return port, self.start(port, "h2o", "-m", "worker", "-c", config)

    def end(self):
        for process in self.running:
            # It leads a group of its own, which may have been stopped.
            for number in (signal.SIGCONT, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                except ProcessLookupError:
                    pass
            process.wait()


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def run(self, name, args, wanted, code=0, within_s=PATIENCE_S):
        began = time.monotonic()
        try:
            done = subprocess.run(args, capture_output=True, timeout=within_s, text=True, errors="replace", check=False)
            said = done.stdout + done.stderr
            fault = None
            if done.returncode != code:
                fault = f"it ended with {done.returncode}"
            elif wanted not in said:
                fault = f"no {wanted!r}"
        except subprocess.TimeoutExpired:
            said, fault = "", f"it takes longer than {within_s} s"
        took = time.monotonic() - began
        if fault is None:
            self.passed += 1
            print(f"PASS  {name}  {took:.1f} s")
        else:
            self.failed += 1
            print(f"FAIL  {name}  {took:.1f} s: {fault}\n      {' '.join(args)}\n      {said[-400:]}")
        sys.stdout.flush()


def matrix(report, programs, name, port, tls, versions):
    base = ["-l", "--port", str(port)] + ([] if tls else ["-n"])
    for version, pipelined, staggered in itertools.product(versions, ([], ["-p"]), ([], ["-s"])):
        case = f"{name} {'tls' if tls else 'plain'} {' '.join(version + pipelined + staggered) or 'h2 by ALPN'}"
        report.run(case, [programs.multi, *base, *version, *pipelined, *staggered], "done: 0 failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("multi", "get", "post"):
        parser.add_argument(f"--{name}", required=True, help=f"the example minimal-http-client{'' if name == 'get' else '-' + name}")
    parser.add_argument("--stopped", action="store_true", help="also the pulled cable, which takes half a minute")
    programs = parser.parse_args()
    missing = [name for name in ("nghttpd", "nginx", "h2o", "openssl") if shutil.which(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}")
        return 2
    report = Report()
    h1, prior, alpn = ["--h1"], ["--h2-prior-knowledge"], []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder)
        try:
            for tls in (True, False):
                port, _ = lab.nghttpd(tls)
                matrix(report, programs, "nghttpd", port, tls, [alpn if tls else prior])
                port, _ = lab.h2o(tls)
                matrix(report, programs, "h2o", port, tls, [h1, alpn if tls else prior])
                port, _ = lab.nginx(tls, http2=tls)
                matrix(report, programs, "nginx", port, tls, [h1, alpn] if tls else [h1])
                plain = [] if tls else ["-n"]
                for form in ([], ["-m"]):
                    args = [programs.post, "-l", *plain, "--port", str(port), "--path", "/index.html", *form]
                    report.run(f"nginx {'tls' if tls else 'plain'} post {' '.join(form)}", args, "completed")
            port, _ = lab.nginx(tls=False, http2=True)
            matrix(report, programs, "nginx h2", port, False, [prior])
            if programs.stopped:
                for tls in (True, False):
                    port, process = lab.nginx(tls, http2=tls)
                    os.killpg(process.pid, signal.SIGSTOP)
                    args = [programs.get, "-l", "-k", *([] if tls else ["-n"]), "--port", str(port)]
                    report.run(f"nginx stopped, {'tls' if tls else 'plain'}", args, "timed out", within_s=45)
        finally:
            lab.end()
    print(f"{report.passed} passed, {report.failed} failed, 0 skipped")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
