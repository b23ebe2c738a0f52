#!/bin/bash
# SPDX-License-Identifier: MIT
#
# headless-weston itself: its exit status tells what happened, and nothing is left behind.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# expect_status STATUS ARGUMENT OF HEADLESS-WESTON...
expect_status()
{
	local expected=$1 status=0

	shift
	"$tests/headless-weston" "$@" >"$scratch/output" 2>&1 || status=$?
	((status == expected)) && return
	cat "$scratch/output" >&2
	fail "status $status, not $expected: $*"
}

expect_output()
{
	grep -q -- "$1" "$scratch/output" || { cat "$scratch/output" >&2; fail "no line: $1"; }
}

# Weston, the command and the runtime directory are gone.
expect_nothing_left()
{
	local left

	left=$(find "$TMPDIR" -mindepth 1 -maxdepth 1)
	[[ -z $left ]] || fail "left behind: $left"
	until_true 10 no_process_left || fail "processes were left behind"
}

no_process_left()
{
	! grep -qz "^XDG_RUNTIME_DIR=$TMPDIR/" /proc/[0-9]*/environ 2>/dev/null
}

command_status()
{
	expect_status 0 -- true
	expect_status 1 -- false
	expect_status 7 -- sh -c 'exit 7'
	expect_status 0 -- sh -c 'sleep 60 &'
	expect_status 127 -- "$scratch/no-such-command"
	# shellcheck disable=SC2016 # expanded inside
	expect_status 137 -- sh -c 'kill -KILL $$'
}

weston_dies()
{
	# Weston may leave no core where the test runs.
	ulimit -c 0
	# shellcheck disable=SC2016 # expanded inside
	expect_status 99 -- sh -c 'kill -SEGV "$WLTEX_WESTON_PID"; sleep 30'
	expect_output 'while the command ran'
	# shellcheck disable=SC2016 # expanded inside
	expect_status 99 -- sh -c 'kill -TERM "$WLTEX_WESTON_PID"; sleep 30'
	expect_output 'ended with status 0 while the command ran'
	expect_status 99 --module "$scratch/no-such-module.so" -- true
	expect_output 'no such file'
	expect_status 99 --module "$0" -- true
	expect_output 'before it was ready'
	expect_status 99 --renderer nonsense -- true
	expect_output 'unknown renderer'
}

ledger()
{
	expect_status 0 --stats "$scratch/ledger.json" -- true
	jq -e '.commits == 0' "$scratch/ledger.json" >/dev/null || fail "no empty ledger"
	expect_status 99 --stats "$scratch/no-such-folder/ledger.json" -- true
}

# stop SIGNAL STATUS: the signal ends the command, Weston and the script.
stop()
{
	local pid status=0
	local -a undo=(env --default-signal="$1")

	# Not every env can; without it, the signals must not be ignored to begin with.
	"${undo[@]}" true 2>/dev/null || undo=()
	(
		trap - "$1"
		# shellcheck disable=SC2016 # expanded inside
		exec ${undo[@]+"${undo[@]}"} "$tests/headless-weston" -- \
			sh -c 'touch "$0"; exec sleep 60' "$scratch/started"
	) >"$scratch/output" 2>&1 &
	pid=$!
	until_true 30 [ -e "$scratch/started" ] || fail "the command was not started"
	rm "$scratch/started"
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	((status == $2)) || { cat "$scratch/output" >&2; fail "status $status after SIG$1"; }
}

test()
{
	export TMPDIR=$scratch/tmp
	mkdir "$TMPDIR"
	command_status
	weston_dies
	ledger
	stop INT 130
	stop TERM 143
	stop HUP 129
	expect_nothing_left
}

main "$@"
