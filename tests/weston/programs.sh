#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs of the great toolkits, with a user: what they show at rest is the same with and
# without the module. See tests/clients/program.c.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/weston/twins.sh
. "$(dirname "$0")/twins.sh"

compared=0

# Nothing moves by itself, nothing is remembered, nobody else is asked.
prepare()
{
	mkdir -p "$scratch/home/.config/"{gtk-4.0,qt6ct} "$scratch/home/.cache"
	cat >"$scratch/home/.config/gtk-4.0/settings.ini" <<-END
	[Settings]
	gtk-enable-animations=0
	gtk-cursor-blink=0
	gtk-font-name=DejaVu Sans 10
	END
	# Icons of buttons look now like this, now like that, with nothing but Weston as well.
	cat >"$scratch/home/.config/qt6ct/qt6ct.conf" <<-END
	[Interface]
	cursor_flash_time=0
	dialog_buttons_have_icons=0
	menus_have_icons=false
	END
	unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
	export QT_QPA_PLATFORMTHEME=qt6ct
	export HOME=$scratch/home DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
	export GTK_A11Y=none GDK_BACKEND=wayland GSK_RENDERER=cairo QT_QPA_PLATFORM=wayland
}

run_twins()
{
	WLTEX_PROGRAM=$1 twins --size 1000x700 --module "$WLTEX_BUILD/tests/weston/input.so" -- \
		"${without_leaks[@]}" "$clients/client-program" program >"$scratch/out" 2>&1
}

# compare PROGRAM: if pictures differ, they must do so without the module as well.
compare()
{
	if ! command -v "$1" >/dev/null; then
		echo "SKIP: $1 is not installed"
		return
	fi
	compared=$((compared + 1))
	run_twins "$1" && { grep "at rest" "$scratch/out"; return; }
	cat "$scratch/out"
	grep -q "at rest" "$scratch/out" || fail "$1 failed"
	tested=(--no-wltex)
	! run_twins "$1" || fail "$1 shows something else with the module"
	grep "at rest" "$scratch/out" || { cat "$scratch/out"; fail "$1 failed without the module"; }
	echo "  that was without the module"
	tested=()
}

# The test finds a mistake of the module, see stale-broken.c.
finds()
{
	command -v "$1" >/dev/null || return 0
	tested=(--no-wltex --module "$WLTEX_BUILD/tests/weston/stale-broken.so")
	! WLTEX_BREAK=tile run_twins "$1" || fail "misses a mistake"
	grep -q "pixels differ" "$scratch/out" || { cat "$scratch/out"; fail "ends otherwise"; }
	tested=()
}

test()
{
	# They take a minute, and do nothing that other clients do not under ASan.
	is_plain || { echo "SKIP: only without sanitizers"; exit 77; }
	prepare
	compare gtk4-demo
	compare qt6ct
	finds qt6ct
	((compared > 0)) || exit 77
}

main "$@"
