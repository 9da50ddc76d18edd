# SPDX-License-Identifier: Apache-2.0
"""What hostile.py does to the HTTP server itself: bytes that are no proper requests."""
import random
import socket
import struct
import time

BODY = (b"<?xml version='1.0'?><methodCall><methodName>one.system.version</methodName><params><param><value>"
        b"<string>oneadmin:throwaway</string></value></param></params></methodCall>")
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
LINE = b"POST /RPC2 HTTP/1.1\r\n"
HEAD = LINE + b"Host: x\r\n"
CLOSED = 0  # instead of a status
BAD = {400, CLOSED}


def request(*headers, line=LINE, body=BODY):
    return line + b"Host: x\r\n" + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


def with_length(text):
    return request(b"Content-Length: " + text)


# what, bytes, statuses that are right
INPUTS = (
    ("nothing", b"", {CLOSED}),
    ("an empty line", b"\r\n", {CLOSED, 400, 408}),
    ("garbage", b"\x00\xff\x80garbage\r\n\r\n", BAD),
    ("no version", b"POST /RPC2\r\n\r\n", BAD),
    ("another version", request(line=b"POST /RPC2 HTTP/9.9\r\n"), BAD | {505}),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD | {405, 505}),
    ("TLS", bytes.fromhex("1603010200010001fc0303") + b"\xaa" * 500, BAD),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", BAD),
    ("GET", b"GET /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", {405}),
    ("HEAD", b"HEAD /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", {405}),
    ("OPTIONS", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {404, 405}),
    ("TRACE", b"TRACE /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", {405}),
    ("CONNECT", b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405}),
    ("a method of 20 KB", b"A" * 20000 + b" /RPC2 HTTP/1.1\r\n\r\n", BAD | {405, 431}),
    ("small letters", request(LENGTH.strip(), line=b"post /RPC2 HTTP/1.1\r\n"), BAD | {405, 501}),
    ("another path", request(LENGTH.strip(), line=b"POST /../RPC2 HTTP/1.1\r\n"), {404}),
    ("a path with NUL", request(LENGTH.strip(), line=b"POST /RPC2\0 HTTP/1.1\r\n"), BAD | {404}),
    ("a path of 100 KB", request(LENGTH.strip(), line=b"POST /" + b"a" * 100_000 + b" HTTP/1.1\r\n"), BAD | {414, 431}),
    ("a tab between", request(LENGTH.strip(), line=b"POST\t/RPC2\tHTTP/1.1\r\n"), BAD | {404, 405}),
    ("no length", request(), {411}),
    ("no length, 1.0", request(line=b"POST /RPC2 HTTP/1.0\r\n"), {411, 400}),
    ("a negative length", with_length(b"-1"), BAD),
    ("a length with a plus", with_length(b"+%d" % len(BODY)), BAD),
    ("a length of letters", with_length(b"ten"), BAD),
    ("a hexadecimal length", with_length(b"0x10"), BAD),
    ("an empty length", with_length(b""), BAD | {411}),
    ("a length of 30 digits", with_length(b"9" * 30), BAD | {413}),
    ("a length of 2^64", with_length(b"18446744073709551616"), BAD | {413}),
    ("a length of 2^63", with_length(b"9223372036854775808"), BAD | {200, 413}),
    ("a length of 100 GB", with_length(b"100000000000"), {200, 413, CLOSED, 400}),
    ("a length of nothing", with_length(b"0"), {400}),
    ("two lengths", request(LENGTH.strip(), b"Content-Length: 5"), BAD),
    ("the length twice", request(LENGTH.strip(), LENGTH.strip()), BAD | {200}),
    ("a list of lengths", with_length(b"5, 5"), BAD | {200}),
    ("chunks", request(b"Transfer-Encoding: chunked", body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)), {411, 400, 501}),
    ("chunks and length", request(LENGTH.strip(), b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), BAD | {411, 501}),
    ("a bad chunk", request(b"Transfer-Encoding: chunked", body=b"zz\r\n\r\n"), {411, 400, 501}),
    ("an unknown coding", request(LENGTH.strip(), b"Transfer-Encoding: gzip"), BAD | {411, 501}),
    ("a header without colon", request(b"Content-Length"), BAD),
    ("a header with a blank", request(b"Content-Length : 5"), BAD),
    ("a folded header", request(LENGTH.strip(), b"X: a\r\n b"), BAD | {200}),
    ("NUL in a header", request(LENGTH.strip(), b"X: a\0b"), BAD),
    ("a header of 1 MB", request(LENGTH.strip(), b"X: " + b"a" * 1_000_000), {431, CLOSED}),
    ("a header name of 1 MB", request(LENGTH.strip(), b"a" * 1_000_000 + b": x"), {431, CLOSED, 400}),
    ("10,001 headers", request(LENGTH.strip(), *[b"X-%d: x" % i for i in range(10_001)]), {431, CLOSED}),
    ("only line feeds", request(LENGTH.strip()).replace(b"\r\n", b"\n"), BAD | {200}),
    ("Expect", request(LENGTH.strip(), b"Expect: 100-continue"), {100, 200}),
    ("an unknown Expect", request(LENGTH.strip(), b"Expect: magic"), {200, 417}),
    ("Upgrade", request(LENGTH.strip(), b"Connection: Upgrade", b"Upgrade: h2c"), {200}),
    ("no Host", LINE + LENGTH + b"\r\n" + BODY, {200, 400}),
    ("a good one", request(LENGTH.strip()), {200}),
    ("a good one, 1.0", request(LENGTH.strip(), line=b"POST /RPC2 HTTP/1.0\r\n"), {200}),
    ("a body that is too short", request(b"Content-Length: %d" % (len(BODY) + 10)), {408, CLOSED, 400}),
    ("a body that is too long", request(LENGTH.strip(), body=BODY + b"rest\r\n\r\n"), {200}),
)


def connect(trial):
    sock = socket.create_connection(("127.0.0.1", trial.oned.port), timeout=20)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def received(sock):
    """All that comes until the other end closes."""
    got = b""
    try:
        while chunk := sock.recv(65536):
            got += chunk
    except ConnectionError:
        pass
    return got


def status_of(answer):
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.") else CLOSED


def exchange(trial, data, half_closed=True):
    """The status that the bytes are answered with; TimeoutError when nothing comes and it stays open."""
    with connect(trial) as sock:
        try:
            sock.sendall(data)
            if half_closed:
                sock.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        return status_of(received(sock))


def is_well(trial):
    return trial.oned.is_alive() and exchange(trial, request(LENGTH.strip(), b"Connection: close"), False) == 200


def judge(trial, what, status, right):
    """One input: `right` are the statuses that fit; True or False when it is a matter of yes and no."""
    fits = status in right if isinstance(right, set) else bool(status) == right
    if fits and is_well(trial):
        trial.passed += 1
    else:
        trial.fail(f"HTTP: {what}", f"{status}, not {right}")


def pipelined(trial):
    """50 calls in one piece: as many answers, in one connection."""
    with connect(trial) as sock:
        sock.sendall(request(LENGTH.strip()) * 49 + request(LENGTH.strip(), b"Connection: close"))
        return received(sock).count(b"7.")


def byte_by_byte(trial):
    with connect(trial) as sock:
        for byte in request(LENGTH.strip(), b"Connection: close"):
            sock.sendall(bytes([byte]))
        return status_of(received(sock))


def stalled(trial, data):
    """What is answered to a client that stops in the middle, and within which time."""
    begin = time.monotonic()
    with connect(trial) as sock:
        sock.sendall(data)
        status = status_of(received(sock))
    return status if time.monotonic() - begin < 15 else -1


def reset(trial, data):
    """A client that is gone in the middle, with RST."""
    sock = connect(trial)
    sock.sendall(data)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def crowd(trial, count):
    """So many connections that say nothing; a call beside them is answered."""
    socks = [connect(trial) for _ in range(count)]
    well = is_well(trial)
    for sock in socks:
        sock.close()
    return well


def torn(trial, chance, count):
    """Requests with bytes changed, taken out or doubled at random: anything but a crash."""
    for _ in range(count):
        data = bytearray(request(LENGTH.strip(), b"Content-Type: text/xml", b"Connection: close"))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            change = chance.choice(("set", "cut", "double"))
            data[at:at + 1] = {"set": bytes([chance.randrange(256)]), "cut": b"", "double": data[at:at + chance.randint(1, 40)]}[change]
        judge(trial, f"torn {bytes(data)!r}", exchange(trial, bytes(data)), set(range(600)))


def run(trial, full):
    for what, data, right in INPUTS:
        judge(trial, what, exchange(trial, data), right)
    judge(trial, "50 in one piece", pipelined(trial), {50})
    judge(trial, "byte by byte", byte_by_byte(trial), {200})
    for what, data in (("in the line", LINE[:7]), ("in a header", HEAD), ("in the body", HEAD + LENGTH + b"\r\n" + BODY[:9])):
        judge(trial, f"stalled {what}", stalled(trial, data), {408, CLOSED})
    for cut in range(0, len(HEAD + LENGTH + BODY), 20):
        reset(trial, (HEAD + LENGTH + b"\r\n" + BODY)[:cut])
        trial.passed += 1
    judge(trial, "300 silent connections", crowd(trial, 300), True)
    torn(trial, random.Random(7), 5000 if full else 300)
