# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# To be sourced after lib.sh: a Weston whose output is seen over RDP by a real client, and how
# many bytes that takes.
#
#	rdp_start MODULE... ; rdp_bytes CHANGE FRAMES ; rdp_stop

rdp_weston='' rdp_client=''

# Leave unless all is there that this needs.
rdp_require()
{
	local command

	for command in sdl-freerdp3 openssl ss; do
		command -v "$command" >/dev/null && continue
		echo "SKIP: no $command"
		exit 77
	done
	[[ $(command weston --help) == *--rdp-tls-cert* ]] && return
	echo "SKIP: this Weston has no RDP backend"
	exit 77
}

# Bytes that Weston has sent to its peer, if there is one.
rdp_sent()
{
	ss -tinH "sport = :$rdp_port" | grep -o 'bytes_acked:[0-9]*' | cut -d: -f2
}

# Print them once they stay.
rdp_settled()
{
	local before='' now same=0 end=$((SECONDS + 60))

	while ((same < 5 && SECONDS < end)); do
		sleep 0.1
		now=$(rdp_sent || true)
		[[ -n $now ]] || kill -0 "$rdp_client" 2>/dev/null || break
		[[ -n $now && $now == "$before" ]] && same=$((same + 1)) || same=0
		before=$now
	done
	echo "$now"
}

rdp_is_up()
{
	kill -0 "$rdp_weston" 2>/dev/null || { cat "$log" >&2; fail "Weston did not start"; }
	[[ -n $(ss -ltnH "sport = :$rdp_port") ]]
}

rdp_is_connected()
{
	[[ -n $(rdp_sent) ]]
}

rdp_has_come_or_gone()
{
	rdp_is_connected || ! kill -0 "$rdp_client" 2>/dev/null
}

# The client of FreeRDP 3.10 sometimes crashes while it connects.
rdp_connect()
{
	HOME=$scratch SDL_VIDEODRIVER=dummy sdl-freerdp3 "/v:127.0.0.1:$rdp_port" /cert:ignore \
		/u:nobody /p:none /size:640x480 >"$scratch/client.log" 2>&1 &
	rdp_client=$!
	until_true 30 rdp_has_come_or_gone || return 1
	rdp_settled >/dev/null
	kill -0 "$rdp_client" 2>/dev/null
}

# rdp_start [MODULE]...
rdp_start()
{
	local modules tries=0

	printf -v modules '%s,' "$@" "$WLTEX_BUILD/tests/weston/seat.so"
	export XDG_RUNTIME_DIR=$scratch/runtime
	mkdir -p -m 700 "$XDG_RUNTIME_DIR"
	rdp_port=$((20000 + RANDOM % 12000))
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
	env LD_PRELOAD="$(asan_runtime)" ASAN_OPTIONS=detect_leaks=0 \
		weston --backend=rdp --renderer=gl --shell=kiosk --no-config --idle-time=0 \
		--socket=rdp --address=127.0.0.1 --port="$rdp_port" --no-resizeable \
		--width=640 --height=480 --rdp-tls-cert="$scratch/certificate.pem" \
		--rdp-tls-key="$scratch/key.pem" --modules="${modules%,}" >"$log" 2>&1 &
	rdp_weston=$!
	trap 'rdp_stop; rm -rf "$scratch"' EXIT
	until_true 30 rdp_is_up || fail "Weston does not listen"
	until rdp_connect; do
		rdp_end "$rdp_client"
		((++tries < 5)) || { cat "$scratch/client.log" >&2; fail "no RDP client"; }
	done
}

rdp_end()
{
	[[ -n $1 ]] || return 0
	kill "$1" 2>/dev/null || true
	wait "$1" || true
}

rdp_stop()
{
	rdp_end "$rdp_client"
	rdp_end "$rdp_weston"
	rdp_weston='' rdp_client=''
}

# rdp_bytes CHANGE FRAMES: a window comes, claims all of itself so many times, and goes.
rdp_bytes()
{
	local before

	before=$(rdp_settled)
	WAYLAND_DISPLAY=rdp "$wltex" flip --allocator memfd --size 640x480 --damage full \
		--change "$1" --frames "$2" >/dev/null 2>"$scratch/flip" ||
		{ cat "$scratch/flip" >&2; fail "no flips"; }
	echo $(($(rdp_settled) - before))
}

# rdp_measure FRAMES CHANGE...: leaves the bytes by change in $without and $with.
declare -A without=() with=()
rdp_measure()
{
	local frames=$1 change

	shift
	rdp_start
	for change in "$@"; do
		without[$change]=$(rdp_bytes "$change" "$frames")
	done
	rdp_stop
	rdp_start "$WLTEX_BUILD/plugin/weston/wltex.so"
	for change in "$@"; do
		# shellcheck disable=SC2034 # by those who source this
		with[$change]=$(rdp_bytes "$change" "$frames")
	done
	rdp_stop
}
