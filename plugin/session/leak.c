/* SPDX-License-Identifier: MIT */
#include "session/leak.h"

unsigned leak_get_signs(const struct session_client *client, uint64_t now_ns)
{
	const struct options *options = &client->session->options;
	uint64_t limit_ns = (uint64_t)options->leak_seconds * 1000000000u;
	const struct session_buffer *buffer;
	unsigned signs = 0;

	if (client->track->n_params > options->leak_params)
		signs |= LEAK_PARAMS_UNUSED;
	if (client->track->n_buffers > options->leak_buffers)
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
