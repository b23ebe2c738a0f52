#!/bin/bash
# SPDX-License-Identifier: MIT
#
# However much a client has, the state is short enough to be had at once: what is left out is
# counted, the client is there with its totals, and so are the others.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

sub_surfaces=10000
buffers=300
max_surfaces=128
max_buffers=256
# Bytes of one state: of a client so much is listed, with 700 bytes for each thing, and titles.
max_bytes=$(((max_surfaces + max_buffers) * 700))

is_through()
{
	grep -q "^alive $sub_surfaces" "$scratch/greedy"
}

# expect_state FILE WHAT
expect_state()
{
	jq -e --argjson greedy "$(<"$scratch/pid.greedy")" --argjson good "$(<"$scratch/pid.good")" \
		--argjson surfaces $((sub_surfaces + 1)) --argjson buffers $buffers \
		--argjson max_surfaces $max_surfaces --argjson max_buffers $max_buffers '
		def of($pid): .clients[] | select(.pid == $pid);
		(of($greedy) |
			(.surfaces | length) == $max_surfaces and
			.surfaces_left_out == $surfaces - $max_surfaces and
			(.buffers | length) == $max_buffers and
			.buffers_left_out == $buffers - $max_buffers and
			.surfaces[0].title == "\"" * 256 + "…" and
			.surfaces[0].app_id == .surfaces[0].title and
			.surfaces[1].title == "" and .surfaces[1].role == "wl_subsurface" and
			.buffers_made == $buffers and .bytes > 0) and
		(of($good) | (.buffers | length) == 3 and .buffers_left_out == 0 and
			(.surfaces | length) == 1 and .surfaces_left_out == 0) and
		(.clients_left_out // 0) == 0' "$1" >/dev/null ||
		fail "$2: $(jq -c '.clients[] | [.name, (.surfaces | length), .surfaces_left_out,
			(.buffers | length), .buffers_left_out]' "$1")"
	(($(wc -c <"$1") < max_bytes)) || fail "$2: $(wc -c <"$1") bytes"
}

greedy()
{
	mkfifo "$scratch/hold"
	GREEDY_COUNT=$sub_surfaces ASAN_OPTIONS=detect_leaks=0 "$clients/client-greedy" listed \
		<>"$scratch/hold" >"$scratch/greedy" 2>"$scratch/greedy.err" &
	note greedy $!
	until_true 100 is_through || fail "the greedy client: $(<"$scratch/greedy.err")"
	"$wltex" flip --allocator memfd --frames 6 --hold --no-wait >"$scratch/good" 2>&1 &
	note good $!
	until_true 20 grep -q frames "$scratch/good" || fail "the other client: $(<"$scratch/good")"

	"$wltex" top --once --json --interval 0.05 >"$scratch/state"
	expect_state "$scratch/state" top
	if command -v weston-debug >/dev/null; then
		timeout 20 weston-debug wltex-state >"$scratch/debug" 2>"$scratch/debug.err" ||
			fail "wltex-state: status $?: $(<"$scratch/debug.err")"
		expect_state "$scratch/debug" wltex-state
	fi
	"$wltex" top --once --interval 0.05 >"$scratch/top"
	grep -qE "^. +$(<"$scratch/pid.greedy") .* $buffers +0 " "$scratch/top" || fail "top: $(<"$scratch/top")"
	"$wltex" export >"$scratch/metrics"
	grep -qE "^wltex_client_buffers\{.*pid=\"$(<"$scratch/pid.greedy")\".*\} $buffers\$" \
		"$scratch/metrics" || fail "export: $(grep _buffers "$scratch/metrics")"
	kill "$(<"$scratch/pid.greedy")" "$(<"$scratch/pid.good")"
	wait || true
}

test()
{
	weston --debug -- greedy
	expect_clean
}

main "$@"
