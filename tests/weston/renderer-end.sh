#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Outputs, and the renderer's EGL display, go while clients still show something: clients that
# stay are served, every texture is destroyed, and Weston ends as it would have.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

module=$WLTEX_BUILD/tests/weston/renderer-end.so

is_holding()
{
	grep -q "holding after 5 frames" "$scratch/holding"
}

hold()
{
	"$wltex" flip --allocator memfd --frames 5 --hold >/dev/null 2>"$scratch/holding" &
	note holding $!
	until_true 20 is_holding || fail "the client does not hold"
}

# Without an output there are no frames to wait for, and no new window finds its size.
flips()
{
	hold
	flip flipping --frames 40 --no-wait --size 128x128
	kill "$(<"$scratch/pid.holding")"
	wait
	# Until Weston has heard of that.
	sleep 1
}

test()
{
	WLTEX_TAKE=outputs weston --module "$module" -- flips
	expect_log 'taken: output'
	expect_clean
	expect flipping '.commits == 40' '.imports == 40'
	expect holding '.imports == 5'
	expect total '.failures == 0'

	# The same module, first. Of clients that are left, Weston itself frees nothing.
	export WLTEX_TAKE=display WLTEX_STATS=$stats
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		"$tests/headless-weston" --no-wltex --log "$log" --module "$module" \
		--module "$WLTEX_BUILD/plugin/weston/wltex.so" -- bash "$0" --inside hold
	expect_log 'taken: display ended'
	expect holding '.live_textures == 1' '.imports == 5'
}

main "$@"
