#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every command explains itself, and every option that it explains stands in its man page and
# in the completions of all shells.
#
#	cli-documents.sh WLTEX SOURCES
set -euo pipefail

wltex=$1 sources=$2
failed=false

complain()
{
	echo "$*" >&2
	failed=true
}

# complete WORD...: what bash offers for the last word.
complete_words()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_wltex 2>/dev/null
	printf '%s\n' "${COMPREPLY[@]}"
}

check_command()
{
	local command=$1 page section option options zsh_part

	"$wltex" "$command" --help >/dev/null || complain "$command --help fails"
	options=$("$wltex" "$command" --help | grep -oE '^ +--[a-z-]+' | tr -d ' ')
	[[ -n $options ]] || complain "$command has no options"
	page=$(find "$sources" -name "wltex-$command.1.scd")
	[[ -r $page ]] || complain "$command has no man page"
	for section in OPTIONS "EXIT STATUS" ENVIRONMENT EXAMPLES; do
		grep -qx "# $section" "$page" || complain "$page: no $section"
	done
	zsh_part=$(sed -n "/^_wltex_$command()/,/^}/p" "$sources/completions/_wltex")
	for option in $options; do
		grep -qF -- "*$option*" "$page" || complain "$page: no $option"
		grep -qE -- "'$option=?\[|\"$option=?\[" <<<"$zsh_part" ||
			complain "_wltex: no $command $option"
		grep -qE "from $command\" -l ${option#--}( |\$)" "$sources/completions/wltex.fish" ||
			complain "wltex.fish: no $command $option"
		complete_words wltex "$command" "$option" | grep -E "^$option=?\$" >/dev/null ||
			complain "wltex.bash: no $command $option"
	done
	# What is not there is not documented either.
	grep -oE '^\*--[a-z-]+' "$page" | tr -d '*' | while read -r option; do
		grep -qxF -- "$option" <<<"$options" || echo "$page: $option does not exist"
	done | { ! grep . >&2; } || failed=true
	[[ $("$wltex" "$command" -h) == "$("$wltex" "$command" --help)" ]] ||
		complain "$command -h is not $command --help"
	[[ $("$wltex" help "$command") == "$("$wltex" "$command" --help)" ]] ||
		complain "help $command is not $command --help"
	"$wltex" "$command" --no-such-option >/dev/null 2>&1 && complain "$command takes anything"
	(($(set +e; "$wltex" "$command" --no-such-option >/dev/null 2>&1; echo $?) == 2)) ||
		complain "$command: wrong options do not end with status 2"
	grep -qF "*$command*" "$sources/wltex.1.scd" || complain "wltex.1: no $command"
	complete_words wltex "$command" | grep -q . || true
	complete_words wltex "${command:0:2}" | grep -x "$command" >/dev/null ||
		complain "wltex.bash: no $command"
	grep -q "'$command:" "$sources/completions/_wltex" || complain "_wltex: no $command"
	grep -q -- "-a $command " "$sources/completions/wltex.fish" ||
		complain "wltex.fish: no $command"
}

# shellcheck source=plugin/cli/completions/wltex.bash
. "$sources/completions/wltex.bash"
# It runs the program by its name.
wltex()
{
	"$wltex" "$@"
}

for command in $("$wltex" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
	check_command "$command"
done
[[ $("$wltex" help) == "$("$wltex" --help)" && $("$wltex" -h) == "$("$wltex" --help)" ]] ||
	complain "help is not --help"
for words in "" "nothing" "help nothing" "--no-such-option"; do
	# shellcheck disable=SC2086 # several words
	(($(set +e; "$wltex" $words >/dev/null 2>&1; echo $?) == 2)) ||
		complain "wltex $words does not end with status 2"
done
[[ $(complete_words wltex top --sort = buf) == buffers ]] || complain "wltex.bash: no values"
[[ $(complete_words wltex help wa) == watch ]] || complain "wltex.bash: no commands after help"
[[ $(complete_words wltex flip --change p) == pixel ]] || complain "wltex.bash: no values"

# Whoever meets a page of the module or of a library wants to see it used, too.
for page in weston/wltex-weston.7.scd core/libwltex.3.scd session/libwltex-server.3.scd; do
	grep -qE '^# EXAMPLES?$' "$sources/../$page" || complain "$page: no EXAMPLES"
done
grep -qx '# FILES' "$sources/../weston/wltex-weston.7.scd" || complain "wltex-weston.7: no FILES"

# The columns that top sorts by are those that all documents list, in the same order.
columns=$("$wltex" top --sort=nothing 2>&1 | sed -n 's/.*not one of //p') || true
[[ -n $columns ]] || complain "no columns"
for file in monitor/wltex-top.1.scd completions/_wltex completions/wltex.bash \
	completions/wltex.fish; do
	tr -s '\\,_\n\t ' ' ' <"$sources/$file" | sed 's/ or / /g' | grep -qF "${columns//,/}" ||
		complain "$file: not the columns of top"
done

# The formats that are listed anywhere are those that there are, in the same order.
formats=$("$wltex" flip --format=none 2>&1 | sed -n 's/^Formats: //p') || true
[[ -n $formats ]] || complain "no formats"
# Like XR24, RG16 and AB4H; the first in a man page is an example.
list_formats()
{
	tr -s '\n\t ' ' ' <"$1" | grep -oE "$2" | grep -oE '\<[XARB][RBXAG][0-9][0-9H]\>' | xargs
}
for file in flip/wltex-flip.1.scd sum/wltex-sum.1.scd completions/_wltex \
	completions/wltex.bash completions/wltex.fish; do
	[[ $(list_formats "$sources/$file" 'XR24,? AR24[^.;]*AB48') == "$formats" ]] ||
		complain "$file: not the formats of the program"
done

for shell in zsh fish; do
	command -v $shell >/dev/null || continue
	for file in "$sources/completions"/*wltex; do
		[[ $shell == fish ]] && file=$sources/completions/wltex.fish
		$shell -n "$file" || complain "$file is no $shell"
	done
done
! $failed
