#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Looks every tracked file over: format, spelling, scripts, icons, and the rules of CONTRIBUTING.md that a script can see.
#   packaging/lint.sh                  everything but clang-tidy: seconds
#   packaging/lint.sh --fix            lets clang-format rewrite what it finds
#   packaging/lint.sh --tidy [BASE]    clang-tidy too, on the sources that changed since BASE (default: main); minutes
# shellcheck disable=SC2317  # the functions are called by name
set -euo pipefail
# shellcheck source=packaging/lib.sh
source "$(dirname "$0")/lib.sh"

tidy_base="" fix=0
case "${1:-}" in
    "") ;;
    --fix) fix=1 ;;
    --tidy) tidy_base="${2:-main}" ;;
    *) die 64 "Unknown option $1: packaging/lint.sh [--fix | --tidy [BASE]]" ;;
esac

install_missing lint
command -v npm > /dev/null || install_missing npm
failed=0
# check NAME COMMAND…: runs one check and remembers that it failed, so that one run shows all there is to mend.
check() {
    local name="$1"
    shift
    if "$@"; then
        printf 'ok      %s\n' "$name"
    else
        printf 'FAILED  %s\n' "$name"
        failed=1
    fi
}

mapfile -t cpp < <(git ls-files '*.h' '*.cpp')
mapfile -t scripts < <(git ls-files '*.sh' '.ci/run')
mapfile -t cmake < <(git ls-files '*CMakeLists.txt' '*.cmake')
mapfile -t xml < <(git ls-files '*.svg' '*.qrc' '*.ui')

format() { clang-format "${format_mode[@]}" "${cpp[@]}"; }
format_mode=(--dry-run --Werror)
[[ $fix -eq 0 ]] || format_mode=(-i)

spelling() { git ls-files -z ':!LICENSE' ':!resources/samples/*.json' ':!*.svg' ':!*package-lock.json' | xargs -0 codespell --ignore-words packaging/codespell-ignore.txt; }

scripts_clean() { shellcheck --external-sources "${scripts[@]}"; }

xml_parses() { [[ ${#xml[@]} -eq 0 ]] || xmllint --noout "${xml[@]}"; }

# The linter of the contract is no Debian package: npm brings it below build/, exactly as the lock file says, and anew only when that changes.
contract() {
    local home=build/openapi-lint part
    command -v npm > /dev/null || die 69 "npm is not there, and docs/openapi.yaml can't be looked over without it: install Node.js 18 or later with npm."
    if ! cmp -s packaging/openapi-lint/package-lock.json "$home/package-lock.json"; then
        rm -rf "$home" && mkdir -p "$home.new"
        for part in package.json package-lock.json; do
            cp "packaging/openapi-lint/$part" "$home.new/"
        done
        npm ci --prefix "$home.new" --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null \
            || { echo "npm could not install the linter of docs/openapi.yaml. Its own message stands above."; return 1; }
        mv "$home.new" "$home"
    fi
    node packaging/openapi-lint/lint.mjs docs/openapi.yaml "$home"
}

# complain FILES…: prints the files that a rule finds at fault, and fails when there are any.
complain() {
    [[ $# -eq 0 ]] || { printf '  %s\n' "$@" && return 1; }
}

licensed() {
    local bad=() file
    for file in "${cpp[@]}" "${scripts[@]}" "${cmake[@]}"; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || bad+=("$file")
    done
    complain "${bad[@]}"
}

short_enough() {
    local bad=() file
    for file in "${cpp[@]}"; do
        [[ $(wc -l < "$file") -le 600 ]] || bad+=("$file: more than 600 lines")
    done
    complain "${bad[@]}"
}

guarded() {
    local bad=() file
    for file in "${cpp[@]}"; do
        [[ "$file" != *.h ]] || grep -q '^#pragma once' "$file" || bad+=("$file")
    done
    complain "${bad[@]}"
}

# What docs/security.md names as a proof must be a test that runs: `tst_name`, or `tst_name::function`.
proven() {
    local bad=() name test file
    while read -r name; do
        test="${name%%::*}"
        file="$(git ls-files "tests/*/$test.cpp")"
        if [[ -z "$file" ]] || ! git grep -qwE "$test|${test#tst_}" -- 'tests/*CMakeLists.txt'; then
            bad+=("docs/security.md: $test is no test")
        elif [[ "$name" == *::* ]] && ! grep -qE "\bvoid ${name##*::}\(\)" "$file"; then
            bad+=("docs/security.md: $test has no function ${name##*::}")
        fi
    done < <(grep -oE '\btst_[a-z0-9_]+(::[a-zA-Z0-9]+)?' docs/security.md | sort -u)
    complain "${bad[@]}"
}

finished() { ! git grep -nwE 'TODO|FIXME' -- ':!LICENSE' ':!packaging/lint.sh' ':!CONTRIBUTING.md'; }

tidy() {
    local changed=()
    mapfile -t changed < <(git diff --name-only --diff-filter=d "$tidy_base" -- '*.cpp')
    [[ ${#changed[@]} -gt 0 ]] || return 0
    cmake --preset dev > /dev/null && printf '%s\0' "${changed[@]}" \
        | xargs -0 -P "$GANTRY_JOBS" -n 1 clang-tidy -p build/dev --quiet
}

check "format (clang-format)" format
check "spelling (codespell)" spelling
check "scripts (shellcheck)" scripts_clean
check "icons and resource files (xmllint)" xml_parses
check "REST contract (redocly)" contract
check "licence line on top" licensed
check "no source over 600 lines" short_enough
check "#pragma once in headers" guarded
check "proofs of docs/security.md" proven
check "nothing left for later in comments" finished
[[ -z "$tidy_base" ]] || check "clang-tidy on what changed since $tidy_base" tidy
exit "$failed"
