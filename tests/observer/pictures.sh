#!/bin/bash
# SPDX-License-Identifier: MIT
#
# pictures.sh NAME: at rest a compositor shows the same with and without `wltex run`, of a client
# that claims all and changes a tile, nothing, or all of it; or claims what it changes.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

name=$1
need "$name" grim jq

# picture FILE: once the compositor has drawn, whatever it shows.
picture()
{
	as grim -t ppm "$1"
}

# show CASE FRAMES: a picture of the client at rest.
show()
{
	local output=$scratch/output pid

	: >"$output"
	TILE_FRAMES=$2 "${user[@]}" "$clients/client-tile" "$1" \
		<>"$scratch/hold" >"$output" 2>&1 &
	pid=$!
	pids+=("$pid")
	until_true grep -q 'at rest' "$output" || fail "$1: $(<"$output")"
	picture "$scratch/$side.$1"
	kill "$pid"
	wait "$pid" 2>/dev/null || true
}

# side COMMAND...: all pictures of one side.
side()
{
	side=$1
	shift
	start "$name" "$@"
	for kind in tile nothing all exact; do
		show $kind 40
	done
	stop
}

mkfifo "$scratch/hold"
chmod 666 "$scratch/hold"
side without
side with "$wltex" run --stats="$scratch/stats" --
for kind in tile nothing all exact; do
	cmp "$scratch/without.$kind" "$scratch/with.$kind" || fail "another picture of \"$kind\""
done
# The pictures are of the clients, and there was something to be trimmed.
! cmp -s "$scratch/with.tile" "$scratch/with.nothing" || fail "there is nothing in the pictures"
jq -e '.damage_true_px * 10 < .damage_claimed_px * 9 and .redundant_commits > 10' "$scratch/stats" \
	>/dev/null || fail "nothing was trimmed: $(jq -c . "$scratch/stats")"
