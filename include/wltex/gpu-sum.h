/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_GPU_SUM_H
#define WLTEX_GPU_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pixman.h>

#include <wltex/sum.h>
#include <wltex/texture.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Content sums that the GPU makes, of memory that the CPU cannot read: tiled, compressed, in
 * the GPU's own memory, or of a layout that only its driver knows.
 *
 * A look is begun, and is over later: nothing here ever waits for the GPU, nor for whoever
 * still draws. At most one look of a struct wltex_gpu_sum is under way. It reads the pixels at
 * some moment between its start and its result, after all that the driver knows to be drawn
 * into the buffer; the buffer and the dmabuf may be destroyed meanwhile.
 *
 * All of it needs OpenGL ES 3.1 and EGL_KHR_fence_sync, in a context of wltex's own
 * (WLTEX_CONTEXT_SHARED or WLTEX_CONTEXT_OWN). Software renderers do it too, at a tenth of the
 * speed of wltex_sum_update() or less.
 */
struct wltex_gpu_sum;

/** What the sums of a look are. */
enum wltex_sum_kind {
	/** Those that wltex/sum.h defines: bytes are read as they are in memory. */
	WLTEX_SUM_CRC32 = 0,
	/**
	 * Of what is sampled, so that any change that can be seen changes them; to be compared
	 * with others of the same format and modifier and the same GPU only, and never told as
	 * content sums.
	 */
	WLTEX_SUM_FINGERPRINT,
};

/**
 * Make an object for what one surface shows. The first one of a context compiles the programs
 * for all, which may take longer than a frame. Touches GL.
 * \return NULL with errno set: ENOTSUP (no such GL or EGL, WLTEX_CONTEXT_CURRENT), ENOMEM, EIO,
 * ENODEV (the GL context is lost), EPERM (another thread).
 */
struct wltex_gpu_sum *wltex_gpu_sum_create(struct wltex_context *context);

/** Also with a look under way, and after the context's end. Touches GL. */
void wltex_gpu_sum_destroy(struct wltex_gpu_sum *sum);

/** What is looked at. All that is zero or NULL is the default. */
struct wltex_gpu_look {
	/**
	 * A dmabuf; or else pixels in memory of 4 bytes, which are copied before the call returns:
	 * to try the GPU.
	 */
	struct wltex_dmabuf *dmabuf;
	const struct wltex_pixels *pixels;
	/** What may have changed since the last look, in buffer pixels; NULL: anything. */
	const pixman_region32_t *damage;
	/**
	 * A sync file (borrowed) that the GPU waits for before it reads, as a commit's acquire
	 * fence. Without one it goes by what the driver knows.
	 */
	bool has_acquire_fence;
	int acquire_fence;
};

/**
 * Begin a look: sum the tiles that the damage touches, or all of them where there is nothing to
 * compare with, as with the first of its format, modifier and size. Touches GL.
 *
 * What XRGB8888 and its kin have in their X byte counts where EGL imports the format with alpha
 * as well; else the sums are fingerprints.
 *
 * \return 0, or a negative errno, after which none was begun and the last sums still count:
 * -EBUSY (one is under way, or one that was given up is still on the GPU), -EINVAL (neither or
 * both of dmabuf and pixels, a format or modifier that EGL does not offer, pixels of another
 * size than 4 bytes), -ENOTSUP (no dmabuf import; a fence that EGL cannot wait for: its content
 * is not known then), -EACCES (a software renderer would crash if the memory's owner cut it
 * off: it is not sealed), -EFBIG (larger than GL allows, or of more than 16384 tiles), -EPERM
 * (another thread, or the context is destroyed); or after which there is nothing to compare with
 * any more: -EIO, -ENOMEM, -ENODEV (the GL context is lost).
 */
int wltex_gpu_sum_start(struct wltex_gpu_sum *sum, const struct wltex_gpu_look *look);

/**
 * A file descriptor that is readable once the look under way is over, for an event loop.
 * Borrowed: it is closed by wltex_gpu_sum_finish() and wltex_gpu_sum_destroy().
 * \return -1 where none is under way, and where EGL has no EGL_ANDROID_native_fence_sync: call
 * wltex_gpu_sum_finish() each millisecond then, which is cheap while it returns -EAGAIN. No GL.
 */
int wltex_gpu_sum_get_fd(const struct wltex_gpu_sum *sum);

/** What came of a look. */
struct wltex_gpu_sum_result {
	enum wltex_sum_kind kind;
	/** There were sums to compare with; else everything counts as changed. */
	bool compared;
	/** Of all: the content sum, or a fingerprint. Right if nothing outside the damage changed. */
	uint32_t frame;
	/** How many tiles changed of those looked at. */
	size_t n_changed;
	/**
	 * These tiles, in buffer pixels, clipped to the frame. Borrowed, until the next start or the
	 * end of the object.
	 */
	const pixman_region32_t *changed;
};

/**
 * Take the result of the look under way, if it is there. Touches GL once it is.
 * \return 0 and *result; -EAGAIN: not yet; -ENOENT: none is under way; or, after which there is
 * nothing to compare with: -EIO, -ENODEV (the GL context is lost). -EPERM on another thread, or
 * if the context is destroyed.
 */
int wltex_gpu_sum_finish(struct wltex_gpu_sum *sum, struct wltex_gpu_sum_result *result);

/**
 * Give the look under way up. Nothing can be compared with the last sums any more, and the next
 * look can begin once the GPU is done with this one. No GL.
 */
void wltex_gpu_sum_cancel(struct wltex_gpu_sum *sum);

/**
 * Read all sums of the last look back, to print or to check them. Touches GL.
 * \return what wltex_sum_get_frame(), wltex_sum_get_grid() and wltex_sum_get_tile() take
 * (borrowed, until the next start), or NULL with errno set: ENOENT (no look is over, or one is
 * under way), EIO, ENODEV, EPERM.
 */
const struct wltex_sum *wltex_gpu_sum_read(struct wltex_gpu_sum *sum);

#ifdef __cplusplus
}
#endif

#endif
