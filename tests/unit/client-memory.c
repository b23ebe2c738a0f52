/* SPDX-License-Identifier: MIT */
/* plugin/session/memory.c: what a client shares, each kernel object once. */
#include "dmabuf-attributes.h"
#include "dmabuf/dmabuf.h"
#include "test.h"
#include "session/memory.h"

#define BYTES (64 * 256)

static struct wltex_dmabuf *create(const struct wltex_dmabuf_attributes *attributes)
{
	struct wltex_dmabuf *dmabuf = wltex_dmabuf_create(attributes, NULL);

	check(dmabuf != NULL);
	return dmabuf;
}

TEST(many_buffers_of_one_object)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	struct client_memory memory = {0};
	struct memory_object *objects[100];
	struct wltex_dmabuf *dmabuf = create(&a), *other;

	/* Another fd of it makes no difference. */
	a.planes[0].fd = reopen(a.planes[0].fd, O_RDWR);
	other = create(&a);
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		objects[i] = memory_ref(&memory, i % 2 == 0 ? dmabuf : other, 0);
		check(objects[i] != NULL);
		check(objects[i] == objects[0]);
		check_int(memory.bytes, BYTES);
	}
	check_str(memory_get_exporter(objects[0]), "");
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		check_int(memory.bytes, BYTES);
		memory_unref(&memory, objects[i]);
	}
	check_int(memory.bytes, 0);
	check(memory.objects == NULL);
	wltex_dmabuf_destroy(dmabuf);
	wltex_dmabuf_destroy(other);
}

TEST(many_objects)
{
	struct client_memory memory = {0};
	struct memory_object *objects[200];
	struct wltex_dmabuf *dmabufs[ARRAY_LENGTH(objects)];

	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		struct wltex_dmabuf_attributes a = good_attributes();
		dmabufs[i] = create(&a);
		close(a.planes[0].fd);
		objects[i] = memory_ref(&memory, dmabufs[i], 0);
		check_int(memory.bytes, BYTES * (i + 1));
	}
	/* In another order. */
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		memory_unref(&memory, objects[i * 37 % ARRAY_LENGTH(objects)]);
		check_int(memory.bytes, BYTES * (ARRAY_LENGTH(objects) - 1 - i));
	}
	check(memory.objects == NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++)
		wltex_dmabuf_destroy(dmabufs[i]);
}

/* The planes of one buffer, in one object and in two. */
TEST(planes)
{
	struct wltex_dmabuf_attributes a = good_nv12();
	struct client_memory memory = {0};
	struct wltex_dmabuf *one = create(&a), *two;
	struct memory_object *objects[3];

	a.planes[1].fd = make_memfd(63 * 64 + 32 * 64, F_SEAL_SHRINK);
	two = create(&a);
	objects[0] = memory_ref(&memory, one, 0);
	check_int(memory.bytes, 95 * 64);
	objects[1] = memory_ref(&memory, two, 0);
	check_int(memory.bytes, 95 * 64);
	objects[2] = memory_ref(&memory, two, 1);
	check_int(memory.bytes, 2 * 95 * 64);
	for (int i = 0; i < 3; i++)
		memory_unref(&memory, objects[i]);
	check_int(memory.bytes, 0);
	wltex_dmabuf_destroy(one);
	wltex_dmabuf_destroy(two);
}

/* Files that claim more than there is: the sum never comes round to little. */
TEST(sum_does_not_wrap)
{
	struct client_memory memory = {0};
	struct memory_object *objects[16];
	struct wltex_dmabuf *dmabufs[ARRAY_LENGTH(objects)];
	uint64_t before = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		struct wltex_dmabuf_attributes a = good_attributes();
		close(a.planes[0].fd);
		a.planes[0].fd = make_memfd((off_t)1 << 62, 0);
		dmabufs[i] = create(&a);
		close(a.planes[0].fd);
		objects[i] = memory_ref(&memory, dmabufs[i], 0);
		check(memory.bytes > before);
		before = memory.bytes;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++) {
		memory_unref(&memory, objects[i]);
		wltex_dmabuf_destroy(dmabufs[i]);
	}
	check_int(memory.bytes, 0);
}

/* A file that has grown between two buffers of it counts as it is now. */
TEST(file_that_grows)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	struct client_memory memory = {0};
	struct memory_object *objects[2];
	struct wltex_dmabuf *dmabufs[2] = {create(&a)};

	objects[0] = memory_ref(&memory, dmabufs[0], 0);
	check_int(memory.bytes, BYTES);
	check_int(ftruncate(a.planes[0].fd, 3 * BYTES), 0);
	dmabufs[1] = create(&a);
	objects[1] = memory_ref(&memory, dmabufs[1], 0);
	check(objects[1] == objects[0]);
	check_int(memory.bytes, 3 * BYTES);
	memory_unref(&memory, objects[1]);
	check_int(memory.bytes, 3 * BYTES);
	memory_unref(&memory, objects[0]);
	check_int(memory.bytes, 0);
	wltex_dmabuf_destroy(dmabufs[0]);
	wltex_dmabuf_destroy(dmabufs[1]);
}

TEST(exporter)
{
	struct wltex_dmabuf_attributes a = good_attributes();
	struct client_memory memory = {0};
	struct memory_object *object;
	struct wltex_dmabuf *dmabuf;
	int mem;

	close(a.planes[0].fd);
	a.planes[0].fd = make_udmabuf(BYTES, &mem);
	dmabuf = create(&a);
	object = memory_ref(&memory, dmabuf, 0);
	check_str(memory_get_exporter(object), "udmabuf");
	check_int(memory.bytes, BYTES);
	memory_unref(&memory, object);
	wltex_dmabuf_destroy(dmabuf);
}
