#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Pictures over the control socket: whoever does not read one, or only a part, holds up neither
# the compositor nor others, and leaves nothing behind.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

peers=$WLTEX_BUILD/tests/weston/picture-peers

# A window whose picture hardly gets smaller: $PICTURE_PID, $PICTURE_SURFACE.
start_window()
{
	"$wltex" flip --allocator memfd --frames 3 --hold --no-wait --size 600x400 --pattern noise \
		>/dev/null 2>"$scratch/window" &
	export PICTURE_PID=$!
	until_true 20 grep -q holding "$scratch/window" || fail "no window"
	PICTURE_SURFACE=$("$wltex" top --once --json --interval 0.05 |
		jq '.clients[] | select(.pid == (env.PICTURE_PID | tonumber)) | .surfaces[0].id')
	export PICTURE_SURFACE
}

end_window()
{
	kill "$PICTURE_PID"
	wait "$PICTURE_PID" || true
}

threads()
{
	local -a tasks=("/proc/$WLTEX_WESTON_PID/task"/*)

	echo ${#tasks[@]}
}

has_threads()
{
	(($(threads) == $1))
}

pictures()
{
	local case fds before

	start_window
	fds=$(settled_fds)
	before=$(threads)
	for case in whole unread half_read not_taken; do
		"$peers" "$case" >"$scratch/out.$case" 2>&1 || { cat "$scratch/out.$case" >&2; fail "$case"; }
		flip "beside-$case" --frames 3
		until_true 20 has_threads "$before" || fail "$case leaves threads behind: $(threads), not $before"
		expect_fds "$fds" "$case" 14
	done
	end_window
}

# Its holder outlives the compositor.
leave_unread()
{
	start_window
	# shellcheck disable=SC2016 # for the other shell
	PICTURE_CUT=1 setsid bash -c '"$0" cut; echo "status $?"' "$peers" >"$scratch/cut" 2>&1 &
	until_true 20 grep -q waiting "$scratch/cut" || fail "no picture to leave: $(<"$scratch/cut")"
	end_window
}

test()
{
	export WLTEX_SNAPSHOT=true
	weston -- pictures
	expect_clean
	weston -- leave_unread
	expect_clean
	until_true 70 grep -q '^status' "$scratch/cut" || fail "the picture has no end"
	grep -qx 'status 0' "$scratch/cut" || fail "$(<"$scratch/cut")"
}

main "$@"
