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
