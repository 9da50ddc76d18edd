# SPDX-License-Identifier: Apache-2.0
"""The calls of random_calls.py: name, how often, and arguments made from what a Walk knows."""

FAILURES = ("deploy", "run", "shutdown", "save", "restore", "migrate", "cancel", "pre", "post", "attach_disk", "detach_disk",
            "attach_nic", "detach_nic", "resize_disk", "resize", "snapshot_create", "snapshot_delete", "snapshot_revert",
            "disk_snapshot_create", "reboot")


def orders(walk):
    """Now and then one for the dummy driver: an action fails, once or always, or takes a while."""
    choice = walk.random.random()
    if choice < 0.12:
        return f'\nDUMMY_FAIL="{walk.one_of(*FAILURES)}=on order"\nDUMMY_FAIL_TIMES="{walk.one_of(1, 1, 2, 50)}"'
    if choice < 0.25:
        return f'\nDUMMY_DELAY_MS="{walk.random.randrange(300)}"'
    return ""


def disk(walk):
    if walk.random.random() < 0.3:
        return f'DISK=[TYPE="{walk.one_of("fs", "swap")}",SIZE="{walk.one_of(1, 8, 50)}",FORMAT="raw"]'
    return f'DISK=[IMAGE_ID="{walk.some("image")}"]'


def nic(walk, kind="NIC"):
    more = walk.one_of("", "", "", ',SECURITY_GROUPS="%d"' % walk.some("secgroup"), ',IP="10.%d.0.%d"' % (
        walk.random.randrange(3), walk.random.randrange(1, 30)), ',PARENT="NIC0"' if kind == "NIC_ALIAS" else "")
    return f'{kind}=[NETWORK_ID="{walk.some("vn")}"{more}]'


def router_nic(walk):
    floating = walk.one_of("", ',FLOATING_IP="YES"', ',FLOATING_IP="YES",FLOATING_ONLY="YES"')
    return f'NIC=[NETWORK_ID="{walk.some("vn")}"{floating}]'


def device(walk):
    """Each host has two of one kind and one of the other (random_calls.py)."""
    return walk.one_of('PCI=[VENDOR="10de",DEVICE="0001",CLASS="0300"]', 'PCI=[VENDOR="10de",DEVICE="0002",CLASS="0300"]',
                       'PCI=[SHORT_ADDRESS="01:00.0"]')


def machine(walk):
    parts = [f'CPU="{walk.one_of("0.1", "0.25", "0.5", "1", "0.333")}"', f'MEMORY="{walk.one_of(8, 16, 32, 48, 128)}"']
    parts += [disk(walk) for _ in range(walk.random.randrange(3))] + [nic(walk) for _ in range(walk.random.randrange(3))]
    if walk.random.random() < 0.1:
        parts.append(device(walk))
    if walk.random.random() < 0.1:
        parts.append(f'VMGROUP=[VMGROUP_ID="{walk.some("vmgroup")}",ROLE="{walk.one_of("a", "b")}"]')
    return "\n".join(parts) + orders(walk)


def quota(walk):
    few = walk.one_of(-2, -1, 0, 1, 3, 10, 100)
    return walk.one_of(
        f'VM=[VMS="{few}",CPU="{walk.one_of(-1, -2, 2, "3.5")}",MEMORY="-1",RUNNING_VMS="{walk.one_of(-1, 2, 5)}",SYSTEM_DISK_SIZE="-2"]',
        f'VM=[CLUSTER_IDS="{walk.one_of("0", "100", "0,100", "9999")}",VMS="{few}",RUNNING_CPU="{walk.one_of(-2, 1)}"]',
        f'DATASTORE=[ID="{walk.some("datastore")}",SIZE="{walk.one_of(-1, -2, 100, 1000)}",IMAGES="{few}"]',
        f'NETWORK=[ID="{walk.some("vn")}",LEASES="{few}"]', f'IMAGE=[ID="{walk.some("image")}",RVMS="{few}"]', 'VM=[VMS="-3"]')


def image(walk):
    kind = walk.one_of("OS", "OS", "DATABLOCK", "CDROM", "KERNEL")
    fail = '\nDUMMY_FAIL="%s=on order"' % walk.one_of("cp", "rm", "clone") if walk.random.random() < 0.1 else ""
    return (f'NAME="{walk.name("image")}"\nTYPE="{kind}"\nPATH="/none"\nSIZE="{walk.one_of(1, 16, 64)}"\n'
            f'PERSISTENT="{walk.one_of("YES", "NO", "NO")}"{fail}')


def address_range(walk):
    kind = walk.one_of('TYPE="IP4",IP="10.9.%d.1"' % walk.random.randrange(9), 'TYPE="ETHER"', 'TYPE="IP6",GLOBAL_PREFIX="2001:db8::"')
    return f'AR=[{kind},SIZE="{walk.one_of(1, 2, 5, 20)}"]'


def lease(walk):
    part = walk.one_of("", "", f',AR_ID="{walk.random.randrange(3)}"')
    return f'LEASES=[IP="10.{walk.random.randrange(3)}.0.{walk.random.randrange(1, 30)}"{part}]'


def reservation(walk):
    where = walk.one_of(f'NAME="{walk.name("reserved")}"', f'NAME="{walk.name("reserved")}"', f'NETWORK_ID="{walk.some("vn")}"')
    return f'SIZE="{walk.one_of(1, 2, 3, 6, 100, 0)}"\n{where}{walk.one_of("", "", chr(10) + "AR_ID=0")}'


def vm(walk):
    return walk.some("vm")


def small(walk):
    return walk.random.randrange(3)


def owner(kind):
    return lambda walk: (walk.some(kind), walk.one_of(-1, walk.some("user")), walk.one_of(-1, walk.some("group")))


def mode(kind):
    return lambda walk: (walk.some(kind), *(walk.one_of(-1, 0, 1) for _ in range(9)))


def of(kind, *more):
    """The id of one, and what else: values, or functions of the walk."""
    return lambda walk: (walk.some(kind), *(one(walk) if callable(one) else one for one in more))


def call(*makers):
    return lambda walk: tuple(one(walk) if callable(one) else one for one in makers)


def pick(*values):
    return lambda walk: walk.one_of(*values)


def named(kind):
    return lambda walk: walk.name(kind)


VM_ACTIONS = ("poweroff", "poweroff-hard", "suspend", "stop", "undeploy", "undeploy-hard", "resume", "resume", "resume", "hold",
              "release", "release", "reboot", "terminate", "terminate-hard", "resched", "unresched")
MACHINES = (
    ("vm.allocate", 12, call(machine, pick(False, False, True))),
    ("template.instantiate", 20, lambda walk: (walk.some("template"), walk.one_of("", walk.name("vm")), walk.random.random() < 0.2,
                                                   walk.one_of("", nic(walk), disk(walk)) + orders(walk), walk.random.random() < 0.08)),
    ("vm.action", 60, call(pick(*VM_ACTIONS), vm)),
    ("vm.deploy", 8, of("vm", lambda walk: walk.some("host"), pick(True, False), pick(-1, -1, 0), "")),
    ("vm.migrate", 14, of("vm", lambda walk: walk.some("host"), pick(True, False), pick(True, False), pick(-1, -1, 0), pick(0, 1, 2))),
    ("vm.recover", 14, of("vm", pick(0, 1, 1, 2, 2, 3, 4, 5))),
    ("vm.chown", 10, owner("vm")), ("vm.chmod", 3, mode("vm")),
    ("vm.resize", 8, of("vm", lambda walk: f'CPU="{walk.one_of(0, "0.2", 1, 3)}"\nMEMORY="{walk.one_of(0, 24, 64, 512)}"', pick(True, False))),
    ("vm.attach", 10, of("vm", disk)), ("vm.detach", 8, of("vm", small)),
    ("vm.attachnic", 10, of("vm", lambda walk: nic(walk, walk.one_of("NIC", "NIC", "NIC_ALIAS")))),
    ("vm.detachnic", 8, of("vm", small)), ("vm.updatenic", 4, of("vm", small, nic, pick(0, 1))),
    ("vm.attachsg", 4, of("vm", small, lambda walk: walk.some("secgroup"))),
    ("vm.detachsg", 3, of("vm", small, lambda walk: walk.some("secgroup"))),
    ("vm.disksnapshotcreate", 8, of("vm", small, named("snap"))), ("vm.disksnapshotdelete", 4, of("vm", small, small)),
    ("vm.disksnapshotrevert", 4, of("vm", small, small)), ("vm.disksnapshotrename", 1, of("vm", small, small, "other")),
    ("vm.diskresize", 6, of("vm", small, pick("20", "70", "200"))), ("vm.disksaveas", 4, of("vm", small, named("saved"), "", pick(-1, 0))),
    ("vm.snapshotcreate", 6, of("vm", named("snap"))), ("vm.snapshotdelete", 3, of("vm", small)),
    ("vm.snapshotrevert", 3, of("vm", small)),
    ("vm.update", 6, of("vm", lambda walk: f'NOTE="{small(walk)}"' + orders(walk), pick(0, 1))),
    ("vm.updateconf", 2, of("vm", 'CONTEXT=[A="1"]\nGRAPHICS=[TYPE="VNC"]', pick(0, 1))),
    ("vm.rename", 1, of("vm", named("vm"))), ("vm.lock", 0.5, of("vm", pick(1, 2, 3, 4), False)), ("vm.unlock", 4, of("vm")),
    ("vm.attachpci", 6, of("vm", device)), ("vm.detachpci", 3, of("vm", small)),
    ("vm.vmgroupadd", 3, of("vm", lambda walk: walk.some("vmgroup"), pick("a", "b"))), ("vm.vmgroupdel", 2, of("vm")),
)
STORAGE = (
    ("image.allocate", 12, call(image, pick(1, 1, 1, 100, 0, 2), pick(True, True, False))),
    ("image.clone", 6, of("image", named("image"), pick(-1, -1, 1, 100))), ("image.delete", 6, of("image", pick(False, True))),
    ("image.chown", 6, owner("image")), ("image.chmod", 2, mode("image")),
    ("image.persistent", 4, of("image", pick(True, False))), ("image.enable", 3, of("image", pick(True, True, False))),
    ("image.chtype", 2, of("image", pick("OS", "DATABLOCK", "CDROM", "KERNEL"))), ("image.rename", 2, of("image", named("image"))),
    ("image.snapshotdelete", 2, of("image", small)), ("image.snapshotrevert", 2, of("image", small)),
    ("image.snapshotflatten", 2, of("image", small)), ("image.lock", 1, of("image", pick(1, 4), False)),
    ("image.unlock", 2, of("image")), ("image.update", 2, of("image", 'DUMMY_DELAY_MS="50"', 1)),
    ("datastore.allocate", 2, call(lambda walk: f'NAME="{walk.name("store")}"\nTYPE="{walk.one_of("IMAGE_DS", "SYSTEM_DS", "FILE_DS")}"\n'
                                       'DS_MAD="dummy"\nTM_MAD="dummy"', lambda walk: walk.some("cluster"))),
    ("datastore.delete", 2, call(lambda walk: max(100, walk.some("datastore")))), ("datastore.chown", 1, owner("datastore")),
    ("datastore.rename", 1, of("datastore", named("store"))), ("datastore.enable", 1, of("datastore", pick(True, True, False))),
    ("template.allocate", 4, call(lambda walk: f'NAME="{walk.name("template")}"\n' + machine(walk))),
    ("template.allocate", 1, call(lambda walk: f'NAME="{walk.name("template")}"\nVROUTER="YES"\nCPU="0.1"\nMEMORY="8"' + orders(walk))),
    ("template.clone", 3, of("template", named("template"), pick(False, True))), ("template.delete", 3, of("template", pick(False, False, True))),
    ("template.chown", 2, owner("template")), ("template.rename", 1, of("template", named("template"))),
)
NETWORKS = (
    ("vn.allocate", 4, call(lambda walk: f'NAME="{walk.name("net")}"\nVN_MAD="dummy"\nBRIDGE="br0"\n{address_range(walk)}', lambda walk: walk.some("cluster"))),
    ("vn.delete", 3, of("vn")), ("vn.hold", 6, of("vn", lease)), ("vn.release", 5, of("vn", lease)),
    ("vn.reserve", 8, of("vn", reservation)), ("vn.add_ar", 3, of("vn", address_range)),
    ("vn.rm_ar", 3, of("vn", small, pick(False, False, True))), ("vn.free_ar", 2, of("vn", small)),
    ("vn.update_ar", 3, of("vn", lambda walk: f'AR=[AR_ID="{small(walk)}",SIZE="{walk.one_of(1, 8, 30)}",NOTE="x"]')),
    ("vn.chown", 5, owner("vn")), ("vn.rename", 1, of("vn", named("net"))), ("vn.recover", 2, of("vn", pick(0, 1, 2, 3))),
    ("vn.update", 3, of("vn", lambda walk: f'MTU="{walk.one_of(1400, 1500)}"', 1)), ("vn.lock", 1, of("vn", pick(1, 4), False)),
    ("vn.unlock", 2, of("vn")),
    ("secgroup.allocate", 2, call(lambda walk: f'NAME="{walk.name("rules")}"\nRULE=[PROTOCOL="TCP",RULE_TYPE="inbound"]')),
    ("secgroup.clone", 1, of("secgroup", named("rules"))), ("secgroup.delete", 2, of("secgroup")),
    ("secgroup.chown", 1, owner("secgroup")), ("secgroup.commit", 2, of("secgroup", pick(True, False))),
    ("secgroup.update", 2, of("secgroup", lambda walk: f'RULE=[PROTOCOL="{walk.one_of("TCP", "ALL")}",RULE_TYPE="outbound"]', pick(0, 1))),
    ("vrouter.allocate", 4, call(lambda walk: f'NAME="{walk.name("router")}"\n' + router_nic(walk))), ("vrouter.delete", 1, of("vrouter")),
    ("vrouter.instantiate", 4, lambda walk: (walk.some("vrouter"), walk.one_of(1, 1, 2, 3), walk.one_of(walk.router_template(), walk.some("template")),
                                             "", walk.random.random() < 0.2, orders(walk))),
    ("vrouter.attachnic", 3, of("vrouter", router_nic)), ("vrouter.detachnic", 2, of("vrouter", small)), ("vrouter.chown", 1, owner("vrouter")),
    ("vrouter.chmod", 1, mode("vrouter")), ("vrouter.rename", 1, of("vrouter", named("router"))),
)
PLACES = (
    ("host.allocate", 2, call(named("host"), "dummy", "dummy", lambda walk: walk.some("cluster"))), ("host.delete", 0.7, of("host")),
    ("host.status", 2, of("host", pick(0, 0, 0, 1, 2))), ("host.rename", 1, of("host", named("host"))),
    ("host.update", 2, of("host", lambda walk: f'RESERVED_CPU="{walk.one_of("", "100", "10%")}"' + (orders(walk) or '\nDUMMY_FAIL=""'), 1)),
    ("cluster.allocate", 1, call(named("cluster"))), ("cluster.delete", 1, of("cluster")),
    ("cluster.addhost", 4, of("cluster", lambda walk: walk.some("host"))), ("cluster.delhost", 2, of("cluster", lambda walk: walk.some("host"))),
    ("cluster.adddatastore", 3, of("cluster", lambda walk: walk.some("datastore"))),
    ("cluster.deldatastore", 1, of("cluster", lambda walk: walk.some("datastore"))),
    ("cluster.addvnet", 3, of("cluster", lambda walk: walk.some("vn"))), ("cluster.delvnet", 1, of("cluster", lambda walk: walk.some("vn"))),
    ("vdc.allocate", 1, call(lambda walk: f'NAME="{walk.name("vdc")}"')), ("vdc.delete", 1, of("vdc")),
) + tuple((f"vdc.{what}{kind}", 1, of("vdc", *zone, (lambda known: lambda walk: walk.one_of(-10, walk.some(known)))(known)))
          for what in ("add", "del") for kind, known, zone in (("group", "group", ()), ("cluster", "cluster", (0,)), ("host", "host", (0,)),
                                                               ("datastore", "datastore", (0,)), ("vnet", "vn", (0,))))
PEOPLE = (
    ("user.allocate", 2, lambda walk: (walk.name("user"), "secret", "", walk.one_of([], [walk.some("group")], [walk.some("group"), walk.some("group")]))),
    ("user.delete", 1, of("user")), ("user.chgrp", 4, of("user", lambda walk: walk.some("group"))),
    ("user.addgroup", 3, of("user", lambda walk: walk.some("group"))), ("user.delgroup", 3, of("user", lambda walk: walk.some("group"))),
    ("user.quota", 6, of("user", quota)), ("user.enable", 2, of("user", pick(True, True, True, False))),
    ("group.allocate", 1, call(named("group"))), ("group.delete", 1, of("group")), ("group.quota", 6, of("group", quota)),
    ("group.addadmin", 2, of("group", lambda walk: walk.some("user"))), ("group.deladmin", 1, of("group", lambda walk: walk.some("user"))),
    ("userquota.update", 2, call(quota)), ("groupquota.update", 2, call(quota)),
    ("vmgroup.allocate", 2, call(lambda walk: f'NAME="{walk.name("vmgroup")}"\nROLE=[NAME="a"]\nROLE=[NAME="b"]')),
    ("vmgroup.delete", 1, of("vmgroup")), ("vmgroup.chown", 1, owner("vmgroup")),
    ("vmgroup.roleadd", 1, of("vmgroup", 'ROLE=[NAME="c"]')), ("vmgroup.roledelete", 1, of("vmgroup", small)),
)


def job(walk):
    vms = ",".join(str(vm(walk)) for _ in range(walk.random.randrange(3)))
    return f'NAME="{walk.name("job")}"\nBACKUP_VMS="{vms}"\nPRIORITY="{walk.one_of(1, 50, 60, 200)}"'


def schedule(walk):
    """In a time that this test does not see."""
    return f'SCHED_ACTION=[ACTION="{walk.one_of("poweroff", "backup", "none")}",TIME="{walk.one_of(4000000000, 4100000000)}"]'


def hook(walk):
    return f'NAME="{walk.name("hook")}"\n' + walk.one_of(
        'TYPE="api"\nCALL="one.vm.allocate"\nCOMMAND="true"', 'TYPE="state"\nRESOURCE="VM"\nON="RUNNING"\nCOMMAND="true"',
        'TYPE="state"\nRESOURCE="HOST"\nSTATE="ERROR"\nCOMMAND="true"', 'TYPE="none"\nCOMMAND="true"')


def app(walk):
    return f'NAME="{walk.name("app")}"\nORIGIN_ID="{walk.some("template")}"\nTYPE="{walk.one_of("VMTEMPLATE", "SERVICE_TEMPLATE", "IMAGE")}"'


KEPT = (
    ("document.allocate", 3, call(lambda walk: f'NAME="{walk.name("document")}"\nA="1"', pick(100, 101))),
    ("document.clone", 1, of("document", named("document"))), ("document.delete", 2, of("document")),
    ("document.update", 1, of("document", 'B="2"', pick(0, 1))), ("document.chown", 1, owner("document")),
    ("document.chmod", 1, mode("document")), ("document.rename", 1, of("document", named("document"))),
    ("document.lock", 1, of("document", pick(1, 4), False)), ("document.unlock", 1, of("document")),
    ("hook.allocate", 1, call(hook)), ("hook.delete", 1, of("hook")), ("hook.update", 1, of("hook", 'NOTE="1"', 1)),
    ("hook.rename", 1, of("hook", named("hook"))),
    ("backupjob.allocate", 3, call(job)), ("backupjob.delete", 1, of("backupjob")), ("backupjob.update", 2, of("backupjob", job, pick(0, 1))),
    ("backupjob.backup", 2, of("backupjob")), ("backupjob.cancel", 1, of("backupjob")), ("backupjob.retry", 1, of("backupjob")),
    ("backupjob.priority", 1, of("backupjob", pick(0, 50, 51, 100))), ("backupjob.chown", 1, owner("backupjob")),
    ("backupjob.rename", 1, of("backupjob", named("job"))), ("backupjob.schedadd", 1, of("backupjob", schedule)),
    ("backupjob.scheddelete", 1, of("backupjob", small)),
    ("vm.schedadd", 2, of("vm", schedule)), ("vm.scheddelete", 1, of("vm", small)),
    ("market.allocate", 1, call(lambda walk: f'NAME="{walk.name("market")}"\nMARKET_MAD="http"\nBASE_URL="http://127.0.0.1"\nPUBLIC_DIR="/none"')),
    ("market.delete", 0.5, of("market")), ("market.rename", 1, of("market", named("market"))),
    ("marketapp.allocate", 3, call(app, lambda walk: walk.some("market"))), ("marketapp.delete", 1, of("marketapp")),
    ("marketapp.enable", 1, of("marketapp", pick(True, False))), ("marketapp.chown", 1, owner("marketapp")),
    ("marketapp.rename", 1, of("marketapp", named("app"))),
)
CALLS = MACHINES + STORAGE + NETWORKS + PLACES + PEOPLE + KEPT
