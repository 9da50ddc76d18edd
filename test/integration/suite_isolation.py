# SPDX-License-Identifier: Apache-2.0
"""A sick node hurts nobody else: a frozen libvirtd, a cut link, a frozen node.

Actions for the other node keep their normal time, the sick host goes to error within the
configured time and its machines to unknown, and all come back by themselves when it is healed.
The machine on the sick node and the normal time are those of the first test.
"""
from bed import Failed, logs, poll
from cloud import HOST_ERROR, HOST_ON, HOST_PERIOD, HOST_TIMEOUT, timed

GRACE = 6  # seconds, for a machine that is busy with other things
ERROR_WITHIN = HOST_PERIOD + HOST_TIMEOUT + GRACE
BACK_WITHIN = 2 * HOST_PERIOD + 15 + GRACE  # a connection that hangs is given up after 15 s
# What waits for a sick node waits longer than this.
STALL = 8


def expect(holds, text):
    if not holds:
        raise Failed(text)


def held_machine(cloud):
    return cloud.instantiate("guest", "--hold", until=None)


def cycle(cloud, node):
    """Deploy and terminate on a node: what the neighbours of a sick one want to do."""
    vm = held_machine(cloud)
    cloud.act("deploy", vm, node, until="RUNNING")
    cloud.act("terminate", vm, "--hard", until="DONE")


def prepare(cloud, story, sick, sound):
    """A machine on the node that will be sick, and the time that a cycle takes on the other."""
    if hasattr(story, "isolated"):
        return
    story.isolated = held_machine(cloud)
    cloud.act("deploy", story.isolated, sick, until="RUNNING")
    cloud.guest(story.isolated).answers()
    story.normal = min(timed(lambda: cycle(cloud, sound)) for _ in range(2))


def check_neighbours(cloud, normal, sound):
    times = [timed(lambda: cycle(cloud, sound)) for _ in range(2)]
    seen = " and ".join(f"{seconds:.1f} s" for seconds in times)
    expect(min(times) < 1.5 * normal + 1, f"{seen} beside a sick node, {normal:.1f} s without")
    expect(max(times) < normal + STALL, f"{seen} beside a sick node, {normal:.1f} s without")


def sick_node(cloud, story, make_sick, heal):
    sick, sound = cloud.bed.nodes[:2]
    prepare(cloud, story, sick, sound)
    vm, stuck = story.isolated, held_machine(cloud)
    boots = cloud.guest(vm).boots()
    make_sick()
    try:
        # An action towards the sick node, which must hold up nothing else.
        cloud.one("onevm", "deploy", stuck, sick)
        error = timed(lambda: cloud.wait_state("onehost", sick, HOST_ERROR, ERROR_WITHIN))
        cloud.wait(vm, "UNKNOWN", 5)
        check_neighbours(cloud, story.normal, sound)
        expect(cloud.state("onehost", sound) == HOST_ON, "the sound host is not on")
        listed = timed(lambda: cloud.one("onevm", "list"))
        expect(listed < 2, f"onevm list takes {listed:.1f} s")
    finally:
        heal()
    cloud.wait_state("onehost", sick, HOST_ON, BACK_WITHIN)
    cloud.wait(vm, "RUNNING", 2 * HOST_PERIOD + GRACE)
    expect(cloud.guest(vm).answers()["boots"] == str(boots), "the guest was booted anew")
    # What was asked of the sick node has ended, or ends now, and is no dead end.
    cloud.one("onevm", "recover", stuck, "--delete")
    cloud.wait(stuck, "DONE", 60)
    # A machine that is deleted by force is done before it is cleaned up.
    poll("its end", 30, lambda: cloud.expect_nothing_left(stuck, "net") or True)
    return f"(error after {error:.0f} s)"


def signal_libvirtd(cloud, node, name):
    cloud.bed.exec(node, "sh", "-c", f"kill -{name} $(cat /run/libvirtd.pid)")


@logs("host .* is in error|(prolog|deploy) failed")
def test_frozen_libvirtd(cloud, story):
    sick = cloud.bed.nodes[0]
    return sick_node(cloud, story, lambda: signal_libvirtd(cloud, sick, "STOP"),
                     lambda: signal_libvirtd(cloud, sick, "CONT"))


@logs("host .* is in error|(prolog|deploy) failed")
def test_cut_link(cloud, story):
    sick = cloud.bed.nodes[0]
    return sick_node(cloud, story, lambda: cloud.bed.fail(sick, "cut"), lambda: cloud.bed.fail(sick, "heal"))


@logs("host .* is in error|(prolog|deploy) failed")
def test_frozen_node(cloud, story):
    """The nastiest case: TCP connects, nothing answers."""
    sick = cloud.bed.nodes[0]
    return sick_node(cloud, story, lambda: cloud.bed.fail(sick, "freeze"), lambda: cloud.bed.fail(sick, "thaw"))


def test_machine_of_the_sick_node_ends_well(cloud, story):
    cloud.act("terminate", story.isolated, "--hard", until="DONE")
    cloud.expect_nothing_left(story.isolated, "net")
    expect(cloud.charged() == (0, 0), f"charged {cloud.charged()}")
