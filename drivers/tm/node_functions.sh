# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the transfer driver does on a node, besides ../ssh/disk_functions.sh. Calls of these functions
# follow. Every one may be repeated: what is made is made under the name TARGET.part and renamed when
# it is whole.
enter() { # DIRECTORY TM
  hold "$1"
  own "$(dirname -- "$1")" "$2"
}

# The mark tells the monitoring that the disks are the node's own.
own() { # SYSTEM_DATASTORE TM
  case $2 in ssh | local) [ -e "$1/.monitor" ] || echo "$2" >"$1/.monitor" ;; esac
}

# begin TARGET TM: before TARGET is received: says "done" when it is there already.
begin() {
  enter "$(dirname -- "$1")" "$2"
  if exists "$1"; then echo "done"; else rm -rf -- "$1.part"; fi
}

link_to() { # TARGET POINTS_TO
  rm -rf -- "$1.part"
  ln -s -- "$2" "$1.part"
  mv -fT -- "$1.part" "$1"
}

# settle LAYOUT FILE TARGET: the finished file gets its place. With layout "snap" a qcow2 disk is
# TARGET.snap/0 and a link to it, as OpenNebula keeps those that can have snapshots.
settle() {
  if [ "$1" != snap ]; then mv -fT -- "$2" "$3"; return; fi
  rm -rf -- "$3.snap.part" "$3.snap"
  mkdir -- "$3.snap.part"
  mv -T -- "$2" "$3.snap.part/0"
  mv -T -- "$3.snap.part" "$3.snap"
  link_to "$3" "$(basename -- "$3").snap/0"
}

copy_image() { # SOURCE TARGET FORMAT SIZE_MB|"" TM
  enter "$(dirname -- "$2")" "$5"
  ! exists "$2" || return 0
  rm -rf -- "$2.part"
  cp --sparse=always -- "$1" "$2.part"
  grow "$2.part" "$3" "$4"
  settle flat "$2.part" "$2"
}

overlay_image() { # SOURCE TARGET SIZE_MB|"" TM
  enter "$(dirname -- "$2")" "$4"
  ! exists "$2" || return 0
  rm -rf -- "$2.part"
  qemu-img create -q -f qcow2 -F qcow2 -b "$1" -- "$2.part" ${3:+"$3M"} >&2
  settle snap "$2.part" "$2"
}

link_image() { # SOURCE TARGET TM
  [ -e "$1" ] || { echo "there is no image $1" >&2; return 1; }
  enter "$(dirname -- "$2")" "$3"
  link_to "$2" "$1"
}

# finish TARGET FORMAT SIZE_MB|"" LAYOUT: the one file that was received in TARGET.part.
finish() {
  enter "$(dirname -- "$1")" -
  set -- "$@" "$1".part/*
  grow "$5" "$2" "$3"
  chmod u+rw -- "$5"
  settle "$4" "$5" "$1"
  rm -rf -- "$1.part" "$1.saved"
}

make_image() { # TARGET SIZE_MB FORMAT FILE_SYSTEM LAYOUT TM
  enter "$(dirname -- "$1")" "$6"
  ! exists "$1" || return 0
  rm -rf -- "$1.part"
  enter "$(dirname -- "$1")" "$6"
  create_disk "$1.part" "$2" "$3" "$4"
  settle "$5" "$1.part" "$1"
}

begin_cd() { # TARGET
  enter "$(dirname -- "$1")" "$2"
  rm -rf -- "$1.part"
}

finish_cd() { # TARGET: replaces an older one
  enter "$(dirname -- "$1")" -
  mv -fT -- "$1".part/* "$1"
  rm -rf -- "$1.part"
}

# erase PATH: a disk with all that belongs to it, or a directory. On NFS a file that a guest just
# left may stay for a moment.
erase() {
  parent=$(dirname -- "$1")
  [ ! -d "$parent" ] || enter "$parent" -
  for try in 1 2 3 4 5; do
    if rm -rf -- "$1" "$1.snap" "$1.part" "$1.snap.part" "$1.saved" "$1.flat"; then return; fi
    echo "rm failed, attempt $try" >&2
    sleep 1
  done
  return 1
}

unlink_image() { [ ! -L "$1" ] || rm -f -- "$1"; } # DISK: a link to its persistent image

# One file that stands alone: DISK or, of a qcow2 disk with snapshots, the whole of its chain.
flatten() { # FILE FORMAT TARGET
  if [ "$2" = qcow2 ]; then
    qemu-img convert -f qcow2 -O qcow2 -- "$1" "$3"
  else
    cp --sparse=always -- "$1" "$3"
  fi
}

copy_disk() { # FILE FORMAT TARGET
  enter "$(dirname -- "$3")" -
  rm -rf -- "$3.part"
  flatten "$1" "$2" "$3.part"
  mv -fT -- "$3.part" "$3"
}

# Before a disk leaves the node: says "done" when it has left, else makes DISK.flat when needed.
begin_save() { # DISK FILE FORMAT
  if [ -e "$1.saved" ] && ! exists "$1"; then echo "done"; return; fi
  [ -e "$2" ] || { echo "there is no $2" >&2; return 1; }
  enter "$(dirname -- "$1")" -
  rm -rf -- "$1.flat"
  [ "$3" != qcow2 ] || qemu-img convert -f qcow2 -O qcow2 -- "$2" "$1.flat"
}

begin_image() { rm -rf -- "$1.part"; } # SOURCE

finish_image() { # SOURCE: the one file that was received in SOURCE.part
  mv -fT -- "$1".part/* "$1"
  rm -rf -- "$1.part"
}

# Snapshots of a qcow2 disk: snapshot N is the file DISK.snap/N, which nobody writes any more; what
# the guest writes goes to DISK.snap/N.over, and DISK links to it.
must_be_linked() { # DISK
  [ -L "$1" ] && [ -d "$1.snap" ] && return
  echo "$1 is the image itself: no snapshots of it" >&2
  return 1
}

# over DISK SNAPSHOT: a new file on top of the snapshot becomes the disk. QEMU looks for what is
# below beside the name under which it opens a file, be it the link or the file: DISK.snap holds a
# link to itself, so that both find DISK.snap/N.
over() {
  name=$(basename -- "$1").snap
  ln -sfnT -- . "$1.snap/$name"
  rm -f -- "$1.snap/$2.over.part"
  (cd -- "$1.snap" && qemu-img create -q -f qcow2 -F qcow2 -b "$name/$2" -- "$2.over.part" >&2)
  mv -fT -- "$1.snap/$2.over.part" "$1.snap/$2.over"
  link_to "$1" "$name/$2.over"
}

snap_create() { # DISK SNAPSHOT
  enter "$(dirname -- "$1")" -
  must_be_linked "$1"
  now=$(basename -- "$(readlink -- "$1")")
  [ "$now" != "$2.over" ] || return 0
  # Until the disk points elsewhere both names stand for one file.
  [ "$now" = "$2" ] || ln -f -- "$1.snap/$now" "$1.snap/$2"
  over "$1" "$2"
  [ "$now" = "$2" ] || rm -f -- "$1.snap/$now"
}

snap_revert() { # DISK SNAPSHOT
  enter "$(dirname -- "$1")" -
  must_be_linked "$1"
  [ -e "$1.snap/$2" ] || { echo "there is no snapshot $2 of $1" >&2; return 1; }
  now=$(basename -- "$(readlink -- "$1")")
  over "$1" "$2"
  case $now in "$2.over") ;; *.over) rm -f -- "$1.snap/$now" ;; esac
}

backing_of() { # FILE
  qemu-img info --output=json -- "$1" | sed -n 's/^ *"backing-filename": "\(.*\)",\{0,1\}$/\1/p'
}

# What is on top of the snapshot takes over its contents.
snap_delete() { # DISK SNAPSHOT
  enter "$(dirname -- "$1")" -
  must_be_linked "$1"
  [ -e "$1.snap/$2" ] || return 0
  below=$(backing_of "$1.snap/$2")
  for file in "$1.snap"/*; do
    [ -f "$file" ] && [ "$(backing_of "$file")" = "$(basename -- "$1").snap/$2" ] || continue
    (cd -- "$1.snap" && qemu-img rebase -q -f qcow2 ${below:+-F qcow2} -b "$below" -- "$(basename -- "$file")" >&2)
  done
  rm -f -- "$1.snap/$2"
}

drop_flat() { rm -f -- "$1.flat"; } # DISK

end_save() { # DISK
  enter "$(dirname -- "$1")" -
  : >"$1.saved"
  rm -rf -- "$1" "$1.snap" "$1.flat"
}

# Moving a directory: as long as it stands under its name, the source is what counts.

must_exist() { # DIRECTORY that was moved here before
  [ -d "$1" ] || { echo "there is no $1, nor where it should come from" >&2; return 1; }
}

move_here() { # FROM TO, on one storage
  if ! exists "$1"; then must_exist "$2"; return; fi
  enter "$(dirname -- "$2")" -
  rm -rf -- "$2.part"
  if [ "$(stat -c %d -- "$1")" = "$(stat -c %d -- "$(dirname -- "$2")")" ]; then
    rm -rf -- "$2"
    mv -T -- "$1" "$2"
  else
    cp -a --sparse=always -- "$1" "$2.part"
    rm -rf -- "$2"
    mv -T -- "$2.part" "$2"
    drop_moved "$1"
  fi
}

drop_moved() { # DIRECTORY
  [ ! -e "$1" ] || mv -T -- "$1" "$1.gone"
  rm -rf -- "$1.gone"
}

# mark DIRECTORY TOKEN: says "there" when there is such a directory. Whether another node sees the
# mark in its directory tells whether the two are one.
mark() {
  if [ ! -d "$1" ]; then return; fi
  printf %s "$2" >"$1/.moving"
  echo there
}

is_marked() { [ "$(cat -- "$1/.moving" 2>/dev/null)" != "$2" ] || echo same; } # DIRECTORY TOKEN

unmark() { rm -f -- "$1/.moving"; } # DIRECTORY

begin_directory() { # TARGET TM
  enter "$(dirname -- "$1")" -
  own "$(dirname -- "$1")" "$2"
  rm -rf -- "$1.part"
}

take_directory() { # TARGET: what was received in TARGET.part
  enter "$(dirname -- "$1")" -
  rm -f -- "$1.part/.moving"
  rm -rf -- "$1"
  mv -T -- "$1.part" "$1"
}

make_clear() { # DIRECTORY: for a guest that comes
  enter "$(dirname -- "$1")" -
  rm -rf -- "$1"
  mkdir -- "$1"
}
