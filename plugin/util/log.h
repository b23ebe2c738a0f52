/* SPDX-License-Identifier: MIT */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <wltex/log.h>

/* Send a message to logger; NULL drops it. */
void wltex_log(const struct wltex_logger *logger, enum wltex_log_level level, const char *format,
	...) __attribute__((format(printf, 3, 4)));

#define wltex_error(logger, ...) wltex_log((logger), WLTEX_LOG_ERROR, __VA_ARGS__)
#define wltex_warning(logger, ...) wltex_log((logger), WLTEX_LOG_WARNING, __VA_ARGS__)
#define wltex_info(logger, ...) wltex_log((logger), WLTEX_LOG_INFO, __VA_ARGS__)
#define wltex_debug(logger, ...) wltex_log((logger), WLTEX_LOG_DEBUG, __VA_ARGS__)

#endif
