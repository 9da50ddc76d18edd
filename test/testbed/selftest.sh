#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# selftest.sh [bind|moosefs|nfs|local] - drives the test bed with virsh over ssh from
# the front-end and says for each operation whether it worked and how long it took.
# Ends with "N passed, N failed".
set -uo pipefail
HERE=$(dirname "$(readlink -f "$0")")
export TESTBED_DIR=${TESTBED_DIR:-/var/tmp/testbed-selftest}
STORAGE=${1:-bind}
T=$HERE/testbed.sh
pass=0 fail=0
DS=/var/lib/one/datastores

ms() { date +%s%3N; }
check() { # NAME CMD...
    local n=$1 s out rc; shift; s=$(ms)
    out=$("$@" 2>&1); rc=$?
    if ((rc == 0)); then ((pass++)); printf 'ok    %-46s %6d ms\n' "$n" $(($(ms) - s))
    else ((fail++)); printf 'FAIL  %-46s %6d ms  rc=%s %s\n' "$n" $(($(ms) - s)) $rc "$(tail -n2 <<<"$out" | tr '\n' ' ' | cut -c1-220)"; fi
}
no() { ! "$@"; }
F() { timeout 90 "$T" exec frontend "$@"; }
V() { local n=$1; shift; timeout 90 "$T" exec -u oneadmin frontend virsh -q -c "qemu+ssh://$n/system" "$@"; }
until_ok() { local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || return 1; sleep 0.2; done; }
http() { F curl -sf -m 5 "http://$1/cgi-bin/$2" "${@:3}"; }
guest() { http "$1" sh --data-binary "$2"; }
same() { local a; a=$("${@:2}") && [[ $a == "$1" ]]; }
has() { local o; o=$("${@:2}") && grep -q -- "$1" <<<"$o"; }
domxml() { # NAME TYPE DIR MAC
    cat <<X
<domain type='$2'>
  <name>$1</name><memory unit='MiB'>96</memory><vcpu current='1'>2</vcpu>
  <cputune><shares>512</shares></cputune>
  <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' discard='unmap'/><source file='$3/disk.0'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$3/disk.1'/><target dev='hda' bus='ide'/><readonly/></disk>
    <interface type='bridge'><source bridge='br0'/><mac address='$4'/><target dev='$1-0'/><model type='virtio'/></interface>
    <serial type='file'><source path='/tmp/$1.serial'/><target port='0'/></serial>
    <graphics type='vnc' autoport='yes' listen='0.0.0.0'/>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <memballoon model='virtio'/>
  </devices>
</domain>
X
}
put() { F sh -c "cat >$1 && chown 9869:9869 $1" ; }

trap '[[ -n ${KEEP:-} ]] || "$T" down' EXIT
check "up 2 --storage $STORAGE" "$T" up 2 --storage "$STORAGE"
W=$(mktemp -d); check "image (qcow2)" "$T" image "$W/base.qcow2"
for n in node1 node2; do
    "$T" exec $n sh -c 'ip link add br0 type bridge mcast_snooping 0 forward_delay 0; ip link set eth1 master br0; ip link set br0 up'
done
for i in 1 2; do
    F mkdir -p $DS/0/$i; F chown 9869:9869 $DS/0 $DS/0/$i
    put $DS/0/$i/disk.0 <"$W/base.qcow2"
    "$T" context "$W/ctx" ETH0_MAC=02:00:0a:4d:01:0$i ETH0_IP=10.77.1.10$i ETH0_MASK=255.255.255.0 \
        ETH1_MAC=02:00:0a:4d:01:1$i ETH1_IP=10.77.1.11$i ETH1_MASK=255.255.255.0 SET_HOSTNAME=vm$i GUEST_SHELL=YES
    put $DS/0/$i/disk.1 <"$W/ctx"
    t=kvm; ((i == 1)) || t=qemu
    domxml vm$i $t $DS/0/$i 02:00:0a:4d:01:0$i | put $DS/vm$i.xml
    [[ $STORAGE != local ]] || { F sh -c "tar -C $DS -c . " | "$T" exec node$i tar -C $DS -x; }
done

check "ssh node1 as oneadmin"                F ssh node1 true
check "virsh qemu+ssh list"                  V node1 list
check "virsh qemu+libssh2 list"              F virsh -c "qemu+libssh2://oneadmin@node1/system?keyfile=/etc/ssh/testbed_user_key&known_hosts=/etc/ssh/ssh_known_hosts" list
check "virsh qemu+libssh list"               F virsh -c "qemu+libssh://oneadmin@node1/system?keyfile=/etc/ssh/testbed_user_key&known_hosts=/etc/ssh/ssh_known_hosts" list
check "virsh qemu+tcp list"                  F virsh -c qemu+tcp://node1/system list
check "sudo -n on a node"                    F ssh node1 sudo -n ip link
check "create vm1 (type kvm, shim) on node1" V node1 create $DS/vm1.xml
check "create vm2 (type qemu) on node2"      V node2 create $DS/vm2.xml
check "vm1 boots, CONTEXT ip answers http"   until_ok 60 http 10.77.1.101 status
check "vm2 boots, CONTEXT ip answers http"   until_ok 60 http 10.77.1.102 status
check "ping guest from front-end"            F ping -c2 -i0.2 -W2 10.77.1.101
check "guest to guest across nodes"          guest 10.77.1.101 'ping -c2 -W2 10.77.1.102'
check "serial marker"                        has GUEST-READY "$T" exec node1 cat /tmp/vm1.serial
check "domstats"                             has cpu.time V node1 domstats vm1
check "dommemstat, domblkstat, domifstat"    F sh -c 'for c in "dommemstat vm1" "domblkstat vm1 vda" "domifstat vm1 vm1-0" "dominfo vm1"; do virsh -q -c qemu+ssh://node1/system $c || exit 1; done'
check "schedinfo reads cpu_shares"           has 'cpu_shares.*512' V node1 schedinfo vm1
check "schedinfo --set cpu_shares=256"       V node1 schedinfo vm1 --live --set cpu_shares=256
check "suspend"                              V node1 suspend vm1
check "resume"                               V node1 resume vm1
check "events over ssh (lifecycle)"          has Suspended bash -c "$(declare -f V); T=$T; (V node1 event --timeout 4 --event lifecycle --loop; true) & sleep 1; V node1 suspend vm1 >/dev/null; V node1 resume vm1 >/dev/null; wait"
guest 10.77.1.101 'echo persisted >/data/x; sync' >/dev/null
V node1 dumpxml vm1 >"$W/vm1.live.xml" 2>/dev/null
if [[ $STORAGE != local ]]; then
if [[ $STORAGE == nfs ]]; then
check "migrate --live node1->node2"          V node1 migrate --live vm1 qemu+ssh://node2/system
else # libvirt 9.0 knows neither a bind mount nor fuse.mfs for a shared filesystem
check "migrate refused without --unsafe"     no V node1 migrate --live vm1 qemu+ssh://node2/system
check "migrate --live --unsafe node1->node2" V node1 migrate --live --unsafe vm1 qemu+ssh://node2/system
fi
check "vm1 answers after migration"          until_ok 20 guest 10.77.1.101 'test "$(cat /data/x)" = persisted && cut -d" " -f1 /proc/uptime'
check "gone from node1"                      no V node1 domstate vm1
check "migrate back, p2p over tcp"           V node2 migrate --live --unsafe --p2p vm1 qemu+tcp://node1/system
else
"$T" exec node2 sh -c "mkdir -p $DS/0/1; qemu-img create -q -f qcow2 $DS/0/1/disk.0 31M; chown -R 9869:9869 $DS/0"
F ssh node1 "cat $DS/0/1/disk.1" | "$T" exec -u oneadmin node2 sh -c "cat >$DS/0/1/disk.1"
check "migrate --live --copy-storage-all"    V node1 migrate --live --unsafe --copy-storage-all vm1 qemu+ssh://node2/system
check "migrate back"                         V node2 migrate --live --unsafe --copy-storage-all vm1 qemu+ssh://node1/system
fi
check "vm1 answers again"                    until_ok 20 http 10.77.1.101 status
check "save"                                 V node1 save vm1 $DS/0/1/checkpoint
check "restore"                              V node1 restore $DS/0/1/checkpoint
check "vm1 answers after restore"            until_ok 20 http 10.77.1.101 status
check "same boot after restore"              has 'boots=1' http 10.77.1.101 status
check "attach-disk (virtio-blk)"             F ssh node1 "qemu-img create -q -f qcow2 $DS/0/1/disk.2 16M && virsh -q -c qemu:///system attach-disk vm1 $DS/0/1/disk.2 vdb --driver qemu --subdriver qcow2 --cache none"
check "guest sees vdb"                       until_ok 10 has 'disk=vdb:16777216' http 10.77.1.101 status
check "guest writes vdb"                     guest 10.77.1.101 'dd if=/dev/zero of=/dev/vdb bs=1M count=4 2>/dev/null && sync'
check "blockresize vdb to 24M"               V node1 blockresize vm1 vdb 24M
check "guest sees new size"                  until_ok 10 has 'disk=vdb:25165824' http 10.77.1.101 status
check "detach-disk"                          V node1 detach-disk vm1 vdb
check "guest lost vdb"                       until_ok 10 no has disk=vdb http 10.77.1.101 status
check "attach-disk (virtio-scsi)"            V node1 attach-disk vm1 $DS/0/1/disk.2 sdb --targetbus scsi --driver qemu --subdriver qcow2
check "guest sees sd?"                       until_ok 10 has 'disk=sd[a-z]:' http 10.77.1.101 status
check "attach-interface"                     V node1 attach-interface vm1 bridge br0 --mac 02:00:0a:4d:01:11 --target vm1-1 --model virtio
check "2nd NIC configured from CONTEXT"      until_ok 25 F ping -c1 -W1 10.77.1.111
check "detach-interface"                     V node1 detach-interface vm1 bridge --mac 02:00:0a:4d:01:11
check "setvcpus 2 (hotplug)"                 V node1 setvcpus vm1 2 --live
check "guest has 2 vcpus"                    until_ok 15 has vcpus=2 http 10.77.1.101 status
check "setmem (balloon) 80 MiB"              V node1 setmem vm1 80M --live
check "snapshot-create-as (internal)"        V node2 snapshot-create-as vm2 s1
check "snapshot-list"                        has s1 V node2 snapshot-list vm2 --name
check "snapshot-revert"                      V node2 snapshot-revert vm2 s1
check "snapshot-delete"                      V node2 snapshot-delete vm2 s1
# With dynamic_ownership=0 libvirt would leave new files to root: make them first.
check "snapshot --disk-only (external)"      F ssh node2 "cd $DS/0/2 && qemu-img create -q -f qcow2 -F qcow2 -b $DS/0/2/disk.0 overlay.1 && virsh -q -c qemu:///system snapshot-create-as vm2 e1 --disk-only --atomic --no-metadata --reuse-external --diskspec vda,file=$DS/0/2/overlay.1 --diskspec hda,snapshot=no"
check "blockcommit --active --pivot"         V node2 blockcommit vm2 vda --active --pivot --wait
check "blockcopy --wait --pivot"             F ssh node2 "qemu-img create -q -f qcow2 $DS/0/2/copy.0 31M && virsh -q -c qemu:///system blockcopy vm2 vda --dest $DS/0/2/copy.0 --format qcow2 --reuse-external --transient-job --wait --pivot"
check "vm2 lives on the copy"                has copy.0 V node2 domblklist vm2
check "domfsinfo etc. without agent refused" no V node2 domfsinfo vm2
check "screenshot"                           F ssh node2 "virsh -q -c qemu:///system screenshot vm2 /tmp/s.ppm"
check "reset"                                V node2 reset vm2
check "boot counter went up (persistence)"   until_ok 60 has 'boots=[2-9]' http 10.77.1.102 status
check "ACPI shutdown"                        V node2 shutdown vm2
check "vm2 gone"                             until_ok 30 no V node2 domstate vm2
check "destroy vm1"                          V node1 destroy vm1
rm -rf "$W"
echo "$pass passed, $fail failed"
((fail == 0))
