/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observer/next.h"

static void *find(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found != NULL)
		return found;
	fprintf(stderr, "wltex: there is no %s: %s\n", name, dlerror());
	abort();
}

/* POSIX promises that what dlsym() returns can be called; ISO C has no cast for it. */
#define FIND(function, name) \
	do { \
		if ((function) == NULL) { \
			void *found = find(name); \
			memcpy(&(function), &found, sizeof(found)); \
		} \
	} while (0)

struct wl_display *next_display_create(void)
{
	static struct wl_display *(*next)(void);

	FIND(next, "wl_display_create");
	return next();
}

void next_display_destroy(struct wl_display *display)
{
	static void (*next)(struct wl_display *);

	FIND(next, "wl_display_destroy");
	next(display);
}

int next_display_add_socket(struct wl_display *display, const char *name)
{
	static int (*next)(struct wl_display *, const char *);

	FIND(next, "wl_display_add_socket");
	return next(display, name);
}

const char *next_display_add_socket_auto(struct wl_display *display)
{
	static const char *(*next)(struct wl_display *);

	FIND(next, "wl_display_add_socket_auto");
	return next(display);
}

int next_display_add_socket_fd(struct wl_display *display, int fd)
{
	static int (*next)(struct wl_display *, int);

	FIND(next, "wl_display_add_socket_fd");
	return next(display, fd);
}

void next_resource_set_implementation(struct wl_resource *resource, const void *implementation,
	void *data, wl_resource_destroy_func_t destroy)
{
	static void (*next)(struct wl_resource *, const void *, void *, wl_resource_destroy_func_t);

	FIND(next, "wl_resource_set_implementation");
	next(resource, implementation, data, destroy);
}

void next_resource_set_dispatcher(struct wl_resource *resource, wl_dispatcher_func_t dispatcher,
	const void *implementation, void *data, wl_resource_destroy_func_t destroy)
{
	static void (*next)(struct wl_resource *, wl_dispatcher_func_t, const void *, void *,
		wl_resource_destroy_func_t);

	FIND(next, "wl_resource_set_dispatcher");
	next(resource, dispatcher, implementation, data, destroy);
}

/* Take this object out of LD_PRELOAD: what the process starts is no compositor. */
static void leave_environment(const char *path)
{
	static const char separators[] = ": ";
	const char *preload = getenv("LD_PRELOAD");
	char *rest, *end;

	if (preload == NULL)
		return;
	end = rest = calloc(1, strlen(preload) + 1);
	if (rest == NULL)
		return;
	for (const char *p = preload; *p != '\0';) {
		size_t n = strcspn(p, separators);
		if (n > 0 && !(n == strlen(path) && strncmp(p, path, n) == 0))
			end += sprintf(end, "%s%.*s", end > rest ? ":" : "", (int)n, p);
		p += n + (p[n] != '\0');
	}
	if (end > rest)
		setenv("LD_PRELOAD", rest, 1);
	else
		unsetenv("LD_PRELOAD");
	free(rest);
}

static void __attribute__((constructor)) start(void)
{
	static const char here[] = "";
	Dl_info info;

	if (dladdr(here, &info) != 0 && info.dli_fname != NULL)
		leave_environment(info.dli_fname);
}
