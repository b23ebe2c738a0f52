#!/bin/bash
# SPDX-License-Identifier: MIT
#
# frames.sh NAME: of a client that commits the same picture and claims all of it a compositor presents no
# new frame under `wltex run`, and each commit's frame callback comes. FRAMES_COMMITS is their number.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

name=$1
need "$name"

# count COMMAND...: set commits and frames
count()
{
	local status=0

	start "$name" "$@"
	# shellcheck disable=SC2024 # the folder is of this user
	as "$clients/client-frames" same >"$scratch/frames" 2>&1 || status=$?
	((status != 77)) || skip "$name: $(<"$scratch/frames")"
	((status == 0)) || fail "$(<"$scratch/frames")"
	stop
	read -r commits _ frames _ <"$scratch/frames"
	echo "$name${1:+ under wltex run}: $(<"$scratch/frames")"
}

count
((frames * 4 > commits * 3)) || fail "there is nothing to be saved"
count "$wltex" run --
# One may be of what was before.
((frames <= 1)) || fail "of nothing that is new"
