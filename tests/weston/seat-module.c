/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that adds a seat without any device. The headless backend of Weston 14 has
 * none, and without a seat its kiosk shell forgets to forget a window that goes: it uses the
 * freed memory when the next one comes.
 */
#include <stdlib.h>

#include <libweston/libweston.h>

struct test_seat {
	struct weston_seat seat;
	struct wl_listener compositor_destroy;
};

/* Exported by libweston, which declares them for its backends only. */
void weston_seat_init(
	struct weston_seat *seat, struct weston_compositor *compositor, const char *name);
void weston_seat_release(struct weston_seat *seat);

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct test_seat *seat = wl_container_of(listener, seat, compositor_destroy);

	wl_list_remove(&seat->compositor_destroy.link);
	weston_seat_release(&seat->seat);
	free(seat);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct test_seat *seat = calloc(1, sizeof(*seat));

	if (seat == NULL)
		return -1;
	weston_seat_init(&seat->seat, compositor, "test");
	seat->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &seat->compositor_destroy);
	return 0;
}
