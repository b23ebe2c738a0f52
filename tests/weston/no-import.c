/* SPDX-License-Identifier: MIT */
/*
 * To be preloaded: the EGL that wltex.so sees cannot import dmabufs, while the one that
 * gl-renderer sees, and that offers dmabufs to clients, still can.
 */
#include <EGL/egl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const char *(*query_string)(EGLDisplay display, EGLint name);

/* Not RTLD_NEXT: libEGL comes with gl-renderer, out of the reach of what is preloaded. */
static query_string get_real(void)
{
	void *library = dlopen("libEGL.so.1", RTLD_LAZY);
	query_string real = NULL;
	void *symbol;

	if (library == NULL)
		abort();
	symbol = dlsym(library, "eglQueryString");
	memcpy(&real, &symbol, sizeof(real));
	dlclose(library);
	return real;
}

__attribute__((visibility("default"))) const char *eglQueryString(EGLDisplay display, EGLint name)
{
	static char changed[8192];
	query_string real = get_real();
	const char *string = real(display, name);
	Dl_info caller;

	if (name != EGL_EXTENSIONS || string == NULL ||
		dladdr(__builtin_return_address(0), &caller) == 0 ||
		strstr(caller.dli_fname, "/wltex.so") == NULL)
		return string;
	if (strlen(string) >= sizeof(changed))
		abort();
	strcpy(changed, string);
	for (char *at = changed; (at = strstr(at, "EGL_EXT_image_dma_buf_import")) != NULL;)
		at[0] = 'X';
	return changed;
}
