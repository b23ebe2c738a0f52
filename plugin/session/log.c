/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "session/log.h"
#include "util/log.h"
#include "util/text.h"

#define LOG_LINES 20
#define LOG_PERIOD_NS UINT64_C(10000000000)

void log_finish(struct wltex_session *session)
{
	if (session->log_lines > LOG_LINES)
		wltex_log(&session->host_logger, WLTEX_LOG_ERROR, "%u messages were left out",
			session->log_lines - LOG_LINES);
	session->log_lines = 0;
}

static bool may_log(struct wltex_session *session)
{
	uint64_t now_ns;

	if (session->options.log_level >= WLTEX_LOG_DEBUG)
		return true;
	now_ns = wltex_now_ns();
	if (now_ns - session->log_begin_ns >= LOG_PERIOD_NS) {
		log_finish(session);
		session->log_begin_ns = now_ns;
	}
	return session->log_lines++ < LOG_LINES;
}

static void log_message(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	struct wltex_session *session = data;
	char line[512], clean[768];

	if (level > WLTEX_LOG_ERROR && !may_log(session))
		return;
	vsnprintf(line, sizeof(line), format, args);
	wltex_log(&session->host_logger, level, "%s", wltex_text_clean(clean, sizeof(clean), line));
}

void log_init(struct wltex_session *session, const struct wltex_logger *host_logger)
{
	if (host_logger != NULL)
		session->host_logger = *host_logger;
	session->host_logger.level = WLTEX_LOG_DEBUG;
	session->logger = (struct wltex_logger){
		.log = log_message,
		.data = session,
		.level = WLTEX_LOG_DEBUG,
	};
}
