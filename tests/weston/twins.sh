# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# To be sourced after lib.sh, by tests that compare a Weston with the module with one
# without it.

# twins [OPTION OF HEADLESS-WESTON]... -- COMMAND...
# Run COMMAND, a client of tests/clients/twin.h, inside of both. In $tested is what makes the
# first of them what it is: nothing, or options of headless-weston. With $control not empty
# there is a third, as the reference is.
tested=() control=''
twins()
{
	local -a options=(--module "$WLTEX_BUILD/tests/weston/capture.so") chain=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	inside TESTED ${tested[@]+"${tested[@]}"}
	inside REFERENCE --no-wltex
	[[ -z $control ]] || inside CONTROL --no-wltex
	"${chain[@]}" "$@"
}

# inside NAME [OPTION]...: one more compositor in the chain, which tells of itself.
inside()
{
	# shellcheck disable=SC2016,SC2154 # expanded by the inner shell; tests is of lib.sh
	chain+=("$tests/headless-weston" "${options[@]}" "${@:2}" -- bash -c '
		export "WLTEX_TWIN_$0=$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY"
		export "WLTEX_TWIN_$0_PID=$WLTEX_WESTON_PID"
		exec "$@"' "$1")
}

# What the clients of a test leave to their end is no leak of the compositor's.
# shellcheck disable=SC2034 # by those who source this
without_leaks=(env "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0")
