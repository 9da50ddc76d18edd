# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What differs between the hosts on disk: accounts, names, keys, sshd, libvirt.

prepare_common() { # things all hosts share: keys, accounts, names
    local e=$STATE/etc h
    [[ -d $e/keys ]] || {
        mkdir -p "$e/keys"
        ssh-keygen -q -t ed25519 -N '' -C oneadmin@testbed -f "$e/keys/oneadmin"
    }
    mkdir -p "$STATE/shared"
    chown $ONE_UID:$ONE_UID "$STATE/shared"
    for h in "$@"; do
        [[ -f $e/keys/$h ]] || ssh-keygen -q -t ed25519 -N '' -C "$h" -f "$e/keys/$h"
    done
    {
        echo '127.0.0.1 localhost'
        for h in "$@"; do echo "$(ip_of "$h") $h"; done
    } >"$e/hosts"
    for h in "$@"; do
        echo "$h,$(ip_of "$h") $(cut -d' ' -f1,2 "$e/keys/$h.pub")"
    done >"$e/ssh_known_hosts"
    # Accounts: this machine's own, plus oneadmin in the groups a KVM node gives it.
    local g=$e/group
    { grep -v '^oneadmin:' /etc/passwd; echo "oneadmin:x:$ONE_UID:$ONE_UID::/var/lib/one:/bin/bash"; } >"$e/passwd"
    # '*' (no password), not '!' (locked): sshd without PAM refuses locked accounts.
    { grep -v '^oneadmin:' /etc/shadow; echo 'oneadmin:*:19000:0:99999:7:::'; } >"$e/shadow"
    chmod 640 "$e/shadow"
    awk -F: -v OFS=: '$1=="oneadmin"{next} $1~/^(kvm|libvirt|disk|fuse)$/{$4=($4==""?"":$4",")"oneadmin"} {print}' /etc/group >"$g"
    echo "oneadmin:x:$ONE_UID:" >>"$g"
}

configure_etc() { # ROOT NAME: the files of a host under ROOT/etc and ROOT/var/lib/one
    local r=$1 name=$2 e=$STATE/etc f home=$1/var/lib/one pidfile=/run/sshd.pid
    [[ $name == frontend ]] && pidfile=/var/lib/testbed-sshd.pid # its /run is this machine's
    for f in passwd group hosts; do install -m 644 "$e/$f" "$r/etc/$f"; done
    install -m 640 -g shadow "$e/shadow" "$r/etc/shadow"
    echo "$name" >"$r/etc/hostname"
    printf '%s' "$ID-$name" | md5sum | cut -c1-32 >"$r/etc/machine-id"
    mkdir -p "$r/etc/ssh/ssh_config.d"
    install -m 644 "$e/ssh_known_hosts" "$r/etc/ssh/ssh_known_hosts"
    install -m 600 "$e/keys/$name" "$r/etc/ssh/testbed_host_key"
    install -m 600 -o $ONE_UID -g $ONE_UID "$e/keys/oneadmin" "$r/etc/ssh/testbed_user_key"
    # Every user, root too, reaches every host as oneadmin with host keys checked.
    printf 'Host node* frontend storage %s.0.*\n User oneadmin\n IdentityFile /etc/ssh/testbed_user_key\n' "$NETBASE" >"$r/etc/ssh/ssh_config.d/testbed.conf"
    cat >"$r/etc/ssh/testbed_sshd_config" <<SSHD
ListenAddress $(ip_of "$name"):22
HostKey /etc/ssh/testbed_host_key
PidFile $pidfile
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin no
MaxStartups 200:30:400
MaxSessions 200
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
SSHD
    if [[ -d $r/etc/sudoers.d ]]; then
        echo 'oneadmin ALL=(ALL) NOPASSWD: ALL' >"$r/etc/sudoers.d/testbed"
        chmod 440 "$r/etc/sudoers.d/testbed"
    fi
    mkdir -p "$home/.ssh" "$home/datastores"
    install -m 600 "$e/keys/oneadmin" "$home/.ssh/id_ed25519"
    install -m 644 "$e/keys/oneadmin.pub" "$home/.ssh/id_ed25519.pub"
    install -m 600 "$e/keys/oneadmin.pub" "$home/.ssh/authorized_keys"
    install -m 644 "$e/ssh_known_hosts" "$home/.ssh/known_hosts"
    chmod 700 "$home/.ssh"
    chown -R $ONE_UID:$ONE_UID "$home/.ssh"
    chown $ONE_UID:$ONE_UID "$home" "$home/datastores"
    [[ $name == node* ]] && configure_libvirt "$r" "$name"
    return 0
}

configure_libvirt() { # ROOT NAME
    local r=$1 name=$2 cg='' c
    # libvirt may use only the controllers that the host got a group in; with none
    # it runs too, but refuses <cputune>/<shares>, which OpenNebula always sets.
    for c in cpu cpuacct cpuset memory devices blkio; do
        grep -q "^$c " "$STATE/hosts/$name/cgroups" && cg+="${cg:+, }\"$c\""
    done
    cat >"$r/etc/libvirt/libvirtd.conf" <<LVD
# Hosts on one machine share its SMBIOS UUID; libvirt would refuse to migrate
# "to the same host", so each gets its own.
host_uuid = "$(printf '%s' "$ID-$name" | md5sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/')"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
listen_addr = "$(ip_of "$name")"
# No polkit here: the socket's group decides.
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_ro = "none"
auth_unix_rw = "none"
max_clients = 500
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
LVD
    cat >"$r/etc/libvirt/qemu.conf" <<QEMU
# As OpenNebula asks for: images belong to oneadmin and libvirt leaves them alone.
user = "oneadmin"
group = "oneadmin"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
# The host already has a /dev of its own; a second one per guest is not needed.
namespaces = []
cgroup_controllers = [ $cg ]
# Saves a virtlogd per host.
stdio_handler = "file"
vnc_listen = "0.0.0.0"
migration_address = "$(ip_of "$name")"
QEMU
    # No 'default' network: it would start dnsmasq and a NAT bridge.
    rm -f "$r/etc/libvirt/qemu/networks/autostart/default.xml" "$r/etc/libvirt/qemu/networks/default.xml"
    [[ -f $STATE/no-shim ]] || {
        # See "kvm shim" in the README: <domain type='kvm'> is taken, and run by TCG.
        ln -sf qemu-system-x86_64 "$r/usr/bin/qemu-kvm-one"
        rm -f "$r/usr/bin/qemu-system-x86_64"
        sed "s/@TB_MB@/$TCG_TB_MB/" "$HERE/qemu-shim" >"$r/usr/bin/qemu-system-x86_64"
        chmod 755 "$r/usr/bin/qemu-system-x86_64"
    }
}
