#!/bin/bash
# SPDX-License-Identifier: MIT
#
# cost.sh NAME: what `wltex run` saves a compositor of CPU time, and costs it, with a client that claims
# all of it with each frame. WLTEX_ROUNDS and WLTEX_SECONDS say how much is measured. Prints medians,
# in clock ticks (100 a second, mostly) of the compositor, and their ratio.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

name=$1 rounds=${WLTEX_ROUNDS:-3} seconds=${WLTEX_SECONDS:-5}
need "$name" jq

# What wlroots' headless outputs are, where there is no other way to say it.
size=1280x720
if [[ $name == sway ]]; then
	size=1920x1080
	sed -i "s/resolution .*/resolution $size/" "$scratch/sway.conf"
fi

ticks()
{
	awk '{ print $14 + $15 }' "/proc/$compositor/stat"
}

# measure CHANGE COMMAND...: print the ticks of one run.
measure()
{
	local change=$1 client before

	shift
	start "$name" "$@"
	TILE_SIZE=$size "${user[@]}" "$clients/client-tile" "$change" >/dev/null 2>&1 </dev/zero &
	client=$!
	pids+=("$client")
	# The first frames are of other kinds.
	sleep 1
	before=$(ticks)
	sleep "$seconds"
	echo $(($(ticks) - before))
	kill "$client"
	wait "$client" 2>/dev/null || true
	stop
}

# compare CHANGE: both sides in turn.
compare()
{
	local i

	: >"$scratch/without"
	: >"$scratch/with"
	for ((i = 0; i < rounds; i++)); do
		measure "$1" >>"$scratch/without"
		measure "$1" "$wltex" run -- >>"$scratch/with"
	done
	printf '%-7s %-10s %-8s' "$name" "$size" "$1"
	jq -rn --slurpfile without "$scratch/without" --slurpfile with "$scratch/with" \
		'[$without, $with | sort[length / 2 | floor]] |
		"\(.[0]) \(.[1]) \(.[1] / .[0] * 100 | round / 100)"'
}

for change in tile nothing all exact; do
	compare "$change"
done 2>/dev/null
