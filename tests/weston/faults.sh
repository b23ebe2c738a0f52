#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each call of the module that can fail is made to, in a running Weston and at its start:
# memory, fds, EGL, GL, libwayland. Nothing is left of it, others are served, and nothing
# that is shown is ever stale. Some of the calls, others each time; all with WLTEX_LONG=1,
# which takes minutes.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# faulty_weston COMMAND...
faulty_weston()
{
	WLTEX_SNAPSHOT=true "$tests/headless-weston" --no-wltex --size 256x256 --refresh 500000 \
		--module "$WLTEX_BUILD/tests/weston/faults.so" --log "$log" \
		--first-module "$WLTEX_BUILD/tests/weston/repaint.so" -- "$@"
}

# A Weston whose n-th call fails while it starts: it says so and ends, or does without.
start()
{
	local status=0

	FAULT_TURN=$1 "$clients/client-faults" arm >/dev/null
	faulty_weston "$clients/client-faults" report >"$scratch/report" 2>"$scratch/error" ||
		status=$?
	((status == 0 || status == 99)) || { cat "$scratch/error"; fail "call $1: status $status"; }
	if grep -E 'killed by|did not|ASan found' "$scratch/error"; then
		cat "$scratch/error" "$log" >&2
		fail "call $1 at the start"
	fi
	((status == 0)) || refused=$((refused + 1))
}

starts()
{
	local calls step turn refused=0 n=0

	start 0
	calls=$(sed -n 's/^FAULT \([0-9]*\) .*/\1/p' "$scratch/report")
	((calls > 20)) || fail "only $calls calls at the start"
	step=1
	[[ -n ${WLTEX_LONG-} ]] || step=$((calls / 12))
	for ((turn = 1 + RANDOM % step; turn <= calls; turn += step)); do
		start "$turn"
		n=$((n + 1))
	done
	echo "# $n of $calls calls failed at the start, $refused of which ended it with a message"
	((refused > 0)) || [[ -z ${WLTEX_LONG-} ]] || fail "no failure was ever reported"
}

test()
{
	local repaints stale uploads stale_uploads

	export WLTEX_FAULTS=$scratch/faults WLTEX_REPAINT_REPORT=$scratch/repaints
	truncate -s 4096 "$WLTEX_FAULTS"
	faulty_weston "$clients/client-faults" sessions
	read -r repaints stale uploads stale_uploads _ <"$WLTEX_REPAINT_REPORT"
	echo "# $repaints repaints, $uploads uploads"
	((repaints > 100 && uploads > 20)) || fail "hardly anything was shown"
	if ((stale > 0 || stale_uploads > 0)); then
		grep -B 1 '^.*stale ' "$log" >&2
		fail "$stale stale repaints, $stale_uploads stale uploads"
	fi
	starts
}

main "$@"
