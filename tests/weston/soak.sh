#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A minute of tests/soak; and it finds what grows.
# shellcheck source=tests/weston/lib.sh
. "$(dirname "$0")/lib.sh"

# samples FIELD GROWTH: print samples of a run in which one of the fields grows at rest:
# 4 is memory, 5 fds, 6 fds of clients' memory, 8 textures. Memory is noisy anyway.
samples()
{
	echo "state,second,clients_started,rss_kib,fds,client_memory_fds,clients,live_textures,live_bytes,ledger_fds"
	awk -v field="$1" -v growth="$2" 'BEGIN {
		for (i = 0; i < 30; i++) {
			value[4] = 100000 + (i * 7919) % 9000
			value[5] = 19; value[6] = 2; value[8] = 0
			value[field] += i * growth
			print "busy," i * 10 + 5 "," i * 40 ",200000,60,30,20,14,5000000,40"
			print "rest," i * 10 + 9 "," i * 40 + 40 "," value[4] "," value[5] "," value[6] ",0," \
				value[8] ",0,0"
		}
	}'
}

# found FIELD GROWTH
found()
{
	samples "$@" >"$scratch/samples"
	! "$tests/soak" --judge "$scratch/samples" >"$scratch/judged"
}

check_judge()
{
	! found 4 0 || fail "finds growth where there is noise: $(cat "$scratch/judged")"
	! is_plain || found 4 2000 || fail "does not find 2,000 KiB a turn: $(cat "$scratch/judged")"
	found 5 1 || fail "does not find fds"
	found 6 1 || fail "does not find clients' memory"
	found 8 1 || fail "does not find textures"
	samples 4 0 | sed -n 1,5p >"$scratch/samples"
	! "$tests/soak" --judge "$scratch/samples" >/dev/null || fail "is content with two samples"
}

test()
{
	check_judge
	"$tests/soak" --minutes 1 --turn 5 --csv "$scratch/soak.csv"
}

main "$@"
