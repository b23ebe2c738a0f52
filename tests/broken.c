/* SPDX-License-Identifier: MIT */
/*
 * Mistakes to be linked into test programs, and into the module, that must find them; see
 * tests/broken. WLTEX_BREAK says which: without it, nothing is wrong.
 */
#include <GLES2/gl2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef BREAK_CORE
#include "core/content.h"
#include "core/refusal.h"
#include "dmabuf/read.h"
#endif

int __real_close(int fd);
int __wrap_close(int fd);

static bool breaks(const char *what)
{
	const char *wanted = getenv("WLTEX_BREAK");

	return wanted != NULL && strcmp(wanted, what) == 0;
}

/* One in seven textures is forgotten. */
#ifdef BREAK_TEXTURES
void __real_glDeleteTextures(GLsizei n, const GLuint *names);
void __wrap_glDeleteTextures(GLsizei n, const GLuint *names);

void __wrap_glDeleteTextures(GLsizei n, const GLuint *names)
{
	static unsigned int calls;

	if (!breaks("texture") || ++calls % 7 != 0)
		__real_glDeleteTextures(n, names);
}
#endif

#ifdef BREAK_CORE
bool __real_wltex_dmabuf_stays_whole(const struct wltex_dmabuf *dmabuf);
bool __wrap_wltex_dmabuf_stays_whole(const struct wltex_dmabuf *dmabuf);
const char *__real_core_refusal_find(const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf, const struct wltex_format *format, int *error);
const char *__wrap_core_refusal_find(const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf, const struct wltex_format *format, int *error);
enum core_change __real_core_content_promise_dmabuf(struct core_content *content,
	const struct wltex_dmabuf *dmabuf, uint32_t sum, pixman_region32_t *changed);
enum core_change __wrap_core_content_promise_dmabuf(struct core_content *content,
	const struct wltex_dmabuf *dmabuf, uint32_t sum, pixman_region32_t *changed);
enum core_change __real_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed);
enum core_change __wrap_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed);

/* Memory that can shrink is read back. */
bool __wrap_wltex_dmabuf_stays_whole(const struct wltex_dmabuf *dmabuf)
{
	return breaks("shrink") || __real_wltex_dmabuf_stays_whole(dmabuf);
}

/* What failed is tried again. */
const char *__wrap_core_refusal_find(const struct wltex_context *context,
	const struct wltex_dmabuf *dmabuf, const struct wltex_format *format, int *error)
{
	return breaks("refusal") ? NULL : __real_core_refusal_find(context, dmabuf, format, error);
}

/* A promise is believed of the next attach as well. */
static bool promised;
static uint32_t promised_sum;

enum core_change __wrap_core_content_promise_dmabuf(struct core_content *content,
	const struct wltex_dmabuf *dmabuf, uint32_t sum, pixman_region32_t *changed)
{
	promised = breaks("promise");
	promised_sum = sum;
	return __real_core_content_promise_dmabuf(content, dmabuf, sum, changed);
}

enum core_change __wrap_core_content_update_dmabuf(struct core_content *content,
	struct wltex_dmabuf *dmabuf, const pixman_region32_t *damage, pixman_region32_t *changed)
{
	if (!promised)
		return __real_core_content_update_dmabuf(content, dmabuf, damage, changed);
	promised = false;
	return __real_core_content_promise_dmabuf(content, dmabuf, promised_sum, changed);
}
#endif

static bool is_client_memory(int fd)
{
	char path[64], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return strstr(target, "memfd:wltex-") != NULL;
}

/* One in three of clients' fds stays open. */
int __wrap_close(int fd)
{
	static unsigned int calls;

	if (breaks("fd") && is_client_memory(fd) && ++calls % 3 == 0)
		return 0;
	return __real_close(fd);
}
