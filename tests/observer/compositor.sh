#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compositor.sh NAME: what `wltex run` shows of clients in a compositor that knows nothing of it,
# and that it leaves the compositor's children alone.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

name=$1 n_clients=20
need "$name" jq

top()
{
	as "$wltex" top --once --json --interval 0.05 2>/dev/null
}

# shows FILTER: of the state, as jq knows it
shows()
{
	top | jq -e "$1" >/dev/null
}

# The bytes of all files that a client holds, each once.
held_bytes()
{
	local fd

	for fd in "/proc/$1/fd"/*; do
		if [[ $(readlink "$fd") == /memfd:wltex-hold* ]]; then
			stat -L -c '%i %s' "$fd"
		fi
	done | sort -u | awk '{ n += $2 } END { print n + 0 }'
}

# Clients that hold memory, and are still.
start_holders()
{
	local i

	holders=()
	mkfifo "$scratch/hold"
	chmod 666 "$scratch/hold"
	for ((i = 0; i < n_clients; i++)); do
		: >"$scratch/client.$i"
		HOLD_SEED=$i "${user[@]}" "$clients/client-hold" shm <>"$scratch/hold" \
			>"$scratch/client.$i" 2>&1 &
		holders+=($!)
	done
	pids+=("${holders[@]}")
	for ((i = 0; i < n_clients; i++)); do
		until_true grep -q holding "$scratch/client.$i" || fail "$(<"$scratch/client.$i")"
	done
}

# Of a pool no fd is held, by whichever wl_shm: it is mapped, or its number is kept.
check_bytes()
{
	local i pid told wanted

	top >"$scratch/top"
	for ((i = 0; i < n_clients; i++)); do
		pid=${holders[i]}
		told=$(jq -r ".clients[] | select(.pid == $pid) | \"\(.name) \(.bytes) \(.fds)\"" \
			"$scratch/top")
		wanted="hold-shm $(held_bytes "$pid") $(sed -n 's/^holding //p' "$scratch/client.$i")"
		[[ $told == "$wanted" ]] || fail "top tells \"$told\", /proc \"$wanted\""
	done
}

# Clients that are killed whatever they are about: of none of them anything is left. The kiosk shell of
# Weston 14 does not live through that, without us either.
check_kills()
{
	local i pid kinds=(tile nothing all exact)

	for ((i = 0; i < n_clients; i++)); do
		"${user[@]}" "$clients/client-tile" "${kinds[i % 4]}" </dev/zero >/dev/null 2>&1 &
		pid=$!
		disown "$pid"
		# At its start, in its first commits, or later.
		sleep "0.0$((i * 7 % 10))"
		kill -KILL "$pid" 2>/dev/null || true
	done
	until_true shows "[.clients[] | select(.name | IN(\"tile\", \"nothing\", \"all\", \"exact\"))] == []" ||
		fail "of clients that were killed something is left"
}

# Some that the compositor ends with itself.
leave_some()
{
	local i

	for ((i = 0; i < 3; i++)); do
		"${user[@]}" "$clients/client-tile" all </dev/zero >/dev/null 2>&1 &
		pids+=($!)
	done
	until_true shows "[.clients[] | select(.name == \"all\" and .shm_commits > 0)] | length == 3" ||
		fail "clients do not start"
}

# One that claims all and changes a tile: its first commits are trimmed in any case.
check_damage()
{
	local pid

	"${user[@]}" "$clients/client-tile" tile </dev/zero >/dev/null 2>&1 &
	pid=$!
	pids+=("$pid")
	until_true shows "any(.clients[]; .pid == $pid and .name == \"tile\" and
		.shm_commits > 8 and .bytes == 3 * 640 * 480 * 4 and
		any(.surfaces[]; .mapped and .role == \"xdg_toplevel\" and .width == 640) and
		.damage_true_px * 4 < .damage_claimed_px * 3)" ||
		fail "of a client: $(top | jq -c ".clients[] | select(.pid == $pid)")"
	kill "$pid" "${holders[@]}"
	until_true shows "all(.clients[]; .name != \"tile\" and .name != \"hold-shm\")" ||
		fail "clients that are gone are still shown"
}

# phoc and cage say how their session ended. A compositor that aborts without us as well is let off.
check_end()
{
	stop
	case $name-$status in
	phoc-1|cage-134|cage-143|*-0) ;;
	*) fail "$name ends with status $status" ;;
	esac
	[[ -e $scratch/stats ]] || { [[ $name == cage ]] && return; } || fail "no ledger"
	jq -e 'all(.clients[] | select(.name | IN("tile", "nothing", "exact", "hold-shm"));
		.live == false and .shm_pools == 0 and .shm_buffers == 0 and .shm_bytes == 0) and
		.peak_shm_bytes > 0' "$scratch/stats" >/dev/null ||
		fail "in the ledger something is left: $(<"$scratch/stats")"
}

start "$name" "$wltex" run --stats="$scratch/stats" --
[[ $(<"$scratch/inherited") == "preload=$(asan_runtime)" ]] ||
	fail "children inherit: $(<"$scratch/inherited")"
grep -q 'observer\.so' "/proc/$compositor/maps" || fail "$name has no observer"
until_true test -S "$XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock" || fail "no control socket"
start_holders
check_bytes
check_damage
[[ $name == weston ]] || check_kills
leave_some
check_end
