#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What weston-debug shows of the module: events while it runs, the state once. And that nobody
# gets pictures where the integrator did not allow it.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

has_state()
{
	timeout 20 weston-debug wltex-state >"$scratch/state" 2>"$scratch/state.err" ||
		fail "wltex-state: status $?: $(<"$scratch/state.err")"
	jq -e --argjson pid "$held" '
		.textures and .total.live_textures == 1 and (.clients | length >= 2) and
		any(.clients[]; .pid == $pid and (.buffers | length == 3) and
			(.surfaces[0].texture.sum | length == 8))' "$scratch/state" >/dev/null
}

follows()
{
	flip follow --frames 1
	grep -q 'imported' "$scratch/events"
}

scopes()
{
	local held events short list expected

	list=$(weston-debug --list 2>&1)
	[[ $(grep -cE '^ *wltex(-state)? ' <<<"$list") == 2 ]] || fail "the scopes are not listed: $list"
	"$wltex" flip --allocator memfd --frames 6 --hold --no-wait >/dev/null 2>&1 &
	held=$!
	until_true 20 has_state || fail "wltex-state: $(<"$scratch/state")"

	weston-debug wltex >"$scratch/events" 2>/dev/null &
	events=$!
	until_true 20 follows || fail "no events: $(<"$scratch/events")"
	flip short --frames 3 --buffers 1 --change none
	short=$(<"$scratch/pid.short")
	until_true 10 grep -q "$short.*destroyed" "$scratch/events" || fail "not all events came"
	for expected in '1 imported' '2 reused'; do
		(($(grep -c "$short.*: ${expected#* } attached, sum [0-9a-f]\{8\}" "$scratch/events") == \
			${expected% *})) || fail "not $expected: $(grep "$short" "$scratch/events")"
	done

	"$wltex" snapshot --directory "$scratch" 2>"$scratch/snapshot" && fail "a picture"
	grep -q 'switched off' "$scratch/snapshot" || fail "snapshot: $(<"$scratch/snapshot")"
	kill "$events" "$held"
	wait "$events" "$held" || true
}

has_state_in_log()
{
	grep -s '^{"state": 1' "$scratch/early.log" | jq -e '.clients == [] and .total.commits == 0' >/dev/null
}

# Weston's command line subscribes before there is anything to show.
early()
{
	local pid

	env LD_PRELOAD="$(asan_runtime)" ASAN_OPTIONS=detect_leaks=0 \
		weston --backend=headless --renderer=pixman --shell=kiosk --no-config \
		--idle-time=0 --socket=wayland-9 --logger-scopes=log,wltex-state \
		--modules="$WLTEX_BUILD/plugin/weston/wltex.so" >"$scratch/early.log" 2>&1 &
	pid=$!
	until_true 20 has_state_in_log || fail "no state in the log: $(tail -n 3 "$scratch/early.log")"
	kill -TERM "$pid"
	wait "$pid" || fail "Weston ended with status $?"
}

test()
{
	command -v weston-debug >/dev/null || { echo "SKIP: no weston-debug"; exit 77; }
	weston --debug -- scopes
	expect_clean
	weston -- early
}

main "$@"
