/* SPDX-License-Identifier: MIT */
#include <EGL/egl.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "ledger/ledger.h"
#include "util/log.h"
#include "util/text.h"
#include "weston/module.h"
#include "weston/repaint.h"
#include "weston/snapshot.h"
#include "weston/state.h"

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

/* Clients' mistakes are logged: so many lines, and no client can fill a disk. */
#define LOG_LINES 20
#define LOG_PERIOD_S 10

static void end_log_period(struct module *module)
{
	if (module->log_lines > LOG_LINES)
		weston_log("wltex: %u messages were left out\n", module->log_lines - LOG_LINES);
	module->log_lines = 0;
}

static bool may_log(struct module *module)
{
	struct timespec now;

	if (module->options.log_level >= WLTEX_LOG_DEBUG)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - module->log_begin_s >= LOG_PERIOD_S) {
		end_log_period(module);
		module->log_begin_s = now.tv_sec;
	}
	return module->log_lines++ < LOG_LINES;
}

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	char line[512], clean[768];

	if (level > WLTEX_LOG_ERROR && !may_log(data))
		return;
	/* Names of clients are in it: they must not act upon who reads the log. */
	vsnprintf(line, sizeof(line), format, args);
	weston_log("wltex: %s\n", wltex_text_clean(clean, sizeof(clean), line));
}

static void handle_create_surface(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, create_surface);
	struct weston_surface *surface = data;

	if (surface->resource != NULL)
		module_surface_create(module, surface);
}

/* gl-renderer leaves its context current when modules are loaded. */
static void create_context(struct module *module)
{
	const struct wltex_context_options options = {
		.mode = WLTEX_CONTEXT_SHARED,
		.display = eglGetCurrentDisplay(),
		.share = eglGetCurrentContext(),
		.ledger = module->ledger,
		.logger = &module->logger,
		.no_sums = !module->options.content_sums,
	};
	const struct wltex_capabilities *capabilities;

	if (options.share == EGL_NO_CONTEXT) {
		wltex_warning(&module->logger,
			"no GL renderer: no textures are made, the ledger is kept");
		return;
	}
	module->context = wltex_context_create(&options);
	if (module->context == NULL) {
		wltex_warning(&module->logger,
			"no GL context (%s): no textures are made, the ledger is kept",
			strerror(errno));
		return;
	}
	capabilities = wltex_context_get_capabilities(module->context);
	if (!capabilities->dmabuf_import) {
		wltex_warning(&module->logger,
			"EGL cannot import dmabufs: no textures are made, the ledger is kept");
		wltex_context_destroy(module->context);
		module->context = NULL;
		return;
	}
	wltex_info(&module->logger, "GL ES %d.%d on %s, %zu formats and modifiers",
		capabilities->gles_version / 10, capabilities->gles_version % 10,
		capabilities->renderer, capabilities->n_formats);
}

static struct rlimit inherited_fd_limit;

static void restore_fd_limit(void)
{
	setrlimit(RLIMIT_NOFILE, &inherited_fd_limit);
}

/*
 * The compositor holds an fd for each dmabuf, and so do we. What it starts gets the limit
 * that it had itself: a program may still use select().
 */
static void raise_fd_limit(struct module *module)
{
	struct rlimit limit;

	if (!module->options.raise_fd_limit || getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
		limit.rlim_cur == limit.rlim_max)
		return;
	inherited_fd_limit = limit;
	limit.rlim_cur = limit.rlim_max;
	if (pthread_atfork(NULL, NULL, restore_fd_limit) != 0 ||
		setrlimit(RLIMIT_NOFILE, &limit) < 0)
		wltex_warning(&module->logger, "cannot raise the limit of open files");
}

static const char *handle_request(void *data, const char *name, struct json_object *request,
	struct wltex_control_answer *answer)
{
	struct module *module = data;

	if (strcmp(name, "state") == 0)
		return state_answer(module, answer);
	if (strcmp(name, "snapshot") == 0)
		return snapshot_answer(module, request, answer->file, &answer->fd);
	return "unknown request";
}

static const struct wltex_control_interface control_interface = {
	.request = handle_request,
};

/* $XDG_RUNTIME_DIR/wltex.<wayland-display>.sock; without it everything else works. */
static void create_control(struct module *module)
{
	const char *dir = getenv("XDG_RUNTIME_DIR"), *display = getenv("WAYLAND_DISPLAY");
	char path[256];
	int n;

	if (dir == NULL || dir[0] != '/' || display == NULL)
		return;
	/* An absolute display name is a path: its last part names the display. */
	if (strrchr(display, '/') != NULL)
		display = strrchr(display, '/') + 1;
	n = snprintf(path, sizeof(path), "%s/wltex.%s.sock", dir, display);
	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	module->control =
		wltex_control_create(wl_display_get_event_loop(module->compositor->wl_display),
			path, &control_interface, module, &module->logger);
	if (module->control == NULL)
		wltex_warning(
			&module->logger, "no control socket at %s: %s", path, strerror(errno));
}

static void write_stats(struct module *module)
{
	FILE *file;
	int ret;

	if (module->options.stats == NULL)
		return;
	file = fopen(module->options.stats, "we");
	ret = file != NULL ? wltex_ledger_print_json(module->ledger, file) : -errno;
	if (file != NULL && fclose(file) != 0 && ret == 0)
		ret = -errno;
	if (ret < 0)
		wltex_error(&module->logger, "cannot write the ledger to %s: %s",
			module->options.stats, strerror(-ret));
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
	wl_list_remove(&module->create_surface.link);
	wl_list_remove(&module->destroy.link);
	repaint_finish(module);
	wltex_control_destroy(module->control);
	module->control = NULL;
	pictures_finish(&module->pictures);
	wltex_track_destroy(module->track);
	wltex_server_destroy(module->server);
	wltex_context_destroy(module->context);
	wltex_ledger_destroy(module->ledger);
	if (module->scope != NULL)
		weston_log_scope_destroy(module->scope);
	if (module->state_scope != NULL)
		weston_log_scope_destroy(module->state_scope);
	end_log_period(module);
	options_finish(&module->options);
	end_signal(&module->texture_created);
	end_signal(&module->texture_destroying);
	free(module);
}

/* The ledger is written first: clients that are still there keep what they hold in it. */
static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct module *module = wl_container_of(listener, module, destroy);

	write_stats(module);
	module_destroy(module);
}

struct module *module_from_compositor(struct weston_compositor *compositor)
{
	struct wl_listener *listener = wl_signal_get(&compositor->destroy_signal, handle_destroy);
	struct module *module;

	return listener != NULL ? wl_container_of(listener, module, destroy) : NULL;
}

static int module_init(struct module *module)
{
	options_init(&module->options, module->compositor);
	module->logger = (struct wltex_logger){
		.log = log_message,
		.data = module,
		.level = module->options.log_level,
	};
	raise_fd_limit(module);
	budget_init(&module->budget, (uint64_t)module->options.sum_budget_us * 1000,
		(uint64_t)module->options.sum_budget_percent * 10000000);
	module->gl_renderer = eglGetCurrentContext() != EGL_NO_CONTEXT;
	module->scope = weston_compositor_add_log_scope(module->compositor, "wltex",
		"What becomes of clients' buffers\n", NULL, NULL, NULL);
	module->state_scope = weston_compositor_add_log_scope(module->compositor, "wltex-state",
		"All clients with their buffers and textures, once\n", state_log_begin,
		state_log_end, module);
	module->ledger = wltex_ledger_create();
	if (module->ledger == NULL)
		return -ENOMEM;
	create_context(module);
	module->track = wltex_track_create(
		module->compositor->wl_display, &module_track_interface, module, &module->logger);
	if (module->track == NULL)
		return -errno;
	if (module->options.limit_action != LIMIT_WARN)
		wltex_track_set_client_fd_limit(
			module->track, (int)(module->options.limits[LIMIT_FDS] < INT_MAX
						       ? module->options.limits[LIMIT_FDS]
						       : INT_MAX));
	if (module->options.control)
		create_control(module);
	if (module->options.protocol) {
		module->server = wltex_server_create(module->compositor->wl_display);
		if (module->server == NULL)
			return -errno;
	}
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
	pictures_init(&module->pictures, wl_display_get_event_loop(compositor->wl_display));
	wl_list_init(&module->clients);
	wl_list_init(&module->watched);
	wl_list_init(&module->outputs);
	wl_list_init(&module->output_created.link);
	wl_list_init(&module->state_readers);
	wl_list_init(&module->state_logs);
	wl_list_init(&module->create_surface.link);
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
	module->create_surface.notify = handle_create_surface;
	wl_signal_add(&compositor->create_surface_signal, &module->create_surface);
	return 0;
}
