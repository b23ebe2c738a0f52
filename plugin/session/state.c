/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/format.h"
#include "ledger/ledger.h"
#include "session/client.h"
#include "session/leak.h"
#include "session/shm.h"
#include "session/state.h"
#include "session/surface.h"

static void print_string(struct wltex_json *json, const char *key, const char *string)
{
	wltex_json_string(json, key, string, SESSION_TEXT_BYTES);
}

static void print_count(struct wltex_json *json, const char *key, uint64_t count)
{
	wltex_json_print(json, key, "%ju", (uintmax_t)count);
}

static void print_size(struct wltex_json *json, int32_t width, int32_t height)
{
	wltex_json_print(json, "width", "%d", width);
	wltex_json_print(json, "height", "%d", height);
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void print_layout(struct wltex_json *json, uint32_t format, uint64_t modifier)
{
	print_string(json, "format", fourcc_to_text(format).text);
	print_string(json, "modifier", modifier_to_text(modifier).text);
}

/* The part of the pool that it is; all of that counts for the client, once. */
static void print_shm_buffer(struct wltex_json *json, const struct wltex_track_shm_buffer *track)
{
	print_size(json, track->width, track->height);
	print_count(json, "planes", 1);
	print_count(json, "fds", 0);
	print_count(json, "bytes", (uint64_t)track->height * (uint64_t)track->stride);
	print_count(json, "pool_bytes", track->pool->size);
	print_count(json, "inode", track->pool->ino);
	print_layout(json, shm_get_fourcc(track->format), DRM_FORMAT_MOD_LINEAR);
	print_string(json, "kind", "shm");
}

static void print_dmabuf(struct wltex_json *json, const struct session_buffer *buffer)
{
	const struct wltex_dmabuf *dmabuf = buffer->track->dmabuf;
	const struct wltex_dmabuf_attributes *a;

	if (dmabuf == NULL) {
		print_string(json, "error", wltex_dmabuf_error_message(buffer->track->error));
		return;
	}
	a = wltex_dmabuf_get_attributes(dmabuf);
	print_size(json, a->width, a->height);
	print_count(json, "planes", (uint64_t)a->n_planes);
	print_count(json, "fds", (uint64_t)wltex_dmabuf_get_fd_count(dmabuf));
	print_count(json, "bytes", wltex_dmabuf_get_bytes(dmabuf));
	print_count(json, "inode", dmabuf->objects[0].ino);
	print_layout(json, a->format, a->modifier);
	print_string(
		json, "kind", dmabuf->objects[0].kind == WLTEX_OBJECT_DMABUF ? "dmabuf" : "memory");
	print_string(json, "exporter", memory_get_exporter(buffer->memory[0]));
}

static uint32_t get_id(const struct session_buffer *buffer)
{
	return wl_resource_get_id(
		buffer->track != NULL ? buffer->track->resource : buffer->shm->resource);
}

static void print_buffer(struct wltex_json *json, const struct session_buffer *buffer, uint64_t now)
{
	wltex_json_begin(json, NULL, '{');
	print_count(json, "id", get_id(buffer));
	print_count(json, "number", buffer->number);
	wltex_json_print(json, "age_ms", "%.0f", ms(now - buffer->created_ns));
	print_count(json, "commits", buffer->commits);
	if (buffer->surface_id != 0)
		print_count(json, "surface", buffer->surface_id);
	if (buffer->replaced_ns != 0)
		wltex_json_print(json, "unreleased_ms", "%.0f", ms(now - buffer->replaced_ns));
	if (buffer->track != NULL)
		print_dmabuf(json, buffer);
	else
		print_shm_buffer(json, buffer->shm);
	wltex_json_end(json, '}');
}

static void print_texture(struct wltex_json *json, const struct wltex_texture_info *info)
{
	wltex_json_begin(json, "texture", '{');
	print_count(json, "name", info->name);
	print_size(json, info->width, info->height);
	if (info->has_sum)
		wltex_json_print(json, "sum", "\"%08x\"", info->sum);
	else
		print_string(json, "no_sum", wltex_content_message(info->content));
	wltex_json_end(json, '}');
}

static void print_surface(struct wltex_json *json, const struct wltex_surface *surface)
{
	struct wltex_description description = {0};
	struct wltex_texture_info info;

	session_surface_describe(surface, &description);
	wltex_json_begin(json, NULL, '{');
	print_count(json, "id", wl_resource_get_id(surface->track->resource));
	print_count(json, "number", surface->number);
	print_count(json, "commits", surface->track->commits);
	print_size(json, description.width, description.height);
	wltex_json_print(json, "mapped", description.mapped ? "true" : "false");
	print_count(json, "redundant_commits", surface->redundant);
	print_count(json, "damage_claimed_px", surface->claimed_px);
	print_count(json, "damage_true_px", surface->true_px);
	print_string(json, "app_id", description.app_id);
	print_string(json, "title", description.title);
	print_string(json, "role", description.role);
	print_string(json, "sums", policy_describe(&surface->policy));
	if (surface->why_not != NULL)
		print_string(json, "why_not", surface->why_not);
	if (surface->buffer != NULL)
		print_count(json, "buffer", get_id(surface->buffer));
	if (surface->texture != NULL && wltex_texture_peek(surface->texture, &info))
		print_texture(json, &info);
	wltex_json_end(json, '}');
}

static void print_leak_signs(struct wltex_json *json, unsigned signs)
{
	static const char *const names[] = {"params-unused", "buffers-grow", "buffer-per-frame",
		"buffers-unmapped", "not-released"};

	wltex_json_begin(json, "leak_signs", '[');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (signs & 1u << i)
			print_string(json, NULL, names[i]);
	}
	wltex_json_end(json, ']');
}

/* Those that were made first, up to max of them. Returns how many are left out. */
static uint32_t print_buffers(
	struct wltex_json *json, const struct session_client *client, uint32_t max)
{
	const struct session_buffer *buffer;
	uint64_t now = wltex_now_ns();
	uint32_t n = 0;

	wltex_json_begin(json, "buffers", '[');
	wl_list_for_each (buffer, &client->buffers, link) {
		if (n++ == max)
			break;
		print_buffer(json, buffer, now);
	}
	wltex_json_end(json, ']');
	n = n < max ? n : max;
	return client->track->n_buffers + client->track->n_shm_buffers - n;
}

static uint32_t print_surfaces(
	struct wltex_json *json, const struct session_client *client, uint32_t max)
{
	const struct wltex_surface *surface;
	uint32_t n = 0;

	wltex_json_begin(json, "surfaces", '[');
	wl_list_for_each (surface, &client->surfaces, link) {
		if (n++ == max)
			break;
		print_surface(json, surface);
	}
	wltex_json_end(json, ']');
	return client->n_surfaces - (n < max ? n : max);
}

static void print_releases(struct wltex_json *json, const struct session_client *client)
{
	print_count(json, "releases", client->releases);
	wltex_json_print(json, "release_ms", "%.3f",
		client->releases > 0 ? ms(client->latency_sum_ns / client->releases) : 0.0);
	wltex_json_print(json, "release_max_ms", "%.3f", ms(client->latency_max_ns));
}

void state_print_client(struct wltex_json *json, const struct session_client *client, bool lists)
{
	const struct wltex_track_client *track = client->track;
	uint64_t now = wltex_now_ns();

	wltex_json_begin(json, NULL, '{');
	print_count(json, "id", client->id);
	wltex_json_print(json, "pid", "%d", (int)track->pid);
	print_string(json, "name", track->name);
	wltex_json_print(json, "age_ms", "%.0f", ms(now - client->created_ns));
	print_count(json, "params", track->n_params);
	print_count(json, "buffers_made", client->buffers_made);
	print_count(json, "bytes", session_client_get_bytes(client));
	print_releases(json, client);
	if (client->owner != NULL)
		wltex_counts_print(&client->owner->counts, json);
	print_leak_signs(json, leak_get_signs(client, now));
	print_count(json, "buffers_left_out",
		print_buffers(json, client, lists ? STATE_MAX_BUFFERS : 0));
	print_count(json, "surfaces_left_out",
		print_surfaces(json, client, lists ? STATE_MAX_SURFACES : 0));
	wltex_json_end(json, '}');
}

void state_print_start(struct wltex_json *json, const struct wltex_session *session)
{
	wltex_json_print(json, "time_ms", "%.3f", ms(wltex_now_ns()));
	wltex_json_print(json, "textures", session->context != NULL ? "true" : "false");
	wltex_json_begin(json, "total", '{');
	wltex_counts_print(wltex_ledger_get_counts(session->ledger), json);
	wltex_json_end(json, '}');
	wltex_json_begin(json, "clients", '[');
}
