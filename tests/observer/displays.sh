#!/bin/bash
# SPDX-License-Identifier: MIT
#
# displays.sh PROGRAM: runs each case of displays.c with the observer in it.
# shellcheck source=tests/observer/lib.sh
. "$(dirname "$0")/lib.sh"

for name in two clients_stay fork names table dispatcher; do
	rm -rf "${XDG_RUNTIME_DIR:?}"/*
	WLTEX_PROTOCOL=false LD_PRELOAD=$(asan_runtime) "$wltex" run -- "$1" "$name" \
		>"$scratch/log" 2>&1 || { log=$scratch/log; fail "$name"; }
done
