#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [--preset dev|release|asan|tsan] [unit] [wire] [integration]
#
# Installs what it needs (as root; otherwise it says what is missing), builds, runs the tests of
# the kinds named (all without a name) and closes with `N passed, N failed[, N skipped]`. Exit
# code 0 when everything that could run passed. What cannot run here is skipped with its reason.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

preset=dev
kinds=()
while (($#)); do
    case $1 in
        --preset) preset=${2:?usage: run.sh --preset NAME}; shift 2 ;;
        unit | wire | integration) kinds+=("$1"); shift ;;
        *) sed -n '3,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
((${#kinds[@]})) || kinds=(unit wire integration)
build=build/$preset
. test/support/sanitizer_options.sh
results=$build/results

step() { # NAME CMD...: one line with the time the command took, its output only when it fails
    local name=$1 log start=$SECONDS
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        printf '%-10s %4d s\n' "$name" $((SECONDS - start))
        rm -f "$log"
    else
        tail -n 60 "$log"
        printf '%-10s %4d s  failed\n' "$name" $((SECONDS - start))
        rm -f "$log"
        echo "0 passed, 1 failed"
        exit 1
    fi
}

step packages share/packages/install.sh build node guest test testbed
step configure cmake --preset "$preset"
step build cmake --build --preset "$preset"

rm -rf "$results"
mkdir -p "$results"
jobs=$(nproc)
for kind in "${kinds[@]}"; do
    start=$SECONDS
    parallel=$jobs
    [[ $kind != integration ]] || parallel=1
    # ctest's exit code says the same as the figures below, which also count what ran inside a suite.
    ctest --test-dir "$build" -L "^$kind\$" -j "$parallel" --no-tests=ignore --output-on-failure \
        --test-output-size-passed 200000 --test-output-size-failed 200000 \
        --output-junit "$PWD/$results/$kind.xml" >"$results/$kind.log" 2>&1 ||
        sed -n '/tests passed,/,$p' "$results/$kind.log"
    printf '%-10s %4d s  (%s)\n' "$kind" $((SECONDS - start)) "$results/$kind.log"
done
test/support/sum_results.py "$results"/*.xml
