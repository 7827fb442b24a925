#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the fuzzers of tests/fuzz and runs each for some seconds, several at once, from the corpus in the tree. An input that breaks
# something is printed as base64: put it into tests/fuzz/corpus, where every build plays it.
#   packaging/fuzz.sh [SECONDS]     60 unless given
set -euo pipefail
# shellcheck source=packaging/lib.sh
source "$(dirname "$0")/lib.sh"

seconds="${1:-60}"
install_missing build test fuzz
build fuzz fuzzers

found="$GANTRY_ROOT/build/fuzz/found"
mkdir -p "$found"

# fuzz_one NAME: one fuzzer from its corpus; says what it did, or what it found.
fuzz_one() {
    local name="$1" work="$found/$1" code=0
    mkdir -p "$work/corpus"
    (cd "$work" && timeout --kill-after=10 $((seconds + 60)) "$GANTRY_ROOT/build/fuzz/tests/bin/fuzz_$name" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$work/" \
        "$work/corpus" "$GANTRY_ROOT/tests/fuzz/corpus/$name") > "$work/log" 2>&1 || code=$?
    if [[ $code -eq 0 ]]; then
        printf 'ok    %-16s %s\n' "$name" \
            "$(grep -a 'DONE' "$work/log" | tail -1 | tr -s ' \t' ' ' | cut -d' ' -f1,3-8,11-12)"
        return 0
    fi
    printf 'BROKEN %s (exit code %d)\n' "$name" "$code"
    grep -aE 'Broken:|ERROR|runtime error|^ +#[0-9]' "$work/log" | head -n 20
    for input in "$work"/crash-* "$work"/timeout-* "$work"/oom-* "$work"/leak-*; do
        [[ ! -f "$input" ]] || { basename "$input"; base64 "$input"; }
    done
    return 1
}
export -f fuzz_one
export found seconds GANTRY_ROOT

say "Fuzzing: $seconds s each"
find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -printf '%f\n' | sort \
    | xargs -P $((GANTRY_JOBS * 2)) -I{} bash -c 'fuzz_one {}'
