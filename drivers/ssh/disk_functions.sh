# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the driver programs that keep disks do on a node, and the frame of their scripts: functions,
# then calls with each value in single quotes, the first that fails ends the script.
set -eu
doing=
trap '[ "$?" -eq 0 ] || echo "(in $doing)" >&2' EXIT

# hold DIRECTORY: makes it and locks it, so that an older script of ours which still runs on the node
# does not interfere. Where directories cannot be locked, they are not.
hold() {
  mkdir -p -- "$1"
  exec 9<"$1"
  flock -w 60 -E 75 9 || [ $? -ne 75 ] || { echo "another script is at work in $1" >&2; return 1; }
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }

grow() { [ -z "$3" ] || qemu-img resize -q -f "$2" -- "$1" "$3M" >&2; } # FILE FORMAT SIZE_MB|""

format_with() { # FILE FILE_SYSTEM
  case $2 in
    '') ;;
    swap) mkswap -- "$1" >/dev/null ;;
    ext[234]) "mkfs.$2" -q -F -- "$1" >&2 ;;
    xfs | btrfs) "mkfs.$2" -q -f -- "$1" >&2 ;;
    *[!a-z0-9]*) echo "no file system $2" >&2; return 1 ;;
    *) "mkfs.$2" -- "$1" >&2 ;;
  esac
}

create_disk() { # FILE SIZE_MB FORMAT FILE_SYSTEM|""
  if [ -z "$4" ]; then
    qemu-img create -q -f "$3" -- "$1" "$2M" >&2
    return
  fi
  rm -f -- "$1.raw"
  truncate -s "$2M" -- "$1.raw"
  format_with "$1.raw" "$4"
  if [ "$3" = raw ]; then
    mv -T -- "$1.raw" "$1"
  else
    qemu-img convert -f raw -O "$3" -- "$1.raw" "$1"
    rm -f -- "$1.raw"
  fi
}
