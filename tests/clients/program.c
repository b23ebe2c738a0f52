/* SPDX-License-Identifier: MIT */
/*
 * Runs one program at two compositors and plays its user (tests/weston/input-module.c): what
 * it shows when it has come to rest must be the same at both, after each step.
 *
 *	WLTEX_PROGRAM=gtk4-demo client-program program
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "twin.h"

#define STEPS 12
#define PATIENCE_MS 20000
#define LOOK_MS 60
/* So many equal pictures in a row are rest. */
#define LOOKS 4

static struct twin twin;
static uint32_t *seen[2];
static pid_t pids[2];

static void start(int i, const char *program)
{
	const char *display =
		getenv(i == TWIN_TESTED ? "WLTEX_TWIN_TESTED" : "WLTEX_TWIN_REFERENCE");

	pids[i] = fork();
	check(pids[i] >= 0);
	if (pids[i] != 0)
		return;
	setenv("WAYLAND_DISPLAY", display, 1);
	execlp(program, program, (char *)NULL);
	_exit(127);
}

/* Whether the picture is another one than before; it is kept. */
static bool has_changed(int i)
{
	const struct twin_output *output = &twin.screens[i].outputs[0];
	bool changed = memcmp(seen[i], output->pixels, output->size) != 0;

	memcpy(seen[i], output->pixels, output->size);
	return changed;
}

static void check_running(void)
{
	both(check_int(waitpid(pids[i], NULL, WNOHANG), 0));
}

/* Until nothing has changed for a while; false if that does not happen. */
static bool settle(void)
{
	int equal = 0;

	for (int ms = 0; ms < PATIENCE_MS && equal < LOOKS; ms += LOOK_MS) {
		bool changed = false;
		usleep(LOOK_MS * 1000);
		twin_show(&twin);
		both(changed = has_changed(i) || changed);
		equal = changed ? 0 : equal + 1;
	}
	check_running();
	return equal >= LOOKS;
}

/* Until both show something else than what was there before them. */
static void wait_for_windows(void)
{
	bool there[2] = {false, false};

	for (int ms = 0; ms < PATIENCE_MS && !(there[0] && there[1]); ms += LOOK_MS) {
		usleep(LOOK_MS * 1000);
		twin_show(&twin);
		both(there[i] = has_changed(i) || there[i]);
		check_running();
	}
	check(there[0] && there[1]);
}

/* What comes and goes by time may do so here first, then there; what is stale stays. */
static bool becomes_equal(const char *program)
{
	for (int k = 0; k < 4; k++) {
		if (twin_equal(&twin, program))
			return true;
		usleep(700 * 1000);
		settle();
	}
	return false;
}

static void set_up(const char *program)
{
	twin_connect(&twin);
	for (int i = 0; i < 2; i++) {
		seen[i] = malloc(twin.screens[i].outputs[0].size);
		check(seen[i] != NULL && twin.screens[i].pid > 0);
	}
	twin_show(&twin);
	both(has_changed(i));
	both(start(i, program));
	wait_for_windows();
}

static void tear_down(void)
{
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGTERM);
		waitpid(pids[i], NULL, 0);
		free(seen[i]);
	}
	twin_disconnect(&twin);
}

TEST(program)
{
	const char *program = getenv("WLTEX_PROGRAM");
	int compared = 0, different = 0, steps = 0;

	if (program == NULL)
		test_skip("WLTEX_PROGRAM is not set");
	set_up(program);
	for (; steps <= STEPS; steps++) {
		bool settled = settle();
		compared += settled;
		different += settled && !becomes_equal(program);
		both(kill(twin.screens[i].pid, SIGRTMIN));
	}
	printf("%s: %d of %d pictures at rest compared, %d differ\n", program, compared, steps,
		different);
	tear_down();
	check_int(different, 0);
	check(compared >= steps / 2);
}
