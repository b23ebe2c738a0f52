# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# To be sourced after lib.sh, by tests that compare a Weston with the module with one
# without it.

# twins [OPTION OF HEADLESS-WESTON]... -- COMMAND...
# Run COMMAND, a client of tests/clients/twin.h, inside of both. In $tested is what makes the
# first of them what it is: nothing, or options of headless-weston.
tested=()
twins()
{
	local -a options=(--module "$WLTEX_BUILD/tests/weston/capture.so")

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	# shellcheck disable=SC2016,SC2154 # expanded by the inner shells; tests is of lib.sh
	"$tests/headless-weston" "${options[@]}" ${tested[@]+"${tested[@]}"} -- \
		bash -c 'export WLTEX_TWIN_TESTED=$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY
			export WLTEX_TWIN_TESTED_PID=$WLTEX_WESTON_PID
			exec "$@"' twins \
		"$tests/headless-weston" "${options[@]}" --no-wltex -- \
		bash -c 'export WLTEX_TWIN_REFERENCE=$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY
			export WLTEX_TWIN_REFERENCE_PID=$WLTEX_WESTON_PID
			exec "$@"' twins "$@"
}

# What the clients of a test leave to their end is no leak of the compositor's.
# shellcheck disable=SC2034 # by those who source this
without_leaks=(env "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0")
