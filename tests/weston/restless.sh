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

test()
{
	local seed last=4

	[[ -z ${WLTEX_LONG-} ]] || last=100
	for ((seed = 1; seed <= last; seed++)); do
		restless gl "$seed"
		restless pixman "$seed"
	done
}

main "$@"
