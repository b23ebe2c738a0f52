/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "sum/workers.h"

struct sum_workers {
	pthread_mutex_t lock;
	pthread_cond_t changed; // job or stop, and busy == 0
	/* All below under the lock. A worker takes part in a job at most once. */
	void (*run)(void *data); // NULL: there is no job
	void *data;
	uint64_t job;
	uint32_t busy;
	bool stop;

	uint32_t count;
	pthread_t threads[];
};

uint32_t sum_count_cores(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (uint32_t)CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (uint32_t)online : 1;
}

static void *work(void *data)
{
	struct sum_workers *workers = data;
	void (*run)(void *data);
	void *job_data;
	uint64_t last = 0;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stop) {
		if (workers->run == NULL || workers->job == last) {
			pthread_cond_wait(&workers->changed, &workers->lock);
			continue;
		}
		last = workers->job;
		run = workers->run;
		job_data = workers->data;
		workers->busy++;
		pthread_mutex_unlock(&workers->lock);
		run(job_data);
		pthread_mutex_lock(&workers->lock);
		if (--workers->busy == 0)
			pthread_cond_broadcast(&workers->changed);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

struct sum_workers *sum_workers_create(uint32_t count)
{
	struct sum_workers *workers;
	sigset_t all, before;
	int error = 0;

	workers = calloc(1, sizeof(*workers) + count * sizeof(workers->threads[0]));
	if (workers == NULL)
		return NULL;
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->changed, NULL);

	/* Signals are for the threads of the program that uses this library. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (workers->count < count && error == 0) {
		error = pthread_create(&workers->threads[workers->count], NULL, work, workers);
		if (error == 0)
			workers->count++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0) {
		sum_workers_destroy(workers);
		errno = error;
		return NULL;
	}
	return workers;
}

void sum_workers_destroy(struct sum_workers *workers)
{
	if (workers == NULL)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->stop = true;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	for (uint32_t i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->changed);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

void sum_workers_run(struct sum_workers *workers, void (*run)(void *data), void *data)
{
	pthread_mutex_lock(&workers->lock);
	workers->run = run;
	workers->data = data;
	workers->job++;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);

	run(data);

	pthread_mutex_lock(&workers->lock);
	workers->run = NULL;
	while (workers->busy > 0)
		pthread_cond_wait(&workers->changed, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
}
