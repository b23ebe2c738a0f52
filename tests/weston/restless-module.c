/* SPDX-License-Identifier: MIT */
/*
 * A Weston module that changes how clients' surfaces are shown, whatever these do: sets alpha,
 * adds and removes transforms, raises, moves to other layers, moves layers. One such act
 * whenever a client destroys a surface that has no role; which, is drawn from the seed
 * WLTEX_RESTLESS_SEED. Two compositors with the same clients do the same.
 */
#include <stdlib.h>

#include <libweston/libweston.h>

#define N_LAYERS 2

struct restless {
	struct weston_compositor *compositor;
	uint64_t random;
	struct wl_list surfaces; /* surface.link, in the order of their creation */
	struct weston_layer layers[N_LAYERS];
	struct weston_layer hidden; /* has no position */
	struct wl_listener create_surface, compositor_destroy;
};

struct surface {
	struct weston_surface *surface;
	struct wl_list link;
	struct wl_listener destroy;
	/* In the view's list, or in none. */
	struct weston_transform transform;
};

static struct restless restless;

/* weston/weston.h declares it, in a package of its own. */
WL_EXPORT int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[]);

static int pick(int n)
{
	restless.random = restless.random * 6364136223846793005u + 1442695040888963407u;
	return (int)((restless.random >> 33) % (uint64_t)n);
}

static struct weston_view *get_view(const struct surface *surface)
{
	struct weston_view *view;

	if (wl_list_empty(&surface->surface->views))
		return NULL;
	view = wl_container_of(surface->surface->views.next, view, surface_link);
	return weston_view_is_mapped(view) ? view : NULL;
}

static void set_alpha(struct surface *surface, struct weston_view *view)
{
	static const float alphas[] = {1, 1, 0.75f, 0.5f, 0.2f};

	weston_view_set_alpha(view, alphas[pick(5)]);
}

/* Pixels stay pixels: at edges of what is scaled, Weston itself leaves some as they were. */
static void choose_matrix(struct weston_matrix *matrix)
{
	static const float turns[][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
	const float *turn = turns[pick(4)];

	weston_matrix_init(matrix);
	if (pick(2) == 0)
		weston_matrix_rotate_xy(matrix, turn[0], turn[1]);
	weston_matrix_translate(matrix, (float)(pick(200) - 60), (float)(pick(150) - 45), 0);
}

static void change_transform(struct surface *surface, struct weston_view *view)
{
	struct wl_list *list = &view->geometry.transformation_list;
	bool last = pick(2) != 0;

	if (!wl_list_empty(&surface->transform.link)) {
		weston_view_remove_transform(view, &surface->transform);
		return;
	}
	choose_matrix(&surface->transform.matrix);
	weston_view_add_transform(view, last ? list->prev : list, &surface->transform);
}

/* Sub-surfaces are where their parents are. */
static bool is_in_layer(const struct weston_view *view)
{
	return view->layer_link.layer != NULL && view->parent_view == NULL;
}

static void raise_view(struct surface *surface, struct weston_view *view)
{
	if (is_in_layer(view))
		weston_view_move_to_layer(view, &view->layer_link.layer->view_list);
}

/* By way of nowhere: else Weston damages too little where it comes below others. */
static void change_layer(struct surface *surface, struct weston_view *view)
{
	if (!is_in_layer(view))
		return;
	weston_view_move_to_layer(view, &restless.hidden.view_list);
	weston_view_move_to_layer(view, &restless.layers[pick(N_LAYERS)].view_list);
}

static void empty_layer(struct weston_layer *from, struct weston_layer *to)
{
	struct weston_view *view, *next;

	wl_list_for_each_safe (view, next, &from->view_list.link, layer_link.link)
		weston_view_move_to_layer(view, &to->view_list);
}

/* With all that is in it, which is hidden meanwhile: Weston damages no more than that. */
static void move_layer(struct surface *surface, struct weston_view *view)
{
	struct weston_layer *layer = &restless.layers[pick(N_LAYERS)];

	empty_layer(layer, &restless.hidden);
	weston_layer_set_position(layer, WESTON_LAYER_POSITION_NORMAL + (unsigned int)pick(3));
	empty_layer(&restless.hidden, layer);
}

static void (*const acts[])(struct surface *surface, struct weston_view *view) = {
	set_alpha,
	set_alpha,
	change_transform,
	change_transform,
	raise_view,
	change_layer,
	move_layer,
};

#define N_ACTS ((int)(sizeof(acts) / sizeof(acts[0])))

/* Shells have surfaces, too, which are none of a client's. */
static struct surface *pick_surface(void)
{
	struct surface *surface;
	int n = 0;

	wl_list_for_each (surface, &restless.surfaces, link)
		n += surface->surface->resource != NULL && get_view(surface) != NULL;
	if (n == 0)
		return NULL;
	n = pick(n);
	wl_list_for_each (surface, &restless.surfaces, link) {
		if (surface->surface->resource != NULL && get_view(surface) != NULL && n-- == 0)
			return surface;
	}
	return NULL;
}

static void act(void)
{
	struct surface *surface = pick_surface();

	if (surface != NULL)
		acts[pick(N_ACTS)](surface, get_view(surface));
	weston_compositor_schedule_repaint(restless.compositor);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface = wl_container_of(listener, surface, destroy);
	bool is_sign =
		surface->surface->role_name == NULL && !weston_surface_is_mapped(surface->surface);

	wl_list_remove(&surface->transform.link);
	wl_list_remove(&surface->destroy.link);
	wl_list_remove(&surface->link);
	free(surface);
	if (is_sign)
		act();
}

static void handle_create_surface(struct wl_listener *listener, void *data)
{
	struct surface *surface = calloc(1, sizeof(*surface));

	if (surface == NULL)
		return;
	surface->surface = data;
	wl_list_init(&surface->transform.link);
	surface->destroy.notify = handle_surface_destroy;
	wl_signal_add(&surface->surface->destroy_signal, &surface->destroy);
	wl_list_insert(restless.surfaces.prev, &surface->link);
}

static void handle_compositor_destroy(struct wl_listener *listener, void *data)
{
	struct surface *surface, *next;

	wl_list_for_each_safe (surface, next, &restless.surfaces, link)
		handle_surface_destroy(&surface->destroy, NULL);
	for (int k = 0; k < N_LAYERS; k++)
		weston_layer_fini(&restless.layers[k]);
	weston_layer_fini(&restless.hidden);
	wl_list_remove(&restless.create_surface.link);
	wl_list_remove(&restless.compositor_destroy.link);
}

int wet_module_init(struct weston_compositor *compositor, int *argc, char *argv[])
{
	const char *seed = getenv("WLTEX_RESTLESS_SEED");

	restless.compositor = compositor;
	restless.random = seed != NULL ? strtoull(seed, NULL, 10) : 1;
	wl_list_init(&restless.surfaces);
	weston_layer_init(&restless.hidden, compositor);
	for (int k = 0; k < N_LAYERS; k++) {
		weston_layer_init(&restless.layers[k], compositor);
		weston_layer_set_position(
			&restless.layers[k], WESTON_LAYER_POSITION_NORMAL + (unsigned int)k + 1);
	}
	restless.create_surface.notify = handle_create_surface;
	wl_signal_add(&compositor->create_surface_signal, &restless.create_surface);
	restless.compositor_destroy.notify = handle_compositor_destroy;
	wl_signal_add(&compositor->destroy_signal, &restless.compositor_destroy);
	return 0;
}
