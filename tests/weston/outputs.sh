#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Stale pixels where there is more than one output, or pixels are small: see
# tests/clients/stale-outputs.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

# write_config SCALE SCALE-OF-THE-SECOND
write_config()
{
	printf '[output]\nname=%s\nscale=%d\n' headless "$1" second "$2" >"$scratch/weston.ini"
}

# on_outputs SCALE SCALE-OF-THE-SECOND [OPTION OF HEADLESS-WESTON]... [-- CASE...]
on_outputs()
{
	local -a options=()

	write_config "$1" "$2"
	shift 2
	while (($# > 0)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	twins --size 320x240 --config "$scratch/weston.ini" \
		--module "$WLTEX_BUILD/tests/weston/outputs.so" ${options[@]+"${options[@]}"} -- \
		"${without_leaks[@]}" "$clients/client-stale-outputs" "${@:2}"
}

# The same where an output is repainted only when its picture is asked for.
lazily()
{
	WLTEX_TWIN_LAZY=1 on_outputs "$@" --refresh 0
}

# The same with a mistake, which must be found.
finds()
{
	local found

	tested=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")
	found=$(WLTEX_BREAK=$1 lazily 1 1 2>&1) && fail "misses a mistake: $1"
	[[ $found == *"pixels differ"* ]] || fail "mistake $1 ends otherwise: $found"
	tested=()
}

test()
{
	# Weston 14 leaks its configuration, once an output is in it.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	finds tile
	on_outputs 1 1
	lazily 1 1
	lazily 1 2
	on_outputs 2 1
	WLTEX_TWIN_FORGETS=1 on_outputs 1 1 -- claimed_again_dmabuf claimed_again_shm
	# All other ways, where a pixel of a client is four; under ASan they are run elsewhere.
	is_plain || return 0
	write_config 2 1
	twins --size 480x400 --config "$scratch/weston.ini" -- \
		"${without_leaks[@]}" "$clients/client-stale"
}

main "$@"
