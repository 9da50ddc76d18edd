#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clients.py: the XML-RPC clients that Debian ships talk to a real oned, so that the codec is not only tested against itself.

A life of a machine from allocate to done, text beyond ASCII, large answers and requests, faults, kept connections and
a connection for each call: client.py with Python's client, client.rb with Ruby's. Closes with `N passed, N failed`.
"""
import re
import subprocess
import sys
from pathlib import Path

from daemon import Daemon

HERE = Path(__file__).parent
CLIENTS = (("/usr/bin/python3", "client.py"), ("/usr/bin/ruby", "client.rb"))


def main():
    passed = failed = 0
    with Daemon() as daemon:
        for program, script in CLIENTS:
            done = subprocess.run([program, HERE / script, str(daemon.port)], text=True, capture_output=True, timeout=60)
            print(done.stdout + done.stderr, end="")
            counts = re.search(r"(\d+) passed, (\d+) failed\s*$", done.stdout)
            passed, failed = (passed + int(counts[1]), failed + int(counts[2])) if counts else (passed, failed + 1)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
