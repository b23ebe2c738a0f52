#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The shell of a terminal in real-clients.sh: text that scrolls, colours, a cursor that waits.
for ((line = 0; ; line++)); do
	printf '\e[%dmline %d\e[0m of a long output, that scrolls\n' $((31 + line % 7)) "$line"
	((line % 5)) || sleep 0.05
	((line % 40)) || printf '\e[2J\e[H'
done
