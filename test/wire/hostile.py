#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile.py [--full] [--seconds N] [--seed N] [--only REGEX]: bad values for every parameter of every call.

Each value of a table goes into each parameter of its type, of each method that the daemon lists; all
others are good. The daemon must live, a refusal must be clear and of the right kind, and what was
refused must have changed nothing: the database holds the same rows before and after it. The seed
gives the order; without --full it ends after the given time (40 s). Then HTTP itself is abused
(hostile_http.py), and the daemon killed and started. Closes with `N passed, N failed`; each input is
one.
"""
import argparse
import http.client
import random
import re
import sys
import time
import xmlrpc.client
from xml.etree import ElementTree

import hostile_http
from daemon import ANY_VM, ONEADMIN, OWNED, Daemon, Refused
from hostile_values import BASE, DESTRUCTIVE, Bad, bad_values, value


CONF = """MONITORING_INTERVAL_HOST = "100000"
MONITORING_INTERVAL_DATASTORE = "100000"
TIMEOUT = "3"
"""
FAULTS = {"malformed": -503, "wrong type": -501, "missing": -501, "none": -500}
CODES = {0x0100, 0x0200, 0x0400, 0x0800, 0x1000, 0x2000, 0x4000}
REPORTED = re.compile(r"<TEMPLATE>.*?</TEMPLATE>|<MONITORING>.*?</MONITORING>")


class Wire:
    """Documents as bytes, over one kept connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __call__(self, method, values):
        params = b"".join(b"<param><value>%s</value></param>" % one for one in values)
        return self.send(b'<?xml version="1.0"?><methodCall><methodName>one.%s</methodName><params>%s</params></methodCall>'
                         % (method.encode(), params))

    def send(self, document):
        try:
            self.connection.request("POST", "/RPC2", document, {"Content-Type": "text/xml"})
            return self.connection.getresponse().read()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            raise


class Rows:
    """The database from outside: what the daemon has stored, whatever it says."""

    def __init__(self, oned):
        self.database = oned.database()

    def version(self):
        return self.database.execute("PRAGMA data_version").fetchone()[0]

    def all(self):
        tables = self.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: self.database.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables}

    def settled(self):
        """(version, rows), once nothing is under way and nothing has been written for a moment. Without
        what hosts report, which comes whenever it comes."""
        while True:
            version = self.version()
            time.sleep(0.02)
            rows = self.all()
            if self.version() == version and not rows["effect"]:
                rows["host_pool"] = [REPORTED.sub("", str(row)) for row in rows["host_pool"]]
                return version, rows


def host_states(rows):
    return [re.findall(r"<STATE>\d</STATE>", row) for row in rows["host_pool"]]


def populate(api):
    """One object of each kind that can be made; {kind: id}."""
    api("user.allocate", "alice", "secret", "", [])
    made = {"user": api("user.allocate", "bob", "secret", "", []), "group": api("group.allocate", "staff"),
            "cluster": api("cluster.allocate", "rack"), "host": api("host.allocate", "node", "dummy", "dummy", 0),
            "secgroup": api("secgroup.allocate", 'NAME="web"'), "market": 0, "zone": 0, "datastore": 1}
    api.wait("host.info", made["host"], "STATE", 2)
    made["image"] = api("image.allocate", 'NAME="disk"\nPATH="/none"\nSIZE="64"\n', 1, True)
    api.wait("image.info", made["image"], "STATE", 1)
    made["vn"] = api("vn.allocate", 'NAME="net"\nVN_MAD="dummy"\nBRIDGE="br0"\nAR=[TYPE="IP4",IP="10.0.0.1",SIZE="9"]', 0)
    made["template"] = api("template.allocate", f'NAME="small"\nCPU="0.1"\nMEMORY="16"\nDISK=[IMAGE_ID="{made["image"]}"]\n'
                           f'NIC=[NETWORK_ID="{made["vn"]}"]')
    made["vm"] = api("template.instantiate", made["template"], "vm", False, "", False)
    api.wait("vm.info", made["vm"], "LCM_STATE", 3)
    optional = {"vdc": ('NAME="v"',), "vmgroup": ('NAME="g"\nROLE=[NAME="r"]',), "vrouter": ('NAME="r"',),
                "vntemplate": ('NAME="t"\nVN_MAD="dummy"\nBRIDGE="br0"',), "document": ('NAME="d"', 100),
                "hook": ('NAME="h"\nTYPE="api"\nCALL="one.vm.allocate"\nCOMMAND="none"',), "backupjob": ('NAME="j"',),
                "market": ('NAME="m"\nMARKET_MAD="http"\nBASE_URL="http://127.0.0.1"\nPUBLIC_DIR="/none"',)}
    known = api.methods()
    for kind, arguments in optional.items():
        if f"{kind}.allocate" in known:
            try:
                made[kind] = api(f"{kind}.allocate", *arguments)
            except Refused as error:
                print(f"      no {kind}: {error}")
    return made


def pools(api):
    """The documents of all pools."""
    documents = {}
    for method, parameters in api.methods().items():
        if re.fullmatch(r"\w+pool\.info|acl\.info|vmpool\.infoextended", method):
            args = ANY_VM if method.startswith("vmpool") else OWNED if len(parameters) >= 3 else ()
            documents[method] = api(method, *args, *([100] if method == "documentpool.info" else []))
    return documents


class Trial:
    def __init__(self, oned, world):
        self.oned, self.world = oned, world
        self.wire, self.rows = Wire(oned.port), Rows(oned)
        self.version, self.before = self.rows.settled()
        self.passed, self.failures, self.accepted = 0, [], 0

    def arguments(self, method, parameters):
        """Good ones, as values on the wire."""
        kind = re.match(r"([a-z]+?)(pool)?\.", method)[1]
        own = {"id": self.world.get(kind, 0)}
        known = {**BASE, **{name: self.world[name] for name in ("user", "group", "cluster", "host", "image", "vm")},
                 "network": self.world["vn"], **own}
        defaults = {"int": 0, "i8": 0, "string": "x", "boolean": False, "array": []}
        chosen = []
        for name, kind_of in parameters:
            good = known.get((method, name), known.get(name))
            fits = {"int": int, "string": str, "boolean": bool, "array": list, "i8": int}[kind_of]
            chosen.append(value(good if type(good) is fits else defaults[kind_of], kind_of))
        return chosen

    def fail(self, what, why):
        self.failures.append(f"{what}: {why}")
        print(f"FAIL  {what}: {why}")
        if not self.oned.is_alive():
            raise SystemExit("the daemon has died")

    def attempt(self, what, method, values, bad):
        """One call with one bad value in it."""
        try:
            answer = self.wire(method, values)
        except (http.client.HTTPException, OSError) as error:
            return self.fail(what, f"no answer: {error!r}")
        why, changed = wrong_answer(answer, method, bad), False
        if self.rows.version() != self.version:
            before = self.before
            self.version, self.before = self.rows.settled()
            changed = [name for name, rows in self.before.items() if rows != before.get(name)]
            if host_states(before) != host_states(self.before):  # reported, and its VMs with it
                changed = [name for name in changed if name not in ("host_pool", "vm_pool")]
        is_accepted = b"<boolean>1</boolean>" in answer[:300]
        self.accepted += is_accepted
        if not why and changed and not is_accepted:
            why = f"refused, yet changed {changed}"
        if why:
            return self.fail(what, why)
        self.passed += 1
        return None


def wrong_answer(answer, method, bad):
    """What is wrong with it; None when it is as it must be."""
    try:
        result = xmlrpc.client.loads(answer)[0][0]
    except xmlrpc.client.Fault as fault:
        wanted = FAULTS.get(bad.kind)
        if fault.faultCode not in bad.codes and fault.faultCode != wanted:
            return f"fault {fault.faultCode} {fault.faultString[:200]!r}, not {wanted or 'an answer'}"
        return None if fault.faultString.strip() else "a fault without text"
    except Exception as error:  # noqa: BLE001 an answer that no client can read
        return f"unreadable answer {answer[:200]!r}: {error!r}"
    if bad.kind in FAULTS:
        return f"answered {str(result)[:200]}, not fault {FAULTS[bad.kind]}"
    if result[0]:
        return "accepted" if bad.must_fail else None
    return wrong_refusal(result, method, bad)


def wrong_refusal(result, method, bad):
    if len(result) != 5 or [type(one) for one in result[1:4]] != [str, int, int]:
        return f"not the shape of a refusal: {str(result)[:200]}"
    text, code = result[1], result[2]
    if not text.startswith(f"[one.{method}] ") or len(text) < len(method) + 10:
        return f"unclear text {text[:200]!r}"
    if len(text) > 4200:
        return f"a text of {len(text)} bytes: {text[:150]!r}"
    if re.search(r"[\x00-\x08\x0b-\x1f]", text):
        return f"control bytes in the text {text[:200]!r}"
    if code not in (bad.codes or CODES):
        return f"code {code:#x} for {text[:200]!r}"
    return None


def inputs(trial, options):
    """(what, method, values, bad) of all, those first that matter most; the order is the seed's."""
    chance = random.Random(options.seed)
    sessions = {"admin": value(ONEADMIN, "string"), "user": value("alice:secret", "string")}
    found = []
    for method, parameters in sorted(trial.oned.session().methods().items()):
        if not re.search(options.only, method):
            continue
        good = trial.arguments(method, parameters)
        for who, session in sessions.items():
            named = [("session", "string"), *parameters]
            for place, (name, kind) in enumerate(named[1:] if who == "user" else named, who == "user"):
                for bad in bad_values(method, name, kind, who):
                    values = [session, *good]
                    values[place] = bad.xml
                    found.append((f"{method}({name}={bad.name}) by {who}", method, values, bad))
        found += few(trial, method, [sessions["admin"], *good])
    return sorted(found, key=lambda one: chance.random() / one[3].share)


def few(trial, method, values):
    """Without parameters, with those left out that must be there, and with more than there are."""
    yield f"{method}() with nothing", method, [], Bad("nothing", b"", "none")
    if len(values) > 1 and re.search(r"\.(info|update|delete|rename|chown|lock|action)$", method) and "pool" not in method:
        if trial.world.get(method.split(".")[0]) is not None:
            yield f"{method} with its session only", method, values[:1], Bad("few", b"", "missing")
    if not re.search(DESTRUCTIVE, method):
        yield f"{method} with more", method, values + [value("more", "string")] * 50, Bad("more", b"")


def run_methods(trial, options):
    found, begin = inputs(trial, options), time.monotonic()
    for what, method, values, bad in found:
        if not options.full and time.monotonic() - begin > options.seconds:
            break
        trial.attempt(what, method, values, bad)
    return len(found)


def check_restart(trial, api):
    """After kill -9 the same documents."""
    trial.rows.settled()
    before = pools(api)
    trial.oned.kill()
    trial.oned.start("--keep")
    after = pools(trial.oned.session())
    lost_hosts = "<STATE>3</STATE>" in before["hostpool.info"]  # they come back, and their VMs
    for method in before:
        if lost_hosts and re.match("(host|vm)pool", method):
            continue
        old, new = before[method], after[method]
        ElementTree.fromstring(new)
        if method == "hostpool.info":
            old, new = REPORTED.sub("", old), REPORTED.sub("", new)
        if old == new:
            trial.passed += 1
        else:
            trial.fail(f"{method} after kill -9", difference(old, new))


def difference(old, new):
    at = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    return f"…{old[max(0, at - 80):at + 80]}… became …{new[max(0, at - 80):at + 80]}…"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every value in every place")
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="methods that match this expression")
    options = parser.parse_args()
    with Daemon(CONF) as oned:
        api = oned.session()
        trial = Trial(oned, populate(api))
        print(f"seed {options.seed}")
        possible = run_methods(trial, options)
        calls = trial.passed + len(trial.failures)
        if not options.only:
            hostile_http.run(trial, options.full)
        check_restart(trial, oned.session())
        inputs = trial.passed + len(trial.failures)
        print(f"{calls} of {possible} calls ({trial.accepted} values were acceptable), {inputs - calls} other inputs; "
              f"at most {oned.peak_mb()} MB resident")
    print(f"{trial.passed} passed, {len(trial.failures)} failed")
    return 1 if trial.failures else 0


if __name__ == "__main__":
    sys.exit(main())
