#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""metrics.py: what GET /metrics says is what happened. Closes with `N passed, N failed`."""
import re
import sys
import time
import urllib.error
import urllib.request

from daemon import Daemon, free_port

SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?$")
FAMILIES = ("nubo_requests_total", "nubo_request_seconds", "nubo_commit_seconds", "nubo_commit_rows",
            "nubo_commit_failures_total", "nubo_driver_up", "nubo_driver_requests", "nubo_driver_requests_total",
            "nubo_driver_restarts_total", "nubo_hosts", "nubo_vms", "nubo_effects", "nubo_monitoring_lag_seconds")

results = []


def check(name, condition, said=""):
    results.append(bool(condition))
    if not condition:
        print(f"FAILED {name} {said}")


class Metrics:
    """One answer of /metrics: samples by name and labels, and the types of families."""

    def __init__(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            self.content_type = answer.headers["Content-Type"]
            text = answer.read().decode()
        self.types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
        self.help = dict(re.findall(r"^# HELP (\w+) (.+)$", text, re.M))
        self.unreadable = [line for line in text.splitlines() if not line.startswith("#") and not SAMPLE.match(line)]
        self.samples = {}
        for line in text.splitlines():
            if match := SAMPLE.match(line):
                labels = frozenset(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
                self.samples[match[1], labels] = float(match[3])

    def get(self, name, **labels):
        return self.samples.get((name, frozenset(labels.items())), 0)


def until(is_true, seconds=20):
    end = time.monotonic() + seconds
    while not is_true() and time.monotonic() < end:
        time.sleep(0.05)
    return is_true()


def check_format(now):
    check("text format", now.content_type.startswith("text/plain"), now.content_type)
    check("every line is a sample", not now.unreadable, now.unreadable[:3])
    for family in FAMILIES:
        check(f"{family} has a type and help", family in now.types and now.help.get(family))


def check_counts(port, one):
    before = Metrics(port)
    for _ in range(3):
        one("system.version")
    one.ask("vm.info", 4711, False)
    one.ask("nothing.here")
    one.ask_bare("vm.info", "nobody:wrong", 0, False)
    after = Metrics(port)

    def grown(method, outcome):
        name, labels = "nubo_requests_total", {"method": method, "outcome": outcome}
        return after.get(name, **labels) - before.get(name, **labels)

    check("good calls are counted", grown("one.system.version", "success") == 3)
    check("missing objects are told apart", grown("one.vm.info", "no_exists") == 1)
    check("and strangers", grown("one.vm.info", "authentication") == 1)
    check("unknown methods share one name", grown("unknown", "fault") == 1)
    check("times are counted", after.get("nubo_request_seconds_count", method="one.system.version") >= 3)


def check_state(port, one):
    host = one("host.allocate", "node1", "dummy", "dummy", -1)
    one.wait("host.info", host, "STATE", 2)
    vms = [one("vm.allocate", "CPU=1\nMEMORY=64", False) for _ in range(2)]
    one("vm.allocate", "CPU=1\nMEMORY=64", True)
    for vm in vms:
        one.wait("vm.info", vm, "LCM_STATE", 3)
    now = Metrics(port)
    check("hosts by state", now.get("nubo_hosts", state="MONITORED") == 1)
    check("VMs by state", (now.get("nubo_vms", state="RUNNING"), now.get("nubo_vms", state="HOLD")) == (2, 1))
    check("commits", now.get("nubo_commit_seconds_count") > 3)
    check("rows of commits", now.get("nubo_commit_rows_sum") >= now.get("nubo_commit_rows_count"))
    check("drivers run", now.get("nubo_driver_up", driver="dummy") == 1)
    check("drivers work", now.get("nubo_driver_requests_total", driver="dummy", outcome="success") > 0)
    check("nothing is left to do", until(lambda: Metrics(port).get("nubo_effects") == 0))


def check_other_paths(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
        check("other paths are not found", False)
    except urllib.error.HTTPError as error:
        check("other paths are not found", error.code == 404, error.code)


def main():
    port = free_port()
    with Daemon(f'METRICS = [ PORT = "{port}" ]') as daemon:
        one = daemon.session()
        one("system.version")
        check_counts(port, one)
        check_state(port, one)
        check_format(Metrics(port))
        check_other_paths(port)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


sys.exit(main())
