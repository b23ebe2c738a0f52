#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever the peers of the control socket do: the compositor stays, takes no memory and
# keeps no fds for it, and serves others.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

peers=$WLTEX_BUILD/tests/weston/control-peers

peer()
{
	"$peers" "$1" >"$scratch/out.$1" 2>&1 || { cat "$scratch/out.$1" >&2; fail "$1"; }
}

# Kilobytes of memory that the compositor has.
memory()
{
	awk '/^VmRSS/ { print $2 }' "/proc/$WLTEX_WESTON_PID/status"
}

all_peers()
{
	local case fds before

	export WLTEX_CONTROL_SOCKET=$XDG_RUNTIME_DIR/wltex.wayland-1.sock
	"$wltex" flip --allocator memfd --frames 0 --buffers 1 --change none --no-wait --size 16x16 \
		>/dev/null 2>&1 &
	note flips $!
	until_true 10 grep -q . <("$wltex" watch --count 1) || fail "no event came"
	fds=$(settled_fds)
	before=$(memory)
	for case in state malformed_lines wrong_ids partial_lines many_requests_at_once longest_line \
		endless_lines only_newlines forty_connections comes_and_goes does_not_read_replies \
		does_not_read_events unsubscribes fds_are_not_taken; do
		peer "$case"
		expect_fds "$fds" "$case" 8
	done
	# What waits for a peer is at most 8 MB. ASan keeps what was freed.
	[[ -n $(asan_runtime) ]] || (($(memory) < before + 40000)) || fail "the compositor grew from $before to $(memory) kB"
	other_user
	# Weston itself leaks what clients have that are there at its end.
	kill "$(<"$scratch/pid.flips")" || fail "the client is gone"
	wait
}

# A peer of another user is refused even where the file would let it in.
other_user()
{
	local wrong

	if (($(id -u) != 0)) || ! command -v setpriv >/dev/null; then
		echo "control: not tried as another user, for lack of root or setpriv"
		return
	fi
	chmod 755 "$XDG_RUNTIME_DIR"
	chmod 666 "$WLTEX_CONTROL_SOCKET"
	# Where that user can reach it.
	cp "$peers" "$XDG_RUNTIME_DIR/peers"
	chmod 755 "$XDG_RUNTIME_DIR/peers"
	wrong=$(cd "$XDG_RUNTIME_DIR" && setpriv --reuid=65534 --regid=65534 --clear-groups \
		./peers another_user 2>&1) || fail "another user: $wrong"
	chmod 600 "$WLTEX_CONTROL_SOCKET"
	chmod 700 "$XDG_RUNTIME_DIR"
	peer state
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

sockets()
{
	local socket=$XDG_RUNTIME_DIR/wltex.wayland-9.sock first

	start_weston "$scratch/weston.first" wayland-9
	first=$pid
	WLTEX_CONTROL_SOCKET=$socket peer state
	[[ $(stat -c %a "$socket") == 600 ]] || fail "mode of the socket"
	# One that lives is not taken over: the same name in another place.
	mkdir -p "$XDG_RUNTIME_DIR/other"
	start_weston "$scratch/weston.second" "$XDG_RUNTIME_DIR/other/wayland-9"
	grep -q "no control socket at" "$scratch/weston.second" ||
		fail "the second took the socket over, or said nothing"
	WLTEX_CONTROL_SOCKET=$socket "$wltex" top --socket "$socket" --once --interval 0.1 >/dev/null ||
		fail "the first one's socket is gone"
	kill -TERM "$pid"
	until_true 10 is_gone "$pid" || fail "the second does not end"
	[[ -S $socket ]] || fail "the second removed the first one's socket"
	WLTEX_CONTROL_SOCKET=$socket peer state
	# The one of a dead compositor is replaced.
	kill -KILL "$first"
	wait "$first" 2>/dev/null || true
	[[ -S $socket ]] || fail "no stale socket to begin with"
	rm -f "$XDG_RUNTIME_DIR/wayland-9"*
	start_weston "$scratch/weston.third" wayland-9
	WLTEX_CONTROL_SOCKET=$socket peer state
	# At the end nothing is left.
	kill -TERM "$pid"
	wait "$pid" || fail "the third ended with status $?"
	[[ ! -e $socket && ! -e $socket.lock ]] || fail "socket or lock are left"
}

test()
{
	weston -- all_peers
	expect_log "control socket: a connection is refused"
	weston -- sockets
}

main "$@"
