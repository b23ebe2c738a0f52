#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Buffers of a real device and their fences, see client-vgem.c, and that nothing of them stays.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/weston/lib.sh
. "$tests/weston/lib.sh"
# shellcheck source=tests/vm/dmabufs.sh
. "$tests/vm/dmabufs.sh"

vgem()
{
	local before

	draw_something_else
	before=$(count_dmabufs)
	# Each case is a client of its own, which just goes at its end.
	WLTEX_TEST_EXPORTER=drm "$WLTEX_BUILD/tests/vm/client-vgem"
	WLTEX_TEST_MEMORY=udmabuf flip udmabuf --frames 12 --no-wait
	WLTEX_TEST_MEMORY=auto flip auto --frames 12 --no-wait
	cat "$scratch/err.auto" "$scratch/out.auto"
	draw_something_else
	until_true 20 has_dmabufs "$before" || {
		cat "$dmabuf_list" >&2
		fail "there are more than the $before dmabufs from before"
	}
}

test()
{
	WLTEX_WESTON_WRAPPER=$tests/vm/hide-card weston -- vgem
	expect_clean
	expect contents '.imports == 1' '.reimports == 1' '.reuses == 1'
	expect vgem_flips '.imports == 7' '.destroys == 7' '.peak_live_textures == 1'
	expect pending '.imports == 1' '.reimports == 4' '.reuses == 2'
	expect pending_first '.imports == 1' '.reimports == 1' '.reuses == 1'
	expect pending_gone '.imports == 4' '.destroys == 4'
	expect abandon_pending '.imports == 1' '.destroys == 1'
	expect udmabuf '.imports == 12'
	until_true 20 grep -q '^Total 0 objects, 0 bytes' "$dmabuf_list" || {
		cat "$dmabuf_list" >&2
		fail "dmabufs are left behind the compositor"
	}
}

main "$@"
