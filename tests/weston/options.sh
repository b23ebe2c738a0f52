#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Section [wltex] of weston.ini and the environment: every option works, and what cannot be
# understood is logged and ignored.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# The kiosk shell of Weston 14 leaks its copy of weston.ini.
with_config()
{
	local ini=$1

	shift
	weston --shell desktop --config "$ini" "$@"
}

flip_once()
{
	flip same --frames 5 --buffers 1 --change none --no-wait
}

# soft_limit PID
soft_limit()
{
	awk '/^Max open files/ { print $4 }' "/proc/$1/limits"
}

# The program that Weston was started with is its child.
print_limits()
{
	local child

	read -r child _ <"/proc/$WLTEX_WESTON_PID/task/$WLTEX_WESTON_PID/children" || true
	echo "$(soft_limit "$WLTEX_WESTON_PID") $(soft_limit "$child")"
}

without_protocol()
{
	flip_once
	! "$wltex" flip --frames 1 --allocator memfd --events 2>"$scratch/events" || return 1
	grep -q wltex_manager_v1 "$scratch/events"
}

config_file()
{
	local ini=$scratch/weston.ini

	printf '%s\n' '[wltex]' "stats=$scratch/own.json" content-sums=false protocol=false \
		log-level=error >"$ini"
	with_config "$ini" -- without_protocol
	expect same '.imports == 1' '.reimports == 4' '.reuses == 0'
	expect_no_log 'wltex: GL ES'
	[[ ! -e $scratch/own.json ]] || fail "the environment does not come before weston.ini"
	# Where nobody says otherwise.
	"$tests/headless-weston" --shell desktop --config "$ini" -- true
	jq -e '.commits == 0' "$scratch/own.json" >/dev/null || fail "stats= in weston.ini"

	WLTEX_CONTENT_SUMS=1 WLTEX_PROTOCOL=true WLTEX_LOG_LEVEL=info \
		with_config "$ini" -- flip_once
	expect same '.imports == 1' '.reuses == 4'
	expect_log 'wltex: GL ES'
	# Which kernel is taken cannot be told from outside.
	expect_log 'wltex: content sums by the kernel [a-z0-9-]*$'
	WLTEX_CONTENT_SUMS=0 weston -- flip_once
	expect same '.reimports == 4'
}

bad_values()
{
	local ini=$scratch/bad.ini

	printf '%s\n' '[wltex]' content-sums=perhaps protocol= log-level=loud \
		raise-fd-limit=TRUE nonsense=1 sum-budget-us=-1 true-damge=1 '[other]' more=1 >"$ini"
	WLTEX_LIMIT_BYTE=1 WLTEX_LIMIT_BYTES=64K WLTEX_LEAK_PARAMS=1K WLTEX_SUM_BUDGET_PERCENT=1000000000000000000000 with_config "$ini" -- flip_once
	expect same '.imports == 1' '.reuses == 4'
	expect_log 'wltex: content-sums=perhaps is neither true nor false: ignored'
	expect_log 'wltex: protocol= is neither true nor false: ignored'
	expect_log 'wltex: raise-fd-limit=TRUE is neither true nor false: ignored'
	expect_log 'wltex: log-level=loud is none of error, warning, info, debug: ignored'
	expect_log 'wltex: leak-params=1K is not a number'
	expect_log 'wltex: weston.ini: there is no option nonsense$'
	expect_log 'wltex: weston.ini: there is no option true-damge; is true-damage meant?'
	expect_log 'wltex: environment: there is no option limit-byte; is limit-bytes meant?'
	expect_log 'over limit-bytes: [0-9]* of 65536'
	expect_no_log 'there is no option more'
	expect_log 'wltex: sum-budget-us=-1 is not a number'
	expect_log 'wltex: sum-budget-percent=1000000000000000000000 is not a number'

	WLTEX_STATS=/nonexistent/stats.json "$tests/headless-weston" --log "$log" -- true
	expect_log 'wltex: the ledger cannot be written to /nonexistent/stats.json: No such file'
	expect_log 'wltex: cannot write the ledger to /nonexistent/stats.json: No such file'
}

fd_limit()
{
	local hard limits

	hard=$(ulimit -Hn)
	if [[ $hard == unlimited ]] || ((hard <= 300)); then
		echo "the limit of open files cannot be tested: it is $hard"
		return
	fi
	ulimit -Sn 300
	limits=$(weston -- print_limits)
	[[ $limits == "$hard 300" ]] || fail "limits of Weston and its child: $limits"
	limits=$(WLTEX_RAISE_FD_LIMIT=false weston -- print_limits)
	[[ $limits == "300 300" ]] || fail "limits, not raised: $limits"
}

loaded_twice()
{
	local module=$WLTEX_BUILD/plugin/weston/wltex.so

	cp "$module" "$scratch/copy.so"
	weston --module "$module" --module "$scratch/copy.so" -- flip_once
	expect same '.commits == 5' '.imports == 1'
	expect_log 'wltex: is loaded already'
	expect_clean
}

test()
{
	config_file
	bad_values
	fd_limit
	loaded_twice
}

main "$@"
