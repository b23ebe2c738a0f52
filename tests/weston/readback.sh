#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Another module draws the textures in gl-renderer's own context: every pixel is what the
# client wrote, and the signals keep their promises.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

readback()
{
	"$clients/client-readback" every_pixel
	flip flips --frames 20 --no-wait
	flip recreate --frames 20 --recreate --no-wait
	flip detach --frames 20 --detach-every 5 --no-wait
	flip abandon --frames 5 --abandon --no-wait
}

test()
{
	weston --module "$WLTEX_BUILD/tests/weston/readback.so" -- readback | tee "$scratch/out"
	expect_log '^\[.*readback: [0-9]+ textures, 0 failures'
	expect_clean
	for format in XR24 AR24 XB24 AB24; do
		grep -q "^compared: $format$" "$scratch/out" || fail "$format was not compared"
	done
	expect readback '.imports == .reimports' '.imports >= 4' '.commits == .imports * 2'
}

main "$@"
