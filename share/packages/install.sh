#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh LIST...: installs what is missing of the Debian packages in LIST.txt beside this
# file, and prints the names of what it installed, one a line. Needs root only when something
# is missing. No service is started or restarted by it when the machine does not run systemd.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

missing=()
while read -r package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
        missing+=("$package")
done < <(for list; do grep -hv -e '^#' -e '^$' "$here/$list.txt"; done | sort -u)
((${#missing[@]})) || exit 0

((EUID == 0)) || { echo "not installed, and only root can: ${missing[*]}" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
options=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
apt-get "${options[@]}" update >&2
before=$(mktemp) after=$(mktemp)
trap 'rm -f "$before" "$after"' EXIT
dpkg-query -W -f '${Package}\n' | sort -u >"$before"
apt-get "${options[@]}" install -y --no-install-recommends "${missing[@]}" >&2
dpkg-query -W -f '${Package}\n' | sort -u >"$after"
comm -13 "$before" "$after"
