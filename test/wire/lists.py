#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lists.py [SCENARIO …]: what pools and documents show to whom, names, updates and copies."""
import sys

from scenario import document, expect, ids, refused, run

CONF = 'API_LIST_ORDER = "ASC"\n'
VM = "CPU=1\nMEMORY=1\n"
EVERY = (-2, -1, -1)


def flags_select_by_owner_and_group(cloud):
    staff = cloud.group("staff")
    ann, bob, eve = cloud.user("ann", 1, staff), cloud.user("bob", 1), cloud.user("eve", staff)
    mine, his, hers, open_one = (one("template.allocate", f"NAME=t\n{VM}") for one in (ann, bob, eve, cloud.admin))
    cloud("template.chmod", open_one, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    bob("template.chmod", his, -1, -1, -1, 1, -1, -1, -1, -1, -1)
    for flag, wanted in ((-1, [mine, his]), (-2, [mine, his, open_one]), (-3, [mine]), (-4, [mine, his]), (0, [open_one]), (bob.uid, [his]),
                         (eve.uid, []), (99, [])):
        found = ids(document(ann, "templatepool.info", flag, -1, -1))
        expect(found, wanted, f"flag {flag}")
    eve("template.chmod", hers, -1, -1, -1, 1, -1, -1, -1, -1, -1)
    expect(ids(document(ann, "templatepool.info", -1, -1, -1)), [mine, his, hers])
    expect(ids(document(ann, "templatepool.info", -4, -1, -1)), [mine, his])
    refused(ann, "RPC_API", "templatepool.info", -5, -1, -1, text="Incorrect filter_flag")


def ranges_are_of_ids_and_pages_of_rows(cloud):
    made = [cloud("template.allocate", f"NAME=t{i}\n{VM}") for i in range(7)]
    cloud("template.delete", made[1], False)  # 0 2 3 4 5 6
    for bounds, wanted in (((-1, -1), [0, 2, 3, 4, 5, 6]), ((-1, 3), [0, 2, 3, 4, 5, 6]), ((2, 4), [2, 3, 4]), ((3, -1), [3, 4, 5, 6]), ((5, 2), []),
                           ((0, -2), [0, 2]), ((2, -2), [3, 4]), ((4, -10), [5, 6]), ((6, -2), []), ((-3, -3), [0, 2, 3]), ((1, 1), [])):
        expect(ids(cloud.document("templatepool.info", -2, *bounds)), wanted, f"range {bounds}")
    cloud("user.update", 0, 'OPENNEBULA=[API_LIST_ORDER="DESC"]', 1)
    expect(ids(cloud.document("templatepool.info", -2, 0, -2)), [6, 5])
    expect(ids(cloud.document("templatepool.info", -2, 2, 4)), [4, 3, 2])


def vms_are_found_by_state_and_by_what_they_say(cloud):
    held = [cloud("vm.allocate", f"NAME=web{i}\n{VM}ROLE=front\nCONTEXT=[COLOR=red{i}]", True) for i in range(2)]
    pending = cloud("vm.allocate", f"NAME=other\n{VM}ROLE=back", False)
    done = cloud("vm.allocate", f"NAME=gone\n{VM}", True)
    cloud("vm.recover", done, 3)
    cloud.admin.wait("vm.info", done, "STATE", 6)
    for state, wanted in ((-1, [*held, pending]), (-2, [*held, pending, done]), (2, held), (1, [pending]), (6, [done]), (8, [])):
        expect(ids(cloud.document("vmpool.info", *EVERY, state)), wanted, f"state {state}")
    for query, wanted in (("VM.NAME=web", held), ("VM.NAME=web1", held[1:]), ("VM.USER_TEMPLATE.ROLE=back", [pending]),
                          ("VM.TEMPLATE.CONTEXT.COLOR=red0", held[:1]), ("VM.NAME=web&VM.TEMPLATE.CONTEXT.COLOR=red1", held[1:]),
                          ("back", [pending]), ("VM.NAME=nothing", [])):
        expect(ids(cloud.document("vmpool.info", *EVERY, -1, query)), wanted, query)
    expect(sorted(ids(cloud.document("vmpool.infoset", f"{held[1]},{done},99,{pending}", True))), [held[1], pending, done])
    short = cloud.document("vmpool.info", *EVERY, -1)
    extended = cloud.document("vmpool.infoextended", *EVERY, -1)
    expect(ids(short), ids(extended))
    expect((short.find("VM/TEMPLATE/CONTEXT"), extended.findtext("VM/TEMPLATE/CONTEXT/COLOR")), (None, "red0"))


def names_are_unique_where_they_have_to_be(cloud):
    ann, bob = cloud.user("ann"), cloud.user("bob")
    for make in (lambda by, name: by("template.allocate", f"NAME={name}\n{VM}"), lambda by, name: by("secgroup.allocate", f"NAME={name}"),
                 lambda by, name: by("vmgroup.allocate", f"NAME={name}\nROLE=[NAME=a]")):
        make(ann, "same")
        make(bob, "same")
        try:
            make(ann, "same")
        except RuntimeError:
            continue
        raise AssertionError("a second one of the same name")
    for _ in range(2):
        ann("vm.allocate", f"NAME=same\n{VM}", True)
        ann("document.allocate", "NAME=same", 100)
    cloud("cluster.allocate", "same")
    refused(cloud.admin, "ALLOCATE", "cluster.allocate", "same")
    cloud("group.allocate", "same")
    refused(cloud.admin, "INTERNAL", "group.allocate", "same")


def names_have_limits(cloud):
    template = cloud("template.allocate", f"NAME=t\n{VM}")
    for bad in "&|:\\\";/'#{}$<>\t\n":
        refused(cloud.admin, "ACTION", "template.rename", template, f"a{bad}b", text=f"Invalid NAME, char '{bad}' is not allowed" if bad not in "\t\n" else None)
    refused(cloud.admin, "ACTION", "template.rename", template, "", text="Invalid NAME, it cannot be empty")
    refused(cloud.admin, "ACTION", "template.rename", template, "x" * 129, text="Invalid NAME, max length is 128 chars")
    cloud("template.rename", template, "x" * 128)
    cloud("template.rename", template, "Name with blänk, (and) [more] @ % ! * + = ~ ^ `")
    ann = cloud.user("ann")
    ann("template.rename", template, "Name with blänk, (and) [more] @ % ! * + = ~ ^ `")  # the same: whoever says it
    refused(ann, "AUTHORIZATION", "template.rename", template, "other")
    other = cloud("template.allocate", f"NAME=other\n{VM}")
    refused(cloud.admin, "ACTION", "template.rename", template, "other",
            text=f"virtual machine template cannot be renamed to other because it collides with virtual machine template {other}")
    for name in ("with blank", "a:b", ""):
        refused(cloud.admin, "INTERNAL", "user.allocate", name, "secret", "")
    refused(cloud.admin, "INTERNAL", "group.allocate", "with blank")
    for name in ("x", "-ab", "ab-", "a b", "ä", "x" * 64):
        refused(cloud.admin, "ALLOCATE", "host.allocate", name, "dummy", "dummy", -1)


def numbers_are_never_used_twice(cloud):
    first = [cloud(f"{kind}.allocate", text) for kind, text in (("template", f"NAME=a\n{VM}"), ("secgroup", "NAME=a"), ("cluster", "a"), ("vdc", "NAME=a"))]
    for kind, number in zip(("template", "secgroup", "cluster", "vdc"), first):
        cloud(f"{kind}.delete", number, *([False] if kind == "template" else []))
    again = [cloud(f"{kind}.allocate", text) for kind, text in (("template", f"NAME=a\n{VM}"), ("secgroup", "NAME=a"), ("cluster", "a"), ("vdc", "NAME=a"))]
    expect(again, [number + 1 for number in first])
    expect(first, [0, 100, 100, 100])


def updates_replace_or_merge_whole_attributes(cloud):
    template = cloud("template.allocate", f"NAME=t\n{VM}DISK=[IMAGE=a,SIZE=1]\nDISK=[IMAGE=b]\nNIC=[NETWORK=n]\nNOTE=1")
    def attributes():
        found = cloud.document("template.info", template, False).find("TEMPLATE")
        return sorted((one.tag, one.text or ",".join(f"{key.tag}={key.text}" for key in one)) for one in found)
    cloud("template.update", template, "DISK=[IMAGE=c]\nNOTE=2\nMORE=x", 1)
    expect(attributes(), [("CPU", "1"), ("DISK", "IMAGE=c"), ("MEMORY", "1"), ("MORE", "x"), ("NIC", "NETWORK=n"), ("NOTE", "2")])
    cloud("template.update", template, "NIC=[]", 1)
    expect([one for one in attributes() if one[0] == "NIC"], [])
    cloud("template.update", template, "<TEMPLATE><CPU>2</CPU><NIC><NETWORK>m</NETWORK></NIC><NIC><NETWORK>k</NETWORK></NIC></TEMPLATE>", 0)
    expect(attributes(), [("CPU", "2"), ("NIC", "NETWORK=k"), ("NIC", "NETWORK=m")])
    refused(cloud.admin, "RPC_API", "template.update", template, "A=1", 2, text="Wrong update type")
    refused(cloud.admin, "INTERNAL", "template.update", template, "A=[", 0)
    refused(cloud.admin, "INTERNAL", "template.update", template, "<A><B></A>", 0)


def copies_take_their_images_along_where_asked(cloud):
    image = cloud.image("base")
    template = cloud("template.allocate", f"NAME=t\n{VM}DISK=[IMAGE=base,IMAGE_UNAME=oneadmin]\nDISK=[TYPE=fs,SIZE=5]\nDISK=[IMAGE_ID=99]")
    flat = cloud("template.clone", template, "flat", False)
    expect(cloud.document("template.info", flat, False).findtext("TEMPLATE/DISK/IMAGE"), "base")
    deep = cloud("template.clone", template, "deep", True)
    disk = cloud.document("template.info", deep, False).find("TEMPLATE/DISK")
    expect([disk.findtext(key) for key in ("IMAGE", "IMAGE_UNAME")], [None, None])
    copy = cloud.document("image.info", int(disk.findtext("IMAGE_ID")), False)
    expect((copy.findtext("NAME"), copy.findtext("ID") != str(image)), ("deep-disk-0", True))
    refused(cloud.admin, "INTERNAL", "template.clone", template, "deep", False)
    ann = cloud.user("ann")
    refused(ann, "AUTHORIZATION", "template.clone", template, "mine", False)
    cloud("template.chmod", template, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    mine = document(ann, "template.info", ann("template.clone", template, "mine", False), False)
    expect((mine.findtext("UID"), mine.findtext("PERMISSIONS/OTHER_U")), (str(ann.uid), "0"))


def secrets_are_shown_to_admins_who_ask(cloud):
    ann = cloud.user("ann")
    vm = ann("vm.allocate", f"{VM}CONTEXT=[PASSWORD=hidden]", True)
    clear = lambda session, decrypt: document(session, "vm.info", vm, decrypt).findtext("TEMPLATE/CONTEXT/PASSWORD") == "hidden"
    expect([clear(ann, False), clear(ann, True), clear(cloud.admin, False), clear(cloud.admin, True)], [False, False, False, True])


def records_tell_what_machines_used(cloud):
    cloud.host()
    ann = cloud.user("ann")
    vm = ann("vm.allocate", VM, False)
    cloud.admin.wait("vm.info", vm, "LCM_STATE", 3)
    cloud("vm.action", "terminate-hard", vm)
    cloud.admin.wait("vm.info", vm, "STATE", 6)
    idle = ann("vm.allocate", VM, True)
    for flag, wanted in ((-2, [str(vm)]), (ann.uid, [str(vm)]), (0, []), (-3, [])):
        found = cloud.document("vmpool.accounting", flag, -1, -1)
        expect([one.findtext("OID") for one in found.findall("HISTORY")], wanted, f"flag {flag}")
    expect(cloud.document("vmpool.accounting", -2, 2000000000, -1).findall("HISTORY"), [])
    expect([one.findtext("OID") for one in document(ann, "vmpool.accounting", -3, -1, -1).findall("HISTORY")], [str(vm)])
    expect(idle != vm, True)


if __name__ == "__main__":
    sys.exit(run(sys.modules["__main__"], CONF))
