#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wltex record: what it writes is read by tests/weston/read-trace, and compared with the ledger;
# records that are lost, recorders that are killed or stopped, what happened before.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# record NAME [OPTION]...: record in the background.
record()
{
	local name=$1

	shift
	"$wltex" record -o "$scratch/$name.pftrace" "$@" 2>"$scratch/$name.err" &
	recorder=$!
	until_true 20 [ -s "$scratch/$name.pftrace" ] || fail "$name: $(<"$scratch/$name.err")"
}

# decode NAME: the trace as lines of JSON.
decode()
{
	"$tests/weston/read-trace" "$scratch/$1.pftrace" >"$scratch/$1.json" || fail "no trace: $1"
}

# count NAME FILTER: lines of the trace for which it is true.
count()
{
	jq -s "map(select($2)) | length" "$scratch/$1.json"
}

# holds NAME WHAT EXPRESSION: true of the list of all lines.
holds()
{
	jq -es "$3" "$scratch/$1.json" >/dev/null || fail "$1: $2"
}

state()
{
	"$wltex" top --once --json --interval 0.05 | jq "$1"
}

# Three buffers, reused; one held at the end, by a client that is still there.
flip_and_hold()
{
	local status=0

	"$wltex" record -o "$scratch/all.pftrace" -- \
		"$wltex" flip --allocator memfd --frames 60 --no-wait --rate 120 --change tile --damage full \
		--title 'the ü "title"' --app-id app.one >/dev/null 2>"$scratch/all.err" || status=$?
	((status == 0)) || fail "record ended with $status: $(<"$scratch/all.err")"
	record held
	"$wltex" flip --allocator memfd --frames 9 --no-wait --rate 60 --hold >"$scratch/hold" 2>&1 &
	holder=$!
	until_true 20 has_held || fail "the holder does not hold"
	kill -INT "$recorder"
	wait "$recorder" || fail "SIGINT: status $?"
	state ".clients[] | select(.pid == $holder)" >"$scratch/holder"
	kill "$holder"
	wait "$holder" 2>/dev/null || true
}

has_held()
{
	# All of them were drawn, too.
	state ".clients[] | select(.pid == $holder) | [.commits, .damage_claimed_px] == [9, 9 * 65536]" |
		grep -qx true
}

# shellcheck disable=SC2016 # the variables are jq's
check_all()
{
	local imports

	decode all
	imports=$(count all '.type == "instant" and (.name == "imported" or .name == "reimported")')
	((imports == 60)) || fail "$imports imports of 60 commits"
	(($(count all '.type == "begin" and .name == "texture"') == imports)) || fail "textures"
	(($(count all '.type == "begin" and .name == "attached"') == 60)) || fail "commits"
	(($(count all '.type == "begin" and .name == "buffer"') == 3)) || fail "buffers"
	holds all "what began has ended" '[.[] | select(.type == "begin") | .uuid] as $b |
		[.[] | select(.type == "end") | .uuid] as $e | ($b | sort) == ($e | sort)'
	holds all "a flow that ends, and no commit" '[.[] | select(.name == "attached") | .flow[0]] as $f |
		all(.[] | select(.flow_end) | .flow_end[0]; IN($f[]))'
	holds all "flows do not end" '[.[] | select(.flow_end)] | length >= 50'
	holds all "a flow ends twice" '[.[] | .flow_end // empty | .[0]] | length == (unique | length)'
	holds all "each import is of a commit" '[.[] | select(.name == "attached") | .flow[0]] as $f |
		all(.[] | select(.name == "imported") | .flow[0]; IN($f[]))'
	holds all "the tree" 'any(.[] | select(.name == "texture" and .type == "begin");
		(.track | length) == 3 and (.track[1] | startswith("wl_surface@")) and .track[2] == "texture")'
	holds all "names" 'any(.[]; .name == "named" and .title == "the ü \"title\"" and .app_id == "app.one")'
	holds all "clocks" '.[0].clocks == [3, 1, 6] and all(.[] | select(.time); .clock == 3)'
	holds all "the order" '[.[] | select(.time) | .time] | . == sort'
	holds all "tiles" 'any(.[] | select(.name == "damage"); .claimed_px == 65536 and
		.claimed_tiles == "0,0,4,4" and .true_px > 0 and .true_px < 65536 and
		([.true_tiles | split(";")[] | split(",") | map(tonumber) | .[2] * .[3] * 4096] | add) == .true_px)'
	holds all "its end" '.[-1].name == "end"'
	holds all "nothing is lost" 'all(.[]; .name != "lost")'
	# All is gone.
	holds all "counters" '[.[] | select(.type == "counter" and
		(.track[1] | IN("bytes", "buffers", "fds", "textures")))] |
		group_by(.track[1]) | all(.[]; .[-1].value == 0) and length == 4'
}

# The last value of each counter is the ledger's.
check_held()
{
	decode held
	jq -es --slurpfile state "$scratch/holder" '$state[0] as $s |
		def last(name): [.[] | select(.type == "counter" and .track[1] == name)][-1].value;
		last("bytes") == $s.bytes and last("fds") == $s.fds and
		last("textures") == $s.live_textures and last("buffers") == ($s.buffers | length) and
		last("claimed px") == $s.damage_claimed_px and last("true px") == $s.damage_true_px' \
		"$scratch/held.json" >/dev/null || fail "counters are not what the ledger says"
	(($(count held '.type == "begin" and .name == "texture"') == $(jq '.imports + .reimports' "$scratch/holder"))) ||
		fail "other imports than the ledger's"
}

# What was before, and only of whom it is asked.
before()
{
	local pid

	flip one --frames 5 --no-wait --app-id app.one
	flip two --frames 7 --no-wait --app-id app.two
	pid=$(<"$scratch/pid.two")
	"$wltex" record --last -o "$scratch/last.pftrace"
	"$wltex" record --last --pid "$pid" -o "$scratch/pid.pftrace"
	"$wltex" record --last --app-id app.one -o "$scratch/app.pftrace"
	decode last
	decode pid
	decode app
	(($(count last '.name == "attached"') == 12)) || fail "--last"
	(($(count pid '.name == "attached"') == 7)) || fail "--pid"
	# From when it has that app-id.
	(($(count app '.name == "attached"') >= 3 && $(count app '.name == "attached"') <= 5)) ||
		fail "--app-id"
}

# A recorder that does not read loses records, and says so; one that is killed leaves a trace.
careless()
{
	record slow
	kill -STOP "$recorder"
	flip many --frames 600 --no-wait --rate 1000
	kill -CONT "$recorder"
	until_true 20 grep -aq lost "$scratch/slow.pftrace" || fail "nothing is lost"
	kill -TERM "$recorder"
	wait "$recorder" || fail "SIGTERM: status $?"
	grep -q 'records were lost' "$scratch/slow.err" || fail "it does not say so"
	decode slow
	holds slow "how many are lost" 'any(.[]; .name == "lost" and .records > 100)'
	record killed
	flip few --frames 50 --no-wait --rate 1000
	kill -KILL "$recorder"
	wait "$recorder" 2>/dev/null || true
	decode killed
	(($(count killed '.name == "attached"') > 0)) || fail "nothing is there of who was killed"
}

statuses()
{
	local status=0

	"$wltex" record -o "$scratch/x" -- bash -c 'exit 3' || status=$?
	((status == 3)) || fail "a command's 3 is $status"
	# A signal goes to the command, whose end is ours.
	# shellcheck disable=SC2016 # for that bash
	record signalled -- bash -c 'trap "exit 5" TERM; echo >"$1"; while :; do sleep 0.05; done' _ "$scratch/trapped"
	until_true 20 [ -s "$scratch/trapped" ] || fail "the command does not run"
	kill -TERM "$recorder"
	status=0
	wait "$recorder" || status=$?
	((status == 5)) || fail "a command that was terminated is $status"
	status=0
	"$wltex" record -o "$scratch/x" -- /nothing 2>/dev/null || status=$?
	((status == 127)) || fail "no command is $status"
	status=0
	"$wltex" record -o "$scratch/x" -- bash -c 'kill -KILL $$' || status=$?
	((status == 137)) || fail "a killed command is $status"
	! "$wltex" record -o /nothing/x --seconds 1 2>"$scratch/err" || fail "no such folder"
	grep -q '/nothing/x' "$scratch/err" || fail "$(<"$scratch/err")"
	! "$wltex" record -o /dev/full --last 2>"$scratch/err" || fail "a full disk"
}

nothing_noted()
{
	! "$wltex" record -o "$scratch/x" --seconds 1 2>"$scratch/err" || fail "there is nothing"
	grep -q 'record-bytes is 0' "$scratch/err" || fail "$(<"$scratch/err")"
}

test()
{
	weston -- flip_and_hold
	check_all
	check_held
	weston -- before
	WLTEX_RECORD_BYTES=64K weston -- careless
	weston -- statuses
	WLTEX_RECORD_BYTES=0 weston -- nothing_noted
}

main "$@"
