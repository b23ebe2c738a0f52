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

# Like moments, but notes if it fails; where there is nothing to be seen, it does not.
check()
{
	local status=0

	moments "$@" || status=$?
	((status == 0 || status == 77)) || failed=$((failed + 1))
}

# The test finds this mistake of the module, see stale-broken.c.
finds()
{
	local found
	local -a tested=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")

	found=$(WLTEX_BREAK=$1 moments "$2" "$3" 2>&1) && fail "misses a mistake: $1"
	[[ $found == *STALE* ]] || fail "mistake $1 ends otherwise: $found"
}

test()
{
	local failed=0 what

	finds unlooked gl kinds
	finds unlooked pixman kinds
	finds drawn gl kinds
	finds drawn pixman kinds

	for what in destroyed written undone kinds; do
		check gl "$what"
		check pixman "$what"
	done
	# The last of the four buffers of the case is one too many.
	WLTEX_LIMIT_BUFFERS=3 WLTEX_LIMIT_ACTION=refuse check gl promise
	((failed == 0)) || fail "stale pixels"
}

main "$@"
