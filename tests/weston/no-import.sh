#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Where no textures can be made the module says so in one line and keeps the ledger.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

test()
{
	LD_PRELOAD=$WLTEX_BUILD/tests/weston/no-import.so weston -- \
		"$clients/client-no-import" refused
	expect_log 'wltex: EGL cannot import dmabufs: no textures are made, the ledger is kept'
	expect refused '.commits == 7' '.refused == 7' '.imports == 0' '.peak_fds == 2'
	expect_clean

	weston --renderer pixman -- "$clients/client-no-import" shared_memory
	expect_log 'wltex: no GL renderer: no textures are made, the ledger is kept'
	[[ $(grep wltex: "$log" | grep -vc 'content sums by the kernel') == 1 ]] ||
		fail "more than one line in the log"
	expect total '.commits == 0' '.refused == 0'
	expect_clean
}

main "$@"
