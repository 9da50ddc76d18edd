# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the cloud holds: host, image, network, template and the machine, all of one name.

name=quickstart
# Image datastores take files from below /var/tmp (SAFE_DIRS).
image_file=/var/tmp/nubo-quickstart.qcow2
host=localhost

is_there() { as_oneadmin "$1" show "$2" -x >/dev/null 2>&1; } # TOOL NAME
field() { as_oneadmin "$1" show "$2" -x | sed -n "s|^ *<$3>\(<!\[CDATA\[\)\{0,1\}\([^]<]*\).*|\2|p" | head -n 1; } # TOOL NAME ELEMENT
state_is() { [[ $(field "$1" "$2" STATE) == "$3" ]]; }
vm_id() { as_oneadmin onevm list --no-header --csv -l ID,NAME | sed -n "s/^\([0-9]*\),$name\$/\1/p" | head -n 1; }

build_guest() {
    if [[ -s $image_file ]]; then note "already there"; return; fi
    made guest
    "$here/guest/build.sh" image "$image_file"
    chmod 644 "$image_file"
    note "$image_file, $(($(stat -c %s "$image_file") >> 20)) MB"
}

remove_guest() {
    was_made guest || return 0
    rm -f "$image_file"
    forget guest
}

register_host() {
    local driver
    driver=$(<"$state_dir/hypervisor")
    if is_there onehost $host; then note "already there"; else
        as_oneadmin onehost create $host -i "$driver" -v "$driver"
        note "$host, driver $driver"
    fi
    until_true 60 state_is onehost $host 2 || fail "host $host is not monitored: see onehost show $host"
}

# Front-end and node are one machine: the disks need no copying between the two.
share_datastores() {
    local datastore changed=
    for datastore in system default; do
        [[ $(field onedatastore $datastore TM_MAD) != shared ]] || continue
        echo 'TM_MAD="shared"' >"$state_dir/template"
        chmod 644 "$state_dir/template"
        as_oneadmin onedatastore update $datastore --append "$state_dir/template"
        changed+=" $datastore"
    done
    if [[ -n $changed ]]; then note "shared:$changed"; else note "already shared"; fi
}

# create TOOL TEMPLATE [OPTION...]: from text, which oneadmin must be able to read.
create() {
    local tool=$1 text=$2
    shift 2
    echo "$text" >"$state_dir/template"
    chmod 644 "$state_dir/template"
    chmod 755 "$state_dir"
    as_oneadmin "$tool" create "$state_dir/template" "$@"
}

register_image() {
    if is_there oneimage $name && state_is oneimage $name 5; then as_oneadmin oneimage delete $name; fi
    if is_there oneimage $name; then note "already there"; else
        create oneimage "NAME=\"$name\"
PATH=\"$image_file\"
TYPE=\"OS\"
DEV_PREFIX=\"vd\"
FORMAT=\"qcow2\"" -d default
        note "$name"
    fi
    until_true 60 image_usable || fail "image $name does not get ready: see oneimage show $name"
}
image_usable() { state_is oneimage $name 1 || state_is oneimage $name 2; }

register_network() {
    local net
    net=$(made_value bridge)
    if is_there onevnet $name; then note "already there"; return; fi
    create onevnet "NAME=\"$name\"
VN_MAD=\"bridge\"
BRIDGE=\"$bridge\"
NETWORK_ADDRESS=\"$net.0\"
NETWORK_MASK=\"255.255.255.0\"
GATEWAY=\"$net.1\"
AR=[ TYPE=\"IP4\", IP=\"$net.10\", SIZE=\"100\" ]"
    note "$name, $net.10 and 99 more"
}

register_template() {
    if is_there onetemplate $name; then note "already there"; return; fi
    create onetemplate "NAME=\"$name\"
CPU=\"0.5\"
VCPU=\"1\"
MEMORY=\"128\"
OS=[ MACHINE=\"pc\" ]
DISK=[ IMAGE=\"$name\" ]
NIC=[ NETWORK=\"$name\", MODEL=\"virtio\" ]
GRAPHICS=[ TYPE=\"VNC\", LISTEN=\"127.0.0.1\" ]
CONTEXT=[ NETWORK=\"YES\", SET_HOSTNAME=\"\$NAME\" ]"
    note "$name: 1 CPU, 128 MB, a disk, an address"
}

# A machine left over from a run that failed is mended when it can be and replaced when not.
instantiate_vm() {
    local id state
    id=$(vm_id)
    if [[ -n $id ]]; then
        state=$(as_oneadmin onevm list --no-header --csv -l STAT -f "ID=$id")
        case ${state// /} in
            runn | boot | prol | pend) note "already there, number $id"; return ;;
            poff | susp | stop | unde) as_oneadmin onevm resume "$id"; note "number $id resumed"; return ;;
            *) as_oneadmin onevm recover --delete "$id" && as_oneadmin onevm wait "$id" --state DONE --timeout 60 ;;
        esac
    fi
    as_oneadmin onetemplate instantiate $name --name $name
    note "number $(vm_id)"
}

wait_running() {
    local id
    id=$(vm_id)
    as_oneadmin onevm wait "$id" --state RUNNING --timeout 180 || {
        as_oneadmin onevm show "$id"
        fail "machine $id does not get to RUNNING: see onevm show $id"
    }
    note "machine $id"
}

address() { as_oneadmin onevm list --no-header --csv -l IP -f "ID=$1" | tr -d ' "' | cut -d, -f1; }
guest_says() { # ADDRESS: its status page
    exec 3<>"/dev/tcp/$1/80" || return
    printf 'GET /cgi-bin/status HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3
    timeout 5 grep -a '^host=' <&3
}

wait_answer() {
    local ip
    ip=$(address "$(vm_id)")
    [[ $ip =~ ^[0-9.]+$ ]] || fail "the machine has no address"
    until_true 120 guest_says "$ip" || fail "the guest does not answer on $ip"
    note "http://$ip/cgi-bin/status ($(guest_says "$ip" | tr -d '\r'))"
}

summary() {
    local id ip
    id=$(vm_id) ip=$(address "$id")
    echo
    printf '  %-10s %s\n' \
        host "$host, driver $(<"$state_dir/hypervisor")" \
        image "$name" network "$name" template "$name" \
        machine "$id ($name), running, $ip"
    cat <<NEXT

  next:  su - oneadmin              the commands below are oneadmin's
         onevm list ; onevm show $id
         curl http://$ip/cgi-bin/status
         onevm poweroff $id --wait ; onevm resume $id --wait
         onetemplate instantiate $name --name second --wait
         onevm terminate $id
  undo:  $here/quickstart.sh --down
NEXT
}

others() { as_oneadmin onevm list --no-header --csv -l ID,NAME | grep -v ",$name\$" || true; }

remove_machines() {
    local id rest left=()
    [[ -f $state_dir/paths ]] || return 0 # the first run did not get far
    if ! api_answers >/dev/null 2>&1; then
        note "oned does not answer; its machines are ended by libvirt"
    else
        rest=$(others)
        [[ -z $rest || $force == yes ]] ||
            fail "oned holds machines of yours (${rest//$'\n'/; }): terminate them, or --down --force"
        mapfile -t left < <(as_oneadmin onevm list --no-header --csv -l ID | tr -d ' ')
        for id in "${left[@]}"; do as_oneadmin onevm terminate --hard "$id" || true; done
        for id in "${left[@]}"; do
            as_oneadmin onevm wait "$id" --state DONE --timeout 60 || true
        done
        note "${#left[@]} terminated"
    fi
    # What oned could not end, among the domains that carry its names.
    as_oneadmin virsh -q -c qemu:///system list --name 2>/dev/null | grep -E '^one-[0-9]+$' |
        while read -r id; do as_oneadmin virsh -q -c qemu:///system destroy "$id"; done || true
}
