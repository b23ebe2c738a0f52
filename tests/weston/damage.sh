#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Damage in surface coordinates, see tests/clients/damage.c: what is claimed is counted in
# pixels of the buffer (160x100), and only claimed tiles are looked at.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# expect_damage NAME CLAIMED TRUE: beside the first commit, which is all new.
expect_damage()
{
	expect "$1" ".damage_claimed_px == 16000 + $2" ".damage_true_px == 16000 + $3"
}

test()
{
	weston -- "$clients/client-damage"
	expect_clean
	expect_damage plain 6 3
	expect_damage elsewhere 2 1
	expect_damage scale $((4 * 4)) $((4 * 2))
	expect_damage transform_90 6 3
	expect_damage flipped_270 $((6 * 4)) $((3 * 4))
	expect_damage viewport $((4 * 8)) $((2 * 8))
	expect_damage upside_down $((4 + 2 * 4)) $((2 + 4))
	expect_damage changed 2 1
	# All of it twice; only the first tile had changed.
	expect_damage everything 32000 4096
}

main "$@"
