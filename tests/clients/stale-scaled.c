/* SPDX-License-Identifier: MIT */
/* Stale pixels by how a buffer becomes a surface: viewports, transforms, offsets. */
#include "stale.h"

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

/*
 * A buffer that is gone when it is to be uploaded leaves its damage to the next one, in
 * coordinates of the size that the surface had: that upload may fail, and gl-renderer shows what
 * it had. A later claim corrects it.
 */
static void left_over_upload(bool same_size)
{
	set_up();
	struct twin_buffer *first = make(100, 100, TWIN_SHM);
	struct twin_buffer *gone = make(100, 100, TWIN_SHM);
	struct twin_buffer *last = make(100, 100, TWIN_SHM);
	struct twin_surface *surface = show(first, 10, 10);
	struct wp_viewport **viewports = twin_surface_get_viewports(&twin, surface);

	twin_buffer_paint(gone, 1);
	twin_buffer_paint(last, 2);
	twin_attach(surface, gone);
	claim(surface, 0, 0, 100, 100);
	twin_commit(surface);
	twin_buffer_give_up(gone);
	twin_show(&twin);
	if (!same_size)
		both(wp_viewport_set_destination(viewports[i], 40, 30));
	twin_present(surface, last);
	twin_show(&twin);
	twin_present(surface, last);
	check_equal(&twin);
}

TEST(left_over_upload)
{
	left_over_upload(true);
}

TEST(left_over_upload_of_another_size)
{
	left_over_upload(false);
}
