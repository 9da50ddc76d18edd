# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# This machine as a KVM node: the account, key login, libvirt as Nubo needs it, a bridge.

bridge=nubo0
qemu_conf=/etc/libvirt/qemu.conf

# What comes to be in oneadmin's home; what was there before is not quickstart's to change or remove.
own_home() {
    [[ ! -f $state_dir/paths ]] || return 0
    [[ ! -e $home/one.db ]] || fail "there is a cloud in $home that quickstart did not make"
    local path
    for path in "$home"/{.one,.ssh,datastores,vms,config,one.db{,-wal,-shm,.lock,-monitoring{,-wal,-shm}}}; do
        [[ -e $path ]] || echo "$path"
    done >"$state_dir/paths"
}

make_oneadmin() {
    if getent passwd oneadmin >/dev/null; then
        [[ $(getent passwd oneadmin | cut -d: -f6) == "$home" ]] ||
            fail "the user oneadmin is here with another home than $home"
        note "already there"
    else
        local uid=(-u 9869)
        ! getent passwd 9869 >/dev/null || uid=()
        getent group oneadmin >/dev/null || groupadd -r oneadmin
        mkdir -p "$home"
        useradd -r "${uid[@]}" -g oneadmin -d "$home" -s /bin/bash oneadmin
        # No password, and yet not locked: sshd without PAM refuses locked accounts.
        usermod -p '*' oneadmin
        made user
        note "oneadmin, home $home"
    fi
    local group
    for group in kvm libvirt; do
        ! getent group $group >/dev/null || id -nG oneadmin | grep -qw $group || usermod -aG $group oneadmin
    done
    chown oneadmin:oneadmin "$home"
    [[ -f /etc/sudoers.d/nubo ]] || {
        # What the network driver runs on a node.
        echo 'oneadmin ALL=(root) NOPASSWD: /usr/sbin/ip link *, /usr/bin/ip link *, /sbin/ip link *, /bin/ip link *' >/etc/sudoers.d/nubo
        chmod 440 /etc/sudoers.d/nubo
        made sudoers
    }
}

# What still runs as oneadmin: logins, and systemd's own process for them. Containers on this machine
# may give the same number to users of their own.
end_sessions() {
    local mine=(--ns $$ --nslist "pid,mnt" -u oneadmin)
    ! has_systemd || loginctl terminate-user oneadmin || true
    pkill "${mine[@]}" || true
    until_true 10 eval "! pgrep ${mine[*]}" || pkill -KILL "${mine[@]}" || true
    until_true 5 eval "! pgrep ${mine[*]}"
}

remove_oneadmin() {
    if was_made sudoers; then rm -f /etc/sudoers.d/nubo; forget sudoers; fi
    if ! was_made user; then
        [[ ! -f $state_dir/paths ]] || xargs -d '\n' rm -rf --one-file-system <"$state_dir/paths"
        ! getent passwd oneadmin >/dev/null || note "the user oneadmin was here before, left"
        return
    fi
    end_sessions
    userdel -f oneadmin # also when a container runs something under the same number
    ! getent group oneadmin >/dev/null || groupdel oneadmin
    rm -rf --one-file-system "$home"
    forget user
}

# udev gives /dev/kvm to the group kvm; where there is no udev nobody does. libvirtd probes QEMU anew
# before each guest, for half a minute, as long as oneadmin cannot open the device.
open_kvm() {
    [[ -c /dev/kvm ]] || return 0
    ! as_oneadmin test -r /dev/kvm -a -w /dev/kvm || return 0
    was_made kvm-device || made kvm-device "$(stat -c '%u:%g %a' /dev/kvm)"
    chgrp kvm /dev/kvm
    chmod 660 /dev/kvm
}

close_kvm() {
    local owner mode
    was_made kvm-device || return 0
    read -r owner mode <<<"$(made_value kvm-device)"
    chown "$owner" /dev/kvm
    chmod "$mode" /dev/kvm
    forget kvm-device
}

# /dev/kvm can open and yet run no guest (in a nested or para-virtualised machine): try it.
choose_hypervisor() {
    local why rc=0
    open_kvm
    [[ ! -s $state_dir/hypervisor ]] || { note "$(<"$state_dir/hypervisor"), as found before"; return; }
    why=$("$here/guest/try-kvm.sh") || rc=$?
    case $rc in
        0) echo kvm >"$state_dir/hypervisor"; note "kvm ($why)" ;;
        1) echo qemu >"$state_dir/hypervisor"; note "qemu, software emulation: $why" ;;
        *) fail "the guest that is to be tried cannot be built" ;;
    esac
}

listens() { # PORT on loopback
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_sshd() {
    if listens 22; then note "already runs"; return; fi
    ssh-keygen -A
    if has_systemd; then
        systemctl enable --now ssh
        made sshd-unit
        note "started by systemd"
    else
        mkdir -p /run/sshd
        /usr/sbin/sshd -o ListenAddress=127.0.0.1 -o PidFile=/run/sshd-nubo.pid
        until_true 10 test -s /run/sshd-nubo.pid
        hold_pid sshd "$(</run/sshd-nubo.pid)"
        note "started on 127.0.0.1:22 (no systemd here)"
    fi
    until_true 10 listens 22
}

stop_sshd() {
    stop_held sshd
    if was_made sshd-unit; then systemctl disable --now ssh; forget sshd-unit; fi
}

logs_in() { as_oneadmin ssh -o BatchMode=yes -o ConnectTimeout=5 localhost true; }

allow_login() {
    local ssh=$home/.ssh
    install -d -m 700 -o oneadmin -g oneadmin "$ssh"
    [[ -f $ssh/id_ed25519 ]] || as_oneadmin ssh-keygen -q -t ed25519 -N '' -C oneadmin -f "$ssh/id_ed25519"
    as_oneadmin touch "$ssh/authorized_keys" "$ssh/known_hosts"
    chmod 600 "$ssh/authorized_keys"
    grep -qxFf "$ssh/id_ed25519.pub" "$ssh/authorized_keys" ||
        cat "$ssh/id_ed25519.pub" >>"$ssh/authorized_keys"
    if logs_in 2>/dev/null; then note "already there"; return; fi
    as_oneadmin ssh-keygen -q -R localhost -f "$ssh/known_hosts" || true
    ssh-keyscan localhost >>"$ssh/known_hosts"
    logs_in || fail "oneadmin cannot log in at localhost with its key"
    note "oneadmin@localhost with a key of its own"
}

forget_login() { :; } # keys go with oneadmin's home

configure_qemu() { # returns 0 when it changed the file
    ! grep -q '^# nubo quickstart {' $qemu_conf || return 1
    local other
    other=$(grep -E '^[[:space:]]*(user|group|dynamic_ownership)[[:space:]]*=' $qemu_conf || true)
    [[ -z $other ]] || fail "$qemu_conf already says '${other//$'\n'/, }': set user and group to oneadmin, dynamic_ownership to 0"
    cat >>$qemu_conf <<'CONF'
# nubo quickstart {
user = "oneadmin"
group = "oneadmin"
dynamic_ownership = 0
# }
CONF
    made qemu-conf
}

libvirt_answers() { as_oneadmin virsh -q -c qemu:///system uri; }

start_libvirtd() {
    local changed=no
    if grep -qE '^user *= *"oneadmin"' $qemu_conf; then :; elif configure_qemu; then changed=yes; fi
    if [[ $changed == no ]] && libvirt_answers 2>/dev/null; then note "already runs"; return; fi
    if has_systemd; then
        systemctl is-active -q libvirtd || made libvirtd-unit
        systemctl restart libvirtd
        note "started by systemd"
    else
        ! runs_here libvirtd || held_pid libvirtd >/dev/null ||
            fail "libvirtd runs and was not started here: end it, or let oneadmin use it"
        start_libvirtd_alone
        note "started (no systemd here)"
    fi
    until_true 40 libvirt_answers
}

start_libvirtd_alone() {
    stop_held libvirtd
    # Without systemd there is no polkit either: the socket's group decides.
    cat >"$state_dir/libvirtd.conf" <<'CONF'
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
CONF
    if ! runs_here virtlogd; then
        virtlogd -d -p /run/virtlogd-nubo.pid
        until_true 10 test -s /run/virtlogd-nubo.pid
        hold_pid virtlogd "$(</run/virtlogd-nubo.pid)"
    fi
    rm -f /run/libvirtd-nubo.pid
    libvirtd -d -f "$state_dir/libvirtd.conf" -p /run/libvirtd-nubo.pid
    until_true 10 test -s /run/libvirtd-nubo.pid
    hold_pid libvirtd "$(</run/libvirtd-nubo.pid)"
}

stop_libvirtd() {
    stop_held libvirtd
    stop_held virtlogd
    if was_made libvirtd-unit; then systemctl stop libvirtd; forget libvirtd-unit; fi
    was_made qemu-conf || return 0
    sed -i '/^# nubo quickstart {$/,/^# }$/d' $qemu_conf
    ! has_systemd || ! systemctl is-active -q libvirtd || systemctl restart libvirtd
    forget qemu-conf
}

# A bridge of this machine's own, on a private network that it does not use yet.
make_bridge() {
    local net
    if [[ -d /sys/class/net/$bridge ]]; then
        was_made bridge || fail "a network interface $bridge is here and not quickstart's"
        note "already there, $(made_value bridge).1/24"
        return
    fi
    if was_made bridge; then net=$(made_value bridge); else
        for net in 172.31.77 172.30.77 192.168.177 10.177.77 ''; do
            [[ -n $net ]] || fail "none of the private networks quickstart tries is free"
            ip -4 route show | grep -q "^$net\." || break
        done
    fi
    ip link add $bridge type bridge
    made bridge "$net"
    ip addr add "$net.1/24" dev $bridge
    ip link set $bridge up
    note "$bridge with $net.1/24"
}

remove_bridge() {
    was_made bridge || return 0
    [[ ! -d /sys/class/net/$bridge ]] || ip link del $bridge
    forget bridge
}
