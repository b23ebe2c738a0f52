# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The kernel's list of dmabufs, for scripts that have tests/weston/lib.sh.
dmabuf_list=/sys/kernel/debug/dma_buf/bufinfo

# Print how many dmabufs have this name; without a name, how many there are.
count_dmabufs()
{
	awk -v name="${1-}" '$1 ~ /^[0-9]+$/ && NF >= 7 && (name == "" || $7 == name) { n++ }
		END { print n + 0 }' "$dmabuf_list"
}

# Have something else drawn: llvmpipe keeps what it drew last.
draw_something_else()
{
	"$WLTEX_BUILD/tests/vm/client-vm" shared_memory >"$scratch/out.shm" 2>&1 || {
		cat "$scratch/out.shm" >&2
		fail "no client of wl_shm could be shown"
	}
}

# has_dmabufs COUNT [NAME]
has_dmabufs()
{
	(($(count_dmabufs "${2-}") == $1))
}

# expect_no_dmabufs NAME WHOSE
expect_no_dmabufs()
{
	draw_something_else
	until_true 20 has_dmabufs 0 "$1" && return
	cat "$dmabuf_list" >&2
	fail "there are dmabufs of $2"
}

# expect_exporter PID NAME: the process has dmabufs of that exporter, apart from the one of a
# page that each llvmpipe has.
expect_exporter()
{
	awk -v name="$2" '/^size:/ { size = $2 }
		/^exp_name:/ && $2 == name && size != 4096 { found = 1 }
		END { exit !found }' "/proc/$1/fdinfo"/* ||
		fail "process $1 has no dmabuf of exporter $2"
}

# Print the bytes of the dmabufs that a process has fds of, each once.
dmabuf_bytes()
{
	awk '/^(pos|flags|mnt_id):/ { size = 0 }
		/^ino:/ { ino = $2 }
		/^size:/ { size = $2 }
		/^exp_name:/ && !(ino in seen) { seen[ino] = 1; sum += size }
		END { print sum + 0 }' "/proc/$1/fdinfo"/*
}
