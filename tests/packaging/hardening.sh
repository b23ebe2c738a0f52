#!/bin/bash
# SPDX-License-Identifier: MIT
#
# hardening.sh BUILD: look at what was built: whether attackers who find a mistake find it
# hard to use.
set -euo pipefail

build=$1
failed=0

fail()
{
	echo "$file: $1"
	failed=1
}

# option NAME
option()
{
	meson introspect --buildoptions "$build" |
		jq -r --arg name "$1" '.[] | select(.name == $name) | .value | tostring'
}

check_file()
{
	local headers dynamic symbols

	headers=$(readelf -Wl "$file")
	dynamic=$(readelf -Wd "$file")
	symbols=$(readelf -W --dyn-syms "$file")
	# Nothing that decides where calls go can be written to once the file is loaded.
	grep -q ' GNU_RELRO ' <<<"$headers" || fail "no part of it becomes read-only"
	grep -Eq 'BIND_NOW|Flags:.* NOW' <<<"$dynamic" || fail "functions are bound lazily"
	grep -q ' GNU_STACK .* RW ' <<<"$headers" || fail "the stack is executable"
	! grep -Eq ' (LOAD|GNU_STACK) .* RWE ' <<<"$headers" || fail "memory is writable code"
	! grep -q '(TEXTREL)' <<<"$dynamic" || fail "code is changed as it is loaded"
	grep -q ' __stack_chk_fail' <<<"$symbols" || fail "the stack is not guarded"
	! $fortified || grep -Eq ' __[a-z]+_chk' <<<"$symbols" || fail "no call is checked"
}

for tool in jq readelf meson; do
	command -v "$tool" >/dev/null || { echo "SKIP: no $tool"; exit 77; }
done
if [[ $(option c_args)$(option c_link_args) =~ (-z|fortify|FORTIFY|stack-protector|no-pie) ]]; then
	echo "SKIP: the user's own flags decide"
	exit 77
fi
fortified=false
if [[ $(option optimization) == [123s] && $(option b_sanitize) == none &&
	$(option fuzzers) == false ]]; then
	fortified=true
fi
for file in "$build"/plugin/{libwltex.so,weston/wltex.so,observer/observer.so,cli/wltex}; do
	check_file
done
if [[ $(option b_pie) == true ]]; then
	readelf -Wd "$file" | grep -q 'Flags:.* PIE' || fail "it is always loaded at one place"
fi
((failed == 0))
