#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that claim what has not changed, while shells and modules change how it is shown: what
# Weston damages itself is drawn, see restless-module.c. WLTEX_LONG=1 does more of it.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

read -ra tested <<<"${WLTEX_TWIN_TESTED_OPTIONS-}"

# restless RENDERER SEED [OPTION OF HEADLESS-WESTON]...
restless()
{
	echo "$1, seed $2:"
	WLTEX_RESTLESS_SEED=$2 twins --size 300x240 --refresh 0 --renderer "$1" \
		--module "$WLTEX_BUILD/tests/weston/restless.so" "${@:3}" -- \
		"${without_leaks[@]}" "$clients/client-restless" restless
}

# fades RENDERER: of windows that a shell opens and closes.
fades()
{
	cat >"$scratch/weston.ini" <<-END
	[shell]
	panel-position=none
	animation=fade
	close-animation=fade
	startup-animation=fade
	locking=false
	background-type=color
	background-color=0xff203040
	END
	echo "$1, fades:"
	twins --size 300x240 --renderer "$1" --shell desktop --config "$scratch/weston.ini" -- \
		"${without_leaks[@]}" "$clients/client-fades" fades
}

test()
{
	local seed last=4

	[[ -z ${WLTEX_LONG-} ]] || last=100
	for ((seed = 1; seed <= last; seed++)); do
		restless gl "$seed"
		restless pixman "$seed"
	done
	# The leaks of Weston's own shell are not ours.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	fades gl
	fades pixman
}

main "$@"
