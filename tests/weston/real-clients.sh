#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that nobody wrote for this: nothing that they show is stale. See repaint-module.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/repaint.sh
. "$(dirname "$0")/repaint.sh"

# How long each of them runs; WLTEX_LONG=1: longer.
duration_s=1
[[ -z ${WLTEX_LONG-} ]] || duration_s=8

# watch NAME [OPTION OF HEADLESS-WESTON]... -- COMMAND...: leaves the counts in $counts.
watch()
{
	local name=$1
	local -a options=()

	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	repaint_watch "${options[@]}" -- for_a_while "$@" || fail "$name failed"
}

# show REPAINTS COMMAND...: at least so many repaints; no pixel is stale, unless it is so
# without the module too.
show()
{
	local least=$1 name=${*:2} found

	shift
	if ! command -v "$1" >/dev/null; then
		echo "$name: not installed"
		return
	fi
	watch "$name" --size 640x480 -- "$@"
	found="${counts[0]} repaints (${counts[1]} stale), ${counts[2]} uploads (${counts[3]} stale)"
	found+=", $(jq -r '"\(.damage_true_px) of \(.damage_claimed_px) px changed"' "$stats")"
	echo "$name: $found"
	((counts[0] >= least)) || fail "$name: ${counts[0]} repaints only"
	is_stale || return 0
	watch "$name" --no-wltex --size 640x480 -- "$@"
	is_stale || fail "$name: $found; see $(tail -n 3 "$log")"
	echo "  without the module too: ${counts[1]} of ${counts[0]}, ${counts[3]} of ${counts[2]}"
}

# The test finds mistakes: those of stale-broken.c.
find_mistakes()
{
	local -a broken=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")

	WLTEX_BREAK=tile watch "a broken module" "${broken[@]}" --size 640x480 -- \
		weston-simple-shm
	((counts[3] > 0)) || fail "misses stale uploads: ${counts[*]}"
	WLTEX_BREAK=tile watch "a broken module" "${broken[@]}" --size 640x480 -- \
		"$wltex" flip --allocator memfd --frames 60 --change tile --damage full
	((counts[1] > 0)) || fail "misses stale pixels: ${counts[*]}"
}

# What follows is run with WLTEX_LONG=1 only.
if_long()
{
	[[ -z ${WLTEX_LONG-} ]] || "$@"
}

test()
{
	local -a damage=(weston-simple-damage --width=500 --height=400)

	find_mistakes
	show 3 weston-simple-shm
	show 3 weston-simple-egl
	if_long show 3 weston-simple-egl -b -o
	show 3 "${damage[@]}"
	show 3 "${damage[@]}" --use-damage-buffer --use-viewport
	if_long show 3 "${damage[@]}" --use-viewport
	if_long show 3 "${damage[@]}" --use-damage-buffer
	if_long show 3 "${damage[@]}" --scale=2
	if_long show 3 "${damage[@]}" --transform=flipped-90
	if_long show 3 "${damage[@]}" --rotating-transform
	if_long show 3 "${damage[@]}" --rotating-transform --use-damage-buffer --scale=3
	show 2 weston-subsurfaces
	if_long show 1 weston-subsurfaces -r 1 -t 1
	show 1 weston-scaler
	if_long show 1 weston-scaler -d
	show 1 weston-transformed
	show 1 weston-flower
	if_long show 2 weston-smoke
	if_long show 1 weston-resizor
	if_long show 2 weston-presentation-shm
	show 2 weston-terminal "--shell=$tests/weston/real-output.sh"
}

main "$@"
