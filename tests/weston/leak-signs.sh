#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each sign of a leak shows on the client that gives it, from its threshold on and as long as
# it lasts, and on no other.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# signs NAME: the signs of a client that was noted, with commas.
signs()
{
	"$wltex" top --once --json --interval 0.05 |
		jq -r ".clients[] | select(.pid == $(<"$scratch/pid.$1")) | .leak_signs | join(\",\")"
}

has_signs()
{
	[[ $(signs "$1") == "$2" ]]
}

expect_signs()
{
	until_true 20 has_signs "$1" "$2" || fail "$1 shows '$(signs "$1")', not '$2'"
}

has_lines()
{
	[[ -e $scratch/out.$1 ]] && (($(wc -l <"$scratch/out.$1") >= $2))
}

# client NAME CASE FRAMES: start a client; from then on it is told through an fd of its own.
client()
{
	mkfifo "$scratch/in.$1"
	LEAK_FRAMES=$3 ASAN_OPTIONS=detect_leaks=0 "$clients/client-leak" "$2" \
		<>"$scratch/in.$1" >"$scratch/out.$1" 2>"$scratch/err.$1" &
	note "$1" $!
	until_true 20 has_lines "$1" 1 || { cat "$scratch/err.$1" >&2; fail "$1 does not get done"; }
}

# The client mends its ways.
mend()
{
	echo >"$scratch/in.$1"
	until_true 20 has_lines "$1" 2 || { cat "$scratch/err.$1" >&2; fail "$1 does not mend its ways"; }
}

end()
{
	local name

	for name in "$@"; do
		kill "$(<"$scratch/pid.$name")"
		wait "$(<"$scratch/pid.$name")" 2>/dev/null || true
	done
}

all_signs()
{
	"$wltex" flip --allocator memfd --frames 0 --size 64x64 >"$scratch/good" 2>&1 &
	note good $!
	client few_params params 8
	client many_params params 9
	client few_fresh fresh 12
	client many_fresh fresh 13
	expect_signs few_params ''
	expect_signs many_params params-unused
	expect_signs few_fresh ''
	expect_signs many_fresh buffer-per-frame
	mend many_params
	mend many_fresh
	expect_signs many_params ''
	expect_signs many_fresh ''

	# Eight buffers are alive after it, and nine; that each is new counts as well.
	LEAK_FRAMES=8 "$clients/client-leak" leak >/dev/null 2>&1 &
	note few_buffers $!
	LEAK_FRAMES=9 "$clients/client-leak" leak >/dev/null 2>&1 &
	note many_buffers $!
	expect_signs many_buffers buffers-grow
	expect_signs few_buffers ''

	# Weston keeps the last buffer of a surface without content, and so it is not released.
	client unmapped unmapped 1
	expect_signs unmapped buffers-unmapped,not-released
	mend unmapped
	expect_signs unmapped ''

	client gone surface_gone 1
	expect_signs gone buffers-unmapped
	mend gone
	expect_signs gone ''
	expect_signs good ''
	end good few_params many_params few_fresh many_fresh few_buffers many_buffers unmapped gone
}

# Not before its time.
later()
{
	client unmapped unmapped 1
	sleep 1.5
	expect_signs unmapped ''
	end unmapped
}

test()
{
	export WLTEX_LEAK_PARAMS=8 WLTEX_LEAK_BUFFERS=8 WLTEX_LEAK_FRESH_COMMITS=12
	WLTEX_LEAK_SECONDS=1 weston -- all_signs
	expect_clean
	rm "$scratch"/in.*
	weston -- later
	expect_clean
}

main "$@"
