/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WESTON_FAULTS_H
#define TESTS_WESTON_FAULTS_H

#include <stdint.h>

/*
 * What a test and faults-module.c in Weston say to each other, in a file that both map: its
 * name is in WLTEX_FAULTS. The test sets the first three.
 */
struct fault_control {
	/* The n-th call fails; with the others, too, all that come after it. */
	_Atomic uint32_t turn, others_too;
	/* Calls count, and may fail. */
	_Atomic uint32_t armed;
	/* Calls since then, how many of them failed, and what failed first. */
	_Atomic uint32_t calls, failed;
	char first[64];
	/* Blocks of memory that the module holds. */
	_Atomic int32_t blocks;
};

#endif
