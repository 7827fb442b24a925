#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows Gantry at work: installs what is missing, builds, starts gantryd beside a stand-in payment service, feeds it orders, and opens
# the console. Without a display it prints where the orders ended and writes a picture of the console instead.
# May be run again and again; ends everything that it started.
#   packaging/demo.sh [--orders PATH] [--keep-data DIR] [--seconds N] [--payment-faults SHARE]
#     --orders PATH           a folder with olist_orders_dataset.csv, a folder of JSON files, or one JSON file (default: resources/samples)
#     --keep-data DIR         keep the daemon's data there (default: a new folder, removed at the end)
#     --seconds N             give up waiting for the counts to settle after so long (default: 300)
#     --payment-faults SHARE  share of payment requests that go wrong, 0 to 1 (default: 0.05)
set -euo pipefail
orders="" data="" keep=0 seconds=300 faults=0.05 caller_folder="$PWD"
# shellcheck source=packaging/lib.sh
source "$(dirname "$0")/lib.sh"

usage() { sed -n '3,11s/^# \{0,1\}//p' "$GANTRY_ROOT/packaging/demo.sh"; }

# absolute PATH: seen from where the person called the script.
absolute() { (cd "$caller_folder" && realpath -m "$1"); }

while [[ $# -gt 0 ]]; do
    [[ "$1" == --help || $# -ge 2 ]] || die 64 "$1 needs a value: packaging/demo.sh --help tells more."
    case "$1" in
        --help) usage && exit 0 ;;
        --orders) orders="$(absolute "$2")" ;;
        --keep-data) data="$(absolute "$2")" keep=1 ;;
        --seconds) seconds="$2" ;;
        --payment-faults) faults="$2" ;;
        *) die 64 "Unknown option $1: packaging/demo.sh --help tells which there are." ;;
    esac
    shift 2
done
[[ -z "$orders" || -e "$orders" ]] || die 66 "There is no $orders: give --orders a folder or a file that exists."
[[ "$seconds" =~ ^[0-9]+$ ]] || die 64 "--seconds takes a whole number, not $seconds."

# The tests run it on the build that they have; a person gets the one that is shipped.
preset="${GANTRY_PRESET:-release}"
bin="$GANTRY_ROOT/build/$preset/bin"
shots="$GANTRY_ROOT/build/demo"
pids=()

# stop PID: asks a process to end, and makes it end when it does not.
stop() {
    kill -TERM "$1" 2> /dev/null || return 0
    local try
    for try in {1..150}; do
        kill -0 "$1" 2> /dev/null || break
        sleep 0.1
    done
    [[ $try -lt 150 ]] || kill -KILL "$1" 2> /dev/null || true
    wait "$1" 2> /dev/null || true
}

finish() {
    local i
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        stop "${pids[i]}"
    done
    [[ $keep -eq 1 || -z "$data" ]] || rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start LOG FILE COMMAND…: runs a program in the background and waits until it has written the file that tells it is ready.
start() {
    local log="$1" ready="$2"
    shift 2
    rm -f "$ready"
    "$@" > "$log" 2>&1 &
    local pid=$!
    pids+=("$pid")
    for _ in {1..300}; do
        [[ ! -s "$ready" ]] || return 0
        if ! kill -0 "$pid" 2> /dev/null; then
            tail -n 20 "$log" >&2
            die 70 "$(basename "$1") ended before it was ready; what it said stands above and in $log."
        fi
        sleep 0.1
    done
    die 70 "$(basename "$1") was not ready within 30 seconds; see $log."
}

ctl() { "$bin/gantryctl" --data-dir "$data" "$@"; }

start_services() {
    [[ $keep -eq 1 ]] || data="$(mktemp -d "${TMPDIR:-/tmp}/gantry-demo.XXXXXX")"
    mkdir -p "$data" "$shots"
    say "Starting the payment stand-in and gantryd; data in $data"
    local share twice
    share="$(awk -v all="$faults" 'BEGIN { printf "%.4f", all / 5 }')"
    twice="$(awk -v one="$share" 'BEGIN { print 2 * one }')"
    start "$shots/payment-standin.log" "$data/payment.addr" "$bin/payment-standin" --address-file "$data/payment.addr" \
        --latency-ms 15 --jitter-ms 30 --error "$twice" --declined "$twice" --garbage "$share"
    printf '[payment]\nurl = "http://%s"\n' "$(jq -r .http "$data/payment.addr")" > "$data/demo.toml"
    start "$shots/gantryd.log" "$data/gantryd.addr" "$bin/gantryd" --config "$data/demo.toml" --data-dir "$data" \
        --http 127.0.0.1:0 --commands 127.0.0.1:0 --events 127.0.0.1:0 --workers 127.0.0.1:0
    http="http://$(jq -r .http "$data/gantryd.addr")"
}

# api METHOD PATH [BODY]: one request as the admin; the key travels in a file that only its owner can read.
api() {
    (umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$(cat "$data/admin.key")" > "$data/demo.curl")
    curl --silent --show-error --fail-with-body --config "$data/demo.curl" --request "$1" ${3:+--json "$3"} "$http$2"
}

load_stock() {
    say "Loading stock: resources/samples/stock.json"
    ctl stock import resources/samples/stock.json
}

# import_json FILE: an import that rejects rows tells so by its exit code; the demo goes on and shows what was rejected.
import_json() {
    say "Importing $1"
    ctl import json "$1" || printf '(exit code %s: some were rejected, each named above)\n' "$?"
}

import_orders() {
    local file files=()
    if [[ -z "$orders" ]]; then
        for file in webshop marketplace phone b2b rejected; do
            import_json "resources/samples/$file.json"
        done
    elif [[ -d "$orders" && -e "$orders/olist_orders_dataset.csv" ]]; then
        say "Importing $orders"
        ctl import olist "$orders" || printf '(exit code %s: some rows were rejected, each named above)\n' "$?"
    elif [[ -d "$orders" ]]; then
        mapfile -t files < <(find "$orders" -maxdepth 1 -name '*.json' | sort)
        [[ ${#files[@]} -gt 0 ]] || die 66 "$orders holds neither olist_orders_dataset.csv nor a .json file."
        for file in "${files[@]}"; do
            import_json "$file"
        done
    else
        import_json "$orders"
    fi
}

# counts: how many orders are in each state, on one line; the same line twice means that nothing moved.
counts() { ctl stats --json | jq -r '.orders.by_state | to_entries | map("\(.key) \(.value)") | join("  ")'; }

# busy: whether an order is with a machine, or waits for a machine's next attempt: it stands at such a step and has not failed.
busy() {
    ctl stats --json | jq -e '.orders | (.open_by_step | [.validate, .pay, .allocate] | map(. // 0) | add) as $machine
        | .by_state.received + .by_state.compensating > 0 or $machine > .by_state.failed + .by_state.compensation_failed' > /dev/null
}

watch_until_settled() {
    say "Orders by state, until nothing moves by itself"
    local now last="" until=$((SECONDS + seconds))
    while [[ $SECONDS -lt $until ]]; do
        now="$(counts)"
        [[ "$now" == "$last" ]] || printf '%s  %s\n' "$(date +%T)" "$now"
        last="$now"
        busy || return 0
        sleep 1
    done
    printf 'Still moving after %s seconds; --seconds N waits longer.\n' "$seconds"
}

# work STEP COUNT: does a manual step of so many orders, as a person would, and says how many were done.
work() {
    local id done=0
    for id in $(api GET "/v1/orders?state=waiting&step=$1&limit=$2" | jq -r '.items[].id'); do
        ! api POST "/v1/orders/$id/actions" "{\"action\":\"complete\",\"step\":\"$1\",\"reason\":\"Done by the demo's staff\"}" > /dev/null \
            || done=$((done + 1))
    done
    printf '%s: %s orders\n' "$1" "$done"
}

# Without a display there is nobody to pick and pack, so the script does some of it: the summary then shows every state.
play_staff() {
    say "Playing the warehouse for a while"
    work pick 90
    work pack 70
    work ship 50
}

# bulk ACTION FILTER…: acts on all orders that match and says what came of each; the demo goes on where some did not go as asked.
bulk() {
    local action="$1"
    shift
    ctl bulk "$action" --reason "The demo's support desk" "$@" || printf '(exit code %s: not all went as asked)\n' "$?"
}

# Support mends what went wrong: a payment that failed is tried again, an order that nobody has the goods for is canceled, which pays back.
play_support() {
    say "Support tries the failed payments again"
    bulk retry --state failed --step pay
    say "Support cancels what is out of stock; what was paid is paid back"
    bulk cancel --state failed --code out_of_stock
    watch_until_settled
}

# Which incidents wait for a person, by cause.
show_incidents() {
    ctl list --state failed,compensation_failed --all --json \
        | jq -r '[.items[].incident | "\(.step): \(.code)"] | group_by(.) | map([length, .[0]] | @tsv) | .[]' \
        | sort -rn | awk -F '\t' 'NR == 1 { print "\nINCIDENTS  CAUSE" } { printf "%9d  %s\n", $1, $2 }'
}

take_picture() {
    local picture="$shots/console.png" chosen
    chosen="$(ctl list --state compensation_failed,failed --limit 1 --json | jq -r '.items[0].external_id // empty')"
    rm -f "$picture"
    QT_QPA_PLATFORM=offscreen timeout 60 "$bin/gantry-console" --profile "$data/admin.profile" --screenshot "$picture" \
        --size 1280x800 ${chosen:+--select "$chosen"} > "$shots/console.log" 2>&1 \
        || die 70 "The console could not be drawn; see $shots/console.log."
    say "The console, drawn off-screen: $picture"
}

install_missing build run test
build "$preset" gantryd gantryctl gantry-console payment-standin
start_services
console=""
if [[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]]; then
    say "Opening the console"
    "$bin/gantry-console" --profile "$data/admin.profile" > "$shots/console.log" 2>&1 &
    console=$!
    pids+=("$console")
fi
[[ -n "$orders" ]] || load_stock
import_orders
watch_until_settled
[[ -n "$console" || -n "$orders" ]] || play_support
[[ -n "$console" ]] || play_staff
say "Where the orders ended"
ctl stats
show_incidents
if [[ -n "$console" ]]; then
    say "gantryd serves $http until you close the console (or press Ctrl-C here)"
    wait "$console" || true
else
    take_picture
    printf 'There is no display here; with one, this command opens the console itself.\n'
fi
[[ $keep -eq 0 ]] || printf 'The data stays in %s\n' "$data"
