/* SPDX-License-Identifier: MIT */
#include <drm_fourcc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli-compositor.h"
#include "cli/cli.h"
#include "test.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What usual compositors offer. */
static const struct compositor_options usual = {
	.dmabuf_version = 3,
	.format = DRM_FORMAT_XRGB8888,
	.modifier = DRM_FORMAT_MOD_LINEAR,
};

/* What a run of wltex flip printed. */
static char output[65536], errors[4096];

static void read_back(FILE *file, char *text, size_t size)
{
	size_t length;

	rewind(file);
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
}

/* Run `wltex flip --allocator=memfd` with these arguments. Returns its exit status. */
static int flip(const char *const words[])
{
	char *argv[24] = {strdup("flip"), strdup("--allocator=memfd")};
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 2, status, saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);

	for (; *words; words++)
		argv[argc++] = strdup(*words);
	fflush(stdout);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	cli_set_command("flip");
	status = cli_flip(argc, argv);
	while (argc > 0)
		free(argv[--argc]);
	fflush(stdout);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	read_back(out, output, sizeof(output));
	read_back(err, errors, sizeof(errors));
	fputs(errors, stderr);
	return status;
}

/* The same, at a compositor. All fds are closed again, and all memory is freed. */
static int flip_at(const struct compositor_options *options, struct compositor_facts *facts,
	const char *const words[])
{
	struct compositor compositor;
	int fds, status;

	compositor_start(&compositor, options);
	fds = test_count_fds();
	status = flip(words);
	check_int(test_count_fds(), fds);
	if (options->fate == FATE_HANG)
		kill(compositor.pid, SIGKILL);
	compositor_finish(&compositor);
	*facts = *compositor.facts;
	return status;
}

static void check_good(const struct compositor_facts *facts, uint32_t frames)
{
	check_int(facts->commits, frames);
	check_int(facts->unconfigured, 0);
	check_int(facts->missed_px, 0);
	check_int(facts->wrong_sums, 0);
	check_int(facts->objects_left, 0);
	check_int(facts->clean_padding, 0);
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

TEST(three_buffers)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--frames=300", "--change=full")), 0);
	check_good(&facts, 300);
	check_int(facts.buffers_made, 3);
	check_int(facts.busy_attached, 0);
	check_int(facts.detaches, 0);
	check_int(facts.damaged_px, UINT64_C(300) * 256 * 256);
	/* All pixels but those where the disc comes or goes. */
	check(facts.changed_px > UINT64_C(300) * 256 * 256 * 98 / 100);
	check(has(output, "300 frames, "));
	check(has(output, " 299 releases, 3 buffers of 256x256 XR24 from memfd\n"));
	check(has(errors, "for software renderers only"));
}

TEST(one_buffer_is_committed_unreleased)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--frames=40", "--buffers=1")), 0);
	check_good(&facts, 40);
	check_int(facts.buffers_made, 1);
}

TEST(waits_for_releases)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.release_lag = 2;
	check_int(flip_at(&options, &facts, WORDS("--frames=50", "--no-wait")), 0);
	check_good(&facts, 50);
	check_int(facts.busy_attached, 0);
	check_int(facts.buffers_made, 3);
}

TEST(new_buffer_for_each_frame)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts,
			  WORDS("--frames=40", "--recreate", "--buffers=1", "--change=tile")),
		0);
	check_good(&facts, 40);
	check_int(facts.buffers_made, 40);
	check_int(facts.most_buffers_alive, 2);
	check_int(facts.busy_destroyed, 0);
}

TEST(detaches)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--frames=40", "--detach-every=10")), 0);
	check_good(&facts, 40);
	check_int(facts.detaches, 4);
	check_int(facts.busy_attached, 0);
}

TEST(detaches_without_another_configure)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.keeps_configured = true;
	check_int(
		flip_at(&options, &facts, WORDS("--frames=8", "--detach-every=1", "--no-wait")), 0);
	check_good(&facts, 8);
	check_int(facts.detaches, 8);
}

TEST(change_none)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--frames=9", "--change=none", "--buffers=2")), 0);
	check_good(&facts, 9);
	check_int(facts.changed_px, 256 * 256);
	check_int(facts.damaged_px, 256 * 256);
	check_int(facts.buffers_made, 2);
}

TEST(change_pixel)
{
	struct compositor_facts facts;

	for (int buffers = 1; buffers <= 3; buffers++) {
		char option[] = "--buffers=0";

		option[10] = (char)('0' + buffers);
		check_int(flip_at(&usual, &facts,
				  WORDS("--frames=41", "--change=pixel", option, "--size=70x50")),
			0);
		check_good(&facts, 41);
		check_int(facts.changed_px, 70 * 50 + 40);
		check_int(facts.damaged_px, 70 * 50 + 40);
		check_int(facts.last_byte_changes, 10);
	}
}

TEST(change_tile)
{
	struct compositor_facts facts;

	/* 3x2 tiles; twice round. */
	check_int(
		flip_at(&usual, &facts,
			WORDS("--frames=13", "--change=tile", "--size=130x100", "--pattern=bars")),
		0);
	check_good(&facts, 13);
	check_int(facts.damaged_px, 3 * 130 * 100);
	check(facts.changed_px > 3 * 130 * 100 * 95 / 100);
}

TEST(full_damage)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts,
			  WORDS("--frames=5", "--change=pixel", "--damage=full", "--size=30x20")),
		0);
	check_good(&facts, 5);
	check_int(facts.damaged_px, 5 * 30 * 20);
}

TEST(content_sums)
{
	static const char *const changes[] = {
		"--change=none", "--change=pixel", "--change=tile", "--change=full"};
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.wltex = true;
	for (int i = 0; i < 4; i++) {
		check_int(flip_at(&options, &facts,
				  WORDS("--frames=20", "--content-sum", "--size=200x100",
					  changes[i])),
			0);
		check_good(&facts, 20);
		check_int(facts.right_sums, 20);
	}
}

TEST(events)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.wltex = true;
	check_int(flip_at(&options, &facts, WORDS("--frames=2", "--events")), 0);
	check(strncmp(output, "1 imported attached ", 20) == 0);
	check_int(strcspn(output + 20, "\n"), 8);
	check(has(output, "\n2 imported attached "));
	check_int(flip_at(&options, &facts, WORDS("--frames=2", "--events", "--json")), 0);
	check(has(output, "{\"serial\": 2, \"state\": \"imported\", \"reason\": \"attached\", "));
	check(has(output, "{\"frames\": 2, \"detaches\": 0, "));
	check(has(output, "\"textures\": {\"imported\": 2, \"reimported\": 0, "));
	check_int(flip_at(&usual, &facts, WORDS("--frames=2", "--json")), 0);
	check(has(output, "\"textures\": null}\n"));
}

TEST(events_of_a_compositor_without)
{
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--events")), 1);
	check(has(errors, "no wltex_manager_v1"));
	check_int(facts.commits, 0);
	check_int(flip_at(&usual, &facts, WORDS("--content-sum")), 1);
	check(has(errors, "no wltex_manager_v1"));
}

TEST(abandons)
{
	struct compositor compositor;
	int status;
	pid_t pid;

	compositor_start(&compositor, &usual);
	pid = fork();
	if (pid == 0)
		exit(flip(WORDS("--frames=7", "--abandon")) + 100);
	check(waitpid(pid, &status, 0) == pid);
	/* It ended by itself, without a return to here. */
	check(WIFEXITED(status));
	check_int(WEXITSTATUS(status), 0);
	compositor_finish(&compositor);
	check_int(compositor.facts->commits, 7);
	check_int(compositor.facts->buffers_alive, 3);
	check(compositor.facts->objects_left >= 3 + 3);
}

TEST(fullscreen)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.fullscreen_width = 300;
	options.fullscreen_height = 200;
	check_int(flip_at(&options, &facts, WORDS("--frames=3", "--size=300x201")), 0);
	check_int(facts.destination_width, 300);
	check_int(facts.destination_height, 200);
	check_int(flip_at(&options, &facts, WORDS("--frames=3", "--size=300x200")), 0);
	check_int(facts.destination_width, -1);
	check_int(facts.destination_height, -1);
}

TEST(versions_of_dmabuf)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	for (options.dmabuf_version = 1; options.dmabuf_version <= 5; options.dmabuf_version++) {
		options.modifier =
			options.dmabuf_version < 3 ? DRM_FORMAT_MOD_INVALID : DRM_FORMAT_MOD_LINEAR;
		check_int(flip_at(&options, &facts, WORDS("--frames=5")), 0);
		check_good(&facts, 5);
		check_int(flip_at(&options, &facts, WORDS("--frames=5", "--async-create")), 0);
		check_good(&facts, 5);
	}
}

TEST(formats)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.format = DRM_FORMAT_RGB565;
	check_int(flip_at(&options, &facts,
			  WORDS("--frames=9", "--format=rgb565", "--size=33x3", "--change=pixel")),
		0);
	check_good(&facts, 9);
	options.format = DRM_FORMAT_ABGR8888;
	check_int(flip_at(&options, &facts,
			  WORDS("--frames=9", "--format=AB24", "--pattern=noise", "--size=33x3",
				  "--stride-padding=16")),
		0);
	check_good(&facts, 9);
}

TEST(format_not_offered)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	check_int(flip_at(&usual, &facts, WORDS("--format=AR24")), 1);
	check(has(errors,
		"does not offer AR24; of the formats that can be painted it offers XR24\n"));
	/* A tiled layout is none that the CPU could paint. */
	options.modifier = I915_FORMAT_MOD_X_TILED;
	check_int(flip_at(&options, &facts, WORDS("--frames=1")), 1);
	check(has(errors, "does not offer XR24 in a linear layout"));
	/* All indices but the first point outside of the table. */
	options.modifier = DRM_FORMAT_MOD_LINEAR;
	options.dmabuf_version = 4;
	options.short_table = true;
	check_int(flip_at(&options, &facts, WORDS("--frames=1")), 1);
	check(has(errors, "of the formats that can be painted it offers nothing\n"));
	check_int(facts.buffers_made, 0);
}

TEST(buffer_not_taken)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.create_fails = true;
	check_int(flip_at(&options, &facts, WORDS("--async-create")), 1);
	check(has(errors, "did not take the buffer\n"));
	check_int(facts.commits, 0);
}

TEST(no_compositor)
{
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	setenv("WAYLAND_DISPLAY", "wayland-test", 1);
	check_int(flip(WORDS("--frames=1")), 1);
	check(has(errors, "wltex flip: no compositor: cannot connect to wayland-test"));
	unsetenv("XDG_RUNTIME_DIR");
	check_int(flip(WORDS("--frames=1")), 1);
	check(has(errors, "XDG_RUNTIME_DIR is not set\n"));
}

TEST(no_dmabuf)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.dmabuf_version = 0;
	check_int(flip_at(&options, &facts, WORDS("--frames=1")), 1);
	check(has(errors, "the compositor has no zwp_linux_dmabuf_v1\n"));
}

TEST(protocol_error)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.fate = FATE_PROTOCOL_ERROR;
	options.fate_commit = 5;
	check_int(flip_at(&options, &facts, WORDS("--frames=20")), 1);
	check(has(errors, "protocol error of the compositor: wl_surface"));
	check(has(errors, "error 7: nobody likes this, after "));
	check_str(output, "");
}

TEST(compositor_vanishes)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.fate = FATE_VANISH;
	options.fate_commit = 5;
	check_int(flip_at(&options, &facts, WORDS("--frames=20")), 1);
	check(has(errors, "the compositor went away, after 5 frames\n"));
	check_int(flip_at(&options, &facts, WORDS("--frames=0", "--no-wait", "--buffers=1")), 1);
	check(has(errors, "the compositor went away, after "));
}

TEST(window_closed)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.fate = FATE_CLOSE;
	options.fate_commit = 5;
	check_int(flip_at(&options, &facts, WORDS("--frames=20")), 1);
	check(has(errors, "closed after 5 of 20 frames\n"));
	check_good(&facts, 5);
	check_int(flip_at(&options, &facts, WORDS("--frames=0")), 0);
	check_int(flip_at(&options, &facts, WORDS("--frames=5", "--hold")), 0);
	check(has(output, "5 frames, "));
}

TEST(stopped_by_a_signal)
{
	struct compositor_options options = usual;
	struct compositor_facts facts;

	options.fate = FATE_SIGNAL;
	options.fate_commit = 5;
	check_int(flip_at(&options, &facts, WORDS("--frames=0", "--rate=100")), 0);
	check_int(facts.objects_left, 0);
	check(facts.commits >= 5);
}

TEST(stopped_by_two_signals)
{
	struct compositor_options options = usual;
	struct compositor compositor;
	int status;
	pid_t pid;

	/* The compositor is told the signals' target by being its child. */
	options.fate = FATE_HANG;
	options.fate_commit = 5;
	pid = fork();
	if (pid == 0) {
		compositor_start(&compositor, &options);
		exit(flip(WORDS("--frames=0")));
	}
	check(waitpid(pid, &status, 0) == pid);
	check(WIFSIGNALED(status));
	check_int(WTERMSIG(status), SIGTERM);
}

TEST(rate)
{
	struct compositor_facts facts;
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	check_int(flip_at(&usual, &facts, WORDS("--frames=6", "--rate=20")), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	check_good(&facts, 6);
	check((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000 >= 250);
}

TEST(wrong_options)
{
	static const char *const wrong[] = {"--frames=", "--frames=-1", "--frames=1x",
		"--frames= 1", "--frames=4294967296", "--frames=99999999999999999999",
		"--buffers=0", "--buffers=65", "--size=0x1", "--size=1x0", "--size=10",
		"--size=10x", "--size=10x10x", "--size=16385x1", "--size=+1x1",
		"--change=", "--change=some", "--damage=none", "--format=NV12",
		"--format=", "--pattern=dots", "--allocator=malloc", "--rate=0", "--detach-every=0",
		"--stride-padding=8", "--seed=0x1", "--nonsense", "--abandon=1", "word"};

	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		check_int(flip(WORDS(wrong[i])), 2);
		check(has(errors, "Try 'wltex flip --help'.\n"));
	}
	check_int(flip(WORDS("--frames")), 2);
	check_int(flip(WORDS("--size=16384x16384", "--stride-padding=16")), 2);
	check_int(flip(WORDS("--abandon", "--hold")), 2);
	check_int(flip(WORDS("--help")), 0);
	check(has(output, "Usage: wltex flip "));
}

TEST(missing_allocators)
{
	struct compositor_facts facts;

	if (access("/dev/dma_heap/system", F_OK) == 0)
		test_skip("this machine has a dma-heap");
	check_int(flip_at(&usual, &facts, WORDS("--allocator=dma-heap")), 1);
	check(has(errors, "no buffers from dma-heap: cannot open /dev/dma_heap/system: "));
	check_int(facts.commits, 0);
}
