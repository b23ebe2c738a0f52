# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the tests of the module share. A test script defines functions and ends with
#
#	main "$@"
#
# which calls the function "test". That starts Westons with "weston", each of which runs a
# function of the same script inside, in a process of its own.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${WLTEX_BUILD:=$tests/../build}"
export WLTEX_BUILD
# shellcheck disable=SC2034 # for the scripts
clients=$WLTEX_BUILD/tests/clients
wltex=$WLTEX_BUILD/plugin/cli/wltex

fail()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# weston [OPTION OF HEADLESS-WESTON]... -- FUNCTION [ARGUMENT]...
# Leaves the ledger in $stats and the log in $log.
weston()
{
	local -a options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	"$tests/headless-weston" --stats "$stats" --log "$log" ${options[@]+"${options[@]}"} -- \
		bash "$0" --inside "$@"
}

# --- Inside a Weston.

# note NAME PID: from now on the client can be found in the ledger by this name.
note()
{
	echo "$2" >"$scratch/pid.$1"
}

# run NAME COMMAND...: run a client until it ends, and note it.
run()
{
	local name=$1 pid

	shift
	"$@" >"$scratch/out.$name" 2>"$scratch/err.$name" &
	pid=$!
	note "$name" "$pid"
	wait "$pid" || { cat "$scratch/err.$name" >&2; fail "$name ended with status $?"; }
}

# flip NAME [OPTION]...
flip()
{
	local name=$1

	shift
	run "$name" "$wltex" flip --allocator "${WLTEX_TEST_MEMORY:-memfd}" "$@"
}

# until_true SECONDS COMMAND...: returns whether it came true.
until_true()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.02
	done
}

# Fds of the compositor that are no client's memory, and those that are.
count_fds()
{
	local fd target n=0 memory=0

	for fd in "/proc/$WLTEX_WESTON_PID/fd"/*; do
		target=$(readlink "$fd") || continue
		case $target in
		*memfd:wltex-*|*/dmabuf:*) memory=$((memory + 1)) ;;
		*) n=$((n + 1)) ;;
		esac
	done
	echo "$n $memory"
}

# Print the count of fds once it stays: a client that is gone takes a moment.
settled_fds()
{
	local before now

	now=$(count_fds)
	until [[ $now == "${before-}" ]]; do
		before=$now
		sleep 0.1
		now=$(count_fds)
	done
	echo "$now"
}

# has_fds OTHERS MEMORY
has_fds()
{
	local others memory

	read -r others memory < <(count_fds)
	((others == $1 && memory <= $2))
}

# expect_fds BEFORE WHAT [MEMORY]: the compositor's count of fds comes back to what
# settled_fds printed. llvmpipe's scenes keep the memory that they drew last, a few at most;
# of clients that are still there are more.
expect_fds()
{
	until_true 10 has_fds "${1% *}" "${3:-4}" && return
	ls -l "/proc/$WLTEX_WESTON_PID/fd" >&2
	fail "the compositor has $(count_fds) fds (others, clients' memory), not $1 as before: $2"
}

# Whether memory can be compared: no tool keeps what was freed.
is_plain()
{
	[[ -z ${WLTEX_WESTON_WRAPPER-} && -z $(asan_runtime) ]]
}

# Print the ASan runtime that the module needs, if it was built with that.
asan_runtime()
{
	ldd "$WLTEX_BUILD/plugin/weston/wltex.so" | awk '$1 ~ /^libasan/ { print $3 }'
}

# start_weston LOG DISPLAY: one more compositor in the same runtime directory; $pid.
start_weston()
{
	: >"$1"
	env LD_PRELOAD="$(asan_runtime)" ASAN_OPTIONS=detect_leaks=0 \
		weston --backend=headless --renderer=pixman --shell=kiosk --no-config \
		--idle-time=0 --socket="$2" --modules="$WLTEX_BUILD/plugin/weston/wltex.so" \
		>"$1" 2>&1 &
	pid=$!
	until_true 20 grep -q "no GL renderer" "$1" || { cat "$1" >&2; fail "no second Weston"; }
}

# --- After it.

# What must hold for a part of the ledger that is at rest.
readonly clean='.imports + .reimports == .destroys and .live_textures == 0 and
	.live_bytes == 0 and .fds == 0 and
	.commits == .imports + .reimports + .uploads + .reuses + .refused + .failures + .not_asked'

# expect NAME FILTER...: these jq filters hold for the client's part of the ledger, or for
# all of it with the name "total". A client was noted, or has that name itself.
expect()
{
	local name=$1 program='' wrong i

	shift
	if [[ $name == total ]]; then
		program='del(.clients)'
	elif [[ -e $scratch/pid.$name ]]; then
		program=".clients[] | select(.pid == $(<"$scratch/pid.$name"))"
	else
		program=".clients[] | select(.name == \"$name\")"
	fi
	program="[$program] | if length == 1 then .[0] else error(\"not in the ledger\") end"
	for i in $(seq 0 $(($# - 1))); do
		program+=" | (if ${*:i+1:1} then . else error(\"not \(\$ARGS.positional[$i]): \(.)\") end)"
	done
	wrong=$(jq "$program" "$stats" --args "$@" 2>&1 >/dev/null) ||
		fail "$name: $wrong"
}

count_looks()
{
	sed -n 's/^content was looked at \([0-9]*\) times$/\1/p' "$log"
}

# The whole is at rest, and so is every client in it.
expect_clean()
{
	expect total "$clean"
	jq -e "all(.clients[]; .live == false and ($clean))" "$stats" >/dev/null ||
		fail "not all is gone: $(jq -c "[.clients[] | select($clean | not)]" "$stats")"
}

expect_log()
{
	grep -qE -- "$1" "$log" || { grep wltex: "$log" >&2; fail "no line in the log: $1"; }
}

expect_no_log()
{
	! grep -E -- "$1" "$log" >&2 || fail "a line in the log: $1"
}

main()
{
	if [[ ${1-} == --inside ]]; then
		# What is preloaded is for Weston.
		unset LD_PRELOAD
		shift
		"$@"
		return
	fi
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/wltex-test.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	export scratch
	stats=$scratch/stats.json log=$scratch/weston.log
	if (($# > 0)); then
		"$@"
	else
		test
	fi
}
