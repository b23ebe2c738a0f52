/* SPDX-License-Identifier: MIT */
/*
 * A compositor of one's own on libwltex-server: wl_compositor, wl_shm and windows. It
 * shows nothing, but tells for each repaint what it would have to draw:
 *
 *	compositor SOCKET
 *
 * It runs until it is terminated, and prints a line "surface ID: claimed N px, drawn N px" for
 * each surface that goes.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wayland-server.h>

#include <wltex/session.h>

#include "xdg-shell-server.h"

#define REPAINT_MS 16

static struct wl_display *display;
static struct wltex_session *session;
static struct wl_list surfaces; // struct surface.link

struct buffer {
	struct wl_resource *resource; // NULL: none, or it is gone
	struct wl_listener destroy;
};

struct surface {
	struct wl_list link;
	struct wltex_surface *wltex;
	/* Requested; and applied, the damage until it is drawn. */
	struct buffer pending, shown;
	bool attached;
	struct wl_list frames; // of wl_callback
	pixman_region32_t pending_damage, damage;
	uint64_t claimed_px, drawn_px;
};

/*
 * Whatever is only there so that clients find it: a request makes what it is to make, or destroys,
 * and a window is told to choose its own size.
 */
static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args);
static void create_surface(struct wl_resource *resource);

static struct wl_resource *make(struct wl_client *client, const struct wl_interface *interface,
	uint32_t version, uint32_t id)
{
	struct wl_resource *resource = wl_resource_create(client, interface, (int)version, id);

	if (resource == NULL)
		abort();
	wl_resource_set_dispatcher(resource, dispatch, NULL, NULL, NULL);
	return resource;
}

static void configure(struct wl_resource *xdg_surface, struct wl_resource *toplevel)
{
	struct wl_array states = {0};

	xdg_toplevel_send_configure(toplevel, 0, 0, &states);
	xdg_surface_send_configure(xdg_surface, 1);
}

static int dispatch(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	const char *name = message->name;
	struct wl_resource *made = NULL;

	if (strcmp(name, "destroy") == 0)
		wl_resource_destroy(target);
	else if (message->signature[0] == 'n')
		made = make(wl_resource_get_client(target), message->types[0],
			(uint32_t)wl_resource_get_version(target), args[0].n);
	if (made != NULL && strcmp(name, "get_toplevel") == 0)
		configure(target, made);
	if (made != NULL && strcmp(name, "create_surface") == 0)
		create_surface(made);
	return 0;
}

static void bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	make(client, data, version, id);
}

/* Of what it extends over. */
static uint64_t get_area(const pixman_region32_t *region)
{
	const pixman_box32_t *box = pixman_region32_extents((pixman_region32_t *)region);

	return (uint64_t)(box->x2 - box->x1) * (uint64_t)(box->y2 - box->y1);
}

static void set_buffer(struct buffer *buffer, struct wl_resource *resource)
{
	wl_list_remove(&buffer->destroy.link);
	wl_list_init(&buffer->destroy.link);
	buffer->resource = resource;
	if (resource != NULL)
		wl_resource_add_destroy_listener(resource, &buffer->destroy);
}

static void forget_buffer(struct wl_listener *listener, void *data)
{
	struct buffer *buffer = wl_container_of(listener, buffer, destroy);

	set_buffer(buffer, NULL);
}

/* --- The session: what it is told, and what it says. */

static struct wltex_source get_source(const struct surface *surface)
{
	struct wltex_source source = {.buffer = surface->shown.resource, .acquire_fence = -1};

	if (source.buffer == NULL)
		return source;
	source.shm = wl_shm_buffer_get(source.buffer);
	source.width = wl_shm_buffer_get_width(source.shm);
	source.height = wl_shm_buffer_get_height(source.shm);
	return source;
}

static void apply(struct surface *surface)
{
	struct wltex_applied applied = {.trim = true};
	struct wltex_verdict verdict;

	if (surface->shown.resource != NULL && surface->shown.resource != surface->pending.resource)
		wl_buffer_send_release(surface->shown.resource);
	set_buffer(&surface->shown, surface->pending.resource);
	set_buffer(&surface->pending, NULL);
	applied.source = get_source(surface);
	pixman_region32_intersect_rect(&surface->pending_damage, &surface->pending_damage, 0, 0,
		(unsigned)applied.source.width, (unsigned)applied.source.height);
	applied.claimed = &surface->pending_damage;
	wltex_surface_apply(surface->wltex, &applied, &verdict);
	surface->attached = false;
	surface->claimed_px += get_area(&surface->pending_damage);
	pixman_region32_union(&surface->damage, &surface->damage, &surface->pending_damage);
	pixman_region32_clear(&surface->pending_damage);
}

/* The moment of use: what of the damage is to be drawn? Here all of it is drawn at once. */
static void draw(struct surface *surface)
{
	const struct wltex_look look = {
		.source = get_source(surface),
		.claimed = &surface->damage,
		.others = true,
	};
	pixman_region32_t changed;

	pixman_region32_init(&changed);
	if (wltex_surface_look(surface->wltex, &look, &changed) > 0)
		pixman_region32_intersect(&surface->damage, &surface->damage, &changed);
	surface->drawn_px += get_area(&surface->damage);
	wltex_surface_settle(surface->wltex);
	wltex_surface_drop_look(surface->wltex);
	pixman_region32_clear(&surface->damage);
	pixman_region32_fini(&changed);
}

static uint32_t get_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static int repaint(void *data)
{
	struct wl_resource *frame, *next;
	struct surface *surface;

	wltex_session_begin_repaint(session);
	wl_list_for_each (surface, &surfaces, link) {
		if (surface->shown.resource != NULL && pixman_region32_not_empty(&surface->damage))
			draw(surface);
		wl_resource_for_each_safe(frame, next, &surface->frames)
		{
			wl_callback_send_done(frame, get_ms());
			wl_resource_destroy(frame);
		}
	}
	return wl_event_source_timer_update(*(struct wl_event_source **)data, REPAINT_MS);
}

/* --- wl_surface, of version 1: damage is in buffer pixels, as there is no scale. */

static void unlink_resource(struct wl_resource *resource)
{
	wl_list_remove(wl_resource_get_link(resource));
}

static void add_frame(struct surface *surface, struct wl_client *client, uint32_t id)
{
	struct wl_resource *frame = make(client, &wl_callback_interface, 1, id);

	wl_resource_set_destructor(frame, unlink_resource);
	wl_list_insert(surface->frames.prev, wl_resource_get_link(frame));
}

static int dispatch_surface(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	struct surface *surface = wl_resource_get_user_data(target);

	const char *name = message->name;

	if (strcmp(name, "frame") == 0) {
		add_frame(surface, wl_resource_get_client(target), args[0].n);
	} else if (strcmp(name, "attach") == 0) {
		set_buffer(&surface->pending, (struct wl_resource *)args[0].o);
		surface->attached = true;
	} else if (strcmp(name, "damage") == 0 && args[2].i > 0 && args[3].i > 0) {
		pixman_region32_union_rect(&surface->pending_damage, &surface->pending_damage,
			args[0].i, args[1].i, (unsigned)args[2].i, (unsigned)args[3].i);
	} else if (strcmp(name, "commit") == 0 && surface->attached) {
		apply(surface);
	} else if (strcmp(name, "destroy") == 0) {
		wl_resource_destroy(target);
	}
	return 0;
}

static void surface_destroy(struct wl_resource *resource)
{
	struct surface *surface = wl_resource_get_user_data(resource);

	printf("surface %u: claimed %ju px, drawn %ju px\n", wl_resource_get_id(resource),
		(uintmax_t)surface->claimed_px, (uintmax_t)surface->drawn_px);
	fflush(stdout);
	set_buffer(&surface->pending, NULL);
	set_buffer(&surface->shown, NULL);
	wl_list_remove(&surface->frames);
	wl_list_remove(&surface->link);
	pixman_region32_fini(&surface->pending_damage);
	pixman_region32_fini(&surface->damage);
	free(surface);
}

static void create_surface(struct wl_resource *resource)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL)
		abort();
	surface->wltex = wltex_session_get_surface(session, resource);
	surface->pending.destroy.notify = surface->shown.destroy.notify = forget_buffer;
	wl_list_init(&surface->pending.destroy.link);
	wl_list_init(&surface->shown.destroy.link);
	wl_list_init(&surface->frames);
	pixman_region32_init(&surface->pending_damage);
	pixman_region32_init(&surface->damage);
	wl_list_insert(&surfaces, &surface->link);
	wl_resource_set_dispatcher(resource, dispatch_surface, NULL, surface, surface_destroy);
}

static int stop(int signal, void *data)
{
	wl_display_terminate(display);
	return 0;
}

int main(int argc, char **argv)
{
	struct wl_event_loop *loop;
	struct wl_event_source *timer, *signal;

	display = wl_display_create();
	if (argc != 2 || display == NULL || wl_display_add_socket(display, argv[1]) < 0)
		return EXIT_FAILURE;
	setenv("WAYLAND_DISPLAY", argv[1], 1);
	session = wltex_session_create(&(struct wltex_session_options){.display = display});
	if (session == NULL)
		return EXIT_FAILURE;
	wl_list_init(&surfaces);
	wl_display_init_shm(display);
	wl_global_create(
		display, &wl_compositor_interface, 1, (void *)&wl_compositor_interface, bind);
	wl_global_create(display, &xdg_wm_base_interface, 1, (void *)&xdg_wm_base_interface, bind);
	loop = wl_display_get_event_loop(display);
	timer = wl_event_loop_add_timer(loop, repaint, &timer);
	wl_event_source_timer_update(timer, REPAINT_MS);
	signal = wl_event_loop_add_signal(loop, SIGTERM, stop, NULL);
	wl_display_run(display);
	wl_event_source_remove(timer);
	wl_event_source_remove(signal);
	wl_display_destroy_clients(display);
	wltex_session_destroy(session);
	wl_display_destroy(display);
	return EXIT_SUCCESS;
}
