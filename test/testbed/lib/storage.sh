# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# Shared storage.  bind: one directory of this machine bind-mounted in all hosts
# (fast, but it does not go over the wire, so `cut` does not cut it).
# moosefs: a real master and chunkserver on the storage host, mounted by FUSE.
# nfs: nfs-ganesha on the storage host, mounted by FUSE with nfsfuse.c.
# local: nothing shared, each node has its own disk (as OpenNebula's ssh drivers).

mfs_setup() {
    local d=$STATE/hosts/storage/mfs.sh
    cat >"$d" <<MFS
set -e
ip=$(ip_of storage)
TESTBED_MFS_SUSTAIN=${TESTBED_MFS_SUSTAIN:-}
MFS
    cat >>"$d" <<'MFS'
m=/var/lib/mfs c=/var/lib/mfs-chunks e=/etc/mfs
mkdir -p $m $c/hdd $e
[ -f $m/metadata.mfs ] || [ -f $m/metadata.mfs.back ] || cp /var/lib/mfs/metadata.mfs.empty $m/metadata.mfs
cat >$e/mfsmaster.cfg <<EOT
WORKING_USER = root
WORKING_GROUP = root
DATA_PATH = $m
EXPORTS_FILENAME = $e/mfsexports.cfg
TOPOLOGY_FILENAME = $e/mfstopology.cfg
MATOML_LISTEN_HOST = $ip
MATOCS_LISTEN_HOST = $ip
MATOCL_LISTEN_HOST = $ip
# How long a lost client keeps its file locks.  The default is a day, for which
# qemu could not reopen the images of a crashed node anywhere.
SESSION_SUSTAIN_TIME = ${TESTBED_MFS_SUSTAIN:-60}
LOCK_MEMORY = 0
NICE_LEVEL = 0
EOT
# maproot=0: libvirt and the transfer drivers chown images.
echo '* / rw,alldirs,admin,maproot=0:0' >$e/mfsexports.cfg
: >$e/mfstopology.cfg
cat >$e/mfschunkserver.cfg <<EOT
WORKING_USER = root
WORKING_GROUP = root
DATA_PATH = $c
HDD_CONF_FILENAME = $e/mfshdd.cfg
# The default, 4 GiB, is more than this disk may have free.
HDD_LEAVE_SPACE_DEFAULT = 64MiB
BIND_HOST = $ip
MASTER_HOST = $ip
CSSERV_LISTEN_HOST = $ip
MASTER_RECONNECTION_DELAY = 1
LOCK_MEMORY = 0
NICE_LEVEL = 0
EOT
echo $c/hdd >$e/mfshdd.cfg
mfsmaster -c $e/mfsmaster.cfg -a start
mfschunkserver -c $e/mfschunkserver.cfg start
MFS
    enter storage sh /run/testbed/hosts/storage/mfs.sh >"$STATE/hosts/storage/mfs.log" 2>&1 ||
        { tail -5 "$STATE/hosts/storage/mfs.log" >&2; die "moosefs did not start"; }
}
mfs_mount() { # HOST: mount the datastores there
    enter "$1" grep -q ' /var/lib/one/datastores fuse' /proc/mounts && return 0
    # Without a page cache there is no stale data at the far end of a migration.
    # TESTBED_FUSE_SUBTYPE=glusterfs makes libvirt take the mount for a cluster
    # filesystem, so that `virsh migrate --live` needs no --unsafe.
    wait_for 30 enter "$1" mfsmount /var/lib/one/datastores -H "$(ip_of storage)" \
        -o "mfscachemode=NEVER,mfsioretries=30,nonempty${TESTBED_FUSE_SUBTYPE:+,subtype=$TESTBED_FUSE_SUBTYPE}" || die "$1: cannot mount MooseFS"
    # The mount is there before the chunk server has told the master of its disk.
    wait_for 30 mfs_has_room "$1" || die "$1: MooseFS has no room"
}
mfs_has_room() { # HOST
    (($(enter "$1" stat -f -c %a /var/lib/one/datastores) > 0))
}
nfs_setup() { # nfs-ganesha, a userspace server; the kernel has none
    [[ -x $STATE/nfsfuse ]] || {
        need gcc pkg-config
        # shellcheck disable=SC2046
        gcc -O2 -o "$STATE/nfsfuse" $(pkg-config --cflags fuse3 libnfs) "$HERE/nfsfuse.c" $(pkg-config --libs fuse3 libnfs)
    }
    enter storage sh -e -c "
        mkdir -p /srv/nfs/ds /var/lib/nfs/ganesha /run/ganesha
        chown $ONE_UID:$ONE_UID /srv/nfs/ds
        rpcbind -h $(ip_of storage)
        cat >/etc/ganesha/testbed.conf <<EOT
NFS_CORE_PARAM { Protocols = 3; Bind_addr = $(ip_of storage); MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false; }
EXPORT {
    Export_Id = 1; Path = /srv/nfs; Pseudo = /srv/nfs; Filesystem_Id = 1.1;
    Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
    FSAL { Name = VFS; }
}
EOT
        ganesha.nfsd -f /etc/ganesha/testbed.conf -L /var/log/ganesha.log -p /run/ganesha.pid" >"$STATE/hosts/storage/nfs.log" 2>&1 ||
        die "nfs-ganesha did not start: $STATE/hosts/storage/nfs.log"
}
nfs_mount() { # HOST
    enter "$1" grep -q ' /var/lib/one/datastores fuse' /proc/mounts && return 0
    local bin=/run/testbed/nfsfuse
    [[ $1 != frontend ]] || bin=$STATE/nfsfuse
    # Zero timeouts: nodes see one another's changes at once (mount -o noac).
    # libvirt would know a kernel NFS mount for shared storage; of FUSE types it
    # knows only glusterfs, so it is told that, and migrates as on real NFS.
    # shellcheck disable=SC2016
    wait_for 30 enter "$1" sh -c '
        grep -q " /var/lib/one/datastores fuse" /proc/mounts && exit
        setsid "$0" "$1" /srv/nfs/ds /var/lib/one/datastores \
            -o allow_other,default_permissions,attr_timeout=0,entry_timeout=0,negative_timeout=0,subtype="$2" </dev/null >/dev/null 2>&1 &
        sleep 0.3
        grep -q " /var/lib/one/datastores fuse" /proc/mounts' "$bin" "$(ip_of storage)" "${TESTBED_FUSE_SUBTYPE:-glusterfs}" || die "$1: cannot mount NFS"
}
storage_mount() { # HOST
    case $(cat "$STATE/storage") in
        moosefs) mfs_mount "$1" ;;
        nfs) nfs_mount "$1" ;;
    esac
}
storage_up() {
    local kind
    kind=$(cat "$STATE/storage")
    [[ $kind == moosefs || $kind == nfs ]] || return 0
    host_start storage
    enter storage test -s /run/sshd.pid || svc storage sshd
    case $kind in
        moosefs) enter storage pidof mfsmaster >/dev/null || mfs_setup ;;
        nfs) enter storage pidof ganesha.nfsd >/dev/null || nfs_setup ;;
    esac
    storage_mount frontend
    [[ $kind != moosefs ]] || enter frontend sh -c "mfssetgoal -r 1 /var/lib/one/datastores >/dev/null
        chown $ONE_UID:$ONE_UID /var/lib/one/datastores"
}
