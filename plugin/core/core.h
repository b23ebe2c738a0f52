/* SPDX-License-Identifier: MIT */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <pthread.h>
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>

#include <wltex/texture.h>

#include "util/list.h"
#include "util/log.h"

/* Entry points that are extensions. NULL where missing. */
struct core_procs {
	PFNEGLCREATEIMAGEKHRPROC create_image;
	PFNEGLDESTROYIMAGEKHRPROC destroy_image;
	PFNEGLQUERYDMABUFFORMATSEXTPROC query_formats;
	PFNEGLQUERYDMABUFMODIFIERSEXTPROC query_modifiers;
	PFNGLEGLIMAGETARGETTEXTURE2DOESPROC image_target_texture;
	PFNGLGETGRAPHICSRESETSTATUSKHRPROC get_reset_status;
};

/* What imports of a format have come to. */
struct core_format_note {
	bool works, tried, refused;
};

struct wltex_context {
	uint64_t id; // no other context has or had it
	enum wltex_context_mode mode;
	pthread_t thread;
	EGLDisplay display;
	EGLContext gl;
	EGLContext share; // the caller's that it shares with, which outlives it; or none
	struct wltex_logger logger;
	struct wltex_ledger *ledger;
	bool owns_ledger;
	bool no_sums;
	enum wltex_when when; // textures of dmabufs are made; never the default
	/* The GPU was reset, and no texture is left; and all textures were told. */
	bool lost, lost_told;
	int depth; // of guards
	struct core_procs procs;
	struct wltex_capabilities capabilities;
	struct core_format_note *format_notes; // of each of capabilities.formats
	bool bgra;                             // GL_EXT_texture_format_BGRA8888
	struct core_gpu *gpu;                  // see core/gpu.h; NULL until sums are asked for
	struct wltex_list textures;            // wltex_texture.link

	/*
	 * Names whose pair ended while EGL did not let the context become current: the next
	 * time that it does, they go first. What does not fit goes with the context.
	 */
	GLuint orphans[64];
	unsigned n_orphans;

	/* For a display of our own on a render node. */
	struct gbm_device *gbm;
	int render_fd;
};

/* What the caller had current, between enter and leave. */
struct core_guard {
	struct wltex_context *context;
	EGLContext inside; // current between enter and leave
	bool switched;
	bool noted; // what follows is known
	bool told;  // a listener was, inside the guard
	EGLDisplay display;
	EGLContext gl;
	EGLSurface draw, read;
};

/* Whether this is the context's own thread; logs what is refused if not. */
bool core_on_thread(const struct wltex_context *context, const char *what);

/*
 * Make the context's GL context current; every successful enter needs its leave, which
 * restores what was current before. Returns 0, -EPERM on another thread or when the context
 * is in use there, -EIO when EGL fails; then nothing changed. -ENODEV: the context is lost;
 * see core_texture_lose_all().
 */
int core_enter(struct core_guard *guard, struct wltex_context *context);
/*
 * The same for what only deletes textures: where the caller's context that it shares with is
 * current, that is good enough and stays, and its reset status is not asked for.
 */
int core_enter_to_delete(struct core_guard *guard, struct wltex_context *context);
void core_leave(struct core_guard *guard);

/*
 * A listener may make another GL context current, and leave it so: note before it is told
 * anything in a guard, resume after that. Resume returns 0; -ENODEV (lost meanwhile), -EIO.
 */
void core_note(struct core_guard *guard);
int core_resume(struct core_guard *guard);

/*
 * Whether the context, which is current, is lost, as far as that shows in what glGetError
 * returned or, where the notification is not the caller's, in the reset status. From then on
 * no GL is called in it.
 */
bool core_check_lost(struct wltex_context *context, GLenum error);

/* Open and close the display and GL context of wltex's own. Return 0 or a negative errno. */
int core_display_open(struct wltex_context *context, const struct wltex_context_options *options);
void core_display_close(struct wltex_context *context);

/* Whether name stands in the space-separated list of extensions (NULL: none). */
bool core_has_extension(const char *extensions, const char *name);

/* Fill in procs and capabilities; the context is current. Returns 0 or a negative errno. */
int core_capabilities_init(struct wltex_context *context);
void core_capabilities_finish(struct wltex_context *context);

/* What can be imported: NULL if EGL does not offer the format with the modifier. */
const struct wltex_format *core_find_format(
	const struct wltex_context *context, uint32_t format, uint64_t modifier);

/* Forget GL errors that were there before, so that the next one is ours. */
void core_clear_gl_errors(void);

#endif
