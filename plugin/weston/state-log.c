/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "session/state.h"
#include "weston/module.h"

/* Between two pieces for a log scope. */
#define LOG_PAUSE_MS 1

/* A subscription of the log scope. */
struct state_log {
	struct state_reader reader;
	struct wl_list link; // module.state_logs
	struct weston_log_subscription *subscription;
	struct wl_event_source *timer;
	bool has_begun;
	struct module *module;
};

static void state_log_destroy(struct state_log *log)
{
	if (log->has_begun)
		state_reader_finish(&log->reader);
	if (log->timer != NULL)
		wl_event_source_remove(log->timer);
	wl_list_remove(&log->link);
	free(log);
}

static bool print_log(struct state_log *log, FILE *file)
{
	bool more;

	if (!log->has_begun) {
		fputs("{\"state\": 1", file);
		state_reader_init(&log->reader, log->module->session, file);
		log->has_begun = true;
	}
	more = state_reader_print(&log->reader, file);
	if (!more)
		fputs("}\n", file);
	return more;
}

static int handle_timer(void *data)
{
	struct state_log *log = data;
	struct weston_log_subscription *subscription = log->subscription;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	bool more = false;

	if (file != NULL) {
		more = print_log(log, file);
		if (fclose(file) == 0)
			weston_log_subscription_printf(subscription, "%s", text);
	}
	free(text);
	if (more) {
		wl_event_source_timer_update(log->timer, LOG_PAUSE_MS);
		return 0;
	}
	/* Whoever asked must not wait for ever. */
	state_log_destroy(log);
	weston_log_subscription_complete(subscription);
	return 0;
}

/* Subscriptions of Weston's command line come before the module has anything to show. */
void state_log_begin(struct weston_log_subscription *subscription, void *data)
{
	struct module *module = data;
	struct wl_event_loop *loop = wl_display_get_event_loop(module->compositor->wl_display);
	struct state_log *log = calloc(1, sizeof(*log));

	if (log == NULL) {
		weston_log_subscription_complete(subscription);
		return;
	}
	log->module = module;
	log->subscription = subscription;
	wl_list_insert(&module->state_logs, &log->link);
	log->timer = wl_event_loop_add_timer(loop, handle_timer, log);
	if (log->timer != NULL) {
		wl_event_source_timer_update(log->timer, LOG_PAUSE_MS);
		return;
	}
	state_log_destroy(log);
	weston_log_subscription_complete(subscription);
}

void state_log_end(struct weston_log_subscription *subscription, void *data)
{
	struct module *module = data;
	struct state_log *log, *next;

	wl_list_for_each_safe (log, next, &module->state_logs, link) {
		if (log->subscription == subscription)
			state_log_destroy(log);
	}
}
