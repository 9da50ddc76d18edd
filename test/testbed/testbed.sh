#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# testbed.sh - a multi-node KVM test bed inside one Linux machine.
#
# Each "host" is one process (a small init) with its own net, mount, PID, UTS,
# IPC and cgroup namespace, its own disk (a loop-mounted ext4 file), sshd,
# libvirtd and qemu.  Hosts are joined by veth pairs to two bridges that live in
# the "frontend" host's network namespace, so nothing here is visible from, or
# reachable through, the machine's own network.
#
# No namespace is given a name and no interface is made in the root namespace:
# killing a host's init makes the kernel drop all it had (processes, veths,
# mounts, loop device).  That is what makes `down` safe after any crash.
#
# See README.md for what works, timings and limits.
set -euo pipefail

HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
STATE=${TESTBED_DIR:-/var/tmp/testbed}
[[ $STATE == /* ]] || STATE=$PWD/$STATE
NETBASE=${TESTBED_NET:-10.77}            # two /24s: .0 management, .1 guests
NODE_DISK=${TESTBED_NODE_DISK:-2G}       # each host's local disk (sparse file)
STORAGE_DISK=${TESTBED_STORAGE_DISK:-8G} # the storage host's disk (sparse file)
TCG_TB_MB=${TESTBED_TB_MB:-48}           # qemu's default of 1 GiB per guest is too much
ONE_UID=9869
ID=$(printf %s "$STATE" | cksum | cut -d' ' -f1)
CONTROLLERS="cpu cpuacct cpuset memory devices freezer blkio pids"
PATH=$PATH:/usr/sbin:/sbin

for part in process cgroup config hosts storage failures; do
    # shellcheck source=/dev/null
    source "$HERE/lib/$part.sh"
done

cmd_up() {
    local n='' storage=bind i names=(frontend) jobs=() j
    while (($#)); do
        case $1 in
            --storage) storage=${2:?}; shift 2 ;;
            --no-shim) mkdir -p "$STATE"; touch "$STATE/no-shim"; shift ;;
            *) n=$1; shift ;;
        esac
    done
    [[ $n =~ ^[1-9][0-9]?$ ]] || die "usage: up N [--storage bind|moosefs|nfs|local] [--no-shim]"
    [[ $storage =~ ^(bind|moosefs|nfs|local)$ ]] || die "no such storage: $storage"
    ((EUID == 0)) || die "must be root"
    case $STATE/ in /etc/* | /var/lib/* | /run/* | /proc/* | /sys/* | /dev/*) die "TESTBED_DIR cannot be there: $STATE" ;; esac
    need ip ssh-keygen sshd libvirtd qemu-system-x86_64 virsh unshare nsenter losetup mke2fs setsid
    case $storage in
        moosefs) need mfsmaster mfschunkserver mfsmount ;;
        nfs) need ganesha.nfsd rpcbind ;;
    esac
    [[ ! -f $STATE/storage || $(cat "$STATE/storage") == "$storage" || -z $(hosts) ]] ||
        die "already up with other storage: down first"
    mkdir -p "$STATE/hosts"
    echo "$storage" >"$STATE/storage"
    [[ $storage == moosefs || $storage == nfs ]] && names+=(storage)
    for ((i = 1; i <= n; i++)); do names+=("node$i"); done
    prepare_common "${names[@]}"
    host_start frontend
    enter frontend test -s /var/lib/testbed-sshd.pid || svc frontend sshd
    storage_up
    for ((i = 1; i <= n; i++)); do
        node_boot "node$i" &
        jobs+=($!)
    done
    for j in "${jobs[@]}"; do wait "$j" || die "a node failed to start"; done
}

# A clone of this machine with nothing set up: no account, no service, no network but lo.
cmd_blank() {
    ((EUID == 0)) || die "must be root"
    need unshare nsenter losetup mke2fs setsid
    mkdir -p "$STATE/hosts"
    host_start blank
}

cmd_down() {
    local h t i
    # Nodes first: their FUSE mounts go while the server still answers.
    for h in $(hosts | tac); do host_kill "$h"; done
    for h in $(hosts); do
        cg_remove "$h"
        for i in {1..50}; do
            [[ -f $STATE/hosts/$h/disk.img && -n $(losetup -j "$STATE/hosts/$h/disk.img") ]] || break
            sleep 0.1
        done
        rm -rf --one-file-system "${STATE:?}/hosts/$h"
    done
    for t in hosts etc shared storage no-shim nfsfuse; do rm -rf --one-file-system "${STATE:?}/$t"; done
}

cmd_status() {
    local h pid p rss vms lv
    printf '%-9s %-12s %-8s %-9s %-5s %-8s %s\n' HOST IP INIT LIBVIRTD SSHD RSS_MB GUESTS
    for h in $(hosts); do
        if ! pid=$(host_pid "$h"); then
            printf '%-9s %-12s down\n' "$h" "$(ip_of "$h")"
            continue
        fi
        if grep -qs FROZEN "$(awk '$1=="freezer"{print $2}' "$STATE/hosts/$h/cgroups")/freezer.state"; then
            printf '%-9s %-12s %-8s frozen\n' "$h" "$(ip_of "$h")" "$pid"
            continue
        fi
        rss=0
        for p in $(enter "$h" sh -c 'cat /proc/[0-9]*/status 2>/dev/null' | awk '/^VmRSS/{print $2}'); do ((rss += p)); done
        lv=- vms=-
        if [[ $h == node* ]]; then
            lv=dead
            # shellcheck disable=SC2016
            if enter "$h" sh -c 'kill -0 "$(cat /run/libvirtd.pid)"' 2>/dev/null; then
                lv=up
                vms=$(enter "$h" timeout 5 virsh -q -c qemu:///system list --name | xargs)
            fi
        fi
        # shellcheck disable=SC2016
        printf '%-9s %-12s %-8s %-9s %-5s %-8s %s\n' "$h" "$(ip_of "$h")" "$pid" "$lv" \
            "$(enter "$h" sh -c 'kill -0 "$(cat /run/sshd.pid /var/lib/testbed-sshd.pid 2>/dev/null | head -n1)" 2>/dev/null && echo up || echo dead')" \
            "$((rss / 1024))" "${vms:-}"
    done
}

cmd_exec() {
    local user='' name
    [[ ${1:-} == -u ]] && { user=$2; shift 2; }
    name=${1:?usage: exec [-u USER] HOST CMD...}
    shift
    is_host "$name"
    (($#)) || set -- bash
    [[ -z $user ]] || set -- runuser -u "$user" -- env HOME=/var/lib/one "$@"
    # The front-end has this machine's files, so a relative path means the same there.
    # shellcheck disable=SC2016
    enter "$name" bash -c 'cd "$1" 2>/dev/null || cd /; shift; exec "$@"' - "$PWD" "$@"
}

usage() {
    cat <<USAGE
usage: testbed.sh COMMAND   (state: TESTBED_DIR=$STATE)
  up N [--storage bind|moosefs|nfs|local] [--no-shim]   make front-end and N nodes (repeatable)
  blank                                  make the host "blank": a bare clone of this machine
  down                                   end and remove all of it
  status                                 one line a host
  exec [-u USER] HOST CMD...             run CMD in frontend, storage, blank or nodeI
  fail HOST cut|heal|freeze|thaw|crash|fence|boot|kill-libvirtd|start-libvirtd|kill-sshd|
            start-sshd|kill-guest DOM|fill|unfill|slow RATE|lossy PCT|fast
  image OUT.img|OUT.qcow2                the guest as a bootable disk
  kernel DIR                             the guest as DIR/vmlinuz and DIR/initrd.img
  context OUT.iso KEY=VALUE...           a CONTEXT CD
USAGE
}
# The guest is the one that quickstart boots.
guest() { "$HERE/../../share/guest/build.sh" "$@"; }

main() {
    local c=${1:-help}
    (($# == 0)) || shift
    case $c in
        up | blank | down)
            mkdir -p "$STATE"
            exec 8>"$STATE/lock"
            flock -w 300 8 || die "another testbed.sh holds $STATE"
            "cmd_$c" "$@" ;;
        status | exec | fail) "cmd_$c" "$@" ;;
        image | kernel | context) guest "$c" "$@" ;;
        __init) __init "$@" ;;
        *) usage ;;
    esac
}
main "$@"
