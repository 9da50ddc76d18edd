# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What can be made to go wrong with a host, and how it is mended (`fail HOST ACTION`).

cmd_fail() {
    local h=${1:?usage: fail HOST ACTION} what=${2:?usage: fail HOST ACTION} b
    is_host "$h"
    case $what in
        cut | heal) # its cable(s)
            for b in mgmt data; do
                netns frontend ip link set "$b-$h" "$([[ $what == cut ]] && echo down || echo up)" 2>/dev/null || [[ $b == data ]]
            done ;;
        freeze) freezer "$h" FROZEN ;;
        thaw) freezer "$h" THAWED ;;
        kill-libvirtd) # shellcheck disable=SC2016
            enter "$h" sh -c 'kill -9 "$(cat /run/libvirtd.pid)"; rm -f /run/libvirtd.pid' ;;
        start-libvirtd)
            svc "$h" libvirtd
            wait_for 30 enter "$h" virsh -q -c qemu:///system uri ;;
        kill-sshd) # the listener and its sessions
            # shellcheck disable=SC2016
            enter "$h" sh -c 'for p in $(pidof sshd); do kill -9 "$p"; done; rm -f /run/sshd.pid' ;;
        start-sshd) svc "$h" sshd ;;
        kill-guest) # shellcheck disable=SC2016
            enter "$h" sh -c 'kill -9 "$(cat "/run/libvirt/qemu/$1.pid")"' - "${3:?usage: fail HOST kill-guest DOMAIN}" ;;
        crash) host_kill "$h" ;;
        fence) # MooseFS: drop a dead host's sessions, and so its file locks, at once
            enter storage mfscli -H "$(ip_of storage)" -s '|' -SMS |
                awk -F'|' -v h="$h" '/^inactive/ && $3 == h {print $2}' | while read -r b; do
                enter storage mfscli -H "$(ip_of storage)" "-CRS/$b" >/dev/null
            done ;;
        boot) node_boot "$h" ;;
        fill) # its local disk, to the last block
            enter "$h" sh -c 'dd if=/dev/zero of=/var/tmp/testbed-fill bs=1M 2>/dev/null; df -h / | tail -n1' ;;
        unfill) enter "$h" rm -f /var/tmp/testbed-fill ;;
        slow) # RATE, e.g. 2mbit, both ways (netem is not in this kernel; tbf is)
            netns "$h" tc qdisc replace dev eth0 root tbf rate "${3:-2mbit}" burst 16kb latency 300ms
            netns frontend tc qdisc replace dev "mgmt-$h" root tbf rate "${3:-2mbit}" burst 16kb latency 300ms ;;
        lossy) # PERCENT of packets to the host dropped
            netns frontend nft -f - <<NFT
table netdev loss_$h {
    chain out { type filter hook egress device "mgmt-$h" priority 0; numgen random mod 100 < ${3:-20} drop; }
}
NFT
            ;;
        fast) # undo slow and lossy
            netns "$h" tc qdisc del dev eth0 root 2>/dev/null || true
            netns frontend tc qdisc del dev "mgmt-$h" root 2>/dev/null || true
            netns frontend nft delete table netdev "loss_$h" 2>/dev/null || true ;;
        *) die "no such failure: $what" ;;
    esac
}
