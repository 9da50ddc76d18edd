#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""networks.py [SCENARIO …]: addresses and ids that networks give: ranges of all types, order, holds, reservations, VLANs."""
import ipaddress
import re
import sys

from scenario import expect, refused, run, until

CONF = 'MAC_PREFIX = "02:aa"\nVLAN_IDS = [ START = "10", RESERVED = "0, 12:14, 4095" ]\nVXLAN_IDS = [ START = "100" ]\n'
ADDRESSES = ("IP", "IP6", "IP6_LINK", "IP6_ULA", "IP6_GLOBAL")


def nic(cloud, network, text="", by=None):
    """The NIC of a new VM on the network."""
    vm = (by or cloud.admin)("vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network}{',' if text else ''}{text}]", True)
    found = cloud.document("vm.info", vm, False).find("TEMPLATE/NIC")
    return vm, {one.tag: one.text for one in found}


def ranges(cloud, network):
    return cloud.document("vn.info", network, False).findall("AR_POOL/AR")


def leases(cloud, network):
    """(address, kind and id of the owner), by range."""
    return [[(lease.findtext("IP") or lease.findtext("MAC"), f"{kind} {lease.findtext(kind)}")
             for lease in part.findall("LEASES/LEASE") for kind in ("VM", "VNET", "VROUTER") if lease.find(kind) is not None]
            for part in ranges(cloud, network)]


def slaac(prefix, mac):
    octets = [int(part, 16) for part in mac.split(":")]
    octets[0] ^= 2
    eui = bytes(octets[:3] + [0xff, 0xfe] + octets[3:])
    return str(ipaddress.IPv6Address(ipaddress.IPv6Address(prefix).packed[:8] + eui))


def a_mac_follows_the_ip(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.1.255",SIZE=3]')
    part = ranges(cloud, network)[0]
    expect([part.findtext(tag) for tag in ("MAC", "MAC_END", "IP_END")], ["02:aa:0a:00:01:ff", "02:aa:0a:00:02:01", "10.0.2.1"])
    expect([nic(cloud, network)[1][tag] for tag in ("IP",)], ["10.0.1.255"])
    values = nic(cloud, network)[1]
    expect((values["IP"], values["MAC"]), ("10.0.2.0", "02:aa:0a:00:02:00"))


def a_range_without_addresses_gives_macs(cloud):
    network = cloud.network("n", 'AR=[TYPE=ETHER,SIZE=2]\nAR=[TYPE=ETHER,MAC="02:00:00:00:00:ff",SIZE=2]')
    first, second = ranges(cloud, network)
    expect(bool(re.fullmatch("02:aa(:[0-9a-f]{2}){4}", first.findtext("MAC"))), True, "random MAC")
    given = [nic(cloud, network)[1] for _ in range(4)]
    expect([one["MAC"] for one in given][2:], ["02:00:00:00:00:ff", "02:00:00:00:01:00"])
    expect([key for key in ADDRESSES if key in given[0]], [])
    refused(cloud.admin, "INTERNAL", "vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network}]", True)


def ipv6_addresses_are_made_of_prefix_and_mac(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP6,SIZE=3,MAC="02:00:00:00:00:10",GLOBAL_PREFIX="2001:db8:1:2::",ULA_PREFIX="fd00:1:2:3::"]')
    nic(cloud, network)
    values = nic(cloud, network)[1]
    expect(values["MAC"], "02:00:00:00:00:11")
    expect(values["IP6_LINK"], slaac("fe80::", values["MAC"]))
    expect(values["IP6_GLOBAL"], slaac("2001:db8:1:2::", values["MAC"]))
    expect(values["IP6_ULA"], slaac("fd00:1:2:3::", values["MAC"]))
    expect("IP" in values or "IP6" in values, False)
    only_link = nic(cloud, cloud.network("m", "AR=[TYPE=IP6,SIZE=1]"))[1]
    expect([key for key in ADDRESSES if key in only_link], ["IP6_LINK"])


def both_kinds_of_addresses_come_from_one_range(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4_6,SIZE=3,IP="10.0.0.5",GLOBAL_PREFIX="2001:db8::"]')
    values = nic(cloud, network)[1]
    expect((values["IP"], values["MAC"], values["IP6_GLOBAL"]), ("10.0.0.5", "02:aa:0a:00:00:05", slaac("2001:db8::", "02:aa:0a:00:00:05")))
    static = cloud.network("s", 'AR=[TYPE=IP4_6_STATIC,SIZE=2,IP="10.0.0.5",IP6="2001:db8::ff",PREFIX_LENGTH=64]')
    expect([(values["IP"], values["IP6"]) for values in (nic(cloud, static)[1] for _ in range(2))],
           [("10.0.0.5", "2001:db8::ff"), ("10.0.0.6", "2001:db8::100")])


def fixed_ipv6_ranges_end_with_their_prefix(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP6_STATIC,IP6="2001:db8::fffe",PREFIX_LENGTH=112]')
    part = ranges(cloud, network)[0]
    expect(part.findtext("SIZE"), "2")
    expect([nic(cloud, network)[1]["IP6"] for _ in range(2)], ["2001:db8::fffe", "2001:db8::ffff"])
    refused(cloud.admin, "INTERNAL", "vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network}]", True)
    for wrong in ("TYPE=IP6_STATIC,PREFIX_LENGTH=64", 'TYPE=IP6_STATIC,IP6="2001:db8::1"', 'TYPE=IP6_STATIC,IP6="x",PREFIX_LENGTH=64',
                  "TYPE=IP4,SIZE=3", 'TYPE=IP4,IP="10.0.0.256",SIZE=1', 'TYPE=IP4,IP="10.0.0.1"', 'TYPE=IP4,IP="10.0.0.1",SIZE=x',
                  "TYPE=IP7,SIZE=1", 'TYPE=ETHER,SIZE=1,MAC="ff:ff:ff:ff:ff:ff"', 'TYPE=ETHER,SIZE=1,MAC="02:00"',
                  'TYPE=IP6,SIZE=1,GLOBAL_PREFIX="nothing"'):
        refused(cloud.admin, "INTERNAL", "vn.add_ar", network, f"AR=[{wrong}]")
    expect(len(ranges(cloud, network)), 1)


def leases_go_round_and_do_not_come_back_at_once(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=4]\nAR=[TYPE=IP4,IP="10.1.0.1",SIZE=2]')
    first = [nic(cloud, network) for _ in range(3)]
    expect([values["IP"] for _, values in first], ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
    cloud("vm.recover", first[0][0], 3)
    cloud.admin.wait("vm.info", first[0][0], "STATE", 6)
    expect([nic(cloud, network)[1]["IP"] for _ in range(4)], ["10.0.0.4", "10.0.0.1", "10.1.0.1", "10.1.0.2"])
    refused(cloud.admin, "INTERNAL", "vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network}]", True)


def a_nic_may_ask_for_one_address(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=4]')
    expect(nic(cloud, network, 'IP="10.0.0.3"')[1]["MAC"], "02:aa:0a:00:00:03")
    expect(nic(cloud, network)[1]["IP"], "10.0.0.1")
    expect(nic(cloud, network, 'MAC="02:aa:0a:00:00:02"')[1]["IP"], "10.0.0.2")
    for wrong in ('IP="10.0.0.3"', 'IP="10.0.0.9"', 'IP="10.0.0.4",MAC="02:aa:0a:00:00:04"', 'MAC="02:aa:0a:00:00:03"', 'IP="word"'):
        refused(cloud.admin, "INTERNAL", "vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network},{wrong}]", True)
    expect(nic(cloud, network)[1]["IP"], "10.0.0.4")


def held_addresses_are_given_to_nobody(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=3]\nAR=[TYPE=IP4,IP="10.0.0.1",SIZE=3,MAC="02:00:00:00:00:01"]')
    cloud("vn.hold", network, 'LEASES=[IP="10.0.0.1"]')
    expect(leases(cloud, network), [[("10.0.0.1", "VM -1")], [("10.0.0.1", "VM -1")]])
    expect(cloud.document("vn.info", network, False).findtext("USED_LEASES"), "2")
    cloud("vn.release", network, 'LEASES=[IP="10.0.0.1",AR_ID=1]')
    expect(leases(cloud, network), [[("10.0.0.1", "VM -1")], []])
    vm, values = nic(cloud, network)
    expect(values["IP"], "10.0.0.2")
    for wrong in ('LEASES=[IP="10.0.0.2",AR_ID=0]', 'LEASES=[IP="10.0.0.1",AR_ID=0]', 'LEASES=[IP="10.9.0.1"]', "LEASES=[A=1]", "A=1",
                  'LEASES=[IP="10.0.0.3",MAC="02:00:00:00:00:03"]'):
        refused(cloud.admin, "INTERNAL", "vn.hold", network, wrong)
    cloud("vn.release", network, 'LEASES=[IP="10.0.0.2"]')  # of a VM: stays
    expect(leases(cloud, network)[0], [("10.0.0.1", "VM -1"), ("10.0.0.2", f"VM {vm}")])


def reservations_take_the_addresses_that_are_asked_for(cloud):
    """A block of a size, from an address on, with a name, into one that is there."""
    ann = cloud.user("ann")
    parent = cloud.network("parent", 'NETWORK_MASK=255.255.255.0\nAR=[TYPE=IP4,IP="10.0.0.1",SIZE=10,VLAN_ID=7]\nAR=[TYPE=ETHER,MAC="02:00:00:00:00:00",SIZE=5]')
    cloud("vn.chmod", parent, -1, -1, -1, -1, -1, -1, 1, -1, -1)
    small = ann("vn.reserve", parent, "NAME=small\nSIZE=2\nAR_ID=0\nIP=10.0.0.4")
    until(lambda: cloud.document("vn.info", small, False).findtext("STATE") == "1")
    document = cloud.document("vn.info", small, False)
    part = document.find("AR_POOL/AR")
    expect([document.findtext(tag) for tag in ("NAME", "UID", "PARENT_NETWORK_ID", "TEMPLATE/NETWORK_MASK")], ["small", str(ann.uid), str(parent), "255.255.255.0"])
    expect([part.findtext(tag) for tag in ("IP", "IP_END", "SIZE", "MAC", "PARENT_NETWORK_AR_ID", "VLAN_ID")],
           ["10.0.0.4", "10.0.0.5", "2", "02:aa:0a:00:00:04", "0", "7"])
    expect(nic(cloud, small, by=ann)[1]["IP"], "10.0.0.4")
    expect(leases(cloud, parent)[0], [("10.0.0.4", f"VNET {small}"), ("10.0.0.5", f"VNET {small}")])
    ann("vn.reserve", parent, f"SIZE=1\nNETWORK_ID={small}\nAR_ID=1\nMAC=02:00:00:00:00:03")
    expect([part.findtext("MAC") for part in ranges(cloud, small)], ["02:aa:0a:00:00:04", "02:00:00:00:00:03"])
    block = ann("vn.reserve", parent, "NAME=block\nSIZE=4")  # 1..3 are too few
    expect(ranges(cloud, block)[0].findtext("IP"), "10.0.0.6")
    for wrong in ("NAME=x\nSIZE=5\nAR_ID=0", "NAME=x\nSIZE=0", "NAME=x", "SIZE=1", "NAME=x\nSIZE=1\nIP=10.0.0.1", "NAME=x\nSIZE=2\nAR_ID=0\nIP=10.0.0.3",
                  "NAME=x\nSIZE=1\nAR_ID=9"):
        refused(ann, "ACTION", "vn.reserve", parent, wrong)
    refused(cloud.admin, "ACTION", "vn.reserve", parent, f"SIZE=1\nNETWORK_ID={parent}")
    refused(ann, "ACTION", "vn.reserve", small, "NAME=x\nSIZE=1")
    refused(ann, "INTERNAL", "vn.reserve", parent, "NAME=small\nSIZE=1")
    refused(ann, "NO_EXISTS", "vn.reserve", parent, "SIZE=1\nNETWORK_ID=99")
    refused(cloud.admin, "ACTION", "vn.delete", parent)
    refused(ann, "AUTHORIZATION", "vn.rm_ar", small, 1)
    ann("vn.free_ar", small, 1)
    ann("vn.delete", block)
    until(lambda: leases(cloud, parent) == [[("10.0.0.4", f"VNET {small}"), ("10.0.0.5", f"VNET {small}")], []])
    refused(cloud.admin, "ACTION", "vn.delete", small)  # a VM is in it


def ranges_in_use_are_not_cut(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=4]')
    for _ in range(3):
        nic(cloud, network)
    refused(cloud.admin, "INTERNAL", "vn.update_ar", network, "AR=[AR_ID=0,SIZE=2]")
    cloud("vn.update_ar", network, 'AR=[AR_ID=0,SIZE=3,IP="10.9.9.9",TYPE=ETHER,NOTE=a]')
    part = ranges(cloud, network)[0]
    expect([part.findtext(tag) for tag in ("SIZE", "IP", "TYPE", "NOTE")], ["3", "10.0.0.1", "IP4", "a"])
    cloud("vn.update_ar", network, "AR=[AR_ID=0,B=1]")
    part = ranges(cloud, network)[0]
    expect([part.findtext(tag) for tag in ("SIZE", "NOTE", "B")], ["3", None, "1"])
    refused(cloud.admin, "INTERNAL", "vn.rm_ar", network, 0, False)
    refused(cloud.admin, "INTERNAL", "vn.free_ar", network, 0)
    for _ in range(2):
        cloud("vn.add_ar", network, "AR=[TYPE=ETHER,SIZE=1]")
    cloud("vn.rm_ar", network, 1, False)
    expect([part.findtext("AR_ID") for part in ranges(cloud, network)], ["0", "2"])
    refused(cloud.admin, "INTERNAL", "vn.rm_ar", network, 1, False)
    cloud("vn.rm_ar", network, 0, True)
    expect([part.findtext("AR_ID") for part in ranges(cloud, network)], ["2"])


def vlan_ids_are_free_ones_that_are_not_reserved(cloud):
    made = [cloud("vn.allocate", f"NAME=q{i}\nVN_MAD=802.1Q\nPHYDEV=eth0\nAUTOMATIC_VLAN_ID=YES", -1) for i in range(5)]
    found = [cloud.document("vn.info", one, False) for one in made]
    expect([one.findtext("VLAN_ID") for one in found], ["10", "11", "15", "16", "17"])
    expect([one.findtext("VLAN_ID_AUTOMATIC") for one in found], ["1"] * 5)
    vxlan = cloud("vn.allocate", "NAME=v\nVN_MAD=vxlan\nPHYDEV=eth0\nAUTOMATIC_VLAN_ID=YES", -1)
    expect(cloud.document("vn.info", vxlan, False).findtext("VLAN_ID"), str(100 + vxlan))
    both = cloud("vn.allocate", "NAME=b\nVN_MAD=802.1Q\nPHYDEV=eth0\nAUTOMATIC_VLAN_ID=YES\nVLAN_ID=12", -1)
    document = cloud.document("vn.info", both, False)
    expect([document.findtext(tag) for tag in ("VLAN_ID", "VLAN_ID_AUTOMATIC", "BRIDGE")], ["12", "0", "onebr.12"])
    refused(cloud.admin, "INTERNAL", "vn.allocate", "NAME=x\nVN_MAD=802.1Q\nPHYDEV=eth0", -1)
    refused(cloud.admin, "INTERNAL", "vn.allocate", "NAME=x\nVN_MAD=802.1Q\nAUTOMATIC_VLAN_ID=YES", -1)
    refused(cloud.admin, "INTERNAL", "vn.allocate", "NAME=x\nVN_MAD=dummy", -1)
    refused(cloud.admin, "INTERNAL", "vn.allocate", "NAME=x\nVN_MAD=none", -1)


def a_nic_that_only_floats_takes_no_address(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=1]')
    values = nic(cloud, network, "FLOATING_IP=YES,FLOATING_ONLY=YES")[1]
    expect((values["MAC"][:6], "IP" in values), ("02:aa:", False))
    expect(nic(cloud, network)[1]["IP"], "10.0.0.1")


def a_shared_range_gives_an_address_to_many(cloud):
    network = cloud.network("n", 'AR=[TYPE=IP4,IP="10.0.0.1",SIZE=2,SHARED=YES]')
    first, second = nic(cloud, network, 'IP="10.0.0.1"')[1], nic(cloud, network, 'IP="10.0.0.1"')[1]
    expect((first["IP"], second["IP"], first["MAC"] != second["MAC"]), ("10.0.0.1", "10.0.0.1", True))
    refused(cloud.admin, "INTERNAL", "vm.allocate", f"CPU=1\nMEMORY=1\nNIC=[NETWORK_ID={network}]", True)
    refused(cloud.admin, "ACTION", "vn.reserve", network, "NAME=x\nSIZE=1")


if __name__ == "__main__":
    sys.exit(run(sys.modules["__main__"], CONF))
