#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vmm_kvm_test.py --build DIR [--dir DIR] [--keep] [TEST...]

Drives the programs vmm_kvm and vnm by lines of docs/driver-protocol.md, without oned, against a bed
of two nodes with real guests. Prints a line for each test and closes with `N passed, N failed,
N skipped`. Exit code 77 when this machine cannot hold a bed.
"""
import argparse
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

from bed import ROOT, TESTBED, Bed, Failed, poll, why_not

DATASTORES = "/var/lib/one/datastores"


class Driver:
    """One running driver program on the bed's front-end, as user oneadmin."""

    def __init__(self, bed, name, settings):
        self.name, self.last = name, 0
        self.answers, self.events, self.changed = {}, [], threading.Condition()
        self.log = open(bed.directory / f"{name}.log", "ab")
        self.process = subprocess.Popen(
            [TESTBED, "exec", "-u", "oneadmin", "frontend", bed.directory / "drivers" / name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        threading.Thread(target=self.read, daemon=True).start()
        self.write({"configure": settings})

    def write(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            with self.changed:
                if "answer" in message:
                    self.answers[message["answer"]["id"]] = (time.monotonic(), message["answer"])
                elif "event" in message:
                    self.events.append(message["event"])
                self.changed.notify_all()

    def ask(self, action, node, vm_id=-1, deadline=60, **args):
        """Sends a request; returns its id for answer()."""
        self.last += 1
        self.write({"request": {"id": self.last, "action": action, "kind": "vm", "object": vm_id,
                                "node": node, "deadline_ms": int(deadline * 1000), "args": args}})
        return self.last

    def answer(self, request, seconds=90):
        with self.changed:
            if not self.changed.wait_for(lambda: request in self.answers, seconds):
                raise Failed(f"{self.name}: request {request} has no answer in {seconds} s")
            return self.answers[request][1]

    def call(self, action, node, vm_id=-1, deadline=60, **args):
        """The data of a good answer; Failed with the error's text otherwise."""
        answer = self.answer(self.ask(action, node, vm_id, deadline, **args), deadline + 10)
        if not answer["ok"]:
            raise Failed(f"{action} of VM {vm_id} on {node}: {answer['error']}")
        return answer.get("data", {})

    def error(self, action, node, vm_id=-1, deadline=60, **args):
        """The text of an answer that must be a failure."""
        answer = self.answer(self.ask(action, node, vm_id, deadline, **args), deadline + 10)
        if answer["ok"]:
            raise Failed(f"{action} of VM {vm_id} on {node} should have failed: {answer}")
        return answer["error"]

    def wait_event(self, what, seconds, wanted):
        """The first event since now (or since forget()) for which wanted(event) holds."""
        with self.changed:
            found = []

            def look():
                found[:] = [e for e in self.events if wanted(e)]
                return found
            if not self.changed.wait_for(look, seconds):
                raise Failed(f"no event in {seconds} s: {what}")
            return found[0]

    def forget(self):
        with self.changed:
            self.events.clear()

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(20)


def vm_document(vm_id, nic="", features=""):
    """A VM with one disk, as oned would describe it."""
    return f"""<VM><ID>{vm_id}</ID><UID>0</UID><GID>0</GID><UNAME>oneadmin</UNAME><GNAME>oneadmin</GNAME>
<NAME>guest</NAME><STIME>1</STIME><TEMPLATE><CPU>0.1</CPU><VCPU>1</VCPU><MEMORY>128</MEMORY>
<DISK><DISK_ID>0</DISK_ID><TYPE>FILE</TYPE><TARGET>vda</TARGET><DRIVER>qcow2</DRIVER>
<READONLY>NO</READONLY></DISK>{nic}{features}<OS><MACHINE>q35</MACHINE></OS></TEMPLATE>
<HISTORY_RECORDS><HISTORY><SEQ>0</SEQ></HISTORY></HISTORY_RECORDS></VM>"""


BRIDGE_NIC = ("<NIC><NIC_ID>0</NIC_ID><VN_MAD>bridge</VN_MAD><BRIDGE>onebr7</BRIDGE><PHYDEV>eth1</PHYDEV>"
              "<MAC>02:00:0a:4d:01:64</MAC><TARGET>one-{}-0</TARGET></NIC>")


class Lab:
    """What the tests share: the bed, the two programs, and guests with disks."""

    def __init__(self, bed, build):
        self.bed, self.next_vm = bed, 10
        drivers = bed.directory / "drivers"
        shutil.rmtree(drivers, ignore_errors=True)
        shutil.copytree(build / "lib/nubo/drivers", drivers)
        bed.image(f"{bed.directory}/guest.qcow2")
        self.settings = {"DEFAULT": str(bed.directory / "kvm.conf"), "HOST_TIMEOUT": "8",
                         "SHUTDOWN_TIMEOUT": "30", "SSH_KEYS": "/etc/ssh/testbed_user_key"}
        shutil.copy(ROOT / "share/etc/vmm_exec_kvm.conf", bed.directory / "kvm.conf")
        self.vmm = Driver(bed, "vmm_kvm", self.settings)
        self.vnm = Driver(bed, "vnm", self.settings)

    def stop(self):
        for driver in (self.vmm, self.vnm):
            driver.process.kill() if driver.process.poll() is None else None

    def system_dir(self, vm_id):
        return f"{DATASTORES}/0/{vm_id}"

    def sh(self, node, script):
        return self.bed.exec(node, "sh", "-c", script, check=False).stdout.strip()

    def new_guest(self):
        """A VM id with a disk ready in its directory."""
        self.next_vm += 1
        directory = self.system_dir(self.next_vm)
        self.bed.exec("frontend", "sh", "-c", f"mkdir -p {directory} && cp {self.bed.directory}/guest.qcow2 "
                      f"{directory}/disk.0 && chown -R oneadmin:oneadmin {DATASTORES}/0")
        return self.next_vm

    def deploy(self, vm_id, node, vmm=None, **options):
        document = vm_document(vm_id, **options)
        return (vmm or self.vmm).call("deploy", node, vm_id, vm=document, host="<HOST/>",
                                      datastore="<DATASTORE/>", system_dir=self.system_dir(vm_id))

    def running_guest(self, node, **options):
        vm_id = self.new_guest()
        self.deploy(vm_id, node, **options)
        return vm_id

    def booted_guest(self, node, **options):
        """A guest whose console says that it is up."""
        vm_id = self.new_guest()
        console = f"{self.system_dir(vm_id)}/console"
        serial = f"<serial type='file'><source path='{console}'/></serial>"
        raw = f"<RAW><TYPE>kvm</TYPE><DATA><![CDATA[<devices>{serial}</devices>]]></DATA></RAW>"
        self.deploy(vm_id, node, features=raw, **options)
        poll("boot", 90, lambda: "GUEST-READY" in self.sh(node, f"cat {console}"))
        return vm_id

    def processor_time(self, node, vm_id):
        stats = self.sh(node, f"virsh -c qemu:///system domstats --cpu-total one-{vm_id}")
        return sum(int(l.split("=")[1]) for l in stats.split("\n") if "cpu.time=" in l)

    def state(self, node, vm_id):
        return self.vmm.call("probe", node, vm_id)["state"]

    def libvirtd(self, node, signal):
        self.bed.exec(node, "sh", "-c", f"kill -{signal} $(cat /run/libvirtd.pid)")

    def watch(self, node, host_id):
        self.vmm.forget()
        self.vmm.call("start_monitor", node, host_id=str(host_id), period_s="2", datastore_location=DATASTORES)

    def unwatch(self, node, host_id):
        self.vmm.call("stop_monitor", node, host_id=str(host_id))


def check(holds, text):
    if not holds:
        raise Failed(text)


def tells(vm_id, state):
    return lambda e: (e["name"] == "vm_state" and f'ID="{vm_id}"' in e["data"]["vms"]
                      and f'STATE="{state}"' in e["data"]["vms"])


# --- tests: each leaves no guest behind -----------------------------------------------------------

def test_deploy_is_repeatable_and_cancel_too(lab):
    vm_id = lab.new_guest()
    check(lab.state("node1", vm_id) == "absent", "a VM that was never deployed is not absent")
    uuid = lab.deploy(vm_id, "node1")["deploy_id"]
    check(lab.deploy(vm_id, "node1")["deploy_id"] == uuid, "deployed again, another guest")
    probe = lab.vmm.call("probe", "node1", vm_id)
    check(probe == {"state": "running", "deploy_id": uuid}, f"probe says {probe}")
    check(lab.bed.domains("node1") == [f"one-{vm_id}"], "not one domain of that name")
    check(lab.sh("node1", f"ls {lab.system_dir(vm_id)}/deployment.0"), "no deployment file")
    for _ in range(2):
        lab.vmm.call("cancel", "node1", vm_id)
    check(lab.bed.domains("node1") == [], "the domain is still there")


def test_shutdown_by_power_button(lab):
    vm_id = lab.booted_guest("node1")
    start = time.monotonic()
    for _ in range(2):
        lab.vmm.call("shutdown", "node1", vm_id)
    check(time.monotonic() - start < 25, "the guest was ended, not shut down")
    check(lab.state("node1", vm_id) == "absent", "the guest is still there")


def test_shutdown_ends_a_guest_that_does_not_listen(lab):
    vm_id = lab.new_guest()
    lab.bed.exec("frontend", "sh", "-c", f"truncate -s 0 {lab.system_dir(vm_id)}/disk.0 && qemu-img create -q "
                 f"-f qcow2 {lab.system_dir(vm_id)}/disk.0 1M")  # the BIOS finds nothing to boot
    lab.deploy(vm_id, "node1")
    start = time.monotonic()
    lab.vmm.call("shutdown", "node1", vm_id, deadline=16)
    check(time.monotonic() - start < 16, "not within its deadline")
    check(lab.state("node1", vm_id) == "absent", "the guest is still there")


def test_reboot_and_reset_keep_the_domain(lab):
    vm_id = lab.booted_guest("node1")
    for action in ("reset", "reboot"):
        lab.vmm.call(action, "node1", vm_id)
        check(lab.state("node1", vm_id) == "running", f"not running after {action}")
    lab.vmm.call("cancel", "node1", vm_id)
    check("does not run" in lab.vmm.error("reboot", "node1", vm_id), "reboot of nothing")


def test_migrate_live_and_again(lab):
    vm_id = lab.booted_guest("node1")
    args = {"target": "node2", "vm": vm_document(vm_id), "system_dir": lab.system_dir(vm_id)}
    before = lab.processor_time("node1", vm_id)
    for _ in range(2):
        lab.vmm.call("migrate", "node1", vm_id, **args)
    check(lab.state("node1", vm_id) == "absent", "still at the source")
    check(lab.state("node2", vm_id) == "running", "not at the target")
    check(lab.processor_time("node2", vm_id) < before, "it booted again")
    lab.vmm.call("shutdown", "node2", vm_id)
    text = lab.vmm.error("migrate", "node1", vm_id, **args)
    check(f"VM {vm_id} on node2 does not run" in text, text)


def test_migrate_refuses_disks_that_a_node_caches(lab):
    vm_id = lab.new_guest()
    document = vm_document(vm_id).replace("</READONLY>", "</READONLY><CACHE>writeback</CACHE>")
    args = {"vm": document, "system_dir": lab.system_dir(vm_id)}
    lab.vmm.call("deploy", "node1", vm_id, host="<HOST/>", datastore="<DATASTORE/>", **args)
    text = lab.vmm.error("migrate", "node1", vm_id, target="node2", **args)
    check("cached by the node" in text, text)
    lab.vmm.call("cancel", "node1", vm_id)


def test_save_and_restore_elsewhere_and_again(lab):
    vm_id = lab.booted_guest("node1")
    checkpoint = lab.system_dir(vm_id) + "/checkpoint"
    for _ in range(2):
        lab.vmm.call("save", "node1", vm_id, checkpoint=checkpoint)
    check(lab.state("node1", vm_id) == "absent", "still there after save")
    owner = lab.sh("node1", f"stat -c %U {checkpoint}")
    check(owner == "oneadmin", f"the checkpoint belongs to {owner}")
    # As after a move to another datastore: the disks are elsewhere.
    lab.sh("frontend", f"mkdir -p {DATASTORES}/1 && mv {lab.system_dir(vm_id)} {DATASTORES}/1/")
    moved = f"{DATASTORES}/1/{vm_id}"
    args = {"vm": vm_document(vm_id), "system_dir": moved, "checkpoint": moved + "/checkpoint"}
    for _ in range(2):
        lab.vmm.call("restore", "node2", vm_id, **args)
    check(lab.state("node2", vm_id) == "running", "not running after restore")
    check(not lab.sh("node2", f"ls {moved}/checkpoint"), "the checkpoint is still there")
    disk = lab.sh("node2", f"virsh -c qemu:///system domblklist one-{vm_id}")
    check(f"{moved}/disk.0" in disk, f"the disk is {disk}")
    lab.vmm.call("shutdown", "node2", vm_id)
    text = lab.vmm.error("save", "node2", vm_id, checkpoint=moved + "/checkpoint")
    check("no whole checkpoint" in text, text)


def test_a_driver_that_was_killed_is_followed_by_one_that_goes_on(lab):
    vm_id = lab.running_guest("node1")
    lab.vmm.process.kill()
    lab.vmm.process.wait()
    lab.vmm = Driver(lab.bed, "vmm_kvm", lab.settings)
    check(lab.state("node1", vm_id) == "running", "the guest is gone")
    lab.vmm.call("cancel", "node1", vm_id)


def test_a_save_that_a_killed_driver_began_is_not_spoilt(lab):
    vm_id = lab.booted_guest("node1")
    system_dir = lab.system_dir(vm_id)
    args = {"vm": vm_document(vm_id), "system_dir": system_dir, "checkpoint": f"{system_dir}/checkpoint"}
    for _ in range(4):
        lab.vmm.ask("save", "node1", vm_id, checkpoint=args["checkpoint"])
        poll("libvirt writes the checkpoint", 10, lambda: lab.sh("node1", f"head -c 9 {args['checkpoint']}"))
        lab.vmm.process.kill()
        lab.vmm.process.wait()
        lab.vmm = Driver(lab.bed, "vmm_kvm", lab.settings)
        lab.vmm.call("save", "node1", vm_id, checkpoint=args["checkpoint"])
        check(lab.state("node1", vm_id) == "absent", "still there after save")
        lab.vmm.call("restore", "node1", vm_id, **args)
    lab.vmm.call("cancel", "node1", vm_id)


def test_emulation_without_kvm(lab):
    qemu = Driver(lab.bed, "vmm_kvm", {**lab.settings, "TYPE": "qemu"})
    vm_id = lab.new_guest()
    lab.deploy(vm_id, "node1", vmm=qemu)
    kind = lab.sh("node1", f"virsh -c qemu:///system dumpxml one-{vm_id} | head -n1")
    check("type='qemu'" in kind, kind)
    qemu.call("cancel", "node1", vm_id)
    check(qemu.stop() == 0, "the driver did not end well")


def test_monitor_tells_figures_and_changes(lab):
    lab.watch("node1", 1)
    host = lab.vmm.wait_event("host", 15, lambda e: e["name"] == "host")["data"]
    for name in ("TOTALCPU", "TOTALMEMORY", "HYPERVISOR", "ARCH", "KVM_MACHINES", "DS_LOCATION_FREE_MB",
                 "CGROUPS_VERSION", "MEMORY_NODE"):
        check(name + "=" in host["system"], f"no {name} in {host['system']}")
    for name in ("FREECPU", "USEDCPU", "FREEMEMORY", "USEDMEMORY", "NETRX", "NETTX"):
        check(name + "=" in host["monitor"], f"no {name} in {host['monitor']}")
    vm_id = lab.running_guest("node1")
    lab.vmm.wait_event("RUNNING", 5, tells(vm_id, "RUNNING"))
    lab.vmm.wait_event("use", 10, lambda e: e["name"] == "vm_monitor" and "DISKRDBYTES" in e["data"]["vms"])
    lab.bed.exec("node1", "virsh", "-c", "qemu:///system", "suspend", f"one-{vm_id}")
    lab.vmm.wait_event("SUSPENDED", 2, tells(vm_id, "SUSPENDED"))
    start = time.monotonic()
    lab.bed.exec("node1", "virsh", "-c", "qemu:///system", "destroy", f"one-{vm_id}")
    lab.vmm.wait_event("POWEROFF", 3, tells(vm_id, "POWEROFF"))
    print(f"     a guest that ended was told of after {time.monotonic() - start:.2f} s")
    lab.unwatch("node1", 1)


def test_monitor_asked_again_reports_at_once(lab):
    for _ in range(2):
        lab.vmm.forget()
        lab.vmm.call("start_monitor", "node1", host_id="1", period_s="3600", datastore_location=DATASTORES)
        lab.vmm.wait_event("facts", 15, lambda e: e["name"] == "host" and e["node"] == "node1")
    lab.unwatch("node1", 1)


def test_monitor_tells_of_guests_that_are_not_ours(lab):
    xml = "<domain type='kvm'><name>wild</name><memory unit='MiB'>32</memory><os><type>hvm</type></os></domain>"
    lab.bed.exec("node1", "virsh", "-c", "qemu:///system", "create", "/dev/stdin", stdin=xml)
    lab.watch("node1", 1)
    lab.vmm.wait_event("wild", 15, lambda e: e["name"] == "host" and 'ID="-1"' in e["data"]["system"]
                       and 'VM_NAME="wild"' in e["data"]["system"])
    lab.unwatch("node1", 1)
    lab.bed.exec("node1", "virsh", "-c", "qemu:///system", "destroy", "wild")


def test_a_frozen_libvirtd_holds_nobody_else(lab):
    vm_id, other = lab.running_guest("node1"), lab.running_guest("node2")
    lab.watch("node1", 1)
    lab.vmm.wait_event("host", 15, lambda e: e["name"] == "host" and e["node"] == "node1")
    lab.libvirtd("node1", "STOP")
    try:
        stopped = time.monotonic()
        hanging = [lab.vmm.ask("probe", "node1", vm_id, deadline=4) for _ in range(12)]
        start = time.monotonic()
        for _ in range(5):
            lab.vmm.call("probe", "node2", other, deadline=5)
        lab.vmm.call("cancel", "node2", other)
        check(time.monotonic() - start < 2.5, f"node2 waited {time.monotonic() - start:.1f} s for node1")
        for request in hanging:
            answer = lab.vmm.answer(request, 20)
            check(not answer["ok"], f"an answer from a frozen node: {answer}")
        check(time.monotonic() - stopped < 6, f"answers after {time.monotonic() - stopped:.1f} s, not 4")
        lab.vmm.wait_event("host_error", 20, lambda e: e["name"] == "host_error" and e["node"] == "node1")
        print(f"     host_error {time.monotonic() - stopped:.1f} s after the freeze")
    finally:
        lab.libvirtd("node1", "CONT")
    lab.vmm.forget()
    lab.vmm.wait_event("host again", 15, lambda e: e["name"] == "host" and e["node"] == "node1")
    lab.unwatch("node1", 1)
    lab.vmm.call("cancel", "node1", vm_id)


def test_a_node_that_is_cut_off_comes_back(lab):
    vm_id = lab.running_guest("node1")
    lab.watch("node1", 1)
    lab.vmm.wait_event("host", 15, lambda e: e["name"] == "host" and e["node"] == "node1")
    lab.bed.fail("node1", "cut")
    try:
        text = lab.vmm.error("reboot", "node1", vm_id, deadline=3)
        check("node1" in text, text)
        lab.vmm.wait_event("host_error", 25, lambda e: e["name"] == "host_error" and e["node"] == "node1")
    finally:
        lab.bed.fail("node1", "heal")
    healed = time.monotonic()
    lab.vmm.forget()
    lab.vmm.wait_event("host again", 40, lambda e: e["name"] == "host" and e["node"] == "node1")
    print(f"     reported again {time.monotonic() - healed:.1f} s after it was healed")
    lab.vmm.wait_event("RUNNING", 5, tells(vm_id, "RUNNING"))
    lab.unwatch("node1", 1)
    lab.vmm.call("cancel", "node1", vm_id)


def test_libvirtd_restarts_under_a_guest(lab):
    vm_id = lab.running_guest("node1")
    lab.bed.fail("node1", "kill-libvirtd")
    check("libvirt" in lab.vmm.error("probe", "node1", vm_id, deadline=5), "no libvirtd, and yet an answer")
    lab.bed.fail("node1", "start-libvirtd")
    check(lab.state("node1", vm_id) == "running", "the guest is gone")
    lab.vmm.call("cancel", "node1", vm_id)


def test_a_bridge_comes_with_the_first_guest_and_goes_with_the_last(lab):
    bridge = "/sys/class/net/onebr7"
    vms = [lab.new_guest(), lab.new_guest()]
    documents = {vm_id: vm_document(vm_id, nic=BRIDGE_NIC.format(vm_id)) for vm_id in vms}
    for vm_id in vms:
        for _ in range(2):
            lab.vnm.call("pre", "node1", vm_id, vm=documents[vm_id])
        uuid = lab.deploy(vm_id, "node1", nic=BRIDGE_NIC.format(vm_id))["deploy_id"]
        lab.vnm.call("post", "node1", vm_id, vm=documents[vm_id], deploy_id=uuid)
    ports = lab.sh("node1", f"ls {bridge}/brif").split()
    check(sorted(ports) == sorted(["eth1"] + [f"one-{vm_id}-0" for vm_id in vms]), f"ports: {ports}")
    for vm_id in vms:
        check(lab.sh("node1", f"ls {bridge}"), "the bridge went before its last guest")
        lab.vmm.call("cancel", "node1", vm_id)
        for _ in range(2):
            lab.vnm.call("clean", "node1", vm_id, vm=documents[vm_id])
    check(not lab.sh("node1", f"ls -d {bridge}"), "the bridge is still there")


def test_a_bridge_that_the_admin_made_stays(lab):
    lab.sh("node1", "ip link add onebr7 type bridge")
    document = vm_document(5, nic=BRIDGE_NIC.format(5))
    lab.vnm.call("pre", "node1", 5, vm=document)
    lab.vnm.call("clean", "node1", 5, vm=document)
    check(lab.sh("node1", "ls -d /sys/class/net/onebr7"), "the bridge is gone")
    lab.sh("node1", "ip link del onebr7")


def test_network_errors_name_what_is_missing(lab):
    nic = BRIDGE_NIC.format(5).replace("eth1", "eth9")
    text = lab.vnm.error("pre", "node1", 5, vm=vm_document(5, nic=nic))
    check("eth9" in text and "node1" in text, text)
    text = lab.vnm.error("pre", "node1", 5, vm=vm_document(5, nic=nic.replace(">bridge<", ">vxlan<")))
    check("VN_MAD vxlan is not available" in text, text)
    lab.sh("node1", "ip link del onebr7")


def test_scripts_of_another_network_driver_run_on_the_node(lab):
    remotes = lab.bed.directory / "remotes"
    folder = remotes / "vnm/mynet"
    folder.mkdir(parents=True, exist_ok=True)
    for action in ("pre", "clean"):
        script = folder / action
        script.write_text('#!/bin/sh\necho "INFO: $0 $*" >&2\nbase64 -d >/tmp/mynet.xml || exit 1\n'
                          'grep -q broken /tmp/mynet.xml && { echo "no such switch" >&2; exit 3; }\n'
                          'echo "$(uname -n) $*" >/tmp/mynet\n')
        script.chmod(0o755)
    vnm = Driver(lab.bed, "vnm", {**lab.settings, "REMOTES": str(remotes)})
    nic = "<NIC><VN_MAD>mynet</VN_MAD><BRIDGE>x</BRIDGE></NIC>"
    vnm.call("clean", "node1", 5, vm=vm_document(5, nic=nic))
    check(lab.sh("node1", "cat /tmp/mynet") == "node1 node1", "not run there with the node's name")
    text = vnm.error("pre", "node1", 5, vm=vm_document(5, nic=nic.replace(">x<", ">broken<")))
    check(text.endswith("no such switch"), text)
    vnm.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--dir", help="where the bed lives (default: a new directory in /var/tmp)")
    parser.add_argument("--keep", action="store_true", help="leave the bed up")
    parser.add_argument("test", nargs="*", help="parts of the names of tests; all without one")
    options = parser.parse_args()

    if reason := why_not():
        print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
        return 77
    directory = Path(options.dir or tempfile.mkdtemp(prefix="nubo-kvm.", dir="/var/tmp"))
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    bed = Bed(directory, "bind", nodes=2)
    counts = {"ok": 0, "FAIL": 0}
    lab = None
    try:
        bed.up()
        lab = Lab(bed, options.build)
        for name, test in list(globals().items()):
            if not name.startswith("test_") or (options.test and not any(t in name for t in options.test)):
                continue
            start, outcome, text = time.monotonic(), "ok", ""
            try:
                test(lab)
            except Failed as error:
                outcome, text = "FAIL", str(error)
            except Exception:
                outcome, text = "FAIL", traceback.format_exc(limit=-3)
            counts[outcome] += 1
            print(f"{outcome:4} {time.monotonic() - start:6.1f} s  {name[5:].replace('_', ' ')}  {text}".rstrip(),
                  flush=True)
            if outcome == "FAIL":
                for node in bed.nodes:
                    lab.sh(node, "for d in $(virsh -q -c qemu:///system list --name); do "
                                 "virsh -c qemu:///system destroy $d; done; ip link del onebr7")
    finally:
        if lab:
            lab.stop()
        if not options.keep:
            bed.down()
            if not options.dir:
                shutil.rmtree(directory, ignore_errors=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, 0 skipped")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
