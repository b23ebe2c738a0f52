/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/record/ring-reader.h"
#include "session/session.h"
#include "test.h"

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

struct world {
	struct wltex_session session;
	struct wltex_track_client track;
	struct session_client client;
	struct ring *ring;
	struct ring_reader reader;
	uint64_t written;
};

static void init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->client.session = &world->session;
	world->client.track = &world->track;
	wl_list_init(&world->client.replaced);
	world->ring = ring_create(1);
	check(world->ring);
	check_int(ring_reader_init(&world->reader, ring_get_fd(world->ring)), 0);
}

static void finish(struct world *world)
{
	ring_reader_finish(&world->reader);
	ring_destroy(world->ring);
}

/* An entry whose length and content follow from its number. */
static void add(struct world *world)
{
	uint64_t n = ++world->written;
	char name[900];
	pixman_region32_t region;
	struct wltex_record record = {.kind = WLTEX_RECORD_CLIENT_NAMED, .name = name, .client = n};

	memset(name, 'a' + (int)(n % 26), sizeof(name));
	name[n * 7 % sizeof(name)] = '\0';
	pixman_region32_init(&region);
	for (uint64_t i = 0; i < n % 20; i++)
		pixman_region32_union_rect(&region, &region, (int)i * 130, (int)i * 130, 64, 65);
	if (n % 3 == 0) {
		record.kind = WLTEX_RECORD_DAMAGE;
		record.claimed = record.changed = &region;
		record.claimed_px = n;
	}
	ring_add(world->ring, &world->client, &record);
	pixman_region32_fini(&region);
}

static void check_copy(const struct ring_copy *copy)
{
	const struct ring_entry *entry = &copy->entry;
	uint64_t n = entry->client, rects = n % 20;

	check_int((long)entry->serial, (long)n);
	if (n % 3 == 0) {
		check(entry->values[0] == n);
		check_int(entry->claimed_count, rects > 16 ? 1 : (long)rects);
		check_int(entry->true_count, entry->claimed_count);
		for (uint64_t i = 0; i < rects && rects <= 16; i++)
			check(copy->claimed[i].x == i * 130 / 64 && copy->changed[i].width <= 2);
		return;
	}
	check_int((long)strlen(copy->texts[0]), n * 7 % 900 < 255 ? (long)(n * 7 % 900) : 255);
	check(copy->texts[0][0] == '\0' || copy->texts[0][0] == 'a' + (int)(n % 26));
}

/* Whoever reads in time gets all; whoever does not knows how much is missing. */
TEST(reads_along)
{
	struct world world;
	struct ring_copy copy;
	uint32_t random = 1;
	uint64_t next = 1, lost = 0;

	init(&world);
	check_int(ring_reader_skip_all(&world.reader), 0);
	for (int round = 0; round < 3000; round++) {
		uint32_t many = round % 100 == 99 ? 2000 : next_random(&random) % 60;

		for (uint32_t i = 0; i < many; i++)
			add(&world);
		while (ring_reader_next(&world.reader, &copy) > 0) {
			check_copy(&copy);
			check_int((long)copy.entry.client, (long)(next + copy.lost));
			next = copy.entry.client + 1;
			lost += copy.lost;
		}
		check_int((long)next, (long)world.written + 1);
	}
	check(lost > 30 * 1000);
	/* What is left of what was before. */
	ring_reader_rewind(&world.reader);
	check_int(ring_reader_next(&world.reader, &copy), 1);
	check(copy.lost == 0 && copy.entry.client > world.written - 700);
	while (ring_reader_next(&world.reader, &copy) > 0)
		check_copy(&copy);
	check_int((long)copy.entry.client, (long)world.written);
	finish(&world);
}

/* A reader has the file, and nothing that it could do to it. */
TEST(readers_cannot_write)
{
	struct world world;
	int fd;

	init(&world);
	fd = ring_get_fd(world.ring);
	check(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	check(pwrite(fd, "x", 1, 0) < 0);
	check(ftruncate(fd, 0) < 0);
	finish(&world);
}

/* A compositor that is broken, or none: no reader is led astray. */
TEST(broken_rings)
{
	struct world world;
	struct ring_copy *copy = malloc(sizeof(*copy));
	uint32_t random = 7;
	size_t size;
	uint8_t *good, *bad;
	int fd = memfd_create("ring", MFD_CLOEXEC);

	init(&world);
	for (int i = 0; i < 1000; i++)
		add(&world);
	size = world.reader.mapped;
	good = mmap(NULL, size, PROT_READ, MAP_SHARED, ring_get_fd(world.ring), 0);
	check_int(ftruncate(fd, (off_t)size), 0);
	bad = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(copy && good != MAP_FAILED && bad != MAP_FAILED);
	for (int i = 0; i < 3000; i++) {
		struct ring_reader reader;

		memcpy(bad, good, size);
		for (uint32_t k = next_random(&random) % 30; k > 0; k--)
			bad[next_random(&random) % (i % 2 ? 4200 : size)] =
				(uint8_t)next_random(&random);
		if (ring_reader_init(&reader, fd) < 0)
			continue;
		ring_reader_rewind(&reader);
		for (int k = 0; k < 2000 && ring_reader_next(&reader, copy) > 0; k++)
			check(strlen(copy->texts[0]) + strlen(copy->texts[1]) <
				sizeof(copy->bytes));
		ring_reader_finish(&reader);
	}
	munmap(good, size);
	munmap(bad, size);
	close(fd);
	free(copy);
	finish(&world);
}

TEST(no_ring)
{
	struct ring_reader reader;
	int fd = memfd_create("no ring", MFD_CLOEXEC), pipes[2];

	check_int(ring_reader_init(&reader, fd), -EPROTO);
	check_int(ftruncate(fd, 10000), 0);
	check_int(ring_reader_init(&reader, fd), -EPROTO);
	check_int(pipe2(pipes, O_CLOEXEC), 0);
	check(ring_reader_init(&reader, pipes[0]) < 0);
	check(ring_reader_init(&reader, -1) < 0);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}
