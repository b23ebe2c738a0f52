#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The folders of the program use each other in one direction only: what each may include of
# the others is written down here, and only of those before it.
#
#	cli-includes.sh PLUGIN
set -euo pipefail

plugin=$1
failed=false
folders=(alloc flip monitor sum info record report run)
declare -A uses=([alloc]='' [flip]='alloc' [monitor]='' [sum]='' [info]='alloc monitor'
	[record]='monitor' [report]='' [run]='')
before=' '

# The folders below cli/ that the files at a place include something of.
included()
{
	grep -hoE '^#include "cli/[a-z-]+/' "$@" | sed 's|.*"cli/||; s|/$||' | sort -u
}

for folder in "${folders[@]}"; do
	[[ -d $plugin/cli/$folder ]] || {
		echo "there is no folder $folder" >&2
		failed=true
		continue
	}
	for other in $(included -r --include='*.[ch]' "$plugin/cli/$folder"); do
		[[ $other == "$folder" || " ${uses[$folder]} " == *" $other "* ]] && continue
		echo "cli/$folder includes something of cli/$other" >&2
		failed=true
	done
	for other in ${uses[$folder]}; do
		[[ $before == *" $other "* ]] && continue
		echo "cli/$other comes after cli/$folder" >&2
		failed=true
	done
	before+="$folder "
done
# What lies beside the folders is used by all of them and uses none.
for other in $(included "$plugin"/cli/*.[ch]); do
	echo "a file of cli/ includes something of cli/$other" >&2
	failed=true
done
for folder in "$plugin"/cli/*/; do
	folder=$(basename "$folder")
	[[ $before == *" $folder "* || $folder == completions ]] && continue
	echo "nobody said what cli/$folder may use" >&2
	failed=true
done
! $failed
