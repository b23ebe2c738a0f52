#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a client is called is shown, and does nothing to who reads it: in Weston's log, in the
# ledger, in the state and in what wltex prints.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# A name of 15 bytes that would clear the screen, a title that would set the clipboard, and an
# app-id of two Japanese characters, a control of C1 and a byte that is none.
name=$'\e[2J\e[H日"\\x'
title=$'\e]52;c;ZXZpbA==\a"日本\xe2\x80\xaeevil\n'
app_id=$'日本\xc2\x9b\xff'

export LC_ALL=C
clean_name='\x1b[2J\x1b[H日"\x'
clean_title='\x1b]52;c;ZXZpbA==\x07"日本\u202eevil\x0a'
clean_app_id='日本\u009b\xff'

# Fail if there is a control in the file but newlines.
expect_plain()
{
	! LC_ALL=C grep -nE $'[\x01-\x08\x0b-\x1f\x7f]' "$1" | cat -v >&2 || fail "$2: controls"
}

shows_client()
{
	"$wltex" top --once --json --interval 0.05 >"$scratch/state"
	jq -e --arg name "$clean_name" --arg title "$clean_title" --arg app_id "$clean_app_id" '
		any(.clients[]; .name == $name and
			any(.surfaces[]; .title == $title and .app_id == $app_id))' \
		"$scratch/state" >/dev/null
}

hostile_names()
{
	local pid events

	"$wltex" watch >"$scratch/watch" &
	events=$!
	ln -s "$wltex" "$scratch/$name"
	"$scratch/$name" flip --allocator memfd --frames 0 --rate 20 --no-wait --title "$title" \
		--app-id "$app_id" >/dev/null 2>&1 &
	pid=$!
	until_true 20 shows_client || fail "the state: $(jq -c '.clients[] |
		[.name, (.surfaces[] | .title, .app_id)]' "$scratch/state")"
	"$wltex" top --once --interval 0.05 >"$scratch/top.ascii"
	LC_ALL=C.UTF-8 "$wltex" top --once --interval 0.05 >"$scratch/top.utf-8"
	"$wltex" export >"$scratch/metrics"
	until_true 20 grep -q "imported" "$scratch/watch" || fail "no events"
	kill "$pid" "$events"
	wait || true
}

test()
{
	local file

	# Of its buffers only one is allowed, so that the log names it.
	WLTEX_LIMIT_BUFFERS=1 weston -- hostile_names
	for file in log state top.ascii top.utf-8 metrics watch; do
		[[ $file == log ]] || expect_plain "$scratch/$file" "$file"
	done
	grep 'wltex:' "$log" >"$scratch/log"
	expect_plain "$scratch/log" "Weston's log"
	grep -qF "($clean_name) is over limit-buffers" "$scratch/log" || fail "log: $(<"$scratch/log")"
	jq -e --arg name "$clean_name" 'any(.clients[]; .name == $name)' "$stats" >/dev/null ||
		fail "the ledger: $(jq -c '.clients[].name' "$stats")"
	grep -qF 'name="\\x1b[2J\\x1b[H日\"\\x"' "$scratch/metrics" || fail "metrics: $(grep buffers "$scratch/metrics")"
	grep -qF '\x1b[2J\x1b[H日' "$scratch/top.utf-8" || fail "top: $(<"$scratch/top.utf-8")"
	grep -qF '\x1b[2J\x1b[H\u65e5' "$scratch/watch" || fail "watch: $(<"$scratch/watch")"
	! grep -q '日' "$scratch/top.ascii" || fail "top: UTF-8 without a locale"
}

main "$@"
