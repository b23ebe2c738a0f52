/* SPDX-License-Identifier: MIT */
#ifndef CORE_GPU_H
#define CORE_GPU_H

#include <GLES3/gl31.h>
#include <wltex/gpu-sum.h>

#include "core/core.h"
#include "core/pair.h"
#include "sum/grid.h"

/*
 * Sums on the GPU, in two passes. One work group sums a tile, each of its threads some of the
 * tile's pixels; then a thread for each tile compares its sums with those that are kept. Only
 * the bits of what changed are read back, and what the frame's sum changes by.
 */

/* What is sampled, and how. */
enum gpu_source {
	GPU_BYTES,    // 8-bit RGBA: the bytes as they are in memory
	GPU_SAMPLES,  // any other texture: what is sampled
	GPU_EXTERNAL, // the same of an external one
	N_GPU_SOURCES,
};

/* The buffers that the passes share, by the number of their binding. */
enum gpu_buffer {
	GPU_LOOK,   // struct gpu_look_header and the mask of the tiles to look at
	GPU_SHAPE,  // see gpu_shape_make()
	GPU_SUMS,   // the tiles' sums, 4 words each: those that are kept, then those of this look
	GPU_RESULT, // struct gpu_result_header and the mask of the tiles that changed
	N_GPU_BUFFERS,
};

struct gpu_look_header {
	uint32_t width, height, columns, rows;
	uint32_t mask_words; // of 32 bits, for a row of tiles
	uint32_t first;      // nothing is kept to compare with
	uint32_t unused[2];
	uint32_t shifts[4]; // of red, green, blue, alpha in a pixel
};

struct gpu_result_header {
	uint32_t frame; // what the sum of all changes by
	uint32_t n_changed;
};

/* More than these, and a surface's sums take too much memory: as core/shown.c. */
#define GPU_MAX_TILES 16384

/* The entry points beyond GL ES 2, so that the library links with any GL. */
struct gpu_procs {
	PFNGLDISPATCHCOMPUTEPROC dispatch;
	PFNGLMEMORYBARRIERPROC memory_barrier;
	PFNGLBINDBUFFERBASEPROC bind_buffer_base;
	PFNGLMAPBUFFERRANGEPROC map_buffer_range;
	PFNGLUNMAPBUFFERPROC unmap_buffer;
	PFNEGLCREATESYNCKHRPROC create_sync;
	PFNEGLDESTROYSYNCKHRPROC destroy_sync;
	PFNEGLCLIENTWAITSYNCKHRPROC client_wait_sync;
	/* NULL without EGL_KHR_wait_sync and EGL_ANDROID_native_fence_sync. */
	PFNEGLWAITSYNCKHRPROC wait_sync;
	PFNEGLDUPNATIVEFENCEFDANDROIDPROC dup_fence;
};

/* What a context has for all of its sums. */
struct core_gpu {
	struct gpu_procs procs;
	GLuint sum[N_GPU_SOURCES]; // programs; 0: GL cannot sample that
	GLuint compare;
	struct wltex_list sums; // wltex_gpu_sum.link
};

/* The texts of a program that sums, of one that compares; NULL: no memory. To be freed. */
char *gpu_shader_make_sum(enum gpu_source source);
char *gpu_shader_make_compare(void);

/*
 * What depends on the size of the picture alone, of a grid for pixels of 4 bytes: words for the
 * buffer GPU_SHAPE, *size bytes; NULL: no memory. To be freed.
 */
uint32_t *gpu_shape_make(const struct wltex_sum *grid, size_t *size);

/*
 * Make context->gpu, if it is not there yet. The context is current. Returns 0, or a negative
 * errno with nothing left behind.
 */
int core_gpu_init(struct wltex_context *context);
/*
 * The context ends: so do its programs, and its sums become empty. entered: it is current; if
 * not, names are left to the end of the GL context.
 */
void core_gpu_finish(struct wltex_context *context, bool entered);

/* What a look reads, and how. */
struct gpu_picture {
	uint32_t width, height, format;
	uint64_t modifier;
	bool y_inverted;
	enum gpu_source source;
	uint32_t shifts[4]; // of GPU_BYTES: of red, green, blue, alpha in a pixel
	/* Of a dmabuf: what it is imported as. */
	struct wltex_dmabuf_attributes attributes;
	const struct wltex_format *import;
};

/* Find out what is to be read, without GL: 0, or a negative errno. */
int gpu_picture_init(struct gpu_picture *picture, const struct wltex_context *context,
	const struct wltex_gpu_look *look);
/* Make its texture, with the context current: 0, or a negative errno with nothing left behind. */
int gpu_picture_make_texture(const struct gpu_picture *picture, struct wltex_context *context,
	const struct wltex_gpu_look *look, struct core_pair *pair);

/* What the GPU will have done. */
struct gpu_fence {
	EGLSyncKHR sync; // EGL_NO_SYNC_KHR: there is none
	int fd;          // readable once it is done; -1: EGL makes none
};

/* After what GL was told so far. The context is current. Returns 0 or -EIO. */
int gpu_fence_init(struct gpu_fence *fence, const struct wltex_context *context);
/* 0: it is done, or there is none; -EAGAIN; -EIO: nobody knows. No context is needed. */
int gpu_fence_poll(const struct gpu_fence *fence, const struct wltex_context *context);
void gpu_fence_finish(struct gpu_fence *fence, const struct wltex_context *context);
/*
 * Let the GPU wait for a sync file (borrowed) before it does what GL is told from now on. The
 * context is current. Returns 0 or -EIO.
 */
int gpu_fence_wait_for(const struct wltex_context *context, int sync_file);

struct wltex_gpu_sum {
	struct wltex_context *context; // NULL once it is gone
	struct wltex_list link;        // core_gpu.sums
	/* It was destroyed while EGL did not let the context become current: its buffers wait. */
	bool is_dead;

	/* What the sums are of, without what is in it by pointer; grid: NULL, of nothing. */
	struct gpu_picture picture;
	struct wltex_sum *grid;
	GLuint buffers[N_GPU_BUFFERS];

	/* The last look, which may have been given up. */
	struct gpu_fence fence;
	bool under_way; // its result is waited for
	bool compared;
	pixman_region32_t changed;
};

/* Tell GL to do both passes, as the last look was prepared. The context is current. */
void gpu_sum_dispatch(const struct wltex_gpu_sum *sum, const struct core_pair *pair);

/* Destroy grid and buffers; entered: the context is current, else names are forgotten. */
void gpu_sum_clear(struct wltex_gpu_sum *sum, bool entered);

#endif
