#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sanitize.sh [asan] [tsan]: builds the unit tests with AddressSanitizer and UBSan, then with
# ThreadSanitizer, and runs them (all layers under asan; those with threads under tsan). A report
# of a sanitizer fails the test that made it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# The layers with threads in them; the others are pure (docs/design.md).
threaded='(base|store|drivers|flow|rpc|client|daemon|driver|driver_ssh|driver_dummy)'
presets=("$@")
((${#presets[@]})) || presets=(asan tsan)
. test/support/sanitizer_options.sh

failed=0
for preset in "${presets[@]}"; do
    start=$SECONDS
    log=build/$preset.log
    mkdir -p build
    filter=(-L '^unit$')
    targets=(unit_tests)
    if ! cmake --preset "$preset" >"$log" 2>&1; then
        targets=()
    elif [[ $preset == tsan ]]; then
        filter+=(-R "^$threaded\\.")
        mapfile -t targets < <(ninja -C "build/$preset" -t targets all |
            sed -nE "s,^test/(${threaded}_test): CXX_EXECUTABLE.*,\\1,p")
    fi
    if ((${#targets[@]})) && cmake --build --preset "$preset" --target "${targets[@]}" >>"$log" 2>&1 &&
        ctest --test-dir "build/$preset" "${filter[@]}" -j "$(nproc)" --output-on-failure >>"$log" 2>&1; then
        printf '%-5s %4d s  %s\n' "$preset" $((SECONDS - start)) "$(grep -E 'tests passed' "$log" || echo 'no tests')"
    else
        tail -n 60 "$log"
        printf '%-5s %4d s  failed, see %s\n' "$preset" $((SECONDS - start)) "$log"
        failed=1
    fi
done
exit $failed
