# SPDX-License-Identifier: Apache-2.0
"""kill -9 of oned in the middle of each step of a machine's life.

After the restart the machine must reach the state that the action meant, with one domain, booted
once, and one copy of its disks. Each point is tried twice: with the driver program held, so that the
action was asked for and has not begun; and with the driver free, so that it is under way or done.
What a test leaves running or powered off is where the next one begins, since guests boot slowly.
"""
from bed import Failed, poll
from cloud import LCM, VM_STATES


def expect(holds, text):
    if not holds:
        raise Failed(text)


# point -> (state before, command, the driver that does the step, LCM states of the step, state meant)
POINTS = {
    "prolog": ("HOLD", ["deploy"], "tm", ["PROLOG"], "RUNNING"),
    "boot": ("HOLD", ["deploy"], "vmm_kvm", ["BOOT"], "RUNNING"),
    "running": ("RUNNING", [], None, ["RUNNING"], "RUNNING"),
    "migrate": ("RUNNING", ["migrate", "--live"], "vmm_kvm", ["MIGRATE"], "RUNNING"),
    "save_of_cold_migration": ("RUNNING", ["migrate"], "vmm_kvm", ["SAVE_MIGRATE"], "RUNNING"),
    "prolog_of_cold_migration": ("RUNNING", ["migrate"], "tm", ["PROLOG_MIGRATE", "BOOT_MIGRATE"], "RUNNING"),
    "suspend": ("RUNNING", ["suspend"], "vmm_kvm", ["SAVE_SUSPEND"], "SUSPENDED"),
    "resume": ("SUSPENDED", ["resume"], "vmm_kvm", ["BOOT_SUSPENDED"], "RUNNING"),
    "shutdown": ("RUNNING", ["poweroff"], "vmm_kvm", ["SHUTDOWN_POWEROFF"], "POWEROFF"),
    "epilog": ("POWEROFF", ["terminate"], "tm", ["EPILOG"], "DONE"),
}
MOST_KEPT = 2


def machine(cloud, story, state):
    """A machine in that state: one that an earlier test has left, or a new one."""
    kept = story.__dict__.setdefault("kept", {})
    if kept.get(state):
        return kept[state].pop()
    if state == "HOLD":
        return cloud.instantiate("guest", "--hold", until=None)
    vm = cloud.instantiate("guest")
    cloud.guest(vm).answers()
    if state != "RUNNING":
        cloud.act({"SUSPENDED": "suspend", "POWEROFF": "poweroff"}[state], vm, until=state)
    return vm


def keep(cloud, story, vm, state):
    kept = story.kept.setdefault(state, [])
    if state != "DONE" and len(kept) < MOST_KEPT:
        return kept.append(vm)
    if state != "DONE":
        cloud.act("terminate", vm, "--hard", until="DONE")
    cloud.expect_nothing_left(vm, "net")


def target_of(cloud, vm, action):
    """The node that the action leads to, or nothing."""
    if action[:1] == ["migrate"]:
        return next(node for node in cloud.bed.nodes if node != cloud.host_of(vm))
    return cloud.bed.nodes[0] if action[:1] == ["deploy"] else None


def signal(cloud, name, pids):
    """Those that are gone meanwhile are passed over: the kernel ends what is stopped and orphaned."""
    if pids:
        cloud.sh(f"kill -{name} {' '.join(pids)} 2>/dev/null || true")


def crash_in(cloud, story, point, held):
    before, action, driver, states, meant = POINTS[point]
    vm = machine(cloud, story, before)
    target = target_of(cloud, vm, action)
    pids = cloud.driver_pids(driver) if held else []
    expect(pids or not held, f"oned runs no driver {driver}")
    signal(cloud, "STOP", pids)
    try:
        if action:
            cloud.one("onevm", action[0], vm, *([target] if target else []), *action[1:])
        if held or not action:
            poll(f"machine {vm} is in {point}", 60, lambda: cloud.lcm(vm) in [LCM[name] for name in states])
        cloud.kill()
    finally:
        signal(cloud, "CONT", pids)
    cloud.start()
    cloud.wait(vm, meant, 120)
    check_outcome(cloud, vm, point, meant)
    expect(target in (None, cloud.host_of(vm)), f"{point}: it is on {cloud.host_of(vm)}, not {target}")
    keep(cloud, story, vm, meant)


def check_outcome(cloud, vm, point, meant):
    domains, copies = cloud.domains(vm), cloud.disk_copies(vm)
    if meant == "DONE":
        return
    expect(len(copies) == 1, f"{point}: disks {copies}")
    if meant != "RUNNING":
        expect(not domains, f"{point}: domains {domains}")
        expect(cloud.state("onevm", vm) == VM_STATES[meant], f"it is not in {meant}")
        return
    expect(len(domains) == 1, f"{point}: domains {domains}")
    expect(domains[0][0] == cloud.host_of(vm), f"{point}: {domains} and oned says {cloud.host_of(vm)}")
    boots = cloud.guest(vm).answers()["boots"]
    expect(boots == "1", f"{point}: the guest was booted {boots} times")


def _tests():
    for point, (_, _, driver, _, _) in POINTS.items():
        for held in ([True, False] if driver else [False]):
            how = "before_it_begins" if held else "under_way"
            yield f"test_kill_in_{point}_{how}", (
                lambda cloud, story, point=point, held=held: crash_in(cloud, story, point, held))


globals().update(_tests())


def test_nothing_is_left(cloud, story):
    for vms in story.__dict__.get("kept", {}).values():
        for vm in vms:
            cloud.act("terminate", vm, "--hard", until="DONE")
            cloud.expect_nothing_left(vm, "net")
    expect(cloud.charged() == (0, 0), f"charged {cloud.charged()}")


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
