/* SPDX-License-Identifier: MIT */
#ifndef WLTEX_LOG_H
#define WLTEX_LOG_H

#include <stdarg.h>

/** How much a message matters. Lower is worse. */
enum wltex_log_level {
	WLTEX_LOG_ERROR = 1,
	WLTEX_LOG_WARNING = 2,
	WLTEX_LOG_INFO = 3,
	WLTEX_LOG_DEBUG = 4,
};

/**
 * Where messages go. The library prints nothing by itself: with no logger, or with a
 * NULL callback, messages are dropped before they are formatted.
 */
struct wltex_logger {
	/**
	 * Called with one message without a trailing newline, on the thread of the call
	 * that caused it. It must not call back into wltex.
	 */
	void (*log)(void *data, enum wltex_log_level level, const char *format, va_list args);
	/** Passed to the callback. */
	void *data;
	/** Messages above this level are dropped; 0: those above WLTEX_LOG_WARNING. */
	enum wltex_log_level level;
};

#endif
