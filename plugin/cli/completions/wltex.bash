# SPDX-License-Identifier: MIT
# bash completion of wltex
# shellcheck shell=bash disable=SC2207 # words have no spaces

# Print the values that an option of a command can have; nothing: any.
_wltex_values()
{
	case $1 in
	flip--change) echo none pixel tile full ;;
	flip--damage) echo exact full ;;
	flip--pattern) echo gradient checker bars noise ;;
	flip--allocator) echo auto gbm udmabuf dma-heap memfd ;;
	sum--method) echo cpu gpu ;;
	flip--format|sum--format)
		echo XR24 AR24 XB24 AB24 RX24 RA24 BX24 BA24 XR30 AR30 XB30 AB30 \
			RX30 RA30 BX30 BA30 RG16 BG16 XR15 AR15 XB15 AB15 RX15 RA15 BX15 BA15 \
			XR4H AR4H XB4H AB4H XR48 AR48 XB48 AB48
		;;
	run--content-sums|run--true-damage|run--shm-textures|run--protocol|run--raise-fd-limit|\
		run--control|run--snapshot)
		echo true false
		;;
	run--sum-method) echo cpu gpu auto off ;;
	run--textures) echo auto at-commit on-access ;;
	run--limit-action) echo warn refuse disconnect ;;
	run--log-level) echo error warning info debug ;;
	watch--event)
		echo imported reimported reused destroyed failed refused not_asked client_created \
			client_named client_destroyed
		;;
	top--sort | top--columns)
		echo pid name title commits imports reuse true live bytes shm buffers params fds \
			release bytes-trend commits-trend leak
		;;
	esac
}

_wltex()
{
	local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' option=''

	COMPREPLY=()
	((COMP_CWORD > 1)) && command=${COMP_WORDS[1]}
	# "=" is a word of its own.
	if [[ $cur == = && $before == --* ]]; then
		option=$before cur=
	elif [[ $before == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $before == --* && $cur != -* ]]; then
		option=$before
	fi
	case $option in
	--socket|--output|--device|--png|--sheet|--config|--stats)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--directory)
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -d -- "$cur"))
		return
		;;
	--pid)
		COMPREPLY=($(cd /proc && compgen -G "${cur:-[0-9]}*"))
		return
		;;
	esac
	if [[ -n $option && -n $(_wltex_values "$command$option") ]]; then
		COMPREPLY=($(compgen -W "$(_wltex_values "$command$option")" -- "$cur"))
	elif [[ -z $command ]]; then
		COMPREPLY=($(compgen -W "export flip help info record report run snapshot sum top watch --help --version" \
			-- "$cur"))
	elif [[ $command == help ]]; then
		COMPREPLY=($(compgen -W "export flip info record report run snapshot sum top watch" -- "$cur"))
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(wltex "$command" --help 2>/dev/null |
			grep -oE '^ +--[a-z-]+=?')" -- "$cur"))
		[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null
	elif [[ $command == sum || $command == report ]]; then
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur"))
	elif [[ $command == run || $command == record ]]; then
		COMPREPLY=($(compgen -c -- "$cur"))
	fi
}

complete -F _wltex wltex
