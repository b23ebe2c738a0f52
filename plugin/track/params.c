/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>

#include "dmabuf/dmabuf.h"
#include "track/private.h"

/* zwp_linux_buffer_params_v1 that say which modifier they mean. */
#define MODIFIER_SINCE 3

static void remember_error(struct params *params, enum wltex_dmabuf_error error)
{
	if (error == WLTEX_DMABUF_OK || params->error != WLTEX_DMABUF_OK)
		return;
	params->error = error;
	wltex_debug(params->client->track->logger, "client %d: buffer parameters refused: %s",
		(int)params->client->base.pid, wltex_dmabuf_error_message(error));
}

static void drop_planes(struct params *params)
{
	int held = wltex_params_get_fd_count(&params->planes);

	wltex_params_finish(&params->planes);
	wltex_params_init(&params->planes);
	client_change_fds(params->client, -held);
}

/*
 * Whether fd, which was the lowest that was free, is one of the last quarter. That is for
 * clients that have few, and for the compositor, which holds an fd for each of ours.
 */
static bool is_scarce(const struct client *client, int fd)
{
	return fd >= client->track->scarce_fd && client->base.fds > WLTEX_TRACK_FEW_FDS;
}

static enum wltex_dmabuf_error add(
	struct params *params, const union wl_argument *args, uint64_t modifier)
{
	struct client *client = params->client;
	int held = wltex_params_get_fd_count(&params->planes);
	enum wltex_dmabuf_error error = wltex_params_add(
		&params->planes, args[0].h, args[1].u, args[2].u, args[3].u, modifier);

	client_change_fds(client, wltex_params_get_fd_count(&params->planes) - held);
	if (error == WLTEX_DMABUF_OK && is_scarce(client, params->planes.planes[args[1].u].fd)) {
		drop_planes(params);
		error = WLTEX_DMABUF_NO_FDS;
	}
	return error;
}

static void handle_add(struct params *params, const union wl_argument *args)
{
	struct client *client = params->client;
	int limit = client->track->client_fd_limit;
	uint64_t modifier = (uint64_t)args[4].u << 32 | args[5].u;

	if (wl_resource_get_version(params->resource) < MODIFIER_SINCE)
		modifier = DRM_FORMAT_MOD_INVALID;
	if (params->used) {
		remember_error(params, WLTEX_DMABUF_ALREADY_USED);
	} else if (limit > 0 && client->base.fds >= limit) {
		remember_error(params, WLTEX_DMABUF_NO_FDS);
		track_emit(client->track, fd_limit_reached, &client->base);
	} else {
		remember_error(params, add(params, args, modifier));
	}
}

/*
 * Make the dmabuf of what create or create_immed describes: now and not when the
 * compositor has answered, as params are used up by it whatever the answer.
 */
static struct wltex_dmabuf *use(struct params *params, const union wl_argument *args)
{
	struct wltex_dmabuf *dmabuf = NULL;
	enum wltex_dmabuf_error error = WLTEX_DMABUF_OK;

	if (params->used) {
		remember_error(params, WLTEX_DMABUF_ALREADY_USED);
		return NULL;
	}
	params->used = true;
	if (params->error == WLTEX_DMABUF_OK) {
		int held = wltex_params_get_fd_count(&params->planes);
		dmabuf = wltex_params_create_dmabuf(
			&params->planes, args[0].i, args[1].i, args[2].u, args[3].u, &error);
		if (dmabuf != NULL)
			dmabuf->fds_counted = true; /* for the client, from the message on */
		remember_error(params, error);
		client_change_fds(params->client,
			wltex_params_get_fd_count(&params->planes) - held +
				(dmabuf != NULL ? wltex_dmabuf_get_fd_count(dmabuf) : 0));
	}
	drop_planes(params);
	return dmabuf;
}

static void handle_create(struct params *params, const union wl_argument *args)
{
	struct wltex_dmabuf *dmabuf = use(params, args);

	if (dmabuf != NULL)
		params->dmabuf = dmabuf;
	params->n_unanswered++;
}

static void handle_create_immed(struct params *params, const union wl_argument *args)
{
	struct wltex_dmabuf *dmabuf = use(params, args + 1);

	params->client->track->expected = (struct expected){
		.kind = EXPECT_DMABUF,
		.client = params->client,
		.params = params,
		.id = args[0].n,
		.dmabuf = dmabuf,
		.error = dmabuf != NULL ? WLTEX_DMABUF_OK : params->error,
	};
}

static void handle_created(struct params *params, const union wl_argument *args)
{
	struct client *client = params->client;
	struct wl_resource *resource = wl_client_get_object(client->base.client, args[0].n);
	struct wltex_dmabuf *dmabuf = params->dmabuf;

	/* An answer to nothing that was asked says nothing. */
	if (params->n_unanswered == 0)
		return;
	params->n_unanswered--;
	if (resource == NULL || strcmp(wl_resource_get_class(resource), "wl_buffer") != 0 ||
		buffer_from_resource(resource) != NULL) {
		client_drop_dmabuf(client, &params->dmabuf);
		return;
	}
	params->dmabuf = NULL;
	buffer_create(client, resource, dmabuf, dmabuf != NULL ? WLTEX_DMABUF_OK : params->error);
}

static void handle_failed(struct params *params)
{
	struct wltex_track *track = params->client->track;

	if (params->n_unanswered > 0)
		params->n_unanswered--;
	params->used = true;
	drop_planes(params);
	client_drop_dmabuf(params->client, &params->dmabuf);
	if (track->expected.params == params)
		expected_drop(&track->expected);
	/* What create_immed made is not a buffer of anything then. */
	if (params->buffer != NULL)
		buffer_destroy(params->buffer);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct params *params = wl_container_of(listener, params, destroy);

	params_destroy(params);
}

void params_handle_message(struct wltex_track *track, enum message_kind kind,
	const struct wl_protocol_logger_message *message)
{
	struct wl_listener *listener =
		wl_resource_get_destroy_listener(message->resource, handle_destroy);
	struct params *params;

	if (listener == NULL)
		return;
	params = wl_container_of(listener, params, destroy);
	if (kind == MESSAGE_PARAMS_ADD)
		handle_add(params, message->arguments);
	else if (kind == MESSAGE_PARAMS_CREATE)
		handle_create(params, message->arguments);
	else if (kind == MESSAGE_PARAMS_CREATE_IMMED)
		handle_create_immed(params, message->arguments);
	else if (kind == MESSAGE_PARAMS_CREATED)
		handle_created(params, message->arguments);
	else if (kind == MESSAGE_PARAMS_FAILED)
		handle_failed(params);
}

void params_create(struct client *client, struct wl_resource *resource)
{
	struct params *params = calloc(1, sizeof(*params));

	if (params == NULL) {
		wltex_error(
			client->track->logger, "out of memory: buffer parameters are not tracked");
		return;
	}
	params->resource = resource;
	params->client = client;
	wltex_params_init(&params->planes);
	wl_list_insert(client->params.prev, &params->link);
	client->base.n_params++;
	params->destroy.notify = handle_destroy;
	wl_resource_add_destroy_listener(resource, &params->destroy);
	track_emit(client->track, params_created, &client->base);
}

void params_destroy(struct params *params)
{
	struct client *client = params->client;

	if (client->track->expected.params == params)
		expected_drop(&client->track->expected);
	if (params->buffer != NULL)
		params->buffer->params = NULL;
	drop_planes(params);
	client_drop_dmabuf(client, &params->dmabuf);
	wltex_params_finish(&params->planes);
	wl_list_remove(&params->destroy.link);
	wl_list_remove(&params->link);
	client->base.n_params--;
	free(params);
}

void params_match(const struct expected *expected, struct wl_resource *resource)
{
	struct params *params = expected->params;

	/* Used twice: `failed` is about the later one. */
	if (params->buffer != NULL)
		params->buffer->params = NULL;
	params->buffer = buffer_create(params->client, resource, expected->dmabuf, expected->error);
	if (params->buffer != NULL)
		params->buffer->params = params;
}
