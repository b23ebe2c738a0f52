#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What true damage saves Weston, and what it costs. Usage: damage.sh [--json]
# WLTEX_ROUNDS and WLTEX_FRAMES say how much is measured.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/../weston/twins.sh"

measure()
{
	local size

	for size in 640x480 1920x1080; do
		twins --size "$size" --refresh 1000000 -- "$WLTEX_BUILD/tests/bench/bench-damage" damage
	done
}

# One line of JSON after another to a table, with the aims.
as_table()
{
	printf '%-10s %-7s %-11s %12s %12s %7s %6s\n' size memory change 'without, us' 'with, us' \
		ratio aim
	jq -r '[.width, .height, .memory, .change, .without_us, .with_us, .ratio,
		{"tile": 0.45, "nothing": 0.40, "everything": 1.05}[.change]] | @tsv' |
		while IFS=$'\t' read -r width height memory change without with ratio aim; do
			printf '%-10s %-7s %-11s %12.1f %12.1f %7.2f %6.2f\n' "${width}x$height" \
				"$memory" "$change" "$without" "$with" "$ratio" "$aim"
		done
}

if [[ ${1-} == --json ]]; then
	measure | jq -s .
else
	echo "Weston's CPU time for a frame, of which all is claimed to have changed:"
	measure | as_table
fi
