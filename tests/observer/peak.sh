#!/bin/bash
# SPDX-License-Identifier: MIT
#
# peak.sh NAME: 1,000 clients (CROWD_SIZE) with ten surfaces each, idle: memory of the compositor with and
# without `wltex run`, how long `wltex top` takes to tell all of it, and how long the compositor took to
# answer a client meanwhile, at most. Prints one line.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

name=$1
need "$name" jq
export CROWD_SIZE=${CROWD_SIZE:-1000}
ulimit -n "$(ulimit -Hn)"
(($(ulimit -n) >= 3 * CROWD_SIZE)) || skip "too few files may be open"
mkfifo "$scratch/input"
chmod 666 "$scratch/input"

resident()
{
	awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$compositor/status"
}

# measure COMMAND...: set bytes, and ms: of the state, and the longest wait.
measure()
{
	local client before begin i input

	start "$name" "$@"
	before=$(resident)
	: >"$scratch/crowd"
	exec {input}<>"$scratch/input"
	"${user[@]}" "$clients/client-crowd" surfaces <"$scratch/input" >"$scratch/crowd" 2>&1 &
	client=$!
	pids+=("$client")
	until_true grep -q ready "$scratch/crowd" || fail "$(<"$scratch/crowd")"
	bytes=$((($(resident) - before) / CROWD_SIZE / 10))
	begin=$(date +%s%N)
	for ((i = 0; i < 5; i++)); do
		(($# == 0)) || as "$wltex" top --once --json --interval 0.05 >"$scratch/state"
	done
	state_ms=$((($(date +%s%N) - begin) / 5000000 - 50))
	echo >&"$input"
	wait "$client" || fail "$(<"$scratch/crowd")"
	exec {input}>&-
	longest_ms=$(tail -n 1 "$scratch/crowd")
	stop
}

measure
without=$bytes without_ms=$longest_ms
measure "$wltex" run --
jq -e "[.clients[] | select(.name == \"surfaces\")] | length == $CROWD_SIZE and
	all(.[]; (.surfaces | length) == 10)" "$scratch/state" >/dev/null || fail "not all is told"
echo "$name: $((CROWD_SIZE * 10)) surfaces: $bytes bytes each, without $without; state in $state_ms ms;" \
	"longest answer $longest_ms ms, without (and without top) $without_ms ms"
