# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Packages and the program itself.

# NUBO_BUILD names a build tree to install from instead of building one here.
build_dir=${NUBO_BUILD:-$source_dir/build/quickstart}

install_packages() {
    local new
    new=$("$here/packages/install.sh" build node guest)
    [[ -n $new ]] || { note "already there"; return; }
    echo "$new" >>"$state_dir/packages"
    note "$(wc -l <<<"$new") installed"
}

build_and_install() {
    local before=none
    [[ ! -f /usr/local/bin/oned ]] || before=$(sha256sum </usr/local/bin/oned)
    if [[ -z ${NUBO_BUILD:-} ]]; then
        [[ -d $build_dir ]] || made build "$build_dir"
        cmake -S "$source_dir" -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=OFF
        cmake --build "$build_dir"
    fi
    cmake --install "$build_dir" --prefix /usr/local
    made install
    cp "$build_dir/install_manifest.txt" "$state_dir/install_manifest.txt"
    if [[ $before == "$(sha256sum </usr/local/bin/oned)" ]]; then note "already there"; else note "installed below /usr/local"; fi
}

uninstall() {
    local dir
    if was_made install; then
        xargs -d '\n' rm -f <"$state_dir/install_manifest.txt"
        # Folders of ours only; /usr/local's own stay.
        while read -r dir; do rmdir -p --ignore-fail-on-non-empty "$dir" 2>/dev/null || true; done < <(
            sed -n 's,/[^/]*$,,p' "$state_dir/install_manifest.txt" | grep /nubo | sort -ur)
        forget install
    fi
    was_made build || return 0
    rm -rf "$(made_value build)"
    forget build
}

installed_packages() {
    [[ -s $state_dir/packages ]] || return 0
    mv "$state_dir/packages" "$log_dir/packages"
    echo "     $(wc -l <"$log_dir/packages") Debian packages that quickstart installed are left; to remove them:"
    echo "     xargs apt-get purge -y <$log_dir/packages"
}
