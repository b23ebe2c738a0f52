/* SPDX-License-Identifier: MIT */
#ifndef CLI_RECORD_RING_READER_H
#define CLI_RECORD_RING_READER_H

#include <stddef.h>
#include <stdint.h>

#include "session/ring.h"

/* The ring that a compositor writes, see session/ring.h. Nothing in it is trusted. */
struct ring_reader {
	const struct ring_header *header;
	const uint8_t *data;
	size_t mapped;
	uint64_t size, position;
	/* The number of the next entry; 0: not known yet. */
	uint64_t next_serial;
};

/* An entry, copied, with what follows it. */
struct ring_copy {
	struct ring_entry entry;
	const struct ring_rect *claimed, *changed;
	/* Two strings, or "". */
	const char *texts[2];
	/* How many are missing before it. */
	uint64_t lost;
	uint8_t bytes[4096];
};

/* Returns 0 or a negative errno: -EPROTO if that is no ring, or one of another version. */
int ring_reader_init(struct ring_reader *reader, int fd);
void ring_reader_finish(struct ring_reader *reader);

/* Go to the oldest entry. */
void ring_reader_rewind(struct ring_reader *reader);
/* Go beyond the newest. Returns 0 or -EPROTO. */
int ring_reader_skip_all(struct ring_reader *reader);

/* Returns 1 with the next entry in *copy, 0 if there is none yet, or -EPROTO. */
int ring_reader_next(struct ring_reader *reader, struct ring_copy *copy);

#endif
