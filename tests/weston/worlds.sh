#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Random worlds of clients, legal and illegal, see tests/clients/worlds.c. WLTEX_LONG=1 plays
# more than 100,000 commits on each renderer.
#
#	worlds.sh                             the test
#	worlds.sh worlds lockstep gl 1 200    200 worlds from seed 1; or timed, or pixman
#	worlds.sh minimise lockstep gl 17     the fewest moves after which world 17 differs
#
# For the latter two, what worlds.c says of the environment holds; and in
# WLTEX_TWIN_TESTED_OPTIONS may be options of headless-weston for the side with the module.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

read -ra tested <<<"${WLTEX_TWIN_TESTED_OPTIONS-}"
# shellcheck disable=SC2034 # by twins
control=yes

# play MODE RENDERER CASE [OPTION OF HEADLESS-WESTON]...
play()
{
	local mode=$1 renderer=$2 what=$3 refresh=200000
	local -x WORLDS_AVOID=${WORLDS_AVOID-}

	shift 3
	# Weston 14's pixman renderer reads what a pool's growth has moved away.
	[[ $renderer != pixman ]] || WORLDS_AVOID+=,resize
	if [[ $mode == lockstep ]]; then
		local -x WORLDS_LOCKSTEP=1
		refresh=0
	fi
	twins --size 360x330 --renderer "$renderer" --refresh "$refresh" "$@" -- \
		"${without_leaks[@]}" "$clients/client-worlds" "$what"
}

# worlds MODE RENDERER SEED SEEDS [OPTION OF HEADLESS-WESTON]...
worlds()
{
	local -x WORLDS_SEED=$3 WORLDS_SEEDS=$4

	echo "$1, $2:"
	play "$1" "$2" random "${@:5}"
}

# minimise MODE RENDERER SEED
minimise()
{
	WORLDS_MINIMISE=1 WORLDS_SEED=$3 play "$1" "$2" minimise
}

# on_outputs SCALE SCALE-OF-THE-SECOND SEED SEEDS
on_outputs()
{
	local -x WORLDS_AVOID=${WORLDS_AVOID-}

	printf '[output]\nname=%s\nscale=%d\n' headless "$1" second "$2" >"$scratch/weston.ini"
	# Weston 14 may read a buffer whose pool has grown, where one output waits.
	WORLDS_AVOID+=,resize
	# It leaks its configuration, once an output is in it.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		worlds lockstep gl "$3" "$4" --config "$scratch/weston.ini" \
		--module "$WLTEX_BUILD/tests/weston/outputs.so"
}

# The test finds this mistake of the module, see stale-broken.c.
finds()
{
	local found
	local -a tested=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")

	found=$(WLTEX_BREAK=$1 WORLDS_STOP=1 worlds lockstep gl 1 60 2>&1) &&
		fail "misses a mistake: $1"
	[[ $found == *"worlds are stale"* ]] || fail "mistake $1 ends otherwise: $found"
}

test()
{
	local seed=${WORLDS_SEED:-1} long=1

	[[ -z ${WLTEX_LONG-} ]] || long=30
	# What Weston itself shows wrongly cannot be compared.
	export WORLDS_AVOID=alpha
	finds forget
	finds tile
	finds unknown
	worlds lockstep gl "$seed" $((long * 30))
	worlds lockstep pixman "$seed" $((long * 30))
	on_outputs 1 1 "$seed" $((long * 5))
	on_outputs 2 1 "$seed" $((long * 4))
	worlds timed gl "$seed" $((long * 4))
	worlds timed pixman "$seed" $((long * 4))
}

main "$@"
