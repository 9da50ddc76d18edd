#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rights.py [SCENARIO …]: who may do what, from outside: bits, groups, rules, VDCs, locks, restricted attributes, logins."""
import base64
import hashlib
import subprocess
import sys
import time

from scenario import expect, ids, refused, run

VM, HOST, NET, IMAGE, USER, TEMPLATE, GROUP, DATASTORE, CLUSTER = (1 << bit for bit in (36, 37, 38, 39, 40, 41, 42, 44, 45))
ONE, OF_GROUP, ALL, IN_CLUSTER = 1 << 32, 1 << 33, 1 << 34, 1 << 35
USE, MANAGE, ADMIN, CREATE = 1, 2, 4, 8
KEEP = (-1,) * 9
CONF = 'ENABLE_OTHER_PERMISSIONS = "NO"\nQUOTA_VM_ATTRIBUTE = "TAPES"\nAUTH_MAD_CONF = [ NAME = "ldap", DRIVER_MANAGED_GROUPS = "YES" ]\n'


def bits(document):
    return "".join(one.text for one in document.find("PERMISSIONS"))


def others_get_nothing_where_the_cloud_says_so(cloud):
    """ENABLE_OTHER_PERMISSIONS=NO: users neither give nor start with bits for others; admins may."""
    ann = cloud.user("ann")
    ann("user.update", ann.uid, 'UMASK="000"', 1)
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    expect(bits(cloud.document("template.info", template, False)), "110110000")
    refused(ann, "AUTHORIZATION", "template.chmod", template, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    expect(ann("template.chmod", template, -1, -1, -1, 0, -1, -1, 0, -1, -1), template)  # what it has already
    expect(bits(cloud.document("template.info", template, False)), "110010000")
    expect(cloud("template.chmod", template, -1, -1, -1, -1, -1, -1, 1, -1, -1), template)
    expect(bits(cloud.document("template.info", template, False)), "110010100")


def new_objects_have_the_bits_that_the_umask_leaves(cloud):
    ann = cloud.user("ann")
    made = []
    for umask in ("000", "022", "077", "137"):
        ann("user.update", ann.uid, f'UMASK="{umask}"', 0)
        made.append(bits(cloud.document("secgroup.info", ann("secgroup.allocate", f"NAME=g{umask}"), False)))
    expect(made, ["110110000", "110100000", "110000000", "110100000"])
    cloud("user.update", 0, 'UMASK="007"', 1)
    expect(bits(cloud.document("secgroup.info", cloud("secgroup.allocate", "NAME=g"), False)), "111111000")


def the_admin_bits_need_the_admin_right(cloud):
    ann = cloud.user("ann")
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    refused(ann, "AUTHORIZATION", "template.chmod", template, -1, -1, 1, *KEEP[3:],
            text=f"User [{ann.uid}] : Not authorized to perform ADMIN TEMPLATE [{template}].")
    expect(ann("template.chmod", template, -1, -1, 0, *KEEP[3:]), template)
    refused(ann, "INTERNAL", "template.chmod", template, 2, *KEEP[1:], text="New permission values must be -1, 0 or 1")
    ann("template.chmod", template, -1, 0, *KEEP[2:])
    refused(ann, "AUTHORIZATION", "template.chmod", template, -1, 1, *KEEP[2:])


def a_member_of_a_second_group_has_the_bits_of_the_group(cloud):
    staff = cloud.group("staff")
    ann, bob, eve = cloud.user("ann", staff), cloud.user("bob", 1, staff), cloud.user("eve")
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    refused(bob, "AUTHORIZATION", "template.info", template, False)
    ann("template.chmod", template, -1, -1, -1, 1, -1, -1, -1, -1, -1)
    bob("template.info", template, False)
    refused(eve, "AUTHORIZATION", "template.info", template, False,
            text=f"User [{eve.uid}] : Not authorized to perform USE TEMPLATE [{template}].")
    refused(bob, "AUTHORIZATION", "template.update", template, "A=1", 1)
    cloud("user.delgroup", bob.uid, staff)
    refused(bob, "AUTHORIZATION", "template.info", template, False)


def rules_of_every_kind_open_what_they_name(cloud):
    """#, @, % and * on the side of users and of resources; a right does not hold another one."""
    staff = cloud.group("staff")
    cluster = cloud("cluster.allocate", "second")
    ann, bob = cloud.user("ann"), cloud.user("bob", staff)
    template = cloud("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    rule = cloud.rule(ONE | ann.uid, TEMPLATE | ONE | template, ADMIN, hex(ONE))
    refused(ann, "AUTHORIZATION", "template.info", template, False)
    cloud("acl.delrule", rule)
    cloud.rule(ONE | ann.uid, TEMPLATE | ONE | template, USE, hex(ONE))
    ann("template.info", template, False)
    refused(bob, "AUTHORIZATION", "template.info", template, False)
    cloud.rule(OF_GROUP | staff, TEMPLATE | OF_GROUP, USE)  # objects of group 0
    bob("template.info", template, False)
    host = cloud.host("node1", cluster)
    refused(bob, "AUTHORIZATION", "host.update", host, "A=1", 1)
    cloud.rule(OF_GROUP | staff, HOST | IN_CLUSTER | cluster, ADMIN)
    bob("host.update", host, "A=1", 1)
    cloud("cluster.delhost", cluster, host)
    refused(bob, "AUTHORIZATION", "host.update", host, "A=2", 1)
    cloud.rule(ALL, IMAGE | ALL, USE)
    image = cloud.image("i")
    bob("image.info", image, False)


def malformed_rules_say_what_is_wrong(cloud):
    for user, resource, rights, zone in (
            (ONE | ALL, VM | ALL, USE, ALL), (3, VM | ALL, USE, ALL), (ALL, VM, USE, ALL), (ALL, ALL, USE, ALL),
            (ALL, VM | ALL, 0, ALL), (ALL, VM | ALL, 16, ALL), (ALL, VM | IN_CLUSTER, USE, ALL), (ALL, HOST | OF_GROUP | 1, USE, ALL),
            (ALL, VM | ONE | 1, USE, ALL), (ALL, VM | ALL | 1, USE, ALL), (ALL, VM | ALL, USE, OF_GROUP), (ALL, 1 << 55 | ALL, USE, ALL),
            (ALL | 1, VM | ALL, USE, ALL)):
        refused(cloud.admin, "INTERNAL", "acl.addrule", hex(user), hex(resource), hex(rights), hex(zone))
    rule = cloud.rule(ALL, GROUP | ONE | 1, USE)  # of groups, single ones in all zones
    refused(cloud.admin, "INTERNAL", "acl.addrule", hex(ALL), hex(GROUP | ONE | 1), "0x1", hex(ALL), text="Rule * GROUP/#1 USE * already exists")
    cloud("acl.delrule", rule)
    again = cloud.rule(ALL, GROUP | ONE | 1, USE)
    expect(again > rule, True, "a new id")


def rules_go_with_what_they_name(cloud):
    staff = cloud.group("staff")
    ann = cloud.user("ann", staff)
    cluster = cloud("cluster.allocate", "c")
    template = cloud("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    before = len(ids(cloud.document("acl.info")))
    cloud.rule(ONE | ann.uid, IMAGE | ALL, USE)
    cloud.rule(ALL, TEMPLATE | ONE | template, USE, hex(ONE))
    cloud.rule(ALL, NET | IN_CLUSTER | cluster, USE)
    cloud.rule(ALL, TEMPLATE | OF_GROUP | staff, USE)
    expect(len(ids(cloud.document("acl.info"))), before + 4)
    cloud("template.delete", template, False)
    cloud("cluster.delete", cluster)
    cloud("user.delete", ann.uid)
    expect(len(ids(cloud.document("acl.info"))), before + 1)
    cloud("group.delete", staff)
    texts = [one.findtext("STRING") for one in cloud.document("acl.info")]
    expect([text for text in texts if f"@{staff}" in text], [])


def group_admins_rule_their_group_and_no_other(cloud):
    staff, other = cloud.group("staff"), cloud.group("other")
    boss, ann, eve = cloud.user("boss", staff), cloud.user("ann", staff), cloud.user("eve", other)
    refused(cloud.admin, "INTERNAL", "group.addadmin", staff, eve.uid)
    cloud("group.addadmin", staff, boss.uid)
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    boss("template.info", template, False)
    boss("template.update", template, "A=1", 1)
    boss("user.quota", ann.uid, "VM=[VMS=3]")
    uid = boss("user.allocate", "new", "secret", "", [staff])
    expect(cloud.document("user.info", uid, False).findtext("GID"), str(staff))
    refused(boss, "AUTHORIZATION", "user.allocate", "other", "secret", "", [other])
    refused(boss, "AUTHORIZATION", "user.quota", eve.uid, "VM=[VMS=3]")
    refused(boss, "AUTHORIZATION", "group.quota", staff, "VM=[VMS=3]")
    cloud("group.deladmin", staff, boss.uid)
    refused(boss, "AUTHORIZATION", "template.info", template, False)
    cloud("group.addadmin", staff, boss.uid)
    cloud("user.chgrp", boss.uid, other)  # who leaves is no admin any more
    refused(boss, "AUTHORIZATION", "template.info", template, False)


def vdcs_open_their_resources_to_their_groups(cloud):
    staff = cloud.group("staff")
    cloud("vdc.delgroup", 0, staff)
    ann = cloud.user("ann", staff)
    cluster = cloud("cluster.allocate", "second")
    host, network = cloud.host("node1", cluster), cloud.network("net")
    expect(ids(cloud.document("hostpool.info")), [host])
    refused(ann, "AUTHORIZATION", "host.info", host, False)
    vdc = cloud("vdc.allocate", "NAME=v")
    cloud("vdc.addgroup", vdc, staff)
    cloud("vdc.addcluster", vdc, 0, cluster)
    refused(ann, "AUTHORIZATION", "host.info", host, False)  # the rule says MANAGE, and MANAGE is not USE
    cloud("vdc.addvnet", vdc, 0, network)
    ann("vn.info", network, False)
    refused(cloud.admin, "INTERNAL", "vdc.addvnet", vdc, 0, network)
    cloud("vdc.addvnet", vdc, 0, -10)
    expect([one.findtext("VNET_ID") for one in cloud.document("vdc.info", vdc, False).findall("VNETS/VNET")], ["-10"])
    refused(cloud.admin, "INTERNAL", "vdc.delvnet", vdc, 0, network)
    ann("vn.info", network, False)
    second = cloud("vdc.allocate", "NAME=w")
    cloud("vdc.addgroup", second, staff)
    cloud("vdc.addvnet", second, 0, -10)
    cloud("vdc.delvnet", second, 0, -10)
    ann("vn.info", network, False)  # the first one stands for it still
    cloud("vdc.delgroup", vdc, staff)
    refused(ann, "AUTHORIZATION", "vn.info", network, False)
    refused(cloud.admin, "ACTION", "vdc.delete", 0)


def locks_stop_the_rights_from_their_level_on(cloud):
    ann, bob = cloud.user("ann"), cloud.user("bob")
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    for level, stopped in ((1, ("clone", "rename", "chown")), (2, ("rename", "chown")), (3, ()), (4, ("clone", "rename", "chown"))):
        ann("template.lock", template, level, False)
        ann("template.info", template, False)
        lock = cloud.document("template.info", template, False).find("LOCK")
        expect((lock.findtext("LOCKED"), lock.findtext("OWNER")), (str(level % 4 or 1), str(ann.uid)))
        for what, args in (("clone", (f"copy{level}", False)), ("rename", (f"name{level}",)), ("chown", (-1, 1))):
            answer = cloud.admin.ask(f"template.{what}", template, *args)
            expect(not answer.ok and answer.code == 512, what in stopped, f"{what} at level {level}")
        refused(bob, "AUTHORIZATION", "template.unlock", template)
        refused(ann, "ACTION", "template.lock", template, 1, True, text=lock.findtext("TIME"))
        ann("template.unlock", template)
    refused(ann, "ACTION", "template.unlock", template, text="Cannot unlock: Lock is owned by another user")
    cloud("template.unlock", template)
    for level in (0, 5, -1):
        refused(ann, "ACTION", "template.lock", template, level, False, text="Wrong lock level specified")


def lists_of_operations_say_which_right_a_vm_action_needs(cloud):
    """The user's own list first, then that of the primary group, then oned.conf."""
    staff = cloud.group("staff")
    ann, bob = cloud.user("ann", staff), cloud.user("bob", staff)
    vm = ann("vm.allocate", "NAME=v\nCPU=1\nMEMORY=1", True)
    ann("vm.chmod", vm, -1, -1, -1, 1, -1, -1, -1, -1, -1)
    refused(bob, "AUTHORIZATION", "vm.rename", vm, "w", text=f"User [{bob.uid}] : Not authorized to perform MANAGE VM [{vm}].")
    refused(ann, "AUTHORIZATION", "vm.recover", vm, 3, text=f"User [{ann.uid}] : Not authorized to perform ADMIN VM [{vm}].")
    cloud("group.update", staff, 'VM_USE_OPERATIONS="rename,delete"', 1)
    bob("vm.rename", vm, "w")
    cloud("user.update", bob.uid, 'VM_ADMIN_OPERATIONS="rename"', 1)
    refused(bob, "AUTHORIZATION", "vm.rename", vm, "x")
    refused(bob, "INTERNAL", "user.update", bob.uid, 'VM_USE_OPERATIONS="rename"', 1)
    refused(cloud.admin, "INTERNAL", "user.update", bob.uid, 'VM_USE_OPERATIONS="dance"', 1)
    bob("vm.recover", vm, 3)


def restricted_attributes_of_vms_are_for_admins(cloud):
    """They are refused in what users make, and in what they give on top of a template."""
    ann = cloud.user("ann")
    for text in ("CPU_COST=1", 'RAW=[DATA="x",TYPE=dummy]', "DISK=[TYPE=fs,SIZE=1,SIZE_PREV=2]", 'NIC_DEFAULT=[MAC="02:00:00:00:00:01"]',
                 "TOPOLOGY=[PIN_POLICY=CORE]", 'CONTEXT=[FILES="/etc/passwd"]', "EMULATOR=x", "USER_PRIORITY=1", "TAPES=1"):
        refused(ann, "AUTHORIZATION", "vm.allocate", f"CPU=1\nMEMORY=1\n{text}", True)
        refused(ann, "AUTHORIZATION", "template.allocate", f"NAME=t\nCPU=1\nMEMORY=1\n{text}")
    text = 'NAME=t\nCPU=1\nMEMORY=1\nCPU_COST=5\nRAW=[TYPE=dummy,DATA="<a/>"]'
    template = cloud("template.allocate", text)
    cloud("template.chown", template, ann.uid, 1)
    vm = ann("template.instantiate", template, "v", True, "CPU_COST=5\nFOO=1", False)  # the same value is no change
    expect(cloud.document("vm.info", vm, False).findtext("TEMPLATE/CPU_COST"), "5")
    refused(ann, "AUTHORIZATION", "template.instantiate", template, "v", True, "CPU_COST=6", False)
    refused(ann, "AUTHORIZATION", "template.instantiate", template, "v", True, "MEMORY_COST=6", False)
    refused(ann, "INTERNAL", "template.update", template, "CPU_COST=1", 1)
    refused(ann, "INTERNAL", "template.update", template, "CPU=1\nCPU_COST=1", 0)
    ann("template.update", template, 'CPU=2\nRAW=[TYPE=dummy,DATA="<a/>"]', 0)  # left out: carried over
    expect(cloud.document("template.info", template, False, False).findtext("TEMPLATE/CPU_COST"), "5")
    refused(ann, "AUTHORIZATION", "vm.attach", vm, "DISK=[TYPE=fs,SIZE=1,TOTAL_IOPS_SEC=1]")
    network = cloud.network("net")
    refused(ann, "AUTHORIZATION", "vm.attachnic", vm, f'NIC=[NETWORK_ID={network},MAC="02:00:00:00:00:01"]')
    cloud("vm.allocate", "CPU=1\nMEMORY=1\nCPU_COST=1", True)


def restricted_attributes_of_images_and_networks_are_for_admins(cloud):
    ann = cloud.user("ann")
    cloud.rule(ONE | ann.uid, NET | ALL, CREATE)
    refused(ann, "AUTHORIZATION", "image.allocate", "NAME=i\nTYPE=DATABLOCK\nSIZE=1\nSOURCE=/etc/passwd\nFORMAT=raw", 1, True)
    refused(ann, "AUTHORIZATION", "vn.allocate", "NAME=n\nVN_MAD=dummy\nBRIDGE=br1", 0)
    network = cloud.network("net", 'MTU=1400\nAR=[TYPE=IP4,IP="10.0.0.1",SIZE=4]')
    cloud("vn.chown", network, ann.uid, 1)
    refused(ann, "INTERNAL", "vn.update", network, "BRIDGE=br2", 1)
    ann("vn.update", network, "MTU=1500", 0)
    document = cloud.document("vn.info", network, False)
    expect((document.findtext("BRIDGE"), document.findtext("TEMPLATE/MTU")), ("br0", "1500"))
    image = cloud.image("i", by=ann)
    refused(ann, "INTERNAL", "image.update", image, "SOURCE=/etc/passwd", 1)
    cloud("image.update", image, "SOURCE=/a", 1)
    ann("image.update", image, "A=1", 0)
    expect(cloud.document("image.info", image, False).findtext("TEMPLATE/SOURCE"), "/a")


def a_role_of_a_vm_group_is_for_vms_that_live(cloud):
    group = cloud("vmgroup.allocate", "NAME=g\nROLE=[NAME=a]\nROLE=[NAME=b]")
    vm = cloud("vm.allocate", "CPU=1\nMEMORY=1", True)
    cloud("vm.vmgroupadd", vm, group, "a")
    cloud("vm.vmgroupdel", vm)
    cloud("vm.recover", vm, 3)
    cloud.admin.wait("vm.info", vm, "STATE", 6)
    refused(cloud.admin, "ACTION", "vm.vmgroupadd", vm, group, "a")
    roles = cloud.document("vmgroup.info", group, False).findall("ROLES/ROLE")
    expect([role.findtext("VMS") for role in roles], [None, None])


def a_token_of_a_group_acts_for_that_group_alone(cloud):
    staff = cloud.group("staff")
    ann, bob = cloud.user("ann", 1, staff), cloud.user("bob", 1)
    shared = bob("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    bob("template.chmod", shared, -1, -1, -1, 1, -1, -1, -1, -1, -1)
    ann("template.info", shared, False)
    token = ann("user.login", "ann", "", 600, staff)
    narrow = cloud.oned.session(f"ann:{token}")
    refused(narrow, "AUTHORIZATION", "template.info", shared, False)
    own = cloud.document("secgroup.info", narrow("secgroup.allocate", "NAME=s"), False)
    expect((own.findtext("GID"), own.findtext("GNAME")), (str(staff), "staff"))
    other = cloud("group.allocate", "other")
    refused(ann, "RPC_API", "user.login", "ann", "", 600, other, text="EGID is not in user group list")
    cloud("user.delgroup", ann.uid, staff)
    refused(narrow, "AUTHENTICATION", "template.info", shared, False)
    ann("template.info", shared, False)


def tokens_can_be_chosen_counted_and_taken_back(cloud):
    ann, bob = cloud.user("ann"), cloud.user("bob")
    token = ann("user.login", "ann", "", 600, -1)
    chosen = ann("user.login", "ann", "open-sesame", 600, -1)
    expect(chosen, "open-sesame")
    by_token = cloud.oned.session(f"ann:{token}")
    by_token("user.info", -1, False)
    cloud.oned.session("ann:open-sesame")("user.info", -1, False)
    tokens = cloud.document("user.info", ann.uid, False).findall("LOGIN_TOKEN")
    expect(sorted(one.findtext("TOKEN") for one in tokens), sorted([token, chosen]))
    refused(bob, "AUTHORIZATION", "user.login", "ann", "", 600, -1)
    ann("user.login", "ann", token, 0, -1)
    refused(by_token, "AUTHENTICATION", "user.info", -1, False)
    cloud("user.login", "ann", "", 0, -1)  # an admin takes all
    expect(cloud.document("user.info", ann.uid, False).findall("LOGIN_TOKEN"), [])


def server_token(password, server, target, expires):
    """As Ruby and Sunstone make it (api.md §2)."""
    key = hashlib.sha256(password.encode()).hexdigest()[:32]
    done = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", key.encode().hex(), "-iv", key[:16].encode().hex()],
                          input=f"{server}:{target}:{expires}".encode(), capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


def a_server_user_acts_for_others(cloud):
    staff = cloud.group("staff")
    ann = cloud.user("ann", 1, staff)
    cloud("user.allocate", "gate", hashlib.sha256(b"between").hexdigest(), "server_cipher", [0])
    token = server_token("between", "gate", "ann", int(time.time()) + 600)
    for session, gid in ((f"gate:ann:{token}", 1), (f"gate:ann:{staff}:{token}", staff)):
        acting = cloud.oned.session(session)
        made = cloud.document("template.info", acting("template.allocate", f"NAME=t{gid}\nCPU=1\nMEMORY=1"), False)
        expect((made.findtext("UID"), made.findtext("GID")), (str(ann.uid), str(gid)))
    for session in (f"gate:bob:{token}", f"gate:oneadmin:{token}", f"gate:ann:{server_token('wrong', 'gate', 'ann', int(time.time()) + 600)}",
                    f"gate:ann:{server_token('between', 'gate', 'ann', int(time.time()) - 600)}", "gate:between", f"ann:ann:{token}"):
        refused(cloud.oned.session(session), "AUTHENTICATION", "user.info", -1, False)


def who_is_disabled_or_gone_stays_out(cloud):
    ann = cloud.user("ann")
    token = ann("user.login", "ann", "", 600, -1)
    cloud("user.enable", ann.uid, False)
    refused(ann, "AUTHENTICATION", "user.info", -1, False)
    refused(cloud.oned.session(f"ann:{token}"), "AUTHENTICATION", "user.info", -1, False)
    cloud("user.enable", ann.uid, True)
    ann("user.info", -1, False)
    ann("user.passwd", ann.uid, "other")
    refused(ann, "AUTHENTICATION", "user.info", -1, False)
    cloud.oned.session("ann:other")("user.info", -1, False)
    refused(cloud.admin, "ACTION", "user.passwd", ann.uid, "with blank")


def groups_that_a_driver_manages_are_not_for_hands(cloud):
    staff = cloud.group("staff")
    uid = cloud("user.allocate", "ann", "dn", "ldap", [1])
    for code, method in (("RPC_API", "chgrp"), ("ACTION", "addgroup"), ("ACTION", "delgroup")):
        refused(cloud.admin, code, f"user.{method}", uid, staff, text="Groups cannot be manually managed for auth driver ldap")
    cloud("user.chauth", uid, "core", "secret")
    cloud("user.addgroup", uid, staff)


def owners_change_with_their_rights(cloud):
    staff = cloud.group("staff")
    ann, bob = cloud.user("ann"), cloud.user("bob")
    template = ann("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    bob("template.allocate", "NAME=t\nCPU=1\nMEMORY=1")
    refused(ann, "AUTHORIZATION", "template.chown", template, bob.uid, -1, text=f"User [{ann.uid}] : Not authorized to perform MANAGE USER [{bob.uid}].")
    refused(ann, "AUTHORIZATION", "template.chown", template, -1, staff, text=f"User [{ann.uid}] : Not authorized to perform USE GROUP [{staff}].")
    ann("template.chown", template, ann.uid, 1)
    refused(cloud.admin, "INTERNAL", "template.chown", template, bob.uid, -1)
    refused(cloud.admin, "NO_EXISTS", "template.chown", template, 99, -1)
    cloud("template.rename", template, "other")
    cloud("template.chown", template, bob.uid, staff)
    bob("template.info", template, False)
    refused(ann, "AUTHORIZATION", "template.info", template, False)


if __name__ == "__main__":
    sys.exit(run(sys.modules["__main__"], CONF))
