/* SPDX-License-Identifier: MIT */
#ifndef SUM_WORKERS_H
#define SUM_WORKERS_H

#include <stdint.h>

/* Threads that help with a job: one made of parts, each taken by a thread that is free. */
struct sum_workers;

/* How many threads can run at the same time. */
uint32_t sum_count_cores(void);

/* NULL with errno set if not all threads could be started. */
struct sum_workers *sum_workers_create(uint32_t count);
void sum_workers_destroy(struct sum_workers *workers);

/*
 * Call run(data) in this thread, and in those workers that are awake before it is through
 * here. Returns when all of them are through: it does not wait for a worker to wake up.
 */
void sum_workers_run(struct sum_workers *workers, void (*run)(void *data), void *data);

#endif
