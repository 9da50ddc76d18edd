#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sum_results.py JUNIT.xml...: sums what ctest wrote and prints `N passed, N failed, N skipped`.

A GoogleTest case counts one. A suite that runs several checks of its own ends with such a line
itself, and its figures are taken. What failed or was skipped is named, with the reason. Exit code
1 when something failed or nothing ran.
"""
import re
import sys
import xml.etree.ElementTree as ET

OWN_SUM = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def reason(case):
    """Why a case was skipped, as far as it said so."""
    text = case.findtext("system-out") or ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("skipped:", "SKIP"))]
    if said:
        return said[-1]
    skipped = case.find("skipped")
    return (skipped.get("message") if skipped is not None else "") or "no reason given"


def last_words(case, lines=12):
    """Of a case that failed: what it said about failures, else its end."""
    text = (case.findtext("system-out") or "").splitlines()
    told = [line for line in text if "FAIL" in line or "rror" in line]
    return [line[:500] for line in (told or text)[-lines:]]


def count(case):
    """(passed, failed, skipped) of one ctest entry."""
    status = case.get("status")
    sums = OWN_SUM.findall(case.findtext("system-out") or "")
    if sums:
        passed, failed, skipped = (int(n or 0) for n in sums[-1])
        return passed, max(failed, int(status == "fail")), skipped
    if status == "run":
        return 1, 0, 0
    return (0, 0, 1) if case.find("skipped") is not None else (0, 1, 0)


def main(paths):
    total = [0, 0, 0]
    for path in paths:
        for case in ET.parse(path).getroot().iter("testcase"):
            result = count(case)
            total = [a + b for a, b in zip(total, result)]
            if result[1]:
                print(f"failed:  {case.get('name')}")
                print(*(f"    {line}" for line in last_words(case)), sep="\n")
            if result[2]:
                print(f"skipped: {case.get('name')} ({reason(case)})")
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


sys.exit(main(sys.argv[1:]))
