# SPDX-License-Identifier: Apache-2.0
"""The cloud in which calls.py walks: people with different rights, objects that calls name, and new ones on order."""
import time
from collections import Counter
from typing import NamedTuple

from daemon import Refused

CREATED_BY_USERS = {"VM", "IMAGE", "TEMPLATE", "DOCUMENT", "SECGROUP", "VMGROUP", "BACKUPJOB"}
MANAGED_BY_GROUP_ADMINS = {"VM", "NET", "IMAGE", "TEMPLATE", "DOCUMENT", "SECGROUP", "VROUTER", "VMGROUP", "BACKUPJOB"}
MAKING_SECONDS = 30
MARKET = 'MARKET_MAD=http BASE_URL="http://127.0.0.1:1/" PUBLIC_DIR="/nowhere"'
ADMINS, USERS = 0, 1  # groups


class Thing(NamedTuple):
    kind: str
    id: int
    uid: int = -1  # nobody's, as hosts are
    gid: int = -1
    username: str = ""


class Person:
    """Somebody with a session, and which rights he has by the default rules and the bits 600 of what he owns."""

    def __init__(self, daemon, name, uid, groups, administers=-1):
        self.ask = daemon.session(f"{name}:secret")
        self.name, self.uid, self.groups, self.administers = name, uid, groups, administers

    def may(self, right, kind, thing=None):
        return (self.by_rule(right, kind) or (self.administers >= 0 and self.as_group_admin(right, kind, thing))
                or (thing is not None and self.as_owner(right, kind, thing)))

    def by_rule(self, right, kind):
        if right == "CREATE":
            return USERS in self.groups and kind in CREATED_BY_USERS
        everyone = {("USE", "ZONE"), ("USE", "MARKETPLACE"), ("USE", "MARKETPLACEAPP")}
        default_vdc = {("MANAGE", "HOST"), ("USE", "NET"), ("USE", "DATASTORE")}
        return (right, kind) in everyone or (USERS in self.groups and (right, kind) in default_vdc)

    def as_group_admin(self, right, kind, thing):
        if thing is None:
            return right == "CREATE" and kind in ("VROUTER", "USER")
        if kind == "GROUP":
            return thing.id == self.administers and right == "MANAGE"
        if thing.gid != self.administers:
            return False
        return kind == "USER" or (kind in MANAGED_BY_GROUP_ADMINS and right in ("USE", "MANAGE"))

    def as_owner(self, right, kind, thing):
        if kind == "GROUP":
            return right == "USE" and thing.id in self.groups
        return thing.uid == self.uid and right in ("USE", "MANAGE")


class Cloud:
    """`things` holds what arguments name by $REF; `make` gives new objects, several at once, as making takes time."""

    def __init__(self, daemon):
        self.daemon, self.admin = daemon, daemon.session()
        self.names = Counter()
        self.make_people()
        self.things = {}
        self.make_things()

    def name(self, word="thing"):
        self.names[word] += 1
        return f"{word}-{self.names[word]}"

    def make_people(self):
        """The stranger's group has none of the rules that groups start with."""
        self.staff = self.admin("group.allocate", "staff")
        self.outside = self.admin("group.allocate", "outside")
        self.drop_rules(f"@{self.outside} ")

        def person(name, groups, administers=-1):
            uid = self.admin("user.allocate", name, "secret", "", groups)
            return Person(self.daemon, name, uid, groups, administers)
        self.owner = person("owner", [self.staff, USERS])
        self.boss = person("boss", [self.staff, USERS], self.staff)
        self.stranger = person("stranger", [self.outside])
        self.granted = person("granted", [self.outside])
        self.deputy = person("deputy", [ADMINS])
        self.admin("group.addadmin", self.staff, self.boss.uid)

    def drop_rules(self, start):
        for rule in self.admin("acl.info").split("<ACL>")[1:]:
            if f"<STRING>{start}" in rule:
                self.admin("acl.delrule", int(rule.split("<ID>")[1].split("<")[0]))

    def owned(self, kind, object_id):
        return Thing(kind, object_id, self.owner.uid, self.staff)

    def give(self, kind, family, object_id):
        """To the owner: for kinds that he may not make himself."""
        self.admin(f"{family}.chown", object_id, self.owner.uid, self.staff)
        return self.owned(kind, object_id)

    def make_things(self):
        """One of each kind that arguments name."""
        admin, owner, things = self.admin, self.owner.ask, self.things
        for name in ("host", "host2"):
            things[name] = Thing("HOST", admin("host.allocate", name, "dummy", "dummy", -1))
            admin.wait("host.info", things[name].id, "STATE", 2)
        self.make_stores()
        things["image"] = self.finish([self.image()])[0]["id"]
        net = admin("vn.allocate", 'NAME="net" VN_MAD=dummy BRIDGE=br0 AR=[TYPE=ETHER, SIZE=2000]', -1)
        things["net"] = self.give("NET", "vn", net)
        admin.wait("vn.info", net, "STATE", "<![CDATA[1]]>")
        things["template"] = self.owned("TEMPLATE", owner("template.allocate", 'NAME="small" CPU=0.01 MEMORY=1'))
        things["vrtemplate"] = self.owned("TEMPLATE", owner(
            "template.allocate", 'NAME="router" CPU=0.01 MEMORY=1 VROUTER=YES'))
        things["sg"] = self.owned("SECGROUP", owner("secgroup.allocate", 'NAME="web"'))
        heir = admin("user.allocate", "heir", "secret", "", [self.staff])
        things["heir"] = Thing("USER", heir, heir, self.staff)
        things["group"], things["users"] = Thing("GROUP", self.staff), Thing("GROUP", USERS)
        things["othergroup"] = Thing("GROUP", admin("group.allocate", "others"))
        things["thirdgroup"] = Thing("GROUP", admin("group.allocate", "third"))
        things["cluster"] = Thing("CLUSTER", admin("cluster.allocate", "rack"))
        self.make_further_kinds()

    def make_stores(self):
        store = 'NAME="{0}" TYPE={0}_DS DS_MAD=dummy TM_MAD=dummy'
        for name, kind in (("ds", "IMAGE"), ("sysds", "SYSTEM"), ("backupds", "BACKUP")):
            self.things[name] = Thing("DATASTORE", self.admin("datastore.allocate", store.format(kind), -1))
        self.admin.wait_measured(self.things["ds"].id)

    def make_further_kinds(self):
        roles = self.owner.ask("vmgroup.allocate", 'NAME="roles" ROLE=[NAME=web]')
        self.things["vmgroup"] = self.owned("VMGROUP", roles)
        self.things["market"] = Thing("MARKETPLACE", self.admin("market.allocate", f'NAME="apps" {MARKET}'))

    # Makers: generators that yield what to wait for (info call, id, tag, value) and return things by name.

    def finish(self, makers):
        """What all of them return, in their order, or how one was refused. They wait side by side."""
        end = time.monotonic() + MAKING_SECONDS
        done, waiting = {}, {index: (maker, None) for index, maker in enumerate(makers)}
        while waiting:
            for index, (maker, until) in list(waiting.items()):
                try:
                    if until is None or self.is_so(*until):
                        waiting[index] = (maker, next(maker))
                    elif time.monotonic() > end:
                        raise Refused(f"{until} is not so within {MAKING_SECONDS} s")
                except StopIteration as stop:
                    done[index] = stop.value
                except Refused as refusal:
                    done[index] = refusal
                if index in done:
                    del waiting[index]
        return [done[index] for index in sorted(done)]

    def is_so(self, method, object_id, tag, value):
        return f"<{tag}>{value}</{tag}>" in self.admin(method, object_id)

    def image(self, more=""):
        image = self.owner.ask("image.allocate", f'NAME="{self.name("image")}" TYPE=OS SIZE=1 {more}',
                               self.things["ds"].id, False)
        yield "image.info", image, "STATE", 1
        return {"id": self.owned("IMAGE", image)}

    def image_snapshots(self):
        made = yield from self.image("PERSISTENT=YES")
        vm = yield from self.vm_disksnapshots(f'DISK=[IMAGE_ID={made["id"].id}]')
        self.admin("vm.action", "terminate-hard", vm["id"].id)
        yield "image.info", made["id"].id, "STATE", 1
        return made

    def vm(self, disk=None, more=""):
        disk = disk or f'DISK=[IMAGE_ID={self.things["image"].id}]'
        vm = self.owner.ask("vm.allocate", f'NAME="{self.name("vm")}" CPU=0.01 MEMORY=1 {disk} '
                            f'NIC=[NETWORK_ID={self.things["net"].id}] {more}', True)
        return {"id": self.owned("VM", vm)}
        yield

    def vm_running(self, disk=None):
        made = yield from self.vm(disk)
        self.admin("vm.deploy", made["id"].id, self.things["host"].id, False, self.things["sysds"].id, "")
        yield "vm.info", made["id"].id, "LCM_STATE", 3
        return made

    def vm_after(self, action, state, disk=None):
        made = yield from self.vm_running(disk)
        self.admin("vm.action", action, made["id"].id)
        yield "vm.info", made["id"].id, "STATE", state
        return made

    def vm_poweroff(self, disk=None):
        return (yield from self.vm_after("poweroff", 8, disk))

    def vm_undeployed(self):
        return (yield from self.vm_after("undeploy", 9))

    def vm_pci(self):
        made = yield from self.vm_undeployed()
        self.admin("vm.attachpci", made["id"].id, 'PCI=[CLASS="0c03"]')
        return made

    def vm_disksnapshots(self, disk=None):
        """Two, the first one active."""
        made = yield from self.vm_poweroff(disk)
        vm = made["id"].id
        for name in ("one", "two"):
            self.admin("vm.disksnapshotcreate", vm, 0, name)
            yield "vm.info", vm, "STATE", 8
        self.admin("vm.disksnapshotrevert", vm, 0, 0)
        yield "vm.info", vm, "STATE", 8
        return made

    def vm_snapshots(self):
        made = yield from self.vm_running()
        self.admin("vm.snapshotcreate", made["id"].id, "one")
        yield "vm.info", made["id"].id, "LCM_STATE", 3
        return made

    def vm_scheduled(self):
        made = yield from self.vm()
        sched = self.admin("vm.schedadd", made["id"].id, 'SCHED_ACTION=[ACTION="terminate", TIME="4102444800"]')
        return {**made, "sched": Thing("SCHEDULEDACTION", sched)}

    def vm_grouped(self):
        return (yield from self.vm(more=f'VMGROUP=[VMGROUP_ID={self.things["vmgroup"].id}, ROLE=web]'))

    def locked(self, made_by):
        """By its owner; by oneadmin when nobody owns it."""
        made = yield from made_by
        thing = made["id"]
        who = self.owner.ask if thing.uid >= 0 else self.admin
        who(f"{FAMILY.get(thing.kind, thing.kind.lower())}.lock", thing.id, 4, False)
        return made

    def by_owner(self, kind, text):
        made = self.owner.ask(f"{FAMILY.get(kind, kind.lower())}.allocate", f'NAME="{self.name(kind.lower())}" {text}')
        return {"id": self.owned(kind, made)}
        yield

    def by_admin(self, kind, *args, give=True):
        """{} in the arguments becomes a name."""
        family = FAMILY.get(kind, kind.lower())
        filled = [each.format(self.name(kind.lower())) if isinstance(each, str) else each for each in args]
        made = self.admin(f"{family}.allocate", *filled)
        return {"id": self.give(kind, family, made) if give else Thing(kind, made)}
        yield

    def document(self):
        made = self.owner.ask("document.allocate", f'NAME="{self.name("document")}"', 100)
        return {"id": self.owned("DOCUMENT", made)}
        yield

    def host(self):
        made = yield from self.by_admin("HOST", "{}", "dummy", "dummy", -1, give=False)
        yield "host.info", made["id"].id, "STATE", 2
        return made

    def net(self, more="AR=[TYPE=IP4, IP=10.77.0.10, SIZE=8]"):
        made = yield from self.by_admin("NET", 'NAME="{}" VN_MAD=dummy BRIDGE=br0 ' + more, -1)
        yield "vn.info", made["id"].id, "STATE", "<![CDATA[1]]>"
        return made

    def vn_held(self):
        made = yield from self.net()
        self.admin("vn.hold", made["id"].id, "LEASES=[IP=10.77.0.11]")
        return made

    def vn_reservation(self):
        made = self.owner.ask("vn.reserve", self.things["net"].id, f'NAME="{self.name("reserved")}" SIZE=1')
        return {"id": self.owned("NET", made)}
        yield

    def cluster_guests(self):
        """A cluster, and what is to come into it."""
        made = yield from self.by_admin("CLUSTER", "{}", give=False)
        for ref, maker in (("newhost", self.host()), ("newds", self.datastore()), ("newnet", self.net(""))):
            made[ref] = (yield from maker)["id"]
        return made

    def cluster_members(self):
        made = yield from self.cluster_guests()
        cluster = made["id"].id
        self.admin("cluster.addhost", cluster, made["newhost"].id)
        self.admin("cluster.adddatastore", cluster, made["newds"].id)
        self.admin("cluster.addvnet", cluster, made["newnet"].id)
        return made

    def datastore(self, kind="IMAGE"):
        return self.by_admin("DATASTORE", f'NAME="{{}}" TYPE={kind}_DS DS_MAD=dummy TM_MAD=dummy', -1)

    def user(self):
        name = self.name("user")
        groups = [self.staff, self.things["thirdgroup"].id]
        uid = self.admin("user.allocate", name, "secret", "", groups)
        return {"id": Thing("USER", uid, uid, self.staff, name)}
        yield

    def group(self, admin=False):
        made = yield from self.by_admin("GROUP", "{}", give=False)
        group = made["id"].id
        member = self.admin("user.allocate", self.name("member"), "secret", "", [group])
        if admin:
            self.admin("group.addadmin", group, member)
        return {**made, "member": Thing("USER", member, member, group)}

    def vdc_members(self):
        made = yield from self.by_admin("VDC", 'NAME="{}"', give=False)
        vdc, things = made["id"].id, self.things
        self.admin("vdc.addgroup", vdc, self.staff)
        for word, ref in (("cluster", "cluster"), ("host", "host"), ("datastore", "ds"), ("vnet", "net")):
            self.admin(f"vdc.add{word}", vdc, 0, things[ref].id)
        return made

    def acl(self):
        self.names["acl"] += 1
        user = hex(0x100000000 + 100000 + self.names["acl"])
        rule = self.admin("acl.addrule", user, "1000400000000", "1", "100000000")
        return {"id": Thing("ACL", rule)}
        yield

    def marketapp(self):
        text = f'NAME="{{}}" ORIGIN_ID={self.things["template"].id} TYPE=vmtemplate'
        return self.by_admin("MARKETPLACEAPP", text, self.things["market"].id)

    def backupjob_scheduled(self):
        made = yield from self.by_owner("BACKUPJOB", "MODE=FULL")
        sched = self.admin("backupjob.schedadd", made["id"].id, 'SCHED_ACTION=[TIME="4102444800"]')
        return {**made, "sched": Thing("SCHEDULEDACTION", sched)}

    def vrouter(self):
        return self.by_admin("VROUTER", f'NAME="{{}}" NIC=[NETWORK_ID={self.things["net"].id}]')

    def zone(self):
        return {"id": Thing("ZONE", 0)}
        yield

    def maker(self, made):
        """The generator for a word of the column `made` of calls.tsv."""
        if made.endswith(".locked"):
            return self.locked(self.maker(made.removesuffix(".locked")))
        simple = {
            "vn": self.net, "template": lambda: self.by_owner("TEMPLATE", "CPU=0.01 MEMORY=1"),
            "vntemplate": lambda: self.by_admin("VNTEMPLATE", 'NAME="{}" VN_MAD=dummy BRIDGE=br0'),
            "secgroup": lambda: self.by_owner("SECGROUP", "RULE=[PROTOCOL=TCP, RULE_TYPE=inbound]"),
            "datastore.system": lambda: self.datastore("SYSTEM"),
            "cluster": lambda: self.by_admin("CLUSTER", "{}", give=False),
            "group.empty": lambda: self.by_admin("GROUP", "{}", give=False),
            "group.admin": lambda: self.group(admin=True),
            "vdc": lambda: self.by_admin("VDC", 'NAME="{}"', give=False),
            "market": lambda: self.by_admin(
                "MARKETPLACE", f'NAME="{{}}" {MARKET}'),
            "vrouter.bare": lambda: self.by_admin("VROUTER", 'NAME="{}"'),
            "vmgroup": lambda: self.by_owner("VMGROUP", "ROLE=[NAME=web] ROLE=[NAME=db]"),
            "hook": lambda: self.by_admin(
                "HOOK", 'NAME="{}" TYPE=api CALL=one.zone.raftstatus COMMAND=none.sh', give=False),
            "backupjob": lambda: self.by_owner("BACKUPJOB", "MODE=FULL"),
        }
        return simple.get(made, getattr(self, made.replace(".", "_"), None))()


FAMILY = {"NET": "vn", "MARKETPLACE": "market", "MARKETPLACEAPP": "marketapp"}
