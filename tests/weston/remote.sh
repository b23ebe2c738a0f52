#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What true damage saves a remote desktop: bytes on the wire. More in tests/bench/remote.sh.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/rdp.sh
. "$(dirname "$0")/rdp.sh"

test()
{
	local change

	rdp_require
	rdp_measure 20 tile none
	for change in tile none; do
		echo "$change: ${without[$change]} bytes without the module, ${with[$change]} with it"
		((with[$change] > 0 && with[$change] * 2 < without[$change])) ||
			fail "$change: not half of the bytes"
	done
}

main "$@"
