#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documents.py: every document of a small cloud validates against the published schemas.

Starts a throwaway oned, makes one object of each kind through the API and validates what the info
calls of object and pool return. Closes with `N passed, N failed`.
"""
import re
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path

TEST = Path(__file__).resolve().parents[1]
SESSION = "oneadmin:throwaway"
ALL, EVERYTHING = -2, -1  # filter flag, range

NETWORK = """NAME="net"
VN_MAD="dummy"
BRIDGE="br0"
AR=[ TYPE="IP4", IP="10.0.0.10", SIZE="10" ]
AR=[ TYPE="ETHER", SIZE="5" ]
AR=[ TYPE="IP6", GLOBAL_PREFIX="2001:db8::", SIZE="5" ]
"""
TEMPLATE = """NAME="small"
CPU="0.5"
VCPU="2"
MEMORY="128"
DISK=[ IMAGE_ID="{image}" ]
DISK=[ TYPE="fs", SIZE="16", FORMAT="ext4" ]
NIC=[ NETWORK_ID="{network}" ]
GRAPHICS=[ TYPE="VNC", LISTEN="0.0.0.0" ]
CONTEXT=[ NETWORK="YES", SET_HOSTNAME="$NAME", START_SCRIPT="echo 'a < b & c'" ]
NOTE="é, \\"quoted\\", <tag>"
"""


class Api:
    def __init__(self, port):
        self.proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}/RPC2")

    def __call__(self, method, *args):
        """The second element of a good answer; SystemExit with the daemon's text otherwise."""
        answer = getattr(self.proxy, method)(SESSION, *args)
        if not answer[0]:
            raise RuntimeError(f"{method}{args}: {answer[1]}")
        return answer[1]

    def wait(self, method, object_id, tag, value, seconds=20):
        end = time.monotonic() + seconds
        while f"<{tag}>{value}</{tag}>" not in self(method, object_id):
            if time.monotonic() > end:
                raise RuntimeError(f"{method} {object_id}: {tag} is not {value} within {seconds} s")
            time.sleep(0.05)


def populate(api):
    """One object of each kind; returns (schema, call, arguments) of each document."""
    cluster = api("one.cluster.allocate", "rack")
    host = api("one.host.allocate", "node1", "dummy", "dummy", cluster)
    images = api("one.datastore.allocate", 'NAME="images"\nTYPE="IMAGE_DS"\nDS_MAD="dummy"\nTM_MAD="dummy"\n', cluster)
    system = api("one.datastore.allocate", 'NAME="disks"\nTYPE="SYSTEM_DS"\nTM_MAD="dummy"\n', cluster)
    image = api("one.image.allocate", 'NAME="disk"\nPATH="/var/tmp/none.img"\nTYPE="OS"\nSIZE="64"\n', images, True)
    network = api("one.vn.allocate", NETWORK, cluster)
    user = api("one.user.allocate", "alice", "secret", "")
    group = api("one.group.allocate", "staff")
    template = api("one.template.allocate", TEMPLATE.format(image=image, network=network))
    api.wait("one.image.info", image, "STATE", 1)
    api.wait("one.host.info", host, "STATE", 2)
    running = api("one.template.instantiate", template, "running", False, "", False)
    held = api("one.template.instantiate", template, "held", True, "", False)
    api.wait("one.vm.info", running, "LCM_STATE", 3)
    objects = [("cluster", "cluster", cluster), ("host", "host", host), ("datastore", "datastore", images),
               ("datastore", "datastore", system), ("image", "image", image), ("vnet", "vn", network),
               ("user", "user", user), ("user", "user", 0), ("group", "group", group),
               ("security_group", "secgroup", 0), ("vmtemplate", "template", template), ("vm", "vm", running),
               ("vm", "vm", held)]
    documents = [(schema, f"one.{call}.info", (object_id,)) for schema, call, object_id in objects]
    documents += [(f"{schema}_pool", f"one.{call}pool.info", ()) for schema, call in (
        ("cluster", "cluster"), ("host", "host"), ("datastore", "datastore"), ("user", "user"), ("group", "group"))]
    documents += [(f"{schema}_pool", f"one.{call}pool.info", (ALL, EVERYTHING, EVERYTHING)) for schema, call in (
        ("image", "image"), ("vnet", "vn"), ("security_group", "secgroup"), ("vmtemplate", "template"))]
    documents += [("vm_pool", "one.vmpool.info", (ALL, EVERYTHING, EVERYTHING, -2)),
                  ("vm_pool_extended", "one.vmpool.infoextended", (ALL, EVERYTHING, EVERYTHING, -2))]
    return documents


def breaches(schema, document):
    """What xmllint says against the document, empty when it validates."""
    named = re.sub(r"^(\s*(?:<\?xml[^>]*\?>\s*)?<\w+)", r'\1 xmlns="http://opennebula.org/XMLSchema"', document, count=1)
    done = subprocess.run(["xmllint", "--noout", "--schema", TEST / f"data/xsd/{schema}.xsd", "-"],
                          input=named, text=True, capture_output=True, timeout=30)
    lines = [line for line in done.stderr.splitlines() if "validity error" in line or "parser error" in line]
    return lines if done.returncode else []


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="nubo-wire.") as directory:
        port = free_port()
        subprocess.run([TEST / "throwaway.sh", "start", directory, str(port)], check=True, timeout=60)
        try:
            api = Api(port)
            for schema, method, args in populate(api):
                found = breaches(schema, api(method, *args))
                passed, failed = (passed, failed + 1) if found else (passed + 1, failed)
                print(f"{'FAIL' if found else 'ok'}  {method}{args}")
                for line in found[:3]:
                    print(f"      {line.split('validity error : ')[-1][:240]}")
        except RuntimeError as error:
            failed += 1
            print(f"FAIL  {error}")
        finally:
            subprocess.run([TEST / "throwaway.sh", "stop", directory], check=True, timeout=60)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
