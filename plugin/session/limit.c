/* SPDX-License-Identifier: MIT */
#include "session/session.h"
#include "util/log.h"

const char *limit_name(enum limit limit)
{
	static const char *const names[] = {
		[LIMIT_PARAMS] = "limit-params",
		[LIMIT_BUFFERS] = "limit-buffers",
		[LIMIT_FDS] = "limit-fds",
		[LIMIT_BYTES] = "limit-bytes",
		[LIMIT_TEXTURES] = "limit-textures",
	};

	return names[limit];
}

bool limit_check(struct session_client *client, enum limit limit, uint64_t value)
{
	const struct options *options = &client->session->options;
	uint64_t most = options->limits[limit];

	if (most == 0 || value <= most)
		return false;
	if (!(client->limits_told & 1u << limit)) {
		client->limits_told |= 1u << limit;
		wltex_warning(&client->session->logger, "pid %d (%s) is over %s: %ju of %ju",
			(int)client->track->pid, client->track->name, limit_name(limit),
			(uintmax_t)value, (uintmax_t)most);
		if (options->limit_action == LIMIT_DISCONNECT)
			wl_client_post_implementation_error(client->track->client,
				"wltex: over %s: %ju of %ju", limit_name(limit), (uintmax_t)value,
				(uintmax_t)most);
	}
	return options->limit_action != LIMIT_WARN;
}
