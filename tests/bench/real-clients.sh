#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs that people use: what is stale, how much of what they claim did change, and what
# that saves or costs Weston. The long form of tests/weston/real-clients.sh.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/../weston/lib.sh"
# shellcheck source=tests/weston/repaint.sh
. "$(dirname "$0")/../weston/repaint.sh"

usage()
{
	cat <<-END
	Usage: tests/bench/real-clients.sh [OPTION]... [NAME]...
	Run each program that is installed, or those that are named, in a headless Weston with the
	GL renderer and with pixman, and print a table:

	  stale    repaints and uploads that were not what they should be, beside how many there
	           were; seen by repaint-module.c, which sees GL only
	  damage   the damage that was left, as a fraction of what the program claimed
	  CPU      Weston's CPU time with the module, as a fraction of that without: the medians
	           of some rounds, in turns

	  --rounds N    measurements of CPU time on either side (3)
	  --seconds N   how long each of them takes (5), after $warm_up_s s to start
	  --list        only print the names

	What is not installed is said. The exit status is 1 if something was stale or failed.
	END
}

warm_up_s=3
rounds=3 seconds=${seconds:-5}
# Where the shell and the pages of the programs are, and how long they run: for_a_while.
export duration_s
output=$tests/weston/real-output.sh
home=${scratch-}/home
video='av://lavfi:testsrc2=size=640x360:rate=30'
mpv='mpv --no-config --no-audio --no-osc --really-quiet'
# The kiosk shell ends the connection of who is larger than it should be, with decorations.
kitty='kitty --config NONE -o update_check_interval=0 -o hide_window_decorations=yes'
chromium='chromium --no-sandbox --ozone-platform=wayland --no-first-run --disable-sync
	--disable-background-networking --disable-component-update --disable-default-apps
	--disable-extensions --no-default-browser-check'

# Name, the command to look for, and the command line.
programs=(
	"foot|foot|foot --config=/dev/null $output"
	"kitty|kitty|$kitty $output"
	"alacritty|alacritty|alacritty --config-file /dev/null -e $output"
	"gtk3|gtk3-demo|gtk3-demo --run=pixbufs"
	"gtk4|gtk4-demo|gtk4-demo --run=paintable_animated"
	"qt|qterminal|qterminal -e $output"
	"mpv-gpu|mpv|$mpv --vo=gpu --gpu-context=wayland $video"
	"mpv-wlshm|mpv|$mpv --vo=wlshm $video"
	"glmark2|glmark2-es2-wayland|glmark2-es2-wayland -b build:duration=100"
	"chromium|chromium|$chromium --user-data-dir=HOME/chromium --app=file://HOME/page.html"
	"firefox|firefox-esr|firefox-esr --no-remote --profile HOME/firefox HOME/page.html"
	"xterm|xterm|xterm -e $output"
	"glxgears|glxgears|glxgears"
)

say()
{
	printf 'real-clients: %s\n' "$*" >&2
}

parse_arguments()
{
	local program

	chosen=()
	while (($# > 0)); do
		case $1 in
		--rounds|--seconds)
			[[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number from 1"
			;;&
		--rounds) rounds=$2; shift ;;
		--seconds) seconds=$2; shift ;;
		--list)
			for program in "${programs[@]}"; do
				echo "${program%%|*}"
			done
			exit
			;;
		--help) usage; exit ;;
		-*) usage >&2; exit 2 ;;
		*) chosen+=("$1") ;;
		esac
		shift
	done
}

# --- What the programs find.

# Something moves, something scrolls, most stays.
make_page()
{
	cat >"$home/page.html" <<-END
	<!doctype html><title>page</title>
	<style>@keyframes turn { to { transform: rotate(360deg) } }
	#box { width: 80px; height: 80px; background: teal; animation: turn 2s linear infinite }
	pre { height: 200px; overflow: hidden }</style>
	<h1>Something moves</h1><div id="box"></div><pre id="text"></pre>
	<script>let n = 0; setInterval(() => {
		text.textContent += "line " + n++ + "\n"; text.scrollTop = text.scrollHeight }, 100)
	</script>
	END
}

# Nobody else is asked: not the network, and no service of the session.
make_firefox_profile()
{
	mkdir -p "$home/firefox"
	cat >"$home/firefox/user.js" <<-END
	user_pref("network.dns.disabled", true);
	user_pref("network.captive-portal-service.enabled", false);
	user_pref("network.connectivity-service.enabled", false);
	user_pref("app.update.enabled", false);
	user_pref("browser.shell.checkDefaultBrowser", false);
	user_pref("browser.aboutwelcome.enabled", false);
	user_pref("datareporting.policy.dataSubmissionEnabled", false);
	user_pref("toolkit.telemetry.enabled", false);
	user_pref("browser.safebrowsing.downloads.remote.enabled", false);
	user_pref("services.settings.server", "data:,");
	END
}

prepare()
{
	home=$scratch/home
	mkdir -p "$home"
	make_page
	make_firefox_profile
	printf '[core]\nxwayland=true\n' >"$scratch/weston.ini"
	unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
	export HOME=$home LC_ALL=C.UTF-8 DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
	export GDK_BACKEND=wayland QT_QPA_PLATFORM=wayland MOZ_ENABLE_WAYLAND=1 GTK_A11Y=none
}

is_for_x()
{
	[[ $1 == xterm || $1 == glxgears ]]
}

# Print why a program cannot be run, if so.
why_not()
{
	local name=$1 command=$2

	if ! command -v "$command" >/dev/null; then
		echo "$command is not installed"
	elif is_for_x "$name" && ! command -v Xwayland >/dev/null; then
		echo "Xwayland is not installed"
	elif is_for_x "$name" && [[ ! -d /tmp/.X11-unix ]]; then
		echo "there is no /tmp/.X11-unix for the sockets of X"
	fi
}

# --- Inside a Weston.

# Weston starts Xwayland itself, at the first client of it.
set_display()
{
	DISPLAY=$(sed -n 's/.*xserver listening on display \(:[0-9]*\).*/\1/p' "$scratch/weston.log")
	[[ -z $DISPLAY ]] || export DISPLAY
}

# Nanoseconds that the compositor's threads have run so far.
cpu_ns()
{
	cat "/proc/$WLTEX_WESTON_PID/task"/*/schedstat | awk '{ n += $1 } END { printf "%.0f\n", n }'
}

# Run a program, and leave what Weston needed for it each second, without its start.
measure()
{
	local before begin pid

	for_a_while "$@" &
	pid=$!
	sleep $warm_up_s
	begin=$EPOCHREALTIME
	before=$(cpu_ns)
	sleep "$seconds"
	awk "BEGIN { print ($(cpu_ns) - $before) / ($EPOCHREALTIME - $begin) }" >"$scratch/cpu"
	kill -0 "$pid" 2>/dev/null ||
		{ tail -n 5 "$scratch/client" >&2; fail "$1 has ended by itself"; }
	wait "$pid"
}

# inside FUNCTION COMMAND...
inside()
{
	set_display
	"$@"
}

# --- After it.

median()
{
	sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

# cpu_of [--no-wltex] COMMAND...: print Weston's CPU time.
cpu_of()
{
	local -a off=()

	[[ $1 != --no-wltex ]] || { off=(--no-wltex); shift; }
	weston "${options[@]}" ${off[@]+"${off[@]}"} -- inside measure "$@" >&2 || return
	cat "$scratch/cpu"
}

# Print the fraction of the medians.
compare_cpu()
{
	local round with='' without=''

	duration_s=$((warm_up_s + seconds + 1))
	for ((round = 0; round < rounds; round++)); do
		without+=$(cpu_of --no-wltex "$@")$'\n' || return
		with+=$(cpu_of "$@")$'\n' || return
	done
	# A program that does nothing then costs nothing, of which there is no fraction.
	awk -v with="$(printf %s "$with" | median)" -v without="$(printf %s "$without" | median)" '
		BEGIN {
			fraction = "idle"
			if (without > 1e5)
				fraction = sprintf("%.2f", with / without)
			printf "%s (%.1f of %.1f ms/s)\n", fraction, with / 1e6, without / 1e6
		}'
}

true_fraction()
{
	jq -r 'if .damage_claimed_px == 0 then "nothing claimed" else
		.damage_true_px / .damage_claimed_px * 100 | round / 100 end' "$stats"
}

# Look at a program; the first two columns of the table are left in $seen.
look()
{
	duration_s=$((warm_up_s + seconds))
	if [[ $renderer == pixman ]]; then
		weston "${options[@]}" -- inside for_a_while "$@" || return
		seen="not seen | $(true_fraction)"
		return
	fi
	repaint_watch "${options[@]}" -- inside for_a_while "$@" || return
	((counts[0] > 2)) || { say "$name: ${counts[0]} repaints only"; return 1; }
	! is_stale || bad=1
	seen="${counts[1]} of ${counts[0]}, ${counts[3]} of ${counts[2]} | $(true_fraction)"
}

# row NAME COMMAND...
row()
{
	local name=$1 cpu seen
	local -a options=(--size 1024x640 --renderer "$renderer")

	shift
	! is_for_x "$name" || options+=(--config "$scratch/weston.ini")
	say "$name, $renderer: is something stale?"
	if look "$@" && say "$name, $renderer: CPU" && cpu=$(compare_cpu "$@"); then
		echo "| $name | $renderer | $seen | $cpu |"
	else
		echo "| $name | $renderer | failed | | |"
		bad=1
	fi
}

# run_program NAME COMMAND-TO-LOOK-FOR COMMAND-LINE
run_program()
{
	local why renderer
	local -a line

	why=$(why_not "$1" "$2")
	if [[ -n $why ]]; then
		say "SKIP: $1: $why"
		return
	fi
	read -ra line -d '' <<<"${3//HOME/$home}" || true
	for renderer in gl pixman; do
		row "$1" "${line[@]}"
	done
}

is_chosen()
{
	((${#chosen[@]} == 0)) || [[ " ${chosen[*]} " == *" $1 "* ]]
}

bench()
{
	local bad=0 program name command line

	is_plain || fail "only without sanitizers"
	parse_arguments "$@"
	export seconds
	prepare
	printf 'CPU: %s, Weston %s\n\n' "$(sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo)" \
		"$(command weston --version | awk '{ print $2 }')"
	echo "| program | renderer | stale repaints, uploads | true damage | CPU with / without |"
	echo "|---|---|---|---|---|"
	for program in "${programs[@]}"; do
		IFS='|' read -r -d '' name command line <<<"$program" || true
		! is_chosen "$name" || run_program "$name" "$command" "$line"
	done
	return $bad
}

if [[ ${1-} == --inside ]]; then
	main "$@"
else
	main bench "$@"
fi
