/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "core/content.h"
#include "core/gpu.h"
#include "core/texture.h"
#include "util/export.h"
#include "util/fd.h"

static void init(struct wltex_gpu_sum *sum, struct wltex_context *context)
{
	sum->context = context;
	sum->fence = (struct gpu_fence){.sync = EGL_NO_SYNC_KHR, .fd = -1};
	pixman_region32_init(&sum->changed);
	wltex_list_insert(&context->gpu->sums, &sum->link);
}

static void destroy(struct wltex_gpu_sum *sum)
{
	wltex_list_remove(&sum->link);
	pixman_region32_fini(&sum->changed);
	free(sum);
}

void gpu_sum_clear(struct wltex_gpu_sum *sum, bool entered)
{
	gpu_fence_finish(&sum->fence, sum->context);
	sum->under_way = false;
	if (entered)
		glDeleteBuffers(N_GPU_BUFFERS, sum->buffers);
	for (int i = 0; i < N_GPU_BUFFERS; i++)
		sum->buffers[i] = 0;
	wltex_sum_destroy(sum->grid);
	sum->grid = NULL;
}

/* The context is current: what waited for that goes. */
static void bury_the_dead(struct core_gpu *gpu)
{
	struct wltex_list *link = gpu->sums.next;

	while (link != &gpu->sums) {
		struct wltex_gpu_sum *sum = wltex_container_of(link, struct wltex_gpu_sum, link);

		link = link->next;
		if (!sum->is_dead)
			continue;
		gpu_sum_clear(sum, true);
		destroy(sum);
	}
}

/* As core_enter(); lost contexts have told their textures. */
static int enter(struct core_guard *guard, struct wltex_context *context)
{
	int ret = context != NULL ? core_enter(guard, context) : -EPERM;

	if (ret == 0 && context->gpu != NULL)
		bury_the_dead(context->gpu);
	if (ret < 0 && ret != -EPERM)
		core_texture_lose_all(context);
	return ret;
}

static int leave(struct core_guard *guard, int ret)
{
	struct wltex_context *context = guard->context;

	core_leave(guard);
	core_texture_lose_all(context);
	return ret;
}

WLTEX_EXPORT struct wltex_gpu_sum *wltex_gpu_sum_create(struct wltex_context *context)
{
	struct wltex_gpu_sum *sum = calloc(1, sizeof(*sum));
	struct core_guard guard;
	int ret = -ENOMEM;

	if (sum != NULL)
		ret = context->mode != WLTEX_CONTEXT_CURRENT ? enter(&guard, context) : -ENOTSUP;
	if (ret == 0)
		ret = leave(&guard, core_gpu_init(context));
	if (ret == 0) {
		init(sum, context);
		return sum;
	}
	free(sum);
	errno = -ret;
	return NULL;
}

WLTEX_EXPORT void wltex_gpu_sum_destroy(struct wltex_gpu_sum *sum)
{
	struct wltex_context *context = sum != NULL ? sum->context : NULL;
	struct core_guard guard;
	int ret;

	if (context != NULL) {
		ret = core_enter_to_delete(&guard, context);
		/* Elsewhere, or not now: with the next that can, or with the context. */
		sum->is_dead = ret == -EPERM || ret == -EIO;
		if (sum->is_dead)
			return;
		gpu_sum_clear(sum, ret == 0);
		if (ret == 0)
			core_leave(&guard);
	}
	if (sum != NULL)
		destroy(sum);
}

static void forget(struct wltex_gpu_sum *sum)
{
	if (sum->grid != NULL)
		wltex_sum_reset(sum->grid);
}

/* --- The start of a look. The context is current. */

static bool is_same(const struct gpu_picture *a, const struct gpu_picture *b)
{
	return a->width == b->width && a->height == b->height && a->format == b->format &&
	       a->modifier == b->modifier && a->y_inverted == b->y_inverted &&
	       a->source == b->source;
}

static size_t count_tiles(const struct wltex_sum *grid)
{
	return (size_t)grid->layout.columns * grid->rows;
}

/* In words of 32 bits, of all rows. */
static size_t count_mask_words(const struct wltex_sum *grid)
{
	return 2 * grid->mask_words * grid->rows;
}

static size_t get_result_size(const struct wltex_sum *grid)
{
	return sizeof(struct gpu_result_header) + count_mask_words(grid) * sizeof(uint32_t);
}

static void fill(GLuint buffer, size_t size, const void *data, GLenum usage)
{
	glBindBuffer(GL_SHADER_STORAGE_BUFFER, buffer);
	glBufferData(GL_SHADER_STORAGE_BUFFER, (GLsizeiptr)size, data, usage);
}

/* What the sums are of from now on; nothing is known of it yet. */
static int make_grid(struct wltex_gpu_sum *sum, const struct gpu_picture *picture)
{
	uint32_t *shape;
	size_t size;

	gpu_sum_clear(sum, true);
	sum->grid = wltex_sum_create(picture->width, picture->height, 4);
	shape = sum->grid != NULL ? gpu_shape_make(sum->grid, &size) : NULL;
	if (shape == NULL) {
		gpu_sum_clear(sum, true);
		return -ENOMEM;
	}
	sum->picture = *picture;
	glGenBuffers(N_GPU_BUFFERS, sum->buffers);
	fill(sum->buffers[GPU_SHAPE], size, shape, GL_STATIC_DRAW);
	fill(sum->buffers[GPU_SUMS], count_tiles(sum->grid) * 2 * 4 * sizeof(uint32_t), NULL,
		GL_DYNAMIC_COPY);
	free(shape);
	return 0;
}

/* Damage counts rows from the top of the picture, tiles from the start of the memory. */
static void mark_damage(struct wltex_gpu_sum *sum, const pixman_region32_t *damage)
{
	pixman_region32_t flipped;

	if (!sum->compared || damage == NULL || !sum->picture.y_inverted) {
		sum_mark_damage(sum->grid, sum->compared ? damage : NULL);
		return;
	}
	pixman_region32_init(&flipped);
	core_flip_rows(sum->picture.width, sum->picture.height, &flipped, damage);
	sum_mark_damage(sum->grid, &flipped);
	pixman_region32_fini(&flipped);
}

/* New memory each time: GL need not wait for what reads the old one. */
static int fill_look(const struct wltex_gpu_sum *sum)
{
	const struct wltex_sum *grid = sum->grid;
	size_t words = count_mask_words(grid);
	size_t size = sizeof(struct gpu_look_header) + words * sizeof(uint32_t);
	struct gpu_look_header *look = calloc(1, size);
	uint32_t *dirty;

	if (look == NULL)
		return -ENOMEM;
	dirty = (uint32_t *)(look + 1);
	/* Zeros, and fewer. */
	fill(sum->buffers[GPU_RESULT], get_result_size(grid), look, GL_DYNAMIC_READ);
	*look = (struct gpu_look_header){
		.width = grid->width,
		.height = grid->height,
		.columns = grid->layout.columns,
		.rows = grid->rows,
		.mask_words = 2 * (uint32_t)grid->mask_words,
		.first = !sum->compared,
	};
	for (int i = 0; i < 4; i++)
		look->shifts[i] = sum->picture.shifts[i];
	for (size_t i = 0; i < words; i++)
		dirty[i] = (uint32_t)(grid->dirty[i / 2] >> (i % 2 * 32));
	fill(sum->buffers[GPU_LOOK], size, look, GL_STREAM_DRAW);
	free(look);
	return 0;
}

void gpu_sum_dispatch(const struct wltex_gpu_sum *sum, const struct core_pair *pair)
{
	const struct core_gpu *gpu = sum->context->gpu;
	const struct gpu_procs *procs = &gpu->procs;
	const struct wltex_sum *grid = sum->grid;
	GLuint before = core_bind(pair->target, pair->name);

	for (GLuint i = 0; i < N_GPU_BUFFERS; i++)
		procs->bind_buffer_base(GL_SHADER_STORAGE_BUFFER, i, sum->buffers[i]);
	glUseProgram(gpu->sum[sum->picture.source]);
	procs->dispatch(grid->layout.columns, grid->rows, 1);
	procs->memory_barrier(GL_SHADER_STORAGE_BARRIER_BIT);
	glUseProgram(gpu->compare);
	procs->dispatch((GLuint)(count_tiles(grid) + 63) / 64, 1, 1);
	procs->memory_barrier(GL_BUFFER_UPDATE_BARRIER_BIT | GL_SHADER_STORAGE_BARRIER_BIT);
	glUseProgram(0);
	glBindTexture(pair->target, before);
}

/* An error of GL's so far, as a negative errno. */
static int get_gl_error(struct wltex_context *context)
{
	GLenum error = glGetError();

	if (error == GL_NO_ERROR)
		return 0;
	return core_check_lost(context, error) ? -ENODEV : -EIO;
}

static int read_texture(
	struct wltex_gpu_sum *sum, const struct wltex_gpu_look *look, const struct core_pair *pair)
{
	struct wltex_context *context = sum->context;
	int ret = fill_look(sum);

	if (ret == 0)
		ret = get_gl_error(context);
	if (ret == 0 && look->has_acquire_fence)
		ret = gpu_fence_wait_for(context, look->acquire_fence);
	if (ret < 0)
		return ret;
	gpu_sum_dispatch(sum, pair);
	ret = gpu_fence_init(&sum->fence, context);
	return ret == 0 ? get_gl_error(context) : ret;
}

static int start(struct wltex_gpu_sum *sum, const struct gpu_picture *picture,
	const struct wltex_gpu_look *look)
{
	struct core_pair pair;
	int ret;

	core_clear_gl_errors();
	ret = gpu_picture_make_texture(picture, sum->context, look, &pair);
	if (ret < 0)
		return ret;
	if (sum->grid == NULL || !is_same(&sum->picture, picture))
		ret = make_grid(sum, picture);
	if (ret == 0) {
		sum->compared = sum->grid->has_sums;
		mark_damage(sum, look->damage);
		ret = read_texture(sum, look, &pair);
	}
	/* GL keeps what the GPU still reads. */
	core_pair_finish(&pair, sum->context);
	if (ret < 0)
		gpu_sum_clear(sum, true);
	sum->under_way = ret == 0;
	return ret;
}

WLTEX_EXPORT int wltex_gpu_sum_start(struct wltex_gpu_sum *sum, const struct wltex_gpu_look *look)
{
	struct wltex_context *context = sum->context;
	struct gpu_picture picture;
	struct core_guard guard;
	int ret;

	if (context == NULL)
		return -EPERM;
	if (sum->under_way || gpu_fence_poll(&sum->fence, context) == -EAGAIN)
		return -EBUSY;
	ret = gpu_picture_init(&picture, context, look);
	if (ret < 0)
		return ret;
	gpu_fence_finish(&sum->fence, context);
	ret = enter(&guard, context);
	if (ret == 0)
		ret = leave(&guard, start(sum, &picture, look));
	/* What changed since the last sums may have been told to this look alone. */
	if (ret < 0 && ret != -EPERM)
		forget(sum);
	return ret;
}

/* --- Its end. */

WLTEX_EXPORT int wltex_gpu_sum_get_fd(const struct wltex_gpu_sum *sum)
{
	return sum->fence.fd;
}

WLTEX_EXPORT void wltex_gpu_sum_cancel(struct wltex_gpu_sum *sum)
{
	if (!sum->under_way)
		return;
	sum->under_way = false;
	wltex_fd_close(&sum->fence.fd);
	forget(sum);
}

/* Call take with what is in a buffer, from its start. The context is current. */
static int map(struct wltex_gpu_sum *sum, enum gpu_buffer buffer, size_t size,
	void (*take)(struct wltex_gpu_sum *sum, const void *data))
{
	const struct gpu_procs *procs = &sum->context->gpu->procs;
	const void *data;

	core_clear_gl_errors();
	glBindBuffer(GL_SHADER_STORAGE_BUFFER, sum->buffers[buffer]);
	data = procs->map_buffer_range(
		GL_SHADER_STORAGE_BUFFER, 0, (GLsizeiptr)size, GL_MAP_READ_BIT);
	if (data == NULL)
		return get_gl_error(sum->context) == -ENODEV ? -ENODEV : -EIO;
	take(sum, data);
	return procs->unmap_buffer(GL_SHADER_STORAGE_BUFFER) ? 0 : -EIO;
}

static void take_result(struct wltex_gpu_sum *sum, const void *data)
{
	const struct gpu_result_header *result = data;
	const uint32_t *changed = (const uint32_t *)(result + 1);
	struct wltex_sum *grid = sum->grid;

	grid->frame = (sum->compared ? grid->frame : 0) ^ result->frame;
	for (size_t i = 0; i < grid->mask_words * grid->rows; i++)
		grid->changed[i] = changed[2 * i] | (uint64_t)changed[2 * i + 1] << 32;
	sum_get_changed(grid, &sum->changed);
	if (sum->picture.y_inverted)
		core_flip_rows(
			sum->picture.width, sum->picture.height, &sum->changed, &sum->changed);
}

static size_t count_changed(const struct wltex_sum *grid)
{
	size_t count = 0;

	for (size_t i = 0; i < grid->mask_words * grid->rows; i++)
		count += (size_t)__builtin_popcountll(grid->changed[i]);
	return count;
}

static void tell(const struct wltex_gpu_sum *sum, struct wltex_gpu_sum_result *result)
{
	bool is_crc = sum->picture.source == GPU_BYTES;

	*result = (struct wltex_gpu_sum_result){
		.kind = is_crc ? WLTEX_SUM_CRC32 : WLTEX_SUM_FINGERPRINT,
		.compared = sum->compared,
		.frame = wltex_sum_get_frame(sum->grid),
		.n_changed = count_changed(sum->grid),
		.changed = &sum->changed,
	};
}

static int finish(struct wltex_gpu_sum *sum)
{
	int ret = sum->context->lost ? -ENODEV : gpu_fence_poll(&sum->fence, sum->context);
	struct core_guard guard;

	if (ret == 0)
		ret = enter(&guard, sum->context);
	if (ret == 0)
		ret = leave(&guard, map(sum, GPU_RESULT, get_result_size(sum->grid), take_result));
	return ret;
}

WLTEX_EXPORT int wltex_gpu_sum_finish(
	struct wltex_gpu_sum *sum, struct wltex_gpu_sum_result *result)
{
	int ret;

	if (sum->context == NULL)
		return -EPERM;
	if (!sum->under_way)
		return -ENOENT;
	ret = finish(sum);
	if (ret == -EAGAIN || ret == -EPERM)
		return ret;
	sum->under_way = false;
	gpu_fence_finish(&sum->fence, sum->context);
	sum->grid->has_sums = ret == 0;
	if (ret == 0)
		tell(sum, result);
	return ret;
}

static void take_sums(struct wltex_gpu_sum *sum, const void *data)
{
	const uint32_t *words = data;
	struct wltex_sum *grid = sum->grid;

	for (size_t i = 0; i < count_tiles(grid); i++, words += 4)
		grid->tiles[i] = (struct sum_tile){words[0], words[1], words[2]};
}

WLTEX_EXPORT const struct wltex_sum *wltex_gpu_sum_read(struct wltex_gpu_sum *sum)
{
	struct core_guard guard;
	int ret = -ENOENT;

	if (sum->grid != NULL && sum->grid->has_sums && !sum->under_way)
		ret = enter(&guard, sum->context);
	if (ret == 0)
		ret = leave(
			&guard, map(sum, GPU_SUMS, count_tiles(sum->grid) * 4 * sizeof(uint32_t),
					take_sums));
	if (ret < 0)
		errno = -ret;
	return ret == 0 ? sum->grid : NULL;
}
