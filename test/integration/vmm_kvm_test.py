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
DEFAULTS = ROOT / "share/etc/vmm_exec_kvm.conf"


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


def vm_document(vm_id, name="guest", hypervisor_features="", nic=""):
    """A VM with one disk, as oned would describe it."""
    return f"""<VM><ID>{vm_id}</ID><UID>0</UID><GID>0</GID><UNAME>oneadmin</UNAME><GNAME>oneadmin</GNAME>
<NAME>{name}</NAME><STIME>1</STIME><TEMPLATE><CPU>0.1</CPU><VCPU>1</VCPU><MEMORY>128</MEMORY>
<DISK><DISK_ID>0</DISK_ID><TYPE>FILE</TYPE><TARGET>vda</TARGET><DRIVER>qcow2</DRIVER>
<READONLY>NO</READONLY></DISK>{nic}{hypervisor_features}
<OS><MACHINE>q35</MACHINE></OS></TEMPLATE>
<HISTORY_RECORDS><HISTORY><SEQ>0</SEQ></HISTORY></HISTORY_RECORDS></VM>"""


class Lab:
    """What the tests share: the bed, the two programs, and guests with disks."""

    def __init__(self, bed):
        self.bed = bed
        self.settings = {"DEFAULT": str(DEFAULTS), "HOST_TIMEOUT": "20",
                         "SHUTDOWN_TIMEOUT": "30", "SSH_KEYS": "/etc/ssh/testbed_user_key"}
        self.vmm = None
        self.next_vm = 10

    def start(self):
        drivers = self.bed.directory / "drivers"
        shutil.rmtree(drivers, ignore_errors=True)
        shutil.copytree(self.build / "lib/nubo/drivers", drivers)
        self.vmm = Driver(self.bed, "vmm_kvm", self.settings)

    def system_dir(self, vm_id):
        return f"{DATASTORES}/0/{vm_id}"

    def new_guest(self):
        """A VM id with a disk ready in its directory."""
        self.next_vm += 1
        directory = self.system_dir(self.next_vm)
        self.bed.exec("frontend", "sh", "-c", f"mkdir -p {directory} && cp {self.bed.directory}/guest.qcow2 "
                      f"{directory}/disk.0 && chown -R oneadmin:oneadmin {DATASTORES}/0")
        return self.next_vm

    def deploy(self, vm_id, node, **options):
        return self.vmm.call("deploy", node, vm_id, vm=vm_document(vm_id), host="<HOST/>",
                             datastore="<DATASTORE/>", system_dir=self.system_dir(vm_id), **options)

    def booted(self, vm_id, node, boots=1):
        """Waits until the guest's console says that it is up."""
        name = f"one-{vm_id}"
        poll(f"boot of {name}", 60, lambda: self.memory_grows(node, name))

    def memory_grows(self, node, name):
        stats = self.bed.exec(node, "virsh", "-c", "qemu:///system", "domstats", "--vcpu", "--block", name).stdout
        reads = [int(l.split("=")[1]) for l in stats.split("\n") if ".rd.reqs=" in l]
        return sum(reads) > 300
