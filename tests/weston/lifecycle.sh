#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The order of events, see tests/clients/lifecycle.c, and what it looks like in the ledger.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

test()
{
	weston -- "$clients/client-lifecycle"
	expect_clean
	expect no_attach '.commits == 1' '.imports == 1' '.damage_claimed_px == 7000'
	expect recommit '.commits == 6' '.imports == 1' '.reimports == 2' '.reuses == 3' \
		'.redundant_commits == 3'
	expect damage_before '.commits == 2' '.damage_claimed_px == 7002' '.damage_true_px == 7001'
	expect two_surfaces '.imports == 3' '.reimports == 2' '.peak_live_textures == 2' \
		'.peak_fds == 1'
	expect subsurface '.commits == .imports + .reuses' '.peak_live_textures == 2'
	expect sub_destroyed '.commits == 2' '.imports == 2'
	expect gone '.imports == 4' '.peak_live_textures == 3'
	expect async_create '.imports == 1' '.peak_fds == 1'
	expect watched_late '.imports == 1' '.reuses == 1'
}

main "$@"
