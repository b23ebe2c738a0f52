/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include <wltex/dmabuf.h>

#include "util/export.h"

/* zwp_linux_buffer_params_v1.error */
enum {
	CODE_NONE = -1,
	CODE_ALREADY_USED = 0,
	CODE_PLANE_IDX = 1,
	CODE_PLANE_SET = 2,
	CODE_INCOMPLETE = 3,
	CODE_INVALID_FORMAT = 4,
	CODE_INVALID_DIMENSIONS = 5,
	CODE_OUT_OF_BOUNDS = 6,
	CODE_INVALID_WL_BUFFER = 7,
};

static const struct {
	const char *message;
	int code;
} errors[] = {
	[WLTEX_DMABUF_OK] = {"no error", CODE_NONE},
	[WLTEX_DMABUF_ALREADY_USED] = {"the params were already used to create a buffer",
		CODE_ALREADY_USED},
	[WLTEX_DMABUF_PLANE_INDEX] = {"the plane index is above 3", CODE_PLANE_IDX},
	[WLTEX_DMABUF_PLANE_SET_TWICE] = {"the plane was already set", CODE_PLANE_SET},
	[WLTEX_DMABUF_MODIFIER_MISMATCH] = {"the planes have different modifiers",
		CODE_INVALID_FORMAT},
	[WLTEX_DMABUF_NO_PLANE] = {"no plane was set", CODE_INCOMPLETE},
	[WLTEX_DMABUF_PLANE_GAP] = {"a plane below the last one was not set", CODE_INCOMPLETE},
	[WLTEX_DMABUF_DIMENSIONS] = {"width or height is below 1", CODE_INVALID_DIMENSIONS},
	[WLTEX_DMABUF_FLAGS] = {"a flag is not defined", CODE_INVALID_WL_BUFFER},
	[WLTEX_DMABUF_PLANE_COUNT] = {"the format has another number of planes", CODE_INCOMPLETE},
	[WLTEX_DMABUF_STRIDE_ZERO] = {"the stride of a plane is 0", CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_STRIDE_SHORT] = {"the stride of a plane is shorter than its rows",
		CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_ROW_OVERFLOW] = {"offset + stride of a plane does not fit 32 bits",
		CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_PLANE_OVERFLOW] = {"offset + stride * height of a plane does not fit 32 bits",
		CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_OFFSET_BEYOND_END] = {"the offset of a plane is beyond the end of the dmabuf",
		CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_ROW_BEYOND_END] =
		{"offset + stride of a plane is beyond the end of the dmabuf", CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_PLANE_BEYOND_END] =
		{"offset + stride * height of a plane is beyond the end of the dmabuf",
			CODE_OUT_OF_BOUNDS},
	[WLTEX_DMABUF_BAD_FD] = {"the fd of a plane is neither a dmabuf nor a memory file",
		CODE_INVALID_WL_BUFFER},
	[WLTEX_DMABUF_NO_FDS] = {"out of file descriptors", CODE_NONE},
	[WLTEX_DMABUF_NO_MEMORY] = {"out of memory", CODE_NONE},
	[WLTEX_DMABUF_CLOSED_FD] = {"the fd of a plane is closed", CODE_INVALID_WL_BUFFER},
	[WLTEX_DMABUF_UNREADABLE_FD] = {"the fd of a plane is not open for reading",
		CODE_INVALID_WL_BUFFER},
	[WLTEX_DMABUF_TOO_MANY_PLANES] = {"more than 4 planes", CODE_PLANE_IDX},
};

#define N_ERRORS (sizeof(errors) / sizeof(errors[0]))

WLTEX_EXPORT const char *wltex_dmabuf_error_message(enum wltex_dmabuf_error error)
{
	return (size_t)error < N_ERRORS ? errors[error].message : "unknown error";
}

WLTEX_EXPORT int wltex_dmabuf_error_protocol_code(enum wltex_dmabuf_error error)
{
	return (size_t)error < N_ERRORS ? errors[error].code : CODE_NONE;
}
