# SPDX-License-Identifier: Apache-2.0
"""kill -9 of oned in the middle of each step of a machine's life.

After the restart the machine must reach the state that the action meant, with one domain and one
copy of its disks. Each point is tried twice: with the driver program held, so that the action was
asked for and has not begun; and with the driver free, so that it is under way or done.
"""
from bed import Failed, poll
from cloud import LCM, VM_STATES


def expect(holds, text):
    if not holds:
        raise Failed(text)


def begin(cloud, point):
    """A machine just before the point, and the command that leads into it."""
    if point in ("prolog", "boot"):
        out = cloud.one("onetemplate", "instantiate", "guest", "--hold")
        vm = out.split("ID:")[1].split()[0]
        return vm, ["deploy", vm, cloud.bed.nodes[0]]
    vm = cloud.instantiate("guest")
    cloud.guest(vm).answers()
    return vm, {"running": [], "shutdown": ["poweroff", vm], "epilog": ["terminate", vm],
                "migrate": ["migrate", vm, other_node(cloud, vm), "--live"]}[point]


def other_node(cloud, vm):
    return next(node for node in cloud.bed.nodes if node != cloud.host_of(vm))


# point -> (the driver that does the step, LCM states of the step, the state meant at the end)
POINTS = {
    "prolog": ("tm", {LCM["PROLOG"]}, "RUNNING"),
    "boot": ("vmm_kvm", {LCM["BOOT"]}, "RUNNING"),
    "running": (None, {LCM["RUNNING"]}, "RUNNING"),
    "shutdown": ("vmm_kvm", {LCM["SHUTDOWN_POWEROFF"]}, "POWEROFF"),
    "epilog": ("tm", {LCM["EPILOG"]}, "DONE"),
    "migrate": ("vmm_kvm", {LCM["MIGRATE"]}, "RUNNING"),
}


def signal(cloud, name, pids):
    """Those that are gone meanwhile are passed over: the kernel ends what is stopped and orphaned."""
    if pids:
        cloud.sh(f"kill -{name} {' '.join(pids)} 2>/dev/null || true")


def crash_in(cloud, point, held):
    driver, states, meant = POINTS[point]
    charged = cloud.charged()
    vm, command = begin(cloud, point)
    pids = cloud.driver_pids(driver) if driver and held else []
    if driver and held:
        expect(pids, f"oned runs no driver {driver}")
    signal(cloud, "STOP", pids)
    try:
        if command:
            cloud.one("onevm", *command)
        if held or not command:
            poll(f"machine {vm} is in {point}", 60, lambda: cloud.lcm(vm) in states)
        cloud.kill()
    finally:
        # A driver that is held does not see that its oned is gone.
        signal(cloud, "CONT", pids)
    cloud.start()
    cloud.wait(vm, meant, 120)
    check_outcome(cloud, vm, point, meant)
    if meant != "DONE":
        cloud.act("terminate", vm, "--hard", until="DONE")
    cloud.expect_nothing_left(vm, "net")
    expect(cloud.charged() == charged, f"charged {cloud.charged()}, before {charged}")


def check_outcome(cloud, vm, point, meant):
    domains, copies = cloud.domains(vm), cloud.disk_copies(vm)
    if meant == "RUNNING":
        expect(len(domains) == 1, f"{point}: domains {domains}")
        expect(domains[0][0] == cloud.host_of(vm), f"{point}: {domains} and oned says {cloud.host_of(vm)}")
        expect(len(copies) == 1, f"{point}: disks {copies}")
        boots = cloud.guest(vm).answers()["boots"]
        expect(boots == "1", f"{point}: the guest was booted {boots} times")
    elif meant == "POWEROFF":
        expect(not domains and len(copies) == 1, f"{point}: domains {domains}, disks {copies}")
        expect(cloud.state("onevm", vm) == VM_STATES["POWEROFF"], "it is not powered off")


def _tests():
    for point, (driver, _, _) in POINTS.items():
        for held in ([True, False] if driver else [False]):
            how = "before_it_begins" if held else "under_way"
            yield f"test_kill_in_{point}_{how}", (
                lambda cloud, story, point=point, held=held: crash_in(cloud, point, held))


globals().update(_tests())


def test_kill_loses_nothing_acknowledged(cloud, story):
    """Objects made one after the other while oned is killed: every id that was answered is there."""
    names = []
    for round_number in range(5):
        for index in range(4):
            name = f"crash-{round_number}-{index}"
            cloud.create("onetemplate", f'NAME="{name}"\nCPU="1"\nMEMORY="64"\n')
            names.append(name)
        cloud.kill()
        cloud.start()
    listed = cloud.one("onetemplate", "list", "--no-header", "--csv", "-l", "NAME").split()
    missing = set(names) - set(listed)
    expect(not missing, f"acknowledged and gone: {sorted(missing)}")
