#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compositor.sh COMPOSITOR WLTEX: clients that know nothing of wltex, in a compositor of one's own
# on libwltex-server, and what `wltex top` shows of them.
set -euo pipefail

compositor=$1 wltex=$2
client=weston-simple-shm
command -v $client >/dev/null || { echo "SKIP: no $client"; exit 77; }
command -v jq >/dev/null || { echo "SKIP: no jq"; exit 77; }

scratch=$(mktemp -d "${TMPDIR:-/tmp}/wltex-server.XXXXXX")
pids=()
trap '((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export XDG_RUNTIME_DIR=$scratch WAYLAND_DISPLAY=own WLTEX_STATS=$scratch/stats

fail()
{
	echo "$*"
	exit 1
}

# until_true COMMAND...: within 20 s
until_true()
{
	for ((i = 0; i < 200; i++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

# shows FILTER: of the state, as jq knows it
shows()
{
	"$wltex" top --once --json --interval 0.05 2>/dev/null | jq -e "$1" >/dev/null
}

"$compositor" own >"$scratch/output" &
pids+=($!)
until_true test -S "$scratch/wltex.own.sock" || fail "no control socket"
$client >/dev/null 2>&1 &
pids+=($!)
until_true shows "any(.clients[]; .pid == ${pids[1]} and .name == \"${client:0:15}\" and
	any(.surfaces[]; .commits > 20 and .damage_claimed_px > 0))" ||
	fail "top does not show the client: $("$wltex" top --once --json 2>&1)"
kill "${pids[1]}"
until_true grep -q '^surface [0-9]*: claimed [1-9][0-9]* px, drawn [1-9][0-9]* px$' \
	"$scratch/output" || fail "nothing was drawn: $(<"$scratch/output")"
kill "${pids[0]}"
wait "${pids[0]}" || fail "the compositor ends with $?"
pids=()
jq -e 'any(.clients[]; .name == "weston-simple-s" and .damage_claimed_px > 0)' "$scratch/stats" \
	>/dev/null || fail "the ledger: $(<"$scratch/stats")"
cat "$scratch/output"
