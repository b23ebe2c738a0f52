#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `wltex run` says of programs that it cannot run, where options come from, and that the end of
# the compositor is its own.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

need weston jq
runtime=$(asan_runtime)

# expect STATUS PATTERN ARGUMENT...: run ends so, and says so in one line.
expect()
{
	local wanted=$1 pattern=$2 status=0 said

	shift 2
	said=$(LD_PRELOAD=$runtime "$wltex" run "$@" 2>&1 >/dev/null </dev/null) || status=$?
	# shellcheck disable=SC2053 # a pattern
	[[ $status == "$wanted" && $said == $pattern && $said != *$'\n'*$'\n'* ]] ||
		fail "run $*: status $status, \"$said\""
}

programs()
{
	local static

	expect 127 '*no program nosuch' nosuch
	expect 127 '*no program ./no/such' ./no/such
	expect 126 '*no permission' "$scratch/sway.conf"
	expect 126 '*it is no file' "$scratch"
	static=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig || true)
	if [[ -n $static ]] && ! grep -q ld-linux "$static"; then
		expect 126 '*is statically linked*' "$static"
	fi
	printf '\177ELF other' >"$scratch/other"
	chmod 755 "$scratch/other"
	expect 126 '*another kind of machine*' "$scratch/other"
	if ((EUID == 0)); then
		cp "$(type -P true)" "$scratch/set-uid"
		chown 65534 "$scratch/set-uid"
		chmod 4755 "$scratch/set-uid"
		expect 126 '*is set-uid*' "$scratch/set-uid"
	fi
	expect 0 '*does not use libwayland-server*' true
	expect 3 '*is a script*' "$scratch/script"
	expect 125 'wltex run: cannot read */no/such: *' --config="$scratch/no/such" true
	expect 2 '*true-damage cannot be *' --true-damage=perhaps true
	expect 2 '*no compositor given*' --true-damage=true
	WLTEX_OBSERVER=$scratch/no/such expect 125 '*cannot read*' weston
}

# The environment, and the arguments after the compositor's name, reach it.
arguments()
{
	local said

	said=$(LD_PRELOAD=$runtime "$wltex" run --log-level=debug --true-damage=false -- \
		"$scratch/script" --help "a b" 2>/dev/null) || true
	[[ $said == "debug false 2 --help a b" ]] || fail "a program is told: $said"
}

# The command line counts more than the environment, and that more than the file.
options()
{
	local config=$XDG_CONFIG_HOME/wltex

	mkdir -p "$config"
	printf '# options\n[other]\ncontrol=true\n[wltex]\n control = false \nlog-level=debug\nnothing=1\n' \
		>"$config/wltex.conf"
	chmod -R a+rX "$XDG_CONFIG_HOME"
	start weston "$wltex" run
	grep -q 'wltex.conf: there is no option nothing' "$log" || fail "a wrong key is not told"
	[[ ! -e $XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock ]] || fail "the file does not count"
	stop
	((status == 0)) || fail "weston ends with $status"
	WLTEX_CONTROL=true start weston "$wltex" run
	[[ -S $XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock ]] ||
		fail "the environment does not count"
	stop
	WLTEX_CONTROL=true start weston "$wltex" run --control=false
	[[ ! -e $XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock ]] ||
		fail "the command line does not count"
	stop
	printf 'control=true\nstats=%s\n' "$scratch/stats" >"$scratch/conf"
	start weston "$wltex" run --config "$scratch/conf"
	[[ -S $XDG_RUNTIME_DIR/wltex.$WAYLAND_DISPLAY.sock ]] || fail "--config does not count"
	stop
	jq -e 'has("clients")' "$scratch/stats" >/dev/null || fail "no ledger"
}

cat >"$scratch/script" <<'END'
#!/bin/sh
echo "$WLTEX_LOG_LEVEL $WLTEX_TRUE_DAMAGE $# $*"
exit 3
END
chmod 755 "$scratch/script"
programs
arguments
options
