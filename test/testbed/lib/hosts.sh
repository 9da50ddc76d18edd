# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A host: its init, its namespaces, its cables, its services.

# When a host is first made it has nothing of a cloud that this machine may hold itself.
forget_cloud() { # NAME ROOT
    local mark=$STATE/hosts/$1/own part
    [[ ! -e $mark ]] || return 0
    for part in var/lib etc; do
        [[ $(stat -f -c %T "$2/$part") == overlayfs ]] || die "$1: $part is this machine's own"
    done
    rm -rf --one-file-system "$2"/var/lib/{one,nubo-quickstart} "$2/etc/one"
    : >"$mark"
}

# The front-end runs the software under test from this machine's own files; only accounts, ssh
# and /var/lib (with /var/lib/one in it) differ.
frontend_root() {
    local d=$STATE/hosts/frontend m
    for m in etc var/lib; do
        mkdir -p "$d/up/$m" "$d/work/$m"
        mount -t overlay overlay -o "lowerdir=/$m,upperdir=$d/up/$m,workdir=$d/work/$m" "/$m"
    done
    forget_cloud frontend /
    mkdir -p /var/lib/one/datastores
    configure_etc / frontend
    [[ $(cat "$STATE/storage") != bind ]] || mount --bind "$STATE/shared" /var/lib/one/datastores
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mkdir -p /run/sshd
    rm -f /var/lib/testbed-sshd.pid
}

# Any other host is a copy-on-write clone of this machine: lower = its root, upper = the host's disk.
clone_root() { # NAME
    local name=$1 d=$STATE/hosts/$1 r=$STATE/hosts/$1/root
    mkdir -p "$d/disk" "$r"
    mount -o loop,noatime "$d/disk.img" "$d/disk"
    mkdir -p "$d/disk/up" "$d/disk/work"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$d/disk/up,workdir=$d/disk/work" "$r"
    forget_cloud "$name" "$r"
    mkdir -p "$r/var/lib/one/datastores"
    if [[ $name == blank ]]; then
        # As Debian's installer does: a host knows its own name without asking.
        echo "127.0.1.1 $name" >>"$r/etc/hosts"
    else
        configure_etc "$r" "$name"
    fi
    mount -t tmpfs -o mode=755 tmpfs "$r/run"
    mkdir -p "$r/run/sshd" "$r/run/lock" "$r/run/testbed"
    mount --bind "$STATE" "$r/run/testbed"
    mount -t tmpfs tmpfs "$r/tmp"
    if [[ $name == storage ]]; then # an overlay has no file handles, which NFS needs
        mkdir -p "$d/disk/srv" "$r/srv/nfs"
        mount --bind "$d/disk/srv" "$r/srv/nfs"
    fi
    if [[ $name == node* ]]; then
        [[ $(cat "$STATE/storage") != bind ]] || mount --bind "$STATE/shared" "$r/var/lib/one/datastores"
        if [[ ! -f $STATE/no-shim ]]; then
            touch "$r/usr/bin/qemu-system-x86_64.real"
            mount --bind /usr/bin/qemu-system-x86_64 "$r/usr/bin/qemu-system-x86_64.real"
        fi
    fi
}

clone_enter() { # NAME: kernel file systems in the clone, then it becomes /
    local d=$STATE/hosts/$1 r=$STATE/hosts/$1/root c _
    mount --bind /dev "$r/dev"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$r/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$r/dev/shm"
    # A device node of its own. When the user of the guests cannot open it, libvirtd probes all of
    # QEMU again for each guest.
    if [[ -c /dev/kvm ]]; then
        mknod -m 600 "$r/run/kvm" c 10 232
        if [[ $1 == node* ]]; then
            chown root:kvm "$r/run/kvm"
            chmod 660 "$r/run/kvm"
        fi
        mount --bind "$r/run/kvm" "$r/dev/kvm"
    fi
    mount -t proc proc "$r/proc"
    mount -t sysfs sysfs "$r/sys"
    mount -t tmpfs -o mode=755 tmpfs "$r/sys/fs/cgroup"
    while read -r c _; do
        mkdir "$r/sys/fs/cgroup/$c"
        mount -t cgroup -o "$c" cgroup "$r/sys/fs/cgroup/$c"
    done <"$d/cgroups"
    mkdir -p "$r/.old"
    cd "$r"
    pivot_root . .old
    cd /
    umount -l /.old
    rmdir /.old
}

# __init NAME: PID 1 of a host; runs in its new namespaces.
__init() {
    local name=$1 d=$STATE/hosts/$1 pid _
    # /proc is still the outer one, so this is the pid that the outer world sees.
    read -r pid _ </proc/self/stat
    mount --make-rprivate /
    hostname "$name"
    if [[ $name == frontend ]]; then
        frontend_root
    else
        clone_root "$name"
        clone_enter "$name"
        d=/run/testbed/hosts/$name
    fi
    echo "$pid $(sed 's/.*) //' "/proc/1/stat" | cut -d' ' -f20)" >"$d/init.pid.tmp"
    mv "$d/init.pid.tmp" "$d/init.pid"
    # Orphans of the host end up here and must be reaped (libvirt waits 40 s for a
    # qemu it killed to vanish). `wait` does that; a blocking `read` does not.
    while :; do
        sleep 86400 &
        wait $! || true
    done
}

enter() { # HOST CMD...: run CMD inside a host, in its cgroups and namespaces
    local name=$1 pid
    shift
    pid=$(host_pid "$name") || die "$name is not running"
    (
        cg_join "$name"
        # 8 is the lock: a daemon that inherited it would hold it for good.
        exec nsenter -t "$pid" -m -u -i -n -p -C -- "$@" 8>&-
    )
}
netns() { # HOST CMD...: only the network namespace (for ip, tc, nft of this machine)
    local pid
    pid=$(host_pid "$1") || die "$1 is not running"
    shift
    nsenter -t "$pid" -n -- "$@"
}

plug() { # NAME IFACE BRIDGE NET: a veth from a host to one of the front-end's bridges
    local name=$1 ifc=$2 br=$3 n=$4 hp mac k
    hp=$(host_pid "$name")
    case $name in storage) k=2 ;; *) k=$((10 + ${name#node})) ;; esac
    printf -v mac '02:7b:00:00:%02x:%02x' "$n" "$k"
    # A rebooted host's old veth may still be on its way out.
    netns frontend ip link del "$br-$name" 2>/dev/null || true
    netns frontend ip link add "$br-$name" type veth peer name "$ifc" address "$mac" netns "$hp"
    netns frontend ip link set "$br-$name" master "$br" up
    netns "$name" ip link set "$ifc" up
}

host_start() {
    local name=$1 d=$STATE/hosts/$1 i
    host_pid "$name" >/dev/null && return 0
    mkdir -p "$d"
    rm -f "$d/init.pid"
    if [[ $name != frontend ]]; then
        # The disk of a crashed host is let go only when its last task is gone.
        for i in {1..100}; do
            [[ -z $(losetup -j "$d/disk.img" 2>/dev/null) ]] && break
            sleep 0.1
        done
        ((i < 100)) || die "$name: its disk is still in use"
        [[ -f $d/disk.img ]] || {
            local size=$NODE_DISK
            [[ $name == storage ]] && size=$STORAGE_DISK
            truncate -s "$size" "$d/disk.img"
            # No journal: the kernel that writes it outlives any crash we stage.
            mke2fs -q -F -t ext4 -O ^has_journal -m 0 "$d/disk.img"
        }
    fi
    cg_make "$name"
    (
        cg_join "$name"
        cd /
        TESTBED_DIR=$STATE exec setsid unshare -n -m -u -i -p -C --fork \
            bash "$HERE/testbed.sh" __init "$name" </dev/null >>"$d/init.log" 2>&1 8>&-
    ) &
    wait_for 20 test -s "$d/init.pid" || { tail -5 "$d/init.log" >&2; die "$name did not start"; }
    netns "$name" ip link set lo up
    # IPv6 duplicate address detection would only add a second of waiting.
    netns "$name" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
    if [[ $name == frontend ]]; then
        local b
        for b in mgmt data; do
            # Snooping without a querier drops the multicast that vxlan floods with.
            netns frontend ip link add "$b" type bridge mcast_snooping 0 forward_delay 0
            netns frontend ip link set "$b" up
        done
        netns frontend ip addr add "$NETBASE.0.1/24" dev mgmt
        netns frontend ip addr add "$NETBASE.1.1/24" dev data
    elif [[ $name != blank ]]; then
        plug "$name" eth0 mgmt 0
        netns "$name" ip addr add "$(ip_of "$name")/24" dev eth0
        [[ $name == storage ]] || plug "$name" eth1 data 1
    fi
}

svc() { # HOST SERVICE: start a service in a host
    case $2 in
        sshd) enter "$1" /usr/sbin/sshd -f /etc/ssh/testbed_sshd_config ;;
        libvirtd) enter "$1" /usr/sbin/libvirtd -d -l -p /run/libvirtd.pid ;;
    esac
}
node_boot() { # start a node and all that runs on it
    host_start "$1"
    enter "$1" test -s /run/sshd.pid || svc "$1" sshd
    storage_mount "$1"
    enter "$1" test -s /run/libvirtd.pid || svc "$1" libvirtd
    wait_for 30 enter "$1" virsh -q -c qemu:///system uri || die "$1: libvirtd does not answer"
}
host_kill() { # power off, the hard way: the kernel ends all the host's tasks with its init
    local pid
    pid=$(host_pid "$1") || return 0
    grep -qs . "$STATE/hosts/$1/cgroups" && freezer "$1" THAWED
    kill -9 "$pid"
    wait_for 10 bash -c "! kill -0 $pid 2>/dev/null" || say "$1: init $pid lingers"
}
