#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every way to a stale pixel that anybody thought of, see tests/clients/stale.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

test()
{
	# Repaints whenever they are due, and only when a picture is asked for.
	twins --size 480x400 -- "${without_leaks[@]}" "$clients/client-stale"
	twins --size 480x400 --refresh 0 -- "${without_leaks[@]}" "$clients/client-stale"
}

main "$@"
