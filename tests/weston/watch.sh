#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wltex watch tells what happens, and wltex info what there is.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

check_info()
{
	local info

	info=$("$wltex" info --json)
	jq -e --arg pid "$WLTEX_WESTON_PID" '
		.egl.works and .egl.dmabuf_import and (.egl.formats | length > 1) and
		all(.egl.formats[]; .format | test("^[^ ].{0,2}[^ ]$")) and
		any(.allocators[]; .name == "memfd" and .works and .imports and (.dmabuf | not)) and
		all(.allocators[]; (.works and .imports) or (.error | length > 0)) and
		.sums.gb_per_s > 0.1 and
		(.gpu_sums | if .works then .software or .gb_per_s != 0 else .error != "" end) and
		.module.running and .module.textures and .module.pid == ($pid | tonumber) and
		(.module.path | endswith("wltex.so"))' <<<"$info" >/dev/null || fail "wltex info: $info"
	"$wltex" info | grep "^compositor *process $WLTEX_WESTON_PID " >/dev/null || fail "wltex info"
	# A program from elsewhere finds the module that is loaded.
	cp "$wltex" "$scratch/wltex"
	info=$(WLTEX_SUM=portable LD_LIBRARY_PATH=$WLTEX_BUILD/plugin "$scratch/wltex" info)
	grep -qx "module  *$(realpath "$WLTEX_BUILD")/plugin/weston/wltex.so" <<<"$info" ||
		fail "the loaded module is not found: $info"
	grep -qx -- '- content sums are slow: WLTEX_SUM=portable is set' <<<"$info" || fail "sums: $info"
	info=$(env -u WAYLAND_DISPLAY XDG_RUNTIME_DIR="$scratch" "$wltex" info)
	grep -q '^- no compositor runs the module' <<<"$info" || fail "no advice: $info"
}

# shows PID: it has come so far that all that follows is flips.
shows()
{
	"$wltex" watch --pid "$1" --count 1 | grep -q ' commit '
}

check_events()
{
	local pid other watch expected

	"$wltex" flip --allocator memfd --frames 0 --rate 20 --no-wait >/dev/null 2>&1 &
	pid=$!
	"$wltex" flip --allocator memfd --frames 0 --rate 20 --no-wait >/dev/null 2>&1 &
	other=$!
	until_true 20 shows "$pid" || fail "no texture of the client"
	expected=$("$wltex" watch --pid "$pid" --count 8)
	[[ $(wc -l <<<"$expected") == 8 ]] || fail "not eight lines: $expected"
	! grep -vE "^[0-9:]{8}\\.[0-9]{3} +$pid wltex +surface [0-9]+ +commit [0-9]+ +(imported +attached|destroyed +replaced|destroyed +released) [0-9a-f]{8}\$" \
		<<<"$expected" || fail "lines of another kind"
	"$wltex" watch --json --count 10 | jq -se --argjson pid "$pid" '
		length == 10 and all(.[]; .event == "texture" and .time_ms > 0 and .commit > 0) and
		any(.[]; .pid == $pid) and any(.[]; .pid != $pid)' >/dev/null || fail "--json"
	expected=$("$wltex" watch --pid "$other" --event destroyed,reused --count 3 2>"$scratch/err")
	! grep -vE " $other wltex .* destroyed " <<<"$expected" || fail "--event: $expected"
	[[ ! -s $scratch/err ]] || fail "$(<"$scratch/err")"
	# Of a process that is no client.
	"$wltex" watch --pid $$ --count 1 2>"$scratch/err" &
	watch=$!
	until_true 10 grep -q "process $$ is not a client of the compositor yet" "$scratch/err" ||
		fail "nobody says that there is no such client"
	kill "$watch"
	# From the first to the last.
	"$wltex" watch >"$scratch/watch" &
	watch=$!
	sleep 0.3
	flip short --frames 3
	until_true 10 grep -qE "$(<"$scratch/pid.short") wltex +client_destroyed" "$scratch/watch" ||
		fail "the end of a client is not told"
	kill "$watch"
	for expected in client_created 'commit 2 +imported' 'destroyed +(buffer|surface)_destroyed'; do
		grep -qE " $(<"$scratch/pid.short") .*$expected" "$scratch/watch" ||
			fail "not told: $expected"
	done
	kill "$pid" "$other"
	check_others
	# Whoever reads it may go.
	"$wltex" flip --allocator memfd --frames 0 --rate 20 --no-wait >/dev/null 2>&1 &
	"$wltex" watch | head -n 1 >/dev/null || true
	kill $!
	wait
}

# Clients of wl_shm are told of, and those of one app-id alone.
check_others()
{
	local watch

	"$wltex" watch --event not_asked --count 1 >"$scratch/watch" &
	watch=$!
	sleep 0.3
	weston-simple-shm >/dev/null 2>&1 &
	until_true 10 grep -q ' not_asked .*attached: wl_shm' "$scratch/watch" || fail "nothing of wl_shm"
	kill $!
	wait "$watch"
	"$wltex" watch --json --app-id app.two --count 3 >"$scratch/watch" &
	watch=$!
	sleep 0.3
	flip one --frames 4 --app-id app.one
	flip two --frames 4 --app-id app.two
	wait "$watch"
	jq -se --argjson pid "$(<"$scratch/pid.two")" 'length == 3 and all(.[]; .pid == $pid)' \
		"$scratch/watch" >/dev/null || fail "--app-id: $(<"$scratch/watch")"
}

compositor_goes()
{
	local watch status=0

	start_weston "$scratch/weston" wayland-9
	"$wltex" watch --socket "$XDG_RUNTIME_DIR/wltex.wayland-9.sock" 2>"$scratch/err" &
	watch=$!
	sleep 0.5
	kill "$pid"
	wait "$watch" || status=$?
	((status == 0)) || fail "status $status at the end of the compositor"
	grep -q 'the compositor closed the connection' "$scratch/err" || fail "it does not say why"
	"$wltex" watch --socket "$XDG_RUNTIME_DIR/wltex.wayland-9.sock" 2>"$scratch/err" &&
		fail "it watches nobody"
	grep -q 'no compositor with the wltex module' "$scratch/err" || fail "$(cat "$scratch/err")"
}

all()
{
	local pid

	check_info
	check_events
	compositor_goes
}

test()
{
	weston -- all
}

main "$@"
