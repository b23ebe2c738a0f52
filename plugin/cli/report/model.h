/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_MODEL_H
#define CLI_REPORT_MODEL_H

#include "cli/report/heat.h"
#include "cli/report/index.h"
#include "cli/report/series.h"
#include "util/list.h"

/*
 * What a trace tells, as a report needs it: facts go in in the order of their times, and none is
 * kept but in sums. Memory is bounded whatever a trace says: what there is no room for is
 * counted and left out. Names and messages are of clients, and may hold any bytes.
 */
#define MODEL_CLIENTS_MAX 1024
#define MODEL_SURFACES_MAX 2048
#define MODEL_BUFFERS_MAX 65536
#define MODEL_CELLS_MAX ((size_t)1 << 22)
#define MODEL_SIGNS_MAX 8
#define MODEL_FAILURES_MAX 8
#define MODEL_NAME_SIZE 128

/* A release that comes later than that after another buffer took the place is late. */
#define MODEL_LATE_NS UINT64_C(100000000)

enum gauge {
	GAUGE_BYTES,
	GAUGE_SHM_BYTES,
	GAUGE_BUFFERS,
	GAUGE_FDS,
	GAUGE_TEXTURES,
	GAUGE_COUNT,
};

/* What became of the texture at a commit. */
enum outcome {
	OUTCOME_IMPORTED,
	OUTCOME_REIMPORTED,
	OUTCOME_REUSED,
	/* Another buffer was shown, and no texture was asked for. */
	OUTCOME_SHOWN,
	/* Failed or refused. */
	OUTCOME_FAILED,
	OUTCOME_COUNT,
};

struct sign {
	char name[32];
	uint64_t count, first_ns;
};

struct failure {
	char message[MODEL_NAME_SIZE];
	uint64_t count, first_ns;
	/* By a limit, or the buffer itself was refused. */
	bool limit, refused;
};

struct releases {
	uint64_t count, late, worst_ns;
};

struct report_client {
	struct wltex_list link; // report_model.clients
	struct wltex_list surfaces, buffers;
	int32_t pid;
	char name[MODEL_NAME_SIZE];
	struct series bytes;
	struct {
		uint64_t now, peak;
	} gauges[GAUGE_COUNT];
	uint64_t buffers_made;
	unsigned int n_signs, n_failures;
	struct sign signs[MODEL_SIGNS_MAX];
	struct failure failures[MODEL_FAILURES_MAX];
};

struct report_surface {
	struct wltex_list link; // report_client.surfaces
	struct report_client *client;
	uint32_t id;
	char title[MODEL_NAME_SIZE], app_id[MODEL_NAME_SIZE];
	/* Of its last buffer. */
	uint32_t width, height;
	/* Number of the buffer that it shows, 0: none. */
	uint64_t buffer;
	uint64_t outcomes[OUTCOME_COUNT];
	struct series lanes[OUTCOME_COUNT];
	/* Times that claims were compared with what changed; of these, without any change. */
	uint64_t looks, unchanged;
	/* Of the others: what was claimed, and what changed. */
	uint64_t claimed_px, true_px;
	/* What was claimed of what did not change at all. */
	uint64_t vain_px;
	struct releases releases;
	struct heat heat;
};

/* A buffer that is still there. */
struct report_buffer {
	struct index_key number; // report_model.buffers
	struct wltex_list link;  // report_client.buffers, the newest first
	struct report_client *client;
	/* That showed it last, or NULL. */
	struct report_surface *surface;
	uint32_t id, width, height;
	char kind[8], format[8];
	uint64_t bytes;
	uint64_t made_ns;
	/* When it was last shown; when another took its place; 0: never, and not. */
	uint64_t shown_ns, replaced_ns;
	/* Now; since it was shown. */
	bool is_shown, is_released;
};

struct report_model {
	struct wltex_list clients;
	/*
	 * Begins with the first gauge: what was there before is told with the time at which it was
	 * made, which may be long ago.
	 */
	struct series_clock clock;
	uint64_t end_ns;
	struct index buffers;
	size_t n_clients, n_surfaces, n_buffers, cells_left;
	uint64_t clients_left_out, surfaces_left_out, buffers_left_out, failures_left_out;
	/* Records that the trace says it lost; from its clock to the time of day, 0: not known. */
	uint64_t lost, real_offset_ns;
	/* Whether it says that it is whole; ends in the midst of a packet; has packets that are none. */
	bool has_end, is_cut, is_damaged;
};

/* Of a buffer that comes. Strings are borrowed. */
struct buffer_facts {
	uint64_t number, bytes;
	uint32_t id, width, height;
	const char *kind, *format;
};

struct damage_facts {
	uint64_t claimed_px, true_px;
	/* See heat.h. */
	const char *claimed_tiles, *true_tiles;
};

void model_init(struct report_model *model);
void model_finish(struct report_model *model);

/* It is so late. To be called before what happens then is told. */
void model_set_time(struct report_model *model, uint64_t time_ns);

/* NULL: there is no room for it, and it was counted as left out; or there is no memory. */
struct report_client *model_add_client(struct report_model *model, int32_t pid, const char *name);
struct report_surface *model_add_surface(
	struct report_model *model, struct report_client *client, uint32_t id);
struct report_buffer *model_add_buffer(
	struct report_model *model, struct report_client *client, const struct buffer_facts *facts);
void model_remove_buffer(struct report_model *model, struct report_buffer *buffer);

void model_set_gauge(
	struct report_model *model, struct report_client *client, enum gauge gauge, uint64_t value);
void model_add_sign(struct report_model *model, struct report_client *client, const char *name);
void model_add_outcome(
	struct report_model *model, struct report_surface *surface, enum outcome outcome);
/* Why it failed or was refused. */
void model_add_failure(struct report_model *model, struct report_surface *surface, bool refused,
	const char *reason, const char *message);
void model_add_damage(struct report_model *model, struct report_surface *surface,
	const struct damage_facts *facts);

/* A surface shows the buffer of this number from now on; and does no longer. */
void model_attach(struct report_model *model, struct report_surface *surface, uint64_t number);
void model_detach(struct report_model *model, struct report_surface *surface);
/* A buffer was released, so long after another took its place. */
void model_release(struct report_model *model, struct report_buffer *buffer, uint64_t late_ns);

/* All facts are in: bring what is counted in time to the end. */
void model_end(struct report_model *model);

/* How long the trace is. */
uint64_t model_duration(const struct report_model *model);

/* How long after its beginning that was, 0 for what was before. */
uint64_t model_get_since(const struct report_model *model, uint64_t time_ns);

/* Copy what fits in a name of size bytes. */
void model_copy(char *name, size_t size, const char *text);

#endif
