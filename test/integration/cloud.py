# SPDX-License-Identifier: Apache-2.0
"""oned on the front-end of a bed, and its command line as an operator would use it."""
import shutil
import textwrap
import time
import xml.etree.ElementTree as ET

from bed import Failed, poll, run
from guest import Guest

HOME = "/var/lib/one"
DATASTORES = f"{HOME}/datastores"
# VM states as onevm wait and the documents call them.
VM_STATES = {"PENDING": 1, "HOLD": 2, "ACTIVE": 3, "STOPPED": 4, "SUSPENDED": 5, "DONE": 6, "POWEROFF": 8}
HOST_ON, HOST_ERROR = 2, 3
HOST_PERIOD, HOST_TIMEOUT = 3, 10  # seconds between reports of a node; without one: error
CONFIGURATION = f"""LOG = [ SYSTEM = "std", DEBUG_LEVEL = "3" ]
MONITORING_INTERVAL_HOST = "{HOST_PERIOD}"
VM_MAD = [ NAME = "kvm", EXECUTABLE = "vmm_kvm", TYPE = "kvm", HOST_TIMEOUT = "{HOST_TIMEOUT}" ]
"""
LCM = {"PROLOG": 1, "BOOT": 2, "RUNNING": 3, "MIGRATE": 4, "SAVE_SUSPEND": 6, "SAVE_MIGRATE": 7,
       "PROLOG_MIGRATE": 8, "EPILOG": 11, "SHUTDOWN": 12, "UNKNOWN": 16, "SHUTDOWN_POWEROFF": 18,
       "BOOT_SUSPENDED": 21, "BOOT_MIGRATE": 35}


class Cloud:
    """An oned with its own database in the front-end of `bed`; `prefix` holds an installed Nubo."""

    def __init__(self, bed, prefix):
        self.bed, self.prefix = bed, prefix
        self.pid = None

    # --- the daemon ------------------------------------------------------------------------------

    def install(self, build):
        shutil.rmtree(self.prefix, ignore_errors=True)
        run("cmake", "--install", build, "--prefix", self.prefix, timeout=120)
        self.sh(f"""
            umask 077; mkdir -p {HOME}/.one {HOME}/log
            echo oneadmin:bed >{HOME}/.one/one_auth""")
        self.bed.exec("frontend", "sh", "-c", "mkdir -p /etc/one; cat >/etc/one/oned.conf", stdin=CONFIGURATION)

    def start(self):
        """Starts oned and returns when it answers."""
        # The shell becomes oned, so the pid it wrote is oned's.
        self.sh(f"""cd {HOME}
            setsid sh -c 'echo $$ >oned.pid; exec "$@"' - {self.prefix}/bin/oned \\
                >>{HOME}/log/oned.out 2>&1 </dev/null &
            for i in 1 2 3 4 5 6 7 8 9 10; do [ -s oned.pid ] && exit; sleep 0.1; done; exit 1""")
        self.pid = self.sh(f"cat {HOME}/oned.pid").strip()
        poll("oned answers", 20, lambda: self.one("oneuser", "show", "0", "-x"))

    def kill(self):
        """SIGKILL, the way a power cut or the kernel's OOM killer would."""
        self.sh(f"kill -9 {self.pid}; rm -f {HOME}/oned.pid")
        poll("oned is gone", 5, lambda: not self.alive())

    def stop(self):
        self.sh(f"kill {self.pid}; rm -f {HOME}/oned.pid")
        poll("oned ends", 30, lambda: not self.alive())

    def alive(self):
        return self.bed.exec("frontend", "kill", "-0", self.pid, check=False).returncode == 0

    def driver_pids(self, name):
        """Process ids of oned's driver programs of that name."""
        out = self.sh(f"pgrep -P {self.pid} -f /{name}\\\\b || true")
        return out.split()

    def sh(self, script, **options):
        """A shell script on the front-end, as oneadmin."""
        return self.bed.exec("frontend", "sh", "-ec", textwrap.dedent(script), user="oneadmin", **options).stdout

    def log_size(self):
        return int(self.sh(f"cat {HOME}/log/oned.out 2>/dev/null | wc -c"))

    def log_since(self, size):
        """The lines that oned has written to its log after it was that long."""
        return self.sh(f"tail -c +{size + 1} {HOME}/log/oned.out 2>/dev/null || true").splitlines()

    def memory(self):
        """What oned and its driver programs hold, in MB."""
        sizes = self.sh(f"""
            for pid in {self.pid} $(pgrep -P {self.pid}); do
                sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$pid/status
            done""").split()
        return int(sizes[0]) // 1024, sum(map(int, sizes[1:])) // 1024

    # --- its command line ------------------------------------------------------------------------

    def one(self, tool, *args, stdin=None, timeout=60, check=True):
        done = self.bed.exec("frontend", f"{self.prefix}/bin/{tool}", *args, user="oneadmin", stdin=stdin,
                             timeout=timeout, check=check)
        return done.stdout if check else done

    def create(self, tool, template, *options):
        """Creates an object from template text and returns its id."""
        path = f"{HOME}/{tool}.template"
        self.sh(f"cat >{path}", stdin=template)
        out = self.one(tool, "create", path, *options)
        return out.split("ID:")[1].split()[0]

    def show(self, tool, name):
        """The object's document."""
        return ET.fromstring(self.one(tool, "show", name, "-x"))

    def state(self, tool, name):
        return int(self.show(tool, name).findtext("STATE"))

    def wait_state(self, tool, name, state, seconds=60):
        poll(f"{tool} {name} gets to state {state}", seconds, lambda: self.state(tool, name) == state)

    # --- virtual machines ------------------------------------------------------------------------

    def vm(self, vm_id):
        return self.show("onevm", vm_id)

    def lcm(self, vm_id):
        return int(self.vm(vm_id).findtext("LCM_STATE"))

    def wait(self, vm_id, state, timeout=120):
        self.one("onevm", "wait", vm_id, "--state", state, "--timeout", timeout, timeout=timeout + 15)

    def act(self, action, vm_id, *args, until=None, timeout=120):
        self.one("onevm", action, vm_id, *args)
        if until:
            self.wait(vm_id, until, timeout)

    def instantiate(self, template, *options, until="RUNNING"):
        out = self.one("onetemplate", "instantiate", template, *options)
        vm_id = out.split("ID:")[1].split()[0]
        if until:
            self.wait(vm_id, until)
        return vm_id

    def host_of(self, vm_id):
        """Name of the node of the last history record."""
        return self.vm(vm_id).findall("HISTORY_RECORDS/HISTORY")[-1].findtext("HOSTNAME")

    def guest(self, vm_id):
        return Guest(self.bed, self.vm(vm_id).findtext("TEMPLATE/NIC/IP"))

    # --- what is really there ----------------------------------------------------------------------

    def domains(self, vm_id):
        """(node, domain) for each node that holds the machine's domain."""
        return [(node, name) for node in self.bed.nodes for name in self.bed.domains(node)
                if name == f"one-{vm_id}"]

    def files(self, vm_id, kind=""):
        """HOST:PATH of what the machine has in the system datastore, half-made copies too."""
        hosts = ["frontend"] + (self.bed.nodes if self.bed.storage == "local" else [])
        top, found = f"{DATASTORES}/0", []
        for host in hosts:
            out = self.bed.exec(host, "sh", "-c", f"""[ ! -d {top} ] || find {top} {kind} \\( -path {top}/{vm_id} \\
                -o -path '{top}/{vm_id}/*' -o -path '{top}/{vm_id}.*' \\)""")
            found += [f"{host}:{path}" for path in out.stdout.split()]
        return found

    def disk_copies(self, vm_id):
        """Files of the machine's first disk, half-made copies too."""
        return [path for path in self.files(vm_id, "-type f") if f"/{vm_id}/disk.0" in path]

    def leases(self, network):
        return self.show("onevnet", network).findall("AR_POOL/AR/LEASES/LEASE")

    def charged(self):
        """CPU and memory charged to all hosts."""
        pool = ET.fromstring(self.one("onehost", "list", "-x"))
        return tuple(sum(int(share.findtext(tag)) for share in pool.iter("HOST_SHARE"))
                     for tag in ("CPU_USAGE", "MEM_USAGE"))

    def expect_nothing_left(self, vm_id, network):
        """After terminate: no domain, no file, no lease, no image and no host that holds it."""
        left = []
        if domains := self.domains(vm_id):
            left.append(f"domains {domains}")
        if files := self.files(vm_id):
            left.append(f"files {files}")
        if any(lease.findtext("VM") == vm_id for lease in self.leases(network)):
            left.append("a lease")
        if any(vm_id == e.text for e in ET.fromstring(self.one("onehost", "list", "-x")).iterfind(".//VMS/ID")):
            left.append("the machine in a host's list")
        if any(vm_id == e.text for e in ET.fromstring(self.one("oneimage", "list", "-x")).iterfind(".//VMS/ID")):
            left.append("the machine in an image's list")
        if left:
            raise Failed(f"machine {vm_id} is terminated and leaves {', '.join(left)}")


def timed(call):
    """Seconds that a call takes."""
    start = time.monotonic()
    call()
    return time.monotonic() - start
