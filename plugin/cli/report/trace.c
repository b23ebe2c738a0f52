/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/trace-event.h"
#include "cli/report/trace-file.h"
#include "cli/report/trace.h"
#include "cli/report/tracks.h"

/* Returns as trace_file_read(). */
static int read_all(struct trace_file *file, struct tracks *tracks)
{
	Wltex__TracePacket *packet = NULL;
	int ret;

	while ((ret = trace_file_read(file, &packet)) > 0) {
		trace_handle_packet(tracks, packet);
		wltex__trace_packet__free_unpacked(packet, NULL);
	}
	return ret;
}

/* Why nothing of it can be shown. */
static int explain(const struct trace_file *file, int error, struct cli_reason *reason)
{
	if (error == -EIO)
		cli_set_reason(reason, "it cannot be read");
	else if (error == 0 && file->packets == 0)
		cli_set_reason(reason, "it is empty");
	else if (error == -EPROTO && file->packets == 0)
		cli_set_reason(reason, "it is no Perfetto trace");
	else
		cli_set_reason(reason, "nothing of wltex is in it; 'wltex record' writes what is");
	return error < 0 ? error : -ENODATA;
}

int trace_read(FILE *stream, struct report_model *model, struct cli_reason *reason)
{
	struct trace_file *file = calloc(1, sizeof(*file));
	struct tracks tracks = {.model = model};
	int ret;

	if (file == NULL) {
		cli_set_reason(reason, "out of memory");
		return -ENOMEM;
	}
	file->file = stream;
	ret = read_all(file, &tracks);
	tracks_finish(&tracks);
	model->is_cut = ret == -ENODATA;
	model->is_damaged = ret == -EPROTO || file->damaged > 0;
	model_end(model);
	if (ret == -EIO || !tracks.has_wltex)
		ret = explain(file, ret, reason);
	else
		ret = 0;
	free(file);
	return ret;
}
