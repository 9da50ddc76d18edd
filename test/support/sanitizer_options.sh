# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced: what programs built with a sanitizer do with a report (nothing in other builds): they end.
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1
