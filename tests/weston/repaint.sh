# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Real clients under the eyes of repaint-module.c, for a time: the scripts say $duration_s.
# shellcheck disable=SC2154 # of lib.sh and of the scripts

# Run a client until its time is over; it may as well end by itself.
for_a_while()
{
	local status=0

	timeout --signal=TERM --kill-after=5 "$duration_s" "$@" >/dev/null 2>"$scratch/client" ||
		status=$?
	((status == 124 || status == 0)) || { tail -n 5 "$scratch/client" >&2; return "$status"; }
}

# repaint_watch [OPTION OF HEADLESS-WESTON]... -- FUNCTION [ARGUMENT]...: leaves the counts in $counts.
repaint_watch()
{
	local -a options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	WLTEX_REPAINT_REPORT=$scratch/report weston ${options[@]+"${options[@]}"} \
		--first-module "$WLTEX_BUILD/tests/weston/repaint.so" -- "$@" || return
	read -ra counts <"$scratch/report"
}

is_stale()
{
	((counts[1] > 0 || counts[3] > 0))
}
