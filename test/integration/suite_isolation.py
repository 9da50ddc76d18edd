# SPDX-License-Identifier: Apache-2.0
"""A sick node hurts nobody else: a frozen libvirtd, a cut link.

Actions for the other node keep their normal time, the sick host goes to error within the
configured time and its machines to unknown, and all come back by themselves when it is healed.
"""
from bed import Failed
from cloud import HOST_ERROR, HOST_ON, timed

# From the failure to the state: the configured time (configuration() in cloud.py) and some grace.
ERROR_WITHIN, BACK_WITHIN = 45, 45


def expect(holds, text):
    if not holds:
        raise Failed(text)


def machine_on(cloud, node):
    vm = cloud.one("onetemplate", "instantiate", "guest", "--hold").split("ID:")[1].split()[0]
    cloud.act("deploy", vm, node, until="RUNNING")
    cloud.guest(vm).answers()
    return vm


def cycle(cloud, node):
    """Deploy and terminate on a node: what the neighbours of a sick one want to do."""
    vm = cloud.one("onetemplate", "instantiate", "guest", "--hold").split("ID:")[1].split()[0]
    cloud.act("deploy", vm, node, until="RUNNING")
    cloud.act("terminate", vm, "--hard", until="DONE")


def signal_libvirtd(cloud, node, name):
    cloud.bed.exec(node, "sh", "-c", f"kill -{name} $(cat /run/libvirtd.pid)")


def sick_node(cloud, make_sick, heal):
    sick, sound = cloud.bed.nodes[:2]
    vm = machine_on(cloud, sick)
    normal = min(timed(lambda: cycle(cloud, sound)) for _ in range(2))
    stuck = cloud.one("onetemplate", "instantiate", "guest", "--hold").split("ID:")[1].split()[0]
    make_sick()
    try:
        # An action towards the sick node, which must hold up nothing else.
        cloud.one("onevm", "deploy", stuck, sick)
        slowest = max(timed(lambda: cycle(cloud, sound)) for _ in range(2))
        expect(slowest < 2 * normal + 2, f"{slowest:.1f} s beside a sick node, {normal:.1f} s without")
        cloud.wait_state("onehost", sick, HOST_ERROR, ERROR_WITHIN)
        cloud.wait(vm, "UNKNOWN", 30)
        expect(cloud.state("onehost", sound) == HOST_ON, "the sound host is not on")
    finally:
        heal()
    cloud.wait_state("onehost", sick, HOST_ON, BACK_WITHIN)
    cloud.wait(vm, "RUNNING", 30)
    cloud.guest(vm).answers()
    cloud.act("terminate", vm, "--hard", until="DONE")
    cloud.one("onevm", "recover", stuck, "--delete")
    cloud.wait(stuck, "DONE", 60)
    for left in (vm, stuck):
        cloud.expect_nothing_left(left, "net")


def test_frozen_libvirtd(cloud, story):
    sick = cloud.bed.nodes[0]
    sick_node(cloud, lambda: signal_libvirtd(cloud, sick, "STOP"), lambda: signal_libvirtd(cloud, sick, "CONT"))


def test_cut_link(cloud, story):
    sick = cloud.bed.nodes[0]
    sick_node(cloud, lambda: cloud.bed.fail(sick, "cut"), lambda: cloud.bed.fail(sick, "heal"))


def test_frozen_node(cloud, story):
    """The nastiest case: TCP connects, nothing answers."""
    sick = cloud.bed.nodes[0]
    sick_node(cloud, lambda: cloud.bed.fail(sick, "freeze"), lambda: cloud.bed.fail(sick, "thaw"))
