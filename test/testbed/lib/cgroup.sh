# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Cgroups (v1): hosts get a group *below the caller's own*, so that any limit put on us still
# holds for what we start. Without v1 hierarchies the hosts simply get none.

cg_path() { # controller host -> directory, or fail when there is no such v1 hierarchy
    local rel
    [[ -d /sys/fs/cgroup/$1 ]] || return 1
    rel=$(awk -F: -v c="$1" '{ n=split($2,a,","); for(i=1;i<=n;i++) if(a[i]==c) print $3 }' /proc/self/cgroup)
    [[ -n $rel ]] || return 1
    echo "/sys/fs/cgroup/$1${rel%/}/testbed-$ID/$2"
}
cg_make() {
    local c p
    : >"$STATE/hosts/$1/cgroups"
    for c in $CONTROLLERS; do
        p=$(cg_path "$c" "$1") || continue
        mkdir -p "$p"
        if [[ $c == cpuset ]]; then # a cpuset group takes no task before it has cpus and mems
            local d f
            for d in "${p%/*}" "$p"; do
                for f in cpuset.cpus cpuset.mems; do cat "${d%/*}/$f" >"$d/$f"; done
                echo 1 >"$d/cgroup.clone_children"
            done
        fi
        echo "$c $p" >>"$STATE/hosts/$1/cgroups"
    done
}
cg_join() { # move this shell into the host's groups
    local c p
    [[ -r $STATE/hosts/$1/cgroups ]] || return 0
    while read -r c p; do echo "$BASHPID" >"$p/cgroup.procs"; done <"$STATE/hosts/$1/cgroups"
}
cg_remove() {
    local c p i
    [[ -r $STATE/hosts/$1/cgroups ]] || return 0
    while read -r c p; do
        [[ $p == */testbed-$ID/$1 ]] || continue
        for i in 1 2 3 4 5; do # dying tasks leave a moment after they are killed
            [[ -d $p ]] || break
            find "$p" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.2
        done
        rmdir "${p%/*}" 2>/dev/null || true
    done <"$STATE/hosts/$1/cgroups"
}
freezer() { # host FROZEN|THAWED
    local p
    p=$(awk '$1=="freezer"{print $2}' "$STATE/hosts/$1/cgroups" 2>/dev/null)
    [[ -n $p ]] || die "no freezer cgroup here"
    echo "$2" >"$p/freezer.state"
    [[ $2 == THAWED ]] || wait_for 5 grep -q FROZEN "$p/freezer.state"
}
