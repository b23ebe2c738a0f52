/* SPDX-License-Identifier: MIT */
#include <wltex/texture.h>

#include "util/export.h"

WLTEX_EXPORT const char *wltex_state_name(enum wltex_state state)
{
	static const char *const names[] = {
		[WLTEX_STATE_IMPORTED] = "imported",
		[WLTEX_STATE_REIMPORTED] = "reimported",
		[WLTEX_STATE_REUSED] = "reused",
		[WLTEX_STATE_DESTROYED] = "destroyed",
		[WLTEX_STATE_FAILED] = "failed",
		[WLTEX_STATE_REFUSED] = "refused",
		[WLTEX_STATE_NOT_ASKED] = "not_asked",
	};

	return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

WLTEX_EXPORT const char *wltex_reason_name(enum wltex_reason reason)
{
	static const char *const names[] = {
		[WLTEX_REASON_ATTACHED] = "attached",
		[WLTEX_REASON_CONTENT_CHANGED] = "content_changed",
		[WLTEX_REASON_REPLACED] = "replaced",
		[WLTEX_REASON_RELEASED] = "released",
		[WLTEX_REASON_DETACHED] = "detached",
		[WLTEX_REASON_BUFFER_DESTROYED] = "buffer_destroyed",
		[WLTEX_REASON_SURFACE_DESTROYED] = "surface_destroyed",
		[WLTEX_REASON_INVALID] = "invalid",
		[WLTEX_REASON_LIMIT] = "limit",
		[WLTEX_REASON_CONTEXT_LOST] = "context_lost",
	};

	return (unsigned)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

WLTEX_EXPORT const char *wltex_content_message(enum wltex_content content)
{
	static const char *const messages[] = {
		[WLTEX_CONTENT_UNREAD] = "not looked at",
		[WLTEX_CONTENT_SUM] = "known",
		[WLTEX_CONTENT_COMPARED] = "compared as bytes, which have no content sum",
		[WLTEX_CONTENT_PENDING] = "its owner has not finished drawing",
		[WLTEX_CONTENT_CAN_SHRINK] = "not sealed against shrinking, or too small",
		[WLTEX_CONTENT_NOT_RESIDENT] = "a part of it is not in memory",
		[WLTEX_CONTENT_LAYOUT] = "the layout of its bytes is not known",
		[WLTEX_CONTENT_TOO_LARGE] = "too large to be looked at",
		[WLTEX_CONTENT_TOO_SLOW] = "its memory is too slow to read",
		[WLTEX_CONTENT_NO_MEMORY] = "no memory for its sums",
		[WLTEX_CONTENT_FAILED] = "it cannot be read",
	};

	return (unsigned)content < sizeof(messages) / sizeof(messages[0]) ? messages[content]
									  : "unknown";
}
