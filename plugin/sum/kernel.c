/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sum/clmul.h"
#include "sum/segments.h"
#include "util/export.h"

static const struct sum_kernel *const kernels[] = {
#ifdef SUM_HAVE_PCLMUL
	&sum_kernel_avx512,
	&sum_kernel_vpclmul,
	&sum_kernel_pclmul,
#endif
#ifdef SUM_HAVE_PMULL
	&sum_kernel_pmull,
	&sum_kernel_armv8_crc32,
#endif
	&sum_kernel_portable,
	NULL,
};

static const struct sum_kernel *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const struct sum_kernel *sum_kernel_get(size_t index)
{
	return kernels[index];
}

const struct sum_kernel *sum_kernel_find(const char *name)
{
	for (size_t i = 0; kernels[i] != NULL; i++) {
		if (strcmp(kernels[i]->name, name) == 0)
			return kernels[i]->is_available() ? kernels[i] : NULL;
	}
	return NULL;
}

static void choose(void)
{
	const char *name = getenv("WLTEX_SUM");

	if (name != NULL)
		chosen = sum_kernel_find(name);
	for (size_t i = 0; chosen == NULL && kernels[i] != NULL; i++) {
		if (kernels[i]->is_available())
			chosen = kernels[i];
	}
}

const struct sum_kernel *sum_kernel_choose(void)
{
	pthread_once(&once, choose);
	return chosen;
}

WLTEX_EXPORT uint32_t wltex_sum_bytes(uint32_t crc, const void *data, size_t size)
{
	return data != NULL ? sum_kernel_choose()->sum_bytes(crc, data, size) : crc;
}

WLTEX_EXPORT const char *wltex_sum_get_kernel(void)
{
	return sum_kernel_choose()->name;
}
