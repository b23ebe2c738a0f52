#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Wrong dmabuf parameters of all kinds, see tests/clients/params.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

params()
{
	local fds

	flip first --frames 2
	fds=$(settled_fds)
	"$clients/client-params"
	# Weston 14 forgets the fd of a plane behind a gap, which is one.
	expect_fds "$fds" "clients with wrong parameters"
}

test()
{
	local lines

	weston -- params
	expect_clean
	expect stride_short '.commits == 4' '.refused == 3' '.imports == 1'
	expect plane_beyond '.commits == 1' '.refused == 1' '.peak_fds == 1'
	expect total '.refused == 4'
	expect unsealed '.commits == 10' '.reuses == 1' '.failures == 6'
	expect never_used '.peak_fds == 25'
	expect_log 'wltex: pid [0-9]+: a dmabuf that is not imported: the stride of a plane is short'
	lines=$(grep -c wltex: "$log")
	((lines < 50)) || fail "$lines lines in the log"
}

main "$@"
