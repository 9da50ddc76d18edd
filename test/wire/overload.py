#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""overload.py: many clients and bad ones at once; the others must be answered as if they were not there.

Idle connections beyond MAX_CONN, a crowd that calls at the same moment, clients of a byte now and then,
and readers that do not read a long list. Meanwhile one client makes VMs. What is looked at is behaviour:
every call of the others is answered and right, memory stays within its bound, what was acknowledged is
there at the end. Closes with `N passed, N failed`.
"""
import contextlib
import http.client
import resource
import selectors
import socket
import sys
import threading
import time

from daemon import ANY_VM, ONEADMIN, Daemon

CONNECTIONS = 2000  # MAX_CONN
IDLE = 10_000  # opened over time: more than the daemon keeps
CROWD = 1000
DRIPS = 200
READERS = 50
VMS, ATTRIBUTES = 300, 20_000  # of the list: some 20 MB on the wire
TIMEOUT = 3
MEMORY_MB = 250  # above what the daemon had before; READERS whole lists would be 1 GB
CONF = f'MAX_CONN = "{CONNECTIONS}"\nTIMEOUT = "{TIMEOUT}"\nMONITORING_INTERVAL_HOST = "100000"\n'


def call(method, *values):
    params = "".join(f"<param><value>{value}</value></param>" for value in (f"<string>{ONEADMIN}</string>", *values))
    body = f"<?xml version='1.0'?><methodCall><methodName>one.{method}</methodName><params>{params}</params></methodCall>"
    return f"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def integers(*values):
    return [f"<int>{value}</int>" for value in values]


VERSION = call("system.version")
LIST = call("vmpool.infoextended", *integers(*ANY_VM))


class Peers(contextlib.ExitStack):
    """Bare connections."""

    def __init__(self, port):
        super().__init__()
        self.port, self.sockets = port, []

    def open(self, count, window=0):
        for _ in range(count):
            sock = self.enter_context(socket.socket())
            if window:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            sock.connect(("127.0.0.1", self.port))
            self.sockets.append(sock)
        return self

    def send(self, data):
        """To those that are still open; how many."""
        sent = 0
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.sendall(data)
                sent += 1
        return sent

    def answers(self, seconds=60):
        """The status of the first answer on each, 0 when the connection closed without one."""
        found, end = [], time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            for sock in self.sockets:
                selector.register(sock, selectors.EVENT_READ)
            while len(found) < len(self.sockets) and time.monotonic() < end:
                for key, _ in selector.select(1):
                    data = b""
                    with contextlib.suppress(OSError):
                        data = key.fileobj.recv(4096)
                    found.append(int(data[9:12]) if data.startswith(b"HTTP/1.") else 0)
                    selector.unregister(key.fileobj)
        return found


class Others(threading.Thread):
    """Well-behaved clients for the time of a `with`: calls on new connections and on a kept one, and VMs made."""

    def __init__(self, oned):
        super().__init__()
        self.port, self.wrong, self.calls, self.made = oned.port, [], 0, []
        self.session = oned.session()
        self.over = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        while not self.over.is_set():
            try:
                self.made.append(self.session("vm.allocate", f'NAME="kept-{self.calls}" CPU="0.1" MEMORY="16"', True))
                self.newcomer()
            except Exception as error:  # whatever it was, it is told
                self.wrong.append(f"{type(error).__name__}: {error}")
            self.calls += 1
            self.over.wait(0.01)

    def newcomer(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            head, _, body = VERSION.partition(b"\r\n\r\n")
            del head
            connection.request("POST", "/RPC2", body, {"Connection": "close"})
            answer = connection.getresponse()
            if answer.status != 200 or b"<boolean>1</boolean>" not in answer.read():
                raise RuntimeError(f"HTTP {answer.status}")


class Trial:
    def __init__(self, oned):
        self.oned, self.passed, self.failed = oned, 0, 0
        self.session = oned.session()

    def judge(self, what, is_right, found=""):
        self.passed, self.failed = self.passed + is_right, self.failed + (not is_right)
        print(f"{'ok  ' if is_right else 'FAIL'}  {what}  {found}", flush=True)

    @contextlib.contextmanager
    def others(self, what):
        with Others(self.oned) as others:
            yield
        self.judge(f"{what}: others are answered", others.calls > 0 and not others.wrong, (others.calls, others.wrong[:2]))
        pool = self.session("vmpool.info", *ANY_VM)
        lost = [vm for vm in others.made if f"<ID>{vm}</ID>" not in pool]
        self.judge(f"{what}: what was acknowledged is there", not lost, (len(others.made), lost[:5]))


def idle(trial):
    with Peers(trial.oned.port) as peers:
        peers.open(CONNECTIONS - 10).send(VERSION)
        first = peers.answers()
        trial.judge("as many connections as may be are served", first.count(200) == len(first), len(first))
        with trial.others(f"{IDLE} idle connections"):
            for _ in range(0, IDLE, 1000):
                Peers.open(peers, 1000)
        trial.judge("the daemon lives", trial.oned.is_alive())


def crowd(trial):
    with trial.others(f"{CROWD} clients at once"), Peers(trial.oned.port) as peers:
        peers.open(CROWD).send(VERSION)
        found = peers.answers()
        trial.judge(f"{CROWD} clients at once are all answered", found.count(200) == CROWD, set(found))


def drips(trial):
    with trial.others(f"{DRIPS} clients of a byte now and then"), Peers(trial.oned.port) as peers:
        peers.open(DRIPS)
        for sock in peers.sockets[::2]:
            sock.sendall(b"POST /RPC2 HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n")
        end = time.monotonic() + 20 * TIMEOUT
        for byte in b"POST /RPC2 HTTP/1.1\r\n" + 1000 * b"x":
            if time.monotonic() > end or not peers.send(bytes([byte])):
                break
            time.sleep(0.3)
        trial.judge("each of them is cut", not peers.send(b"x"))


def slow_readers(trial):
    before = trial.oned.memory_mb()
    with Peers(trial.oned.port) as peers, trial.others(f"{READERS} readers that do not read"):
        peers.open(READERS, window=4096).send(LIST)
        document = trial.session("vmpool.infoextended", *ANY_VM)
        whole = document.endswith("</VM_POOL>") and document.count("<VM>") >= VMS and len(document) > VMS * ATTRIBUTES
        trial.judge("who reads gets the whole list", whole, len(document))
        time.sleep(TIMEOUT / 2)
        used = trial.oned.memory_mb() - before
        trial.judge(f"memory stays within {MEMORY_MB} MB", used < MEMORY_MB, used)
        time.sleep(TIMEOUT)
        trial.judge("the daemon lives", trial.oned.is_alive())


def main():
    wanted = IDLE + 2 * CROWD
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(most, wanted)))
    with Daemon(CONF) as oned:
        trial = Trial(oned)
        for number in range(VMS):
            trial.session("vm.allocate", f'NAME="large-{number}" CPU="1" MEMORY="16" TEXT="{"<&>x" * (ATTRIBUTES // 4)}"', True)
        for part in (idle, crowd, drips, slow_readers):
            part(trial)
    print(f"{trial.passed} passed, {trial.failed} failed")
    sys.exit(trial.failed > 0)


if __name__ == "__main__":
    main()
