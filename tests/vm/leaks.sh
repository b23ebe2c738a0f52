#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The kernel's own list of dmabufs: whatever clients do, nothing of theirs stays behind them,
# and nothing at all behind the compositor. And the buffers are what they are meant to be.
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/weston/lib.sh
. "$tests/weston/lib.sh"
# shellcheck source=tests/vm/dmabufs.sh
. "$tests/vm/dmabufs.sh"

# The names of the exporters in the kernel.
declare -A exporters=([udmabuf]=udmabuf [dma-heap]=system)
exporter=${exporters[$WLTEX_TEST_MEMORY]}

# start NAME [OPTION]...: flip in the background; $pid is the client's.
start()
{
	local name=$1

	shift
	"$wltex" flip --allocator "$WLTEX_TEST_MEMORY" "$@" >"$scratch/out.$name" 2>"$scratch/err.$name" &
	pid=$!
	note "$name" "$pid"
}

kill_and_wait()
{
	kill -KILL "$1"
	wait "$1" 2>/dev/null || true
}

# start_holding NAME [OPTION]...: the client has three buffers and shows one of them.
start_holding()
{
	start "$@" --frames 6 --hold --no-wait
	until_true 60 grep -q holding "$scratch/err.$1" || fail "$1 does not hold"
	expect_exporter "$pid" "$exporter"
	expect_exporter "$WLTEX_WESTON_PID" "$exporter"
	(($(count_dmabufs wltex-flip) >= 3)) || fail "the kernel does not list the buffers of $1"
	"$wltex" top --once --json --interval 0.05 |
		jq -e --argjson pid "$pid" --arg exporter "$exporter" --argjson bytes "$(dmabuf_bytes "$pid")" '
			first(.clients[] | select(.pid == $pid)) | .bytes == $bytes and
			(.buffers | length == 3) and all(.buffers[]; .exporter == $exporter)' >/dev/null ||
		fail "the module and the kernel do not agree about the buffers of $1"
}

# hold PID: keep the dmabufs of a process until let_go, also when headless-weston ends all else.
hold()
{
	mkfifo "$scratch/hold"
	setsid "$WLTEX_BUILD/tests/vm/hold" "$1" <>"$scratch/hold" >"$scratch/holding" &
	until_true 20 grep -q '^holding [1-9]' "$scratch/holding" || fail "nothing to hold"
}

let_go()
{
	echo >"$scratch/hold"
}

leaks()
{
	local -a ways=("" --recreate --async-create)
	local i

	flip plain --frames 12 --no-wait
	flip same --frames 12 --buffers 1 --change pixel
	flip recreate --frames 12 --recreate --no-wait
	flip detach --frames 12 --detach-every 3 --no-wait
	flip async --frames 12 --recreate --async-create --no-wait
	expect_no_dmabufs wltex-flip "clients that destroyed everything"
	flip abandon --frames 12 --abandon --no-wait
	flip abandon_new --frames 12 --recreate --abandon --no-wait
	expect_no_dmabufs wltex-flip "clients that destroyed nothing"
	start_holding held
	kill_and_wait "$pid"
	for i in 0 1 2; do
		# shellcheck disable=SC2086 # one option, or none
		start "killed$i" --frames 0 --no-wait --events ${ways[i]}
		until_true 60 grep -q imported "$scratch/out.killed$i" || fail "killed$i shows nothing"
		kill_and_wait "$pid"
	done
	expect_no_dmabufs wltex-flip "clients that were killed"

	# The check itself: buffers that somebody else keeps are seen.
	start_holding control
	hold "$pid"
	kill_and_wait "$pid"
	draw_something_else
	sleep 2
	(($(count_dmabufs wltex-flip) >= 3)) || fail "the check does not see buffers that are held"
}

# A test of the counts beside the kernel's: all of the ledger is at rest.
test()
{
	weston -- leaks
	expect_clean
	expect recreate '.imports == 12' '.destroys == 12' '.peak_live_textures == 1'
	expect abandon_new '.imports == 12' '.destroys == 12'
	expect held '.imports == 6' '.destroys == 6'
	for i in 0 1 2; do
		expect "killed$i" '.imports > 0' '.imports + .reimports == .destroys'
	done
	(($(count_dmabufs) >= 3)) || fail "the list of all does not show buffers that are held"
	! grep -q '^Total 0 objects' "$dmabuf_list" || fail "the total leaves out what is held"
	let_go
	until_true 20 grep -q '^Total 0 objects, 0 bytes' "$dmabuf_list" || {
		cat "$dmabuf_list" >&2
		fail "dmabufs are left behind the compositor"
	}
}

main "$@"
