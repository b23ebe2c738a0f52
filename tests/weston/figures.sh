#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Five clients, one of which leaks: what wltex top, export and snapshot say of them is what
# the kernel says. With SHOW=FILE the table is printed, and the contact sheet goes to FILE, as
# README shows them.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

start()
{
	local name=$1

	shift
	"$@" >"$scratch/out.$name" 2>&1 &
	note "$name" $!
}

pid_of()
{
	cat "$scratch/pid.$1"
}

# state FILTER: the state as wltex top gives it, through jq.
state()
{
	"$wltex" top --once --json --interval 0.05 | jq -c "$1"
}

# client NAME FILTER
client()
{
	state ".clients[] | select(.pid == $(pid_of "$1")) | $2"
}

is_there()
{
	[[ $(client "$1" '.buffers | length') == "$2" ]]
}

all_are_there()
{
	is_there leak 80 && is_there held 4 && is_there video 3 && is_there typing 3 && is_there still 1
}

# Inode and size of the memory that a process shares, each once.
shared_memory()
{
	local fd

	for fd in "/proc/$1/fd"/*; do
		[[ $(readlink "$fd") == /memfd:wltex-flip* ]] && stat -Lc '%i %s' "$fd"
	done | sort -un
}

# The buffers of a client that stands still are its memory, all of it.
check_memory()
{
	local memory bytes inodes

	memory=$(shared_memory "$(pid_of "$1")")
	bytes=$(awk '{ sum += $2 } END { print sum }' <<<"$memory")
	inodes=$(awk '{ print $1 }' <<<"$memory" | jq -sc 'sort')
	[[ $(client "$1" .bytes) == "$bytes" ]] ||
		fail "$1 has $bytes bytes, not $(client "$1" .bytes)"
	[[ $(client "$1" '[.buffers[].inode] | unique') == "$inodes" ]] ||
		fail "$1 shares $inodes, not $(client "$1" '[.buffers[].inode] | unique')"
}

# What the compositor holds of a client: for each buffer Weston holds an fd and its image one,
# the module holds what it says, and its image one.
check_fds()
{
	local inodes fd count=0 expected

	inodes=$(client "$1" '.buffers[].inode')
	for fd in "/proc/$WLTEX_WESTON_PID/fd"/*; do
		grep -qx "$(stat -Lc %i "$fd" 2>/dev/null)" <<<"$inodes" && count=$((count + 1))
	done
	expected=$(client "$1" '2 * (.buffers | length) + .fds + .live_textures')
	((count == expected)) || fail "$1: the compositor has $count fds, not $expected"
}

check_table()
{
	local table row

	table=$("$wltex" top --once --interval 0.3)
	[[ -z ${SHOW-} ]] || echo "$table" >&2
	# Marked is who leaks, and nobody else.
	[[ $(grep -c '^!' <<<"$table") == 1 ]] || fail "not one client is marked: $table"
	row=$(grep "^! *$(pid_of leak) leak " <<<"$table") || fail "the leak is not marked: $table"
	grep -q ' 80 .*buffers-grow' <<<"$row" || fail "not all of the leak is told: $row"
	[[ $("$wltex" top --once --leaks --json --interval 0.05 | jq -r '.clients[].name') == leak ]] ||
		fail "--leaks"
	[[ $("$wltex" top --once --sort pid --interval 0.05 | awk 'NR > 1 && $1 != "total" { sub(/^!/, ""); print $1 }') == \
		$(cat "$scratch"/pid.* | sort -n) ]] || fail "--sort pid"
	# A hundredth of a second each way.
	client video 'if .commits_per_s > 5 and .reuse_percent == 0 then empty else . end' | { ! grep .; } ||
		fail "the video does not run"
	client still 'if .commits_per_s > 5 and .reuse_percent == 100 then empty else . end' | { ! grep .; } ||
		fail "the still picture is not reused"
	client typing 'if .true_percent < 100 and .true_percent > 0 then empty else . end' | { ! grep .; } ||
		fail "the terminal's damage is all true"
}

# Each line of the format, each metric once, and the figures of the ledger.
check_export()
{
	local text=$scratch/export wrong

	"$wltex" export >"$text"
	wrong=$(grep -vE '^(# HELP wltex_[a-z_]+ [^\\]+|# TYPE wltex_[a-z_]+ (counter|gauge|summary)|wltex_[a-z_]+(\{[a-z_]+="([^"\\]|\\[\\"n])*"(,[a-z_]+="([^"\\]|\\[\\"n])*")*\})? [0-9]+(\.[0-9]+)?)$' "$text") &&
		fail "no line of the format: $wrong"
	awk '
		/^# HELP/ { if ($3 in help) exit 1; help[$3] = 1; next }
		/^# TYPE/ {
			if (!($3 in help) || $3 in type) exit 1
			type[$3] = $4; now = $3
			if (($4 == "counter") != ($3 ~ /_total$/)) exit 1
			next
		}
		{
			name = $1; sub(/\{.*/, "", name)
			if (type[now] == "summary") sub(/_(sum|count)$/, "", name)
			if (name != now) exit 1
			sample = $0; sub(/ [^ ]*$/, "", sample)
			if (sample in seen) exit 1
			seen[sample] = 1
		}' "$text" || fail "metrics are not told in order, or twice"
	grep -q '^wltex_up 1$' "$text" || fail "not up"
	grep -q "^wltex_client_buffers{client=\"[0-9]*\",pid=\"$(pid_of leak)\",name=\"leak\"} 80\$" \
		"$text" || fail "the leak's buffers"
	grep -q "^wltex_client_leak_sign{.*name=\"leak\",sign=\"buffers-grow\"} 1\$" "$text" ||
		fail "the sign of the leak"
	grep -q "^wltex_client_buffer_bytes{.*pid=\"$(pid_of held)\".*} $(client held .bytes)\$" "$text" ||
		fail "bytes"
}

# answers PATTERN PATH [CURL OPTION]...: what the exporter answers has such a line.
answers()
{
	local pattern=$1 path=$2 text

	shift 2
	text=$(curl -s --max-time 10 "$@" "$url$path") && grep -qaE "$pattern" <<<"$text"
}

check_listening()
{
	local exporter url i fd

	command -v curl >/dev/null || { echo "figures: --listen is not tried, for lack of curl"; return; }
	"$wltex" export --listen 0 2>"$scratch/listen" &
	exporter=$!
	until_true 10 grep -q /metrics "$scratch/listen" || fail "export does not listen"
	url=$(sed -n 's|.*\(http://.*\)/metrics|\1|p' "$scratch/listen")
	[[ $url == http://127.0.0.1:* ]] || fail "it listens at $url"
	answers '^wltex_up 1$' /metrics || fail "no metrics at $url"
	answers '^HTTP/1.1 200' /metrics -I || fail HEAD
	answers '^wltex_up 1$' '/metrics?name=x' || fail "a query"
	answers 'href="/metrics"' / || fail "nothing points to the metrics"
	answers '^HTTP/1.1 404' /other -i || fail "something else than metrics"
	answers '^HTTP/1.1 405' /metrics -i -X POST -d x || fail "another method"
	answers '^HTTP/1.1 431' /metrics -i -H "X: $(printf '%040000d' 0)" || fail "a long head"
	# Peers that say nothing, or stop, or make no sense.
	for i in {1..50}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/${url##*:}"
		((i % 3 == 0)) || printf 'GET /met' >&"$fd"
		((i % 7 != 0)) || printf '\0\xff\r\n\r\n' >&"$fd"
	done
	answers '^wltex_up 1$' /metrics || fail "others are held up"
	for i in {1..50}; do
		answers '^wltex_up 1$' /metrics || fail "request $i"
	done
	kill "$exporter"
	wait "$exporter" 2>/dev/null || true
}

check_pictures()
{
	local pictures

	pictures=$("$wltex" snapshot --directory "$scratch")
	[[ $(wc -l <<<"$pictures") == 5 ]] || fail "not five pictures: $pictures"
	[[ $pictures == *"/leak-$(pid_of leak)-"* ]] || fail "no picture is named after the leak"
	# The sum of the picture is that of the texture.
	[[ $("$wltex" sum --brief --format XR24 "$(grep -e "-$(pid_of held)-" <<<"$pictures")" | cut -d ' ' -f 1) == \
		$(client held '.surfaces[].texture.sum' | tr -d '"') ]] || fail "another picture"
	# fontconfig keeps what it has read of its configuration.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		"$wltex" snapshot --sheet "$scratch/sheet.png"
	[[ -z ${SHOW-} ]] || cp "$scratch/sheet.png" "$SHOW"
	[[ $(head -c 4 "$scratch/sheet.png" | tail -c 3) == PNG ]] || fail "no sheet"
}

five_clients()
{
	start video "$wltex" flip --allocator memfd --frames 0 --no-wait --rate 40 \
		--pattern bars --size 320x180 --title video
	start still "$wltex" flip --allocator memfd --frames 0 --buffers 1 --change none --no-wait \
		--rate 40 --title "still picture"
	start held "$wltex" flip --allocator memfd --frames 7 --buffers 4 --size 300x200 --hold --no-wait \
		--title "holds still"
	LEAK_FRAMES=80 start leak "$clients/client-leak" leak
	until_true 30 is_there leak 80 || fail "the leak is not there"
	# The last is the one that is seen. Weston 15 and 16 repaint nothing for others, and what they
	# claim is not counted before a repaint.
	start typing "$wltex" flip --allocator memfd --frames 0 --change tile --damage full --no-wait \
		--rate 40 \
		--pattern checker --title typing
	until_true 30 all_are_there || { "$wltex" top --once >&2; fail "not all clients are there"; }
	# Until the last frame of the one that holds is drawn.
	sleep 0.5
	check_table
	check_memory video
	check_memory held
	check_memory still
	check_fds held
	check_fds still
	check_export
	check_listening
	check_pictures
	# Weston itself leaks what clients have that are there at its end.
	# shellcheck disable=SC2046 # several
	kill $(cat "$scratch"/pid.*)
	wait
}

test()
{
	WLTEX_SNAPSHOT=true weston -- five_clients
}

main "$@"
