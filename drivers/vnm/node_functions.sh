# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What a node does for the bridge driver; its calls follow it. Bridges that were made here carry the
# alias "nubo": only those are removed again.

net() { if [ "$(id -u)" = 0 ]; then ip link "$@"; else sudo -n ip link "$@"; fi; }

refuse() { echo "$*" >&2; exit 1; }

# One at a time: VMs that come and go together share bridges.
exclusively() {
    exec 9>>/tmp/onevnm-bridge-lock || refuse "cannot write /tmp/onevnm-bridge-lock"
    flock -w 30 9 || refuse "another network action holds /tmp/onevnm-bridge-lock"
}

is_bridge() { [ -d "/sys/class/net/$1/bridge" ]; }

master_of() { basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)" 2>/dev/null; }

bridge_up() { # BRIDGE PHYDEV
    if ! is_bridge "$1"; then
        [ ! -e "/sys/class/net/$1" ] || refuse "$1 is no bridge"
        net add name "$1" type bridge && net set dev "$1" alias nubo || exit
    fi
    net set dev "$1" up || exit
    [ -n "$2" ] || return 0
    [ -e "/sys/class/net/$2" ] || refuse "there is no network device $2 (PHYDEV)"
    case $(master_of "$2") in
        "$1") ;;
        '') net set dev "$2" up && net set dev "$2" master "$1" || exit ;;
        *) refuse "$2 (PHYDEV) belongs to bridge $(master_of "$2")" ;;
    esac
}

bridge_down() { # BRIDGE PHYDEV
    is_bridge "$1" || return 0
    [ "$(cat "/sys/class/net/$1/ifalias")" = nubo ] || return 0
    for port in "/sys/class/net/$1/brif"/*; do
        case ${port##*/} in "$2" | "$1b" | '*') ;; *) return 0 ;; esac
    done
    net del dev "$1" || exit
}

exclusively
