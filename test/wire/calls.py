#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""calls.py [REGEX]: walks the table of calls (test/data/calls.tsv, from the sheet of OpenNebula's API).

Each method is called in each situation below; a method in a situation is one check: the code, the shape and
the text of its answer are those of the table. Without REGEX the table is compared with system.listMethods,
too. Closes with `N passed, N failed`.
"""
import json
import re
import sys
import xmlrpc.client
from collections import Counter
from typing import NamedTuple

from cloud import Cloud, Thing
from daemon import CODES, TEST, Daemon, Long, Refused

COMPATIBILITY = TEST.parent / "docs/compatibility.md"
NOWHERE = 99999  # the id of no object
FAULT_NO_SESSION, FAULT_PARAMETER = -500, -501
TYPES = {"i": ("int", "integer", "x"), "i8": ("i8", "64-bit integer", 1), "b": ("boolean", "boolean", 1),
         "s": ("string", "a string", 1), "a": ("array", "an array", 1)}  # in signatures, in faults, a wrong one
NAMES = {"VM": "virtual machine", "HOST": "host", "NET": "virtual network", "IMAGE": "image", "USER": "user",
         "TEMPLATE": "virtual machine template", "GROUP": "group", "DATASTORE": "datastore", "CLUSTER": "cluster",
         "DOCUMENT": "document", "ZONE": "zone", "SECGROUP": "security group", "VDC": "VDC",
         "VROUTER": "virtual router", "MARKETPLACE": "marketplace", "MARKETPLACEAPP": "marketplaceapp",
         "VMGROUP": "vm group", "VNTEMPLATE": "virtual network template", "HOOK": "hook", "BACKUPJOB": "backup job"}
LOCKABLE = {"VM", "TEMPLATE", "IMAGE", "MARKETPLACEAPP", "NET", "VROUTER", "VMGROUP", "VNTEMPLATE", "DOCUMENT", "HOOK",
            "BACKUPJOB"}
RIGHTS = {"USE": 1, "MANAGE": 2, "ADMIN": 4, "CREATE": 8}
BITS = {kind: 0x1000000000 << place for place, kind in enumerate((
    "VM", "HOST", "NET", "IMAGE", "USER", "TEMPLATE", "GROUP", "ACL", "DATASTORE", "CLUSTER", "DOCUMENT", "ZONE",
    "SECGROUP", "VDC", "VROUTER", "MARKETPLACE", "MARKETPLACEAPP", "VMGROUP", "VNTEMPLATE", "HOOK", "BACKUPJOB"))}
ONE_USER = ONE_OBJECT = ONE_ZONE = 0x100000000
ALL_OBJECTS = 0x400000000
# Who has the right and yet is refused.
OTHERWISE = {
    ("vn.allocate", "granted"): ("AUTHORIZATION", "User [{}] : Template includes a restricted attribute VN_MAD."),
    ("user.login", "granted"): ("RPC_API", "EGID is not in user group list"),
}
# What is looked at before rights, by whom it is refused (api.md §1, "own checks before authorization").
BEFORE_RIGHTS = {
    "vm.attachpci": ("users", "AUTHORIZATION", "User [{}] : Template includes a restricted attribute PCI."),
    "vm.restore": ("all", "ACTION", "Image has to be of type BACKUP"),
}
# Refusals that name the object.
NAMING = {"vm.disksaveas"}
NOT_IN_RULES = {"HOOK"}
# How calls that name another object, which is not there, are refused: what is not in a VDC need not be there.
MISSING_OTHER = {"vm.attachsg": ("ACTION",), **{f"vdc.del{what}": ("INTERNAL",) for what in (
    "group", "cluster", "host", "datastore", "vnet")}}
# How calls on no object are refused: those that are not told `Error getting TYPE [ID].`
MISSING = {
    "user.login": ("NO_EXISTS", "Error getting user Pool.", -1),
    "vn.reserve": ("NO_EXISTS", "Error getting virtual network Pool.", -1),
    "acl.delrule": ("INTERNAL", f"Rule {NOWHERE} does not exist", None),
    "group.quota": ("AUTHORIZATION", "User [0] not authorized to perform action on group.", NOWHERE),
    "zone.enable": ("ACTION", "Enable/disable mode have to be set through the target zone endpoints", -1),
}


class Need(NamedTuple):
    right: str
    kind: str
    ref: str = ""  # "" without an object

    def thing(self, things):
        if not self.ref.startswith("$"):
            return Thing(self.kind, int(self.ref)) if self.ref else None
        return things[self.ref[1:]]

    def refusal(self, things):
        thing = self.thing(things)
        return f"Not authorized to perform {self.right} {self.kind}" + (f" [{thing.id}]" if thing else "")


class Call:
    """A row of the table."""

    def __init__(self, line):
        self.method, parameters, self.returns, self.made, needs, arguments, self.admin, other = line.split("\t")
        words = [] if parameters == "-" else parameters.split()
        self.parameters = [each.partition("=")[0].split(":")[1] for each in words]
        self.required = sum("=" not in each for each in words)
        self.kind_of_user = needs if needs.startswith(("user 0", "group 0")) else ""
        has_needs = needs != "-" and not self.kind_of_user
        self.needs = [Need(*each.split()) for each in needs.split(", ")] if has_needs else []
        self.arguments = json.loads(arguments)
        self.is_lockable = (other != "unlocked" and bool(self.needs) and self.needs[0].ref == "$id"
                            and self.needs[0].kind in LOCKABLE)

    def reads(self):
        return self.returns.isupper()

    def kind(self):
        """What $id is."""
        return next((need.kind for need in self.needs if need.ref == "$id"), "")


class Failed(Exception):
    pass


def expect(holds, answer, wanted):
    if not holds:
        raise Failed(f"{answer}, wanted {wanted}")


def expect_failure(call, answer, code, text=None, object_id=None):
    """`text` is what follows the name of the method."""
    wanted = f"{code}{f' id {object_id}' if object_id is not None else ''}{f': {text}' if text else ''}"
    holds = not answer.ok and answer.code == CODES[code] and answer.value.startswith(f"[one.{call.method}] ")
    holds = holds and (text is None or answer.value == f"[one.{call.method}] {text}")
    expect(holds and object_id in (None, answer.object_id), answer, wanted)


def expect_fault(answer, code, text=None):
    expect(answer.fault == code and text in (None, answer.value), answer, f"fault {code} {text or ''}")


class Walk:
    def __init__(self, daemon, calls):
        self.cloud, self.calls = Cloud(daemon), calls
        self.daemon = daemon
        self.partial = partial_calls()
        self.results = []
        self.make_objects()

    # --- objects

    def make_objects(self):
        """One of each kind that is only looked at or refused, one that is locked, and new ones for what succeeds."""
        wanted = Counter()
        for call in self.calls:
            if call.made != "-":
                wanted[call.made, "kept"] = 1
                wanted[call.made, "new"] += sum(self.succeeds(call, who) for who in ("owner", "group admin")) * (
                    not call.reads()) + 2 * (not call.reads())
                if call.is_lockable:
                    wanted[call.made, "locked"] = 1
        keys = [key for key, count in wanted.items() for _ in range(count)]
        self.store = {key: [] for key in wanted}
        for key, made in zip(keys, self.cloud.finish([self.cloud.maker(made) for made, _ in keys])):
            self.store[key].append(made)
        for (made, use), objects in self.store.items():
            if use == "locked" and not isinstance(objects[0], Refused):
                thing = objects[0]["id"]
                family = next(call.method for call in self.calls if call.made == made).split(".")[0]
                self.cloud.admin(f"{family}.lock", thing.id, 4, False)

    def succeeds(self, call, situation):
        """Whether who stands for the situation has all that the call needs on a new object, guessed before it is there."""
        person = self.cloud.owner if situation == "owner" else self.cloud.boss
        kind = call.kind()
        new = {"id": Thing(kind, 0, self.cloud.owner.uid, self.cloud.staff)}
        return not call.kind_of_user and all(
            person.may(need.right, need.kind, new["id"] if need.ref == "$id" else None) or need.ref not in ("", "$id")
            for need in call.needs)

    def things(self, call, use="kept"):
        """All that the arguments may name; Failed when the object could not be made."""
        if call.made == "-":
            return self.cloud.things
        objects = self.store[call.made, "kept" if use == "new" and call.reads() else use]
        made = objects.pop() if use == "new" and not call.reads() else objects[0]
        if isinstance(made, Refused):
            raise Failed(f"no {call.made}: {made}")
        return {**self.cloud.things, **made}

    def arguments(self, call, things):
        def text(match):
            name = match[1]
            if name == "name":
                return self.cloud.name()
            if name == "username":
                return things["id"].username
            if name == "aclrule":
                self.cloud.names["rule"] += 1
                return hex(ONE_USER + 200000 + self.cloud.names["rule"])
            return str(things[name].id)

        def fill(value, kind):
            if isinstance(value, list):
                return [fill(each, "i") for each in value]
            if not isinstance(value, str):
                return Long(value) if kind == "i8" else value
            filled = re.sub(r"\$(\w+)", text, value)
            return int(filled) if kind == "i" else filled
        return [fill(value, kind) for value, kind in zip(call.arguments, call.parameters)]

    # --- what is expected

    def expect_success(self, call, answer, arguments, things):
        is_refusal = not answer.ok and answer.code in (CODES["ACTION"], CODES["INTERNAL"], CODES["ALLOCATE"])
        if call.admin == "refused" or (is_refusal and call.method in self.partial):
            return expect(is_refusal, answer, "an honest refusal")
        if call.admin != "ok":
            return expect_failure(call, answer, call.admin)
        expect(answer.ok, answer, "success")
        value, returns = answer.value, call.returns
        holds = {"id": lambda: value == things["id"].id, "new": lambda: type(value) is int and value >= 0,
                 "int": lambda: type(value) is int, "text": lambda: isinstance(value, str) and value,
                 "blank": lambda: value == " "}
        if returns in holds:
            return expect(holds[returns](), answer, returns)
        if returns.startswith("$"):
            return expect(value == things[returns[1:]].id, answer, returns)
        whole = isinstance(value, str) and re.match(rf"<{returns}(/>|>.*</{returns}>$)", value, re.S)
        return expect(whole, answer, f"<{returns}>")

    def expect_for(self, call, person, answer, arguments, things):
        """The rights that the person has by default decide."""
        if call.method in BEFORE_RIGHTS:
            return self.expect_before_rights(call, person.uid, answer)
        if call.kind_of_user:
            text = call.kind_of_user.partition(": ")[2]
            reason = f"User [{person.uid}] : {text}." if text and text[0] != "?" else None
            return expect_failure(call, answer, "AUTHORIZATION", reason)
        missing = [need for need in call.needs if not person.may(need.right, need.kind, need.thing(things))]
        if not missing:
            return self.expect_success(call, answer, arguments, things)
        return self.expect_refusal(call, answer, person, missing, things)

    def expect_refusal(self, call, answer, person, missing, things):
        """The first missing right is named, and none that the person has."""
        named = re.fullmatch(rf"\[one\.{re.escape(call.method)}\] User \[{person.uid}\] : (.*)\.", str(answer.value))
        reasons = set(named[1].split("; ")) if named else set()
        wanted = [need.refusal(things) for need in missing]
        object_id = things["id"].id if call.method in NAMING else -1
        expect(answer.code == CODES["AUTHORIZATION"] and answer.object_id == object_id and wanted[0] in reasons
               and reasons <= set(wanted), answer, f"AUTHORIZATION: {'; '.join(wanted)}")

    def expect_before_rights(self, call, uid, answer):
        _, code, text = BEFORE_RIGHTS[call.method]
        return expect_failure(call, answer, code, text.format(uid))

    # --- situations: None when it does not apply, else it raises Failed or not

    def no_session(self, call):
        expect_fault(self.cloud.admin.ask_bare(call.method), FAULT_NO_SESSION)

    def no_login(self, call):
        """Comes before all looks at parameters."""
        arguments = self.arguments(call, self.things(call))
        tries = (("oneadmin:wrong", arguments), ("nobody:secret", arguments), ("oneadmin", []), (7, arguments))
        for session, given in tries:
            answer = self.cloud.admin.ask_bare(call.method, session, *given)
            expect_failure(call, answer, "AUTHENTICATION", "User couldn't be authenticated, aborting call.", -1)

    def wrong_type(self, call):
        arguments = self.nowhere(call, {"id"})
        for place, kind in enumerate(call.parameters):
            given = [*arguments[:place], TYPES[kind][2], *arguments[place + 1:]]
            text = f"Parameter that is supposed to be {TYPES[kind][1]} is not"
            expect_fault(self.cloud.admin.ask(call.method, *given), FAULT_PARAMETER, text)
        return bool(call.parameters)

    def too_few(self, call):
        arguments = self.nowhere(call, {"id"})
        for count in range(call.required):
            answer = self.cloud.admin.ask(call.method, *arguments[:count])
            expect_fault(answer, FAULT_PARAMETER, "Not enough parameters")
        return call.required > 0

    def too_many(self, call):
        """They are ignored."""
        things = self.things(call)
        arguments = self.arguments(call, things)
        answer = self.cloud.stranger.ask.ask(call.method, *arguments, "more", 7)
        self.expect_for(call, self.cloud.stranger, answer, arguments, things)

    def nowhere(self, call, refs):
        things = dict(self.cloud.things)
        if call.made != "-":
            things["id"] = Thing(call.kind(), NOWHERE, username="nobody-at-all")
            things.update({ref: Thing("", NOWHERE) for ref in ("sched", "member", "newhost", "newds", "newnet")})
        things.update({ref: Thing(things[ref].kind, NOWHERE) for ref in refs if ref in things and ref != "id"})
        return self.arguments(call, things)

    def missing_object(self, call):
        if call.made == "-" or call.kind_of_user:
            return False
        answer = self.cloud.admin.ask(call.method, *self.nowhere(call, {"id"}))
        kind = call.kind() or call.method.split(".")[0].upper()
        usual = ("NO_EXISTS", f"Error getting {NAMES.get(kind)} [{NOWHERE}].", NOWHERE)
        expect_failure(call, answer, *MISSING.get(call.method, usual))
        return True

    def missing_other(self, call):
        """Each other object that is a parameter of its own, in a call on an object that is there."""
        others = [need for need in call.needs if need.ref not in ("", "$id") and need.ref in call.arguments]
        if call.method in BEFORE_RIGHTS:
            return False
        for need in others:
            things = {**self.things(call), need.ref[1:]: Thing(need.kind, NOWHERE)}
            answer = self.cloud.admin.ask(call.method, *self.arguments(call, things))
            usual = ("NO_EXISTS", f"Error getting {NAMES[need.kind]} [{NOWHERE}].", NOWHERE)
            expect_failure(call, answer, *MISSING_OTHER.get(call.method, usual))
        return bool(others)

    def stranger(self, call):
        self.as_person(call, self.cloud.stranger, "kept")

    def as_person(self, call, person, use):
        things = self.things(call, use)
        arguments = self.arguments(call, things)
        self.expect_for(call, person, person.ask.ask(call.method, *arguments), arguments, things)

    def granted(self, call):
        """By rules, one for each need: refused while one is missing, let in with all."""
        if not call.needs or call.method in BEFORE_RIGHTS or any(need.kind in NOT_IN_RULES for need in call.needs):
            return False
        things = self.things(call, "new")
        arguments = self.arguments(call, things)
        person = self.cloud.granted
        rules = [None if person.may(need.right, need.kind, need.thing(things)) else self.rule(need, things)
                 for need in call.needs]
        add = lambda rule: rule and self.cloud.admin("acl.addrule", *rule)
        standing = [add(rule) for rule in rules]
        try:
            for place, need in enumerate(call.needs):
                if rules[place]:
                    self.cloud.admin("acl.delrule", standing[place])
                    answer = person.ask.ask(call.method, *arguments)
                    self.expect_refusal(call, answer, person, [need], things)
                    standing[place] = add(rules[place])
            answer = person.ask.ask(call.method, *arguments)
            self.expect_allowed(call, "granted", answer, arguments, things)
        finally:
            for rule in standing:
                # Rules that name a deleted object go with it.
                self.cloud.admin.ask("acl.delrule", -1 if rule is None else rule)
        return True

    def rule(self, need, things):
        thing = need.thing(things)
        of = ONE_OBJECT + thing.id if thing else ALL_OBJECTS
        zone = "400000000" if need.kind in ("USER", "GROUP", "ZONE", "ACL", "VDC") else hex(ONE_ZONE)
        return hex(ONE_USER + self.cloud.granted.uid), hex(BITS[need.kind] | of), hex(RIGHTS[need.right]), zone

    def expect_allowed(self, call, situation, answer, arguments, things):
        if (call.method, situation) in OTHERWISE:
            code, text = OTHERWISE[call.method, situation]
            return expect_failure(call, answer, code, text.format(self.cloud.granted.uid))
        if call.method.endswith(".unlock"):
            return expect_failure(call, answer, "ACTION", "Cannot unlock: Lock is owned by another user")
        return self.expect_success(call, answer, arguments, things)

    def owner(self, call):
        """Who owns what is called on, and what arguments name as far as users can own it; users themselves."""
        self.as_holder(call, "owner", self.cloud.owner)

    def group_admin(self, call):
        self.as_holder(call, "group admin", self.cloud.boss)

    def as_holder(self, call, situation, person):
        if call.kind() in ("HOST", "CLUSTER", "VDC", "ZONE", "HOOK") and situation == "owner":
            return self.as_person(call, person, "kept")
        things = self.things(call, "new" if self.succeeds(call, situation) else "kept")
        arguments = self.arguments(call, things)
        if call.kind() == "USER" and situation == "owner":
            thing = things["id"]
            person = type(person)(self.daemon, thing.username, thing.id, [self.cloud.staff, things["thirdgroup"].id])
        answer = person.ask.ask(call.method, *arguments)
        missing = [need for need in call.needs if not person.may(need.right, need.kind, need.thing(things))]
        if not missing and not call.kind_of_user and situation != "owner" and call.method not in BEFORE_RIGHTS:
            return self.expect_allowed(call, situation, answer, arguments, things)
        return self.expect_for(call, person, answer, arguments, things)

    def admin(self, call):
        things = self.things(call, "new")
        arguments = self.arguments(call, things)
        self.expect_success(call, self.cloud.admin.ask(call.method, *arguments), arguments, things)

    def second_admin(self, call):
        """Another member of group 0: what is for user 0 alone is refused."""
        if not call.kind_of_user:
            return False
        things = self.things(call)
        arguments = self.arguments(call, things)
        answer = self.cloud.deputy.ask.ask(call.method, *arguments)
        if call.kind_of_user == "user 0":
            expect_failure(call, answer, "AUTHORIZATION")
        else:
            self.expect_success(call, answer, arguments, things)
        return True

    def listed_for(self, call):
        """A pool shows an object to those who may use it, and to nobody else."""
        family = call.method.split("pool.")[0]
        kind = next((each.kind() for each in self.calls if each.method == f"{family}.info"), "")
        if not re.fullmatch(r"\w+pool\.info(extended)?", call.method) or (family, "kept") not in self.store:
            return False
        thing = self.store[family, "kept"][0]["id"]
        entry = f"<{call.returns.removesuffix('_POOL')}><ID>{thing.id}</ID>"
        arguments = self.arguments(call, self.cloud.things)
        expect(entry in self.cloud.admin(call.method, *arguments), entry, "in the pool of an admin")
        for person in (self.cloud.owner, self.cloud.boss, self.cloud.stranger):
            shown = entry in person.ask(call.method, *arguments)
            expect(shown == person.may("USE", kind, thing), f"{entry} {shown}", f"as {person.name} may use it")
        return True

    def locked(self, call):
        """A lock of all stops admins, too."""
        if not call.is_lockable or call.made.endswith(".locked"):
            return False
        if BEFORE_RIGHTS.get(call.method, [""])[0] == "all":
            return False
        things = self.things(call, "locked")
        answer = self.cloud.admin.ask(call.method, *self.arguments(call, things))
        thing = things["id"]
        expect_failure(call, answer, "AUTHORIZATION", f"User [0] : {thing.kind} is locked. [{thing.id}].")
        return True

    def signature(self, call):
        told = self.cloud.admin.proxy.system.methodSignature("one." + call.method)
        wanted = ["array", "string", *(TYPES[kind][0] for kind in call.parameters)]
        expect(wanted in told if isinstance(told, list) else False, told, wanted)

    SITUATIONS = (no_session, no_login, wrong_type, too_few, too_many, missing_object, missing_other, stranger, granted, owner,
                  group_admin, second_admin, listed_for, locked, signature, admin)

    def check(self, call, situation):
        try:
            if situation(self, call) is not False:
                self.results.append((call.method, situation.__name__, ""))
        except (Failed, RuntimeError, xmlrpc.client.Fault, LookupError) as error:
            self.results.append((call.method, situation.__name__, f"{type(error).__name__} {error}"))

    def run(self):
        for call in self.calls:
            for situation in self.SITUATIONS:
                self.check(call, situation)


def partial_calls():
    """Those that docs/compatibility.md says refuse what they cannot do as yet."""
    return set(re.findall(r"^\| `one\.(\S+)` \| partial", COMPATIBILITY.read_text(), re.M))


def compare_lists(walk):
    """One check for each method that only one side has, and one that passes when both are the same."""
    methods = walk.cloud.admin.proxy.system.listMethods()
    served = {name.removeprefix("one.") for name in methods if name.startswith("one.")}
    known = {call.method for call in walk.calls}
    promised = set(re.findall(r"^\| `one\.(\S+)` \| (?:complete|partial)", COMPATIBILITY.read_text(), re.M))
    for name in served ^ known:
        walk.results.append((name, "listed", "served but not in the table" if name in served else "not served"))
    for name in promised ^ known:
        walk.results.append((name, "promised", f"otherwise in {COMPATIBILITY.name}"))
    both = (("listed", served), ("promised", promised))
    walk.results += [("all", what, "") for what, names in both if names == known]


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    lines = (TEST / "data/calls.tsv").read_text().splitlines()
    calls = [Call(line) for line in lines if not line.startswith("#") and re.search(pattern, line.split("\t")[0])]
    with Daemon() as daemon:
        walk = Walk(daemon, calls)
        walk.run()
        if not pattern:
            compare_lists(walk)
    failed = [result for result in walk.results if result[2]]
    for method, situation, why in failed:
        print(f"FAIL  {method}, {situation}: {why[:400]}")
    print(f"{len(walk.results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
