/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "util/log.h"

void wltex_log(
	const struct wltex_logger *logger, enum wltex_log_level level, const char *format, ...)
{
	va_list args;

	if (logger == NULL || logger->log == NULL ||
		level > (logger->level != 0 ? logger->level : WLTEX_LOG_WARNING))
		return;
	va_start(args, format);
	logger->log(logger->data, level, format, args);
	va_end(args);
}
