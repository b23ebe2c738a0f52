#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What becomes of buffers that a client flips in every way: the counts of the ledger, and
# no fd is left in the compositor.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# Without --no-wait where a buffer is written again before the compositor could look at it.
flips()
{
	local fds

	flip first --frames 2
	fds=$(settled_fds)
	flip full --frames 300 --buffers 3 --change full --no-wait
	flip none --frames 40 --buffers 1 --change none --no-wait
	flip pixel --frames 40 --buffers 1 --change pixel
	flip tile --frames 20 --buffers 1 --change tile --damage full
	flip recreate --frames 100 --recreate --no-wait
	flip async --frames 50 --recreate --async-create --no-wait
	flip detach --frames 100 --detach-every 10 --no-wait
	flip sum --frames 40 --buffers 1 --change none --content-sum --no-wait
	flip sum_pixel --frames 40 --buffers 1 --change pixel --content-sum --no-wait
	flip padded --frames 20 --buffers 1 --change none --stride-padding 64 --no-wait
	expect_fds "$fds" "clients that destroyed everything"
	flip abandon --frames 20 --abandon --no-wait
	flip abandon_one --frames 20 --buffers 1 --abandon --no-wait
	flip abandon_new --frames 20 --recreate --abandon --no-wait
	expect_fds "$fds" "clients that destroyed nothing"
}

test()
{
	weston -- flips
	expect_clean
	expect full '.commits == 300' '.imports == 300' '.destroys == 300' \
		'.peak_live_textures == 1' '.peak_live_bytes == 256 * 256 * 4' '.peak_fds == 3' \
		'.redundant_commits == 0'
	expect none '.imports == 1' '.reimports == 0' '.reuses == 39' '.redundant_commits == 39'
	# Every fourth change is the very last byte.
	expect pixel '.imports == 1' '.reimports == 39' '.destroys == 40' '.reuses == 0' \
		'.damage_claimed_px == 256 * 256 + 39' '.damage_true_px == .damage_claimed_px'
	expect tile '.imports == 1' '.reimports == 19' \
		'.damage_claimed_px == 20 * 256 * 256' \
		'.damage_true_px == 256 * 256 + 19 * 64 * 64'
	expect recreate '.imports == 100' '.peak_live_textures == 1'
	expect async '.imports == 50' '.peak_live_textures == 1'
	expect detach '.commits == 100' '.imports == 100' '.destroys == 100'
	expect sum '.imports == 1' '.reuses == 39'
	expect sum_pixel '.imports == 1' '.reimports == 39'
	expect padded '.imports == 1' '.reuses == 19'
	expect abandon '.imports == 20'
	expect abandon_one '.imports == 1' '.reimports + .reuses == 19'
	expect abandon_new '.imports == 20'
	expect total '.peak_live_textures == 1' '.failures == 0'
}

main "$@"
