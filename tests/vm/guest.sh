# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What the profiles share: each is a script that runs inside the virtual machine and prints
# one line for each case.
set -uo pipefail

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for the scripts
tests=${vm%/*}
shared=/run/vm
passed=0 failed=0

# The processor is slow, which is no reason to leave surfaces alone. With a wrapper, even one
# that does nothing, headless-weston has more patience.
export WLTEX_SUM_BUDGET_US=1000000 WLTEX_SUM_BUDGET_PERCENT=100
export WLTEX_WESTON_WRAPPER=env

# Count and print the result of a case. $1 is its name, $2 the exit status.
result()
{
	local reason

	case $2 in
	0)
		passed=$((passed + 1))
		echo "ok $1"
		;;
	77)
		# Whatever this machine is for, it has.
		reason=$(grep -m 1 '^SKIP' "$shared/$1.log")
		failed=$((failed + 1))
		echo "FAILED $1: skipped, ${reason#SKIP: }"
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED $1: status $2"
		;;
	esac
}

# try NAME COMMAND...
try()
{
	local name=$1 status=0

	shift
	"$@" >"$shared/$name.log" 2>&1 || status=$?
	result "$name" $status
}

# Run all cases of a test program that holds some. $1 goes before their names.
try_program()
{
	local prefix=$1 program=$2 line status=0 log=$shared/$1${2##*/}.log

	"$program" >"$log" 2>&1 || status=$?
	while read -r line; do
		case $line in
		*': ok') passed=$((passed + 1)) ;;
		*': skipped') echo "skipped $prefix${program##*/}@${line%: skipped}" ;;
		*': FAILED') echo "FAILED $prefix${program##*/}: case ${line%: FAILED}"; failed=$((failed + 1)) ;;
		esac
	done <"$log"
	result "$prefix${program##*/}" $status
}

# The kernel itself found nothing wrong, and no process crashed.
check_kernel_log()
{
	! dmesg | grep -E 'BUG|WARNING|Oops|segfault|general protection|hung task|refcount_t'
}

# To be called last.
finish()
{
	try kernel-log check_kernel_log
	echo "$passed passed, $failed failed"
	((failed == 0 && passed > 0))
}
