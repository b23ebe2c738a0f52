#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The tests of the module would find an fd that is forgotten: flips.sh, run with a module that
# does forget some (see tests/broken.c), fails where it should. To be run by tests/broken.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# A build directory like the real one, but for the module.
test()
{
	local build=$scratch/build

	mkdir -p "$build/plugin/weston"
	ln -s "$WLTEX_BUILD/plugin/cli" "$build/plugin/cli"
	ln -s "$WLTEX_BUILD/tests" "$build/tests"
	ln -s "$WLTEX_BUILD/tests/weston/broken.so" "$build/plugin/weston/wltex.so"
	WLTEX_BUILD=$build "$tests/weston/flips.sh"
}

main "$@"
