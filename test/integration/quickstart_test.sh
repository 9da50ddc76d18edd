#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# quickstart_test.sh BUILD: runs share/quickstart.sh in a bare copy-on-write clone of this machine
# (a host of the test bed), with the build tree BUILD instead of a build of its own: up, up again,
# by hand, down. Closes with `N passed, N failed`; exit code 77 when there can be no clone here.
set -uo pipefail
root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
build=$(readlink -f "${1:?usage: quickstart_test.sh BUILD}")
bed=$root/test/testbed/testbed.sh
quickstart=$root/share/quickstart.sh

((EUID == 0)) || { printf 'skipped: not root\n0 passed, 0 failed, 1 skipped\n'; exit 77; }
TESTBED_DIR=$(mktemp -d /var/tmp/nubo-quickstart.XXXXXX)
export TESTBED_DIR TESTBED_NODE_DISK=4G NUBO_BUILD=$build
# The clone has no network to fetch the guest's kernel from: it is built here first.
export NUBO_GUEST_CACHE=${NUBO_GUEST_CACHE:-/var/tmp/nubo-guest}
trap '"$bed" down; rm -rf "$TESTBED_DIR"' EXIT

passed=0 failed=0
check() { # NAME CMD...
    local name=$1 out start=$SECONDS
    shift
    if out=$("$@" 2>&1); then
        passed=$((passed + 1))
        printf 'ok   %4d s  %s\n' $((SECONDS - start)) "$name"
    else
        failed=$((failed + 1))
        printf 'FAIL %4d s  %s\n%s\n' $((SECONDS - start)) "$name" "$(tail -n 30 <<<"$out" | sed 's/^/     | /')"
    fi
}
inside() { "$bed" exec blank "$@"; }
admin() { inside runuser -u oneadmin -- env HOME=/var/lib/one "$@"; }
with_port_taken() { # CMD...
    # shellcheck disable=SC2016
    inside python3 -c 'import socket, subprocess, sys
taken = socket.create_server(("127.0.0.1", 2633))
sys.exit(subprocess.run(sys.argv[1:]).returncode)' "$@"
}
refuses() { ! "$@"; }
traces() { # what a --down may not leave
    # shellcheck disable=SC2016
    inside bash -c 'shopt -s nullglob
        left=(/var/lib/one /etc/one /usr/local/bin/one* /usr/local/lib/nubo /usr/local/share/nubo
              /var/lib/nubo-quickstart /var/log/nubo-quickstart /var/log/one /etc/sudoers.d/nubo /sys/class/net/nubo0)
        found=0
        for path in "${left[@]}"; do [[ ! -e $path ]] || { echo "left: $path"; found=1; }; done
        ! getent passwd oneadmin || found=1
        ! grep nubo /etc/libvirt/qemu.conf || found=1
        ! pidof oned libvirtd virtlogd sshd qemu-system-x86_64 || found=1
        exit $found'
}

check "guest"                        "$root/share/guest/build.sh" kernel "$TESTBED_DIR/kernel"
check "a bare clone of this machine" "$bed" blank
check "a taken port ends it"         refuses with_port_taken "$quickstart"
check "quickstart goes on"           inside "$quickstart"
check "quickstart again"             inside "$quickstart"
check "one machine, running"         bash -c "[[ \$(\"$bed\" exec blank runuser -u oneadmin -- env HOME=/var/lib/one onevm list --no-header | grep -c ' runn ') == 1 ]]"
check "a second machine by hand"     admin onetemplate instantiate quickstart --name second --wait
check "down refuses to take that"    refuses inside "$quickstart" --down
check "terminate it"                 admin onevm terminate second --wait
check "kill -9 of oned"              inside sh -c 'kill -9 $(pidof oned)'
check "quickstart mends it"          inside "$quickstart"
check "down"                         inside "$quickstart" --down
check "nothing of it is left"        traces
check "down again"                   inside "$quickstart" --down
check "a cloud of somebody else"     inside sh -c 'mkdir -p /var/lib/one && touch /var/lib/one/one.db'
check "is refused"                   refuses inside "$quickstart"
check "and left alone"               inside sh -c "'$quickstart' --down && rm /var/lib/one/one.db"
echo "$passed passed, $failed failed"
((failed == 0))
