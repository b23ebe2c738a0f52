#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Weston ends while clients still show something: the ledger tells what they held, and after
# that every texture is destroyed all the same.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

is_holding()
{
	grep -q "holding after 5 frames" "$scratch/holding"
}

leave_clients()
{
	"$wltex" flip --allocator memfd --frames 5 --hold >/dev/null 2>"$scratch/holding" &
	note holding $!
	until_true 20 is_holding || fail "the client does not hold"
	"$wltex" flip --allocator memfd --frames 0 --no-wait >/dev/null 2>&1 &
	note busy $!
	sleep 0.3
}

test()
{
	# Weston itself frees nothing of clients that are left.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		weston --module "$WLTEX_BUILD/tests/weston/readback.so" -- leave_clients
	expect holding '.live' '.imports == 5' '.live_textures == 1' '.live_bytes == 256 * 256 * 4' \
		'.fds == 3'
	expect busy '.live' '.imports > 0' '.imports == .destroys + .live_textures'
	expect_log 'readback: [0-9]+ textures, 0 failures'
}

main "$@"
