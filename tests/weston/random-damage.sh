#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever clients do, at random, see tests/clients/random-damage.c. WLTEX_LONG=1 does much
# more of it; WLTEX_SEED=N begins with that seed.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

# randomly COMMITS SEEDS [OPTION OF HEADLESS-WESTON]...
randomly()
{
	local commits=$1 seeds=$2

	shift 2
	WLTEX_COMMITS=$commits WLTEX_SEEDS=$seeds \
		twins --size 300x280 "$@" -- "${without_leaks[@]}" "$clients/client-random-damage" random
}

# The test finds this mistake of the module, see stale-broken.c.
finds()
{
	local found

	tested=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")
	found=$(WLTEX_BREAK=$1 randomly 1000 4 --refresh 0 2>&1) && fail "misses a mistake: $1"
	[[ $found == *"pixels differ"* ]] || fail "mistake $1 ends otherwise: $found"
	tested=()
}

test()
{
	local commits=500 seeds=2

	[[ -z ${WLTEX_LONG-} ]] || commits=2000 seeds=40
	finds forget
	finds tile
	finds unknown
	randomly $commits $seeds --refresh 0
	WLTEX_TIMED=1 randomly $((commits / 4)) $seeds --refresh 200000
}

main "$@"
