#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_examples.py [--write] [PAGE...]

Runs the examples of the documentation: the blocks of each page that are marked ```console, in their
order, in one shell, against an oned of the page's own with dummy drivers (test/throwaway.sh). Lines
`$ …` are commands, `> …` goes on with one; what follows is what it prints, where a line `...` stands for
any lines. Spaces, dates, durations and long numbers may differ; what lists and shows is asked again
until it is as written, for a while. Without PAGE all pages with such blocks; with --write the output is
put into the page instead of being compared. The program is the one of NUBO_BUILD.
Also looks whether every link from one page to a file leads to one.
"""
import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THROWAWAY = ROOT / "test/throwaway.sh"
PATIENCE = 20
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
ASKS = re.compile(r"\bone\w+ (list|show|top)\b|\bcurl\b")
VARYING = (
    (r"\b\d\d/\d\d( \d\d:\d\d:\d\d)?\b", "DATE"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "DATE"),
    (r"\b\d+d +\d+h ?\d+(m\d+)?s?\b", "TIME"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b\d+(\.\d+)?[KMGT]\b", "SIZE"),
    (r"\b\d{7,}\b", "NUMBER"),
    (r"[ \t]+", " "),
)


def same_words(text):
    """The text with what differs from run to run made equal, as lines."""
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return [line.strip() for line in text.strip("\n").splitlines()]


def matches(wanted, got):
    """Whether the lines are the wanted ones; `...` stands for any."""
    if not wanted:
        return not got
    if wanted[0] == "...":
        return any(matches(wanted[1:], got[skip:]) for skip in range(len(got) + 1))
    return bool(got) and wanted[0] == got[0] and matches(wanted[1:], got[1:])


def examples(block):
    """(command, output) of a block, in order."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return [(command, "\n".join(output)) for command, output in found]


class Cloud:
    """An oned to throw away, and a directory to work in."""

    def __init__(self, build):
        self.directory = Path(tempfile.mkdtemp(prefix="nubo-docs.", dir="/var/tmp"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.environment = {
            **os.environ, "NUBO_BUILD": str(build), "LC_ALL": "C.UTF-8", "PATH": f"{build}/bin:{os.environ['PATH']}",
            "ONE_AUTH": f"{self.directory}/oned/one_auth", "ONE_XMLRPC": f"http://127.0.0.1:{port}/RPC2"}
        self.throwaway("start", str(port))

    def throwaway(self, word, *more):
        subprocess.run([THROWAWAY, word, self.directory / "oned", *more], env=self.environment, check=True)

    def run(self, command):
        try:
            return subprocess.run(["bash", "-c", command], env=self.environment, cwd=self.directory, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=180, check=False).stdout
        except subprocess.TimeoutExpired:
            return "(did not end)\n"

    def close(self):
        self.throwaway("stop")
        shutil.rmtree(self.directory)


def try_example(cloud, command, wanted):
    """What the command printed, and whether it is as written."""
    end = time.monotonic() + (PATIENCE if ASKS.search(command) else 0)
    while True:
        got = cloud.run(command)
        if matches(same_words(wanted), same_words(got)):
            return got, True
        if time.monotonic() > end:
            return got, False
        time.sleep(0.3)


def test_page(page, cloud):
    """(passed, failed) of a page's examples."""
    passed = failed = 0
    for block in BLOCK.findall(page.read_text()):
        for command, wanted in examples(block):
            got, good = try_example(cloud, command, wanted)
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"{page.relative_to(ROOT)}: $ {command}\n--- written\n{wanted}\n--- printed\n{got}")
    return passed, failed


def write_page(page, cloud):
    """Puts what the commands print now into the page; an output with a `...` stays as it is."""
    def again(match):
        text = ""
        for command, wanted in examples(match[1]):
            text += "$ " + command.replace("\n", "\n> ") + "\n"
            cut = "..." in wanted.splitlines()
            if ASKS.search(command):
                time.sleep(2)
            got = cloud.run(command)
            text += wanted + "\n" if cut else re.sub(r" +$", "", got, flags=re.M)
        return f"```console\n{text}```"
    page.write_text(BLOCK.sub(again, page.read_text()))
    return 0, 0


def pages():
    return [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


def check_links():
    """(passed, failed): a page counts one."""
    failed = 0
    for page in pages():
        dead = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
        failed += bool(dead)
        if dead:
            print(f"{page.relative_to(ROOT)}: no file {', '.join(dead)}")
    return len(pages()) - failed, failed


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("page", nargs="*")
    options = parser.parse_args()
    build = Path(os.environ.get("NUBO_BUILD", ROOT / "build/dev")).resolve()
    passed, failed = check_links()
    named = [Path(name).resolve() for name in options.page]
    for page in named or pages():
        if not BLOCK.search(page.read_text()):
            continue
        cloud = Cloud(build)
        try:
            counts = write_page(page, cloud) if options.write else test_page(page, cloud)
        finally:
            cloud.close()
        passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
