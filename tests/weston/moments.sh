#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What happens to a buffer at each moment between a commit, the repaint and the next commit, see
# tests/clients/moments.c. Compositors repaint when captured only, so that each moment is known.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

read -ra tested <<<"${WLTEX_TWIN_TESTED_OPTIONS-}"

# moments RENDERER [CASE]
moments()
{
	echo "$1:"
	twins --size 200x160 --renderer "$1" --refresh 0 -- \
		"${without_leaks[@]}" "$clients/client-moments" "${@:2}"
}

test()
{
	local failed=0 what

	for what in destroyed written undone kinds; do
		moments gl "$what" || failed=1
		moments pixman "$what" || failed=1
	done
	# The last of the four buffers of the case is one too many.
	WLTEX_LIMIT_BUFFERS=3 WLTEX_LIMIT_ACTION=refuse \
		moments gl promise || failed=1
	((failed == 0)) || fail "stale pixels"
}

main "$@"
