#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# throwaway.sh start DIR PORT [--keep] | stop DIR | kill DIR
#
# start: runs an oned in the background on 127.0.0.1:PORT with all that it owns below DIR: a fresh
#        database (with --keep the one that is there), dummy drivers for hosts, machines, storage
#        and networks, the user oneadmin with the password "throwaway" (DIR/one_auth), its pid in
#        DIR/oned.pid. Returns when the API answers.
# stop:  ends it cleanly. kill: with SIGKILL.
# The program is the one of NUBO_BUILD (default: the newest build below build/). NUBO_CONF holds
# further lines for its oned.conf. What stands in DIR/etc/host_system and host_monitor is added to what
# hosts report.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "$0")")")

die() { echo "throwaway: $*" >&2; exit 1; }
usage() { sed -n '3,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# A pid counts only while it is our oned: a number may have been given to another process since.
live_pid() {
    local pid
    pid=$(cat "$dir/oned.pid" 2>/dev/null) && [[ -n $pid ]] || return 1
    { tr '\0' '\n' <"/proc/$pid/environ" | grep -qxF "ONE_LOCATION=$dir"; } 2>/dev/null && echo "$pid"
}

until_true() { # SECONDS CMD...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

# The program of NUBO_BUILD, or the newest one below build/.
find_oned() {
    local oned
    oned=$(find "${NUBO_BUILD:-$root/build}" -name oned -type f -perm -u+x -printf '%T@ %p\n' 2>/dev/null |
        sort -rn | sed -n '1s/^[^ ]* //p')
    [[ -n $oned ]] || die "no oned below ${NUBO_BUILD:-build/}: build it first"
    echo "$oned"
}

answers() {
    local body='<?xml version="1.0"?><methodCall><methodName>one.system.version</methodName><params><param><value><string>oneadmin:throwaway</string></value></param></params></methodCall>' line
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        ${#body} "$body" >&3
    read -r -t 5 line <&3 && [[ $line == *" 200 "* ]] && timeout 5 grep -q '<boolean>1</boolean>' <&3
}

write_configuration() {
    install -d -m 700 "$dir"
    (umask 077 && echo oneadmin:throwaway >"$dir/one_auth")
    [[ $keep == yes ]] || rm -rf "${dir:?}/var"
    mkdir -p "$dir/etc" "$dir/var/datastores"
    cat >"$dir/etc/oned.conf" <<CONF
LISTEN_ADDRESS = "127.0.0.1"
PORT = "$port"
METRICS = [ PORT = "0" ]
VM_MAD = [ NAME = "dummy", EXECUTABLE = "dummy", TYPE = "xml", WORLD = "$dir/var/world",
           HOST_SYSTEM = "$dir/etc/host_system", HOST_MONITOR = "$dir/etc/host_monitor" ]
TM_MAD = [ EXECUTABLE = "dummy" ]
DATASTORE_MAD = [ EXECUTABLE = "dummy" ]
VN_MAD = [ EXECUTABLE = "dummy" ]
${NUBO_CONF:-}
CONF
}

start() {
    port=${1:?$(usage)}
    keep=$([[ ${2:-} == --keep ]] && echo yes || echo no)
    [[ $port =~ ^[0-9]+$ ]] || usage
    ! live_pid >/dev/null || die "$dir/oned.pid says that one runs already"
    local oned
    oned=$(find_oned)
    write_configuration
    # The shell writes its pid and then becomes oned.
    # shellcheck disable=SC2016
    ONE_LOCATION=$dir ONE_AUTH=$dir/one_auth setsid bash -c 'echo $$ >"$1/oned.pid"; cd "$1"; exec "$2"' \
        - "$dir" "$oned" >>"$dir/oned.out" 2>&1 </dev/null &
    until_true 20 answers 2>/dev/null || die "oned does not answer: $(tail -n 3 "$dir/oned.out")"
}

finish() { # SIGNAL
    local pid
    pid=$(live_pid) || { rm -f "$dir/oned.pid"; return 0; }
    kill -"$1" "$pid"
    until_true 30 gone || die "oned ($pid) does not end"
    rm -f "$dir/oned.pid"
}
gone() { ! live_pid >/dev/null; }

(($# >= 2)) || usage
command=$1
mkdir -p "$2"
dir=$(readlink -f "$2")
shift 2
case $command in
    start) start "$@" ;;
    stop) finish TERM ;;
    kill) finish KILL ;;
    *) usage ;;
esac
