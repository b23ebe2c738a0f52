/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that plays a user: it adds a keyboard and a pointer to the seat, and makes
 * one step of a fixed list, over and over, for each SIGRTMIN: Weston ends on others.
 */
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdlib.h>

#include <libweston/libweston.h>

struct input {
	struct weston_compositor *compositor;
	struct weston_seat *seat;
	struct wl_listener compositor_destroy;
	struct wl_event_source *signal;
	int steps;
};

/* Exported by libweston, which declares them for its backends only. */
int weston_seat_init_keyboard(struct weston_seat *seat, struct xkb_keymap *keymap);
int weston_seat_init_pointer(struct weston_seat *seat);
void notify_key(struct weston_seat *seat, const struct timespec *time, uint32_t key,
	enum wl_keyboard_key_state state, enum weston_key_state_update update_state);
void notify_motion_absolute(
	struct weston_seat *seat, const struct timespec *time, struct weston_coord_global position);
void notify_pointer_frame(struct weston_seat *seat);

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

/* Comes after the module that adds the seat, and before any client. */
static void add_devices(void *data)
{
	struct input *input = data;

	if (wl_list_empty(&input->compositor->seat_list))
		return;
	input->seat = wl_container_of(input->compositor->seat_list.next, input->seat, link);
	weston_seat_init_pointer(input->seat);
	if (weston_seat_init_keyboard(input->seat, NULL) < 0)
		weston_log("no keyboard\n");
}

static void press(struct input *input, uint32_t key)
{
	struct timespec now;

	weston_compositor_get_time(&now);
	notify_key(input->seat, &now, key, WL_KEYBOARD_KEY_STATE_PRESSED, STATE_UPDATE_AUTOMATIC);
	notify_key(input->seat, &now, key, WL_KEYBOARD_KEY_STATE_RELEASED, STATE_UPDATE_AUTOMATIC);
}

/* Now here, now there, but not twice at the same place. */
static void point(struct input *input)
{
	const struct weston_output *output =
		wl_container_of(input->compositor->output_list.next, output, link);
	struct weston_coord_global position;
	struct timespec now;

	weston_compositor_get_time(&now);
	position.c =
		weston_coord(input->steps * 97 % output->width, input->steps * 61 % output->height);
	notify_motion_absolute(input->seat, &now, position);
	notify_pointer_frame(input->seat);
}

static int step(int number, void *data)
{
	static const uint32_t keys[] = {KEY_TAB, KEY_DOWN, 0, KEY_TAB, KEY_RIGHT, KEY_DOWN, 0};
	struct input *input = data;
	uint32_t key = keys[input->steps++ % (int)(sizeof(keys) / sizeof(keys[0]))];

	if (input->seat == NULL)
		return 1;
	if (key != 0)
		press(input, key);
	else
		point(input);
	return 1;
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct input *input = wl_container_of(listener, input, compositor_destroy);

	wl_event_source_remove(input->signal);
	wl_list_remove(&input->compositor_destroy.link);
	free(input);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	struct wl_event_loop *loop = wl_display_get_event_loop(compositor->wl_display);
	struct input *input = calloc(1, sizeof(*input));

	if (input == NULL)
		return -1;
	input->compositor = compositor;
	input->signal = wl_event_loop_add_signal(loop, SIGRTMIN, step, input);
	if (input->signal == NULL) {
		free(input);
		return -1;
	}
	wl_event_loop_add_idle(loop, add_devices, input);
	input->compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &input->compositor_destroy);
	return 0;
}
