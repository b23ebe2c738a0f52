#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a commit costs the compositor while 10 and while 1,000 clients hold ten buffers each,
# with the module and without; how long it takes to tell the state of all of it; memory.
#
#	tests/bench/scale.sh [TURNS]
#
# For each buffer Weston, its EGLImage and the module hold an fd each, which is more than
# some machines allow: "tests/vm/run a" with WLTEX_VM_COMMAND="bash tests/bench/scale.sh 3"
# runs it where all ten fit.
set -euo pipefail

tests=$(cd "$(dirname "$0")/.." && pwd)
: "${WLTEX_BUILD:=$tests/../build}"
export WLTEX_BUILD
turns=${1:-9}
# A client that commits as fast as it can spends its budget, and some of its commits cost
# another path then.
export WLTEX_SUM_BUDGET_US=1000000 WLTEX_SUM_BUDGET_PERCENT=100

measure()
{
	"$tests/headless-weston" "$@" -- "$WLTEX_BUILD/tests/bench/bench-scale" "$buffers" "$turns"
}

# For each client there are a socket and the texture, too.
buffers=10
if ! ulimit -n 35000 2>/dev/null; then
	ulimit -Sn "$(ulimit -Hn)"
	buffers=$((($(ulimit -Sn) / 1000 - 3) / 3))
	((buffers >= 2)) || { echo "scale: skipped, as too few files may be open" >&2; exit 77; }
	echo "only $buffers buffers for each client, as only $(ulimit -Hn) files may be open"
fi
without=$(measure --no-wltex)
with=$(measure)
jq -rn --argjson with "$with" --argjson without "$without" '
	def round2: . * 100 | round / 100;
	def spread: "\(.ratio | round2) (\(.least | round2) to \(.most | round2))";
	def row($name; $key): [$name,
		$with[$key].few_ns, $with[$key].many_ns, ($with[$key] | spread),
		$without[$key].few_ns, $without[$key].many_ns, ($without[$key] | spread)] | @tsv;
	(["ns of CPU a commit", "10 clients", "1000", "ratio of \($with.turns) turns",
	  "10, no module", "1000", "ratio"] | @tsv),
	def own($key): ($with[$key].few_ns - $without[$key].few_ns) as $few |
		($with[$key].many_ns - $without[$key].many_ns) as $many |
		["  the module\u0027s part", $few, $many, ($many / $few | round2)] | @tsv;
	row("the same buffer"; "same"), own("same"),
	row("another buffer"; "other"), own("other")' | column -t -s $'\t'
jq -rn --argjson with "$with" --argjson without "$without" '
	"state of all: \($with.state_ms) ms, \($with.state_cpu_ms) ms of it in the compositor, " +
		"\($with.state_bytes) bytes",
	"memory: \($with.bytes_per_buffer) bytes a buffer, without the module " +
		"\($without.bytes_per_buffer); \($with.bytes_per_client) bytes a client with all of " +
		"its buffers, without \($without.bytes_per_client)"'
