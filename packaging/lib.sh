# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the scripts of this project share. Sourced, never run; changes into the root of the project.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 70
GANTRY_ROOT="$PWD"
GANTRY_JOBS="${GANTRY_JOBS:-$(nproc)}"
# One compile serves every build folder: paths below the root are hashed relative to it.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$GANTRY_ROOT}" CCACHE_NOHASHDIR=1

# say WORDS…: a headline that stands out from the tools' output.
say() { printf '\n== %s\n' "$*"; }

# die CODE WORDS…: what happened and what to do next, on standard error; CODE follows sysexits.
die() {
    local code="$1"
    shift
    printf '%s\n' "$*" >&2
    exit "$code"
}

# packages SECTION…: the package names of those sections of dependencies.txt, one a line.
packages() {
    local wanted=" $* " section="" line
    while IFS= read -r line; do
        line="${line%%#*}"
        line="${line//[[:space:]]/}"
        case "$line" in
            "") ;;
            \[*\]) section="${line:1:-1}" ;;
            *) [[ "$wanted" != *" $section "* ]] || printf '%s\n' "$line" ;;
        esac
    done < "$GANTRY_ROOT/packaging/dependencies.txt"
}

# missing_packages SECTION…: those of them that are not installed, one a line.
missing_packages() {
    local name
    for name in $(packages "$@"); do
        [[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2> /dev/null)" == installed ]] || printf '%s\n' "$name"
    done
}

# install_missing SECTION…: installs what is missing and touches nothing when nothing is.
install_missing() {
    command -v dpkg-query > /dev/null \
        || die 69 "This is no Debian: install what packaging/dependencies.txt names, then run cmake --preset dev."
    local missing=() as_root=()
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $EUID -ne 0 ]]; then
        command -v sudo > /dev/null \
            || die 77 "Missing packages, and neither root nor sudo: run as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    say "Installing: ${missing[*]}"
    # A mirror that is being updated fails once in a while; the second try finds it whole.
    "${as_root[@]}" apt-get update -q || "${as_root[@]}" apt-get update -q \
        || die 69 "apt-get update failed twice: check the network and /etc/apt, then run this again."
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" < /dev/null \
        || die 69 "apt-get could not install: ${missing[*]}. Its own message stands above."
}

# build PRESET [TARGET…]: configures and builds; all targets when none is named.
build() {
    local preset="$1"
    shift
    local targets=()
    [[ $# -eq 0 ]] || targets=(--target "$@")
    say "Building: preset $preset"
    cmake --preset "$preset" && cmake --build --preset "$preset" -j "$GANTRY_JOBS" "${targets[@]}"
}
