# SPDX-License-Identifier: Apache-2.0
"""A throwaway oned for a test of the wire, and calls to it whose answers are looked at as they are."""
import os
import re
import socket
import sqlite3
import subprocess
import tempfile
import time
import xmlrpc.client
from pathlib import Path
from typing import NamedTuple

TEST = Path(__file__).resolve().parents[1]
ONEADMIN = "oneadmin:throwaway"
ALL, EVERYTHING = -2, -1  # filter flag, range
OWNED = (ALL, EVERYTHING, EVERYTHING)
ANY_VM = (*OWNED, -2)  # those that are done, too
CODES = {"AUTHENTICATION": 0x0100, "AUTHORIZATION": 0x0200, "NO_EXISTS": 0x0400, "ACTION": 0x0800, "RPC_API": 0x1000,
         "INTERNAL": 0x2000, "ALLOCATE": 0x4000}


class Long(int):
    """Goes out as <i8>, which Python itself never sends."""


xmlrpc.client.Marshaller.dispatch[Long] = lambda self, value, write: write(f"<value><i8>{value}</i8></value>")


class Answer(NamedTuple):
    """Of a success `value`; of a failure `value` (its text), `code` and `object_id`; of a fault `value` and `fault`."""
    ok: bool
    value: object
    code: int = 0
    object_id: int = -1
    fault: int = 0

    def __str__(self):
        kind = "ok" if self.ok else f"fault {self.fault}" if self.fault else f"code {self.code} id {self.object_id}"
        return f"{kind}: {str(self.value)[:200]!r}"


class Refused(RuntimeError):
    pass


class Session:
    """Calls as one user. Keeps its connection."""

    def __init__(self, port, secret):
        self.proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}/RPC2", allow_none=True)
        self.secret = secret

    def ask(self, method, *args):
        """Any outcome. A reply whose elements are not those of the sheet (api.md §3) is a RuntimeError."""
        return self.ask_bare(method, self.secret, *args)

    def ask_bare(self, method, *args):
        try:
            reply = getattr(self.proxy, "one." + method)(*args)
        except xmlrpc.client.Fault as fault:
            return Answer(False, fault.faultString, fault=fault.faultCode)
        kinds = [type(each) for each in reply]
        if kinds in ([bool, str, int], [bool, int, int]) and reply[0] and reply[2] == 0:
            return Answer(True, reply[1])
        if kinds == [bool, str, int, int, int] and not reply[0]:
            return Answer(False, *reply[1:4])
        raise RuntimeError(f"one.{method}: not the shape of a reply: {reply!r:.200}")

    def __call__(self, method, *args):
        """The value of a success; Refused otherwise."""
        answer = self.ask(method, *args)
        if not answer.ok:
            raise Refused(f"{method}{args!r:.200}: {answer}")
        return answer.value

    def wait(self, method, object_id, tag, value, seconds=20):
        element = f"<{tag}>{value}</{tag}>"
        self._wait(method, object_id, lambda document: element in document, f"has no {element}", seconds)

    def wait_measured(self, datastore, seconds=20):
        """Until its driver has reported its size: no image fits before that."""
        self._wait("datastore.info", datastore, lambda document: "<TOTAL_MB>0</TOTAL_MB>" not in document, "has no size", seconds)

    def _wait(self, method, object_id, is_so, otherwise, seconds):
        end = time.monotonic() + seconds
        while not is_so(self(method, object_id)):
            if time.monotonic() > end:
                raise Refused(f"{method} {object_id}: {otherwise} within {seconds} s")
            time.sleep(0.02)

    def methods(self):
        """{name: [(parameter, type), …]} of all calls of the API, without the session."""
        found = {}
        for name in self.proxy.system.listMethods():
            if name.startswith("one."):
                types = self.proxy.system.methodSignature(name)[0][2:]
                names = self.proxy.system.methodHelp(name).split(", ")[1:]
                found[name[4:]] = list(zip(names, types, strict=True))
        return found


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Daemon:
    """A fresh oned with dummy drivers for the time of a `with`; `conf` is added to its oned.conf, `reports`
    (host_system, host_monitor: template text) to what its hosts report."""

    def __init__(self, conf="", reports=None):
        self.conf, self.reports = conf, reports or {}

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="nubo-wire.")
        self.port = free_port()
        (Path(self.directory.name) / "etc").mkdir()
        for name, text in self.reports.items():
            (Path(self.directory.name) / "etc" / name).write_text(text)
        self.start()
        return self

    def __exit__(self, *_):
        self._throwaway("stop", self.directory.name)
        self.directory.cleanup()

    def _throwaway(self, *arguments):
        subprocess.run([TEST / "throwaway.sh", *arguments], check=True, timeout=60, env={**os.environ, "NUBO_CONF": self.conf})

    def start(self, *more):
        self._throwaway("start", self.directory.name, str(self.port), *more)

    def kill(self):
        """With SIGKILL; start("--keep") takes up what it left."""
        self._throwaway("kill", self.directory.name)

    def is_alive(self):
        """Whether the program that was started runs still."""
        try:
            return self._proc("stat").split(")")[1].split()[0] not in "ZX"
        except FileNotFoundError:
            return False

    def peak_mb(self):
        return int(re.search(r"VmHWM:\s+(\d+)", self._proc("status"))[1]) // 1024

    def memory_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", self._proc("status"))[1]) // 1024

    def _proc(self, file):
        pid = (Path(self.directory.name) / "oned.pid").read_text().strip()
        return Path(f"/proc/{pid}/{file}").read_text()

    def database(self):
        """The daemon's database, to be read."""
        return sqlite3.connect(f"file:{self.directory.name}/var/one.db?mode=ro", uri=True)

    def session(self, secret=ONEADMIN):
        return Session(self.port, secret)
