/* SPDX-License-Identifier: MIT */
#ifndef CLI_RUN_KEYS_H
#define CLI_RUN_KEYS_H

/* The options of a session, by number, as getopt.h has another struct option. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

size_t run_keys_count(void);
/* E.g. "true-damage". Static. */
const char *run_key_get_name(size_t i);

/* Set its variable of the environment. Returns 0, -EINVAL (it cannot have that value), -ENOMEM. */
int run_key_set(size_t i, const char *value);

/* A line of a help for each: name, what value it takes, what it is for, and its default. */
void run_keys_print(FILE *file);

#endif
