# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For tests of `wltex run`: to be sourced first. Compositors run as an ordinary user, as some refuse
# root, with all that is theirs in a private folder.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${WLTEX_BUILD:=$tests/../build}"
build=$(cd "$WLTEX_BUILD" && pwd)
# shellcheck disable=SC2034 # for the scripts
clients=$build/tests/clients
wltex=$build/plugin/cli/wltex

fail()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	[[ ! -s ${log-} ]] || tail -n 20 "$log" >&2
	exit 1
}

skip()
{
	echo "SKIP: $*"
	exit 77
}

need()
{
	local name

	for name; do
		command -v "$name" >/dev/null || skip "no $name"
	done
}

# until_true COMMAND...: within 20 s
until_true()
{
	local i

	for ((i = 0; i < 400; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	return 1
}

# What a test starts, for its end.
pids=()
end()
{
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$scratch"
}

user=()
((EUID != 0)) || user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# as COMMAND...: as the user of compositors and clients. In the background, "${user[@]}" COMMAND
# makes $! the process.
as()
{
	"${user[@]}" "$@"
}

# Print the runtime of ASan that the object needs, if it was built with that.
asan_runtime()
{
	ldd "$build/plugin/observer/observer.so" | awk '$1 ~ /^libasan/ { print $3 }'
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/wltex-run.XXXXXX")
trap end EXIT
export XDG_RUNTIME_DIR=$scratch/run HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/.config
export WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
export WLR_SCENE_DISABLE_DIRECT_SCANOUT=1
unset WAYLAND_DISPLAY WAYLAND_SOCKET DISPLAY LD_PRELOAD
mkdir -m 700 "$XDG_RUNTIME_DIR" "$HOME"
if ((${#user[@]} > 0)); then
	chmod 755 "$scratch"
	chown 65534:65534 "$scratch" "$XDG_RUNTIME_DIR" "$HOME"
	as test -x "$wltex" || skip "the build folder is not for others to read"
	# For Xwayland; whoever is no root has one or needs none.
	[[ -e /tmp/.X11-unix ]] || mkdir -m 1777 /tmp/.X11-unix
fi

# What a compositor starts: it tells what it inherited, and stays where the compositor ends with it.
cat >"$scratch/child" <<END
#!/bin/sh
echo \$\$ >$scratch/child.pid
echo "preload=\$LD_PRELOAD" >$scratch/inherited.new
mv $scratch/inherited.new $scratch/inherited
[ "\$1" != stay ] || exec tail --pid=\$PPID -f /dev/null
END
chmod 755 "$scratch/child"
cat >"$scratch/sway.conf" <<END
output * resolution 1280x720
output * bg #204060 solid_color
xwayland disable
default_border none
exec $scratch/child
END
printf '[core]\nxwayland=false\n' >"$scratch/phoc.ini"

# Set command to that of a compositor, which starts the child.
set_command()
{
	case $1 in
	sway) command=(sway -c "$scratch/sway.conf") ;;
	cage) command=(cage -- "$scratch/child" stay) ;;
	labwc) command=(labwc -C "$scratch" -s "$scratch/child") ;;
	phoc) command=(phoc -C "$scratch/phoc.ini" -E "exec $scratch/child stay") ;;
	weston) command=(weston --backend=headless --renderer=pixman --no-config --idle-time=0
		--width=1280 --height=720 --shell=kiosk -- "$scratch/child" stay) ;;
	esac
}

is_up()
{
	local socket

	for socket in "$XDG_RUNTIME_DIR"/wayland-?; do
		[[ -S $socket ]] || return 1
		export WAYLAND_DISPLAY=${socket##*/}
		[[ -e $scratch/inherited ]]
	done
}

# start NAME COMMAND...: run COMMAND (wltex run..., or nothing) in front of the compositor's own;
# $compositor is its process.
start()
{
	local name=$1 runtime

	shift
	log=$scratch/$name.log
	set_command "$name"
	rm -rf "$scratch/inherited" "${XDG_RUNTIME_DIR:?}"/*
	runtime=$(asan_runtime)
	# Compositors leak.
	LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 \
		"${user[@]}" "$@" "${command[@]}" >"$log" 2>&1 &
	compositor=$!
	pids+=("$compositor")
	until_true is_up || fail "$name does not start"
}

# stop: end the compositor, with its status in $status.
# shellcheck disable=SC2034 # for the scripts
stop()
{
	local pid left=()

	# phoc knows no other end than that of its session, and cage waits for it.
	case ${command[0]} in
	phoc|cage) kill "$(<"$scratch/child.pid")" ;;
	*) kill "$compositor" ;;
	esac
	status=0
	wait "$compositor" || status=$?
	! grep -qE 'AddressSanitizer|runtime error:' "$log" || fail "a sanitizer found something"
	for pid in "${pids[@]}"; do
		((pid == compositor)) || left+=("$pid")
	done
	pids=(${left[@]+"${left[@]}"})
}
