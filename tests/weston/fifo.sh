#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Commits that wait for each other, see tests/clients/fifo.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

run_client()
{
	run client "$clients/client-fifo"
}

test()
{
	weston -- run_client
	! grep -m 1 '^SKIP' "$scratch/out.client" || exit 77
	expect_clean
	expect queued '.commits == 5' '.imports == 5'
	expect same '.commits == 4' '.imports == 1' '.reuses == 3'
}

main "$@"
