/* SPDX-License-Identifier: MIT */
#ifndef SESSION_RING_H
#define SESSION_RING_H

/*
 * What happened lately, in memory of a fixed size: a file in memory that whoever asks at the
 * control socket gets an fd of, to map and read along. Who writes never waits for who reads, and
 * does the same work whether anybody does. Readers are programs of this version of wltex: wltex
 * record.
 *
 * The file begins with struct ring_header, padded to RING_HEADER_BYTES; then come the bytes of
 * the ring. Positions count all bytes that were ever written; their place is their remainder by
 * the size. Entries from tail to head are whole. A reader copies an entry, and then looks whether
 * tail has gone beyond it: if so, what it copied may be torn, and it goes on at tail. Entries
 * never wrap: where one does not fit before the end, one of kind 0 fills the place.
 */
#include <stdatomic.h>
#include <stdint.h>

#define RING_MAGIC 0x78746c77u /* "wltx" */
#define RING_VERSION 1u
#define RING_HEADER_BYTES 4096u
#define RING_MAX_RECTS 16u
#define RING_MAX_TEXT 512u

struct ring_header {
	uint32_t magic, version;
	uint64_t size; /* of the ring, a multiple of 8 */
	_Atomic uint64_t tail, head;
};

/* Tiles of 64x64 pixels. */
struct ring_rect {
	uint16_t x, y, width, height;
};

struct ring_entry {
	uint32_t size; /* with all that follows, a multiple of 8 */
	uint16_t kind; /* enum wltex_record_kind; 0: nothing but size */
	uint8_t state, reason, has_sum;
	uint8_t claimed_count, true_count; /* of the rectangles that follow */
	uint8_t unused;
	uint16_t text_size;   /* of the strings after them, each with its NUL */
	uint16_t buffer_kind; /* as struct wltex_record_buffer has it */
	uint64_t serial;      /* from 1 */
	uint64_t time_ns;     /* CLOCK_MONOTONIC */
	uint64_t client, surface, buffer;
	uint32_t pid, surface_id, commit, buffer_id, sum;
	uint32_t leak_signs;
	/* What the client has after it. */
	uint32_t buffers, fds, textures;
	uint32_t unused2;
	uint64_t bytes, shm_bytes, claimed_px, true_px;
	/*
	 * Of WLTEX_RECORD_DAMAGE: pixels claimed and changed. Of a buffer's: width << 32 | height,
	 * format, modifier, bytes. Of WLTEX_RECORD_BUFFER_RELEASED: nanoseconds.
	 */
	uint64_t values[4];
};

/* Where the entry of that position lies; data is what the header says the size of. */
static inline uint64_t ring_place(const struct ring_header *header, uint64_t position)
{
	return position % header->size;
}

struct wltex_record;
struct session_client;
struct ring;

/* A ring of size bytes, which is rounded up. NULL with errno set: ENOSYS on old kernels. */
struct ring *ring_create(uint64_t size);
void ring_destroy(struct ring *ring);

void ring_add(
	struct ring *ring, const struct session_client *client, const struct wltex_record *record);

/* To be handed to readers, who cannot change what is in it. Borrowed. */
int ring_get_fd(const struct ring *ring);

#endif
