/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_TEXTURE_H
#define WLTEX_TEXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pixman.h>
#include <EGL/egl.h>
#include <GLES2/gl2.h>
#include <wltex/dmabuf.h>
#include <wltex/ledger.h>
#include <wltex/log.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Textures that die on time.
 *
 * A struct wltex_texture is what a compositor keeps per surface. It shows one source
 * at a time: a client's dmabuf, or pixels in memory. It owns at most one EGLImage and
 * one GL texture name:
 *
 * - attach of another source destroys the old pair first, then makes the new one; if
 *   that fails the object is empty;
 * - attach or sync of the same source compares content sums: equal, nothing is
 *   touched; different or not knowable without waiting, the pair is made anew;
 * - release, destroy, or the destruction of the dmabuf destroys the pair before the
 *   call returns. There is no cache, no deferred deletion, no finalizer.
 *
 * The idea is giu's RGBABackedTexture (image, texture, CRC-32 of what the texture was
 * made from), for buffers that other processes own.
 *
 * Every function below that touches GL makes the context's own GL context current and
 * restores what the caller had, so that it may be called in any state of the caller's
 * thread (where textures are deleted, see WLTEX_CONTEXT_SHARED). A context belongs to the
 * thread that created it: calls from another thread return -EPERM (or do nothing, and log an
 * error) and touch nothing. Only wltex_dmabuf_destroy() does its work there, as far as it can: see
 * there. The same holds while its GL context is current on another thread.
 *
 * A GPU can be reset, and then GL contexts are lost. The first call that finds that out
 * empties every texture object of the context, without GL: each tells "destroying" and
 * "destroyed, context_lost" to its listener, which must not call into any texture object of
 * the context then. From then on attach returns -ENODEV, and no GL is called any more.
 * Destroy the texture objects and the wltex_context, and make new ones with a new GL context.
 * A reuse touches no GL and finds nothing, nor does the end of a texture in a context of the
 * caller's: see wltex_context_check().
 */
struct wltex_context;
struct wltex_texture;

/** Which GL context wltex works in. */
enum wltex_context_mode {
	/**
	 * The context that is current when wltex_context_create() is called. It stays the
	 * caller's and must outlive the wltex_context.
	 */
	WLTEX_CONTEXT_CURRENT = 0,
	/**
	 * A context of wltex's own on options.display that shares textures with
	 * options.share. The display stays the caller's and is never terminated.
	 *
	 * Where a texture ends while options.share itself is current, the name is deleted in it:
	 * to switch there and back would cost more than the rest of a release. No error of GL is
	 * caused, asked for or cleared in it, and none of its state changes, but as it does for
	 * whoever calls glDeleteTextures: where the caller still has that name bound, none is
	 * bound afterwards. So options.share, too, stays the caller's and must outlive the
	 * wltex_context, as it is known by its handle. All else is done in wltex's own context,
	 * as an import can fail, and only glGetError would tell.
	 */
	WLTEX_CONTEXT_SHARED,
	/**
	 * A context of wltex's own on a display of its own: the render node in
	 * options.render_fd through GBM, or EGL's surfaceless platform without one.
	 */
	WLTEX_CONTEXT_OWN,
};

/**
 * What happened to a texture. The values are those of wltex_surface_v1.state; but the last is
 * only returned, nothing happened then.
 */
enum wltex_state {
	WLTEX_STATE_IMPORTED = 0,
	WLTEX_STATE_REIMPORTED = 1,
	WLTEX_STATE_REUSED = 2,
	WLTEX_STATE_DESTROYED = 3,
	WLTEX_STATE_FAILED = 4,
	WLTEX_STATE_REFUSED = 5,
	WLTEX_STATE_NOT_ASKED = 6,
};

/** Why it happened. The values are those of wltex_surface_v1.reason. */
enum wltex_reason {
	WLTEX_REASON_ATTACHED = 0,
	WLTEX_REASON_CONTENT_CHANGED = 1,
	WLTEX_REASON_REPLACED = 2,
	WLTEX_REASON_RELEASED = 3,
	WLTEX_REASON_DETACHED = 4,
	WLTEX_REASON_BUFFER_DESTROYED = 5,
	WLTEX_REASON_SURFACE_DESTROYED = 6,
	WLTEX_REASON_INVALID = 7,
	WLTEX_REASON_LIMIT = 8,
	WLTEX_REASON_CONTEXT_LOST = 9,
};

/** The name of a state or reason as in the protocol, e.g. "imported". Static. No GL. */
const char *wltex_state_name(enum wltex_state state);
const char *wltex_reason_name(enum wltex_reason reason);

/**
 * What is known of the content that a texture shows; and if nothing is, why. What is not known
 * counts as changed: each attach of the same dmabuf imports it again.
 *
 * A dmabuf is read if it is one of the kernel's with no fence pending, or a file in memory
 * (memfd_create(2) without MFD_HUGETLB) that is sealed with F_SEAL_SHRINK and has all of its pages
 * in memory; if drm_fourcc.h says where its samples are, or its modifier is one whose bytes change
 * whenever a pixel does; if stride * height of its first plane is at most 64 MiB; and unless its
 * memory was found to be far slower to read than RAM. Pixels in memory are always read.
 */
enum wltex_content {
	/** Nobody looked: not wanted (no_reading, no_sums), or not made yet. */
	WLTEX_CONTENT_UNREAD = 0,
	/** Its content sum: it was read, or promised. */
	WLTEX_CONTENT_SUM,
	/**
	 * It was read, and changes are seen, but there is no content sum (has_sum is false) and no
	 * tiles: its samples are in no order of pixels, or pixels share them. So it is with tiled
	 * layouts and with video, as YUYV and NV12.
	 */
	WLTEX_CONTENT_COMPARED,
	/** A fence is pending: its owner has not finished drawing. */
	WLTEX_CONTENT_PENDING,
	/** Its owner could take the memory away: not sealed, of huge pages, or too small by now. */
	WLTEX_CONTENT_CAN_SHRINK,
	/** A part of it was never written, or is swapped out. */
	WLTEX_CONTENT_NOT_RESIDENT,
	/** Bytes do not tell of all pixels: an unknown format, or a modifier with compression. */
	WLTEX_CONTENT_LAYOUT,
	/** To look at it would take too long. */
	WLTEX_CONTENT_TOO_LARGE,
	/** Its memory reads far slower than RAM. */
	WLTEX_CONTENT_TOO_SLOW,
	/** No memory for its sums. */
	WLTEX_CONTENT_NO_MEMORY,
	/** poll(2), mmap(2) or DMA_BUF_IOCTL_SYNC failed. */
	WLTEX_CONTENT_FAILED,
};

/** The same in words, for logs: "not sealed against shrinking". Static, never NULL. No GL. */
const char *wltex_content_message(enum wltex_content content);

/** When image and texture are made. */
enum wltex_when {
	/** As the context says; for pixels, and for a context itself: at the attach. */
	WLTEX_WHEN_DEFAULT = 0,
	/** Before the attach returns. */
	WLTEX_AT_ATTACH,
	/**
	 * When somebody asks: see wltex_texture_get(). A surface whose texture nobody wants
	 * costs no EGL, no GL and no reading then.
	 */
	WLTEX_ON_ACCESS,
};

struct wltex_event {
	enum wltex_state state;
	enum wltex_reason reason;
	/** Whether the content sum of the source is known, and the sum. */
	bool has_sum;
	uint32_t sum;
	/** Of failed and refused: why, in words for a log. Static. Else NULL. */
	const char *message;
	/** What is known of the content, of which sum is. */
	enum wltex_content content;
};

/** What a texture tells. All callbacks may be NULL. */
struct wltex_texture_listener {
	/**
	 * The pair is about to be destroyed: the texture name is valid for the last time.
	 * wltex's context is current, or the one that it shares with, in both of which the name
	 * means this texture; unless the context is lost, or EGL does not let it become current
	 * (then nothing can be done with the name but to forget it). Do not call into this
	 * texture object, but to get or peek at what there still is.
	 */
	void (*destroying)(void *data, struct wltex_texture *texture);
	/**
	 * Something happened, in the order in which it did. Do not call into this object, but
	 * to get or peek. wltex's context may be current: whoever makes another current puts
	 * back the one that it found.
	 */
	void (*event)(void *data, struct wltex_texture *texture, const struct wltex_event *event);
};

struct wltex_context_options {
	enum wltex_context_mode mode;
	/** For WLTEX_CONTEXT_SHARED; share must outlive the wltex_context. */
	EGLDisplay display;
	EGLContext share;
	/**
	 * For WLTEX_CONTEXT_OWN: the fd of a DRM render node (borrowed, needed only in the call), or
	 * none: 0, so that it may be left out, or negative.
	 */
	int render_fd;
	/**
	 * The ledger to count in; it must outlive the context. NULL: the context makes one
	 * of its own, see wltex_context_get_ledger().
	 */
	struct wltex_ledger *ledger;
	/** Where messages go (copied); NULL: nowhere. */
	const struct wltex_logger *logger;
	/**
	 * Never read pixels: content is always unknown, so a recommit of the same source
	 * is always imported again.
	 */
	bool no_sums;
	/** When textures of dmabufs are made, where an attach does not say. */
	enum wltex_when when;
};

/**
 * Make a context. Touches GL on the calling thread, to which the context belongs from
 * then on; the caller's current context is restored.
 * \param options NULL means all zero: the context that is current.
 * \return NULL with errno set: ENOENT (no current context, no such display, no GBM device),
 * ENOTSUP (no GL ES 2, an extension is missing, built without GBM), EINVAL (no such mode or when;
 * render_fd is no DRM device), EBADF (render_fd is closed), EMFILE, ENOMEM, EIO (EGL failed),
 * ENODEV (it is lost already), EPERM (it is current on another thread). Where dmabufs cannot be imported there is a context all the
 * same, for pixels in memory: see wltex_context_get_capabilities().
 */
struct wltex_context *wltex_context_create(const struct wltex_context_options *options);

/**
 * Destroy the context. Textures that are still alive are a bug of the caller: each is
 * logged with its owner and destroyed; their struct wltex_texture stays valid, empty,
 * and must still be destroyed. Does nothing but log on another thread. NULL does nothing.
 */
void wltex_context_destroy(struct wltex_context *context);

/**
 * Find out whether the GL context is lost, as after a reset of the GPU: see above. For
 * compositors that want to know it before the next import, once a frame or when their own
 * context is lost. In a context of wltex's own it asks for the reset status, if EGL has
 * EGL_EXT_create_context_robustness and the context that it shares with is robust, too. In
 * WLTEX_CONTEXT_CURRENT mode that is left to the caller, whom the answer is meant for;
 * there only GL_CONTEXT_LOST tells, which clears an error of the caller's. Touches GL.
 * \return 0; -ENODEV if it is lost; -EIO (EGL failed), -EPERM, -EINVAL (NULL).
 */
int wltex_context_check(struct wltex_context *context);

/** The ledger that the context counts in. Borrowed. No GL. NULL of NULL. */
struct wltex_ledger *wltex_context_get_ledger(struct wltex_context *context);

/** One row of the table of what EGL can import. */
struct wltex_format {
	uint32_t format;
	uint64_t modifier;
	/** Only as GL_TEXTURE_EXTERNAL_OES. */
	bool external_only;
};

/** What this EGL and GL can do. */
struct wltex_capabilities {
	/** EGL_EXT_image_dma_buf_import: dmabufs can be imported at all. */
	bool dmabuf_import;
	/** EGL_EXT_image_dma_buf_import_modifiers: the table below is EGL's own. */
	bool modifiers;
	/** GL_OES_EGL_image_external. */
	bool external;
	/** GL_EXT_unpack_subimage or GL ES 3: one upload call for rows with padding. */
	bool unpack_row_length;
	/** GL ES version: 20, 30, 31, 32. */
	int gles_version;
	/** GL_MAX_TEXTURE_SIZE: a source wider or higher than that is refused. */
	int32_t max_texture_size;
	/** Formats and modifiers, sorted by format; n_formats rows. */
	const struct wltex_format *formats;
	size_t n_formats;
	/** GL_RENDERER, EGL_VENDOR. */
	const char *renderer, *vendor;
	/** The renderer is one of those known to be no GPU, but the processor. */
	bool software;
};

/**
 * What the context's EGL and GL can do. Borrowed, as long as the context lives. NULL of NULL. No GL.
 */
const struct wltex_capabilities *wltex_context_get_capabilities(
	const struct wltex_context *context);

/**
 * Make an empty texture object. No GL yet.
 * \param owner whom to count for, of the context's ledger; NULL: only in the totals.
 * \param listener borrowed as long as the texture lives; NULL for none.
 * \return NULL with errno set: ENOMEM, EPERM (another thread), EINVAL (no context; an owner of
 * another ledger, or destroyed).
 */
struct wltex_texture *wltex_texture_create(struct wltex_context *context, struct wltex_owner *owner,
	const struct wltex_texture_listener *listener, void *data);

/**
 * Release the source (reason surface_destroyed) and free the object. Does nothing but log on
 * another thread, or while its GL context is current on one. NULL does nothing. Touches GL.
 */
void wltex_texture_destroy(struct wltex_texture *texture);

/** Pixels in memory. */
struct wltex_pixels {
	/** First byte of the first row. */
	const void *data;
	/** Size in pixels. */
	uint32_t width, height;
	/** Bytes from one row to the next; at least a row's own bytes. */
	size_t stride;
	/** DRM fourcc code: an RGB format of 2, 4 or 8 bytes a pixel that GL can upload. */
	uint32_t format;
};

/**
 * What is attached, and how. All that is zero or NULL is the default, so that
 * `(struct wltex_attach){.dmabuf = dmabuf}` is enough. It holds for one attach.
 */
struct wltex_attach {
	/** The source: a dmabuf, or else pixels in memory (copied; the bytes are not). */
	struct wltex_dmabuf *dmabuf;
	const struct wltex_pixels *pixels;
	/**
	 * What the owner says changed since it attached last, in buffer pixels; NULL for
	 * everything. It is clipped. An empty region means that nothing changed.
	 */
	const pixman_region32_t *damage;
	/**
	 * The owner's promise of the content sum (see wltex/sum.h) of this source: it is
	 * believed, and nothing is read.
	 */
	bool has_sum;
	uint32_t sum;
	/**
	 * Do not read the source. Its content is unknown then and counts as changed, unless
	 * its sum is promised; the next attach has nothing to compare with.
	 */
	bool no_reading;
	/**
	 * The caller counts this commit's damage itself: damage_claimed_px, damage_true_px
	 * and redundant_commits of the ledger are left alone.
	 */
	bool no_damage_count;
	/**
	 * When the texture is made. With WLTEX_ON_ACCESS nothing is made, read or compared
	 * now: only a pair of another source is destroyed, as always, and the damage noted.
	 * Pixels are on access only where that is said here, which is a promise that they
	 * stay readable until another attach or the release.
	 */
	enum wltex_when when;
};

/** What came of an attach. */
struct wltex_attached {
	/**
	 * Where pixels really changed, in buffer pixels: the tiles touched by the damage
	 * whose sums changed. These are whole tiles, which reach beyond the damage: so may
	 * the change. Borrowed, until the texture object's next attach, sync or destruction.
	 * NULL if it is not known: it was the first content, or of another shape, it could
	 * not be read, or the attach failed.
	 */
	const pixman_region32_t *changed;
	/**
	 * How long the content was looked at, in nanoseconds of the monotonic clock, whatever
	 * came of it: what sums cost, without what it costs to import. 0: there was no look.
	 */
	uint64_t look_ns;
	/** Why the attach failed, in words for a log. Static. NULL if it did not. */
	const char *message;
};

/**
 * Show a source from now on. Call it once for each commit of a buffer, also for the same
 * one again.
 *
 * Another dmabuf than before: the old pair is destroyed, then the new dmabuf is
 * imported. The same: its content is compared (as far as it can be read without
 * waiting) and it is imported again only if it changed.
 *
 * Pixels of the same size and format as those before: only the tiles that changed are
 * uploaded again, into the same texture name (state reimported; the ledger counts it as an
 * upload). Channel orders that GL cannot upload as they are become texture swizzles: sample
 * the texture rather than reading it through a framebuffer. Pixels are read during the call.
 * If wltex_texture_sync() is to be called later, they must stay readable until then; else the
 * caller may free them at once.
 *
 * An import that fails is not tried again: the dmabuf is remembered, and the next attach of it
 * returns the same error at once, with nothing read and nothing logged. (A lack of memory may
 * pass, and is given three tries.) Some EGL offers formats that it then refuses, as that of
 * Mesa's software renderer does with video of several planes: where a frame of wltex's own
 * shows that, the format is refused at once, -EINVAL, from the second buffer on. Such video is
 * not imported plane by plane: a texture object is one texture, and whoever draws it need not
 * know of formats.
 *
 * \param attached what came of it, set in every case; NULL if nobody wants to know.
 * \return NOT 0 ON SUCCESS, BUT 0 OR MORE: what came of it, as enum wltex_state (imported, which is
 * 0, reimported, reused; or not_asked, where the texture is made on access: then it is not known
 * what changed). So ask `if (ret < 0)`, or attached->message != NULL.
 *
 * Or a negative errno, after which the object is empty: -EINVAL (a format or modifier that EGL
 * does not offer or GL cannot take, flags that are refused, a size that GL does not take; of pixels
 * also a size of 0, a stride below a row), -ENOTSUP (no dmabuf import here), -EIO (EGL or GL
 * failed), -ENODEV (the GL context is lost). Or one after which nothing is touched: -EPERM (another
 * thread, the context is current on one, or it is destroyed), -EINVAL (no texture, neither or both
 * of dmabuf and pixels, an unknown when). Why is in attached->message and, for -EINVAL, in a debug
 * message with format, modifier and size.
 * Touches GL, never blocks on the owner.
 */
int wltex_texture_attach(struct wltex_texture *texture, const struct wltex_attach *attach,
	struct wltex_attached *attached);

/** Short forms of wltex_texture_attach(), with that source and damage, and defaults. */
int wltex_texture_attach_dmabuf(struct wltex_texture *texture, struct wltex_dmabuf *dmabuf,
	const pixman_region32_t *damage);
int wltex_texture_attach_pixels(struct wltex_texture *texture, const struct wltex_pixels *pixels,
	const pixman_region32_t *damage);

/**
 * Look again at the present source, as attach of the same source does, without
 * counting a commit. Where a commit waits until somebody asks for its texture, this asks.
 * \return as attach, so 0 or more on success; -ENOENT if there is no source. Touches GL.
 */
int wltex_texture_sync(struct wltex_texture *texture, const pixman_region32_t *damage);

/**
 * The source is no longer this texture's: image and texture are destroyed before the
 * call returns. Does nothing without a source. Touches GL.
 *
 * After WLTEX_REASON_RELEASED and WLTEX_REASON_BUFFER_DESTROYED the sums are kept, as
 * what the owner shows is still that content; after any other reason the next attach has
 * nothing to compare with.
 * \return 0, -EPERM on another thread, or -EINVAL for NULL or an unknown reason (nothing is
 * touched).
 */
int wltex_texture_release(struct wltex_texture *texture, enum wltex_reason reason);

/**
 * Release every texture that shows \p dmabuf: its owner got it back, as when
 * wl_buffer.release is sent. Touches GL.
 * \return 0, -EPERM on another thread than a texture's (what could be is released), or -EINVAL for
 * NULL or an unknown reason.
 */
int wltex_dmabuf_release(struct wltex_dmabuf *dmabuf, enum wltex_reason reason);

/** What a compositor needs to draw the texture. */
struct wltex_texture_info {
	/** The texture name, and GL_TEXTURE_2D or GL_TEXTURE_EXTERNAL_OES. */
	GLuint name;
	GLenum target;
	/** Size in pixels. */
	int32_t width, height;
	/** DRM fourcc code. */
	uint32_t format;
	/** The first row of the texture is the bottom one. */
	bool y_inverted;
	/** The format has an alpha channel (premultiplied, as all of Wayland's). */
	bool has_alpha;
	/** Whether the content sum is known, and the sum. */
	bool has_sum;
	uint32_t sum;
	/** It shows an earlier commit than the last one, which nobody asked for yet. */
	bool out_of_date;
	/** What is known of the content; if there is no sum, why. */
	enum wltex_content content;
};

/**
 * The texture of what was attached last, valid in any GL context that shares with the wltex
 * context's, until the next attach, sync or release, or the dmabuf's destruction.
 *
 * Touches GL if that was attached with WLTEX_ON_ACCESS and nobody has asked since: it is
 * imported now; or, where the same source was shown before, its content is compared with what
 * was shown, in what was claimed since then, and it is imported again only if it changed. The
 * listener is told, and the ledger counts it, as at an attach. That may fail as attach does,
 * after which the object is empty; wltex_texture_sync() with an empty region asks as well, and
 * returns the error. In all other cases nothing is touched.
 *
 * \return true and *info (unless info is NULL), or false if there is none, or on another thread.
 */
bool wltex_texture_get(struct wltex_texture *texture, struct wltex_texture_info *info);

/**
 * The texture that there is now, without asking for one: for those who only count or
 * print. info->out_of_date says whether wltex_texture_get() could give another.
 * \return true and *info (unless info is NULL), or false if there is none, or on another thread.
 * Touches nothing: no GL.
 */
bool wltex_texture_peek(const struct wltex_texture *texture, struct wltex_texture_info *info);

/**
 * Read the texture back from the GPU: what a compositor would see of it, as RGBA bytes
 * (premultiplied; alpha 255 where the format has none), rows from the top of the picture.
 * Waits for the GPU: for pictures of a texture now and then, not for every frame.
 *
 * \param data size of height * stride bytes; \param stride at least 4 * width, and a
 * multiple of 4
 * Software GL reads the owner's memory in this call, and would crash where the owner has
 * truncated it: a dmabuf of memory that is not sealed against shrinking is not read.
 *
 * \return 0; -ENOENT without a texture, -EINVAL for a bad stride or no data, -ENOTSUP in
 * WLTEX_CONTEXT_CURRENT mode, where it would disturb the caller's GL state, -EACCES (memory
 * that can shrink), -EIO, -ENODEV, -EPERM; what wltex_texture_sync() returns, where nobody had
 * asked for the texture before.
 * Touches GL.
 */
int wltex_texture_read(struct wltex_texture *texture, void *data, size_t stride);

#ifdef __cplusplus
}
#endif

#endif
