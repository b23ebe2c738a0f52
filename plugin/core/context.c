/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/core.h"
#include "core/gpu.h"
#include "core/texture.h"
#include "util/export.h"

static int context_init(struct wltex_context *context, const struct wltex_context_options *options)
{
	struct core_guard guard;
	int ret = core_display_open(context, options);

	if (ret < 0)
		return ret;
	ret = core_enter(&guard, context);
	if (ret < 0)
		return ret;
	ret = core_capabilities_init(context);
	core_leave(&guard);
	if (ret < 0)
		return ret;

	context->ledger = options->ledger;
	if (context->ledger == NULL) {
		context->ledger = wltex_ledger_create();
		context->owns_ledger = true;
	}
	return context->ledger != NULL ? 0 : -ENOMEM;
}

static void context_free(struct wltex_context *context)
{
	core_capabilities_finish(context);
	core_display_close(context);
	if (context->owns_ledger)
		wltex_ledger_destroy(context->ledger);
	free(context);
}

WLTEX_EXPORT struct wltex_context *wltex_context_create(const struct wltex_context_options *options)
{
	static const struct wltex_context_options defaults = {0};
	static atomic_uint_fast64_t n_contexts;
	struct wltex_context *context;
	int ret;

	if (options == NULL)
		options = &defaults;
	if ((unsigned)options->when > WLTEX_ON_ACCESS) {
		errno = EINVAL;
		return NULL;
	}
	context = calloc(1, sizeof(*context));
	if (context == NULL)
		return NULL;
	context->id = ++n_contexts;
	context->mode = options->mode;
	context->thread = pthread_self();
	context->no_sums = options->no_sums;
	context->when = options->when != WLTEX_WHEN_DEFAULT ? options->when : WLTEX_AT_ATTACH;
	if (options->logger != NULL)
		context->logger = *options->logger;
	wltex_list_init(&context->textures);

	ret = context_init(context, options);
	if (ret < 0) {
		context_free(context);
		errno = -ret;
		return NULL;
	}
	return context;
}

WLTEX_EXPORT void wltex_context_destroy(struct wltex_context *context)
{
	struct core_guard guard;
	bool entered;

	if (context == NULL || !core_on_thread(context, "wltex_context_destroy"))
		return;
	while (!wltex_list_empty(&context->textures))
		core_texture_abandon(
			wltex_container_of(context->textures.next, struct wltex_texture, link));
	/* Names are shared: they would outlive a context of wltex's own. */
	entered = (context->n_orphans > 0 || context->gpu != NULL) &&
		  core_enter_to_delete(&guard, context) == 0;
	core_gpu_finish(context, entered);
	if (entered)
		core_leave(&guard);
	context_free(context);
}

WLTEX_EXPORT int wltex_context_check(struct wltex_context *context)
{
	struct core_guard guard;
	int ret;

	if (context == NULL)
		return -EINVAL;
	ret = core_enter(&guard, context);
	if (ret == 0) {
		/* In a context of the caller's, only an error tells. */
		if (context->mode == WLTEX_CONTEXT_CURRENT &&
			core_check_lost(context, glGetError()))
			ret = -ENODEV;
		core_leave(&guard);
	}
	if (ret != -EPERM)
		core_texture_lose_all(context);
	return ret;
}

WLTEX_EXPORT struct wltex_ledger *wltex_context_get_ledger(struct wltex_context *context)
{
	return context != NULL ? context->ledger : NULL;
}

WLTEX_EXPORT const struct wltex_capabilities *wltex_context_get_capabilities(
	const struct wltex_context *context)
{
	return context != NULL ? &context->capabilities : NULL;
}
