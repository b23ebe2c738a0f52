#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Dmabufs that the GPU sums: what that saves, and that the pictures are right, whenever the GPU
# answers. late-fences.so is the module with a GPU that takes its time.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

late=(--no-wltex --module "$WLTEX_BUILD/tests/weston/late-fences.so")
frames=40
claimed=$((frames * 256 * 256))

flip_frames()
{
	flip flipper --frames $frames --buffers 3 --change tile --damage full
}

# counts METHOD [OPTION OF HEADLESS-WESTON]... -- EXPECTATION...
counts()
{
	local -x WLTEX_SUM_METHOD=$1 WLTEX_TEXTURES=auto
	local -a options=()

	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	"$tests/headless-weston" --stats "$stats" --log "$log" ${options[@]+"${options[@]}"} -- \
		bash "$0" --inside flip_frames
	expect total ".damage_claimed_px == $claimed" "$@"
}

savings()
{
	local little=".damage_true_px <= $claimed * .3" all=".damage_true_px == $claimed"

	counts gpu -- "$little" '.late_verdicts > 0'
	counts gpu "${late[@]}" -- "$little" '.late_verdicts > 0'
	WLTEX_FENCES=never counts gpu "${late[@]}" -- "$all" '.late_verdicts == 0' '.too_late > 0'
	# A software renderer is no GPU, and what is here the processor can read.
	counts auto -- "$little" '.late_verdicts == 0' '.too_late == 0'
	counts off -- "$all" '.late_verdicts == 0'
}

moments()
{
	WLTEX_SUM_METHOD=gpu twins --size 200x160 --refresh 0 -- \
		"${without_leaks[@]}" "$clients/client-moments" "$1"
}

pictures()
{
	local found tested=()

	moments kinds
	WLTEX_SUM_METHOD=gpu WORLDS_LOCKSTEP=1 WORLDS_SEED=1 \
		WORLDS_SEEDS=$((${WLTEX_LONG:+50} + 5)) \
		twins --size 360x330 --refresh 0 -- \
		"${without_leaks[@]}" "$clients/client-worlds" random
	tested=("${late[@]}")
	moments late
	found=$(WLTEX_BREAK=late moments late 2>&1) && fail "misses what is written late"
	[[ $found == *STALE* ]] || fail "it ends otherwise: $found"
}

test()
{
	savings
	pictures
}

main "$@"
