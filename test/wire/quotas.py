#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""quotas.py [SCENARIO …]: limits of users and groups: what counts, who pays, which limit holds."""
import sys

from scenario import expect, refused, run, until

CONF = 'QUOTA_VM_ATTRIBUTE = "TAPES"\n'
VM = "CPU=1\nMEMORY=100\n"


def entry(cloud, kind, owner, section="VM", wanted=""):
    """{metric: text} of the first entry, or of the one with that ID or CLUSTER_IDS; {} when there is none."""
    for found in cloud.document(f"{kind}.info", owner, False).findall(f"{section}_QUOTA/{section}"):
        if (found.findtext("CLUSTER_IDS" if section == "VM" else "ID") or "") == str(wanted):
            return {one.tag: one.text for one in found}
    return {}


def over(uid, metric, limit, section="VM", kind="user"):
    return f"{kind} [{uid}] limit of {limit} reached for {metric} quota in {section}"


def the_own_limit_stands_before_the_default(cloud):
    """-1 means the default, -2 no limit."""
    ann = cloud.user("ann")
    cloud("userquota.update", "VM=[VMS=1,MEMORY=1000]")
    ann("vm.allocate", VM, True)
    refused(ann, "AUTHORIZATION", "vm.allocate", VM, True, text=f"User [{ann.uid}] : {over(ann.uid, 'VMS', 1)}.")
    cloud("user.quota", ann.uid, "VM=[VMS=2]")
    ann("vm.allocate", VM, True)
    refused(ann, "AUTHORIZATION", "vm.allocate", VM, True, text=f"User [{ann.uid}] : {over(ann.uid, 'VMS', 2)}.")
    cloud("user.quota", ann.uid, "VM=[VMS=-2]")
    for _ in range(3):
        ann("vm.allocate", VM, True)
    refused(ann, "AUTHORIZATION", "vm.allocate", "CPU=1\nMEMORY=501", True)  # of the default still
    cloud("user.quota", ann.uid, "VM=[VMS=-1]")
    refused(ann, "AUTHORIZATION", "vm.allocate", VM, True)
    cloud("userquota.update", "VM=[VMS=-2]")
    ann("vm.allocate", "CPU=1\nMEMORY=501", True)  # what is not named in the default has no limit
    expect([entry(cloud, "user", ann.uid)[key] for key in ("VMS", "VMS_USED", "MEMORY_USED", "CPU_USED")], ["-1", "6", "1001", "6"])


def limits_that_make_no_sense_are_refused(cloud):
    ann = cloud.user("ann")
    for text in ("VM=[VMS=-3]", "DATASTORE=[SIZE=1]", "NETWORK=[LEASES=1]", "IMAGE=[RVMS=1]", "VM=[CLUSTER_IDS=99,VMS=1]", "VM=["):
        refused(cloud.admin, "ACTION", "user.quota", ann.uid, text)
    for text in ("VM=[VMS=-1]", "VM=[CLUSTER_IDS=0,VMS=1]"):
        refused(cloud.admin, "ACTION", "userquota.update", text)
    refused(cloud.admin, "ACTION", "user.quota", 0, "VM=[VMS=1]")
    refused(ann, "AUTHORIZATION", "user.quota", ann.uid, "VM=[VMS=1]")
    refused(ann, "AUTHORIZATION", "userquota.update", "VM=[VMS=1]")
    refused(ann, "AUTHORIZATION", "groupquota.update", "VM=[VMS=1]")
    cloud("user.quota", ann.uid, "NOTHING=[A=1]")
    expect(entry(cloud, "user", ann.uid), {})


def the_group_pays_too_and_what_it_refuses_costs_nobody(cloud):
    ann = cloud.user("ann")
    cloud("group.quota", 1, "VM=[MEMORY=150]")
    ann("vm.allocate", VM, True)
    refused(ann, "AUTHORIZATION", "vm.allocate", VM, True, text=f"User [{ann.uid}] : {over(1, 'MEMORY', 150, kind='group')}.")
    expect([entry(cloud, kind, owner)["VMS_USED"] for kind, owner in (("user", ann.uid), ("group", 1))], ["1", "1"])
    cloud("vm.allocate", VM, True)  # oneadmin pays nothing
    expect(entry(cloud, "group", 1)["VMS_USED"], "1")


def running_limits_hold_at_resume_and_count_what_runs(cloud):
    cloud.host()
    ann = cloud.user("ann")
    first, second = (ann("vm.allocate", VM, False) for _ in range(2))
    for vm in (first, second):
        cloud.admin.wait("vm.info", vm, "LCM_STATE", 3)
    expect(entry(cloud, "user", ann.uid)["RUNNING_VMS_USED"], "2")
    cloud("vm.action", "poweroff-hard", first)
    cloud.admin.wait("vm.info", first, "STATE", 8)
    expect([entry(cloud, "user", ann.uid)[key] for key in ("RUNNING_VMS_USED", "RUNNING_MEMORY_USED", "MEMORY_USED")], ["1", "100", "200"])
    cloud("user.quota", ann.uid, "VM=[RUNNING_CPU=1.50]")
    expect(entry(cloud, "user", ann.uid)["RUNNING_CPU"], "1.50")
    refused(ann, "ACTION", "vm.action", "resume", first)
    cloud("vm.action", "poweroff-hard", second)
    cloud.admin.wait("vm.info", second, "STATE", 8)
    ann("vm.action", "resume", first)
    cloud.admin.wait("vm.info", first, "LCM_STATE", 3)


def a_cluster_has_limits_of_its_own(cloud):
    second = cloud("cluster.allocate", "second")
    cloud("cluster.adddatastore", second, 0)
    first_host, second_host = cloud.host("node0"), cloud.host("node1", second)
    ann = cloud.user("ann")
    cloud("user.quota", ann.uid, f'VM=[CLUSTER_IDS="{second},0",VMS=5]')
    expect(entry(cloud, "user", ann.uid, wanted=f"0,{second}")["VMS"], "5")
    refused(cloud.admin, "ACTION", "user.quota", ann.uid, f'VM=[CLUSTER_IDS="{second}",VMS=1]')  # in an entry already
    bob = cloud.user("bob")
    cloud("user.quota", bob.uid, f'VM=[CLUSTER_IDS="{second}",VMS=1,MEMORY=-1]')
    expect(entry(cloud, "user", bob.uid, wanted=second)["MEMORY"], "-2")
    one, two = (bob("vm.allocate", VM, True) for _ in range(2))
    expect(entry(cloud, "user", bob.uid, wanted=second)["VMS_USED"], "0")
    for vm in (one, two):
        cloud("vm.deploy", vm, first_host, False, -1, "")
        cloud.admin.wait("vm.info", vm, "LCM_STATE", 3)
        cloud("vm.action", "poweroff-hard", vm)
        cloud.admin.wait("vm.info", vm, "STATE", 8)
    cloud("vm.migrate", one, second_host, False, False, -1, 0)
    cloud.admin.wait("vm.info", one, "STATE", 8)
    until(lambda: entry(cloud, "user", bob.uid, wanted=second)["VMS_USED"] == "1")
    refused(cloud.admin, "AUTHORIZATION", "vm.migrate", two, second_host, False, False, -1, 0)
    expect([entry(cloud, "user", bob.uid)[key] for key in ("VMS_USED", "RUNNING_VMS_USED")], ["2", "0"])
    cloud("cluster.addhost", 0, second_host)
    expect(entry(cloud, "user", bob.uid, wanted=second)["VMS_USED"], "0")


def attributes_of_ones_own_have_limits(cloud):
    """QUOTA_VM_ATTRIBUTE: what VMs say in it is added up, and what runs."""
    ann = cloud.user("ann")
    cloud("user.quota", ann.uid, "VM=[TAPES=3]")
    template = cloud("template.allocate", f"NAME=t\n{VM}TAPES=2")
    cloud("template.chown", template, ann.uid, -1)
    vm = ann("template.instantiate", template, "", True, "", False)
    expect([entry(cloud, "user", ann.uid)[key] for key in ("TAPES_USED", "RUNNING_TAPES_USED")], ["2", "2"])
    refused(ann, "AUTHORIZATION", "template.instantiate", template, "", True, "", False)
    refused(cloud.admin, "ACTION", "vm.update", vm, "TAPES=4", 1)
    cloud("vm.update", vm, "TAPES=3", 1)
    expect(entry(cloud, "user", ann.uid)["TAPES_USED"], "3")


def images_fill_their_datastore(cloud):
    ann, bob = cloud.user("ann"), cloud.user("bob")
    cloud("user.quota", ann.uid, "DATASTORE=[ID=1,SIZE=25,IMAGES=5]")
    image = cloud.image("one", by=ann)
    cloud.image("two", by=ann)
    refused(ann, "AUTHORIZATION", "image.allocate", "NAME=three\nTYPE=DATABLOCK\nSIZE=10", 1, True,
            text=f"User [{ann.uid}] : {over(ann.uid, 'SIZE', 25, 'DATASTORE')} with ID: 1.")
    refused(ann, "AUTHORIZATION", "image.clone", image, "copy", -1)
    cloud("image.chown", image, bob.uid, -1)
    expect([entry(cloud, "user", uid, "DATASTORE", 1).get(key) for uid in (ann.uid, bob.uid) for key in ("SIZE_USED", "IMAGES_USED")],
           ["10", "1", "10", "1"])
    refused(cloud.admin, "AUTHORIZATION", "image.chown", cloud.image("big", "SIZE=20"), ann.uid, -1)
    bob("image.delete", image, False)
    until(lambda: entry(cloud, "user", bob.uid, "DATASTORE", 1) == {})
    ann("image.allocate", "NAME=three\nTYPE=DATABLOCK\nSIZE=15", 1, True)


def addresses_and_uses_of_images_count(cloud):
    ann = cloud.user("ann")
    network = cloud.network("n")
    cloud("vn.chmod", network, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    image = cloud.image("i")
    cloud("image.chmod", image, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    cloud("user.quota", ann.uid, f"NETWORK=[ID={network},LEASES=3]\nIMAGE=[ID={image},RVMS=1]")
    vm = ann("vm.allocate", f"{VM}NIC=[NETWORK_ID={network}]\nDISK=[IMAGE_ID={image}]", True)
    refused(ann, "AUTHORIZATION", "vm.allocate", f"{VM}DISK=[IMAGE_ID={image}]", True)
    refused(ann, "AUTHORIZATION", "vn.reserve", network, "NAME=r\nSIZE=3",
            text=f"User [{ann.uid}] : {over(ann.uid, 'LEASES', 3, 'NETWORK')} with ID: {network}.")
    reservation = ann("vn.reserve", network, "NAME=r\nSIZE=2")
    expect(entry(cloud, "user", ann.uid, "NETWORK", network)["LEASES_USED"], "3")
    refused(ann, "AUTHORIZATION", "vm.allocate", f"{VM}NIC=[NETWORK_ID={network}]", True)
    cloud("vm.recover", vm, 3)
    ann("vn.delete", reservation)
    until(lambda: entry(cloud, "user", ann.uid, "NETWORK", network)["LEASES_USED"] == "0")
    expect(entry(cloud, "user", ann.uid, "IMAGE", image)["RVMS_USED"], "0")


def disks_that_grow_are_paid_for(cloud):
    """Persistent ones by the owner of their image, in its datastore."""
    cloud.host()
    ann = cloud.user("ann")
    cloud("datastore.allocate", "NAME=second\nTYPE=SYSTEM_DS\nTM_MAD=dummy", 0)
    store = cloud("datastore.allocate", "NAME=store\nDS_MAD=dummy\nTM_MAD=dummy", 0)  # its images are used where they are
    cloud.admin.wait_measured(store)
    image = cloud.image("i", "SIZE=10\nPERSISTENT=YES", ann, store)
    vm = ann("vm.allocate", f"{VM}DISK=[IMAGE_ID={image}]\nDISK=[TYPE=fs,SIZE=10]", False)
    cloud.admin.wait("vm.info", vm, "LCM_STATE", 3)
    expect([entry(cloud, "user", ann.uid)["SYSTEM_DISK_SIZE_USED"], entry(cloud, "user", ann.uid, "DATASTORE", store)["SIZE_USED"]], ["10", "10"])
    cloud("user.quota", ann.uid, f"DATASTORE=[ID={store},SIZE=30]\nVM=[SYSTEM_DISK_SIZE=30]")
    refused(ann, "AUTHORIZATION", "vm.diskresize", vm, 1, "31")
    refused(ann, "AUTHORIZATION", "vm.diskresize", vm, 0, "31")
    for disk in (0, 1):
        ann("vm.diskresize", vm, disk, "20")
        cloud.admin.wait("vm.info", vm, "LCM_STATE", 3)
    until(lambda: [entry(cloud, "user", ann.uid)["SYSTEM_DISK_SIZE_USED"], entry(cloud, "user", ann.uid, "DATASTORE", store)["SIZE_USED"]] == ["20", "20"])
    refused(ann, "AUTHORIZATION", "vm.disksnapshotcreate", vm, 0, "s")  # as large as the disk


if __name__ == "__main__":
    sys.exit(run(sys.modules["__main__"], CONF))
