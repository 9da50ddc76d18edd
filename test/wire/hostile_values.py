# SPDX-License-Identifier: Apache-2.0
"""The values of hostile.py, by type and meaning of the parameter that they go into."""
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

AUTHENTICATION, AUTHORIZATION, NO_EXISTS, ACTION, API, INTERNAL, ALLOCATE = (0x100 << i for i in range(7))
# Good values of parameters by name, or by (method, name); ids of objects come from the world.
BASE = {
    "template": 'NOTE="x"', "name": "fine", "level": 4, "uid": -1, "gid": -1, "filter": -2, "start": -1, "end": -1,
    "seconds": -1, "state": -2, "datastore": 1, "cluster": 0, "host": 0, "password": "secret", "driver": "core",
    "im_mad": "dummy", "vm_mad": "dummy", "action": "hold", "user": "#2", "resource": "0x1", "rights": "0x1",
    "zone": "0x100000000", "ids": "0", "query": "", "extra": "", "operation": 99, "status": 0, "enable": True,
    ("user.chgrp", "gid"): 1, ("user.login", "period"): 60, ("user.login", "egid"): -1, ("user.login", "name"): "alice",
}
# With good parameters these take away what others need, or end it.
DESTRUCTIVE = r"delete|\.rm_|free_ar|recover|terminate|chown|chgrp|passwd|chauth|user\.enable|\.lock|zone\.|drop|db$|persistent"


@dataclass(frozen=True)
class Bad:
    name: str
    xml: bytes  # inside <value>
    kind: str = "value"  # malformed, wrong type, …: see FAULTS in hostile.py; value: of the right type
    share: float = 1.0  # of the places that it goes into without --full
    codes: frozenset = field(default_factory=frozenset)  # those that fit; none named: any
    must_fail: bool = False


def value(plain, kind):
    if kind == "string":
        return b"<string>%s</string>" % escape(plain).encode()
    if kind == "array":
        return b"<array><data>%s</data></array>" % b"".join(b"<value><int>%d</int></value>" % one for one in plain)
    return b"<%s>%d</%s>" % (kind.encode(), plain, kind.encode())


def nested(depth):
    return b"<array><data><value>" * depth + b"<int>1</int>" + b"</value></data></array>" * depth


WRONG = {
    "int": b"<int>1</int>", "i8": b"<i8>1</i8>", "boolean": b"<boolean>1</boolean>", "string": b"<string>1</string>",
    "double": b"<double>1.5</double>", "base64": b"<base64>MQ==</base64>", "nil": b"<nil/>",
    "date": b"<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>", "array": b"<array><data/></array>",
    "struct": b"<struct><member><name>a</name><value>1</value></member></struct>",
    "empty struct": b"<struct></struct>", "array of arrays": nested(20), "bare text": b"1",
    "struct with a key twice": b"<struct><member><name>a</name><value>1</value></member>"
                               b"<member><name>a</name><value>2</value></member></struct>",
}
MALFORMED = {
    "broken UTF-8": b"<string>a\xff\xfe</string>", "overlong UTF-8": b"<string>\xc0\xaf</string>",
    "a surrogate": b"<string>\xed\xa0\x80</string>", "cut UTF-8": b"<string>\xe2\x82</string>",
    "a control byte": b"<string>a\x01b</string>", "an escape byte": b"<string>\x1b[31m</string>",
    "NUL": b"<string>a\0b</string>", "NUL by number": b"<string>&#0;</string>",
    "a control byte by number": b"<string>&#x8;</string>", "an unknown entity": b"<string>&nosuch;</string>",
    "a doctype": b'<!DOCTYPE a [<!ENTITY b "c">]><string>&b;</string>', "an open tag": b"<string>a",
    "a second tag": b"<string>a</string><string>b</string>", "an unknown type": b"<text>a</text>",
    "array too deep": nested(300), "array deep": nested(70), "elements too deep": b"<a>" * 100000,
    "unended CDATA": b"<string><![CDATA[a</string>", "an unended comment": b"<string><!-- a</string>",
    "noncharacter": "<string>\uffff</string>".encode(), "too far a character": b"<string>\xf4\x90\x80\x80</string>",
    "a bare <": b"<string>a < b</string>",
}
BAD_NUMBERS = {
    "2147483648": b"2147483648", "-2147483649": b"-2147483649", "a long number": b"9" * 400, "nothing": b"",
    "letters": b"1x", "hexadecimal": b"0x10", "a fraction": b"1.5", "an exponent": b"1e3", "two": b"1 2",
    "NUL by name": b"\\0", "arabic digits": "١".encode(),
}
NUMBERS = (-1, -2, -4, -5, -10, -2147483648, 2147483647, 2147483646, 999999, 65536, 4096, 100000)
CLEAN_NAMES = {"SQL": "a' OR 1=1; DROP TABLE vm_pool;--", "shell": "$(touch /tmp/x)`id`|;&", "markup": "</NAME><ID>0</ID>",
               "CDATA end": "]]>", "a path": "../../../etc/passwd", "a format": "%s%n%d{}{0}", "quotes": "\"'\\\"",
               "tab and line": "a\tb\nc", "carriage return": "a\rb"}
FINE_NAMES = {"right to left": "\u202e\ufeffx", "blanks": "   ",
              "dots": "..", "a minus": "-rf", "nothing": "", "C1 control": "\x85\x9f", "delete": "\x7f"}
LONG = {"129 bytes": 129, "64 KiB": 65536, "1 MB": 1_000_000, "10 MB": 10_000_000}
BROKEN_TEMPLATES = {
    "XML with strange characters": "<T><NOTE>&#1;&#8;&#xFFFF;&#xFFFE;&#xD800;&#x110000;&#0;</NOTE></T>",
    "an unclosed quote": 'NAME="a b', "an unclosed vector": 'DISK=[ A="1"', "no value": "NAME=", "no name": '="a"',
    "nested vectors": 'A=[ B=[ C="1" ] ]', "broken XML": "<TEMPLATE><A>",
    "XML with a doctype": '<!DOCTYPE T [<!ENTITY x "y">]><TEMPLATE><NAME>&x;</NAME></TEMPLATE>',
    "deep XML": "<TEMPLATE>" + "<A>" * 5000 + "</A>" * 5000 + "</TEMPLATE>", "XML twice": "<A/><B/>",
    "brackets": "A=" + "[" * 10000,
    "CDATA end": 'NOTE="]]>"', "an unclosed CDATA": "<TEMPLATE><A><![CDATA[a</A></TEMPLATE>",
}
TEMPLATES = {
    "an unclosed quote, no blank": 'NOTE="a', "a stray quote": 'NOTE="1" "', "only a bracket": "[",
    "XML with an entity": "<TEMPLATE><NOTE>&nosuch;</NOTE></TEMPLATE>",
    "nothing": "", "blanks": " \n\t ", "a comment": "# only\n", "a name twice": 'NAME="a"\nNAME="b"', "own fields": 'ID="7"\nUID="0"\n'
    'GID="0"\nSTATE="3"\nLOCK=[LOCKED="1"]\nPERMISSIONS=[OWNER_U="1"]', "no numbers": 'CPU="-1"\nMEMORY="x"\nVCPU="1e9"\nSIZE="-5"',
    "huge numbers": f'CPU="{"9" * 50}"\nMEMORY="{"9" * 50}"\nVCPU="99999999999"\nSIZE="{"9" * 30}"\nPRIORITY="{"9" * 30}"',
    "XML": "<TEMPLATE><NOTE><![CDATA[a]]></NOTE></TEMPLATE>", "markup in values": 'NOTE="</TEMPLATE><UID>0</UID>"',
    "SQL": "NOTE=\"'); DROP TABLE vm_pool;--\"", "shell": 'PATH="$(id)"\nSOURCE="`id`"\nPATH="/etc/shadow"',
    "bad vectors": 'DISK="x"\nNIC="y"\nAR="z"\nVM="q"\nROLE="r"\nRULE="s"\nLEASES="t"\nSCHED_ACTION="u"\nPCI="v"',
    "empty vectors": "DISK=[]\nNIC=[]\nAR=[]\nVM=[]\nROLE=[]\nRULE=[]\nLEASES=[]\nSCHED_ACTION=[]\nPCI=[]\nSERVER=[]\nSNAPSHOT=[]",
    "dangling ids": 'DISK=[IMAGE_ID="99999"]\nNIC=[NETWORK_ID="99999"]\nVMGROUP=[VMGROUP_ID="99999",ROLE="x"]\nSECURITY_GROUPS="99999"',
    "strange ids": 'DISK=[IMAGE_ID="-1"]\nNIC=[NETWORK_ID="x"]\nVMGROUP=[VMGROUP_ID=""]\nNETWORK_ID="9999999999999999999"',
    "address ranges": 'AR=[TYPE="IP4",IP="999.1.1.1",SIZE="1"]\nAR=[TYPE="IP6",SIZE="-1"]\nAR=[TYPE="x",SIZE="99999999999"]',
    "a whole internet": 'AR=[TYPE="IP4",IP="0.0.0.0",SIZE="4294967296"]\nAR=[TYPE="ETHER",SIZE="2147483647"]',
    "leases": 'LEASES=[IP="300.0.0.1"]\nLEASES=[MAC="zz:zz"]\nSIZE="0"', "a reservation": 'SIZE="2147483647"\nNAME="r"',
    "quotas": 'VM=[VMS="-3",CPU="x",MEMORY="1e400"]\nDATASTORE=[ID="x"]\nNETWORK=[LEASES="5"]\nIMAGE=[ID="-1",RVMS="1"]',
    "schedules": 'SCHED_ACTION=[ACTION="x",TIME="-1",REPEAT="9",DAYS="400",END_TYPE="7"]',
    "rules": 'RULE=[PROTOCOL="x",RULE_TYPE="y",RANGE="70000:1"]\nRULE=[ID="1-99999999999",SCOPE="z"]',
    "a requirement": 'SCHED_REQUIREMENTS="((((((("\nSCHED_RANK="1/0"\nRANK="-"', "variables": 'CONTEXT=[A="$USER[PASSWORD]",B="${",C="$$"]',
    "many attributes": "\n".join(f'A{i}="{i}"' for i in range(5000)), "many values": "\n".join('A="1"' for _ in range(5000)),
}


def of(kind, table, **more):
    return tuple(Bad(name, xml, kind, **more) for name, xml in table.items())


def strings(table, **more):
    return tuple(Bad(name, value(text, "string"), **more) for name, text in table.items())


ANY_MALFORMED = of("malformed", MALFORMED, share=0.1)
LONG_TEXTS = tuple(Bad(name, value("x" * size, "string"), share=0.25 if size < 100_000 else 0.01) for name, size in LONG.items())
TEXTS = strings({**CLEAN_NAMES, **FINE_NAMES}, share=0.4) + LONG_TEXTS
REFUSED_NAMES = frozenset({AUTHORIZATION, ACTION, INTERNAL, ALLOCATE, NO_EXISTS})
REFUSED_TEXTS = frozenset({AUTHORIZATION, ACTION, INTERNAL, ALLOCATE, NO_EXISTS})
BY_ROLE = {
    "name": strings(CLEAN_NAMES, codes=REFUSED_NAMES) + strings(FINE_NAMES, share=0.5)
            + tuple(Bad(name, value("x" * size, "string"), codes=REFUSED_NAMES, share=1 if size < 100_000 else 0.1)
                    for name, size in LONG.items()),
    "template": strings(BROKEN_TEMPLATES, codes=REFUSED_TEXTS, must_fail=True) + strings(TEMPLATES, share=0.5)
                + tuple(Bad(f"a value of {name}", value(f'NOTE="{"x" * size}"', "string"), share=0.02 if size > 100_000 else 0.3)
                        for name, size in LONG.items()),
    "session": strings({**CLEAN_NAMES, "no colon": "oneadmin", "colons": ":::::", "no password": "oneadmin:", "nobody": ":x",
                        "a wrong one": "oneadmin:x", "serveradmin": "serveradmin:oneadmin:x", "nothing": ""},
                       codes=frozenset({AUTHENTICATION}), must_fail=True, share=0.3)
               + (Bad("10 MB", value("x" * 10_000_000, "string"), codes=frozenset({AUTHENTICATION}), must_fail=True, share=0.005),),
}
BY_ROLE["extra"] = BY_ROLE["template"]


def right_type(name, kind):
    if kind == "int":
        return tuple(Bad(str(one), value(one, "int")) for one in NUMBERS) + of("malformed", {
            what: b"<int>%s</int>" % text for what, text in BAD_NUMBERS.items()}, share=0.25)
    if kind == "i8":
        return (Bad("the greatest", b"<i8>9223372036854775807</i8>"), Bad("the least", b"<i8>-9223372036854775808</i8>"),
                Bad("too great", b"<i8>9223372036854775808</i8>", "malformed"))
    if kind == "boolean":
        return of("malformed", {text: b"<boolean>%s</boolean>" % text.encode() for text in ("2", "-1", "true", "", "01 0")}, share=0.5)
    if kind == "array":
        return tuple(Bad(f"array of {what}", b"<array><data><value>%s</value></data></array>" % xml, "wrong type", codes=frozenset({-500}))
                     for what, xml in WRONG.items() if what != "int") + (
            Bad("unknown ids", value([-1, 99999, 2147483647], "array")), Bad("10,000 ids", value([1] * 10_000, "array")))
    return BY_ROLE.get(name, TEXTS)


# What these may say of an unknown id, since they look at the request first (sheet api.md §1 and §7).
UNKNOWN_ID = {"zone.enable": ACTION, "acl.delrule": INTERNAL, "group.quota": AUTHORIZATION, "backupjob.priority": ACTION,
              "market.allocatedb": INTERNAL, "vm.attachpci": INTERNAL, "vn.reserve": ACTION}
UNKNOWN_ID |= {f"vm.{call}": ACTION for call in (
    "attach", "attachnic", "updatenic", "attachsg", "backup", "restore", "disksaveas", "diskresize", "disksnapshotcreate",
    "disksnapshotdelete", "disksnapshotrevert")}


def bad_values(method, name, kind, who):
    """Those for one parameter; whoever calls as a user asks what an admin may not be refused, too."""
    same = {"string": ("string", "bare text"), "array": ("array",)}.get(kind, (kind,))
    wrong = {what: xml for what, xml in WRONG.items() if what not in same and not (kind == "array" and "array" in what)}
    if who == "user":
        return tuple(bad for bad in right_type(name, kind) if not bad.must_fail and bad.kind == "value")
    right = right_type(name, kind)
    if name == "session":  # it is asked for before any parameter is looked at
        return of("value", wrong, share=0.1, codes=frozenset({AUTHENTICATION}), must_fail=True) + right + ANY_MALFORMED
    if name == "id" and kind == "int" and not re.search(r"(user|group)\.info$", method):
        right = tuple(Bad(bad.name, bad.xml, bad.kind, bad.share, bad.codes or frozenset({NO_EXISTS, UNKNOWN_ID.get(method, NO_EXISTS)}),
                          bad.kind == "value")
                      for bad in right)
    return of("wrong type", wrong, share=0.5) + right + ANY_MALFORMED
