#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Weston's DRM backend on a card whose driver takes no buffers of others: whoever comes with
# one is turned away, nothing of it stays, and those with buffers of the card are shown.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/weston/lib.sh
. "$tests/weston/lib.sh"
# shellcheck source=tests/vm/dmabufs.sh
. "$tests/vm/dmabufs.sh"

# turned_away NAME WORDS [OPTION]...: the client says these words and fails.
turned_away()
{
	local name=$1 words=$2 status=0 pid

	shift 2
	"$wltex" flip --frames 6 --buffers 1 --no-wait "$@" >"$scratch/out.$name" 2>"$scratch/err.$name" &
	pid=$!
	note "$name" "$pid"
	wait "$pid" || status=$?
	((status == 1)) && grep -q "$words" "$scratch/err.$name" && return
	cat "$scratch/out.$name" "$scratch/err.$name" >&2
	fail "$name ended with status $status, and not because of: $words"
}

foreign()
{
	local fds memory

	draw_something_else
	fds=$(settled_fds)
	"$wltex" info >"$scratch/info" || true
	for memory in udmabuf dma-heap; do
		# The library's own attempt to import it, in an EGL of its own.
		grep -q "$memory .*not imported: eglCreateImage failed" "$scratch/info" || {
			cat "$scratch/info" >&2
			fail "it does not fail to import a buffer of $memory"
		}
		# A client that is writing when the connection ends may not hear why.
		turned_away "$memory" 'importing the supplied dmabufs failed\|the compositor went away' \
			--allocator "$memory"
		turned_away "$memory-async" 'the compositor did not take the buffer' \
			--allocator "$memory" --async-create
	done
	WLTEX_TEST_EXPORTER=virtio_gpu "$WLTEX_BUILD/tests/vm/client-vgem" contents
	"$WLTEX_BUILD/tests/vm/client-vgem" flips
	draw_something_else
	expect_fds "$fds" "clients with buffers of another device"
}

test()
{
	WLTEX_WESTON_WRAPPER=$tests/vm/drm-backend weston -- foreign
	expect_clean
	for name in udmabuf dma-heap udmabuf-async dma-heap-async; do
		expect $name '.commits == 0' '.imports == 0' '.peak_fds == 1'
	done
	expect contents '.imports == 1' '.reimports == 1' '.reuses == 1'
	expect vgem_flips '.imports == 7' '.destroys == 7' '.peak_live_textures == 1'
	until_true 20 grep -q '^Total 0 objects, 0 bytes' "$dmabuf_list" || {
		cat "$dmabuf_list" >&2
		fail "dmabufs are left behind the compositor"
	}
}

main "$@"
