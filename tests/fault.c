/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "fault.h"
#include "test.h"

#define MAX_NAMES 64

static struct {
	enum fault_way way;
	int turn, calls, allowed;
	bool armed;
	const char *hit;
	struct {
		const char *name;
		int count;
	} names[MAX_NAMES];
} faults;

static void count(const char *name)
{
	int i = 0;

	while (faults.names[i].name != NULL && strcmp(faults.names[i].name, name) != 0)
		i++;
	check(i < MAX_NAMES - 1);
	faults.names[i].name = name;
	faults.names[i].count++;
}

int fault_count(const char *name)
{
	for (int i = 0; faults.names[i].name != NULL; i++) {
		if (strcmp(faults.names[i].name, name) == 0)
			return faults.names[i].count;
	}
	return 0;
}

void fault_begin(enum fault_way way)
{
	faults.way = way;
	faults.turn = 0;
}

bool fault_next(void)
{
	check(!faults.armed);
	if (faults.turn > 0 && faults.hit == NULL) {
		printf("# %d faults, %s\n", faults.turn - 1,
			faults.way == FAULT_ONCE ? "one at a time" : "and all after it");
		for (int i = 0; faults.way == FAULT_FROM_THEN_ON && faults.names[i].name; i++)
			printf("#   %s: %d\n", faults.names[i].name, faults.names[i].count);
		return false;
	}
	faults.turn++;
	check(faults.turn < 10000);
	faults.calls = 0;
	faults.hit = NULL;
	return true;
}

void fault_arm(void)
{
	faults.armed = true;
}

void fault_disarm(void)
{
	faults.armed = false;
}

const char *fault_hit(void)
{
	return faults.hit;
}

bool fault_now(const char *name)
{
	bool fails;

	if (!faults.armed)
		return false;
	faults.calls++;
	fails = faults.calls == faults.turn ||
		(faults.calls > faults.turn && faults.way == FAULT_FROM_THEN_ON);
	if (!fails)
		return false;
	if (faults.hit == NULL)
		faults.hit = name;
	count(name);
	return true;
}

void fault_blocks_changed(int blocks)
{
}
