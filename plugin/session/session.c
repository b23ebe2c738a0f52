/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <wltex/sum.h>

#include "ledger/ledger.h"
#include "session/client.h"
#include "session/log.h"
#include "session/ring.h"
#include "session/snapshot.h"
#include "session/state.h"
#include "session/surface.h"
#include "util/export.h"
#include "util/fd.h"
#include "util/log.h"

/* Without a context, everything but textures goes on. */
static void create_context(struct wltex_session *session, const struct wltex_context_options *gl)
{
	const struct wltex_capabilities *capabilities;
	struct wltex_context_options options;

	if (gl == NULL) {
		wltex_info(&session->logger,
			"no GL renderer: no textures are made, the ledger is kept");
		return;
	}
	options = *gl;
	options.ledger = session->ledger;
	options.logger = &session->logger;
	options.no_sums = !session->options.content_sums;
	session->context = wltex_context_create(&options);
	if (session->context == NULL) {
		wltex_warning(&session->logger,
			"no GL context (%s): no textures are made, the ledger is kept",
			strerror(errno));
		return;
	}
	capabilities = wltex_context_get_capabilities(session->context);
	if (!capabilities->dmabuf_import) {
		wltex_warning(&session->logger,
			"EGL cannot import dmabufs: no textures are made, the ledger is kept");
		wltex_context_destroy(session->context);
		session->context = NULL;
		return;
	}
	wltex_info(&session->logger, "GL ES %d.%d on %s, %zu formats and modifiers",
		capabilities->gles_version / 10, capabilities->gles_version % 10,
		capabilities->renderer, capabilities->n_formats);
}

static struct rlimit inherited_fd_limit;

static void restore_fd_limit(void)
{
	setrlimit(RLIMIT_NOFILE, &inherited_fd_limit);
}

/*
 * The compositor holds an fd for each dmabuf, and so do we. What it starts gets the limit
 * that it had itself: a program may still use select().
 */
static void raise_fd_limit(struct wltex_session *session)
{
	struct rlimit limit;

	if (!session->options.raise_fd_limit || getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
		limit.rlim_cur == limit.rlim_max)
		return;
	inherited_fd_limit = limit;
	limit.rlim_cur = limit.rlim_max;
	if (pthread_atfork(NULL, NULL, restore_fd_limit) != 0 ||
		setrlimit(RLIMIT_NOFILE, &limit) < 0)
		wltex_warning(&session->logger, "cannot raise the limit of open files");
}

/* Where what happened lately is, and goes on being written. */
static const char *answer_records(
	struct wltex_session *session, struct wltex_control_answer *answer)
{
	if (session->ring == NULL)
		return "nothing is recorded: record-bytes is 0";
	answer->fd = wltex_fd_dup(ring_get_fd(session->ring));
	return answer->fd >= 0 ? NULL : "out of file descriptors";
}

static const char *handle_request(void *data, const char *name, struct json_object *request,
	struct wltex_control_answer *answer)
{
	struct wltex_session *session = data;

	if (strcmp(name, "state") == 0)
		return state_answer(session, answer);
	if (strcmp(name, "records") == 0)
		return answer_records(session, answer);
	if (strcmp(name, "snapshot") == 0)
		return snapshot_answer(session, request, answer->file, &answer->fd);
	return "unknown request";
}

static const struct wltex_control_interface control_interface = {
	.request = handle_request,
};

/* $XDG_RUNTIME_DIR/wltex.<display>.sock. Returns 0 or a negative errno, which is not logged. */
static int get_control_path(const char *display, char *path, size_t size)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	int n;

	if (dir == NULL || dir[0] != '/')
		return -ENOENT;
	/* An absolute display name is a path: its last part names the display. */
	if (strrchr(display, '/') != NULL)
		display = strrchr(display, '/') + 1;
	n = snprintf(path, size, "%s/wltex.%s.sock", dir, display);
	return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

WLTEX_EXPORT int wltex_session_listen(struct wltex_session *session, const char *display_name)
{
	char path[256];
	int ret;

	if (!session->options.control)
		return 0;
	if (session->control != NULL)
		return -EALREADY;
	ret = get_control_path(display_name, path, sizeof(path));
	if (ret < 0)
		return ret;
	session->control = wltex_control_create(wl_display_get_event_loop(session->display), path,
		&control_interface, session, &session->logger);
	if (session->control != NULL)
		return 0;
	ret = -errno;
	wltex_warning(&session->logger, "no control socket at %s: %s", path, strerror(-ret));
	return ret;
}

/* Where the display's name is known already; without it everything else works. */
static void listen_at_once(struct wltex_session *session)
{
	const char *display = getenv("WAYLAND_DISPLAY");

	if (display != NULL)
		wltex_session_listen(session, display);
}

/* A pipe without a reader is no place for it: nothing waits for one. */
static FILE *open_stats(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (file == NULL && fd >= 0)
		close(fd);
	return file;
}

static void write_stats(struct wltex_session *session)
{
	FILE *file;
	int ret;

	if (session->options.stats == NULL)
		return;
	file = open_stats(session->options.stats);
	ret = file != NULL ? wltex_ledger_print_json(session->ledger, file) : -errno;
	if (file != NULL && fclose(file) != 0 && ret == 0)
		ret = -errno;
	if (ret < 0)
		wltex_error(&session->logger, "cannot write the ledger to %s: %s",
			session->options.stats, strerror(-ret));
}

static void session_free(struct wltex_session *session)
{
	wltex_control_destroy(session->control);
	session->control = NULL;
	pictures_finish(&session->pictures);
	wltex_track_destroy(session->track);
	wltex_server_destroy(session->server);
	wltex_context_destroy(session->context);
	wltex_ledger_destroy(session->ledger);
	ring_destroy(session->ring);
	log_finish(session);
	options_finish(&session->options);
	free(session);
}

/* The ledger is written first: clients that are still there keep what they hold in it. */
WLTEX_EXPORT void wltex_session_destroy(struct wltex_session *session)
{
	if (session == NULL)
		return;
	write_stats(session);
	session_free(session);
}

static int create_track(struct wltex_session *session, bool map_shm)
{
	uint64_t fds = session->options.limits[LIMIT_FDS];

	session->track = wltex_track_create(
		session->display, &session_track_interface, session, &session->logger);
	if (session->track == NULL)
		return -errno;
	wltex_track_map_pools(session->track, map_shm && session->options.content_sums);
	if (session->options.limit_action != LIMIT_WARN)
		wltex_track_set_client_fd_limit(
			session->track, (int)(fds < INT_MAX ? fds : INT_MAX));
	return 0;
}

/* Better to be told now than when all is lost. */
static void check_stats(struct wltex_session *session)
{
	const char *path = session->options.stats;
	char *folder, *end;

	if (path == NULL || access(path, W_OK) == 0)
		return;
	folder = strdup(path);
	end = folder != NULL ? strrchr(folder, '/') : NULL;
	if (end != NULL)
		end[end == folder] = '\0';
	if (errno != ENOENT || access(end != NULL ? folder : ".", W_OK) < 0)
		wltex_warning(&session->logger, "the ledger cannot be written to %s: %s", path,
			strerror(errno));
	free(folder);
}

static void read_options(struct wltex_session *session)
{
	options_init(&session->options, session->host.get_option, session->host_data,
		&session->host_logger);
	session->logger.level = session->options.log_level;
	options_check_environment(&session->logger);
	check_stats(session);
	if (session->options.content_sums)
		wltex_info(
			&session->logger, "content sums by the kernel %s", wltex_sum_get_kernel());
	budget_init(&session->budget, (uint64_t)session->options.sum_budget_us * 1000,
		(uint64_t)session->options.sum_budget_percent * 10000000);
}

/* Without it everything else works. */
static void create_ring(struct wltex_session *session)
{
	if (session->options.record_bytes == 0)
		return;
	session->ring = ring_create(session->options.record_bytes);
	if (session->ring == NULL)
		wltex_warning(&session->logger, "no record of what happens can be kept: %s",
			strerror(errno));
}

static int session_init(struct wltex_session *session, const struct wltex_session_options *options)
{
	int ret;

	read_options(session);
	raise_fd_limit(session);
	create_ring(session);
	session->ledger = wltex_ledger_create();
	if (session->ledger == NULL)
		return -ENOMEM;
	create_context(session, options->gl);
	ret = create_track(session, options->map_shm);
	if (ret < 0)
		return ret;
	if (!options->listen_later)
		listen_at_once(session);
	if (!session->options.protocol)
		return 0;
	session->server = wltex_server_create(session->display);
	return session->server != NULL ? 0 : -errno;
}

WLTEX_EXPORT struct wltex_session *wltex_session_create(const struct wltex_session_options *options)
{
	struct wltex_session *session = calloc(1, sizeof(*session));
	int ret;

	if (session == NULL)
		return NULL;
	session->display = options->display;
	if (options->host != NULL)
		session->host = *options->host;
	session->host_data = options->data;
	log_init(session, options->logger);
	pictures_init(&session->pictures, wl_display_get_event_loop(options->display));
	wl_list_init(&session->clients);
	wl_list_init(&session->state_readers);
	ret = session_init(session, options);
	if (ret == 0)
		return session;
	session_free(session);
	errno = -ret;
	return NULL;
}

WLTEX_EXPORT struct wltex_ledger *wltex_session_get_ledger(struct wltex_session *session)
{
	return session->ledger;
}

WLTEX_EXPORT struct wltex_surface *wltex_session_get_surface(
	struct wltex_session *session, struct wl_resource *wl_surface)
{
	struct wltex_track_surface *track = wltex_track_get_surface(session->track, wl_surface);

	if (track == NULL || track->client->user_data == NULL)
		return NULL;
	if (track->user_data == NULL)
		session_surface_create(session, track);
	return track->user_data;
}
