#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that let the compositor work for nothing, see tests/clients/attack*.c: beside each of
# them a witness is answered, no hole of a file is filled, and the compositor's memory stays what
# it was. With WLTEX_LONG=1 they are as large as they get, and a table shows the longest time that
# the witness waited, with the module and without.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# Attackers clean up nothing; but Weston does.
[[ ${1-} != --inside ]] || export ASAN_OPTIONS=detect_leaks=0

readonly attacks=(hole bigshm flood_shm flood_dmabuf tilemem walk manysurf pools one_buffer rectangles)

# The size of the long form: ATTACK_SIZE, _COUNT, _COMMITS; and 5 s for the end of the attacker.
declare -rA long_form=(
	[hole]='4095 1 0'
	[bigshm]='2047 1 0'
	[flood_shm]='1024 0 300000'
	[flood_dmabuf]='1024 0 300000'
	[tilemem]='64 20 0'
	[walk]='0 50000 3000'
	[manysurf]='0 50000 5000'
	[pools]='0 200000 20000'
	[one_buffer]='0 20000 5000'
	[rectangles]='0 15000 4'
)
readonly table=(hole bigshm flood_shm flood_dmabuf tilemem walk manysurf pools one_buffer rectangles)

# What an attack may add to what the compositor had at most, in KiB: some thousand surfaces are
# some MiB of Weston's own, each of the files is much larger.
readonly slack_kib=32768

peak_kib()
{
	awk '/^VmHWM:/ { print $2 }' "/proc/$WLTEX_WESTON_PID/status"
}

start_witness()
{
	: >"$scratch/witness"
	"$clients/client-attack" witness >"$scratch/witness" 2>"$scratch/witness.err" &
	witness=$!
	note witness "$witness"
	until_true 20 has_answers 10 || fail "no witness"
}

answers()
{
	wc -l <"$scratch/witness"
}

has_answers()
{
	(($(answers) >= $1))
}

# expect_answers NAME: the witness goes on, whatever the attacker did.
expect_answers()
{
	until_true 30 has_answers $(($(answers) + 10)) || fail "the witness gets no answer after $1"
}

stop_witness()
{
	kill "$witness"
	wait "$witness" 2>/dev/null || true
	[[ ! -s $scratch/witness.err ]] || fail "the witness: $(<"$scratch/witness.err")"
}

# beside NAME
beside()
{
	local witness peak fds

	# What Weston and Mesa take once is taken before.
	flip warm-up --frames 5
	fds=$(settled_fds)
	start_witness
	peak=$(peak_kib)
	"$clients/client-attack" "$1" </dev/null >"$scratch/attack" 2>"$scratch/attack.err" ||
		fail "$1: $(<"$scratch/attack.err")"
	expect_answers "$1"
	flip beside --frames 5
	! is_plain || (($(peak_kib) <= peak + slack_kib)) ||
		fail "$1: the compositor had $peak KiB at most before, and $(peak_kib) KiB since"
	stop_witness
	expect_fds "$fds" "$1"
}

check_attack()
{
	rm -f "$scratch"/pid.*
	weston -- beside "$1"
	expect_clean
	expect beside '.imports == 5' '.refused == 0' '.failures == 0'
	echo "# $1: $(wc -l <"$scratch/witness") answers"
}

# An honest client, whose promise for a commit that is refused must not be believed of another.
check_promise()
{
	WLTEX_LIMIT_BUFFERS=2 WLTEX_LIMIT_ACTION=refuse weston -- "$clients/client-attack" promise
}

# Whoever reads the log reads text.
check_inject()
{
	local name

	for name in 0 1 2 3 4; do
		ATTACK_NAME=$name WLTEX_LIMIT_BUFFERS=2 weston -- "$clients/client-attack" inject </dev/null
		expect_log 'is over limit-buffers'
		! LC_ALL=C grep -q '[^[:print:][:space:]]' <(grep -a wltex: "$log" | tr -d '\200-\377') ||
			fail "name $name gets into the log as it is: $(grep -a wltex: "$log" | cat -v)"
	done
}

is_holding()
{
	grep -q holding "$scratch/attack"
}

# The attacker is seen by who asks for the state.
look_at_state()
{
	mkfifo "$scratch/hold"
	"$clients/client-attack" state <>"$scratch/hold" >"$scratch/attack" 2>"$scratch/attack.err" &
	until_true 60 is_holding || fail "state: $(<"$scratch/attack.err")"
	"$wltex" top --once --json --interval 0.05 |
		jq -e "any(.clients[]; .pid == $!)" >/dev/null || fail "the attacker is invisible"
	kill $!
}

check_state()
{
	weston -- look_at_state
}

# drawn NAME
drawn()
{
	"$tests/headless-weston" --no-wltex --log "$log" \
		--module "$WLTEX_BUILD/tests/weston/stale-broken.so" -- \
		"$clients/client-attack" "$1" </dev/null
}

# What is drawn is looked at where that takes little time and fills no hole; and this would find
# the mistakes of stale-broken.c.
check_drawn()
{
	drawn drawn_large
	(($(count_looks) == 0)) || fail "drawn_large: $(count_looks) looks"
	drawn drawn_columns
	(($(count_looks) == 0)) || fail "drawn_columns: $(count_looks) looks"
	WLTEX_BREAK=budget drawn drawn_large
	(($(count_looks) > 0)) || fail "misses a mistake: budget"
	drawn drawn_hole
	! WLTEX_BREAK=hole drawn drawn_hole >"$scratch/found" 2>&1 || fail "misses a mistake: hole"
	grep -q attack_count_blocks "$scratch/found" || fail "hole: $(<"$scratch/found")"
}

measure()
{
	local witness

	start_witness
	"$clients/client-attack" "$1" </dev/null >"$scratch/attack" 2>&1 || true
	# The end of its connection is part of it.
	expect_answers "$1"
	stop_witness
}

# longest NAME [OPTION OF HEADLESS-WESTON]...: in milliseconds
longest()
{
	local name=$1 size count commits

	shift
	read -r size count commits <<<"${long_form[$name]}"
	ATTACK_SIZE=$size ATTACK_COUNT=$count ATTACK_COMMITS=$commits weston "$@" -- measure "$name" >&2
	sort -n "$scratch/witness" | tail -n 1
}

print_table()
{
	local name

	echo '# longest wait for an answer, in ms, with the module and without:'
	for name in "${table[@]}"; do
		printf '# %-14s %10s %10s\n' "$name" "$(longest "$name")" "$(longest "$name" --no-wltex)"
	done
}

test()
{
	local name

	for name in "${attacks[@]}"; do
		check_attack "$name"
	done
	check_drawn
	check_state
	check_promise
	check_inject
	[[ -z ${WLTEX_LONG-} ]] || print_table
}

main "$@"
