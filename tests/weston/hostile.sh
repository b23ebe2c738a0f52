#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Hostile clients, see tests/clients/hostile.c. After each of them the compositor has its fds
# back and shows what others send.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

readonly cases=(fds edges never_offered planes_overlap truncated truncated_meanwhile
	disconnect_everywhere destroyed_in_every_order ids_reused_at_once flood_of_params
	flood_of_buffers flood_of_commits deep_tree protocol_twice protocol_churn)

stopped()
{
	local pid

	"$clients/client-hostile" stopped &
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
	for name in "${cases[@]}"; do
		"$clients/client-hostile" "$name" 2>"$scratch/err" ||
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

test()
{
	weston -- hostile
	expect_clean
	expect after '.imports == 3' '.failures == 0' '.refused == 0'
	expect beside '.imports == 10'
}

main "$@"
