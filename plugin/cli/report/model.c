/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/model.h"

void model_copy(char *name, size_t size, const char *text)
{
	snprintf(name, size, "%s", text);
}

void model_init(struct report_model *model)
{
	*model = (struct report_model){.cells_left = MODEL_CELLS_MAX};
	wltex_list_init(&model->clients);
}

/* Each member of a list that goes with them. */
static void destroy_all(struct wltex_list *list, void (*destroy)(struct wltex_list *link))
{
	struct wltex_list *next;

	for (struct wltex_list *link = list->next; link != list; link = next) {
		next = link->next;
		destroy(link);
	}
}

static void destroy_surface(struct wltex_list *link)
{
	struct report_surface *surface = wltex_container_of(link, struct report_surface, link);

	heat_finish(&surface->heat);
	free(surface);
}

static void destroy_client(struct wltex_list *link)
{
	struct report_client *client = wltex_container_of(link, struct report_client, link);

	destroy_all(&client->surfaces, destroy_surface);
	free(client);
}

void model_finish(struct report_model *model)
{
	/* A buffer begins with its key. */
	index_finish(&model->buffers, free);
	destroy_all(&model->clients, destroy_client);
}

void model_set_time(struct report_model *model, uint64_t time_ns)
{
	if (time_ns > model->end_ns)
		model->end_ns = time_ns;
}

struct report_client *model_add_client(struct report_model *model, int32_t pid, const char *name)
{
	struct report_client *client = NULL;

	if (model->n_clients < MODEL_CLIENTS_MAX)
		client = calloc(1, sizeof(*client));
	if (client == NULL) {
		model->clients_left_out++;
		return NULL;
	}
	model->n_clients++;
	client->pid = pid;
	model_copy(client->name, sizeof(client->name), name);
	wltex_list_init(&client->surfaces);
	wltex_list_init(&client->buffers);
	wltex_list_insert(model->clients.prev, &client->link);
	return client;
}

struct report_surface *model_add_surface(
	struct report_model *model, struct report_client *client, uint32_t id)
{
	struct report_surface *surface = NULL;

	if (model->n_surfaces < MODEL_SURFACES_MAX)
		surface = calloc(1, sizeof(*surface));
	if (surface == NULL) {
		model->surfaces_left_out++;
		return NULL;
	}
	model->n_surfaces++;
	surface->client = client;
	surface->id = id;
	wltex_list_insert(client->surfaces.prev, &surface->link);
	return surface;
}

static struct report_buffer *create_buffer(
	struct report_model *model, struct report_client *client, uint64_t number)
{
	struct report_buffer *buffer = NULL;

	if (model->n_buffers < MODEL_BUFFERS_MAX)
		buffer = calloc(1, sizeof(*buffer));
	if (buffer == NULL)
		return NULL;
	buffer->number.number = number;
	if (index_insert(&model->buffers, &buffer->number) < 0) {
		free(buffer);
		return NULL;
	}
	model->n_buffers++;
	wltex_list_insert(&client->buffers, &buffer->link);
	return buffer;
}

struct report_buffer *model_add_buffer(
	struct report_model *model, struct report_client *client, const struct buffer_facts *facts)
{
	struct report_buffer *buffer = create_buffer(model, client, facts->number);

	client->buffers_made++;
	if (buffer == NULL) {
		model->buffers_left_out++;
		return NULL;
	}
	buffer->client = client;
	buffer->id = facts->id;
	buffer->width = facts->width;
	buffer->height = facts->height;
	buffer->bytes = facts->bytes;
	buffer->made_ns = model->end_ns;
	model_copy(buffer->kind, sizeof(buffer->kind), facts->kind);
	model_copy(buffer->format, sizeof(buffer->format), facts->format);
	return buffer;
}

void model_remove_buffer(struct report_model *model, struct report_buffer *buffer)
{
	index_remove(&model->buffers, &buffer->number);
	wltex_list_remove(&buffer->link);
	model->n_buffers--;
	free(buffer);
}

void model_end(struct report_model *model)
{
	struct report_client *client;
	struct report_surface *surface;

	wltex_list_for_each (client, &model->clients, link) {
		series_finish_gauge(&client->bytes, &model->clock, model->end_ns);
		wltex_list_for_each (surface, &client->surfaces, link) {
			for (unsigned int i = 0; i < OUTCOME_COUNT; i++)
				series_finish_counts(&surface->lanes[i], &model->clock);
		}
	}
}

uint64_t model_duration(const struct report_model *model)
{
	return model->clock.has_begun ? model->end_ns - model->clock.begin_ns : 0;
}

uint64_t model_get_since(const struct report_model *model, uint64_t time_ns)
{
	return time_ns > model->clock.begin_ns ? time_ns - model->clock.begin_ns : 0;
}
