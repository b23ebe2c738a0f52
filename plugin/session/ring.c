/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "session/client.h"
#include "session/leak.h"
#include "session/ring.h"
#include "util/fd.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define TILE 64
#define MIN_BYTES (UINT64_C(64) << 10)
#define MAX_ENTRY \
	(sizeof(struct ring_entry) + sizeof(struct ring_rect) * 2 * RING_MAX_RECTS + RING_MAX_TEXT)

struct ring {
	int fd;
	struct ring_header *header;
	uint8_t *data;
	size_t mapped;
	uint64_t serial;
};

/* All of it is there from the beginning: a compositor's memory does not grow with what happens. */
static int map(struct ring *ring, uint64_t size)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
	void *address;

	ring->mapped = RING_HEADER_BYTES + size;
	ring->fd = memfd_create("records of wltex", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ring->fd < 0 || ftruncate(ring->fd, (off_t)ring->mapped) < 0)
		return -errno;
	address = mmap(
		NULL, ring->mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, 0);
	if (address == MAP_FAILED)
		return -errno;
	ring->header = address;
	ring->header->size = size;
	ring->header->version = RING_VERSION;
	ring->header->magic = RING_MAGIC;
	ring->data = (uint8_t *)address + RING_HEADER_BYTES;
	return fcntl(ring->fd, F_ADD_SEALS, seals) < 0 ? -ENOSYS : 0;
}

struct ring *ring_create(uint64_t size)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int ret;

	if (ring == NULL)
		return NULL;
	size = size < MIN_BYTES ? MIN_BYTES : (size + 7) / 8 * 8;
	ret = map(ring, size);
	if (ret < 0) {
		ring_destroy(ring);
		errno = -ret;
		return NULL;
	}
	return ring;
}

void ring_destroy(struct ring *ring)
{
	if (ring == NULL)
		return;
	if (ring->header != NULL)
		munmap(ring->header, ring->mapped);
	wltex_fd_close(&ring->fd);
	free(ring);
}

int ring_get_fd(const struct ring *ring)
{
	return ring->fd;
}

/* Give up the oldest entries, until what is written up to end overwrites none that counts. */
static void make_room(struct ring *ring, uint64_t end)
{
	struct ring_header *header = ring->header;
	uint64_t tail = atomic_load_explicit(&header->tail, memory_order_relaxed);
	uint32_t size;

	while (end - tail > header->size) {
		memcpy(&size, ring->data + ring_place(header, tail), sizeof(size));
		tail += size;
	}
	atomic_store_explicit(&header->tail, tail, memory_order_release);
	/* Whoever sees what is written now sees that tail, too. */
	atomic_thread_fence(memory_order_seq_cst);
}

/* Where an entry of that size goes. */
static uint8_t *begin(struct ring *ring, uint32_t size, uint64_t *head)
{
	struct ring_header *header = ring->header;
	uint64_t left;
	struct ring_entry filler = {0};

	*head = atomic_load_explicit(&header->head, memory_order_relaxed);
	left = header->size - ring_place(header, *head);
	if (left >= size) {
		make_room(ring, *head + size);
		return ring->data + ring_place(header, *head);
	}
	make_room(ring, *head + left + size);
	filler.size = (uint32_t)left;
	/* What there is for sure: the first eight bytes. */
	memcpy(ring->data + ring_place(header, *head), &filler, 8);
	*head += left;
	return ring->data;
}

static void write_entry(struct ring *ring, const void *bytes, uint32_t size)
{
	uint64_t head;
	uint8_t *place = begin(ring, size, &head);

	memcpy(place, bytes, size);
	atomic_store_explicit(&ring->header->head, head + size, memory_order_release);
}

/* What is put together on the stack. */
struct writer {
	union {
		struct ring_entry entry;
		uint8_t bytes[(MAX_ENTRY + 7) / 8 * 8];
	};
	size_t used;
};

static void add_rect(struct writer *writer, const pixman_box32_t *box)
{
	struct ring_rect rect = {
		.x = (uint16_t)(box->x1 / TILE),
		.y = (uint16_t)(box->y1 / TILE),
	};

	rect.width = (uint16_t)((box->x2 + TILE - 1) / TILE - rect.x);
	rect.height = (uint16_t)((box->y2 + TILE - 1) / TILE - rect.y);
	memcpy(writer->bytes + writer->used, &rect, sizeof(rect));
	writer->used += sizeof(rect);
}

/* One rectangle around all where there are too many. Returns how many. */
static uint8_t add_region(struct writer *writer, const pixman_region32_t *region)
{
	int count;
	const pixman_box32_t *boxes;

	if (region == NULL || !pixman_region32_not_empty((pixman_region32_t *)region))
		return 0;
	boxes = pixman_region32_rectangles((pixman_region32_t *)region, &count);
	if (count > (int)RING_MAX_RECTS) {
		boxes = pixman_region32_extents((pixman_region32_t *)region);
		count = 1;
	}
	for (int i = 0; i < count; i++)
		add_rect(writer, &boxes[i]);
	return (uint8_t)count;
}

/* With its NUL; cut where it is too long for one of two. NULL: empty. */
static void add_text(struct writer *writer, const char *text)
{
	size_t length = text != NULL ? strnlen(text, RING_MAX_TEXT / 2 - 1) : 0;

	if (length > 0)
		memcpy(writer->bytes + writer->used, text, length);
	writer->bytes[writer->used + length] = '\0';
	writer->used += length + 1;
	writer->entry.text_size = (uint16_t)(writer->entry.text_size + length + 1);
}

static void set_client(struct ring_entry *entry, const struct session_client *client)
{
	const struct wltex_counts none = {0};
	const struct wltex_counts *counts = client->owner != NULL ? &client->owner->counts : &none;

	entry->buffers = client->track->n_buffers + client->track->n_shm_buffers;
	entry->fds = (uint32_t)counts->fds;
	entry->textures = (uint32_t)counts->live_textures;
	entry->bytes = session_client_get_bytes(client);
	entry->shm_bytes = client->track->shm_bytes;
	entry->claimed_px = counts->damage_claimed_px;
	entry->true_px = counts->damage_true_px;
	entry->leak_signs = leak_get_signs(client, entry->time_ns);
}

static void set_buffer(struct ring_entry *entry, const struct wltex_record_buffer *buffer)
{
	entry->buffer = buffer->number;
	entry->buffer_id = buffer->id;
	entry->buffer_kind = (uint16_t)buffer->kind;
	entry->values[0] = (uint64_t)(uint32_t)buffer->width << 32 | (uint32_t)buffer->height;
	entry->values[1] = buffer->format;
	entry->values[2] = buffer->modifier;
	entry->values[3] = buffer->bytes;
}

static void set_event(struct ring_entry *entry, const struct wltex_event *event)
{
	entry->state = (uint8_t)event->state;
	entry->reason = (uint8_t)event->reason;
	entry->has_sum = event->has_sum;
	entry->sum = event->sum;
}

static void set_record(struct ring_entry *entry, const struct wltex_record *record)
{
	entry->kind = (uint16_t)record->kind;
	entry->time_ns = record->time_ns;
	entry->client = record->client;
	entry->pid = (uint32_t)record->pid;
	entry->surface = record->surface_number;
	entry->surface_id = record->surface;
	entry->commit = record->commit;
	if (record->buffer != NULL)
		set_buffer(entry, record->buffer);
	if (record->event != NULL)
		set_event(entry, record->event);
	if (record->kind == WLTEX_RECORD_BUFFER_RELEASED)
		entry->values[0] = record->unreleased_ns;
	if (record->kind == WLTEX_RECORD_DAMAGE) {
		entry->values[0] = record->claimed_px;
		entry->values[1] = record->true_px;
	}
}

static void add_texts(struct writer *writer, const struct wltex_record *record)
{
	switch (record->kind) {
	case WLTEX_RECORD_CLIENT_CREATED:
	case WLTEX_RECORD_CLIENT_NAMED:
		add_text(writer, record->name);
		break;
	case WLTEX_RECORD_SURFACE_NAMED:
		add_text(writer, record->title);
		add_text(writer, record->app_id);
		break;
	default:
		if (record->message != NULL)
			add_text(writer, record->message);
	}
}

void ring_add(
	struct ring *ring, const struct session_client *client, const struct wltex_record *record)
{
	struct writer writer = {.used = sizeof(writer.entry)};
	struct ring_entry *entry = &writer.entry;

	set_record(entry, record);
	set_client(entry, client);
	entry->serial = ++ring->serial;
	if (record->kind == WLTEX_RECORD_DAMAGE) {
		entry->claimed_count = add_region(&writer, record->claimed);
		entry->true_count = add_region(&writer, record->changed);
	}
	add_texts(&writer, record);
	writer.used = (writer.used + 7) / 8 * 8;
	entry->size = (uint32_t)writer.used;
	write_entry(ring, writer.bytes, entry->size);
}
