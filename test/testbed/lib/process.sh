# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Small words for the other parts: messages, bounded waiting, and which hosts of this bed live.
# A pid is only ever signalled when its start time still matches the one recorded, so a
# recycled pid is never hit.

say() { printf '%s\n' "$*" >&2; }
die() { say "testbed: $*"; exit 1; }
need() { local c; for c; do command -v "$c" >/dev/null || die "missing command: $c (see share/packages/testbed.txt)"; done; }

# wait_for SECONDS CMD...: poll until CMD succeeds; bounded.
wait_for() {
    local end=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}
start_time() { # field 22 of stat; the command name may hold spaces, so cut past ')'
    local s
    s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    s=${s##*) }
    # shellcheck disable=SC2086
    set -- $s
    echo "${20}"
}
host_pid() { # pid of a host's init, if it is alive
    local f=$STATE/hosts/$1/init.pid pid st
    [[ -r $f ]] && read -r pid st <"$f" || return 1
    [[ $(start_time "$pid") == "$st" ]] && echo "$pid"
}
hosts() { # all hosts of this test bed, frontend first
    local h
    for h in frontend storage blank; do [[ -d $STATE/hosts/$h ]] && echo $h; done
    [[ -d $STATE/hosts ]] && find "$STATE/hosts" -mindepth 1 -maxdepth 1 -name 'node*' -printf '%f\n' | sort -V
    return 0
}
is_host() { [[ $1 =~ ^(frontend|storage|blank|node[0-9]+)$ && -d $STATE/hosts/$1 ]] || die "no such host: $1"; }
ip_of() {
    case $1 in
        frontend) echo "$NETBASE.0.1" ;;
        storage) echo "$NETBASE.0.2" ;;
        node*) echo "$NETBASE.0.$((10 + ${1#node}))" ;;
    esac
}
