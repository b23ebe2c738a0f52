/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dmabuf-files.h"
#include "util/fd.h"
#include "util/memory.h"

/* Pages of any size. */
static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *map(int fd, size_t size)
{
	uint8_t *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(data != MAP_FAILED);
	return data;
}

TEST(own_memory)
{
	size_t size = 10 * page();
	uint8_t *data = malloc(size);

	check(data != NULL);
	memset(data, 1, size);
	check(wltex_rows_are_resident(data + 1, size - 1, size - 1, 1));
	check(wltex_rows_are_resident(data, 100, 40, (uint32_t)(size / 100)));
	check(wltex_rows_are_resident(NULL, 100, 40, 0));
	check(wltex_rows_are_resident(NULL, 100, 0, 40));
	free(data);
}

/* As a wl_shm pool that the client cuts off: to read there would be a SIGBUS. */
TEST(beyond_the_end_of_a_file)
{
	int fd = make_full_memfd((off_t)(8 * page()), 0);
	uint8_t *data = map(fd, 8 * page());

	check(wltex_rows_are_resident(data, page(), page(), 8));
	check_int(ftruncate(fd, (off_t)(5 * page())), 0);
	check(wltex_rows_are_resident(data, page(), page(), 5));
	check(!wltex_rows_are_resident(data, page(), page(), 6));
	check(!wltex_rows_are_resident(data + 6 * page(), 4, 4, 1));
	/* More again, but nothing in it. */
	check_int(ftruncate(fd, (off_t)(8 * page())), 0);
	check(!wltex_rows_are_resident(data, page(), page(), 8));
	munmap(data, 8 * page());
	check(!wltex_rows_are_resident(data, page(), page(), 5));
}

/* Many more pages than are asked about at once, and one hole at each place that matters. */
TEST(one_hole_in_many_pages)
{
	static const size_t holes[] = {0, 1, 1022, 1023, 1024, 1025, 2047, 2048, 2999};
	size_t size = 3000 * page();
	int fd = make_full_memfd((off_t)size, 0);
	uint8_t *data = map(fd, size);
	struct stat before, after;

	for (size_t i = 0; i < ARRAY_LENGTH(holes); i++) {
		off_t at = (off_t)(holes[i] * page());
		check_int(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at,
				  (off_t)page()),
			0);
		check_int(fstat(fd, &before), 0);
		check(!wltex_rows_are_resident(data, size, size, 1));
		check_int(fstat(fd, &after), 0);
		check_int(after.st_blocks, before.st_blocks);
		data[at] = 1;
		check(wltex_rows_are_resident(data, size, size, 1));
	}
	munmap(data, size);
}

/* Pages that no row lies in are not asked about; those that rows reach into are. */
TEST(rows_far_apart)
{
	size_t stride = 5 * page(), size = 20 * stride;
	int fd = make_memfd((off_t)size, 0);
	uint8_t *data = map(fd, size), *first = data + page() - 8;

	for (size_t i = 0; i < 19; i++) {
		check(!wltex_rows_are_resident(first, stride, 16, (uint32_t)i + 1));
		first[i * stride] = 1;
		check(!wltex_rows_are_resident(first, stride, 16, (uint32_t)i + 1));
		first[i * stride + 15] = 1;
		check(wltex_rows_are_resident(first, stride, 16, (uint32_t)i + 1));
	}
	munmap(data, size);
}

TEST(cost)
{
	check_int(wltex_rows_get_cost(4096, 4096, 100), 409600);
	check_int(wltex_rows_get_cost(4, 4, 1000), 64000);
	check_int(wltex_rows_get_cost(1 << 30, 4, 3), 3 * 4100);
	check_int(
		wltex_rows_get_cost(1 << 30, 1 << 30, UINT32_MAX), (INT64_C(1) << 30) * UINT32_MAX);
	check_int(wltex_rows_get_cost(4096, 4096, 0), 0);
}

TEST(files_that_tell)
{
	int fd = make_memfd(100, 0), closed = dup(fd);

	check(wltex_fd_tells_residency(fd));
	close(closed);
	check(!wltex_fd_tells_residency(closed));
}
