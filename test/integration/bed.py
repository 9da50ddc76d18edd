# SPDX-License-Identifier: Apache-2.0
"""The test bed of ../testbed as Python sees it: hosts, what runs in them, what fails in them."""
import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTBED = ROOT / "test/testbed/testbed.sh"


class Failed(Exception):
    """A check that does not hold, or a command that failed; the text is for the reader of the log."""


class Skipped(Exception):
    """What cannot run on this machine, with the reason."""


def logs(pattern):
    """Marks a test during which oned may log warnings and errors that match; all others fail it."""
    def mark(test):
        test.may_log = pattern
        return test
    return mark


def poll(what, seconds, probe):
    """Calls probe until it returns something true, and returns that; Failed after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        try:
            value, said = probe(), ""
        except Failed as error:
            value, said = None, str(error)
        if value:
            return value
        if time.monotonic() >= end:
            raise Failed(f"{what}: not within {seconds} s {said}")
        time.sleep(0.1)


def run(*args, stdin=None, timeout=60, check=True):
    """Runs a command and returns its CompletedProcess, text in and out."""
    try:
        done = subprocess.run([str(a) for a in args], input=stdin, text=True, capture_output=True,
                              timeout=timeout, stdin=subprocess.DEVNULL if stdin is None else None)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(map(str, args))[-160:]}: not done in {timeout} s") from None
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, args))[-200:]}: exit code {done.returncode}: "
                     f"{(done.stderr or done.stdout).strip()[-400:]}")
    return done


def why_not():
    """The reason why no bed can be had here, or nothing."""
    if os.geteuid() != 0:
        return "not root"
    missing = [c for c in ("libvirtd", "qemu-system-x86_64", "sshd", "mformat") if not shutil.which(c)]
    return f"no {', '.join(missing)}" if missing else None


class Bed:
    """One test bed in a directory of its own; `up` and `down` once each."""

    def __init__(self, directory, storage, nodes):
        self.directory, self.storage = Path(directory), storage
        self.nodes = [f"node{i}" for i in range(1, nodes + 1)]
        os.environ["TESTBED_DIR"] = str(directory)

    def up(self):
        run(TESTBED, "up", len(self.nodes), "--storage", self.storage, timeout=180)

    def down(self):
        run(TESTBED, "down", timeout=120, check=False)

    def exec(self, host, *command, user=None, **options):
        """Runs a command in a host, as root or as `user`."""
        return run(TESTBED, "exec", *(["-u", user] if user else []), host, *command, **options)

    def fail(self, host, *action):
        run(TESTBED, "fail", host, *action)

    def image(self, path):
        run(TESTBED, "image", path, timeout=120)

    def domains(self, node):
        """Names of the domains that exist on a node, running or not."""
        out = self.exec(node, "virsh", "-q", "-c", "qemu:///system", "list", "--all", "--name").stdout
        return out.split()
