/* SPDX-License-Identifier: MIT */
#include "session/leak.h"

/*
 * Buffers of wl_shm are but names for parts of pools, and a theme of cursors has many: there it is
 * pools that are few.
 */
#define SHM_BUFFERS_PER_POOL 16

static bool is_growing(const struct wltex_track_client *track, uint32_t most)
{
	return track->n_buffers > most || track->n_pools > most ||
	       track->n_shm_buffers / SHM_BUFFERS_PER_POOL > most;
}

unsigned leak_get_signs(const struct session_client *client, uint64_t now_ns)
{
	const struct options *options = &client->session->options;
	uint64_t limit_ns = (uint64_t)options->leak_seconds * 1000000000u;
	const struct session_buffer *buffer;
	unsigned signs = 0;

	if (client->track->n_params > options->leak_params)
		signs |= LEAK_PARAMS_UNUSED;
	if (is_growing(client->track, options->leak_buffers))
		signs |= LEAK_BUFFERS_GROW;
	if (client->fresh_commits > options->leak_fresh_commits)
		signs |= LEAK_BUFFER_PER_FRAME;
	if (client->unmapped_since_ns != 0 && client->track->n_buffers > 0 &&
		now_ns - client->unmapped_since_ns > limit_ns)
		signs |= LEAK_BUFFERS_UNMAPPED;
	if (!wl_list_empty(&client->replaced)) {
		buffer = wl_container_of(client->replaced.next, buffer, replaced_link);
		if (now_ns - buffer->replaced_ns > limit_ns)
			signs |= LEAK_NOT_RELEASED;
	}
	return signs;
}
