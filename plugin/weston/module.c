/* SPDX-License-Identifier: MIT */
#include <EGL/egl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weston/module.h"
#include "weston/repaint.h"

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	weston_log("wltex: %s\n", line);
}

/* Listeners may outlive the signal: let go of them, so that they can be removed later. */
static void end_signal(struct wl_signal *signal)
{
	while (!wl_list_empty(&signal->listener_list)) {
		struct wl_list *link = signal->listener_list.next;

		wl_list_remove(link);
		wl_list_init(link);
	}
}

static void module_destroy(struct module *module)
{
	wl_list_remove(&module->destroy.link);
	repaint_finish(module);
	wltex_session_destroy(module->session);
	if (module->scope != NULL)
		weston_log_scope_destroy(module->scope);
	if (module->state_scope != NULL)
		weston_log_scope_destroy(module->state_scope);
	end_signal(&module->texture_created);
	end_signal(&module->texture_destroying);
	free(module);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, destroy);

	module_destroy(module);
}

struct module *module_from_compositor(struct weston_compositor *compositor)
{
	struct wl_listener *listener = wl_signal_get(&compositor->destroy_signal, handle_destroy);
	struct module *module;

	return listener != NULL ? wl_container_of(listener, module, destroy) : NULL;
}

/* gl-renderer leaves its context current when modules are loaded. */
static int create_session(struct module *module)
{
	static const struct wltex_logger logger = {.log = log_message, .level = WLTEX_LOG_DEBUG};
	const struct wltex_context_options gl = {
		.mode = WLTEX_CONTEXT_SHARED,
		.display = eglGetCurrentDisplay(),
		.share = eglGetCurrentContext(),
	};
	const struct wltex_session_options options = {
		.display = module->compositor->wl_display,
		.gl = gl.share != EGL_NO_CONTEXT ? &gl : NULL,
		.host = &module_host,
		.data = module,
		.logger = &logger,
	};

	module->gl_renderer = options.gl != NULL;
	config_open(&module->config, module->compositor);
	config_check(&module->config, &logger);
	module->session = wltex_session_create(&options);
	config_close(&module->config);
	return module->session != NULL ? 0 : -errno;
}

static int module_init(struct module *module)
{
	int ret;

	module->scope = weston_compositor_add_log_scope(module->compositor, "wltex",
		"What becomes of clients' buffers\n", NULL, NULL, NULL);
	module->state_scope = weston_compositor_add_log_scope(module->compositor, "wltex-state",
		"All clients with their buffers and textures, once\n", state_log_begin,
		state_log_end, module);
	ret = create_session(module);
	if (ret < 0)
		return ret;
	return module_register_api(module) < 0 ? -ENOMEM : 0;
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct module *module;
	int ret;

	/* Under this name, or as another copy of it. */
	if (weston_plugin_api_get(compositor, WLTEX_WESTON_API_NAME, 0) != NULL) {
		weston_log("wltex: is loaded already\n");
		return 0;
	}
	module = calloc(1, sizeof(*module));
	if (module == NULL)
		return -1;
	module->compositor = compositor;
	wl_list_init(&module->watched);
	wl_list_init(&module->outputs);
	wl_list_init(&module->output_created.link);
	wl_list_init(&module->state_logs);
	wl_list_init(&module->destroy.link);
	wl_signal_init(&module->texture_created);
	wl_signal_init(&module->texture_destroying);
	if (!weston_compositor_add_destroy_listener_once(
		    compositor, &module->destroy, handle_destroy)) {
		free(module);
		return -1;
	}
	ret = module_init(module);
	if (ret < 0) {
		weston_log("wltex: cannot start: %s\n", strerror(-ret));
		module_destroy(module);
		return -1;
	}
	repaint_init(module);
	return 0;
}
