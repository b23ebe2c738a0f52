/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

#include "dmabuf/dmabuf.h"
#include "ledger/ledger.h"
#include "session/client.h"
#include "session/leak.h"
#include "session/shm.h"
#include "session/state.h"
#include "util/text.h"

static void print_string(FILE *file, const char *name, const char *string)
{
	fprintf(file, ", \"%s\": ", name);
	wltex_text_print_json(file, string, SESSION_TEXT_BYTES);
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void print_format(FILE *file, uint32_t format)
{
	char name[5];

	for (int i = 0; i < 4; i++)
		name[i] = (char)(format >> (8 * i) & 0x7f);
	name[4] = '\0';
	print_string(file, "format", name);
}

static void print_modifier(FILE *file, uint64_t modifier)
{
	char *name = drmGetFormatModifierName(modifier);
	char fallback[32];

	snprintf(fallback, sizeof(fallback), "%#jx", (uintmax_t)modifier);
	if (modifier == DRM_FORMAT_MOD_INVALID)
		print_string(file, "modifier", "implicit");
	else
		print_string(file, "modifier", name != NULL ? name : fallback);
	free(name);
}

/* The part of the pool that it is; all of that counts for the client, once. */
static void print_shm_buffer(FILE *file, const struct wltex_track_shm_buffer *track)
{
	fprintf(file,
		", \"width\": %d, \"height\": %d, \"planes\": 1, \"fds\": 0, \"bytes\": %ju, "
		"\"pool_bytes\": %u, \"inode\": %ju",
		track->width, track->height, (uintmax_t)track->height * (uintmax_t)track->stride,
		track->pool->size, (uintmax_t)track->pool->ino);
	print_format(file, shm_get_fourcc(track->format));
	print_string(file, "modifier", "linear");
	print_string(file, "kind", "shm");
}

static void print_dmabuf(FILE *file, const struct session_buffer *buffer)
{
	const struct wltex_dmabuf *dmabuf = buffer->track->dmabuf;
	const struct wltex_dmabuf_attributes *a;

	if (dmabuf == NULL) {
		print_string(file, "error", wltex_dmabuf_error_message(buffer->track->error));
		return;
	}
	a = wltex_dmabuf_get_attributes(dmabuf);
	fprintf(file,
		", \"width\": %d, \"height\": %d, \"planes\": %d, \"fds\": %d, \"bytes\": %ju, "
		"\"inode\": %ju",
		a->width, a->height, a->n_planes, wltex_dmabuf_get_fd_count(dmabuf),
		(uintmax_t)wltex_dmabuf_get_bytes(dmabuf), (uintmax_t)dmabuf->objects[0].ino);
	print_format(file, a->format);
	print_modifier(file, a->modifier);
	print_string(
		file, "kind", dmabuf->objects[0].kind == WLTEX_OBJECT_DMABUF ? "dmabuf" : "memory");
	print_string(file, "exporter", memory_get_exporter(buffer->memory[0]));
}

static uint32_t get_id(const struct session_buffer *buffer)
{
	return wl_resource_get_id(
		buffer->track != NULL ? buffer->track->resource : buffer->shm->resource);
}

static void print_buffer(FILE *file, const struct session_buffer *buffer, uint64_t now)
{
	fprintf(file, "{\"id\": %u, \"age_ms\": %.0f, \"commits\": %ju", get_id(buffer),
		ms(now - buffer->created_ns), (uintmax_t)buffer->commits);
	if (buffer->replaced_ns != 0)
		fprintf(file, ", \"unreleased_ms\": %.0f", ms(now - buffer->replaced_ns));
	if (buffer->track != NULL)
		print_dmabuf(file, buffer);
	else
		print_shm_buffer(file, buffer->shm);
	fputc('}', file);
}

static void describe(const struct wltex_surface *surface, struct wltex_description *description)
{
	struct wltex_session *session = surface->session;

	if (session->host.describe != NULL && surface->data != NULL)
		session->host.describe(session->host_data, surface->data, description);
}

static void print_surface(FILE *file, const struct wltex_surface *surface)
{
	struct wltex_description description = {0};
	struct wltex_texture_info info;

	describe(surface, &description);
	fprintf(file,
		"{\"id\": %u, \"commits\": %u, \"width\": %d, \"height\": %d, \"mapped\": %s, "
		"\"redundant_commits\": %ju, \"damage_claimed_px\": %ju, \"damage_true_px\": %ju",
		wl_resource_get_id(surface->track->resource), surface->track->commits,
		description.width, description.height, description.mapped ? "true" : "false",
		(uintmax_t)surface->redundant, (uintmax_t)surface->claimed_px,
		(uintmax_t)surface->true_px);
	print_string(file, "app_id", description.app_id);
	print_string(file, "title", description.title);
	print_string(file, "role", description.role);
	print_string(file, "sums", policy_describe(&surface->policy));
	if (surface->why_not != NULL)
		print_string(file, "why_not", surface->why_not);
	if (surface->buffer != NULL)
		fprintf(file, ", \"buffer\": %u", get_id(surface->buffer));
	if (surface->texture != NULL && wltex_texture_peek(surface->texture, &info)) {
		fprintf(file, ", \"texture\": {\"name\": %u, \"width\": %d, \"height\": %d",
			info.name, info.width, info.height);
		if (info.has_sum)
			fprintf(file, ", \"sum\": \"%08x\"", info.sum);
		fputc('}', file);
	}
	fputc('}', file);
}

static void print_leak_signs(FILE *file, unsigned signs)
{
	static const char *const names[] = {"params-unused", "buffers-grow", "buffer-per-frame",
		"buffers-unmapped", "not-released"};
	const char *separator = "";

	fputs(", \"leak_signs\": [", file);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(signs & 1u << i))
			continue;
		fprintf(file, "%s\"%s\"", separator, names[i]);
		separator = ", ";
	}
	fputc(']', file);
}

/* Those that were made first, up to max of them. Returns how many are left out. */
static uint32_t print_buffers(FILE *file, const struct session_client *client, uint32_t max)
{
	const struct session_buffer *buffer;
	uint64_t now = wltex_now_ns();
	uint32_t n = 0;

	fputs(", \"buffers\": [", file);
	wl_list_for_each (buffer, &client->buffers, link) {
		if (n == max)
			break;
		fputs(n++ > 0 ? ", " : "", file);
		print_buffer(file, buffer, now);
	}
	fputc(']', file);
	return client->track->n_buffers + client->track->n_shm_buffers - n;
}

static uint32_t print_surfaces(FILE *file, const struct session_client *client, uint32_t max)
{
	const struct wltex_surface *surface;
	uint32_t n = 0;

	fputs(", \"surfaces\": [", file);
	wl_list_for_each (surface, &client->surfaces, link) {
		if (n == max)
			break;
		fputs(n++ > 0 ? ", " : "", file);
		print_surface(file, surface);
	}
	fputc(']', file);
	return client->n_surfaces - n;
}

void state_print_client(FILE *file, const struct session_client *client, bool lists)
{
	const struct wltex_track_client *track = client->track;
	uint64_t now = wltex_now_ns();

	fprintf(file, "{\"id\": %ju, \"pid\": %d", (uintmax_t)client->id, (int)track->pid);
	print_string(file, "name", track->name);
	fprintf(file,
		", \"age_ms\": %.0f, \"params\": %u, \"buffers_made\": %ju, \"bytes\": %ju, "
		"\"releases\": %ju, \"release_ms\": %.3f, \"release_max_ms\": %.3f, ",
		ms(now - client->created_ns), track->n_params, (uintmax_t)client->buffers_made,
		(uintmax_t)session_client_get_bytes(client), (uintmax_t)client->releases,
		client->releases > 0 ? ms(client->latency_sum_ns / client->releases) : 0.0,
		ms(client->latency_max_ns));
	if (client->owner != NULL)
		wltex_counts_print(&client->owner->counts, ", ", file);
	print_leak_signs(file, leak_get_signs(client, now));
	fprintf(file, ", \"buffers_left_out\": %u",
		print_buffers(file, client, lists ? STATE_MAX_BUFFERS : 0));
	fprintf(file, ", \"surfaces_left_out\": %u}",
		print_surfaces(file, client, lists ? STATE_MAX_SURFACES : 0));
}

void state_print_start(FILE *file, const struct wltex_session *session)
{
	fprintf(file, ", \"time_ms\": %.3f, \"textures\": %s, \"total\": {", ms(wltex_now_ns()),
		session->context != NULL ? "true" : "false");
	wltex_counts_print(wltex_ledger_get_counts(session->ledger), ", ", file);
	fputs("}, \"clients\": [", file);
}
