#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Clients that Weston starts itself have its credentials: they are shown as what was started,
# and options find them by that name.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

frames=20
window_px=$((640 * 480))
x11_sockets=/tmp/.X11-unix

state()
{
	"$wltex" top --once --json --interval 0.05
}

# lists NAME: a client of this name is there, and is a child of Weston's with such a name.
lists()
{
	local pid

	pid=$(state | jq ".clients[] | select(.name == \"$1\") | .pid" | head -n 1)
	[[ -n $pid && $(cat "/proc/$pid/comm") == "$1" ]] &&
		pgrep -P "$WLTEX_WESTON_PID" | grep -qx "$pid"
}

# Nobody is taken for Weston itself.
expect_no_weston()
{
	state | jq -e --argjson pid "$WLTEX_WESTON_PID" \
		'.clients | length > 0 and all(.[]; .pid != $pid and .name != "weston")' >/dev/null ||
		fail "a client is called Weston: $(state | jq -c '.clients[] | [.pid, .name]')"
}

# The shell's own client.
desktop_shell()
{
	# Of a name Linux keeps 15 characters.
	until_true 20 lists weston-desktop- ||
		fail "no weston-desktop-shell: $(state | jq -c '.clients[] | [.pid, .name]')"
	expect_no_weston
}

is_done()
{
	grep -q '"frames": *'"$frames" "$log"
}

wait_until_done()
{
	until_true 60 is_done || fail "the client that was started does not end"
}

# damaged EXCEPT: pixels that Weston had to draw for a client that claims all and changes
# nothing, and which Weston started.
damaged()
{
	local -a counts

	export WLTEX_TEST_START="$wltex flip --json --allocator memfd --buffers 3 --change none \
--frames $frames --size 640x480 --damage full"
	env WLTEX_TRUE_DAMAGE_EXCEPT="$1" "WLTEX_REPAINT_REPORT=$scratch/report" \
		"$tests/headless-weston" --size 640x480 --stats "$stats" --log "$log" \
		--first-module "$WLTEX_BUILD/tests/weston/repaint.so" \
		--module "$WLTEX_BUILD/tests/weston/starter.so" -- \
		bash "$0" --inside wait_until_done
	read -ra counts <"$scratch/report"
	echo "${counts[4]}"
}

started()
{
	local px

	export log
	px=$(damaged weston)
	((px <= window_px * 6)) || fail "excepted without being named: $px pixels damaged"
	jq -e '.clients | length == 1 and .[0].name == "wltex" and .[0].pid > 0' "$stats" >/dev/null ||
		fail "the ledger: $(jq -c '.clients[] | [.pid, .name]' "$stats")"
	px=$(damaged other,wltex)
	((px >= window_px * frames)) || fail "named, and not excepted: $px pixels damaged"
}

# Weston says which display it is when it first listens.
has_display()
{
	display=$(sed -n 's/.*xserver listening on display \(:[0-9]*\).*/\1/p' "$log")
	[[ -n $display ]]
}

xwayland()
{
	local display='' pid

	until_true 20 has_display || fail "no display for X: $(tail -n 5 "$log")"
	DISPLAY=$display xterm -e sleep 100 >"$scratch/xterm" 2>&1 &
	pid=$!
	until_true 60 lists Xwayland ||
		fail "no Xwayland: $(state | jq -c '.clients[] | [.pid, .name]') $(<"$scratch/xterm")"
	expect_no_weston
	kill "$pid"
	wait "$pid" || true
}

test_xwayland()
{
	if ! command -v Xwayland >/dev/null || ! command -v xterm >/dev/null; then
		echo "started: not tried with Xwayland, for lack of it or of xterm"
		return
	fi
	[[ -d $x11_sockets ]] || mkdir -m 1777 "$x11_sockets"
	export log
	printf '[core]\nxwayland=true\n' >"$scratch/weston.ini"
	# Weston 14 leaks its configuration when its Xwayland ends.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		weston --config "$scratch/weston.ini" -- xwayland
}

test()
{
	weston --shell desktop -- desktop_shell
	started
	test_xwayland
}

main "$@"
