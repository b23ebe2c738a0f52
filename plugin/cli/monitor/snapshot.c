/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/control-client.h"
#include "cli/options.h"
#include "cli/monitor/shown.h"
#include "cli/monitor/snapshot.h"
#include "cli/monitor/state.h"
#include "util/fd.h"
#include "util/text.h"

#define PATIENCE_MS 15000

enum {
	OPT_DIRECTORY = 256,
	OPT_HELP,
	OPT_PID,
	OPT_SHEET,
	OPT_SOCKET,
	OPT_SURFACE,
};

static const struct option long_options[] = {
	{"directory", required_argument, NULL, OPT_DIRECTORY},
	{"help", no_argument, NULL, OPT_HELP},
	{"pid", required_argument, NULL, OPT_PID},
	{"sheet", required_argument, NULL, OPT_SHEET},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"surface", required_argument, NULL, OPT_SURFACE},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex snapshot [OPTION]...\n"
	"Write a PNG of each surface's texture, or all of them on one sheet. The compositor must\n"
	"allow it, see wltex-weston(7).\n"
	"\n"
	"      --directory=DIR      where the PNGs go (default: the current directory)\n"
	"      --sheet=FILE         write one PNG with small pictures of all of them instead\n"
	"      --pid=PID            only surfaces of the clients of this process\n"
	"      --surface=ID         only surfaces with this number\n"
	"      --socket=FILE        the compositor's control socket\n"
	"      --help               print this\n";

struct snapshot {
	const char *socket, *directory, *sheet_path;
	uint32_t pid, surface;
	struct control_client control;
	struct compositor_state state;
	struct snapshot_sheet sheet;
	size_t taken;
};

/* Returns 0; 1 if the surface no longer has a picture; or -1 with *reason set. */
static int ask(struct snapshot *snapshot, const struct client_state *client,
	const struct surface_state *surface, struct snapshot_png *png, struct cli_reason *reason)
{
	struct json_object *reply;
	char line[160];
	int ret;

	snprintf(line, sizeof(line),
		"{\"request\": \"snapshot\", \"client\": %ju, \"pid\": %ju, \"surface\": %ju}\n",
		(uintmax_t)client->id, (uintmax_t)client->pid, (uintmax_t)surface->id);
	ret = control_client_request(
		&snapshot->control, line, "snapshot", PATIENCE_MS, &reply, reason);
	if (ret == -EREMOTEIO)
		return 1;
	if (ret < 0)
		return -1;
	json_object_put(reply);
	ret = snapshot_png_receive(snapshot->control.passed_fd, PATIENCE_MS, png, reason);
	wltex_fd_close(&snapshot->control.passed_fd);
	return ret;
}

static bool has_twin(const struct snapshot *snapshot, const struct client_state *client)
{
	for (size_t i = 0; i < snapshot->state.client_count; i++) {
		const struct client_state *other = &snapshot->state.clients[i];

		if (other != client && other->pid == client->pid)
			return true;
	}
	return false;
}

/* In names of files a client's name is nothing but letters, digits and a few signs. */
static void make_path(const struct snapshot *snapshot, const struct client_state *client,
	uint64_t surface, char *path, size_t size)
{
	char name[32], twin[32] = "";

	wltex_text_clean_ascii(name, sizeof(name), client->name);
	for (char *c = name; *c != '\0'; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+", *c))
			*c = '_';
	}
	/* One process may be several clients, each of which counts its surfaces anew. */
	if (has_twin(snapshot, client))
		snprintf(twin, sizeof(twin), ".%ju", (uintmax_t)client->id);
	snprintf(path, size, "%s/%s-%ju%s-%ju.png", snapshot->directory, name,
		(uintmax_t)client->pid, twin, (uintmax_t)surface);
}

static int write_picture(struct snapshot *snapshot, const struct client_state *client,
	const struct surface_state *surface, const struct snapshot_png *png,
	struct cli_reason *reason)
{
	struct drawing_picture picture;
	char path[4096];
	int ret = snapshot_png_decode(png, &picture, reason);

	if (ret < 0)
		return ret;
	if (snapshot->sheet_path) {
		snapshot_sheet_add(&snapshot->sheet, client, surface, &picture);
	} else {
		make_path(snapshot, client, surface->id, path, sizeof(path));
		ret = snapshot_png_write(png, path, reason);
		if (ret == 0)
			puts(path);
	}
	free(picture.pixels);
	return ret;
}

static int take(struct snapshot *snapshot, const struct client_state *client,
	const struct surface_state *surface, struct cli_reason *reason)
{
	struct snapshot_png png = {0};
	int ret = ask(snapshot, client, surface, &png, reason);

	if (ret == 0) {
		ret = write_picture(snapshot, client, surface, &png, reason);
		snapshot->taken++;
	}
	snapshot_png_finish(&png);
	return ret < 0 ? -1 : 0;
}

/* Whether the options name the surface. */
static bool is_named(const struct snapshot *snapshot, const struct client_state *client,
	const struct surface_state *surface)
{
	return (snapshot->pid == 0 || client->pid == snapshot->pid) &&
	       (snapshot->surface == 0 || surface->id == snapshot->surface);
}

/* Call take() for each surface that is wanted, or only count them. */
static int for_each(struct snapshot *snapshot, size_t *count, struct cli_reason *reason)
{
	struct surface_state surface;
	int ret = 0;

	for (size_t i = 0; i < snapshot->state.client_count; i++) {
		const struct client_state *client = &snapshot->state.clients[i];

		for (size_t k = 0; k < client->surface_count && ret == 0; k++) {
			state_get_surface(client, k, &surface);
			if (!surface.has_texture || !is_named(snapshot, client, &surface))
				continue;
			if (count)
				++*count;
			else
				ret = take(snapshot, client, &surface, reason);
		}
	}
	return ret;
}

/* Surfaces that the options name, with a texture or not, and why the last of them has none. */
static size_t count_named(const struct snapshot *snapshot, struct surface_state *last)
{
	size_t count = 0;

	for (size_t i = 0; i < snapshot->state.client_count; i++) {
		const struct client_state *client = &snapshot->state.clients[i];
		struct surface_state surface;

		for (size_t k = 0; k < client->surface_count; k++) {
			state_get_surface(client, k, &surface);
			if (!is_named(snapshot, client, &surface))
				continue;
			*last = surface;
			count++;
		}
	}
	return count;
}

static bool has_client(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->state.client_count; i++) {
		if (snapshot->state.clients[i].pid == snapshot->pid)
			return true;
	}
	return false;
}

/* Why there is nothing to take a picture of. */
static void explain_nothing(const struct snapshot *snapshot, struct cli_reason *reason)
{
	struct surface_state surface;
	size_t count = count_named(snapshot, &surface);
	char why_not[128];

	if (snapshot->pid != 0 && !has_client(snapshot))
		cli_set_reason(
			reason, "process %u is not a client of the compositor", snapshot->pid);
	else if (count == 0 && snapshot->surface != 0)
		cli_set_reason(reason, "there is no surface %u", snapshot->surface);
	else if (count == 0)
		cli_set_reason(reason, "there is no surface");
	else if (count == 1 && surface.why_not[0])
		cli_set_reason(reason, "the surface has no texture: %s",
			shown_clean(why_not, sizeof(why_not), surface.why_not));
	else
		cli_set_reason(reason,
			"no surface has a texture: those with wl_shm buffers get one with "
			"shm-textures=true in weston.ini only");
}

static int take_all(struct snapshot *snapshot, struct cli_reason *reason)
{
	size_t count = 0;
	int ret = 0;

	for_each(snapshot, &count, reason);
	if (count == 0) {
		explain_nothing(snapshot, reason);
		return -1;
	}
	if (snapshot->sheet_path)
		ret = snapshot_sheet_init(&snapshot->sheet, count);
	if (ret < 0) {
		cli_set_reason(reason, ret == -EINVAL ? "there are too many pictures for one sheet"
						      : "out of memory");
		return -1;
	}
	/* If none can be taken, the reason is that of the last one. */
	if (for_each(snapshot, NULL, reason) < 0 || snapshot->taken == 0)
		return -1;
	if (!snapshot->sheet_path)
		return 0;
	return drawing_write(&snapshot->sheet.drawing, snapshot->sheet_path, reason);
}

static int run(struct snapshot *snapshot)
{
	struct cli_reason reason = {""};
	struct json_object *reply;
	int ret = control_client_init(&snapshot->control, snapshot->socket, &reason);

	if (ret == 0)
		ret = control_client_request(&snapshot->control, "{\"request\": \"state\"}\n",
			"state", PATIENCE_MS, &reply, &reason);
	if (ret == 0)
		ret = state_init(&snapshot->state, reply);
	if (ret == 0)
		ret = take_all(snapshot, &reason);
	drawing_finish(&snapshot->sheet.drawing);
	state_finish(&snapshot->state);
	control_client_finish(&snapshot->control);
	if (ret < 0)
		cli_say("%s", reason.text);
	return cli_finish() != CLI_OK || ret < 0 ? CLI_FAILED : CLI_OK;
}

static int parse_option(struct snapshot *snapshot, int option)
{
	switch (option) {
	case OPT_PID:
		if (cli_parse_number(optarg, 1, INT32_MAX, &snapshot->pid) < 0)
			return cli_usage_error("--pid=%s: not a PID", optarg);
		return 0;
	case OPT_SURFACE:
		if (cli_parse_number(optarg, 1, UINT32_MAX, &snapshot->surface) < 0)
			return cli_usage_error("--surface=%s: not a number", optarg);
		return 0;
	case OPT_DIRECTORY:
		snapshot->directory = optarg;
		return 0;
	case OPT_SHEET:
		snapshot->sheet_path = optarg;
		return 0;
	default:
		snapshot->socket = optarg;
		return 0;
	}
}

int cli_snapshot(int argc, char *argv[])
{
	struct snapshot snapshot = {.directory = ".", .control = {.fd = -1, .passed_fd = -1}};
	int option = 0, status = 0;

	while (status == 0 &&
		(option = cli_next_option(argc, argv, long_options, help, &status)) > 0)
		status = parse_option(&snapshot, option);
	return option < 0 ? run(&snapshot) : status;
}
