#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# try-kvm.sh: boots the small guest under /dev/kvm and says in a few words how that went. Exit
# code 0 when the guest got to user space, 1 when not, 2 when there is no guest to try. That the
# device opens proves nothing: para-virtualised and nested machines have one that runs no stock
# kernel.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
patience=15

no() { echo "$*"; exit 1; }
[[ -e /dev/kvm ]] || no "there is no /dev/kvm"
[[ -r /dev/kvm && -w /dev/kvm ]] || no "/dev/kvm may not be opened"

work=$(mktemp -d)
qemu=
finish() {
    [[ -z $qemu ]] || kill -9 "$qemu" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
"$here/build.sh" kernel "$work" || exit 2
start=$EPOCHREALTIME
qemu-system-x86_64 -accel kvm -machine pc -m 128 -display none -nodefaults -no-reboot \
    -kernel "$work/vmlinuz" -initrd "$work/initrd.img" -append 'console=ttyS0 quiet panic=-1' \
    -serial "file:$work/serial" >"$work/qemu.log" 2>&1 &
qemu=$!
disown "$qemu"
end=$((SECONDS + patience))
until grep -qs GUEST-READY "$work/serial"; do
    kill -0 "$qemu" 2>/dev/null || no "qemu ended: $(head -n 1 "$work/qemu.log")"
    ((SECONDS < end)) || no "/dev/kvm opens, but a guest under it does not boot in $patience s"
    sleep 0.1
done
awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN {printf "a guest boots in %.1f s\n", b - a}'
