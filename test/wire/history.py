#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""history.py: VMs that are done cost neither memory nor time at start and are shown as before, until `onedb purge-done`
takes them. Closes with `N passed, N failed`."""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from daemon import ALL, ANY_VM, CODES, OWNED, Daemon

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NUBO_BUILD") or max(ROOT.glob("build/*"), key=lambda build: build.stat().st_mtime))
DONE, LIVING = 6, -1

results = []


def check(name, condition, said=""):
    results.append(bool(condition))
    if not condition:
        print(f"FAILED {name} {said}")


def ids(document):
    return [int(node.findtext("ID")) for node in ElementTree.fromstring(document).findall("VM")]


def accounted(document):
    return sorted({int(each) for each in re.findall(r"<OID>(\d+)</OID>", document)})


def tool(daemon, name, *arguments):
    place = daemon.directory.name
    ran = subprocess.run([BUILD / "bin" / name, *arguments], capture_output=True, text=True, timeout=60,
                         env={**os.environ, "ONE_AUTH": f"{place}/one_auth", "ONE_LOCATION": place,
                              "ONE_XMLRPC": f"http://127.0.0.1:{daemon.port}/RPC2"})
    return ran.returncode, ran.stdout + ran.stderr


def make_vms(one):
    """Four VMs that ran, of which two are done: 1 and 2."""
    one.wait("host.info", one("host.allocate", "node1", "dummy", "dummy", -1), "STATE", 2)
    for place in range(4):
        one("vm.allocate", f"NAME=vm{place}\nCPU=0.1\nMEMORY=16\nUSER_NOTE=note{place}", False)
    for vm in range(4):
        one.wait("vm.info", vm, "LCM_STATE", 3)
    for vm in (1, 2):
        one("vm.action", "terminate-hard", vm)
        one.wait("vm.info", vm, "STATE", DONE)


def check_reads(one):
    check("info of one that is done", "<NAME>vm1</NAME>" in one("vm.info", 1, False))
    check("lists leave them out", ids(one("vmpool.info", *OWNED, LIVING)) == [3, 0])
    check("lists of all have them in their place", ids(one("vmpool.info", *ANY_VM)) == [3, 2, 1, 0])
    check("lists of those that are done", ids(one("vmpool.infoextended", *OWNED, DONE)) == [2, 1])
    check("ranges", ids(one("vmpool.info", ALL, 0, 1, -2)) == [1, 0])
    check("pages", ids(one("vmpool.info", ALL, 1, -2, -2)) == [2, 1])
    check("searches", ids(one("vmpool.info", *ANY_VM, "VM.USER_TEMPLATE.USER_NOTE=note2")) == [2])
    check("sets", ids(one("vmpool.infoset", "0,2,77", False)) == [2, 0])
    check("the short form is the same", one("vmpool.info", ALL, 2, 2, DONE) == one("vmpool.infoset", "2", False))
    check("accounting", accounted(one("vmpool.accounting", ALL, -1, -1)) == [0, 1, 2, 3])
    check("showback", "<VMID>1</VMID>" in one("vmpool.showback", ALL, -1, -1, -1, -1))
    check("monitoring", "<MONITORING_DATA>" in one("vm.monitoring", 1))


def check_rights(one, daemon):
    one("user.allocate", "carol", "pw", "core", [])
    carol = daemon.session("carol:pw")
    refused = carol.ask("vm.info", 1, False)
    check("strangers are refused", refused.code == CODES["AUTHORIZATION"], refused)
    check("strangers see none", ids(carol("vmpool.info", *ANY_VM)) == [])
    check("nor their accounting", accounted(carol("vmpool.accounting", ALL, -1, -1)) == [])
    one("vm.chmod", 1, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    check("who may use one sees it", ids(carol("vmpool.info", *ANY_VM)) == [1])


def check_changes(one):
    one("vm.rename", 1, "kept")
    one("vm.update", 1, "SEEN=yes", 1)
    check("they are renamed and noted on", all(text in one("vm.info", 1, False) for text in ("kept", "<SEEN><![CDATA[yes")))
    again = one.ask("vm.action", "resume", 1)
    check("actions name their state", again.code == CODES["ACTION"] and "DONE" in again.value, again)


def check_tools(daemon):
    check("onevm show", "DONE" in tool(daemon, "onevm", "show", "2")[1])
    check("onevm list", "vm2" not in tool(daemon, "onevm", "list")[1])


def check_purge(daemon, one):
    nothing = tool(daemon, "onedb", "purge-done", "--end", "2001-01-01", "-v")
    check("what ended later stays", nothing[0] == 0 and "purged 0 VMs" in nothing[1], nothing)
    purged = tool(daemon, "onedb", "purge-done", "-v")
    check("onedb purge-done beside oned", purged[0] == 0 and "purged 2 VMs" in purged[1], purged)
    check("they are gone", one.ask("vm.info", 1, False).code == CODES["NO_EXISTS"])
    check("the others are not", ids(one("vmpool.info", *ANY_VM)) == [3, 0])
    check("nor is their accounting", accounted(one("vmpool.accounting", ALL, -1, -1)) == [0, 3])
    check("ids are not given again", one("vm.allocate", "CPU=1\nMEMORY=16", True) == 4)


def main():
    with Daemon() as daemon:
        one = daemon.session()
        make_vms(one)
        check_reads(one)
        daemon.kill()
        daemon.start("--keep")
        one = daemon.session()
        check_reads(one)
        check_rights(one, daemon)
        check_changes(one)
        check_tools(daemon)
        check_purge(daemon, one)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


sys.exit(main())
