/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "cli/record/ring-reader.h"

static bool is_ring(const struct ring_reader *reader)
{
	const struct ring_header *header = reader->header;

	return header->magic == RING_MAGIC && header->version == RING_VERSION &&
	       header->size == reader->mapped - RING_HEADER_BYTES && header->size % 8 == 0;
}

int ring_reader_init(struct ring_reader *reader, int fd)
{
	struct stat stat;
	void *address;

	*reader = (struct ring_reader){0};
	if (fstat(fd, &stat) < 0)
		return -errno;
	if (stat.st_size <= (off_t)RING_HEADER_BYTES)
		return -EPROTO;
	reader->mapped = (size_t)stat.st_size;
	address = mmap(NULL, reader->mapped, PROT_READ, MAP_SHARED, fd, 0);
	if (address == MAP_FAILED)
		return -errno;
	reader->header = address;
	reader->data = (const uint8_t *)address + RING_HEADER_BYTES;
	reader->size = reader->mapped - RING_HEADER_BYTES;
	if (is_ring(reader))
		return 0;
	ring_reader_finish(reader);
	return -EPROTO;
}

void ring_reader_finish(struct ring_reader *reader)
{
	if (reader->header)
		munmap((void *)reader->header, reader->mapped);
	*reader = (struct ring_reader){0};
}

static uint64_t get_tail(const struct ring_reader *reader)
{
	return atomic_load_explicit(&reader->header->tail, memory_order_acquire);
}

static uint64_t get_head(const struct ring_reader *reader)
{
	return atomic_load_explicit(&reader->header->head, memory_order_acquire);
}

void ring_reader_rewind(struct ring_reader *reader)
{
	reader->position = get_tail(reader);
	reader->next_serial = 0;
}

/* Copy size bytes. Returns whether they are whole: nobody has begun to write over them. */
static bool copy(struct ring_reader *reader, void *to, size_t size)
{
	memcpy(to, reader->data + reader->position % reader->size, size);
	atomic_thread_fence(memory_order_acquire);
	return get_tail(reader) <= reader->position;
}

/* Returns how many of the entry's bytes are left after the rectangles; negative: none. */
static ptrdiff_t find_rects(struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	const struct ring_rect *rects = (const void *)(copy->bytes + sizeof(*entry));
	const size_t count = (size_t)entry->claimed_count + entry->true_count;

	copy->claimed = rects;
	copy->changed = rects + entry->claimed_count;
	return (ptrdiff_t)entry->size - (ptrdiff_t)(sizeof(*entry) + count * sizeof(*rects));
}

/* Point to what follows the entry. Returns whether it is what it says. */
static bool take_apart(struct ring_copy *copy)
{
	ptrdiff_t left = find_rects(copy);
	const size_t size = copy->entry.text_size;
	const char *text = (const char *)copy->bytes + copy->entry.size - left;
	const char *end = text + size;

	copy->texts[0] = copy->texts[1] = "";
	if (left < 0 || size > (size_t)left || (size > 0 && end[-1] != '\0'))
		return false;
	for (int i = 0; i < 2 && text < end; i++) {
		copy->texts[i] = text;
		text += strlen(text) + 1;
	}
	return true;
}

/* The size of what lies at the position, or 0 if that is no entry. */
static uint32_t check_size(const struct ring_reader *reader, const struct ring_entry *prefix)
{
	const uint64_t left = reader->size - reader->position % reader->size;

	if (prefix->size < 8 || prefix->size % 8 != 0 || prefix->size > left)
		return 0;
	if (prefix->kind != 0 && (prefix->size < sizeof(*prefix) ||
					 prefix->size > sizeof(((struct ring_copy *)0)->bytes)))
		return 0;
	return prefix->size;
}

/* Returns 1 with an entry, 0 if that was none of use, or -EPROTO. */
static int take(struct ring_reader *reader, struct ring_copy *result)
{
	struct ring_entry prefix;
	uint32_t size;

	if (!copy(reader, &prefix, 8)) {
		reader->position = get_tail(reader);
		return 0;
	}
	size = check_size(reader, &prefix);
	if (size == 0)
		return -EPROTO;
	if (prefix.kind != 0 && !copy(reader, result->bytes, size)) {
		reader->position = get_tail(reader);
		return 0;
	}
	reader->position += size;
	if (prefix.kind == 0)
		return 0;
	memcpy(&result->entry, result->bytes, sizeof(result->entry));
	return take_apart(result) ? 1 : -EPROTO;
}

/* By reading them, so as to know the number of the next one. */
int ring_reader_skip_all(struct ring_reader *reader)
{
	struct ring_copy copy;
	int ret;

	ring_reader_rewind(reader);
	if (reader->position == 0)
		reader->next_serial = 1;
	do
		ret = ring_reader_next(reader, &copy);
	while (ret > 0);
	return ret;
}

int ring_reader_next(struct ring_reader *reader, struct ring_copy *copy)
{
	const uint64_t head = get_head(reader);
	int ret = 0;

	if (get_tail(reader) > reader->position)
		reader->position = get_tail(reader);
	if (reader->position < head && head - reader->position > reader->size)
		return -EPROTO;
	while (ret == 0 && reader->position < head)
		ret = take(reader, copy);
	if (ret <= 0)
		return ret;
	copy->lost = 0;
	if (reader->next_serial != 0 && copy->entry.serial > reader->next_serial)
		copy->lost = copy->entry.serial - reader->next_serial;
	reader->next_serial = copy->entry.serial + 1;
	return 1;
}
