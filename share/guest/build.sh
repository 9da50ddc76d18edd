#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# build.sh - a small bootable guest made of Debian's packages: the cloud kernel, busybox and
# `init` beside this file.
#
#   build.sh image OUT.qcow2|OUT.img   a 31 MiB disk: FAT with syslinux, kernel and initrd, and an
#                                      ext4 partition (label NUBODATA) with the guest's boot counter
#   build.sh kernel DIR                DIR/vmlinuz and DIR/initrd.img, to boot without a boot loader
#   build.sh context OUT.iso KEY=VALUE...   a CONTEXT CD, to try the guest without a cloud
#
# Needs the packages of share/packages/guest.txt, no root, no mount and no loop device: mtools,
# syslinux --offset and mke2fs work on plain files. What was downloaded and built is kept in
# NUBO_GUEST_CACHE (default /var/tmp/nubo-guest).
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${NUBO_GUEST_CACHE:-/var/tmp/nubo-guest}
boot_mb=20
data_mb=10
modules="virtio_pci virtio_blk virtio_net virtio_scsi virtio_console virtio_balloon
         virtio-rng sd_mod sr_mod ata_piix isofs button evdev"
work=

PATH=$PATH:/usr/sbin:/sbin
die() { printf 'guest: %s\n' "$*" >&2; exit 1; }
need() {
    local c
    for c; do command -v "$c" >/dev/null || die "missing command: $c (see share/packages/guest.txt)"; done
}

# Debian's kernel is downloaded and unpacked, never installed: no boot loader hooks run here.
fetch_kernel() {
    [[ -f $cache/kernel/version ]] && return
    need apt-get apt-cache dpkg-deb depmod
    local tmp=$work/kernel pkg version
    mkdir -p "$tmp/root"
    pkg=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/{print $2; exit}')
    [[ -n $pkg ]] || die "apt knows no linux-image-cloud-amd64: run apt-get update"
    # As root apt drops to _apt for the download, which then needs to write here.
    (cd "$tmp" && apt-get -q -o APT::Sandbox::User=root download "$pkg" >apt.log 2>&1) ||
        { tail -n 3 "$tmp/apt.log" >&2; die "cannot download $pkg"; }
    dpkg-deb --fsys-tarfile "$tmp"/*.deb |
        tar -x -C "$tmp/root" --wildcards './boot/vmlinuz-*' './lib/modules/*'
    version=${pkg#linux-image-}
    version=${version%-unsigned}
    depmod -b "$tmp/root" "$version"
    mv "$tmp/root/boot/vmlinuz-$version" "$tmp/vmlinuz"
    rm -f "$tmp"/*.deb
    echo "$version" >"$tmp/version"
    rm -rf "${cache:?}/kernel"
    mv "$tmp" "$cache/kernel"
}

copy_modules() { # ROOT: modules and the order to load them in, dependencies first, each once
    local root=$1 version m file
    version=$(cat "$cache/kernel/version")
    for m in $modules; do
        modprobe -d "$cache/kernel/root" -S "$version" --show-depends "$m" 2>/dev/null |
            awk '$1 == "insmod" {print $2}'
    done | awk '!seen[$0]++' | while read -r file; do
        cp "$file" "$root/lib/"
        echo "/lib/${file##*/}"
    done >"$root/modules.order"
    [[ -s $root/modules.order ]] || die "no kernel module found in $cache/kernel"
}

sources_sum() { cat "$here/build.sh" "$here/init" "$here/power-button" "$here"/www/* | sha256sum; }

build_initrd() { # -> $cache/boot/{vmlinuz,initrd.img}
    [[ -f $cache/boot/initrd.img && $(cat "$cache/boot/built-from") == "$(sources_sum)" ]] && return
    need cpio gzip busybox modprobe
    fetch_kernel
    local root=$work/root out=$work/boot applet
    mkdir -p "$out" "$root"/{bin,proc,sys,dev,run,data,mnt,lib,etc/acpi/PWRF,www/cgi-bin}
    # Debian's busybox-static is linked without a libc to carry along.
    cp "$(command -v busybox)" "$root/bin/busybox"
    "$root/bin/busybox" --list | while read -r applet; do
        [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"
    done
    copy_modules "$root"
    install -m 755 "$here/init" "$root/init"
    install -m 755 "$here/power-button" "$root/etc/acpi/PWRF/00000080"
    install -m 755 "$here"/www/* "$root/www/cgi-bin/"
    (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) | gzip -9n >"$out/initrd.img"
    cp "$cache/kernel/vmlinuz" "$out/"
    sources_sum >"$out/built-from"
    rm -rf "${cache:?}/boot"
    mv "$out" "$cache/boot"
}

build_disk() { # FILE: the raw disk
    local disk=$1 boot_at=1048576 data=$work/data
    truncate -s $((1 + boot_mb + data_mb))M "$disk"
    printf 'label: dos\nlabel-id: 0x6e75626f\nstart=1MiB, size=%dMiB, type=6, bootable\nstart=%dMiB, size=%dMiB, type=83\n' \
        $boot_mb $((1 + boot_mb)) $data_mb | sfdisk -q "$disk"
    dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
    export MTOOLS_SKIP_CHECK=1
    mformat -i "$disk@@$boot_at" -T $((boot_mb * 2048)) -h 16 -s 63 -H 2048 -v NUBOBOOT ::
    cat >"$work/syslinux.cfg" <<'CFG'
DEFAULT guest
PROMPT 0
TIMEOUT 0
LABEL guest
 KERNEL vmlinuz
 INITRD initrd.img
 APPEND console=tty0 console=ttyS0 quiet panic=5
CFG
    mcopy -i "$disk@@$boot_at" "$cache/boot/vmlinuz" "$cache/boot/initrd.img" "$work/syslinux.cfg" ::
    syslinux --install --offset $boot_at "$disk"
    truncate -s ${data_mb}M "$data"
    mke2fs -q -F -t ext4 -L NUBODATA -m 0 "$data"
    dd if="$data" of="$disk" bs=1M seek=$((1 + boot_mb)) conv=notrunc,sparse status=none
}

cmd_image() {
    local out=${1:?usage: build.sh image OUT.qcow2|OUT.img}
    need mformat mcopy syslinux mke2fs sfdisk qemu-img
    build_initrd
    build_disk "$work/disk"
    case $out in
        *.qcow2) qemu-img convert -q -f raw -O qcow2 "$work/disk" "$out" ;;
        *) cp --sparse=always "$work/disk" "$out" ;;
    esac
}

cmd_kernel() {
    local out=${1:?usage: build.sh kernel DIR}
    build_initrd
    mkdir -p "$out"
    cp "$cache/boot/vmlinuz" "$cache/boot/initrd.img" "$out/"
}

cmd_context() {
    local out=${1:?usage: build.sh context OUT.iso KEY=VALUE...} pair
    shift
    need genisoimage
    for pair; do printf "%s='%s'\n" "${pair%%=*}" "${pair#*=}"; done >"$work/context.sh"
    genisoimage -quiet -o "$out" -V CONTEXT -J -R "$work/context.sh"
}

command=${1:-}
(($# == 0)) || shift
case $command in
    image | kernel | context) ;;
    *) sed -n '3,14s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
exec 8>"$cache/lock"
flock -w 300 8 || die "another build holds $cache"
"cmd_$command" "$@"
