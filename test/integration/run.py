#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py --build DIR [--storage bind|moosefs|nfs|local] [--dir DIR] [--keep] [SUITE[.TEST]...]

Brings up a bed of two nodes, installs the built Nubo for it, starts oned on its front-end, registers
hosts, image, network and template, and runs the suites (lifecycle, changes, crash, isolation; all
without a name). Prints a line for each test and closes with `N passed, N failed, N skipped`. Exit
code 77 when this machine cannot hold a bed. --keep leaves the bed up and says how to look into it.
"""
import argparse
import importlib
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import types
from pathlib import Path

from bed import TESTBED, Bed, Failed, Skipped, why_not
from cloud import HOME, HOST_ON, Cloud

SUITES = ("lifecycle", "changes", "crash", "isolation")
# The guest's kernel has no driver for the SATA CD of the default machine; a pc has its CD on IDE.
TEMPLATE = """NAME="guest"
CPU="0.1"
VCPU="1"
MEMORY="128"
DISK=[ IMAGE="guest" ]
NIC=[ NETWORK="net", MODEL="virtio" ]
GRAPHICS=[ TYPE="VNC", LISTEN="0.0.0.0" ]
OS=[ MACHINE="pc" ]
CONTEXT=[ NETWORK="YES", SET_HOSTNAME="$NAME", GUEST_SHELL="YES" ]
"""
NETWORK = """NAME="net"
VN_MAD="bridge"
BRIDGE="onebr0"
PHYDEV="eth1"
NETWORK_ADDRESS="10.77.1.0"
NETWORK_MASK="255.255.255.0"
AR=[ TYPE="IP4", IP="10.77.1.100", SIZE="100" ]
"""


def populate(cloud):
    """Hosts, datastores, image, network, template: what every suite starts from."""
    bed = cloud.bed
    for node in bed.nodes:
        cloud.one("onehost", "create", node, "-i", "kvm", "-v", "kvm")
    if bed.storage != "local":
        for datastore in ("system", "default"):
            cloud.sh(f"""echo 'TM_MAD="shared"' >{HOME}/tm
                {cloud.prefix}/bin/onedatastore update {datastore} --append {HOME}/tm""")
    bed.image(f"{bed.directory}/guest.qcow2")
    # Below /var/tmp, from which image datastores take files (SAFE_DIRS).
    cloud.create("oneimage", f'NAME="guest"\nPATH="{bed.directory}/guest.qcow2"\nTYPE="OS"\n'
                 'DEV_PREFIX="vd"\nFORMAT="qcow2"\n', "-d", "default")
    cloud.create("onevnet", NETWORK)
    cloud.create("onetemplate", TEMPLATE)
    for node in bed.nodes:
        cloud.wait_state("onehost", node, HOST_ON)
    cloud.wait_state("oneimage", "guest", 1)


def tests_of(selected):
    for name in selected or SUITES:
        suite, _, only = name.partition(".")
        module = importlib.import_module(f"suite_{suite}")
        for test, function in vars(module).items():
            if test.startswith("test_") and only in test:
                yield suite, test, function


def outcome_of(cloud, story, function, logged):
    """("ok" | "FAIL" | "skip", what there is to say)"""
    try:
        said = function(cloud, story) or ""
    except Skipped as reason:
        return "skip", str(reason)
    except Failed as error:
        return "FAIL", str(error)
    except Exception:  # a broken test is a failed one, and the next one may still tell something
        return "FAIL", traceback.format_exc(limit=-3)
    expected = getattr(function, "may_log", None)
    for line in cloud.log_since(logged):
        if re.search(r"\[(warning|error|critical)\]", line) and not (expected and re.search(expected, line)):
            return "FAIL", f"oned logs {line}"
    return "ok", said


def run_tests(cloud, selected):
    """(passed, failed, skipped); a failed test names why and shows the end of what oned logged in it."""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    story = types.SimpleNamespace(template=TEMPLATE)
    for suite, test, function in tests_of(selected):
        start, logged = time.monotonic(), cloud.log_size()
        outcome, text = outcome_of(cloud, story, function, logged)
        counts[outcome] += 1
        name = f"{suite}.{test[5:]}".replace("_", " ")
        print(f"{outcome:4} {time.monotonic() - start:6.1f} s  {name}  {text}".rstrip(), flush=True)
        if outcome == "FAIL":
            print("     | " + "\n     | ".join(cloud.log_since(logged)[-40:]), flush=True)
            if not cloud.alive():
                print("     | oned is dead; it is started again", flush=True)
                cloud.start()
    return counts["ok"], counts["FAIL"], counts["skip"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--storage", default="bind", choices=["bind", "moosefs", "nfs", "local"])
    parser.add_argument("--dir", help="where the bed lives (default: a new directory in /var/tmp)")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("suite", nargs="*")
    options = parser.parse_args()

    if reason := why_not():
        print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
        return 77
    directory = Path(options.dir or tempfile.mkdtemp(prefix="nubo-bed.", dir="/var/tmp"))
    # What runs as oneadmin is installed below it.
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    bed = Bed(directory, options.storage, nodes=2)
    cloud = Cloud(bed, directory / "nubo")
    counts = (0, 1, 0)
    try:
        start = time.monotonic()
        bed.up()
        cloud.install(options.build)
        cloud.start()
        populate(cloud)
        print(f"ok   {time.monotonic() - start:6.1f} s  bed with {options.storage} storage, oned, hosts, image",
              flush=True)
        counts = run_tests(cloud, options.suite)
        print("all  {:6.1f} s; oned holds {} MB, its driver programs {} MB".format(
            time.monotonic() - start, *cloud.memory()))
    except Failed as error:
        print(f"FAIL the bed did not come up: {error}\n{chr(10).join(cloud.log_since(0)) if cloud.pid else ''}")
    finally:
        if options.keep:
            print(f"kept: TESTBED_DIR={directory} {TESTBED} exec -u oneadmin frontend bash")
        else:
            bed.down()
            shutil.rmtree(directory, ignore_errors=True)
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if counts[1] else 0


sys.exit(main())
