#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""random_calls.py [--seconds N] [--calls N] [--seed N]: counters stay right whatever is called.

Random users make random calls to an oned with dummy drivers, some of which fail on order. After each
few hundred calls, once nothing is under way, all counters and lists of members are counted again
from the objects (recount.py); then the daemon is killed and must come up with the same documents.
Closes with `N passed, N failed`; a failure prints the last calls.
"""
import argparse
import random
import re
import sys
import time
from collections import Counter, deque
from xml.etree import ElementTree

from daemon import ONEADMIN, OWNED, Daemon, Refused
from random_table import CALLS
from recount import POOLS, Cloud, Recount

CONF = """MONITORING_INTERVAL_HOST = "100000"
MONITORING_INTERVAL_DATASTORE = "100000"
"""
OFFLINE, DISABLED = 8, 4  # states of hosts
ENABLE, DISABLE = 0, 1  # of one.host.status
# What each node has: two devices of one kind, one of another.
DEVICES = "".join(f'PCI=[ADDRESS="0000:0{bus}:00:0",SHORT_ADDRESS="0{bus}:00.0",BUS="0{bus}",SLOT="00",FUNCTION="0",DOMAIN="0000",'
                  f'VENDOR="10de",DEVICE="000{kind}",CLASS="0300",TYPE="10de:000{kind}:0300"]\n' for bus, kind in ((1, 1), (2, 1), (3, 2)))
ROUND = 250  # calls between two recounts
# What differs between two readings of one state, and after a start: what nodes report.
VOLATILE = re.compile(r"<MONITORING>.*?</MONITORING>|<LAST_POLL>\d+</LAST_POLL>|<MONITORING/>|<(FREE|USED|TOTAL)_\w+>.*?</\1_\w+>"
                      r"|<PREV_(LCM_)?STATE>\d+</PREV_(LCM_)?STATE>|<SCHED_MESSAGE>.*?</SCHED_MESSAGE>")
HOST_FACTS = re.compile(r"<TEMPLATE>.*?</TEMPLATE>|<(STATE|DATASTORES|MAX_CPU|MAX_MEM|TOTAL_\w+|VMS_THREAD)>.*?</\1>")

# PENDING, UNKNOWN, and failures to boot that end when the guest is seen to run.
WAITING = re.compile(r"<STATE>1</STATE>|<LCM_STATE>(16|36|37|47|48)<")


class Walk:
    """What a caller of random calls knows: the objects, their owners, and the users' passwords."""

    def __init__(self, oned, seed):
        self.oned, self.random = oned, random.Random(seed)
        self.passwords = {0: ONEADMIN}
        self.known = {kind: {} for kind in POOLS}
        self.router_templates = set()
        self.torn = set()  # networks that lost addresses by force
        self.last, self.outcomes, self.calls = deque(maxlen=80), Counter(), 0
        self.connect()

    def connect(self):
        self.api = self.oned.session()
        self.methods = set(self.api.methods())
        self.database = self.oned.database()

    def some(self, kind, wild=0.02):
        """An id of a kind, now and then of none."""
        ids = list(self.known[kind])
        return self.random.choice(ids) if ids and self.random.random() > wild else self.random.choice((-1, 0, 9999))

    def one_of(self, *choices):
        return self.random.choice(choices)

    def name(self, kind):
        """Few enough that they meet."""
        return f"{kind}{self.random.randrange(60)}"

    def router_template(self):
        routers = [object_id for object_id in self.known["template"] if object_id in self.router_templates]
        return self.random.choice(routers) if routers else -1

    def refresh(self):
        for kind in POOLS:
            method = f"{kind}pool.info"
            if method in self.methods:
                args = (*OWNED, -1) if kind == "vm" else POOLS[kind]
                pool = ElementTree.fromstring(self.api(method, *args))
                self.known[kind] = {int(one.findtext("ID")): int(one.findtext("UID") or 0)
                                    for one in pool if one.tag not in ("QUOTAS", "VLAN_RULES") and one.find("ID") is not None}
        self.known["live vm"] = self.known["vm"]

    def caller(self, method, args):
        """oneadmin, the object's owner, or anybody."""
        kind = method.split(".")[0]
        number = args[1] if method == "vm.action" else args[0] if args else None
        owner = self.known.get(kind, {}).get(number) if isinstance(number, int) else None
        choice = self.random.random()
        if choice < 0.45:
            return 0
        if choice < 0.85 and owner in self.passwords:
            return owner
        return self.random.choice(list(self.passwords))

    def step(self):
        while True:
            method, _, make = self.random.choices(CALLS, self.weights)[0]
            if method in self.methods:
                break
        args = make(self)
        self.call(self.caller(method, args), method, *args)

    @property
    def weights(self):
        """Where there is much already, what takes away comes more often."""
        crowded = {kind: len(self.known[kind]) > most for kind, most in (("vm", 30), ("image", 30), ("vn", 15), ("template", 15))}
        def weight(method, usual):
            kind = method.split(".")[0]
            makes = method.endswith(("allocate", "clone", "instantiate", "reserve", "saveas"))
            if makes and crowded.get("vm" if method == "template.instantiate" else kind):
                return usual / 10
            return usual * 4 if "delete" in method and crowded.get(kind) else usual
        return [weight(method, usual) for method, usual, _ in CALLS]

    def call(self, uid, method, *args):
        self.calls += 1
        answer = self.api.ask_bare(method, self.passwords[uid], *args)
        self.outcomes[method, answer.ok] += 1
        self.last.append(f"{uid}: {method}{args} → {answer}")
        if answer.ok:
            self.learn(method, args, answer.value)

    def learn(self, method, args, result):
        kind, _, what = method.partition(".")
        if what in ("allocate", "clone") and kind in self.known:
            self.known[kind][result] = 0
        if method == "template.allocate" and "VROUTER" in args[0]:
            self.router_templates.add(result)
        if method == "template.instantiate":
            self.known["vm"][result] = 0
        if method == "user.allocate":
            self.passwords[result] = f"{args[0]}:{args[1]}"
        if method == "vn.rm_ar" and args[2]:
            self.torn.add(args[0])
        if method == "user.delete":
            self.passwords.pop(args[0], None)

    def is_idle(self):
        return self.database.execute("SELECT count(*) FROM effect").fetchone()[0] == 0

    def read_quiet(self, seconds=90):
        """(cloud, its documents) while nothing is under way and no node has news: two readings are equal."""
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            if self.is_idle():
                cloud, found = documents(self)
                if self.is_idle() and found == last:
                    return cloud, found
                last = found
            time.sleep(0.2)
        raise Refused(f"still at work after {seconds} s: {self.database.execute('SELECT * FROM effect').fetchmany(3)}")


def set_up(walk):
    """Groups with users, two clusters, hosts, and something of each kind; everyone may do most things."""
    api = walk.api
    groups = [1, *(api("group.allocate", f"group{i}") for i in range(2))]
    for i, group in enumerate((groups[0], groups[1], groups[1], groups[2], groups[2])):
        walk.passwords[api("user.allocate", f"user{i}", "secret", "", [group])] = f"user{i}:secret"
    cluster = api("cluster.allocate", "cluster1")
    for i in range(4):
        host = api("host.allocate", f"host{i}", "dummy", "dummy", cluster if i > 1 else 0)
        api.wait("host.info", host, "STATE", 2)
    for datastore in (0, 1, 2):
        api("cluster.adddatastore", cluster, datastore)
    make = 0x1000000000 | 0x4000000000 | 0x8000000000 | 0x20000000000 | 0x1000000000000 | 0x4000000000000 | 0x20000000000000 | 0x400000000000 | 0x10000000000000 | 0x100000000000000
    for resource, rights in ((make, 8), (0x2000000000, 2), (0x4000000000 | 0x8000000000 | 0x20000000000 | 0x100000000000 | 0x1000000000000, 1),
                             (0x200000000000, 4)):
        api("acl.addrule", "0x400000000", hex(resource | 0x400000000), hex(rights), "0x400000000")
    for i in range(3):
        api("image.allocate", f'NAME="first{i}"\nPATH="/none"\nSIZE="{16 << i}"\nPERSISTENT="{"YES" if i == 2 else "NO"}"', 1, True)
        network = api("vn.allocate", f'NAME="first{i}"\nVN_MAD="dummy"\nBRIDGE="br{i}"\nAR=[TYPE="IP4",IP="10.{i}.0.1",SIZE="{8 << i}"]', 0)
        api("cluster.addvnet", cluster, network)
    for i in range(3):
        api("template.allocate", f'NAME="first{i}"\nCPU="0.{i + 1}"\nMEMORY="{16 << i}"\nDISK=[IMAGE_ID="{i}"]\n'
            f'DISK=[TYPE="fs",SIZE="8",FORMAT="raw"]\nNIC=[NETWORK_ID="{i}"]')
    walk.refresh()


def documents(walk):
    """All documents, without what changes by itself."""
    found = {}
    cloud = Cloud(walk.api)
    for kind, objects in cloud.objects.items():
        for object_id, element in objects.items():
            text = VOLATILE.sub("", ElementTree.tostring(element, "unicode", short_empty_elements=False))
            found[kind, object_id] = HOST_FACTS.sub("", text) if kind == "host" else text
    return cloud, found


def difference(old, new):
    at = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    return f"…{old[max(0, at - 100):at + 100]}… became …{new[max(0, at - 100):at + 100]}…"


def let_nodes_report(walk):
    """The daemon learns which guests there are: a VM recovered with "it worked" may have none."""
    hosts = {host: int(one.findtext("STATE")) for host, one in Cloud(walk.api)["host"].items()}
    for host in (host for host, state in hosts.items() if state != OFFLINE):
        walk.api("host.status", host, DISABLE)
        walk.api("host.status", host, ENABLE)
    for host, state in hosts.items():
        if state == DISABLED:
            walk.api("host.status", host, DISABLE)


def check_counters(walk):
    """(differences, documents)"""
    walk.read_quiet()
    let_nodes_report(walk)
    cloud, found = walk.read_quiet()
    wrong = Recount(cloud, walk.torn).run()
    return wrong, found


def restart(walk):
    """The documents after kill -9 and the next start."""
    walk.oned.kill()
    walk.oned.start("--keep")
    walk.connect()
    return walk.read_quiet()[1]


def changes(before, after):
    gone = [f"{key} is gone after kill -9" for key in before.keys() - after.keys()]
    new = [f"{key} is there only after kill -9" for key in after.keys() - before.keys()]
    return gone + new + [f"{key} after kill -9: {difference(before[key], after[key])}"
                         for key in before.keys() & after.keys() if before[key] != after[key]]


def check_restart(walk, before):
    """The differences between the documents before a kill -9 and after the next start. A start makes hosts
    report, which may place VMs that wait and find guests that were thought lost; so then it is done again."""
    for _ in range(3):
        after = restart(walk)
        wrong = changes(before, after)
        waits = any(WAITING.search(one) for (kind, _), one in before.items() if kind == "vm")
        if not wrong or not waits:
            return wrong
        before = after
    return wrong


def report(walk, options, wrong):
    print(f"FAIL  seed {options.seed}, after {walk.calls} calls")
    for line in wrong[:20]:
        print(f"      {line}")
    print("      the last calls:")
    for line in walk.last:
        print(f"      {line}")


def run(walk, options):
    """(passed, failed): one for each recount and each restart."""
    passed = 0
    begin = time.monotonic()
    while walk.calls < options.calls and (not passed or time.monotonic() - begin < options.seconds):
        for i in range(ROUND):
            if i % 25 == 0:
                walk.refresh()
            walk.step()
        wrong, found = check_counters(walk)
        if not wrong:
            passed += 1
            wrong = check_restart(walk, found)
        if wrong:
            report(walk, options, wrong)
            return passed, 1
        passed += 1
    return passed, 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="say which calls succeeded how often")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    with Daemon(CONF, {"host_system": DEVICES}) as oned:
        walk = Walk(oned, options.seed)
        try:
            set_up(walk)
            passed, failed = run(walk, options)
        except Refused as error:
            report(walk, options, [str(error)])
            passed, failed = 0, 1
        good = sum(count for (_, well), count in walk.outcomes.items() if well)
        print(f"{walk.calls} calls, {good} carried out")
        if options.verbose:
            for method in sorted({method for method, _ in walk.outcomes}):
                print(f"      {method:32} {walk.outcomes[method, True]:5} ok {walk.outcomes[method, False]:5} refused")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
