/* SPDX-License-Identifier: MIT */
/*
 * The way of a wl_surface's requests to the compositor. libwayland gives them to a dispatcher of
 * ours, and we to what the compositor has set, be it a table of functions or a dispatcher. The
 * implementation stays the compositor's own: it may compare that with what it has set.
 */
#include <wayland-server-protocol.h>

#include "observer/next.h"
#include "observer/observer.h"

/* Requests as wl_surface numbers them, up to this version. */
enum {
	DESTROY,
	ATTACH,
	DAMAGE,
	FRAME,
	SET_OPAQUE_REGION,
	SET_INPUT_REGION,
	COMMIT,
	SET_BUFFER_TRANSFORM,
	SET_BUFFER_SCALE,
	DAMAGE_BUFFER,
	OFFSET,
	GET_RELEASE,
};
#define LAST_VERSION 7
#define DAMAGE_BUFFER_SINCE 4

/* Its place in the compositor's table may be one that our headers do not know. */
typedef void (*get_release_t)(struct wl_client *, struct wl_resource *, uint32_t);

/* As libwayland calls these. */
static void call(const struct wl_surface_interface *table, struct wl_resource *resource,
	uint32_t opcode, union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(resource);
	/* To libwayland a resource is an object first of all. */
	struct wl_resource *object = (struct wl_resource *)args[0].o;

	switch (opcode) {
	case DESTROY:
		table->destroy(client, resource);
		break;
	case ATTACH:
		table->attach(client, resource, object, args[1].i, args[2].i);
		break;
	case DAMAGE:
		table->damage(client, resource, args[0].i, args[1].i, args[2].i, args[3].i);
		break;
	case FRAME:
		table->frame(client, resource, args[0].n);
		break;
	case SET_OPAQUE_REGION:
		table->set_opaque_region(client, resource, object);
		break;
	case SET_INPUT_REGION:
		table->set_input_region(client, resource, object);
		break;
	case COMMIT:
		table->commit(client, resource);
		break;
	case SET_BUFFER_TRANSFORM:
		table->set_buffer_transform(client, resource, args[0].i);
		break;
	case SET_BUFFER_SCALE:
		table->set_buffer_scale(client, resource, args[0].i);
		break;
	case DAMAGE_BUFFER:
		table->damage_buffer(client, resource, args[0].i, args[1].i, args[2].i, args[3].i);
		break;
	case OFFSET:
		table->offset(client, resource, args[0].i, args[1].i);
		break;
	case GET_RELEASE:
		((const get_release_t *)table)[GET_RELEASE](client, resource, args[0].n);
		break;
	}
}

/* To the compositor. The surface may be gone after that. */
static int forward(const struct surface *surface, const void *implementation, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	if (surface->dispatcher != NULL)
		return surface->dispatcher(
			implementation, surface->resource, opcode, message, args);
	call(implementation, surface->resource, opcode, args);
	return 0;
}

static void forward_box(const struct surface *surface, const void *implementation, uint32_t opcode,
	int32_t x, int32_t y, int32_t width, int32_t height)
{
	union wl_argument args[] = {{.i = x}, {.i = y}, {.i = width}, {.i = height}};

	forward(surface, implementation, opcode, &wl_surface_interface.methods[opcode], args);
}

/* As the client said. */
static void forward_claims(const struct surface *surface, const void *implementation)
{
	for (int i = 0; i < surface->claims.n; i++) {
		const struct claim *claim = &surface->claims.list[i];
		forward_box(surface, implementation, claim->buffer ? DAMAGE_BUFFER : DAMAGE,
			claim->x, claim->y, claim->width, claim->height);
	}
}

/* surface_commit() tells only where the two are the same in older versions. */
static void forward_damage(
	const struct surface *surface, const void *implementation, const pixman_region32_t *damage)
{
	bool buffer = wl_resource_get_version(surface->resource) >= DAMAGE_BUFFER_SINCE;
	int n = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles((pixman_region32_t *)damage, &n);

	for (int i = 0; i < n; i++)
		forward_box(surface, implementation, buffer ? DAMAGE_BUFFER : DAMAGE, boxes[i].x1,
			boxes[i].y1, boxes[i].x2 - boxes[i].x1, boxes[i].y2 - boxes[i].y1);
}

static void commit(struct surface *surface, const void *implementation)
{
	bool held = surface_holds_claims(surface);
	pixman_region32_t damage;
	int ret;

	pixman_region32_init(&damage);
	ret = surface_commit(surface, &damage);
	forward_damage(surface, implementation, &damage);
	if (ret == 0 && held)
		forward_claims(surface, implementation);
	pixman_region32_fini(&damage);
	claims_clear(&surface->claims);
}

/* The compositor makes the callback. The surface lives on, but the client may have no memory. */
static int frame(struct surface *surface, const void *implementation,
	const struct wl_message *message, union wl_argument *args)
{
	struct wl_client *client = wl_resource_get_client(surface->resource);
	int ret = forward(surface, implementation, FRAME, message, args);

	surface_frame(surface, wl_client_get_object(client, args[0].n));
	return ret;
}

/* Returns whether it is held back. Where there are too many, all of them go as they come. */
static bool hold(struct surface *surface, const void *implementation, uint32_t opcode,
	const union wl_argument *args)
{
	bool held = surface_holds_claims(surface);

	if (claims_add(&surface->claims, opcode == DAMAGE_BUFFER, args))
		return held;
	if (held)
		forward_claims(surface, implementation);
	return false;
}

int dispatch_surface(const void *implementation, void *target, uint32_t opcode,
	const struct wl_message *message, union wl_argument *args)
{
	struct surface *surface = surface_from_resource(target);

	switch (opcode) {
	case ATTACH:
		surface_attach(surface, (struct wl_resource *)args[0].o);
		if (args[1].i != 0 || args[2].i != 0)
			surface->stirred = 1;
		break;
	case OFFSET:
		surface->stirred = 1;
		break;
	case SET_BUFFER_TRANSFORM:
		surface->stirred |= surface->transform != args[0].i;
		surface->transform = args[0].i;
		break;
	case SET_BUFFER_SCALE:
		surface->stirred |= surface->scale != args[0].i;
		surface->scale = args[0].i > 0 ? args[0].i : 1;
		break;
	case DAMAGE:
	case DAMAGE_BUFFER:
		if (hold(surface, implementation, opcode, args))
			return 0;
		break;
	case FRAME:
		return frame(surface, implementation, message, args);
	case COMMIT:
		commit(surface, implementation);
		break;
	}
	return forward(surface, implementation, opcode, message, args);
}

static bool is_surface(struct wl_resource *resource)
{
	const char *class = wl_resource_get_class(resource);

	return class[0] == 'w' && __builtin_strcmp(class, wl_surface_interface.name) == 0;
}

/* Requests that are not known could not be passed on to a table. */
static struct surface *set_up(struct wl_resource *resource, wl_dispatcher_func_t dispatcher)
{
	struct observer *observer;

	if (wl_resource_get_version(resource) <= LAST_VERSION || dispatcher != NULL)
		return surface_set_up(resource, dispatcher);
	observer = observer_from_client(wl_resource_get_client(resource));
	if (observer != NULL)
		observer_tell_too_new(observer);
	return NULL;
}

WL_EXPORT void wl_resource_set_implementation(struct wl_resource *resource,
	const void *implementation, void *data, wl_resource_destroy_func_t destroy)
{
	if (is_surface(resource) && implementation != NULL && set_up(resource, NULL) != NULL)
		next_resource_set_dispatcher(
			resource, dispatch_surface, implementation, data, destroy);
	else
		next_resource_set_implementation(resource, implementation, data, destroy);
}

WL_EXPORT void wl_resource_set_dispatcher(struct wl_resource *resource,
	wl_dispatcher_func_t dispatcher, const void *implementation, void *data,
	wl_resource_destroy_func_t destroy)
{
	if (is_surface(resource) && dispatcher != NULL && set_up(resource, dispatcher) != NULL)
		dispatcher = dispatch_surface;
	next_resource_set_dispatcher(resource, dispatcher, implementation, data, destroy);
}
