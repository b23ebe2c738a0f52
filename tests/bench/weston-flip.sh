#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a flip costs Weston in CPU time (all of its threads, llvmpipe's too), with the module
# and without it: the same flips, one repaint each, in turns.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"

usage()
{
	cat <<-END
	Usage: tests/bench/weston-flip.sh [--rounds N] [--frames N] [--textures MODE] [--json]
	Print Weston's CPU time per flip with and without the module, the median of N rounds
	(5) of N frames (300) each. Textures are made in the mode auto, as by default; at-commit
	is what it costs where somebody wants them all.
	END
}

sizes=(640x480 1920x1080)
# Name, and options of "wltex flip".
cases=(
	"flip --buffers 3 --change full"
	"tile --buffers 3 --change tile"
	"redraw --buffers 1 --change none --damage full"
)

# Nanoseconds that the compositor's threads have run so far.
cpu_ns()
{
	cat "/proc/$WLTEX_WESTON_PID/task"/*/schedstat | awk '{ n += $1 } END { printf "%.0f\n", n }'
}

# measure SIZE FRAMES: print a line for each case, with its name and the time per flip.
measure()
{
	local size=$1 frames=$2 name options before

	for options in "${cases[@]}"; do
		name=${options%% *}
		read -ra options <<<"${options#* }"
		flip warm-up --size "$size" --frames 30 "${options[@]}"
		before=$(cpu_ns)
		flip measured --size "$size" --frames "$frames" "${options[@]}"
		echo "$size $name $((($(cpu_ns) - before) / frames))"
	done
}

# Compare lines "without|with SIZE CASE NS": an array of objects.
compare()
{
	jq -R -s '
		def median: sort | .[(length - 1) / 2 | floor];
		[split("\n")[] | select(. != "") | split(" ") |
			{with: (.[0] == "with"), size: .[1], case: .[2], us: (.[3] | tonumber / 1000)}] |
		[group_by([.size, .case])[] | {
			size: .[0].size,
			case: .[0].case,
			without_us: [.[] | select(.with | not).us],
			with_us: [.[] | select(.with).us],
		} | . + {
			without_median_us: (.without_us | median),
			with_median_us: (.with_us | median),
		} | . + {ratio: (.with_median_us / .without_median_us)}]' "$1"
}

print_table()
{
	printf '%-10s %-8s %16s %13s %7s\n' size case "without, us" "with, us" ratio
	jq -r '.[] | [.size, .case, .without_median_us, .with_median_us, .ratio] | @tsv' |
		while IFS=$'\t' read -r size name without with ratio; do
			printf '%-10s %-8s %16.1f %13.1f %7.3f\n' "$size" "$name" "$without" "$with" \
				"$ratio"
		done
}

bench()
{
	local rounds=5 frames=300 json=false size round

	export WLTEX_TEXTURES=${WLTEX_TEXTURES:-auto}

	while (($# > 0)); do
		case $1 in
		--rounds) rounds=$2; shift ;;
		--frames) frames=$2; shift ;;
		--textures) WLTEX_TEXTURES=$2; shift ;;
		--json) json=true ;;
		--help) usage; return ;;
		*) usage >&2; return 2 ;;
		esac
		shift
	done
	for size in "${sizes[@]}"; do
		for ((round = 0; round < rounds; round++)); do
			weston --size "$size" --refresh 240000 --no-wltex -- measure "$size" "$frames" |
				sed 's/^/without /'
			weston --size "$size" --refresh 240000 -- measure "$size" "$frames" |
				sed 's/^/with /'
		done
	done >"$scratch/lines"
	compare "$scratch/lines" >"$scratch/result.json"
	if $json; then
		cat "$scratch/result.json"
	else
		print_table <"$scratch/result.json"
	fi
}

if [[ ${1-} == --inside ]]; then
	main "$@"
else
	main bench "$@"
fi
