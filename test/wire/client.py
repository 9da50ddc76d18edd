# SPDX-License-Identifier: Apache-2.0
"""client.py PORT: the scenario of clients.py with Python's own xmlrpc.client and nothing of ours."""
import sys
import threading
import time
import xmlrpc.client
from xml.etree import ElementTree

SESSION = "oneadmin:throwaway"
TEXT = "Grüße, 漢字, ελληνικά & <tag> 'one' \"two\" %41"
URL = f"http://127.0.0.1:{sys.argv[1]}/RPC2"
results = []


def check(name, holds, seen=""):
    results.append(holds)
    print(f"{'ok  ' if holds else 'FAIL'} python: {name}" + ("" if holds else f": {seen!r:.300}"))


def new_client():
    return xmlrpc.client.ServerProxy(URL)


def call(client, method, *args):
    reply = getattr(client, method)(SESSION, *args)
    if not reply[0]:
        raise RuntimeError(f"{method}: {reply[1]}")
    return reply[1]


def wait(client, method, object_id, tag, value):
    end = time.monotonic() + 20
    while ElementTree.fromstring(call(client, method, object_id)).findtext(tag) != str(value):
        if time.monotonic() > end:
            raise RuntimeError(f"{method} {object_id}: {tag} is not {value}")
        time.sleep(0.02)


def quoted(text):
    return '"' + text.replace('"', '\\"') + '"'


def texts(client):
    made = call(client, "one.template.allocate", f"NAME={quoted('Übung 漢字')}\nCPU=1\nMEMORY=64\nNOTE={quoted(TEXT)}")
    document = ElementTree.fromstring(call(client, "one.template.info", made))
    check("text beyond ASCII and markup come back", document.findtext("TEMPLATE/NOTE") == TEXT,
          document.findtext("TEMPLATE/NOTE"))
    check("a name beyond ASCII comes back", document.findtext("NAME") == "Übung 漢字", document.findtext("NAME"))
    reply = client.one.template.info(SESSION + "ß", made)
    check("a password beyond ASCII is only wrong", reply[0] is False and reply[2] == 256, reply)


def life(client):
    """From allocate to done."""
    host = call(client, "one.host.allocate", "node-python", "dummy", "dummy", -1)
    wait(client, "one.host.info", host, "STATE", 2)
    vm = call(client, "one.vm.allocate", f'NAME="vm"\nCPU=0.1\nMEMORY=16\nNOTE={quoted(TEXT)}\n', True)
    check("an id is an int", type(vm) is int, vm)
    call(client, "one.vm.deploy", vm, host)
    wait(client, "one.vm.info", vm, "LCM_STATE", 3)
    for action, state in (("poweroff", 8), ("resume", 3), ("suspend", 5), ("resume", 3), ("terminate-hard", 6)):
        call(client, "one.vm.action", action, vm)
        wait(client, "one.vm.info", vm, "STATE", state)
        if state == 3:
            wait(client, "one.vm.info", vm, "LCM_STATE", 3)
    document = ElementTree.fromstring(call(client, "one.vm.info", vm))
    check("a life from allocate to done", int(document.findtext("ETIME")) > 0, document.findtext("STATE"))
    check("its text is still whole", document.findtext("USER_TEMPLATE/NOTE") == TEXT)


def failures(client):
    reply = client.one.vm.info(SESSION, 99999)
    check("a failure has five elements", [type(each) for each in reply] == [bool, str, int, int, int]
          and reply[0] is False and reply[2:4] == [0x400, 99999], reply)
    reply = client.one.system.version(SESSION)
    check("a success has three", [type(each) for each in reply] == [bool, str, int] and reply[0] is True, reply)
    for name, code, wrong in (("no such method", -506, lambda: client.one.no.such(SESSION)),
                              ("a wrong type", -501, lambda: client.one.vm.info(SESSION, "x")),
                              ("too few parameters", -501, lambda: client.one.vm.info(SESSION)),
                              ("no session", -500, lambda: client.one.vm.info())):
        try:
            check(f"a fault for {name}", False, wrong())
        except xmlrpc.client.Fault as fault:
            check(f"a fault for {name}", fault.faultCode == code and fault.faultString != "", fault)
    check("calls go on after faults", call(client, "one.system.version") != "")


def large(client):
    body = "é<&>" * 2000
    made = [call(client, "one.template.allocate", f'NAME="large {n}"\nBODY="{body}"') for n in range(250)]
    pool = call(client, "one.templatepool.info", -2, min(made), max(made))
    bodies = [each.findtext("TEMPLATE/BODY") for each in ElementTree.fromstring(pool)]
    check("a pool of two million characters is whole", bodies == [body] * len(made), len(pool))
    text = "0123456789" * 200_000
    one = call(client, "one.template.allocate", f'NAME="largest"\nBODY="{text}"')
    back = ElementTree.fromstring(call(client, "one.template.info", one)).findtext("TEMPLATE/BODY")
    check("a value of two million characters comes back", back == text, len(back or ""))


def connections():
    transport = xmlrpc.client.Transport()
    kept = xmlrpc.client.ServerProxy(URL, transport=transport)
    ports = set()
    for _ in range(25):
        call(kept, "one.system.version")
        connection = transport._connection[1]
        ports.add(connection.sock.getsockname()[1] if connection and connection.sock else None)
    check("25 calls on one kept connection", len(ports) == 1 and None not in ports, ports)
    versions = set()
    for _ in range(50):
        with new_client() as client:
            versions.add(call(client, "one.system.version"))
    check("50 calls on a connection each", len(versions) == 1, versions)
    answers = []

    def work():
        client = new_client()
        for _ in range(20):
            answers.append(call(client, "one.hostpool.info").startswith("<HOST_POOL>"))
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check("8 clients at once, 20 calls each", answers == [True] * 160, len(answers))


def main():
    client = new_client()
    for part in (texts, life, failures, large):
        try:
            part(client)
        except (RuntimeError, xmlrpc.client.Error, OSError) as error:
            check(part.__name__, False, error)
    connections()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


sys.exit(main())
