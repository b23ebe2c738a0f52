#!/bin/bash
# SPDX-License-Identifier: MIT
#
# wltex record and then wltex report: of four clients, one of which leaks, one claims all and
# changes a tile, and one gets its buffers back late, the page names these three; the fourth does
# nothing wrong. The page is read as it is, and as Chromium understands it. WLTEX_LONG=1 records
# for a minute, and names each kind of leak that tests/clients/leak has.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || { echo "SKIP: no python3"; exit 77; }

start()
{
	local name=$1

	shift
	"$@" >"$scratch/out.$name" 2>&1 &
	note "$name" $!
}

# flips NAME [OPTION]...: without end.
flips()
{
	local name=$1

	shift
	start "$name" "$wltex" flip --allocator memfd --frames 0 --no-wait --rate 40 "$@"
}

# has_commits NAME NUMBER: at least so many.
has_commits()
{
	[[ $("$wltex" top --once --json --interval 0.05 |
		jq ".clients[] | select(.pid == $(<"$scratch/pid.$1")) | .commits") -ge $2 ]]
}

end_all()
{
	# shellcheck disable=SC2046 # several
	kill $(cat "$scratch"/pid.*)
	wait
	rm "$scratch"/pid.*
}

# A name that a page must not take for anything but a name.
readonly evil='</script><img src=x onerror="console.error(1)">'

four_clients()
{
	local recorder seconds=${WLTEX_LONG:+60} commits

	"$wltex" record -o "$scratch/four.pftrace" 2>"$scratch/err" &
	recorder=$!
	until_true 20 [ -s "$scratch/four.pftrace" ] || fail "no trace: $(<"$scratch/err")"
	LEAK_FRAMES=70 start leak "$clients/client-leak" leak
	flips late --size 200x150 --buffers 20
	flips good --size 320x180 --pattern bars
	until_true 20 has_commits late 3 || fail "no late client"
	# The last is the one that is seen.
	flips claims --size 640x480 --change tile --damage full --title "$evil"
	commits=$((${seconds:-2} * 40))
	until_true 90 has_commits claims "$commits" || fail "the last client does not commit"
	until_true 20 has_commits late 40 || fail "the late client does not commit"
	until_true 20 has_commits leak 70 || fail "the leak does not come"
	kill -INT "$recorder"
	wait "$recorder" || fail "the recorder ended with $?"
	cp "$scratch"/pid.* "$scratch/pids"
	end_all
}

# report NAME: make the page of a trace, and read it.
report()
{
	"$wltex" report -o "$scratch/$1.html" "$scratch/$1.pftrace" >"$scratch/$1.findings" ||
		fail "no report of $1"
	"$tests/weston/read-page" "$scratch/$1.html" >"$scratch/$1.json" || fail "no page of $1"
}

# page NAME WHAT EXPRESSION: true of what was read of a page.
page()
{
	jq -e --arg evil "$evil" "$3" "$scratch/$1.json" >/dev/null ||
		fail "$1: $2: $(jq -c '.summary, .findings' "$scratch/$1.json")"
}

# What is on the page of the four clients, whoever reads it.
check_four()
{
	local leak late claims

	leak=$(<"$scratch/pids/pid.leak") late=$(<"$scratch/pids/pid.late")
	claims=$(<"$scratch/pids/pid.claims")
	page "$1" "the summary" '.summary | startswith("3 findings in ")'
	page "$1" "not the right three" "[.findings[] | [.kind, (.who |
		capture(\"process (?<pid>[0-9]+)\").pid | tonumber)]] == [[\"leak\", $leak],
		[\"late release\", $late], [\"claims too much\", $claims]]"
	page "$1" "the leak" '.findings[0] | (.what | contains("70 buffers (1.1 MiB)")) and
		(.advice | contains("wl_buffer.destroy"))'
	page "$1" "late buffers" '.findings[1].what | test("^([0-9]+) of [0-9]+ buffers came back later than 100")'
	# shellcheck disable=SC2016 # $evil is jq's
	page "$1" "a name is a name" '.findings[2].who | contains($evil)'
	page "$1" "four clients" '[.tables[] | select(.class == "clients").rows[]] | length == 4'
	page "$1" "four surfaces" '[.tables[] | select(.class == "surfaces").rows[]] | length == 4'
	page "$1" "buffers" '[.tables[] | select(.class == "buffers").rows[]] | length == 96'
	page "$1" "tiles" '[.tables[] | select(.class == "tiles").rows | length] | index(40) != null'
	page "$1" "pictures" '.pictures >= 7'
}

# chromium PAGE [OPTION]...: with what it complains of in $scratch/console.
browse()
{
	local page=$1

	shift
	timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr \
		--user-data-dir="$scratch/browser" "$@" "file://$page" 2>"$scratch/log" || return
	! grep CONSOLE "$scratch/log" >&2
}

# As a browser understands it: the same, with headings that sort.
check_browser()
{
	local png tip

	command -v chromium >/dev/null || { echo "report: the page is not browsed, for lack of chromium"; return; }
	browse "$scratch/four.html" --dump-dom >"$scratch/dom.html" || fail "Chromium complains"
	"$tests/weston/read-page" "$scratch/dom.html" >"$scratch/dom.json" || fail "the DOM"
	check_four dom
	grep -q '<th scope="col"><button type="button">Client</button>' "$scratch/dom.html" ||
		fail "no script ran"
	sed 's|^</script>|document.querySelector(".clients th:nth-child(3) button").click();\
		chart.dispatchEvent(new PointerEvent("pointermove", {clientX: 400, clientY: 5}));\n&|' \
		"$scratch/four.html" >"$scratch/used.html"
	browse "$scratch/used.html" --dump-dom >"$scratch/dom.html" || fail "it complains when it is used"
	grep -q 'class="n" aria-sort="descending">' "$scratch/dom.html" || fail "nothing is sorted"
	tip=$(sed -n '/<div id="tip" style/,/<\/div>/p' "$scratch/dom.html")
	[[ $(grep -c '^\(wltex\|leak\) ([0-9]*)  [0-9.]*&nbsp;[KM]iB' <<<"$tip") == 4 ]] || fail "tip: $tip"
	# That complaints are seen.
	sed 's|^"use strict";|&\nconsole.error("seen");|' "$scratch/four.html" >"$scratch/bad.html"
	! browse "$scratch/bad.html" --dump-dom >/dev/null 2>&1 || fail "errors are not seen"
	browse "$scratch/four.html" --window-size=1200,2600 --screenshot="$scratch/page.png" >/dev/null ||
		fail "no picture"
	png=$(head -c 4 "$scratch/page.png" | tail -c 3)
	[[ $png == PNG && $(stat -c %s "$scratch/page.png") -gt 50000 ]] || fail "an empty picture"
	[[ -z ${SHOW-} ]] || cp "$scratch/page.png" "$SHOW"
}

# refuses WHAT FILE: with one line that says why, and without a page.
refuses()
{
	local status=0

	rm -f "$scratch/no.html"
	"$wltex" report -o "$scratch/no.html" "$2" >"$scratch/out" 2>"$scratch/err" || status=$?
	[[ $status == 1 && ! -s $scratch/out && ! -e $scratch/no.html ]] || fail "$2 is reported"
	[[ $(<"$scratch/err") == "wltex report: $2: $1"* && $(wc -l <"$scratch/err") == 1 ]] ||
		fail "$2: $(<"$scratch/err")"
}

other_files()
{
	local size

	: >"$scratch/empty"
	refuses 'it is empty' "$scratch/empty"
	refuses 'it is no Perfetto trace' "$0"
	refuses 'No such file' "$scratch/nothing"
	refuses 'it cannot be read' "$scratch"
	# A process and a thread of another program.
	printf '\n\x0f\xe2\x03\x0c\x08\x01\x1a\x08\x08\x07\x32\x04name\n\x0f\xe2\x03\x0c\x08\x02\x12\x06thread\x28\x01' \
		>"$scratch/foreign"
	refuses 'nothing of wltex is in it' "$scratch/foreign"
	# Cut off: what is there is shown, and that it is not all.
	size=$(stat -c %s "$scratch/four.pftrace")
	head -c $((size / 2)) "$scratch/four.pftrace" >"$scratch/cut.pftrace"
	report cut 2>"$scratch/err"
	grep -q 'the trace is cut off' "$scratch/err" || fail "it does not say that it is cut off"
	grep -q 'class="note">The trace is cut off' "$scratch/cut.html" || fail "nor does the page"
	# Through pipes; and where nothing can be written.
	"$wltex" report -o - - <"$scratch/four.pftrace" >"$scratch/piped.html"
	"$tests/weston/read-page" "$scratch/piped.html" | jq -e '.findings | length == 3' >/dev/null ||
		fail "pipes"
	! "$wltex" report -o /nothing/x "$scratch/four.pftrace" 2>"$scratch/err" || fail "no such folder"
	grep -q '/nothing/x: No such file' "$scratch/err" || fail "$(<"$scratch/err")"
	! "$wltex" report -o /dev/full "$scratch/four.pftrace" 2>"$scratch/err" || fail "a full disk"
	grep -q '/dev/full: No space' "$scratch/err" || fail "$(<"$scratch/err")"
}

# The one that is done when it leaks does not say so.
has_leaked()
{
	[[ -s $scratch/out.$1 ]] || { [[ $1 == leak ]] && has_commits leak 130; }
}

# Each kind of leak, one client each, for a minute.
leaks()
{
	local kind recorder

	"$wltex" record -o "$scratch/leaks.pftrace" &
	recorder=$!
	until_true 20 [ -s "$scratch/leaks.pftrace" ] || fail "no trace"
	for kind in "$@"; do
		mkfifo "$scratch/in.$kind"
		LEAK_FRAMES=$([[ $kind == params ]] && echo 100 || echo 130) "$clients/client-leak" "$kind" \
			<>"$scratch/in.$kind" >"$scratch/out.$kind" 2>&1 &
		note "$kind" $!
		# One that draws has to be seen.
		until_true 20 has_leaked "$kind" || fail "$kind does not get done"
	done
	sleep 55
	kill -INT "$recorder"
	wait "$recorder" || fail "the recorder ended with $?"
	end_all
}

all_leaks()
{
	local -a kinds
	local kind

	mapfile -t kinds < <(sed -n 's/^TEST(\(.*\))$/\1/p' "$tests/clients/leak.c")
	weston -- leaks "${kinds[@]}"
	report leaks
	for kind in "${kinds[@]}"; do
		page leaks "$kind is not named" "any(.findings[]; .kind == \"leak\" and
			(.who | startswith(\"${kind:0:15} \")))"
	done
}

test()
{
	mkdir "$scratch/pids"
	export WLTEX_TEST_LATE_WIDTH=200 WLTEX_TEST_LATE_MS=300
	weston --module "$WLTEX_BUILD/tests/weston/late.so" -- four_clients
	report four
	check_four four
	[[ $(grep -c . "$scratch/four.findings") == 4 ]] || fail "$(<"$scratch/four.findings")"
	check_browser
	other_files
	[[ -z ${WLTEX_LONG-} ]] || all_leaks
}

main "$@"
