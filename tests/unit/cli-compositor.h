/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CLI_COMPOSITOR_H
#define TESTS_CLI_COMPOSITOR_H

/*
 * A compositor that draws nothing, but looks closely at what a client of dmabufs does. It
 * runs in a process of its own and serves one client.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What befalls the client with a commit. */
enum fate {
	FATE_NONE,
	FATE_PROTOCOL_ERROR,
	FATE_VANISH,
	FATE_CLOSE,
	FATE_SIGNAL,
	FATE_HANG,
};

struct compositor_options {
	/* Of zwp_linux_dmabuf_v1; 0: none. */
	uint32_t dmabuf_version;
	/* The only format and modifier that it offers. */
	uint32_t format;
	uint64_t modifier;
	bool wltex;
	/* Size of a fullscreen state that every window gets; 0: none. */
	int32_t fullscreen_width, fullscreen_height;
	/* Sends no configure after a window was unmapped. */
	bool keeps_configured;
	/* Buffers are released when so many others were committed after them; 0 counts as 1. */
	uint32_t release_lag;
	/* Answers params.create with failed. */
	bool create_fails;
	/* The format table of the feedback is too short for its indices. */
	bool short_table;
	/* Which commit with a buffer brings the fate. */
	uint32_t fate_commit;
	enum fate fate;
};

/* What the compositor saw. */
struct compositor_facts {
	/* Commits with a buffer, and with none while one was shown. */
	uint32_t commits, detaches;
	/* Commits of a buffer without a configure that was acknowledged. */
	uint32_t unconfigured;
	uint32_t buffers_made, buffers_alive, most_buffers_alive;
	/* Attached, or destroyed under the eyes of the user, before its release. */
	uint32_t busy_attached, busy_destroyed;
	/* Pixels that changed from commit to commit, that were claimed to, and wrongly not. */
	uint64_t changed_px, damaged_px, missed_px;
	/* Commits that changed the last byte of the last row, and nothing else. */
	uint32_t last_byte_changes;
	/* Promised sums that were right and wrong. */
	uint32_t right_sums, wrong_sums;
	/* Bytes between the rows that are 0, as they would be if nobody had written there. */
	uint64_t clean_padding;
	/* -1: none, as at first. */
	int32_t destination_width, destination_height;
	/* Objects that the client left behind when it went. */
	int32_t objects_left;
};

struct compositor {
	struct compositor_facts *facts; /* shared with the process */
	char directory[32];
	pid_t pid;
};

/* Start it, and point XDG_RUNTIME_DIR and WAYLAND_DISPLAY to it. */
void compositor_start(struct compositor *compositor, const struct compositor_options *options);
/* Wait until its client has gone, and it with it. */
void compositor_finish(struct compositor *compositor);

#endif
