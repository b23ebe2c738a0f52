/* SPDX-License-Identifier: MIT */
/*
 * To be preloaded: the EGL device of the software renderer has a render node, named by
 * WLTEX_RENDER_NODE, so that Weston has a main device to tell its clients.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

typedef __eglMustCastToProperFunctionPointerType proc;

static PFNEGLQUERYDEVICESTRINGEXTPROC real_query;

/* Not RTLD_NEXT: libEGL comes with gl-renderer, out of the reach of what is preloaded. */
static proc get_real(const char *name)
{
	proc (*get_proc_address)(const char *name);
	void *library = dlopen("libEGL.so.1", RTLD_LAZY);
	void *symbol;

	if (library == NULL)
		abort();
	symbol = dlsym(library, "eglGetProcAddress");
	memcpy(&get_proc_address, &symbol, sizeof(symbol));
	dlclose(library);
	return get_proc_address(name);
}

static const char *query_device_string(EGLDeviceEXT device, EGLint name)
{
	const char *string = real_query(device, name);

	return string == NULL && name == EGL_DRM_RENDER_NODE_FILE_EXT ? getenv("WLTEX_RENDER_NODE")
								      : string;
}

__attribute__((visibility("default"))) proc eglGetProcAddress(const char *name)
{
	proc real = get_real(name);

	if (real == NULL || strcmp(name, "eglQueryDeviceStringEXT") != 0)
		return real;
	real_query = (PFNEGLQUERYDEVICESTRINGEXTPROC)real;
	return (proc)query_device_string;
}
