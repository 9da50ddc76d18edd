#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# quickstart.sh [--down [--force]]
#
# Makes a small cloud of this one machine (Debian 12, as root): installs what is needed, builds
# Nubo, starts oned, makes the machine a KVM node, boots a small guest and waits until it answers
# over the network. Each step prints one line with its time; a second run says what is already
# there and mends what is not.
#
# --down removes what quickstart made and nothing else. It refuses while oned holds machines that
# quickstart did not make; --force terminates these too.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
source_dir=$(dirname "$here")
for part in steps install node daemon cloud; do
    # shellcheck source=/dev/null
    source "$here/quickstart/$part.sh"
done

up() {
    step home       own_home
    step packages   install_packages
    step build      build_and_install
    step user       make_oneadmin
    step hypervisor choose_hypervisor
    step sshd       start_sshd
    step login      allow_login
    step libvirtd   start_libvirtd
    step bridge     make_bridge
    step oned       start_oned
    step guest      build_guest
    step host       register_host
    step datastores share_datastores
    step image      register_image
    step network    register_network
    step template   register_template
    step vm         instantiate_vm
    step running    wait_running
    step answers    wait_answer
    total
    summary
}

down() {
    [[ -d $state_dir ]] || { echo "nothing here was made by quickstart"; return; }
    step machines   remove_machines
    step oned       stop_oned
    step bridge     remove_bridge
    step libvirtd   stop_libvirtd
    step kvm        close_kvm
    step login      forget_login
    step sshd       stop_sshd
    step guest      remove_guest
    step user       remove_oneadmin
    step build      uninstall
    installed_packages
    rm -rf "$state_dir" "$log_dir"/*.log
    rmdir --ignore-fail-on-non-empty "$log_dir"
    total
}

case ${1:-} in
    '') action=up ;;
    --down) action=down; force=$([[ ${2:-} == --force ]] && echo yes || echo no) ;;
    *) sed -n '3,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
((EUID == 0)) || { echo "quickstart.sh must run as root" >&2; exit 1; }
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"$action"
