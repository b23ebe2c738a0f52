#!/bin/bash
# SPDX-License-Identifier: MIT
#
# subproject.sh: wltex as a subproject, in three build types: the library alone is built, and what
# uses it links and runs. WLTEX_LONG=1 builds it; else it is set up, and one of them is built.
set -euo pipefail

tree=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v meson >/dev/null || { echo "SKIP: no meson"; exit 77; }
git -C "$tree" rev-parse 2>/dev/null || { echo "SKIP: not a checkout of git"; exit 77; }
mkdir -p "$work/subprojects/wltex"
git -C "$tree" ls-files -z --cached --others --exclude-standard -- include meson.build \
	meson_options.txt plugin protocol LICENSE NEWS.md |
	tar -C "$tree" --null -T - --ignore-failed-read -cf - |
	tar -C "$work/subprojects/wltex" -xf -
cat >"$work/meson.build" <<'END'
project('parent', 'c')
executable('use', 'use.c', dependencies: dependency('wltex', fallback: 'wltex'))
END
cat >"$work/use.c" <<'END'
#include <wltex/wltex.h>
#include <EGL/egl.h>
#include <GLES2/gl2.h>

int main(void)
{
	/* Whoever uses it calls EGL and GL, too. */
	if (eglGetCurrentContext() != EGL_NO_CONTEXT)
		glFinish();
	wltex_ledger_destroy(wltex_ledger_create());
	return 0;
}
END
set_up()
{
	local name=$1

	shift
	meson setup "$work/$name" "$work" "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	! meson introspect --targets "$work/$name" | grep -qE '"name": "(weston|wltex-cli|unit-)' ||
		{ echo "$name: more than the library is built"; exit 1; }
}

set_up debug --buildtype=debug
set_up release --buildtype=release -Db_ndebug=if-release
set_up plain --buildtype=plain
for name in $([[ ${WLTEX_LONG-} ]] && echo debug release plain || echo release); do
	ninja -C "$work/$name" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
	"$work/$name/use"
done
# Stand-alone, a release has no tests, and is no failure.
meson setup "$work/alone" "$work/subprojects/wltex" --buildtype=release >"$work/log" 2>&1 ||
	{ cat "$work/log"; exit 1; }
grep -qE 'tests *: NO' "$work/log" || { echo "a release has tests"; exit 1; }
