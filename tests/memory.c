/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include "memory.h"
#include "test.h"

#define NAME "wltex-test"

/* Only memory that was written is there for a reader that fills no holes. */
static void write_zeros(int fd, size_t size)
{
	uint8_t *zeros = calloc(1, size);

	check(zeros != NULL && pwrite(fd, zeros, size, 0) == (ssize_t)size);
	free(zeros);
}

int test_memory_create_file(size_t size, int seals)
{
	int fd = memfd_create(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	check(fd >= 0);
	check_int(ftruncate(fd, (off_t)size), 0);
	write_zeros(fd, size);
	check(seals == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0);
	return fd;
}

static int open_device(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		test_fail(__FILE__, __LINE__, "cannot open %s: %s", path, strerror(errno));
	return fd;
}

static int create_udmabuf(size_t size)
{
	int device = open_device("/dev/udmabuf"), fd;
	int memory = test_memory_create_file(size, F_SEAL_SHRINK | F_SEAL_GROW);
	struct udmabuf_create create = {
		.memfd = (uint32_t)memory, .flags = UDMABUF_FLAGS_CLOEXEC, .size = size};

	fd = ioctl(device, UDMABUF_CREATE, &create);
	check(fd >= 0);
	close(memory);
	close(device);
	return fd;
}

static int create_from_heap(size_t size)
{
	struct dma_heap_allocation_data data = {.len = size, .fd_flags = O_RDWR | O_CLOEXEC};
	int device = open_device("/dev/dma_heap/system");

	check_int(ioctl(device, DMA_HEAP_IOCTL_ALLOC, &data), 0);
	close(device);
	return (int)data.fd;
}

int test_memory_create(size_t size)
{
	const char *kind = getenv("WLTEX_TEST_MEMORY");
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
	int fd;

	if (kind == NULL || strcmp(kind, "memfd") == 0)
		return test_memory_create_file(size, F_SEAL_SHRINK | F_SEAL_GROW);
	if (strcmp(kind, "udmabuf") == 0)
		fd = create_udmabuf(whole);
	else if (strcmp(kind, "dma-heap") == 0)
		fd = create_from_heap(whole);
	else
		test_fail(__FILE__, __LINE__, "no such WLTEX_TEST_MEMORY: %s", kind);
	check_int(ioctl(fd, DMA_BUF_SET_NAME, NAME), 0);
	return fd;
}
