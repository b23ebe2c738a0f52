#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Bytes that Weston's RDP backend sends to a real client, with and without the module, for a
# window that claims all of itself each time. Usage: remote.sh; WLTEX_FRAMES says how often.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"
# shellcheck source=tests/weston/rdp.sh
. "$(dirname "$0")/../weston/rdp.sh"

test()
{
	local frames=${WLTEX_FRAMES:-100} change

	rdp_require
	rdp_measure "$frames" tile none full
	echo "Bytes sent by RDP for $frames commits of 640x480 pixels, all of which are claimed:"
	printf '%-12s %12s %12s %7s\n' changes without with ratio
	for change in tile none full; do
		printf '%-12s %12d %12d %7s\n' "$change" "${without[$change]}" "${with[$change]}" \
			"$(awk "BEGIN { printf \"%.2f\", ${with[$change]} / ${without[$change]} }")"
	done
}

main "$@"
