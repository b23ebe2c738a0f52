/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "linux-dmabuf-v1-client.h"
#include "viewporter-client.h"
#include "wltex-v1-client.h"
#include "xdg-shell-client.h"

#include "cli/flip/client.h"
#include "util/fd.h"

/* How soon after a signal another one counts as a new request to stop. */
#define IMPATIENCE_MS 300

/* libwayland's last words: the only place where a protocol error's message can be had. */
static char last_words[192];

__attribute__((format(printf, 1, 0))) static void keep_last_words(const char *format, va_list args)
{
	vsnprintf(last_words, sizeof(last_words), format, args);
	last_words[strcspn(last_words, "\n")] = '\0';
}

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial)
{
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct client *client = data;

	if (strcmp(interface, wl_compositor_interface.name) == 0 && !client->compositor) {
		client->compositor = wl_registry_bind(
			registry, name, &wl_compositor_interface, lesser(version, 4));
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0 && !client->wm_base) {
		client->wm_base = wl_registry_bind(
			registry, name, &xdg_wm_base_interface, lesser(version, 2));
		xdg_wm_base_add_listener(client->wm_base, &wm_base_listener, client);
	} else if (strcmp(interface, zwp_linux_dmabuf_v1_interface.name) == 0 && !client->dmabuf) {
		client->dmabuf = wl_registry_bind(
			registry, name, &zwp_linux_dmabuf_v1_interface, lesser(version, 5));
		dmabuf_formats_init(&client->formats, client->dmabuf);
	} else if (strcmp(interface, wp_viewporter_interface.name) == 0 && !client->viewporter) {
		client->viewporter = wl_registry_bind(registry, name, &wp_viewporter_interface, 1);
	} else if (strcmp(interface, wltex_manager_v1_interface.name) == 0 && !client->wltex) {
		client->wltex = wl_registry_bind(registry, name, &wltex_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static int catch_signals(struct client *client)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	client->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return client->signal_fd < 0 ? -errno : 0;
}

static void take_signal(struct client *client)
{
	struct signalfd_siginfo info;
	sigset_t signals;

	if (read(client->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (!client->stopped) {
		client->stopped = true;
		client->stopped_ms = cli_now_ms();
		return;
	}
	/* timeout(1) sends one to the process and one to its group: that is one request. */
	if (cli_now_ms() - client->stopped_ms < IMPATIENCE_MS)
		return;
	/* Whoever asks again does not want to wait for a compositor that hangs. */
	sigemptyset(&signals);
	sigaddset(&signals, (int)info.ssi_signo);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	raise((int)info.ssi_signo);
}

static int connect_display(struct client *client, struct cli_reason *reason)
{
	const char *name = getenv("WAYLAND_DISPLAY");
	int ret;

	client->display = wl_display_connect(NULL);
	if (client->display)
		return 0;
	ret = errno ? -errno : -ENOENT;
	if (!getenv("XDG_RUNTIME_DIR"))
		cli_set_reason(reason, "no compositor: XDG_RUNTIME_DIR is not set");
	else
		cli_set_reason(reason, "no compositor: cannot connect to %s in %s: %s",
			name ? name : "wayland-0", getenv("XDG_RUNTIME_DIR"), strerror(-ret));
	return ret;
}

static int check_globals(const struct client *client, struct cli_reason *reason)
{
	if (!client->compositor || wl_compositor_get_version(client->compositor) < 4)
		cli_set_reason(reason, "the compositor has no wl_compositor of version 4");
	else if (!client->wm_base)
		cli_set_reason(reason, "the compositor has no xdg_wm_base");
	else if (!client->dmabuf)
		cli_set_reason(reason, "the compositor has no zwp_linux_dmabuf_v1");
	else if (client->formats.failed)
		cli_set_reason(reason, "out of memory");
	else
		return 0;
	return -ENOTSUP;
}

int client_init(struct client *client, struct cli_reason *reason)
{
	int ret;

	*client = (struct client){.signal_fd = -1};
	wl_log_set_handler_client(keep_last_words);
	ret = connect_display(client, reason);
	if (ret < 0)
		return ret;
	ret = catch_signals(client);
	if (ret < 0) {
		cli_set_reason(reason, "cannot catch signals: %s", strerror(-ret));
		return ret;
	}
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	/* The first brings the globals, the second what they tell about themselves. */
	for (int i = 0; i < 2; i++) {
		ret = client_roundtrip(client);
		if (ret < 0) {
			client_explain(client, ret, reason);
			return ret;
		}
	}
	return check_globals(client, reason);
}

static void destroy_globals(struct client *client)
{
	dmabuf_formats_finish(&client->formats);
	if (client->wltex)
		wltex_manager_v1_destroy(client->wltex);
	if (client->viewporter)
		wp_viewporter_destroy(client->viewporter);
	if (client->dmabuf)
		zwp_linux_dmabuf_v1_destroy(client->dmabuf);
	if (client->wm_base)
		xdg_wm_base_destroy(client->wm_base);
	if (client->compositor)
		wl_compositor_destroy(client->compositor);
	if (client->registry)
		wl_registry_destroy(client->registry);
}

void client_finish(struct client *client)
{
	if (client->display) {
		destroy_globals(client);
		/* A compositor that sees the connection end reads nothing more. */
		client_roundtrip(client);
		wl_display_disconnect(client->display);
	}
	wltex_fd_close(&client->signal_fd);
	*client = (struct client){.signal_fd = -1};
}

static int display_error(const struct client *client)
{
	int error = wl_display_get_error(client->display);

	return error ? -error : -EIO;
}

/* Sends what the socket takes. Returns the events to poll for, or a negative errno. */
static int flush(struct client *client)
{
	client->unsent = false;
	if (wl_display_flush(client->display) >= 0)
		return POLLIN;
	if (errno == EAGAIN) {
		client->unsent = true;
		return POLLIN | POLLOUT;
	}
	/* The compositor closed its end: why may still be there to be read. */
	return errno == EPIPE ? POLLIN : -errno;
}

static int wait_for_input(struct client *client, int events, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = wl_display_get_fd(client->display), .events = (short)events},
		{.fd = client->signal_fd, .events = POLLIN},
	};

	if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR) {
		int ret = -errno;

		wl_display_cancel_read(client->display);
		return ret;
	}
	if (fds[1].revents & POLLIN)
		take_signal(client);
	if (!(fds[0].revents & (POLLIN | POLLHUP | POLLERR))) {
		wl_display_cancel_read(client->display);
		return 0;
	}
	return wl_display_read_events(client->display) < 0 ? display_error(client) : 0;
}

int client_dispatch(struct client *client, int timeout_ms)
{
	bool was_unsent = client->unsent;
	int ret;

	if (wl_display_prepare_read(client->display) < 0) {
		/* Something was read already: handle that, and wait another time. */
		if (wl_display_dispatch_pending(client->display) < 0)
			return display_error(client);
		return flush(client) < 0 ? display_error(client) : 0;
	}
	ret = flush(client);
	if (ret < 0) {
		wl_display_cancel_read(client->display);
		return ret;
	}
	/* A caller may have waited for there to be room again. */
	if (was_unsent && !client->unsent)
		timeout_ms = 0;
	ret = wait_for_input(client, ret, timeout_ms);
	if (wl_display_dispatch_pending(client->display) < 0)
		return display_error(client);
	return ret;
}

static void handle_sync_done(void *data, struct wl_callback *callback, uint32_t serial)
{
	*(bool *)data = true;
}

static const struct wl_callback_listener sync_listener = {.done = handle_sync_done};

int client_roundtrip(struct client *client)
{
	struct wl_callback *callback = wl_display_sync(client->display);
	bool done = false, stopped_before = client->stopped;
	int ret = 0;

	if (!callback)
		return -ENOMEM;
	wl_callback_add_listener(callback, &sync_listener, &done);
	while (!done && ret == 0) {
		ret = client_dispatch(client, -1);
		if (ret == 0 && !done && client->stopped && !stopped_before)
			ret = -EINTR;
	}
	wl_callback_destroy(callback);
	return ret;
}

void client_explain(const struct client *client, int error, struct cli_reason *reason)
{
	if (error == -EPROTO && last_words[0] != '\0')
		cli_set_reason(reason, "protocol error of the compositor: %s", last_words);
	else if (error == -EPIPE || error == -ECONNRESET || error == -EPROTO)
		cli_set_reason(reason, "the compositor went away");
	else if (error == -EINTR)
		cli_set_reason(reason, "stopped by a signal");
	else
		cli_set_reason(reason, "connection to the compositor: %s", strerror(-error));
}
