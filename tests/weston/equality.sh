#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `wltex top` tells of twenty clients' memory is what /proc says of the files that they hold:
# ten with dmabufs, ten with pools of wl_shm.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# "INODE BYTES" of each file that a process holds of those, once for each fd.
list_files()
{
	local fd

	for fd in "/proc/$1/fd"/*; do
		if [[ $(readlink "$fd") == /memfd:wltex-hold* ]]; then
			stat -L -c '%i %s' "$fd"
		fi
	done
}

# The bytes of all files that a client holds, each once.
held_bytes()
{
	list_files "$1" | sort -u | awk '{ n += $2 } END { print n + 0 }'
}

# How many fds the compositor holds of them.
count_held()
{
	awk 'NR == FNR { own[$1] = 1; next } $1 in own { n++ } END { print n + 0 }' \
		<(list_files "$1") <(list_files "$WLTEX_WESTON_PID")
}

start_client()
{
	local i=$1 kind=$2

	: >"$scratch/client.$i"
	HOLD_SEED=$i "$clients/client-hold" "$kind" <>"$scratch/hold" >"$scratch/client.$i" 2>&1 &
	pids+=($!)
	until_true 20 grep -q holding "$scratch/client.$i" || fail "$(<"$scratch/client.$i")"
}

compare()
{
	local i pid told bytes fds held

	"$wltex" top --once --json --interval 0.05 >"$scratch/top"
	for ((i = 0; i < 20; i++)); do
		pid=${pids[i]}
		told=$(jq -r ".clients[] | select(.pid == $pid) | \"\(.bytes) \(.fds)\"" "$scratch/top")
		bytes=$(held_bytes "$pid")
		fds=$(sed -n 's/^holding \([0-9]*\)$/\1/p' "$scratch/client.$i")
		[[ $told == "$bytes $fds" ]] ||
			fail "client $i: top tells \"$told\", /proc \"$bytes $fds\" (bytes, fds)"
		# Weston holds as many as the module does, and so may EGL; it maps pools without one.
		held=$(count_held "$pid")
		((held == 2 * fds || held == 3 * fds)) || fail "client $i: $held fds, not 2 or 3 * $fds"
	done
	jq -r '"# \(.total.shm_pools) pools, \(.total.shm_buffers) buffers of wl_shm, \(.total.fds) fds"' \
		"$scratch/top"
}

is_empty()
{
	"$wltex" top --once --json --interval 0.05 |
		jq -e '.total.shm_pools == 0 and .total.fds == 0' >/dev/null
}

twenty()
{
	local -a pids=()
	local i

	mkfifo "$scratch/hold"
	for ((i = 0; i < 20; i++)); do
		start_client "$i" "$( ((i % 2)) && echo shm || echo dmabuf)"
	done
	compare
	kill "${pids[@]}"
	until_true 20 is_empty || fail "clients that were killed are still there"
}

test()
{
	weston -- twenty
	# The clients were killed: nothing is left.
	expect total '.shm_pools == 0' '.shm_buffers == 0' '.shm_bytes == 0' '.fds == 0' \
		'.peak_shm_bytes > 0'
}

main "$@"
