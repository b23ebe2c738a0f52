/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/report/model.h"

void model_set_gauge(
	struct report_model *model, struct report_client *client, enum gauge gauge, uint64_t value)
{
	client->gauges[gauge].now = value;
	if (value > client->gauges[gauge].peak)
		client->gauges[gauge].peak = value;
	if (gauge == GAUGE_BYTES)
		series_set(&client->bytes, &model->clock, model->end_ns, value);
}

static struct sign *get_sign(struct report_client *client, const char *name)
{
	struct sign *sign = client->signs;

	while (sign < client->signs + client->n_signs &&
		strncmp(sign->name, name, sizeof(sign->name) - 1) != 0)
		sign++;
	if (sign == client->signs + MODEL_SIGNS_MAX)
		return NULL;
	if (sign == client->signs + client->n_signs)
		client->n_signs++;
	return sign;
}

void model_add_sign(struct report_model *model, struct report_client *client, const char *name)
{
	struct sign *sign = get_sign(client, name);

	if (sign == NULL)
		return;
	if (sign->count++ == 0) {
		model_copy(sign->name, sizeof(sign->name), name);
		sign->first_ns = model->end_ns;
	}
}

void model_add_outcome(
	struct report_model *model, struct report_surface *surface, enum outcome outcome)
{
	surface->outcomes[outcome]++;
	if (model->clock.has_begun)
		series_count(&surface->lanes[outcome], &model->clock, model->end_ns, 1);
}

static bool is_same(const struct failure *failure, bool refused, const char *message)
{
	return failure->refused == refused &&
	       strncmp(failure->message, message, sizeof(failure->message) - 1) == 0;
}

/* The one with this message, made if need be; NULL: there is no room. */
static struct failure *get_failure(struct report_client *client, bool refused, const char *message)
{
	struct failure *failure = client->failures;

	for (unsigned int i = 0; i < client->n_failures; i++, failure++) {
		if (is_same(failure, refused, message))
			return failure;
	}
	if (client->n_failures == MODEL_FAILURES_MAX)
		return NULL;
	client->n_failures++;
	failure->refused = refused;
	model_copy(failure->message, sizeof(failure->message), message);
	return failure;
}

void model_add_failure(struct report_model *model, struct report_surface *surface, bool refused,
	const char *reason, const char *message)
{
	struct failure *failure =
		get_failure(surface->client, refused, message[0] != '\0' ? message : reason);

	if (failure == NULL) {
		model->failures_left_out++;
		return;
	}
	if (failure->count++ == 0)
		failure->first_ns = model->end_ns;
	failure->limit = strcmp(reason, "limit") == 0;
}

void model_add_damage(struct report_model *model, struct report_surface *surface,
	const struct damage_facts *facts)
{
	heat_fit(&surface->heat, surface->width, surface->height, &model->cells_left);
	heat_count_claimed(&surface->heat, facts->claimed_tiles);
	heat_count_changed(&surface->heat, facts->true_tiles);
	if (facts->claimed_px == 0)
		return;
	surface->looks++;
	if (facts->true_px == 0) {
		surface->unchanged++;
		surface->vain_px += facts->claimed_px;
	} else {
		surface->claimed_px += facts->claimed_px;
		surface->true_px += facts->true_px;
	}
}

static struct report_buffer *get_shown(
	const struct report_model *model, const struct report_surface *surface)
{
	return surface->buffer != 0 ? index_find(&model->buffers, surface->buffer) : NULL;
}

void model_detach(struct report_model *model, struct report_surface *surface)
{
	struct report_buffer *buffer = get_shown(model, surface);

	surface->buffer = 0;
	if (buffer == NULL)
		return;
	buffer->is_shown = false;
	buffer->shown_ns = model->end_ns;
	/* A compositor may release it in the very commit that shows another, and tell that first. */
	buffer->replaced_ns = buffer->is_released ? 0 : model->end_ns;
}

void model_attach(struct report_model *model, struct report_surface *surface, uint64_t number)
{
	struct report_buffer *buffer;

	model_detach(model, surface);
	surface->buffer = number;
	buffer = get_shown(model, surface);
	if (buffer == NULL)
		return;
	buffer->surface = surface;
	buffer->is_shown = true;
	buffer->is_released = false;
	buffer->shown_ns = model->end_ns;
	buffer->replaced_ns = 0;
	surface->width = buffer->width;
	surface->height = buffer->height;
	/* No texture is ever made of these. */
	if (strcmp(buffer->kind, "shm") == 0)
		model_add_outcome(model, surface, OUTCOME_SHOWN);
}

void model_release(struct report_model *model, struct report_buffer *buffer, uint64_t late_ns)
{
	struct report_surface *surface = buffer->surface;

	buffer->replaced_ns = 0;
	buffer->is_released = true;
	if (surface == NULL)
		return;
	surface->releases.count++;
	surface->releases.late += late_ns > MODEL_LATE_NS;
	if (late_ns > surface->releases.worst_ns)
		surface->releases.worst_ns = late_ns;
}
