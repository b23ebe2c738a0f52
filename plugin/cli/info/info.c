/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wltex/sum.h>
#include <wltex/texture.h>

#include "cli/monitor/control-client.h"
#include "cli/info/info.h"
#include "cli/options.h"
#include "cli/monitor/state.h"

#define STATE_REQUEST "{\"request\": \"state\"}\n"
#define PATIENCE_MS 5000

/* Frames to sum in turn: more than a cache holds. */
#define SUM_FRAMES 8
#define SUM_WIDTH 1920
#define SUM_HEIGHT 1080
#define SUM_MS 300

enum {
	OPT_FORMATS = 256,
	OPT_HELP,
	OPT_JSON,
	OPT_SOCKET,
};

static const struct option long_options[] = {
	{"formats", no_argument, NULL, OPT_FORMATS},
	{"help", no_argument, NULL, OPT_HELP},
	{"json", no_argument, NULL, OPT_JSON},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{NULL, 0, NULL, 0},
};

static const char help[] = "Usage: wltex info [OPTION]...\n"
			   "Find out what wltex can do on this machine, and what is missing.\n"
			   "\n"
			   "      --formats            list all formats with their modifiers\n"
			   "      --json               print JSON\n"
			   "      --socket=FILE        the compositor's control socket\n"
			   "      --help               print this\n";

void info_measure_sums(struct info *info)
{
	const size_t stride = (size_t)SUM_WIDTH * 4, frame = stride * SUM_HEIGHT;
	struct wltex_sum *sum = wltex_sum_create(SUM_WIDTH, SUM_HEIGHT, 4);
	uint8_t *memory = malloc(frame * SUM_FRAMES);
	double start_ms, best_ms = 0, end_ms;

	info->kernel = wltex_sum_get_kernel();
	/* Pages that were never written are all the same one. */
	for (size_t i = 0; memory && i < frame * SUM_FRAMES; i++)
		memory[i] = (uint8_t)(i >> 12);
	end_ms = cli_now_ms() + SUM_MS;
	for (size_t i = 0; sum && memory && cli_now_ms() < end_ms; i++) {
		struct wltex_sum_pixels pixels = {memory + i % SUM_FRAMES * frame, stride};
		double ms;

		start_ms = cli_now_ms();
		wltex_sum_update(sum, &pixels, NULL, NULL);
		ms = cli_now_ms() - start_ms;
		/* The best is what the machine can do when nothing else runs. */
		if (best_ms == 0 || ms < best_ms)
			best_ms = ms;
	}
	info->sum_rate = best_ms > 0 ? (double)frame / best_ms * 1e3 : 0;
	wltex_sum_destroy(sum);
	free(memory);
}

/* For a program that was built but not installed. */
static bool find_built_module(struct info *info)
{
	char path[192];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	for (int i = 0; i < 2 && n > 0; i++) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		n = slash ? slash - path : 0;
	}
	if (n <= 0)
		return false;
	path[n] = '\0';
	snprintf(info->module, sizeof(info->module), "%s/weston/wltex.so", path);
	return access(info->module, R_OK) == 0;
}

/* The module that a compositor of this user has loaded, wherever that is. */
static void find_loaded_module(struct info *info)
{
	char name[64], line[512], *path;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/maps", info->compositor_pid);
	file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (!path || strcmp(strrchr(path, '/'), "/wltex.so") != 0)
			continue;
		snprintf(info->module, sizeof(info->module), "%s", path);
		break;
	}
	if (file)
		fclose(file);
}

static void ask_compositor(struct info *info, const char *socket)
{
	struct compositor_state state;
	struct control_client control;
	struct json_object *reply;
	int ret = control_client_init(&control, socket, &info->running_reason);

	if (ret == 0)
		ret = control_client_request(&control, STATE_REQUEST, "state", PATIENCE_MS, &reply,
			&info->running_reason);
	if (ret == 0) {
		if (state_init(&state, reply) == 0) {
			info->running = true;
			info->compositor_clients = state.client_count;
			info->compositor_textures = state.textures;
		}
		state_finish(&state);
		info->compositor_pid = (int)control.pid;
	}
	control_client_finish(&control);
}

void info_find_module(struct info *info, const char *socket)
{
	snprintf(info->module, sizeof(info->module), "%s/wltex.so", WLTEX_MODULE_DIR);
	info->module_installed = access(info->module, R_OK) == 0;
	if (!info->module_installed && !find_built_module(info))
		info->module[0] = '\0';
	ask_compositor(info, socket);
	if (info->running)
		find_loaded_module(info);
}

__attribute__((format(printf, 2, 3))) static void advise(struct info *info, const char *format, ...)
{
	va_list args;

	if (info->advice_count >= INFO_MAX_ADVICE)
		return;
	va_start(args, format);
	vsnprintf(
		info->advice[info->advice_count].text, sizeof(info->advice[0].text), format, args);
	va_end(args);
	info->advice_count++;
}

static void advise_on_egl(struct info *info)
{
	if (!info->context)
		advise(info, "install EGL and GL ES; Mesa 24.1 or later imports dmabufs even "
			     "without a GPU");
	else if (!wltex_context_get_capabilities(info->context)->dmabuf_import)
		advise(info, "EGL cannot import dmabufs: a GPU's driver or Mesa 24.1 or later can");
}

static void advise_on_allocators(struct info *info)
{
	bool dmabufs = false;

	for (size_t i = 0; i < info->allocator_count; i++) {
		const struct info_allocator *a = &info->allocators[i];

		dmabufs = dmabufs || (a->dmabuf && a->works);
		if (strstr(a->reason.text, strerror(EACCES)))
			advise(info,
				"%s: there is a device, but this user may not open it; a "
				"member of its group may",
				a->name);
	}
	if (!dmabufs)
		advise(info, "no kernel dmabufs: use a machine with a GPU's render node, or load "
			     "the kernel module udmabuf; for software renderers, sealed "
			     "memory stands in for them");
}

static void advise_on_module(struct info *info)
{
	if (!info->module[0] && !info->running)
		advise(info, "the Weston module is not installed: it is built where libweston 14, "
			     "15 or 16 is found");
	else if (!info->running)
		advise(info,
			"no compositor runs the module: start one with weston --modules=%s, or "
			"with modules=... in section [core] of weston.ini",
			info->module);
	else if (!info->compositor_textures)
		advise(info, "the compositor makes no textures: it needs --renderer=gl; its log "
			     "says more");
}

void info_give_advice(struct info *info)
{
	const char *wanted = getenv("WLTEX_SUM");

	advise_on_egl(info);
	advise_on_allocators(info);
	if (strcmp(info->kernel, "portable") == 0 && wanted && strcmp(wanted, "portable") == 0)
		advise(info, "content sums are slow: WLTEX_SUM=portable is set");
	else if (strcmp(info->kernel, "portable") == 0)
		advise(info, "content sums are slow: this CPU has no carry-less multiplication "
			     "that wltex uses");
	advise_on_module(info);
}

static int run(bool json, bool all_formats, const char *socket)
{
	struct info info = {.context = NULL};
	int ret = 0;

	/* First, as it forks: drivers start threads. */
	info_find_allocators(&info);
	info_find_egl(&info);
	info_measure_sums(&info);
	info_measure_gpu(&info);
	info_find_module(&info, socket);
	info_give_advice(&info);
	if (json)
		ret = info_print_json(&info);
	else
		info_print_text(&info, all_formats);
	if (info.context)
		wltex_context_destroy(info.context);
	if (ret < 0)
		cli_say("%s", strerror(-ret));
	return cli_finish() != CLI_OK || ret < 0 ? CLI_FAILED : CLI_OK;
}

int cli_info(int argc, char *argv[])
{
	bool json = false, all_formats = false;
	const char *socket = NULL;
	int option, status = 0;

	while ((option = cli_next_option(argc, argv, long_options, help, &status)) > 0) {
		if (option == OPT_JSON)
			json = true;
		else if (option == OPT_FORMATS)
			all_formats = true;
		else
			socket = optarg;
	}
	return option < 0 ? run(json, all_formats, socket) : status;
}
