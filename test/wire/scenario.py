# SPDX-License-Identifier: Apache-2.0
"""Scenarios: functions that take a Cloud, each with an oned of its own, told by their names."""
import inspect
import sys
import time
from xml.etree import ElementTree

from daemon import CODES, Daemon


# VM, IMAGE, TEMPLATE, DOCUMENT, SECGROUP, VMGROUP, BACKUPJOB, of no object.
MAKEABLE = sum(1 << bit for bit in (34, 36, 39, 41, 46, 48, 53, 56))


class Expectation(AssertionError):
    pass


def expect(found, wanted, what=""):
    if found != wanted:
        raise Expectation(f"{what or 'expected'} {wanted!r}, found {found!r}")


class Cloud:
    """Calls of oneadmin and of users that it makes, and their documents."""

    def __init__(self, oned):
        self.oned, self.admin = oned, oned.session()
        self.admin.wait_measured(1)

    def __call__(self, method, *args):
        return self.admin(method, *args)

    def user(self, name, *groups):
        """A session of a new user, with its `uid`."""
        uid = self("user.allocate", name, "secret", "", list(groups))
        session = self.oned.session(f"{name}:secret")
        session.uid = uid
        return session

    def group(self, name):
        """A new group whose members may make what those of `users` may."""
        group = self("group.allocate", name)
        self.rule(1 << 33 | group, MAKEABLE, 8)
        return group

    def host(self, name="node0", cluster=-1):
        host = self("host.allocate", name, "dummy", "dummy", cluster)
        self.admin.wait("host.info", host, "STATE", 2)
        return host

    def image(self, name, text="SIZE=10", by=None, datastore=1):
        image = (by or self.admin)("image.allocate", f'NAME="{name}"\nTYPE=DATABLOCK\n{text}', datastore, True)
        self.admin.wait("image.info", image, "STATE", 1)
        return image

    def network(self, name, text='AR=[TYPE=IP4,IP="10.0.0.1",SIZE=10]', by=None):
        network = (by or self.admin)("vn.allocate", f'NAME="{name}"\nVN_MAD=dummy\nBRIDGE=br0\n{text}', -1)
        until(lambda: self.document("vn.info", network, False).findtext("STATE") == "1")
        return network

    def rule(self, user, resource, rights, zone="0x400000000"):
        return self("acl.addrule", hex(user), hex(resource), hex(rights), zone)

    def document(self, method, *args):
        return document(self, method, *args)


def document(session, method, *args):
    return ElementTree.fromstring(session(method, *args))


def ids(pool):
    """Of the objects in a pool's document, in its order."""
    return [int(one.findtext("ID")) for one in pool if one.find("ID") is not None]


def refused(session, code, method, *args, text=None):
    """The call fails with this code; and, when it is given, with this text behind the method's name."""
    answer = session.ask(method, *args)
    if answer.ok or answer.fault or answer.code != CODES[code]:
        raise Expectation(f"{method}{args!r:.200} should fail with {code}: {answer}")
    if text is not None:
        expect(answer.value, f"[one.{method}] {text}")


def until(is_true, seconds=20):
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise Expectation("did not become true in time")
        time.sleep(0.02)


def run(module, conf=""):
    """Each scenario of the module, those that are named on the command line alone; closes with `N passed, N failed`."""
    scenarios = [one for name, one in vars(module).items()
                 if inspect.isfunction(one) and list(inspect.signature(one).parameters) == ["cloud"] and one.__module__ == "__main__"
                 and (len(sys.argv) < 2 or name in sys.argv)]
    failed = 0
    for scenario in scenarios:
        with Daemon(conf) as oned:
            try:
                scenario(Cloud(oned))
            except Exception as error:  # whatever it is, the other scenarios are played
                line = next(frame for frame in reversed(inspect.getinnerframes(error.__traceback__)) if frame.function == scenario.__name__)
                print(f"FAILED {scenario.__name__}, line {line.lineno}: {error!r}")
                failed += 1
    print(f"{len(scenarios) - failed} passed, {failed} failed")
    return 1 if failed else 0
