#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a client that commits thousands of times a second, and never waits for a frame, costs
# Weston in CPU time (all of its threads) with the module and without, where nobody asks for its
# textures: in turns.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"

usage()
{
	cat <<-END
	Usage: tests/bench/mailbox.sh [--rounds N] [--commits N] [--rate N] [--json]
	Print Weston's CPU time per commit of a 1080p dmabuf with and without the module, the median
	of N rounds (5) of N commits (20000), N a second (10000). Every commit claims all; "nothing"
	and "everything" say what differs from one to the next. There are 60 repaints a second.
	END
}

# measure ROUND WITH: a line of JSON for each case.
measure()
{
	local with=$2 change
	local -a options=()

	$with || options=(--no-wltex)
	for change in nothing everything; do
		weston --size 1920x1080 ${options[@]+"${options[@]}"} -- \
			"$WLTEX_BUILD/tests/bench/bench-mailbox" "$change" |
			jq -c --argjson with "$with" --argjson round "$1" '. + {$with, $round}'
		! $with || check_ledger
	done
}

# lib.sh's, which runs a function of this script inside; here it is a program.
weston()
{
	WLTEX_TEXTURES=auto "$tests/headless-weston" --stats "$stats" --log "$log" "$@"
}

# Nobody asked, so nothing was imported.
check_ledger()
{
	expect total "$clean" '.imports == 0' '.reimports == 0' '.not_asked == .commits' '.commits > 0'
}

compare()
{
	jq -s --arg cpu "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" '
		def median: sort | .[(length - 1) / 2 | floor];
		{$cpu, rows: [group_by(.change)[] | {
			change: .[0].change,
			without_us: [.[] | select(.with | not).us] | median,
			with_us: [.[] | select(.with).us] | median,
			rate: [.[].rate] | median,
			ratio: [group_by(.round)[] | (map(select(.with).us)[0] /
				map(select(.with | not).us)[0])] | median,
		}]}' "$1"
}

bench()
{
	local -a orders=("false true" "true false")
	local rounds=5 json=false round with

	while (($# > 0)); do
		case $1 in
		--rounds) rounds=$2; shift ;;
		--commits) export WLTEX_COMMITS=$2; shift ;;
		--rate) export WLTEX_RATE=$2; shift ;;
		--json) json=true ;;
		--help) usage; return ;;
		*) usage >&2; return 2 ;;
		esac
		shift
	done
	for ((round = 0; round < rounds; round++)); do
		# Another one first in each round.
		for with in ${orders[round % 2]}; do
			measure "$round" "$with"
		done
	done >"$scratch/lines"
	compare "$scratch/lines" >"$scratch/result.json"
	if $json; then
		cat "$scratch/result.json"
		return
	fi
	jq -r '"Weston'\''s CPU time per commit on \(.cpu):"' "$scratch/result.json"
	printf '%-11s %12s %10s %10s %7s\n' change 'without, us' 'with, us' commits/s ratio
	jq -r '.rows[] | [.change, .without_us, .with_us, .rate, .ratio] | @tsv' \
		"$scratch/result.json" |
		while IFS=$'\t' read -r change without with rate ratio; do
			printf '%-11s %12.2f %10.2f %10.0f %7.3f\n' "$change" "$without" "$with" \
				"$rate" "$ratio"
		done
}

main bench "$@"
