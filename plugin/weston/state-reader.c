/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "weston/module.h"
#include "weston/state.h"

/* Between two pieces for a log scope. */
#define LOG_PAUSE_MS 1

/* What answers a request; or a subscription of the log scope. */
struct state_log {
	struct state_reader reader;
	struct wl_list link; // module.state_logs
	struct weston_log_subscription *subscription;
	struct wl_event_source *timer;
	bool has_begun;
	struct module *module;
};

/* The client behind this link of the list, if it is one that is to be shown. */
static struct module_client *get_client(
	const struct state_reader *reader, struct module *module, struct wl_list *link)
{
	struct module_client *client = wl_container_of(link, client, link);

	return link != &module->clients && client->id <= reader->last_id ? client : NULL;
}

static void step(struct state_reader *reader)
{
	reader->next = get_client(reader, reader->next->module, reader->next->link.next);
}

void state_reader_init(struct state_reader *reader, struct module *module, FILE *file)
{
	*reader = (struct state_reader){.last_id = module->last_client_id};
	reader->next = get_client(reader, module, module->clients.next);
	wl_list_insert(&module->state_readers, &reader->link);
	state_print_start(file, module);
}

void state_reader_finish(struct state_reader *reader)
{
	wl_list_remove(&reader->link);
}

void state_client_goes(struct module_client *client)
{
	struct state_reader *reader;

	wl_list_for_each (reader, &client->module->state_readers, link) {
		if (reader->next == client)
			step(reader);
	}
}

static void print_next(struct state_reader *reader, uint64_t bytes, FILE *file)
{
	if (bytes < STATE_MAX_BYTES) {
		fputs(reader->listed++ > 0 ? ", " : "", file);
		state_print_client(file, reader->next, bytes < STATE_LIST_BYTES);
	} else {
		reader->left_out++;
	}
	step(reader);
}

bool state_reader_print(struct state_reader *reader, FILE *file)
{
	long start = ftell(file);
	uint64_t bytes = 0;

	for (int i = 0; i < STATE_PIECE_CLIENTS && bytes < STATE_PIECE_BYTES; i++) {
		if (reader->next == NULL)
			break;
		print_next(reader, reader->bytes + bytes, file);
		bytes = (uint64_t)(ftell(file) - start);
	}
	reader->bytes += bytes;
	if (reader->next != NULL)
		return true;
	fprintf(file, "], \"clients_left_out\": %u", reader->left_out);
	return false;
}

static bool write_rest(void *data, FILE *file)
{
	return state_reader_print(data, file);
}

static void end_rest(void *data)
{
	state_reader_finish(data);
	free(data);
}

const char *state_answer(struct module *module, struct wltex_control_answer *answer)
{
	struct state_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return "out of memory";
	state_reader_init(reader, module, answer->file);
	answer->rest = (struct wltex_control_rest){write_rest, end_rest, reader};
	return NULL;
}

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
		state_reader_init(&log->reader, log->module, file);
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
