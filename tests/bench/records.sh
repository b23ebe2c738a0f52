#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What it costs Weston to note what happens, and that somebody records it: CPU time of all of its
# threads while clients flip on, each way in turn.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"

usage()
{
	cat <<-END
	Usage: tests/bench/records.sh [--rounds N] [--clients N] [--seconds N] [--json]
	Print Weston's CPU time with N (20) clients that flip 60 times a second, as a ratio to that
	where nothing is noted (record-bytes=0): where it is noted, where wltex record reads it, and
	where wltex watch is sent events. The median of N rounds (5) of N seconds (5) each.
	END
}

# CPU time that the compositor's threads have run so far, in ms.
cpu_ms()
{
	cat "/proc/$WLTEX_WESTON_PID/task"/*/schedstat | awk '{ n += $1 } END { print n / 1e6 }'
}

are_there()
{
	"$wltex" top --once --json --interval 0.05 | jq -e ".clients | length >= $many" >/dev/null
}

# inside CASE: a line of JSON.
inside()
{
	local case=$1 i before after reader='' bytes=0 pids=()

	for ((i = 0; i < many; i++)); do
		"$wltex" flip --allocator memfd --frames 0 --rate 60 --no-wait --size 128x128 \
			>/dev/null 2>&1 &
		pids+=($!)
	done
	until_true 60 are_there || fail "the clients do not come"
	case $case in
	record) "$wltex" record -o "$scratch/trace" 2>"$scratch/record.err" & reader=$! ;;
	watch) "$wltex" watch --json >"$scratch/trace" & reader=$! ;;
	esac
	sleep 1
	before=$(cpu_ms)
	sleep "$seconds"
	after=$(cpu_ms)
	[[ -z $reader ]] || { kill -TERM "$reader"; wait "$reader" || true; }
	kill "${pids[@]}"
	[[ -z $reader ]] || bytes=$(stat -c %s "$scratch/trace")
	jq -nc "{case: \"$case\", ms: ($after - $before), seconds: $seconds, bytes: $bytes}"
}

measure()
{
	local case=$1 bytes=1M

	[[ $case != nothing ]] || bytes=0
	WLTEX_RECORD_BYTES=$bytes WLTEX_TEXTURES=auto weston -- inside "$case"
}

compare()
{
	jq -s --arg cpu "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" '
		def median: sort | .[(length - 1) / 2 | floor];
		(map(select(.case == "nothing"))) as $base |
		{$cpu, rows: [group_by(.case)[] | {
			case: .[0].case,
			ms_per_s: ([.[] | .ms / .seconds] | median),
			bytes_per_s: ([.[] | .bytes / (.seconds + 1)] | median),
			ratio: ([.[] | .round as $r |
				.ms / ($base | map(select(.round == $r))[0].ms)] | median),
		}]}' "$1"
}

bench()
{
	local -a cases=(nothing noted record watch)
	local rounds=5 json=false round i

	export many=20 seconds=5
	while (($# > 0)); do
		case $1 in
		--rounds) rounds=$2; shift ;;
		--clients) many=$2; shift ;;
		--seconds) seconds=$2; shift ;;
		--json) json=true ;;
		--help) usage; return ;;
		*) usage >&2; return 2 ;;
		esac
		shift
	done
	for ((round = 0; round < rounds; round++)); do
		# Another one first in each round.
		for ((i = 0; i < 4; i++)); do
			measure "${cases[(i + round) % 4]}" | jq -c ". + {round: $round}"
		done
	done >"$scratch/lines"
	compare "$scratch/lines" >"$scratch/result.json"
	if $json; then
		cat "$scratch/result.json"
		return
	fi
	jq -r '"Weston'\''s CPU time on \(.cpu):"' "$scratch/result.json"
	printf '%-9s %9s %12s %7s\n' what ms/s 'written, B/s' ratio
	jq -r '.rows[] | [.case, .ms_per_s, .bytes_per_s, .ratio] | @tsv' "$scratch/result.json" |
		while IFS=$'\t' read -r what ms bytes ratio; do
			printf '%-9s %9.1f %12.0f %7.3f\n' "$what" "$ms" "$bytes" "$ratio"
		done
}

if [[ ${1-} == --inside ]]; then
	main "$@"
else
	main bench "$@"
fi
