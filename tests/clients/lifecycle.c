/* SPDX-License-Identifier: MIT */
/* What happens to a texture in which order, seen by a client of wltex-v1. */
#include <drm_fourcc.h>

#include "peer.h"

#define WIDTH 100
#define HEIGHT 70

/*
 * When a surface gets another buffer, or none, the compositor releases the one before at
 * once if it has not drawn it, and else after it has drawn the next: both end the texture.
 */
#define REPLACED "destroyed/@(replaced|released)"
#define DETACHED "destroyed/@(detached|released)"

static struct peer peer;

static struct peer_buffer *make_buffer(uint32_t seed)
{
	struct peer_buffer *buffer = peer_buffer(&peer, WIDTH, HEIGHT);

	peer_buffer_fill(buffer, seed);
	return buffer;
}

/* A window on which the compositor shows a buffer. */
static struct peer_surface *make_window(struct peer_buffer *buffer)
{
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_map(surface);
	check_events(&peer, "");
	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
	peer_surface_draw(surface);
	return surface;
}

/* Change one byte and say so. */
static void change_byte(struct peer_surface *surface, struct peer_buffer *buffer, uint32_t x,
	uint32_t y, uint32_t byte)
{
	buffer->pixels[(size_t)y * buffer->stride + (size_t)x * 4 + byte] ^= 1;
	wl_surface_attach(surface->wl_surface, buffer->wl_buffer, 0, 0);
	wl_surface_damage_buffer(surface->wl_surface, (int32_t)x, (int32_t)y, 1, 1);
	wl_surface_commit(surface->wl_surface);
}

TEST(detach)
{
	peer_connect(&peer, "detach");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *window = make_window(buffer);

	check_int(window->serial, 2);
	check_int(window->sum, peer_buffer_sum(buffer));
	peer_surface_show(window, NULL);
	check_events(&peer, "destroyed/detached");
	check_int(window->serial, 4);
	/* The compositor's own texture still lives. */
	check_int(buffer->releases, 0);
}

TEST(buffer_destroyed)
{
	peer_connect(&peer, "buffer_destr");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *window = make_window(buffer);

	peer_buffer_destroy(buffer);
	check_events(&peer, "destroyed/buffer_destroyed");
	/* Detaching what is gone changes nothing. */
	peer_surface_show(window, NULL);
	check_events(&peer, "");
}

TEST(surface_destroyed)
{
	peer_connect(&peer, "surface_destr");
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_show(surface, make_buffer(1));
	check_events(&peer, "imported/attached");
	wl_surface_destroy(surface->wl_surface);
	check_events(&peer, "destroyed/surface_destroyed");
	/* What is left is inert. */
	wltex_surface_v1_set_content_sum(surface->watch, 1);
	check_events(&peer, "");
	wltex_surface_v1_destroy(surface->watch);
	check_events(&peer, "");
}

TEST(replaced)
{
	peer_connect(&peer, "replaced");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct peer_surface *window = make_window(a);

	for (int i = 0; i < 3; i++) {
		peer_surface_show(window, b);
		check_events(&peer, REPLACED " imported/attached");
		check_int(window->sum, peer_buffer_sum(b));
		peer_surface_show(window, a);
		check_events(&peer, REPLACED " imported/attached");
		check_int(window->sum, peer_buffer_sum(a));
	}
	/* wl_shm is nobody's dmabuf. */
	peer_surface_show(window, peer_shm_buffer(&peer, WIDTH, HEIGHT));
	check_events(&peer, REPLACED);
	peer_surface_show(window, b);
	check_events(&peer, "imported/attached");
}

/* Two commits that arrive together both count. */
TEST(replaced_at_once)
{
	peer_connect(&peer, "at_once");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_show(surface, a);
	peer_surface_show(surface, b);
	peer_surface_show(surface, NULL);
	check_events(&peer, "imported/attached " REPLACED " imported/attached " DETACHED);
}

TEST(recommit)
{
	peer_connect(&peer, "recommit");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *window = make_window(buffer);

	peer_surface_show(window, buffer);
	check_events(&peer, "reused/attached");
	change_byte(window, buffer, 3, 5, 0);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(window->sum, peer_buffer_sum(buffer));
	change_byte(window, buffer, WIDTH - 1, HEIGHT - 1, 3);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(window->sum, peer_buffer_sum(buffer));
	/* Changed, and changed back, before anybody looked. */
	buffer->pixels[0] ^= 1;
	buffer->pixels[0] ^= 1;
	peer_surface_show(window, buffer);
	check_events(&peer, "reused/attached");
	/* No damage is the promise that nothing changed. */
	wl_surface_attach(window->wl_surface, buffer->wl_buffer, 0, 0);
	wl_surface_commit(window->wl_surface);
	check_events(&peer, "reused/attached");
}

TEST(padding_is_no_content)
{
	peer_connect(&peer, "padding");
	struct peer_buffer *buffer = peer_buffer_of_format(&peer, 10, 10, 64, DRM_FORMAT_XRGB8888);
	struct peer_surface *window = make_window(buffer);

	buffer->pixels[10 * 4] ^= 1;
	peer_surface_show(window, buffer);
	check_events(&peer, "reused/attached");
	check_int(window->sum, peer_buffer_sum(buffer));
}

TEST(two_surfaces_with_one_buffer)
{
	peer_connect(&peer, "two_surfaces");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *a = peer_surface(&peer, "a"), *b = peer_surface(&peer, "b");

	peer_surface_show(a, buffer);
	peer_surface_show(b, buffer);
	check_events(&peer, "a:imported/attached b:imported/attached");
	/* Each surface has looked at the content for itself. */
	change_byte(a, buffer, 1, 1, 1);
	peer_surface_show(b, buffer);
	check_events(&peer, "a:destroyed/content_changed a:reimported/content_changed"
			    " b:destroyed/content_changed b:reimported/content_changed");
	peer_surface_show(a, NULL);
	check_events(&peer, "a:" DETACHED);
	peer_surface_show(a, buffer);
	check_events(&peer, "a:imported/attached");
	wl_surface_destroy(b->wl_surface);
	check_events(&peer, "b:destroyed/surface_destroyed");
	peer_buffer_destroy(buffer);
	check_events(&peer, "a:destroyed/buffer_destroyed");
}

TEST(two_surfaces_lose_their_buffer)
{
	peer_connect(&peer, "lose_buffer");
	struct peer_buffer *buffer = make_buffer(1);

	peer_surface_show(peer_surface(&peer, ""), buffer);
	peer_surface_show(peer_surface(&peer, ""), buffer);
	check_events(&peer, "imported/attached imported/attached");
	peer_buffer_destroy(buffer);
	check_events(&peer, "destroyed/buffer_destroyed destroyed/buffer_destroyed");
}

TEST(on_and_off)
{
	peer_connect(&peer, "on_and_off");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *surface = peer_surface(&peer, "");

	for (int i = 0; i < 10; i++) {
		peer_surface_show(surface, buffer);
		check_events(&peer, "imported/attached");
		peer_surface_show(surface, NULL);
		check_events(&peer, DETACHED);
	}
	peer_surface_show(surface, NULL);
	check_events(&peer, "");
}

TEST(commit_without_attach)
{
	peer_connect(&peer, "no_attach");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *surface = peer_surface(&peer, "");

	wl_surface_commit(surface->wl_surface);
	check_events(&peer, "");
	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
	for (int i = 0; i < 5; i++) {
		wl_surface_damage_buffer(surface->wl_surface, 0, 0, WIDTH, HEIGHT);
		wl_surface_commit(surface->wl_surface);
	}
	/* Attached, but never committed. */
	wl_surface_attach(surface->wl_surface, NULL, 0, 0);
	check_events(&peer, "");
}

TEST(damage_before_attach)
{
	peer_connect(&peer, "damage_before");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
	/* Told in a commit of its own, which does nothing; it is not forgotten. */
	buffer->pixels[0] ^= 1;
	wl_surface_damage_buffer(surface->wl_surface, 0, 0, 1, 1);
	wl_surface_commit(surface->wl_surface);
	check_events(&peer, "");
	wl_surface_attach(surface->wl_surface, buffer->wl_buffer, 0, 0);
	wl_surface_damage_buffer(surface->wl_surface, WIDTH - 1, HEIGHT - 1, 1, 1);
	wl_surface_commit(surface->wl_surface);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(buffer));
}

TEST(buffer_destroyed_before_commit)
{
	peer_connect(&peer, "destroy_early");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_show(surface, a);
	wl_surface_attach(surface->wl_surface, b->wl_buffer, 0, 0);
	peer_buffer_destroy(b);
	check_events(&peer, "imported/attached");
	wl_surface_commit(surface->wl_surface);
	check_events(&peer, DETACHED);
}

static struct peer_surface *make_child(
	struct peer_surface *parent, const char *name, struct wl_subsurface **subsurface)
{
	struct peer_surface *child = peer_surface(&peer, name);

	*subsurface = wl_subcompositor_get_subsurface(
		peer.subcompositor, child->wl_surface, parent->wl_surface);
	return child;
}

TEST(synchronized_subsurface)
{
	peer_connect(&peer, "subsurface");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2), *c = make_buffer(3);
	struct peer_surface *parent = peer_surface(&peer, "parent");
	struct wl_subsurface *subsurface;
	struct peer_surface *child = make_child(parent, "child", &subsurface);

	peer_surface_show(child, a);
	check_events(&peer, "");
	peer_surface_show(parent, b);
	/* The parent's state comes first in Weston 16. */
	check_events(&peer, "@(child:imported/attached parent:imported/attached|"
			    "parent:imported/attached child:imported/attached)");
	/* What was cached and overwritten has never been shown. */
	peer_surface_show(child, c);
	peer_surface_show(child, a);
	check_events(&peer, "");
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:reused/attached");
	/* A buffer can go while it waits; the one that is shown does not. */
	peer_surface_show(child, c);
	peer_buffer_destroy(c);
	check_events(&peer, "");
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:" DETACHED);
	peer_surface_show(child, a);
	wl_subsurface_set_desync(subsurface);
	check_events(&peer, "child:imported/attached");
	peer_surface_show(child, NULL);
	check_events(&peer, "child:" DETACHED);
}

TEST(subsurface_damage_adds_up)
{
	peer_connect(&peer, "sub_damage");
	struct peer_buffer *a = make_buffer(1);
	struct peer_surface *parent = peer_surface(&peer, "parent");
	struct wl_subsurface *subsurface;
	struct peer_surface *child = make_child(parent, "child", &subsurface);

	peer_surface_show(child, a);
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:imported/attached");
	change_byte(child, a, 0, 0, 0);
	wl_surface_attach(child->wl_surface, a->wl_buffer, 0, 0);
	wl_surface_damage_buffer(child->wl_surface, WIDTH - 1, HEIGHT - 1, 1, 1);
	wl_surface_commit(child->wl_surface);
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:destroyed/content_changed child:reimported/content_changed");
	check_int(child->sum, peer_buffer_sum(a));
}

/* What a sub-surface had cached is dropped with its role. */
TEST(subsurface_destroyed)
{
	peer_connect(&peer, "sub_destroyed");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct peer_surface *parent = peer_surface(&peer, "parent");
	struct wl_subsurface *subsurface;
	struct peer_surface *child = make_child(parent, "child", &subsurface);

	peer_surface_show(child, a);
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:imported/attached");
	peer_surface_show(child, b);
	wl_subsurface_destroy(subsurface);
	wl_surface_commit(child->wl_surface);
	check_events(&peer, "");
	peer_surface_show(child, b);
	check_events(&peer, "child:" REPLACED " child:imported/attached");
}

static void promise(struct peer_surface *surface, uint32_t sum, struct peer_buffer *buffer)
{
	wltex_surface_v1_set_content_sum(surface->watch, sum);
	peer_surface_show(surface, buffer);
}

TEST(content_sum)
{
	peer_connect(&peer, "content_sum");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct peer_surface *surface = peer_surface(&peer, "");

	/* Promises are believed, even this. */
	promise(surface, 0, a);
	check_events(&peer, "imported/attached");
	check_int(surface->sum, 0);
	promise(surface, 0, a);
	check_events(&peer, "reused/attached");
	check_int(surface->sum, 0);
	promise(surface, 7, a);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, 7);
	/* Only the last one before a commit counts. */
	wltex_surface_v1_set_content_sum(surface->watch, 8);
	promise(surface, 7, a);
	check_events(&peer, "reused/attached");
	/* Without one the truth comes out. */
	peer_surface_show(surface, a);
	check_events(&peer, "destroyed/content_changed reimported/content_changed");
	check_int(surface->sum, peer_buffer_sum(a));
	/* A true promise is as good as looking. */
	promise(surface, peer_buffer_sum(a), a);
	check_events(&peer, "reused/attached");
	promise(surface, peer_buffer_sum(b), b);
	check_events(&peer, REPLACED " imported/attached");
	peer_surface_show(surface, b);
	check_events(&peer, "reused/attached");
	check_int(surface->sum, peer_buffer_sum(b));
}

TEST(content_sum_without_attach)
{
	peer_connect(&peer, "sum_no_attach");
	struct peer_buffer *a = make_buffer(1);
	struct peer_surface *surface = peer_surface(&peer, "");

	peer_surface_show(surface, a);
	check_events(&peer, "imported/attached");
	wltex_surface_v1_set_content_sum(surface->watch, 7);
	wl_surface_commit(surface->wl_surface);
	check_events(&peer, "");
	peer_surface_show(surface, a);
	check_events(&peer, "reused/attached");
	check_int(surface->sum, peer_buffer_sum(a));
	/* With a buffer that is nobody's dmabuf it is dropped, too. */
	promise(surface, 7, peer_shm_buffer(&peer, WIDTH, HEIGHT));
	peer_surface_show(surface, a);
	check_events(&peer, REPLACED " imported/attached");
	check_int(surface->sum, peer_buffer_sum(a));
	/* And so it is when whoever set it goes before the commit. */
	wltex_surface_v1_set_content_sum(surface->watch, 7);
	wltex_surface_v1_destroy(surface->watch);
	surface->watch = NULL;
	peer_surface_show(surface, a);
	check_events(&peer, "");
}

/* A promise belongs to its commit, also when that is applied later. */
TEST(content_sum_of_subsurface)
{
	peer_connect(&peer, "sum_subsurface");
	struct peer_buffer *a = make_buffer(1);
	struct peer_surface *parent = peer_surface(&peer, "parent");
	struct wl_subsurface *subsurface;
	struct peer_surface *child = make_child(parent, "child", &subsurface);

	promise(child, 7, a);
	wltex_surface_v1_set_content_sum(child->watch, 8);
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:imported/attached");
	check_int(child->sum, 7);
	/* Overwritten by a commit without a promise. */
	promise(child, 7, a);
	peer_surface_show(child, a);
	wl_surface_commit(parent->wl_surface);
	check_events(&peer, "child:destroyed/content_changed child:reimported/content_changed");
	check_int(child->sum, peer_buffer_sum(a));
}

/* A wrong promise for a buffer is nothing to another surface that shows it. */
TEST(wrong_content_sum)
{
	peer_connect(&peer, "wrong_sum");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *liar = peer_surface(&peer, "liar");
	struct peer_surface *other = peer_surface(&peer, "other");

	promise(liar, 7, buffer);
	peer_surface_show(other, buffer);
	check_events(&peer, "liar:imported/attached other:imported/attached");
	check_int(other->sum, peer_buffer_sum(buffer));
	buffer->pixels[0] ^= 1;
	promise(liar, 7, buffer);
	peer_surface_show(other, buffer);
	check_events(&peer, "liar:reused/attached"
			    " other:destroyed/content_changed other:reimported/content_changed");
	check_int(other->sum, peer_buffer_sum(buffer));
}

TEST(watched_twice)
{
	peer_connect(&peer, "watched_twice");
	struct peer_surface *surface = peer_surface(&peer, "");

	/* One after the other is fine. */
	wltex_surface_v1_destroy(surface->watch);
	surface->watch = wltex_manager_v1_get_surface(peer.wltex, surface->wl_surface);
	check_events(&peer, "");
	wltex_manager_v1_get_surface(peer.wltex, surface->wl_surface);
	check_error(&peer, &wltex_manager_v1_interface, WLTEX_MANAGER_V1_ERROR_ALREADY_EXISTS);
}

TEST(watched_late)
{
	peer_connect(&peer, "watched_late");
	struct peer_buffer *buffer = make_buffer(1);
	struct peer_surface *surface = peer_surface(&peer, "");

	wltex_surface_v1_destroy(surface->watch);
	peer_surface_show(surface, buffer);
	peer_sync(&peer);
	surface->watch = wltex_manager_v1_get_surface(peer.wltex, surface->wl_surface);
	/* What it makes outlives it. */
	wltex_manager_v1_destroy(peer.wltex);
	peer.log[0] = '\0';
	/* Without a listener events are dropped: whether they come is told by the ledger. */
	peer_surface_show(surface, buffer);
	check_events(&peer, "");
}

TEST(asynchronous_buffer)
{
	peer_connect(&peer, "async_create");
	struct peer_surface *surface = peer_surface(&peer, "");
	struct peer_buffer *buffer = peer_buffer_async(&peer, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888);

	check(buffer->wl_buffer != NULL);
	peer_surface_show(surface, buffer);
	check_events(&peer, "imported/attached");
	check_int(surface->sum, peer_buffer_sum(buffer));
	peer_buffer_destroy(buffer);
	check_events(&peer, "destroyed/buffer_destroyed");
}

/* Resources are destroyed in no order that a compositor could choose. */
TEST(gone_with_everything)
{
	peer_connect(&peer, "gone");
	struct peer_buffer *a = make_buffer(1), *b = make_buffer(2);
	struct wl_subsurface *subsurface;
	struct peer_surface *window = make_window(a);
	struct peer_surface *child = make_child(window, "child", &subsurface);

	peer_surface_show(child, a);
	peer_surface_show(window, b);
	peer_surface_show(peer_surface(&peer, "other"), b);
	wltex_surface_v1_set_content_sum(child->watch, 7);
	wl_surface_attach(child->wl_surface, b->wl_buffer, 0, 0);
	check_events(&peer, "@(child:imported/attached " REPLACED " imported/attached|" REPLACED
			    " imported/attached child:imported/attached) other:imported/attached");
}

/*
 * The last one: when a window goes like this, the kiosk shell of Weston 14 crashes as soon as
 * the next one comes.
 */
TEST(window_destroyed)
{
	peer_connect(&peer, "window_destr");
	struct peer_surface *window = make_window(make_buffer(1));

	xdg_toplevel_destroy(window->toplevel);
	xdg_surface_destroy(window->xdg_surface);
	wl_surface_destroy(window->wl_surface);
	check_events(&peer, "destroyed/surface_destroyed");
}
