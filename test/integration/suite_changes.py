# SPDX-License-Identifier: Apache-2.0
"""Changes of one machine that stays where it is: disks, NICs, capacity and snapshots, on a real guest.

The tests are steps of one story and run in the order written; each says what must hold after it.
"""
from bed import poll
from suite_lifecycle import expect

BOOT = 150  # seconds that a guest may take on a machine that is busy otherwise


def devices(cloud, story, listing):
    """Lines of virsh domblklist or domiflist of the machine."""
    node, name = cloud.domains(story.vm)[0]
    out = cloud.bed.exec(node, "virsh", "-q", "-c", "qemu:///system", listing, name).stdout
    return [line for line in out.splitlines() if line.strip()]


def change(cloud, story, command, *args, until="RUNNING"):
    cloud.act(command, story.vm, *args, until=until)


def test_a_disk_is_plugged(cloud, story):
    cloud.create("oneimage", 'NAME="extra"\nTYPE="DATABLOCK"\nSIZE="16"\nFORMAT="raw"\nDEV_PREFIX="vd"\n',
                 "-d", "default")
    cloud.wait_state("oneimage", "extra", 1)
    story.charged = cloud.charged()
    story.vm = cloud.instantiate("guest")
    story.guest = cloud.guest(story.vm)
    story.guest.answers(BOOT)
    story.disks = len(devices(cloud, story, "domblklist"))
    change(cloud, story, "disk-attach", "--image", "extra")
    expect(len(devices(cloud, story, "domblklist")) == story.disks + 1, "the domain has no more disks than before")
    disks = cloud.vm(story.vm).findall("TEMPLATE/DISK")
    expect([d.findtext("IMAGE") for d in disks] == ["guest", "extra"], "the machine does not show it")
    expect(cloud.state("oneimage", "extra") == 2, "the image is not in use")
    story.disk = disks[1].findtext("DISK_ID")


def test_the_disk_is_unplugged(cloud, story):
    change(cloud, story, "disk-detach", story.disk)
    expect(len(devices(cloud, story, "domblklist")) == story.disks, "the domain still has it")
    expect(len(cloud.vm(story.vm).findall("TEMPLATE/DISK")) == 1, "the machine still shows it")
    cloud.wait_state("oneimage", "extra", 1)
    left = [path for path in cloud.files(story.vm, "-type f") if f"/disk.{story.disk}" in path]
    expect(not left, f"left: {left}")


def test_a_nic_is_plugged_and_unplugged(cloud, story):
    change(cloud, story, "nic-attach", "--network", "net")
    expect(len(devices(cloud, story, "domiflist")) == 2, "the domain has no second NIC")
    nic = cloud.vm(story.vm).findall("TEMPLATE/NIC")[1]
    leased = [lease.findtext("IP") for lease in cloud.leases("net") if lease.findtext("VM") == story.vm]
    expect(nic.findtext("IP") in leased and len(leased) == 2, f"leased {leased}, shown {nic.findtext('IP')}")
    change(cloud, story, "nic-detach", nic.findtext("NIC_ID"))
    expect(len(devices(cloud, story, "domiflist")) == 1, "the domain still has it")
    leased = [lease for lease in cloud.leases("net") if lease.findtext("VM") == story.vm]
    expect(len(leased) == 1, f"{len(leased)} leases left")
    story.guest.answers(BOOT)


def test_a_system_snapshot_brings_the_past_back(cloud, story):
    story.guest.shell("echo before >/data/when; sync")
    change(cloud, story, "snapshot-create", "first")
    story.guest.shell("echo after >/data/when; sync")
    change(cloud, story, "snapshot-revert", "0")
    story.guest.answers(BOOT)
    expect(story.guest.shell("cat /data/when").strip() == "before", "the file is the new one")
    change(cloud, story, "snapshot-delete", "0")
    expect(cloud.vm(story.vm).find("TEMPLATE/SNAPSHOT") is None, "the snapshot is still shown")


def test_a_disk_snapshot_brings_the_past_back(cloud, story):
    story.guest.shell("echo before >/data/disk; sync")
    change(cloud, story, "poweroff", until="POWEROFF")
    change(cloud, story, "disk-snapshot-create", "0", "first", until="POWEROFF")
    change(cloud, story, "resume")
    story.guest.answers(BOOT)
    story.guest.shell("echo after >/data/disk; sync")
    change(cloud, story, "poweroff", until="POWEROFF")
    change(cloud, story, "disk-snapshot-revert", "0", "0", until="POWEROFF")
    change(cloud, story, "resume")
    story.guest.answers(BOOT)
    expect(story.guest.shell("cat /data/disk").strip() == "before", "the file is the new one")


def test_capacity_is_changed_while_it_is_off(cloud, story):
    change(cloud, story, "poweroff", until="POWEROFF")
    cloud.one("onevm", "resize", story.vm, "--memory", "192", "--cpu", "0.2")
    change(cloud, story, "resume")
    status = story.guest.answers(BOOT)
    expect(int(status["mem_kb"]) > 140 * 1024, f"{status['mem_kb']} KB")
    cpu, memory = cloud.charged()
    expect((cpu - story.charged[0], memory - story.charged[1]) == (20, 192 * 1024), f"charged {cpu} {memory}")


def test_a_disk_grows(cloud, story):
    size = int(cloud.vm(story.vm).findtext("TEMPLATE/DISK/SIZE"))
    change(cloud, story, "poweroff", until="POWEROFF")
    change(cloud, story, "disk-snapshot-delete", "0", "0", until="POWEROFF")
    change(cloud, story, "disk-resize", "0", str(size + 64), until="POWEROFF")
    expect(int(cloud.vm(story.vm).findtext("TEMPLATE/DISK/SIZE")) == size + 64, "the machine shows the old size")
    change(cloud, story, "resume")
    story.guest.answers(BOOT)


def test_a_disk_is_saved_as_an_image(cloud, story):
    change(cloud, story, "poweroff", until="POWEROFF")
    cloud.one("onevm", "disk-saveas", story.vm, "0", "saved")
    cloud.wait(story.vm, "POWEROFF")
    cloud.wait_state("oneimage", "saved", 1)
    poll("the machine is off again", 30, lambda: cloud.vm(story.vm).findtext("LCM_STATE") == "0")


def test_nothing_is_left(cloud, story):
    cloud.act("terminate", story.vm, "--hard", until="DONE")
    cloud.expect_nothing_left(story.vm, "net")
    expect(cloud.charged() == story.charged, f"charged {cloud.charged()}")
