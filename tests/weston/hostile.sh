#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hostile clients, see tests/clients/hostile.c. After each of them the compositor has its fds
# back and shows what others send.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

readonly cases=(edges never_offered planes_overlap truncated disconnect_everywhere
	destroyed_in_every_order ids_reused_at_once flood_of_params flood_of_buffers
	flood_of_commits deep_tree protocol_twice protocol_churn)

# Mesa 25 leaks memory for each import of an fd that it cannot map for writing: Weston's own
# imports do that too, without the module. A check of the size cannot help where it changes
# right after that.
readonly leaks_in_mesa=(fds truncated_meanwhile)

stopped()
{
	local pid

	ASAN_OPTIONS=detect_leaks=0 "$clients/client-hostile" stopped &
	pid=$!
	until_true 10 grep -q '^State:[[:space:]]*T' "/proc/$pid/status" ||
		fail "the client has not stopped"
	flip beside --frames 10
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
}

hostile()
{
	local fds name

	flip first --frames 3
	fds=$(settled_fds)
	for name in "$@"; do
		ASAN_OPTIONS=detect_leaks=0 "$clients/client-hostile" "$name" 2>"$scratch/err" ||
			fail "$name: $(tail -n 3 "$scratch/err")"
		kill -0 "$WLTEX_WESTON_PID" || fail "Weston died of $name"
		# The ledger forgets who was there long ago.
		flip after --frames 3 --events
		(($(grep -c imported "$scratch/out.after") == 3)) ||
			fail "after $name: $(<"$scratch/out.after")"
		expect_fds "$fds" "$name"
	done
	stopped
	expect_fds "$fds" stopped
}

expect_all()
{
	expect_clean
	jq -e '[.clients[] | select(.name == "wltex") | .imports == 3 or .imports == 10] | all' \
		"$stats" >/dev/null || fail "a client beside a hostile one missed something"
	expect beside '.imports == 10' '.failures == 0' '.refused == 0'
}

test()
{
	weston -- hostile "${cases[@]}"
	expect_all
	ASAN_OPTIONS=detect_leaks=0 weston -- hostile "${leaks_in_mesa[@]}"
	expect_all
}

main "$@"
