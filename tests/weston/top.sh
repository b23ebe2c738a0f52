#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wltex top in a terminal that tmux plays: keys, sizes, many clients, and a terminal that is
# as it was whatever ends the program.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

term()
{
	tmux -f /dev/null -S "$XDG_RUNTIME_DIR/tmux" "$@"
}

screen()
{
	term capture-pane -p
}

shows()
{
	screen | grep -E -- "$1" >/dev/null
}

shows_not()
{
	! shows "$1"
}

expect_screen()
{
	until_true 10 shows "$1" && return
	screen >&2
	fail "not on the screen: $1"
}

expect_not_on_screen()
{
	until_true 10 shows_not "$1" && return
	screen >&2
	fail "still on the screen: $1"
}

keys()
{
	term send-keys "$@"
}

# The line under the cursor, which is in inverse video.
cursor()
{
	term capture-pane -pe | grep -aE $'\e\\[[0-9;]*7m' | sed 's/\x1b\[[0-9;]*m//g'
}

cursor_is()
{
	cursor | grep -E -- "$1" >/dev/null
}

expect_cursor()
{
	until_true 10 cursor_is "$1" && return
	screen >&2
	fail "the cursor is on '$(cursor)', not on $1"
}

# No line is wider, and none is missing.
expect_size()
{
	local lines

	# Not every awk counts characters.
	lines=$(screen | LC_ALL=C.UTF-8 sed 's/[^ -~]/x/g' | awk -v max="$1" '{ if (length > max) wide = 1 } END { print wide ? 0 : NR }')
	[[ $lines == "$2" ]] || { screen >&2; fail "$lines lines, not $2 of at most $1 columns"; }
}

# What the terminal is like while no program has it.
is_restored()
{
	[[ $(term display-message -p '#{alternate_on} #{cursor_flag}') == "0 1" ]]
}

is_taken()
{
	[[ $(term display-message -p '#{alternate_on} #{cursor_flag}') == "1 0" ]]
}

expect_restored()
{
	until_true 10 is_restored || fail "$1: screen or cursor is not as it was"
	keys "stty -a | tr ' ' '\\n' | grep -cx -e icanon -e echo -e ixon" Enter
	expect_screen '^3$'
	keys clear Enter
	expect_not_on_screen '^3$'
}

start_top()
{
	keys "$wltex top --interval 0.1 $*; echo status \$?" Enter
	until_true 10 is_taken || { screen >&2; fail "wltex top does not start"; }
}

start_clients()
{
	local i

	for i in 0 1 2; do
		"$wltex" flip --allocator memfd --frames 0 --buffers $((i + 1)) --no-wait \
			--rate 40 --title "window $i" >/dev/null 2>&1 &
		client[i]=$!
	done
	LEAK_FRAMES=80 "$clients/client-leak" leak >/dev/null 2>&1 &
	leak=$!
}

use_keys()
{
	expect_screen '^wltex top +4 clients'
	expect_screen '^      PID NAME +TITLE +COMMITS/s'
	# Most bytes first: 80 buffers of 16K, then three of 256K.
	expect_screen "^! +$leak leak .* 1\\.2M +0 +80 .*buffers-grow"
	expect_screen "^ +${client[2]} wltex .* 768\\.0K +0 +3 "
	expect_cursor "$leak leak"
	keys Down
	expect_cursor "${client[2]} wltex"
	keys k
	expect_cursor "$leak leak"
	keys j Enter
	expect_screen '^  SURFACE SIZE'
	expect_screen '256x256 .*window 2'
	expect_screen '^     BUFFER SIZE'
	[[ $(screen | grep -c ' 256x256 .* XR24 256\.0K memory ') == 3 ]] ||
		{ screen >&2; fail "not three buffers"; }
	expect_screen 'no sign of a leak'
	# The cursor is on the surface: hide its buffers, and show them again.
	expect_cursor '^- .* 256x256 .*window 2'
	keys Enter
	expect_not_on_screen 'XR24'
	expect_cursor '^\+ .* 256x256 .*window 2'
	keys +
	expect_screen 'XR24'
	keys Escape
	expect_cursor "${client[2]} wltex"
	# Filter by title, then by name.
	keys /
	expect_screen '^filter: _'
	keys 'window 1'
	expect_screen '^filter: window 1_'
	expect_not_on_screen "${client[2]}"
	expect_screen " ${client[1]} wltex"
	keys BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace lea Enter
	expect_screen ' filter lea '
	expect_not_on_screen " ${client[1]} "
	expect_screen "^! +$leak leak"
	keys Escape
	expect_screen " ${client[1]} wltex"
	keys l
	expect_screen 'leaks only'
	expect_not_on_screen " ${client[1]} "
	keys l
	expect_screen " ${client[1]} wltex"
	keys r
	expect_screen '^by bytes reversed'
	# The filter had left it on the first row.
	expect_cursor "${client[0]} wltex"
	keys '>'
	expect_screen '^by shm '
	keys '<' '<'
	expect_screen '^by live '
	keys '?'
	expect_screen 'reverse the order'
	keys x
	expect_not_on_screen 'reverse the order'
	keys p
	expect_screen '\(paused\)'
	keys p
	expect_not_on_screen '\(paused\)'
}

change_size()
{
	term resize-window -x 40 -y 10
	expect_not_on_screen 'COMMITS/s'
	expect_screen '^      PID NAME +BYTES BUFFERS'
	expect_screen "^! +$leak leak"
	expect_size 40 10
	keys Enter
	expect_screen "^  SURFACE"
	expect_size 40 10
	keys Escape
	term resize-window -x 8 -y 3
	sleep 0.3
	expect_size 8 3
	term resize-window -x 1 -y 1
	sleep 0.3
	term resize-window -x 150 -y 30
	expect_screen 'COMMITS/s.*LEAK'
	expect_size 150 30
	expect_screen "^! +$leak leak"
	# It still lives.
	until_true 10 is_taken || fail "wltex top is gone"
}

quit_by_key()
{
	keys q
	expect_screen '^status 0'
	expect_restored q
}

# The PID of the program itself.
top_pid()
{
	pgrep -f "^$wltex top --interval"
}

end_by_signals()
{
	local signal

	for signal in INT TERM HUP QUIT SEGV ABRT; do
		start_top
		kill -"$signal" "$(top_pid)"
		if [[ $signal == INT ]]; then
			expect_screen '^status 0'
		else
			expect_screen "^status $((128 + $(kill -l "$signal")))"
		fi
		expect_restored "$signal"
	done
	# Typed at the terminal.
	start_top
	keys C-c
	expect_screen '^status 0'
	expect_restored "Ctrl-C"
}

stop_and_continue()
{
	start_top
	keys C-z
	until_true 10 is_restored || fail "stopped, and the screen is not as it was"
	expect_screen Stopped
	keys fg Enter
	until_true 10 is_taken || fail "does not continue"
	expect_screen '^wltex top '
	keys q
	until_true 10 is_restored || fail "does not quit after it was stopped"
	keys clear Enter
	expect_restored "stopped and continued"
}

many_clients()
{
	local crowd

	CROWD_SIZE=200 "$clients/client-crowd" crowd >/dev/null 2>&1 &
	crowd=$!
	start_top --filter crowd
	expect_screen '^wltex top +204 clients'
	expect_cursor " $crowd crowd .* 800\\.0K +0 +1 "
	keys Down Down
	expect_cursor ' 792\.0K '
	keys End
	expect_cursor ' 4\.0K '
	expect_not_on_screen ' 800\.0K '
	keys Up
	expect_cursor ' 8\.0K '
	keys PPage PPage
	expect_cursor ' [12][0-9]*\.0K '
	keys g
	expect_cursor ' 800\.0K '
	term resize-window -x 40 -y 10
	expect_not_on_screen 'COMMITS/s'
	keys G
	expect_cursor ' 4\.0K '
	expect_size 40 10
	term resize-window -x 150 -y 30
	expect_screen 'COMMITS/s'
	kill "$crowd"
	wait "$crowd" 2>/dev/null || true
	expect_screen 'no client matches the filter'
	keys q
	expect_screen '^status 0'
	expect_restored "many clients"
}

no_answer()
{
	start_top
	expect_screen "^! +$leak leak"
	kill -STOP "$WLTEX_WESTON_PID"
	expect_screen 'has not answered for'
	keys '?'
	expect_screen 'reverse the order'
	keys x
	kill -CONT "$WLTEX_WESTON_PID"
	expect_not_on_screen 'has not answered'
	keys q
	expect_screen '^status 0'
	expect_restored "no answer"
}

compositor_goes()
{
	local pid socket=$XDG_RUNTIME_DIR/wltex.wayland-9.sock

	start_weston "$scratch/weston" wayland-9
	until_true 10 [ -S "$socket" ] || fail "no second Weston"
	start_top --socket "$socket"
	expect_screen '^wltex top '
	kill "$pid"
	expect_screen '^status 1'
	expect_screen 'wltex top: the compositor closed the connection'
	expect_restored "the compositor went"
}

colors()
{
	start_top
	expect_screen "^! +$leak leak"
	term capture-pane -pe | grep -aE $'\e\\[[0-9;]*3[0-9]m' >/dev/null || fail "no colours"
	keys q
	expect_screen '^status 0'
	keys 'export NO_COLOR=1' Enter clear Enter
	start_top
	expect_screen "^! +$leak leak"
	! term capture-pane -pe | grep -aE $'\e\\[[0-9;]*3[0-8]m' >/dev/null || fail "colours with NO_COLOR"
	keys q
	expect_screen '^status 0'
	keys 'unset NO_COLOR' Enter clear Enter
}

in_terminal()
{
	local -a client
	local leak

	# A plain prompt, and a shell that tells when a job stops.
	term new-session -d -x 150 -y 30 env PS1='$ ' TERM=screen bash --norc --noprofile -i
	# shellcheck disable=SC2064 # expanded now
	trap "tmux -S '$XDG_RUNTIME_DIR/tmux' kill-server 2>/dev/null || true" EXIT
	start_clients
	until_true 20 leaks_show || fail "not all clients are there"
	start_top
	use_keys
	change_size
	quit_by_key
	colors
	stop_and_continue
	many_clients
	no_answer
	compositor_goes
	end_by_signals
	# Weston itself leaks what clients have that are there at its end.
	kill "${client[@]}" "$leak"
	wait "${client[@]}" "$leak" 2>/dev/null || true
}

leaks_show()
{
	"$wltex" top --once --json --interval 0.1 |
		jq -e '(.clients | length == 4) and any(.clients[]; .buffers | length == 80)' >/dev/null
}

test()
{
	command -v tmux >/dev/null || { echo "SKIP: no tmux"; exit 77; }
	weston -- in_terminal
}

main "$@"
