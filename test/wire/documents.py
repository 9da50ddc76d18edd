#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documents.py: every document of a small cloud validates against the published schemas.

Starts a throwaway oned, makes objects of each kind in as many states as it can bring about, and
validates what the info calls of all objects that are there and of their pools return. Closes with
`N passed, N failed`.
"""
import re
import subprocess
import sys

from daemon import TEST, Daemon, Refused

ALL, EVERYTHING = -2, -1  # filter flag, range
OWNED = (ALL, EVERYTHING, EVERYTHING)
ANY_VM = (*OWNED, -2)  # those that are done, too
FAILURE, SUCCESS = 0, 1  # of recover

NETWORK = """NAME="net"
VN_MAD="dummy"
BRIDGE="br0"
NETWORK_ADDRESS="10.0.0.0"
AR=[ TYPE="IP4", IP="10.0.0.10", SIZE="50" ]
AR=[ TYPE="ETHER", SIZE="5" ]
AR=[ TYPE="IP6", GLOBAL_PREFIX="2001:db8::", SIZE="5" ]
AR=[ TYPE="IP4_6", IP="10.0.1.10", ULA_PREFIX="fd00::", SIZE="5" ]
AR=[ TYPE="IP6_STATIC", IP6="2001:db8::7:1", PREFIX_LENGTH="64", SIZE="5" ]
"""
IMAGE = 'NAME="{name}"\nPATH="/var/tmp/none.img"\nTYPE="OS"\nSIZE="64"\n{more}\n'
TEMPLATE = """NAME="small"
CPU="0.5"
VCPU="2"
MEMORY="128"
DISK=[ IMAGE_ID="{image}" ]
DISK=[ TYPE="fs", SIZE="16", FORMAT="ext4" ]
NIC=[ NETWORK_ID="{network}" ]
GRAPHICS=[ TYPE="VNC", LISTEN="0.0.0.0" ]
CONTEXT=[ NETWORK="YES", SET_HOSTNAME="$NAME", START_SCRIPT="echo 'a < b & c'" ]
NOTE="é, \\"quoted\\", <tag>"
"""
RULES = """NAME="web"
RULE=[ PROTOCOL="TCP", RULE_TYPE="inbound", RANGE="80,443" ]
RULE=[ PROTOCOL="ALL", RULE_TYPE="outbound" ]
"""
KEPT = {
    "document": ('NAME="service"\nBODY="{}"', 100),
    "vmgroup": ('NAME="tiers"\nROLE=[ NAME="web", POLICY="ANTI_AFFINED" ]\nROLE=[ NAME="db", HOST_AFFINED="0" ]\n'
                'ANTI_AFFINED="web, db"',),
    "vntemplate": ('NAME="net"\nVN_MAD="dummy"\nBRIDGE="br2"\nAR=[ TYPE="IP4", IP="10.9.0.1", SIZE="5" ]',),
    "hook": ('NAME="started"\nTYPE="state"\nRESOURCE="VM"\nON="RUNNING"\nCOMMAND="tell"\nARGUMENTS="$TEMPLATE"',),
    "market": ('NAME="own"\nMARKET_MAD="http"\nBASE_URL="http://localhost/"\nPUBLIC_DIR="/var/tmp"',),
    "backupjob": ('NAME="nightly"\nBACKUP_VMS="0,1"\nSCHED_ACTION=[ TIME="4102444800", REPEAT="3", DAYS="24" ]',),
    "vrouter": ('NAME="gate"\nNIC=[ NETWORK_ID="0", FLOATING_IP="YES" ]',),
}
# schema, info call, pool call with its arguments
KINDS = (
    ("cluster", "cluster.info", "clusterpool.info", ()),
    ("host", "host.info", "hostpool.info", ()),
    ("datastore", "datastore.info", "datastorepool.info", ()),
    ("image", "image.info", "imagepool.info", OWNED),
    ("vnet", "vn.info", "vnpool.info", OWNED),
    ("security_group", "secgroup.info", "secgrouppool.info", OWNED),
    ("vmtemplate", "template.info", "templatepool.info", OWNED),
    ("vm", "vm.info", "vmpool.info", ANY_VM),
    ("user", "user.info", "userpool.info", ()),
    ("group", "group.info", "grouppool.info", ()),
    ("vdc", "vdc.info", "vdcpool.info", ()),
    ("zone", "zone.info", "zonepool.info", ()),
    ("document", "document.info", "documentpool.info", (*OWNED, 100)),
    ("vm_group", "vmgroup.info", "vmgrouppool.info", OWNED),
    ("vntemplate", "vntemplate.info", "vntemplatepool.info", OWNED),
    ("hook", "hook.info", "hookpool.info", ()),
    ("marketplace", "market.info", "marketpool.info", ()),
    ("marketplaceapp", "marketapp.info", "marketapppool.info", OWNED),
    ("backupjob", "backupjob.info", "backupjobpool.info", OWNED),
    ("vrouter", "vrouter.info", "vrouterpool.info", OWNED),
)
NAMESPACE = (r"^(<\w+)", r'\1 xmlns="http://opennebula.org/XMLSchema"')
# Where the schemas are narrower than OpenNebula's own documents, which they were written for.
GAPS = (
    # A VM that was never placed has no TM_MAD_SYSTEM.
    (r"(?<=</TEMPLATE_ID>)(?=<(VCPU|VMID)>)", "<TM_MAD_SYSTEM/>"),
    # Rules of security groups have more than these two.
    (r"<RULE>(?:(?!</RULE>).)*?(<PROTOCOL>[^/]*/PROTOCOL>).*?(<RULE_TYPE>[^/]*/RULE_TYPE>).*?</RULE>",
     r"<RULE>\1\2</RULE>"),
    # Zones have a second address.
    (r"<ENDPOINT_GRPC>.*?</ENDPOINT_GRPC>", ""),
    # Address ranges of the type IP6_STATIC.
    (r"<IP6>[^/]*/IP6>(?=<MAC>)|<PREFIX_LENGTH>[^/]*/PREFIX_LENGTH>", ""),
)


def make_hosts(api, cluster):
    """Two that work, and one each that is disabled, offline and in error."""
    for name in ("node1", "node2", "disabled", "offline"):
        host = api("host.allocate", name, "dummy", "dummy", cluster)
        api.wait("host.info", host, "STATE", 2)
        if name == "disabled":
            api("host.status", host, 1)
        if name == "offline":
            api("host.status", host, 2)
    broken = api("host.allocate", "broken", "kvm", "kvm", cluster)
    api.wait("host.info", broken, "STATE", 3)
    api("host.update", api("host.allocate", "new", "dummy", "dummy", -1), 'RACK="7"', 1)


def make_images(api, cluster):
    """A ready one in a datastore of each kind, and images in other states; returns the ready one."""
    api("datastore.allocate", 'NAME="files2"\nTYPE="FILE_DS"\nDS_MAD="dummy"\nTM_MAD="dummy"\n', cluster)
    system = 'NAME="{}"\nTYPE="SYSTEM_DS"\nTM_MAD="dummy"\n'
    api("datastore.allocate", system.format("disks"), cluster)
    api("datastore.enable", api("datastore.allocate", system.format("out"), cluster), False)
    store = api("datastore.allocate", 'NAME="images"\nTYPE="IMAGE_DS"\nDS_MAD="dummy"\nTM_MAD="dummy"\n', cluster)
    api.wait_measured(store)
    made = {}
    for name, more, state in (("disk", "", 1), ("kept", 'PERSISTENT="YES"', 1), ("out", "", 1), ("locked", "", 1),
                              ("bad", 'DUMMY_FAIL="cp=no room"', 5), ("slow", 'DUMMY_HANG="cp"', 4)):
        made[name] = api("image.allocate", IMAGE.format(name=name, more=more), store, True)
        api.wait("image.info", made[name], "STATE", state)
    api("image.enable", made["out"], False)
    api("image.lock", made["locked"], 4, False)
    api.wait("image.info", api("image.clone", made["disk"], "copy", store), "STATE", 1)
    return made["disk"]


def make_people(api):
    group = api("group.allocate", "staff")
    alice = api("user.allocate", "alice", "secret", "", [group])
    api("group.addadmin", group, alice)
    api("user.login", "alice", "", 3600, group)
    api("user.update", alice, 'LANG="é"\nKEYS=[ A="1", B="<2>" ]', 1)
    api("user.enable", api("user.allocate", "gone", "secret", "", []), False)
    api("acl.addrule", hex(0x200000000 + group), hex(0x1000000000 | 0x400000000), hex(1), hex(0x400000000))


def make_network(api, cluster):
    """With addresses held and reserved, a lock on another one, and a group of rules."""
    network = api("vn.allocate", NETWORK, cluster)
    for held in ("10.0.0.20", "10.0.0.30"):
        api("vn.hold", network, f'LEASES=[ IP="{held}" ]')
    api("vn.reserve", network, 'NAME="reserved"\nSIZE="3"\n')
    locked = api("vn.allocate", 'NAME="plain"\nVN_MAD="dummy"\nBRIDGE="br1"\n', cluster)
    api("vn.lock", locked, 4, False)
    api("secgroup.allocate", RULES)
    return network


def make_vms(api, template, bare):
    """One in each state that it can be brought to."""
    def instantiate(name, hold=False, more=""):
        return api("template.instantiate", template, name, hold, more, False)

    instantiate("held", True)
    api("template.instantiate", bare, "bare", True, "", False)
    instantiate("too big", more='MEMORY="999999999"')
    running = {name: instantiate(name) for name in (
        "running", "poweroff", "suspend", "stop", "terminate", "moved", "locked")}
    running["no shutdown"] = instantiate("no shutdown", more='DUMMY_FAIL="shutdown=it hangs"')
    for vm in running.values():
        api.wait("vm.info", vm, "LCM_STATE", 3)
    for action, state in (("poweroff", 8), ("suspend", 5), ("stop", 4), ("terminate", 6)):
        api("vm.action", action, running[action])
        api.wait("vm.info", running[action], "STATE", state)
    api("vm.action", "poweroff", running["no shutdown"])
    api("vm.lock", running["locked"], 4, False)
    here = int(re.search(r"<HID>(\d+)</HID>", api("vm.info", running["moved"]))[1])
    api("vm.migrate", running["moved"], 1 - here, True, False, -1, 0)
    api.wait("vm.info", running["moved"], "SEQ", 1)
    api.wait("vm.info", running["moved"], "LCM_STATE", 3)
    for order, state in (("run", 39), ("deploy", 36)):
        api.wait("vm.info", instantiate(f"fails to {order}", more=f'DUMMY_FAIL="{order}=no room & <why>"'),
                 "LCM_STATE", state)


def make_kept(api):
    """What others work with: one of each kind, locked where that can be; and a router's VM."""
    made = {kind: api(f"{kind}.allocate", *args) for kind, args in KEPT.items()}
    api("marketapp.allocate", 'NAME="app"\nORIGIN_ID="-1"\nTYPE="VMTEMPLATE"', made["market"])
    base = api("template.allocate", 'NAME="router"\nCPU="1"\nMEMORY="64"\nVROUTER="YES"\n')
    api("vrouter.instantiate", made["vrouter"], 1, base, "", True, "")
    for kind, object_id in made.items():
        if kind != "market":
            api(f"{kind}.lock", object_id, 4, False)


def populate(api):
    cluster = api("cluster.allocate", "rack")
    make_hosts(api, cluster)
    image = make_images(api, cluster)
    network = make_network(api, cluster)
    make_people(api)
    template = api("template.allocate", TEMPLATE.format(image=image, network=network))
    bare = api("template.allocate", 'NAME="bare"\nCPU="1"\nMEMORY="64"\n')
    make_vms(api, template, bare)
    make_kept(api)
    api("template.lock", bare, 4, False)


def documents(api):
    """(schema, call, arguments) of each document."""
    yield "acl_pool", "acl.info", ()
    yield "vm_pool_extended", "vmpool.infoextended", ANY_VM
    yield "monitoring_data", "vmpool.monitoring", (ALL,)
    for schema, info, pool, args in KINDS:
        yield f"{schema}_pool", pool, args
        root = re.match(r"<(\w+)_POOL>", api(pool, *args))[1]
        for object_id in re.findall(rf"<{root}><ID>(\d+)</ID>", api(pool, *args)):
            yield schema, info, (int(object_id),)


def as_schema(document):
    """The document in the schemas' namespace, and adapted where they do not know what is so."""
    for pattern, replacement in (NAMESPACE, *GAPS):
        document = re.sub(pattern, replacement, document, flags=re.S)
    return document


def breaches(schema, document):
    """What xmllint says against the document, empty when it validates."""
    done = subprocess.run(["xmllint", "--noout", "--schema", TEST / f"data/xsd/{schema}.xsd", "-"],
                          input=as_schema(document), text=True, capture_output=True, timeout=30)
    lines = [line for line in done.stderr.splitlines() if "validity error" in line or "parser error" in line]
    return lines if done.returncode else []


def check_all(api):
    """(passed, failed)"""
    passed = failed = 0
    for schema, method, args in documents(api):
        found = breaches(schema, api(method, *args))
        passed, failed = passed + (not found), failed + bool(found)
        print(f"{'FAIL' if found else 'ok'}  {method}{args}")
        for line in found[:3]:
            print(f"      {line.split('validity error : ')[-1][:240]}")
    return passed, failed


def main():
    passed = failed = 0
    with Daemon() as daemon:
        api = daemon.session()
        try:
            populate(api)
            passed, failed = check_all(api)
        except Refused as error:
            failed += 1
            print(f"FAIL  {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
