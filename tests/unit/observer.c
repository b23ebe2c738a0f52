/* SPDX-License-Identifier: MIT */
/* plugin/observer: what needs no compositor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/content.h"
#include "observer/claim.h"
#include "observer/config.h"
#include "observer/worth.h"
#include "test.h"

/* --- Claims. */

static struct claims claims;

static bool claim(bool buffer, int32_t x, int32_t y, int32_t width, int32_t height)
{
	union wl_argument args[] = {{.i = x}, {.i = y}, {.i = width}, {.i = height}};

	return claims_add(&claims, buffer, args);
}

/* The area, in a buffer of 100x50; negative: it is not exact. */
static int get_area(struct claim_geometry geometry)
{
	pixman_region32_t region;
	bool exact;
	int area;

	geometry.width = 100;
	geometry.height = 50;
	pixman_region32_init(&region);
	exact = claims_get_region(&claims, &geometry, &region);
	area = (int)core_region_area(&region);
	pixman_region32_fini(&region);
	claims_clear(&claims);
	return exact ? area : -area;
}

static const struct claim_geometry plain = {.scale = 1};

TEST(claims_are_cut)
{
	claim(true, 10, 10, 20, 20);
	claim(true, 15, 10, 20, 20);
	check_int(get_area(plain), 25 * 20);
	claim(true, -10, 45, 20, 20);
	check_int(get_area(plain), 10 * 5);
	claim(false, INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX);
	claim(false, 5, 5, -1, 3);
	claim(false, 5, 5, 0, 3);
	check_int(get_area(plain), 0);
	claim(false, 0, 0, INT32_MAX, INT32_MAX);
	check_int(get_area(plain), 100 * 50);
}

TEST(claims_of_surfaces)
{
	claim(false, 1, 1, 2, 2);
	check_int(get_area((struct claim_geometry){.scale = 3}), 36);
	claim(true, 1, 1, 2, 2);
	check_int(get_area((struct claim_geometry){.scale = 3, .transform = 1}), 4);
	claim(false, 1, 1, 2, 2);
	check_int(get_area((struct claim_geometry){.scale = 1, .transform = 1}), -5000);
	claim(false, 1, 1, 2, 2);
	check_int(get_area((struct claim_geometry){.scale = 1, .viewport = true}), -5000);
	claim(false, 0, 0, INT32_MAX, INT32_MAX);
	check_int(get_area((struct claim_geometry){.scale = 2, .viewport = true}), 5000);
}

TEST(too_many_claims)
{
	for (int i = 0; i < CLAIMS_MAX; i++)
		check(claim(true, i, 0, 1, 1));
	check(!claim(true, 0, 0, 1, 1));
	check_int(get_area(plain), -5000);
	claim(true, 0, 0, 1, 1);
	check_int(get_area(plain), 1);
}

/* --- What it is worth. */

static uint64_t cpu_ns;

/* So many commits, each of which costs as much as that it is trimmed or not. */
static int count_trimmed(struct worth *worth, int commits, uint64_t trimmed, uint64_t claimed)
{
	int n = 0;

	for (int i = 0; i < commits; i++) {
		bool trim = worth_begin(worth, cpu_ns);
		n += trim;
		cpu_ns += trim ? trimmed : claimed;
		/* An accident. */
		if (i % 10 == 0)
			cpu_ns += 1000000;
	}
	return n;
}

TEST(it_pays)
{
	struct worth worth;

	worth_init(&worth);
	check_int(count_trimmed(&worth, 18, 1000, 9000), 17);
	count_trimmed(&worth, 18, 1000, 9000);
	check_int(count_trimmed(&worth, 500, 1000, 9000), 500);
	/* Trials are few. */
	check(count_trimmed(&worth, 20000, 1000, 9000) > 19800);
	/* The buffer is shown directly from now on. */
	count_trimmed(&worth, 40000, 3000, 100);
	check(count_trimmed(&worth, 20000, 3000, 100) < 400);
}

TEST(it_does_not_pay)
{
	struct worth worth;

	worth_init(&worth);
	count_trimmed(&worth, 36, 1000, 100);
	check_int(count_trimmed(&worth, 500, 1000, 100), 0);
	check(count_trimmed(&worth, 20000, 1000, 100) < 200);
	/* No more than a period goes by until it is found to pay again. */
	count_trimmed(&worth, 20000, 1000, 9000);
	check(count_trimmed(&worth, 500, 1000, 9000) > 400);
}

/* --- The file of options. */

static char *get(const struct config *config, const char *key)
{
	static char value[64];
	char *found = config_get(config, key);

	if (!found)
		return NULL;
	snprintf(value, sizeof(value), "%s", found);
	free(found);
	return value;
}

static void check_value(const struct config *config, const char *key, const char *expected)
{
	const char *value = get(config, key);

	if (!expected) {
		check(!value);
		return;
	}
	check(value);
	check(strcmp(value, expected) == 0);
}

static char messages[1024];

static void note(void *data, enum wltex_log_level level, const char *format, va_list args)
{
	size_t used = strlen(messages);

	vsnprintf(messages + used, sizeof(messages) - used, format, args);
}

static void read_config(struct config *config, const char *text)
{
	const struct wltex_logger logger = {.log = note, .level = WLTEX_LOG_DEBUG};
	char path[] = "/tmp/wltex-config.XXXXXX";
	int fd = mkstemp(path);

	messages[0] = '\0';
	check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	setenv("WLTEX_CONFIG", path, 1);
	config_read(config, &logger);
	unlink(path);
}

TEST(config)
{
	struct config config;

	read_config(&config,
		"# a comment\ncontrol = false\n\n stats=/a b \n[other]\nstats=no\nwhat\n"
		"[wltex]\nlimit-fds=1\nlimit-fds=2\nnothing=1\nsnapshot=");
	check_value(&config, "control", "false");
	check_value(&config, "stats", "/a b");
	check_value(&config, "limit-fds", "2");
	check_value(&config, "snapshot", "");
	check_value(&config, "limit-bytes", NULL);
	check(strcmp(messages, "wltex.conf: there is no option nothing") == 0);
	config_finish(&config);
}

TEST(no_config)
{
	const struct wltex_logger logger = {.log = note, .level = WLTEX_LOG_DEBUG};
	struct config config;

	setenv("WLTEX_CONFIG", "/no/such", 1);
	config_read(&config, &logger);
	check(strstr(messages, "cannot read /no/such: No such file"));
	check_value(&config, "stats", NULL);
	config_finish(&config);
	messages[0] = '\0';
	unsetenv("WLTEX_CONFIG");
	setenv("XDG_CONFIG_HOME", "/no/such", 1);
	config_read(&config, &logger);
	check(messages[0] == '\0');
	config_finish(&config);
}
