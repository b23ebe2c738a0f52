/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor/control-client.h"
#include "cli/monitor/export.h"
#include "cli/options.h"

#define STATE_REQUEST "{\"request\": \"state\"}\n"
#define PATIENCE_MS 5000
/* The compositor is not asked more often than this, however often somebody asks. */
#define MIN_AGE_MS 500

enum {
	OPT_HELP = 256,
	OPT_LISTEN,
	OPT_SOCKET,
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex export [OPTION]...\n"
	"Print what the compositor's clients hold, in the text format of Prometheus.\n"
	"\n"
	"      --listen=[ADDR:]PORT serve it over HTTP instead, as /metrics at this address and\n"
	"                           port (default address 127.0.0.1)\n"
	"      --socket=FILE        the compositor's control socket\n"
	"      --help               print this\n";

struct exporter {
	const char *socket;
	struct control_client control;
	bool connected;
	/* What is wrong was said; it is said once, until it works again. */
	bool complained;
	char *text;
	size_t size;
	double text_ms;
};

static int get_state(
	struct exporter *exporter, struct compositor_state *state, struct cli_reason *reason)
{
	struct json_object *reply = NULL;
	int ret = 0;

	if (!exporter->connected)
		ret = control_client_init(&exporter->control, exporter->socket, reason);
	if (ret == 0)
		ret = control_client_request(
			&exporter->control, STATE_REQUEST, "state", PATIENCE_MS, &reply, reason);
	exporter->connected = ret == 0;
	if (ret < 0)
		control_client_finish(&exporter->control);
	else
		ret = state_init(state, reply);
	return ret;
}

/* A compositor that was there before may have gone: then it is looked for once more. */
static int get_state_again(
	struct exporter *exporter, struct compositor_state *state, struct cli_reason *reason)
{
	bool was_connected = exporter->connected;
	int ret = get_state(exporter, state, reason);

	if (ret < 0 && was_connected)
		ret = get_state(exporter, state, reason);
	return ret;
}

static int make_text(struct exporter *exporter, const struct compositor_state *state)
{
	FILE *file;

	free(exporter->text);
	exporter->text = NULL;
	file = open_memstream(&exporter->text, &exporter->size);
	if (!file)
		return -errno;
	export_print(state, file);
	if (fclose(file) == 0)
		return 0;
	free(exporter->text);
	exporter->text = NULL;
	return -ENOMEM;
}

static char *get_text(void *data, size_t *size)
{
	struct exporter *exporter = data;
	struct compositor_state state = {0};
	struct cli_reason reason = {""};
	char *copy;
	int ret;

	if (!exporter->text || cli_now_ms() - exporter->text_ms >= MIN_AGE_MS) {
		ret = get_state_again(exporter, &state, &reason);
		if (ret < 0 && !exporter->complained)
			cli_say("%s", reason.text);
		exporter->complained = ret < 0;
		make_text(exporter, ret == 0 ? &state : NULL);
		state_finish(&state);
		exporter->text_ms = cli_now_ms();
	}
	copy = exporter->text ? malloc(exporter->size + 1) : NULL;
	if (!copy)
		return NULL;
	memcpy(copy, exporter->text, exporter->size + 1);
	*size = exporter->size;
	return copy;
}

static int print_once(struct exporter *exporter, struct cli_reason *reason)
{
	struct compositor_state state = {0};
	int ret = get_state(exporter, &state, reason);

	if (ret == 0)
		export_print(&state, stdout);
	state_finish(&state);
	return ret;
}

int cli_export(int argc, char *argv[])
{
	struct exporter exporter = {.control = {.fd = -1, .passed_fd = -1}};
	struct cli_reason reason = {"out of memory"};
	const char *address = NULL;
	int option, ret, status = 0;

	while ((option = cli_next_option(argc, argv, long_options, help, &status)) > 0) {
		if (option == OPT_LISTEN)
			address = optarg;
		else
			exporter.socket = optarg;
	}
	if (option == 0)
		return status;
	if (address)
		ret = export_serve(address, get_text, &exporter, &reason);
	else
		ret = print_once(&exporter, &reason);
	control_client_finish(&exporter.control);
	free(exporter.text);
	if (address && ret == -EINVAL)
		return cli_usage_error("%s", reason.text);
	if (ret < 0)
		cli_say("%s", reason.text);
	return cli_finish() != CLI_OK || ret < 0 ? CLI_FAILED : CLI_OK;
}
