# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# oned itself: configuration, credentials, start and stop.

config_dir=/etc/one
log_one=/var/log/one

api_answers() { as_oneadmin oneuser show 0 -x; }

write_credentials() {
    local auth=$home/.one/one_auth
    install -d -m 700 -o oneadmin -g oneadmin "$home/.one"
    [[ -s $auth ]] && return
    (umask 077 && printf 'oneadmin:%s\n' "$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')" >"$auth")
    chown oneadmin:oneadmin "$auth"
}

write_configuration() {
    mkdir -p $config_dir
    [[ -f $config_dir/oned.conf ]] || {
        cp /usr/local/share/nubo/etc/oned.conf $config_dir/oned.conf
        made config
    }
    [[ -d $log_one ]] || { install -d -o oneadmin -g oneadmin $log_one; made logs; }
    install -d -o oneadmin -g oneadmin "$home/datastores"
}

runs_old_program() { [[ $(readlink "/proc/$(pgrep --ns $$ --nslist pid,mnt -ox oned)/exe") == *' (deleted)' ]]; }

start_oned() {
    local again=
    if as_oneadmin test -s "$home/.one/one_auth" && api_answers >/dev/null 2>&1; then
        if ! runs_old_program; then note "already runs"; return; fi
        again=" again, with the new program"
        if has_systemd; then systemctl stop oned; else stop_held oned; fi
    fi
    ! listens 2633 || fail "something else listens on 127.0.0.1:2633"
    write_credentials
    write_configuration
    if has_systemd; then
        install -m 644 "$here/systemd/oned.service" /etc/systemd/system/oned.service
        made oned-unit
        systemctl daemon-reload
        systemctl enable oned
        systemctl restart oned
        note "started by systemd$again"
    else
        stop_held oned
        # setsid: it must outlive this run; the shell between writes the pid of what it becomes.
        rm -f "$state_dir/oned.pid"
        # shellcheck disable=SC2016
        setsid bash -c 'echo $$ >"$1"; cd /; exec runuser -u oneadmin -- env -i HOME="$2" USER=oneadmin LANG=C.UTF-8 PATH="$PATH" oned' \
            - "$state_dir/oned.pid" "$home" >>$log_one/oned.out 2>&1 </dev/null &
        until_true 10 test -s "$state_dir/oned.pid"
        hold_pid oned "$(<"$state_dir/oned.pid")"
        note "started$again (no systemd here)"
    fi
    until_true 30 api_answers
}

stop_oned() {
    stop_held oned
    if was_made oned-unit; then
        systemctl disable --now oned
        rm -f /etc/systemd/system/oned.service
        systemctl daemon-reload
        forget oned-unit
    fi
    if was_made config; then rm -rf $config_dir; forget config; fi
    if was_made logs; then rm -rf $log_one; forget logs; fi
}
