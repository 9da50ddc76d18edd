# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How a step is run and told of, what was made is remembered, and a daemon is held without systemd.
# A step is a function; what it prints goes to its log, `note` says how it went in a few words.

state_dir=/var/lib/nubo-quickstart
log_dir=/var/log/nubo-quickstart
home=/var/lib/one
started=$EPOCHREALTIME
# What the guest is built from is kept, here unless the caller has it already.
export NUBO_GUEST_CACHE=${NUBO_GUEST_CACHE:-$state_dir/guest}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}'; }

# step NAME FUNCTION: one line with its time; a failure ends the run and says where to look.
step() {
    local title=$1 start=$EPOCHREALTIME rc
    mkdir -p "$state_dir" "$log_dir"
    note_file=$state_dir/note log=$log_dir/$action-$title.log
    : >"$note_file"
    [[ -t 1 ]] && printf '...             %s\r' "$title"
    set +e
    (set -e; "$2") >"$log" 2>&1 </dev/null
    rc=$?
    set -e
    if ((rc == 0)); then
        printf 'ok   %8s s  %-10s  %s\n' "$(seconds_since "$start")" "$title" "$(<"$note_file")"
        return
    fi
    printf 'FAIL %8s s  %-10s  %s\n' "$(seconds_since "$start")" "$title" "$(<"$note_file")"
    tail -n 12 "$log" | sed 's/^/     | /'
    echo "     the whole log: $log"
    [[ $title == oned || $action == down || ! -s /var/log/one/oned.log ]] || echo "     oned's log:    /var/log/one/oned.log"
    echo "     when that is mended run the same command again: it goes on from here"
    exit 1
}

note() { echo "$*" >"$note_file"; }
fail() { note "$*"; exit 1; }
total() { printf '     %8s s  in all\n' "$(seconds_since "$started")"; }

# What was made, one file a thing, so that --down removes that and nothing else.
made() { mkdir -p "$state_dir/made"; echo "${2:-}" >"$state_dir/made/$1"; }
was_made() { [[ -f $state_dir/made/$1 ]]; }
made_value() { cat "$state_dir/made/$1"; }
forget() { rm -f "$state_dir/made/$1"; }

has_systemd() { [[ -d /run/systemd/system ]]; }

# until_true SECONDS CMD...: polls; the command's output stays quiet until the last try.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || { "$@"; return; }
        sleep 0.2
    done
}

as_oneadmin() {
    (cd / && runuser -u oneadmin -- env -i HOME=$home USER=oneadmin LANG=C.UTF-8 PATH="$PATH" "$@")
}

# Whether a program of this name runs on the machine itself; those in containers do not count.
runs_here() { pgrep --ns $$ --nslist pid,mnt -x "$1" >/dev/null; }

# Daemons of ours where there is no systemd: a pid counts only with the start time recorded for it.
start_time() { awk '{sub(/.*\) /, ""); print $20}' "/proc/$1/stat" 2>/dev/null; }
hold_pid() { made "pid-$1" "$2 $(start_time "$2")"; }
held_pid() { # NAME: prints the pid while it lives
    local pid time
    was_made "pid-$1" && read -r pid time <<<"$(made_value "pid-$1")" || return 1
    [[ -n $time && $(start_time "$pid") == "$time" ]] && echo "$pid"
}
stop_held() { # NAME
    local pid
    if pid=$(held_pid "$1"); then
        kill "$pid"
        until_true 20 eval "! held_pid $1" || { kill -9 "$pid"; until_true 5 eval "! held_pid $1"; }
    fi
    forget "pid-$1"
}
