#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""samples.py [REGEX]: the documents of test/data/samples, which OpenNebula 7.4.0 returned, against those of oned.

Makes the objects that stood behind the samples, in the same order, and compares each document element by element:
which there are, in which order, with which values. What cannot be equal is named below: VOLATILE by its value,
APART as a whole. And where the sample is valid by the schema that OpenNebula publishes (test/data/xsd), so is ours.
Closes with `N passed, N failed`.
"""
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from daemon import TEST, Daemon, Refused

EVERYTHING = (-2, -1, -1)
NET = """NAME="smp-vn" VN_MAD="dummy" BRIDGE="br0" DNS="10.0.0.1"
NETWORK_ADDRESS="10.0.0.0" NETWORK_MASK="255.255.255.0"
AR=[ TYPE="IP4", IP="10.0.0.10", SIZE="50" ]
AR=[ TYPE="IP4_6", IP="10.1.0.10", SIZE="5", GLOBAL_PREFIX="2001:db8::", ULA_PREFIX="fd00::" ]
AR=[ TYPE="ETHER", SIZE="3" ]
"""
TEMPLATE = """NAME="smp-tmpl" CPU="0.5" VCPU="2" MEMORY="128" LABELS="x,y" MYATTR="value with spaces"
DISK=[ IMAGE_ID="0" ]
DISK=[ TYPE="fs", SIZE="100", FORMAT="raw" ]
NIC=[ NETWORK_ID="0", SECURITY_GROUPS="0,100" ]
FEATURES=[ ACPI="yes" ]
GRAPHICS=[ TYPE="VNC", LISTEN="0.0.0.0" ]
CONTEXT=[ NETWORK="YES", SSH_PUBLIC_KEY="$USER[SSH_PUBLIC_KEY]" ]
BACKUP_CONFIG=[ KEEP_LAST="3" ]
SCHED_ACTION=[ ACTION="poweroff", TIME="+86400" ]
SCHED_REQUIREMENTS="ID=\\"0\\""
"""
# Times, tokens and the like: they must be there, with a value exactly when the sample has one.
VOLATILE = (
    r"/(STIME|ETIME|PSTIME|PETIME|RSTIME|RETIME|ESTIME|EETIME|REGTIME|MODTIME|TIMESTAMP|DATE)$",
    r"/(LAST_POLL|EXPIRATION_TIME)$",
    r"LOCK/(TIME|REQ_ID)$", r"/REQUEST_ID$", r"SCHED_ACTION/TIME$", r"/PASSWORD$", r"/TOKEN(_PASSWORD)?$", r"OS/UUID$",
    r"SHOWBACK(\[\d+\])?/(YEAR|MONTH|HOURS|RHOURS)$", r"/ENDPOINT(_GRPC)?$", r"/BASE_PATH$",
    # Addresses without IP are random.
    r"AR\[3\]/MAC(_END)?$",
    # Measured.
    r"MONITORING(\[\d+\])?/(CPU|MEMORY|NETRX|NETTX|DISK\w+)$", r"MONITORING(\[\d+\])?/(CAPACITY|SYSTEM|NUMA_NODE)\b",
)


# What is not compared, and why: (sample, difference, reason).
CONFIG = r"OPENNEBULA_CONFIGURATION/"
APART = (
    ("datastorepool.info", r".*/DATASTORE\[[35]\]/\w+_MB", "the datastores 0 and 2 of the recording lay on real disks"),
    (r"(vm|host|hostpool|vmpool)\.monitoring", r"MONITORING_DATA/MONITORING\[\d+\](:|/ID)",
     "as many records as there was time for, and only of machines that run"),
    ("vm.info.pending", r".*MONITORING/\w+: not there", "the original's dummy measured machines that do not run"),
    (r"hook\..*|hooklog.info", r".*/HOOK_EXECUTION_RECORD", "hooks are not run as yet"),
    (r"zone(pool)?\.info", r".*/ENDPOINT_GRPC", "there is no gRPC end point"),
    ("marketpool.info", r".*\[[23]\]/TEMPLATE/DESCRIPTION", "own words"),
    (r"image(pool)?\.info", r".*/(CLONING_OPS|APP_CLONES/ID)", "images are not published as yet"),
    (r"marketapp(pool)?\.info", r".*/(STATE|TYPE|APPTEMPLATE64):", "images are not published as yet: it is a template"),
    ("vmpool.accounting", r".*/VM/((LOCK|SNAPSHOTS|STATE|LCM_STATE|PREV_\w+|DEPLOY_ID|MONITORING/\w+)\b|TEMPLATE/DISK/DISK_SNAP)",
     "the machine is shown as it is now (docs/compatibility.md)"),
    ("system.config", CONFIG + r"(ACTION_TIMEOUT|AUTH_MAD|COLD_MIGRATE_MODE|DRS_INTERVAL|DS_MONITOR_VM_DISK|GRPC_\w+|"
     r"HM_MAD|HOOK_LOG_CONF|IM_MAD|IPAM_MAD|LIVE_RESCHEDS|LOG_CALL_FORMAT|LOG_RESULT_LENGTH|MANAGER_TIMER|MARKET_MAD|"
     r"MAX_ACTIONS_\w+|MAX_BACKUPS\w*|MONITORING_INTERVAL_MARKET|ONE_KEY|PCI_PASSTHROUGH_BUS|RAFT|RPC_LOG|SCHED_\w+): not there",
     "says nothing here"),
    ("system.config", CONFIG + r"(METRICS|MONITORING_\w+|QUOTA_VM_ATTRIBUTE|RPC_THREADS|VN_MAD|\w+_ENCRYPTED_ATTR): too much", "own"),
    ("system.config", CONFIG + r"((DATASTORE|TM|VM)_MAD/|(DB|LOG)/|DS_MAD_CONF\[15\]|MARKET_MAD_CONF\S*/SUNSTONE_NAME)",
     "other programs"),
    ("system.config", CONFIG + r"ONE_KEY: '\*\*\*'", "secrets are masked (docs/compatibility.md)"),
    ("system.config", CONFIG + r"(DATASTORE_LOCATION|HOSTNAME|KEEPALIVE_\w+|MAX_CONN\w*|MESSAGE_SIZE|PORT|"
     r"MONITORING_INTERVAL_\w+): ", "own defaults, and those of the recording's machine"),
)
# Roots whose schema has another name; others are called as their root is in lower case.
SCHEMAS = {
    "MARKETPLACEAPP_POOL": "marketplaceapp_pool", "VM_POOL": "vm_pool", "HISTORY_RECORDS": "acct",
    "SHOWBACK_RECORDS": "showback", "RAFT": "raftstatus", "OPENNEBULA_CONFIGURATION": "opennebula_configuration",
}
EXTENDED = {"vmpool.infoextended": "vm_pool_extended"}


def calls():
    """(sample, method, arguments)"""
    for family in ("backupjob", "cluster", "datastore", "document", "group", "hook", "host", "image", "market", "marketapp",
                   "secgroup", "template", "user", "vdc", "vm", "vmgroup", "vn", "vntemplate", "vrouter", "zone"):
        first = {"cluster": 0, "datastore": 100, "group": 100, "market": 100, "secgroup": 100, "user": 2, "vdc": 100}
        yield f"{family}.info", f"{family}.info", (first.get(family, 0),)
        pool = {"document": (*EVERYTHING, 100), "vm": (*EVERYTHING, -1)}
        ownerless = family in ("cluster", "datastore", "group", "host", "market", "user", "vdc", "zone")
        yield f"{family}pool.info", f"{family}pool.info", () if ownerless else pool.get(family, EVERYTHING)
    yield "acl.info", "acl.info", ()
    yield "groupquota.info", "groupquota.info", ()
    yield "userquota.info", "userquota.info", ()
    yield "user.info.oneadmin", "user.info", (0,)
    yield "hook.info.state", "hook.info", (1,)
    yield "image.info.persistent", "image.info", (1,)
    yield "template.info.extended", "template.info", (0, True)
    yield "vm.info.pending", "vm.info", (1,)
    yield "vmpool.infoextended", "vmpool.infoextended", (*EVERYTHING, -1)
    yield "vmpool.infoset", "vmpool.infoset", ("0,1", False)
    yield "vmpool.accounting", "vmpool.accounting", EVERYTHING
    yield "vmpool.showback", "vmpool.showback", (-2, -1, -1, -1, -1)
    yield "vmpool.monitoring", "vmpool.monitoring", (-2, 0)
    yield "vm.monitoring", "vm.monitoring", (0,)
    yield "host.monitoring", "host.monitoring", (0,)
    yield "hostpool.monitoring", "hostpool.monitoring", (0,)
    yield "hooklog.info", "hooklog.info", (-1, -1, -1, 0)
    yield "zone.raftstatus", "zone.raftstatus", ()
    yield "system.config", "system.config", ()


def template_text(name, element):
    keys = ", ".join('{}="{}"'.format(child.tag, (child.text or "").replace('"', '\\"')) for child in element)
    return f"{name}=[ {keys} ]\n"


def vector(name, **values):
    return f"{name}=[" + ", ".join(f'{key}="{value}"' for key, value in values.items()) + "]\n"


def numa_report(host):
    """CORE, HUGEPAGE and MEMORY_NODE of the nodes as the host reports them, and what it reports of their use."""
    system = monitor = ""
    for node in host.iterfind("HOST_SHARE/NUMA_NODES/NODE"):
        number = node.findtext("NODE_ID")
        for core in node.iterfind("CORE"):
            system += vector("CORE", NODE_ID=number, ID=core.findtext("ID"),
                             CPUS=core.findtext("CPUS").replace(":-1", ""))
        for pages in node.iterfind("HUGEPAGE"):
            system += vector("HUGEPAGE", NODE_ID=number, SIZE=pages.findtext("SIZE"), PAGES=pages.findtext("PAGES"))
        system += vector("MEMORY_NODE", NODE_ID=number, TOTAL=node.findtext("MEMORY/TOTAL"),
                         DISTANCE=node.findtext("MEMORY/DISTANCE"))
    for node in host.iterfind("MONITORING/NUMA_NODE"):
        number = node.findtext("NODE_ID")
        for pages in node.iterfind("HUGEPAGE"):
            monitor += vector("HUGEPAGE", NODE_ID=number, SIZE=pages.findtext("SIZE"), FREE=pages.findtext("FREE"))
        monitor += vector("MEMORY_NODE", NODE_ID=number, FREE=node.findtext("MEMORY/FREE"),
                          USED=node.findtext("MEMORY/USED"))
    return system, monitor


def host_report():
    """What the host of the samples reported of itself, as a driver words it: host_system and host_monitor."""
    host = ElementTree.parse(TEST / "data/samples/host.info.xml").getroot()
    system, monitor = numa_report(host)
    text = system + "".join(template_text("PCI", pci) for pci in host.iterfind("HOST_SHARE/PCI_DEVICES/PCI"))
    for name in ("KVM_CPU_FEATURES", "KVM_CPU_MODELS", "MEMORY_ENCRYPTION"):
        text += f'{name}="{host.findtext("TEMPLATE/" + name)}"\n'
    for told, shown in (("TOTAL", "MAX"), ("FREE", "FREE"), ("USED", "USED")):
        text += f'DS_LOCATION_{told}_MB="{host.findtext(f"HOST_SHARE/DATASTORES/{shown}_DISK")}"\n'
    return {"host_system": text, "host_monitor": monitor}


class World:
    """Steps that make the objects; each of them is a check, so that one that is refused does not hide the others."""

    def __init__(self, daemon):
        self.daemon, self.api, self.refused = daemon, daemon.session(), []

    def do(self, method, *args):
        try:
            return self.api(method, *args)
        except Refused as refusal:
            self.refused.append(str(refusal))
            return -1

    def wait(self, *args):
        try:
            self.api.wait(*args)
        except Refused as refusal:
            self.refused.append(str(refusal))

    def make_stores(self):
        do = self.do
        do("datastore.update", 0, 'TM_MAD="dummy"', 1)
        do("datastore.update", 1, 'TM_MAD="dummy"\nDS_MAD="dummy"', 1)
        do("host.allocate", "smp-host", "dummy", "dummy", -1)
        self.wait("host.info", 0, "STATE", 2)
        do("cluster.allocate", "smp-cluster")
        do("datastore.allocate", 'NAME="smp-ds" TYPE="IMAGE_DS" DS_MAD="dummy" TM_MAD="dummy" LABEL="a & b <c>"', -1)
        do("datastore.allocate", 'NAME="smp-bck" TYPE="BACKUP_DS" DS_MAD="dummy" TM_MAD="dummy"', -1)
        self.api.wait_measured(100)
        do("image.allocate", 'NAME="smp-img" TYPE="OS" PATH="/etc/hostname" DESCRIPTION="it\'s \\"q\\""', 100)
        do("image.allocate", 'NAME="smp-data" TYPE="DATABLOCK" SIZE="20" FORMAT="raw" PERSISTENT="YES"', 100)
        for image in (0, 1):
            self.wait("image.info", image, "STATE", 1)

    def make_people(self):
        do = self.do
        do("user.allocate", "smpuser", "secret", "", [])
        do("group.allocate", "smp-group")
        self.daemon.session("smpuser:secret").ask("user.login", "smpuser", "", 3600, -1)
        do("user.addgroup", 2, 100)
        do("user.chgrp", 2, 100)
        do("group.addadmin", 100, 2)
        do("user.quota", 2, """DATASTORE=[ID="100", IMAGES="5", SIZE="100"] NETWORK=[ID="0", LEASES="3"]
            VM=[CPU="5", VMS="10"] IMAGE=[ID="0", RVMS="2"]""")
        do("group.quota", 100, 'VM=[VMS="10"]')
        do("group.vlan", 100, 'VLAN=[ID="10-20", SCOPE="VLAN_ID"]')
        do("userquota.update", 'VM=[VMS="100"]')
        do("vdc.allocate", 'NAME="smp-vdc" DESCRIPTION="x"')
        do("vdc.addgroup", 100, 100)
        do("vdc.addcluster", 100, 0, 0)
        do("vdc.addhost", 100, 0, 0)
        do("vdc.adddatastore", 100, 0, 100)
        do("vdc.addvnet", 100, 0, -10)
        do("acl.addrule", "100000002", "1400000000", "3", "100000000")

    def make_descriptions(self):
        do = self.do
        do("secgroup.allocate", """NAME="smp-sg" DESCRIPTION="test" RULE=[PROTOCOL="TCP", RULE_TYPE="inbound", RANGE="22,80"]
            RULE=[PROTOCOL="ALL", RULE_TYPE="outbound"]""")
        do("vn.allocate", NET, -1)
        self.wait("vn.info", 0, "STATE", "<![CDATA[1]]>")
        do("vntemplate.allocate", 'NAME="smp-vnt" VN_MAD="dummy" BRIDGE="br1" CLUSTER_IDS="0"')
        do("template.allocate", TEMPLATE)
        do("template.allocate",
           'NAME="smp-vrt" CPU="1" MEMORY="64" VROUTER="YES" GRAPHICS=[TYPE="VNC", LISTEN="0.0.0.0"]')
        do("vmgroup.allocate", 'NAME="smp-vmg" ROLE=[NAME="a", POLICY="AFFINED"] ROLE=[NAME="b"] ANTI_AFFINED="a,b"')
        do("document.allocate", 'NAME="smp-doc" TEMPLATE_BODY="{}"', 100)
        do("hook.allocate", 'NAME="smp-hook" TYPE="api" CALL="one.zone.raftstatus" COMMAND="/bin/true"')
        do("hook.allocate", """NAME="smp-hook2" TYPE="state" RESOURCE="VM" ON="RUNNING"
            COMMAND="/bin/true" ARGUMENTS="$TEMPLATE" """)
        do("market.allocate", 'NAME="smp-market" MARKET_MAD="http" BASE_URL="http://x/" PUBLIC_DIR="/var/lib/one/market"')
        do("marketapp.allocate", 'NAME="smp-app" ORIGIN_ID="0" TYPE="VMTEMPLATE"', 100)

    def make_machines(self):
        do = self.do
        do("template.instantiate", 0, "smp-vm", False, "", False)
        do("vm.allocate", 'NAME="smp-vm-pending" CPU="1" MEMORY="64"', True)
        self.wait("vm.info", 0, "LCM_STATE", 3)
        do("vrouter.allocate", 'NAME="smp-vr" NIC=[NETWORK_ID="0", FLOATING_IP="YES"]')
        do("vrouter.instantiate", 0, 1, 1, "", True, "")
        do("vm.action", "release", 2)
        self.wait("vm.info", 2, "LCM_STATE", 3)
        do("vm.action", "poweroff", 0)
        self.wait("vm.info", 0, "STATE", 8)
        do("vm.disksnapshotcreate", 0, 0, "ds1")
        self.wait("vm.info", 0, "STATE", 8)
        do("vm.action", "resume", 0)
        self.wait("vm.info", 0, "LCM_STATE", 3)
        do("backupjob.allocate", """NAME="smp-bj" BACKUP_VMS="0" PRIORITY="40" DATASTORE_ID="100" KEEP_LAST="0" MODE="FULL"
            SCHED_ACTION=[TIME="1895000000", REPEAT="3", DAYS="1", END_TYPE="0"]""")
        self.wait_for_monitoring()
        do("vm.lock", 0, 1, False)
        do("image.lock", 1, 2, False)
        do("template.lock", 0, 3, False)
        do("zone.raftstatus")

    def wait_for_monitoring(self):
        end = time.monotonic() + 20
        while "<MONITORING>" not in self.do("vm.monitoring", 0) and time.monotonic() < end:
            time.sleep(0.1)

    def make(self):
        self.make_stores()
        self.make_people()
        self.make_descriptions()
        self.make_machines()
        return self


def is_volatile(path):
    return any(re.search(pattern, path) for pattern in VOLATILE)


def text_of(element):
    """YES and NO in one case: the original's own settings are written in both."""
    text = "" if len(element) else (element.text or "").strip()
    return text.upper() if text in ("yes", "no") else text


def named(element):
    """The children with their paths: a number where a name comes again."""
    seen = {}
    for child in element:
        seen[child.tag] = seen.get(child.tag, 0) + 1
        number = f"[{seen[child.tag]}]" if seen[child.tag] > 1 else ""
        yield f"{child.tag}{number}", child


def differences(wanted, got, path):
    """Lines that say where the documents differ."""
    theirs, ours = list(named(wanted)), list(named(got))
    if text_of(wanted) != text_of(got):
        is_fine = is_volatile(path) and bool(text_of(wanted)) == bool(text_of(got))
        if not is_fine:
            yield f"{path}: {text_of(got)[:80]!r} instead of {text_of(wanted)[:80]!r}"
    names, mine = [name for name, _ in theirs], [name for name, _ in ours]
    for name in names:
        if name not in mine:
            yield f"{path}/{name}: not there"
    for name in mine:
        if name not in names:
            yield f"{path}/{name}: too much"
    both = [name for name in names if name in mine]
    if both != [name for name in mine if name in names]:
        yield f"{path}: order {[name for name in mine if name in names]} instead of {both}"
    for name in both:
        yield from differences(dict(theirs)[name], dict(ours)[name], f"{path}/{name}")


def is_apart(sample, line):
    return any(re.fullmatch(of, sample) and re.match(path, line) for of, path, _ in APART)


def breaches(schema, document):
    """What xmllint says against a document, which as oned sends it is in no namespace; None without a schema."""
    if not schema.exists():
        return None
    in_namespace = re.sub(r"^(\s*<\w+)", r'\1 xmlns="http://opennebula.org/XMLSchema"', document)
    done = subprocess.run(["xmllint", "--noout", "--schema", schema, "-"], input=in_namespace, text=True,
                          capture_output=True, timeout=30)
    return [line.split("error : ")[-1] for line in done.stderr.splitlines() if "error" in line] if done.returncode else []


def check_schema(sample, document):
    """Lines; None where the sample itself is not valid, or nothing says how it should be."""
    theirs = (TEST / f"data/samples/{sample}.xml").read_text()
    root = re.match(r"\s*<(\w+)", theirs)[1]
    schema = TEST / f"data/xsd/{EXTENDED.get(sample, SCHEMAS.get(root, root.lower()))}.xsd"
    return breaches(schema, document) if breaches(schema, theirs) == [] else None


def compare(api, sample, method, args):
    wanted = ElementTree.parse(TEST / f"data/samples/{sample}.xml").getroot()
    try:
        document = api(method, *args)
        got = ElementTree.fromstring(document)
    except (Refused, ElementTree.ParseError) as error:
        return [str(error)], None
    if wanted.tag != got.tag:
        return [f"<{got.tag}> instead of <{wanted.tag}>"], None
    found = [line for line in differences(wanted, got, got.tag) if not is_apart(sample, line)]
    return found, check_schema(sample, document)


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = failed = 0
    with Daemon('MONITORING_INTERVAL_HOST="1"', host_report()) as daemon:
        world = World(daemon).make()
        api = world.api
        for refusal in world.refused:
            failed += 1
            print(f"FAIL  {refusal}")
        for sample, method, args in calls():
            if not re.search(pattern, sample):
                continue
            for what, found in zip(("", ", schema"), compare(api, sample, method, args)):
                if found is None:
                    continue
                passed, failed = passed + (not found), failed + bool(found)
                print(f"{'FAIL' if found else 'ok  '}  {sample}{what}")
                for line in found[:12]:
                    print(f"      {line}")
    covered = {sample for sample, _, _ in calls()}
    for file in Path(TEST / "data/samples").glob("*.xml"):
        if not pattern and file.stem not in covered:
            failed += 1
            print(f"FAIL  {file.name}: no call is compared with it")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
