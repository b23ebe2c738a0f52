/* SPDX-License-Identifier: MIT */
/*
 * Ways to a stale pixel, one by one: whatever a client does, the compositor with the module
 * must show what the one without it shows.
 */
#include <drm_fourcc.h>
#include <unistd.h>

#include "twin.h"

static struct twin twin;
static struct twin_surface *window;

static struct twin_buffer *make(int32_t width, int32_t height, enum twin_memory memory)
{
	return twin_buffer_create(&twin, &(struct twin_buffer_spec){
						 .width = width,
						 .height = height,
						 .format = DRM_FORMAT_XRGB8888,
						 .memory = memory,
					 });
}

/* A window that covers the output, with a picture on it. */
static void set_up(void)
{
	struct twin_buffer *background;

	twin_connect(&twin);
	window = twin_surface_create(&twin);
	background = make(twin.width, twin.height, TWIN_DMABUF);
	twin_buffer_paint(background, 1);
	twin_surface_map(&twin, window);
	twin_present(window, background);
	check_equal(&twin);
}

/* A desynchronized sub-surface that shows a buffer. */
static struct twin_surface *show(struct twin_buffer *buffer, int32_t x, int32_t y)
{
	struct twin_surface *surface = twin_subsurface_create(&twin, window, x, y);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	twin_present(surface, buffer);
	check_equal(&twin);
	return surface;
}

static void claim(struct twin_surface *surface, int32_t x, int32_t y, int32_t width, int32_t height)
{
	both(wl_surface_damage_buffer(surface->wl[i], x, y, width, height));
}

/* Draw a rectangle, claim just that, commit. */
static void draw(struct twin_surface *surface, struct twin_buffer *buffer, int32_t x, int32_t y,
	int32_t width, int32_t height, uint32_t argb)
{
	twin_buffer_fill(buffer, x, y, width, height, argb);
	twin_attach(surface, buffer);
	claim(surface, x, y, width, height);
	twin_commit(surface);
}

/* Commits that no repaint comes between: each claims its own part only. */
static void commits_before_a_repaint(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *a = make(200, 200, memory), *b = make(200, 200, memory);
	struct twin_surface *surface = show(a, 10, 10);

	for (int round = 0; round < 5; round++) {
		uint32_t colour = 0xff00ff00 + (uint32_t)round * 40;
		twin_buffer_fill(b, 0, 0, 64, 64, colour);
		draw(surface, a, 0, 0, 64, 64, colour);
		twin_buffer_fill(a, 150, 150, 20, 20, colour);
		draw(surface, b, 150, 150, 20, 20, colour);
		twin_present(surface, a);
		check_equal(&twin);
	}
}

TEST(commits_before_a_repaint_dmabuf)
{
	commits_before_a_repaint(TWIN_DMABUF);
}

TEST(commits_before_a_repaint_shm)
{
	commits_before_a_repaint(TWIN_SHM);
}

/*
 * A client with a single buffer, which does not wait: when its first commit is looked at,
 * its second picture is there already.
 */
static void client_is_ahead(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, memory);
	struct twin_surface *surface = show(buffer, 10, 10);

	twin_buffer_fill(buffer, 0, 0, 20, 20, 0xff0000ff);
	twin_buffer_fill(buffer, 30, 30, 20, 20, 0xffff0000);
	twin_attach(surface, buffer);
	claim(surface, 0, 0, 20, 20);
	twin_commit(surface);
	twin_show(&twin);
	twin_attach(surface, buffer);
	claim(surface, 30, 30, 20, 20);
	twin_commit(surface);
	check_equal(&twin);
	check_int(twin_pixel(&twin, 45, 45), 0xff0000);
}

TEST(client_is_ahead_dmabuf)
{
	client_is_ahead(TWIN_DMABUF);
}

TEST(client_is_ahead_shm)
{
	client_is_ahead(TWIN_SHM);
}

/* What Weston filters can be seen beside what was claimed; a later claim corrects it. */
static void scaled_up(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, memory);
	struct twin_surface *surface = twin_subsurface_create(&twin, window, 5, 5);
	struct wp_viewport **viewports = twin_surface_get_viewports(&twin, surface);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	both(wp_viewport_set_destination(viewports[i], 190, 170));
	twin_present(surface, buffer);
	check_equal(&twin);
	for (int32_t k = 1; k < 5; k++) {
		draw(surface, buffer, 10 * k, 13 * k, 9, 8, 0xffffffff);
		check_equal(&twin);
		twin_present(surface, buffer);
		check_equal(&twin);
	}
}

TEST(scaled_up_dmabuf)
{
	scaled_up(TWIN_DMABUF);
}

TEST(scaled_up_shm)
{
	scaled_up(TWIN_SHM);
}

/* A transform counts at once, but Weston draws with it only where something is exposed. */
TEST(transform_without_a_buffer)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, TWIN_DMABUF);
	twin_buffer_paint(buffer, 5);
	struct twin_surface *surface = show(buffer, 10, 10);
	struct twin_buffer *cover = make(50, 50, TWIN_DMABUF);
	struct twin_surface *other = show(cover, 20, 20);

	both(wl_surface_set_buffer_transform(surface->wl[i], WL_OUTPUT_TRANSFORM_180));
	twin_commit(surface);
	twin_show(&twin);
	both(wl_subsurface_set_position(other->sub[i], 150, 150));
	twin_commit(window);
	check_equal(&twin);
	both(wl_surface_set_buffer_transform(surface->wl[i], WL_OUTPUT_TRANSFORM_NORMAL));
	twin_present(surface, buffer);
	check_equal(&twin);
}

/* Surface coordinates out of all proportion. */
static void enormous_viewport(double source)
{
	set_up();
	struct twin_buffer *buffer = make(64, 64, TWIN_DMABUF);
	struct twin_surface *surface = twin_subsurface_create(&twin, window, 5, 5);
	struct wp_viewport **viewports = twin_surface_get_viewports(&twin, surface);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	both(wp_viewport_set_source(
		viewports[i], 0, 0, wl_fixed_from_double(source), wl_fixed_from_double(source)));
	both(wp_viewport_set_destination(viewports[i], 2000000000, 2000000000));
	twin_present(surface, buffer);
	check_equal(&twin);
	for (uint32_t k = 0; k < 3; k++) {
		twin_buffer_fill(buffer, 0, 0, 64, 64, 0xff0000ff + k * 100);
		twin_present(surface, buffer);
		check_equal(&twin);
	}
}

TEST(enormous_viewport)
{
	enormous_viewport(4);
}

/* Weston cannot invert this. */
TEST(enormous_viewport_of_a_fraction)
{
	enormous_viewport(1.0 / 256);
}

TEST(viewport_of_a_part)
{
	set_up();
	struct twin_buffer *buffer = make(200, 200, TWIN_SHM);
	struct twin_surface *surface = twin_subsurface_create(&twin, window, 5, 5);
	struct wp_viewport **viewports = twin_surface_get_viewports(&twin, surface);

	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	both(wp_viewport_set_source(viewports[i], wl_fixed_from_int(70), wl_fixed_from_int(70),
		wl_fixed_from_int(60), wl_fixed_from_int(60)));
	twin_present(surface, buffer);
	check_equal(&twin);
	/* Outside of what is seen, then seen. */
	draw(surface, buffer, 10, 10, 50, 50, 0xff00ff00);
	check_equal(&twin);
	both(wp_viewport_set_source(viewports[i], wl_fixed_from_int(0), wl_fixed_from_int(0),
		wl_fixed_from_int(60), wl_fixed_from_int(60)));
	twin_present(surface, buffer);
	check_equal(&twin);
	both(wp_viewport_set_source(viewports[i], wl_fixed_from_int(-1), wl_fixed_from_int(-1),
		wl_fixed_from_int(-1), wl_fixed_from_int(-1)));
	twin_present(surface, buffer);
	check_equal(&twin);
}

/* Covered while it changes, in all and in part. */
static void occluded(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(150, 150, memory);
	struct twin_surface *surface = show(buffer, 10, 10);
	struct twin_buffer *cover = make(200, 200, TWIN_DMABUF);
	struct twin_surface *other = show(cover, 0, 0);

	for (int32_t k = 0; k < 4; k++) {
		draw(surface, buffer, 30 * k, 30 * k, 40, 40, 0xff00ff00);
		twin_show(&twin);
		twin_present(surface, buffer);
		twin_show(&twin);
		both(wl_subsurface_set_position(other->sub[i], 200 + k, 0));
		twin_commit(window);
		check_equal(&twin);
		draw(surface, buffer, 10, 20 * k, 9, 9, 0xffff00ff);
		both(wl_subsurface_set_position(other->sub[i], k, 0));
		twin_commit(window);
		check_equal(&twin);
	}
}

TEST(occluded_dmabuf)
{
	occluded(TWIN_DMABUF);
}

TEST(occluded_shm)
{
	occluded(TWIN_SHM);
}

/* Another window in front, then the first one again. */
TEST(behind_a_window)
{
	set_up();
	struct twin_buffer *buffer = make(150, 150, TWIN_SHM);
	struct twin_surface *surface = show(buffer, 10, 10);
	struct twin_surface *front = twin_surface_create(&twin);
	struct twin_buffer *curtain = make(twin.width, twin.height, TWIN_DMABUF);

	twin_surface_map(&twin, front);
	twin_present(front, curtain);
	check_equal(&twin);
	draw(surface, buffer, 70, 70, 30, 30, 0xff00ff00);
	twin_show(&twin);
	draw(surface, buffer, 0, 0, 30, 30, 0xff00ffff);
	twin_present(surface, buffer);
	twin_surface_destroy(front);
	check_equal(&twin);
}

/* What waits for the parent, in every way in which it can come to count. */
static void synchronized(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *a = make(150, 150, memory), *b = make(150, 150, memory);
	struct twin_surface *surface = show(a, 10, 10);

	twin_buffer_fill(a, 0, 0, 150, 150, 0xff204060);
	twin_buffer_fill(b, 0, 0, 150, 150, 0xff204060);
	twin_present(surface, a);
	check_equal(&twin);
	both(wl_subsurface_set_sync(surface->sub[i]));
	twin_buffer_fill(a, 0, 0, 10, 10, 0xff00ff00);
	draw(surface, b, 0, 0, 10, 10, 0xff00ff00);
	draw(surface, b, 100, 100, 10, 10, 0xffff0000);
	check_equal(&twin);
	twin_commit(window);
	check_equal(&twin);
	twin_buffer_fill(a, 100, 100, 10, 10, 0xffff0000);
	draw(surface, a, 70, 70, 5, 5, 0xff0000ff);
	twin_show(&twin);
	both(wl_subsurface_set_desync(surface->sub[i]));
	check_equal(&twin);
	twin_buffer_fill(b, 70, 70, 5, 5, 0xff0000ff);
	both(wl_subsurface_set_sync(surface->sub[i]));
	draw(surface, b, 20, 20, 5, 5, 0xff00ffff);
	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_buffer_fill(a, 20, 20, 5, 5, 0xff00ffff);
	draw(surface, a, 40, 20, 5, 5, 0xff00ffff);
	check_equal(&twin);
	/* Dropped with the role, which the next one does not bring back. */
	both(wl_subsurface_set_sync(surface->sub[i]));
	draw(surface, b, 80, 20, 5, 5, 0xff123456);
	both(wl_subsurface_destroy(surface->sub[i]));
	check_equal(&twin);
	both(surface->sub[i] = wl_subcompositor_get_subsurface(
		     twin.screens[i].subcompositor, surface->wl[i], window->wl[i]));
	both(wl_subsurface_set_desync(surface->sub[i]));
	twin_commit(window);
	check_equal(&twin);
	draw(surface, b, 82, 22, 2, 2, 0xffabcdef);
	check_equal(&twin);
	twin_present(surface, b);
	check_equal(&twin);
}

TEST(synchronized_dmabuf)
{
	synchronized(TWIN_DMABUF);
}

TEST(synchronized_shm)
{
	synchronized(TWIN_SHM);
}

/* A tree of them, whose middle is the one that is synchronized; then the middle goes. */
TEST(parent_goes)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_DMABUF);
	struct twin_surface *middle = show(a, 10, 10);
	struct twin_surface *child = twin_subsurface_create(&twin, middle, 20, 20);

	both(wl_subsurface_set_desync(child->sub[i]));
	twin_commit(middle);
	twin_present(child, b);
	check_equal(&twin);
	both(wl_subsurface_set_sync(middle->sub[i]));
	draw(child, b, 30, 30, 20, 20, 0xff00ff00);
	draw(middle, a, 3, 3, 20, 20, 0xff00ff00);
	check_equal(&twin);
	twin_commit(window);
	check_equal(&twin);
	draw(child, b, 60, 30, 20, 20, 0xff00ff00);
	twin_surface_destroy(middle);
	check_equal(&twin);
	draw(child, b, 5, 5, 20, 20, 0xff00ff00);
	check_equal(&twin);
}

/* What comes to be seen where one was lowered, and is claimed by who is seen now. */
static void restacked(bool nested)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_DMABUF);
	struct twin_buffer *root = make(150, 150, TWIN_DMABUF);
	struct twin_surface *parent = nested ? show(root, 5, 5) : window;
	struct twin_buffer *background = make(twin.width, twin.height, TWIN_SHM);
	struct twin_surface *lower = twin_subsurface_create(&twin, parent, 10, 10);
	struct twin_surface *upper = twin_subsurface_create(&twin, parent, 30, 30);

	twin_buffer_fill(b, 0, 0, 100, 100, 0xff00ff00);
	twin_present(lower, a);
	twin_present(upper, b);
	twin_present(parent, nested ? root : background);
	twin_commit(window);
	check_equal(&twin);
	for (int k = 0; k < 6; k++) {
		struct twin_surface *under = k % 3 == 0 ? lower : parent;
		both(wl_subsurface_place_below(upper->sub[i], under->wl[i]));
		if (k % 2 == 0) {
			/* With the same commit. */
			twin_present(lower, a);
			twin_present(parent, nested ? root : background);
		} else {
			twin_commit(parent);
			twin_commit(window);
			twin_show(&twin);
			twin_present(lower, a);
			twin_present(parent, nested ? root : background);
		}
		twin_commit(window);
		check_equal(&twin);
		both(wl_subsurface_place_above(upper->sub[i], lower->wl[i]));
		twin_present(parent, nested ? root : background);
		twin_commit(window);
		check_equal(&twin);
	}
}

TEST(restacked)
{
	restacked(false);
}

TEST(restacked_nested)
{
	restacked(true);
}

TEST(memory_of_another_kind)
{
	set_up();
	struct twin_buffer *shm = make(150, 150, TWIN_SHM), *dmabuf = make(150, 150, TWIN_DMABUF);
	struct twin_buffer *unsealed = make(150, 150, TWIN_DMABUF_UNSEALED);
	struct twin_buffer *all[] = {
		shm, dmabuf, unsealed, dmabuf, unsealed, shm, unsealed, shm, shm, dmabuf, dmabuf};
	struct twin_surface *surface = show(shm, 10, 10);

	for (int32_t k = 0; k < (int32_t)(sizeof(all) / sizeof(all[0])); k++) {
		twin_buffer_fill(shm, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_buffer_fill(dmabuf, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_buffer_fill(unsealed, 10 * k, 9 * k, 20, 20, 0xff00ff00);
		twin_attach(surface, all[k]);
		claim(surface, 10 * k, 9 * k, 20, 20);
		twin_commit(surface);
		check_equal(&twin);
	}
}

/* The same bytes, of which the fourth means something or nothing. */
static void another_format(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *formats[2];
	struct twin_buffer_spec spec = {.width = 100, .height = 100, .memory = memory};
	struct twin_surface *surface;

	for (int k = 0; k < 2; k++) {
		spec.format = k == 0 ? DRM_FORMAT_XRGB8888 : DRM_FORMAT_ARGB8888;
		formats[k] = twin_buffer_create(&twin, &spec);
		twin_buffer_fill(formats[k], 0, 0, 100, 100, 0x40102030);
	}
	surface = show(formats[0], 10, 10);
	for (int k = 1; k < 6; k++) {
		twin_present(surface, formats[k % 2]);
		check_equal(&twin);
	}
}

TEST(another_format_dmabuf)
{
	another_format(TWIN_DMABUF);
}

TEST(another_format_shm)
{
	another_format(TWIN_SHM);
}

/* The same memory, upside down; and damage counts from the top of the picture. */
TEST(upside_down)
{
	set_up();
	struct twin_buffer_spec spec = {.width = 100,
		.height = 150,
		.format = DRM_FORMAT_XRGB8888,
		.memory = TWIN_DMABUF,
		.y_inverted = true};
	struct twin_buffer *a = twin_buffer_create(&twin, &spec);
	struct twin_buffer *b = twin_buffer_create(&twin, &spec);
	struct twin_buffer *normal = make(100, 150, TWIN_DMABUF);
	struct twin_surface *surface;

	twin_buffer_paint(a, 3);
	memcpy(b->pixels, a->pixels, a->size);
	memcpy(normal->pixels, a->pixels, a->size);
	surface = show(a, 10, 10);
	draw(surface, b, 3, 5, 10, 10, 0xff00ff00);
	check_equal(&twin);
	twin_buffer_fill(a, 3, 5, 10, 10, 0xff00ff00);
	draw(surface, a, 90, 130, 10, 10, 0xff00ff00);
	check_equal(&twin);
	twin_present(surface, normal);
	check_equal(&twin);
	twin_present(surface, a);
	check_equal(&twin);
}

TEST(edges_of_tiles)
{
	set_up();
	struct twin_buffer *a = make(193, 129, TWIN_SHM), *b = make(193, 129, TWIN_DMABUF);
	struct twin_surface *surface = show(a, 10, 10), *other = show(b, 11, 100);
	static const int32_t places[] = {0, 63, 64, 127, 128, 191, 192};

	for (size_t x = 0; x < 7; x++) {
		for (size_t y = 0; y < 5; y++) {
			twin_buffer_fill(a, places[x], places[y], 1, 1, 0xffff0000);
			twin_present(surface, a);
			twin_buffer_fill(b, places[x], places[y], 1, 1, 0xffff0000);
			twin_present(other, b);
			check_equal(&twin);
		}
	}
}

TEST(one_pixel)
{
	set_up();
	struct twin_buffer *a = make(1, 1, TWIN_SHM), *b = make(1, 1, TWIN_DMABUF);
	struct twin_surface *surface = show(a, 10, 10), *other = show(b, 15, 10);
	struct wp_viewport **viewports = twin_surface_get_viewports(&twin, other);

	both(wp_viewport_set_destination(viewports[i], 100, 100));
	for (uint32_t k = 0; k < 6; k++) {
		draw(surface, a, 0, 0, 1, 1, 0xff000000 + (k / 2) * 0x404040);
		draw(other, b, 0, 0, 1, 1, 0xff000000 + (k / 2) * 0x404040);
		check_equal(&twin);
	}
}

TEST(offset)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, TWIN_SHM);
	struct twin_surface *surface = show(buffer, 10, 10);

	for (int32_t k = 0; k < 5; k++) {
		twin_buffer_fill(buffer, 10 * k, 10 * k, 7, 7, 0xff00ff00);
		both(wl_surface_attach(surface->wl[i], buffer->wl_buffers[i], k, -k));
		claim(surface, 0, 0, 100, 100);
		twin_commit(surface);
		check_equal(&twin);
		both(wl_surface_attach(surface->wl[i], buffer->wl_buffers[i], 3, 3));
		twin_commit(surface);
		check_equal(&twin);
	}
}

static void detached(enum twin_memory memory)
{
	set_up();
	struct twin_buffer *buffer = make(100, 100, memory);
	struct twin_surface *surface = show(buffer, 10, 10);

	for (int32_t k = 0; k < 4; k++) {
		twin_attach(surface, NULL);
		twin_commit(surface);
		if (k != 2)
			check_equal(&twin);
		if (k == 3)
			twin_buffer_fill(buffer, 10, 10, 20, 20, 0xff00ff00);
		twin_present(surface, buffer);
		check_equal(&twin);
		draw(surface, buffer, 10 * k, 3, 20, 20, 0xff0000ff);
		check_equal(&twin);
	}
}

TEST(detached_dmabuf)
{
	detached(TWIN_DMABUF);
}

TEST(detached_shm)
{
	detached(TWIN_SHM);
}

/* A promise says what is there; between it and tiles there is nothing to compare. */
TEST(promises)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_DMABUF), *b = make(150, 150, TWIN_DMABUF);
	struct twin_surface *surface = show(a, 10, 10);

	if (surface->watch == NULL)
		test_skip("the protocol is switched off");
	for (int32_t k = 0; k < 12; k++) {
		struct twin_buffer *buffer = k % 2 == 0 ? b : a;
		if (k % 3 != 2) {
			twin_buffer_fill(a, 10 * k, 5, 20, 20, 0xff0000ff);
			twin_buffer_fill(b, 10 * k, 5, 20, 20, 0xff0000ff);
		}
		if (k % 4 < 2)
			wltex_surface_v1_set_content_sum(surface->watch, twin_buffer_sum(buffer));
		twin_present(surface, buffer);
		check_equal(&twin);
	}
}

/* Until the surface is left alone, while it is, and when it is looked at again. */
TEST(rest_and_wake)
{
	set_up();
	struct twin_buffer *a = make(400, 300, TWIN_DMABUF), *b = make(400, 300, TWIN_SHM);
	struct twin_surface *surface = show(a, 10, 10), *other = show(b, 20, 50);

	for (uint32_t k = 0; k < 120; k++) {
		/* Everything changes for a while, then nothing but a corner. */
		bool calm = k > 20;
		twin_buffer_fill(a, 0, 0, calm ? 10 : 400, calm ? 10 : 300, 0xff000000 + k * 77);
		twin_buffer_fill(b, 0, 0, calm ? 10 : 400, calm ? 10 : 300, 0xff000000 + k * 99);
		twin_present(surface, a);
		twin_present(other, b);
		if (k % 2 == 0)
			check_equal(&twin);
	}
}

/* An unmapped parent: what is committed meanwhile is there when it comes back. */
TEST(unmapped_parent)
{
	set_up();
	struct twin_buffer *a = make(150, 150, TWIN_SHM), *b = make(100, 100, TWIN_SHM);
	struct twin_surface *middle = show(a, 10, 10);
	struct twin_surface *child = twin_subsurface_create(&twin, middle, 20, 20);

	both(wl_subsurface_set_desync(child->sub[i]));
	twin_commit(middle);
	twin_present(child, b);
	check_equal(&twin);
	twin_attach(middle, NULL);
	twin_commit(middle);
	check_equal(&twin);
	for (int32_t k = 0; k < 3; k++) {
		draw(child, b, 70 - 30 * k, 30 * k, 20, 20, 0xff00ff00);
		twin_show(&twin);
	}
	twin_present(child, b);
	twin_present(middle, a);
	check_equal(&twin);
}

/* The file of a pool shrinks under the compositors: only the client may suffer. */
TEST(truncated_pool)
{
	set_up();
	struct twin_buffer *buffer = make(400, 400, TWIN_SHM);
	struct twin_surface *surface = show(buffer, 10, 10);

	check_int(ftruncate(buffer->fd, 4096), 0);
	twin_attach(surface, buffer);
	claim(surface, 0, 200, 400, 200);
	twin_commit(surface);
	/* Whoever is told is told of an invalid fd. */
	both(wl_display_roundtrip(twin.screens[i].display));
	twin_disconnect(&twin);
	set_up();
}
