/* SPDX-License-Identifier: MIT */
/* Traces, right ones and all others, and the page that is made of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report/page.h"
#include "cli/report/trace.h"
#include "test.h"
#include "trace.pb-c.h"

#define S UINT64_C(1000000000)

enum {
	BEGIN = 1,
	END = 2,
	INSTANT = 3,
	COUNTER = 4,
};

/* A trace that is being written. */
static struct {
	FILE *file;
	char *bytes;
	size_t size;
	uint64_t now_ns;
} trace;

static void begin(void)
{
	trace.file = open_memstream(&trace.bytes, &trace.size);
	check(trace.file != NULL);
	trace.now_ns = 5 * S;
}

static void put_varint(uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		fputc((int)(value & 0x7f) | 0x80, trace.file);
	fputc((int)value, trace.file);
}

static void put_packet(const Wltex__TracePacket *packet)
{
	size_t size = wltex__trace_packet__get_packed_size(packet);
	uint8_t *bytes = malloc(size);

	check(bytes != NULL);
	wltex__trace_packet__pack(packet, bytes);
	fputc(0x0a, trace.file);
	put_varint(size);
	fwrite(bytes, 1, size, trace.file);
	free(bytes);
}

static void put_track(uint64_t uuid, uint64_t parent, const char *name)
{
	Wltex__TrackDescriptor track = WLTEX__TRACK_DESCRIPTOR__INIT;
	Wltex__CounterDescriptor counter = WLTEX__COUNTER_DESCRIPTOR__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	track.has_uuid = 1;
	track.uuid = uuid;
	track.has_parent_uuid = parent != 0;
	track.parent_uuid = parent;
	track.name = (char *)name;
	track.counter = strchr(name, '@') == NULL && parent != 0 ? &counter : NULL;
	packet.track_descriptor = &track;
	put_packet(&packet);
}

static void put_process(uint64_t uuid, int32_t pid, const char *name)
{
	Wltex__TrackDescriptor track = WLTEX__TRACK_DESCRIPTOR__INIT;
	Wltex__ProcessDescriptor process = WLTEX__PROCESS_DESCRIPTOR__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	track.has_uuid = 1;
	track.uuid = uuid;
	track.process = &process;
	process.has_pid = 1;
	process.pid = pid;
	process.process_name = (char *)name;
	packet.track_descriptor = &track;
	put_packet(&packet);
}

/* Annotations are "name=value name=value", of numbers without a quotation mark before them. */
static size_t parse_annotations(char *text, Wltex__DebugAnnotation *annotations)
{
	size_t count = 0;

	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
		Wltex__DebugAnnotation *annotation = &annotations[count++];
		char *value = strchr(word, '=');

		*annotation = (Wltex__DebugAnnotation)WLTEX__DEBUG_ANNOTATION__INIT;
		*value++ = '\0';
		annotation->name = word;
		annotation->has_uint_value = value[0] != '\'';
		if (annotation->has_uint_value)
			annotation->uint_value = strtoull(value, NULL, 10);
		else
			annotation->string_value = value + 1;
	}
	return count;
}

static void put_event(int type, uint64_t track, const char *name, const char *annotations)
{
	Wltex__DebugAnnotation list[16], *pointers[16];
	Wltex__TrackEvent event = WLTEX__TRACK_EVENT__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;
	char text[512];

	snprintf(text, sizeof(text), "%s", annotations);
	event.n_debug_annotations = parse_annotations(text, list);
	for (size_t i = 0; i < event.n_debug_annotations; i++)
		pointers[i] = &list[i];
	event.debug_annotations = pointers;
	event.has_type = event.has_track_uuid = 1;
	event.type = (uint32_t)type;
	event.track_uuid = track;
	event.name = (char *)name;
	packet.has_timestamp = 1;
	packet.timestamp = trace.now_ns;
	packet.track_event = &event;
	put_packet(&packet);
}

static void put_counter(uint64_t track, int64_t value)
{
	Wltex__TrackEvent event = WLTEX__TRACK_EVENT__INIT;
	Wltex__TracePacket packet = WLTEX__TRACE_PACKET__INIT;

	event.has_type = event.has_track_uuid = event.has_counter_value = 1;
	event.type = COUNTER;
	event.track_uuid = track;
	event.counter_value = value;
	packet.has_timestamp = 1;
	packet.timestamp = trace.now_ns;
	packet.track_event = &event;
	put_packet(&packet);
}

/* A client with two buffers, one of which is shown and released late. */
static void put_client(void)
{
	put_track(1, 0, "wltex");
	put_process(2, 77, "client");
	put_track(3, 2, "bytes");
	put_track(10, 2, "wl_surface@4278190081 and more");
	put_track(20, 2, "wl_buffer@5");
	put_track(21, 2, "wl_buffer@6");
	trace.now_ns = 2 * S;
	put_event(BEGIN, 20, "buffer",
		"buffer=1 id=5 width=128 height=64 bytes=32768 kind='dmabuf "
		"format='XR24");
	trace.now_ns = 5 * S;
	put_counter(3, 32768);
	put_event(INSTANT, 10, "named", "title='Title app_id='org.example");
	put_event(BEGIN, 10, "attached", "buffer=1 commit=1");
	put_event(INSTANT, 10, "imported", "commit=1 reason='attached");
	put_event(INSTANT, 10, "damage",
		"claimed_px=8192 true_px=4096 claimed_tiles='0,0,2,1 true_tiles='1,0,1,1");
	trace.now_ns = 7 * S;
	put_event(BEGIN, 21, "buffer", "buffer=2 id=6 width=128 height=64 bytes=32768 kind='shm");
	put_counter(3, 65536);
	put_event(END, 10, NULL, "");
	put_event(BEGIN, 10, "attached", "buffer=2 commit=2");
	trace.now_ns = 8 * S;
	put_event(INSTANT, 20, "released", "unreleased_us=1000000");
	put_event(INSTANT, 10, "refused", "commit=3 reason='limit message='textures");
	put_event(INSTANT, 2, "leak sign", "sign='buffers-grow");
	put_event(END, 20, NULL, "");
	put_counter(3, 32768);
	put_event(INSTANT, 1, "lost", "records=12");
	trace.now_ns = 9 * S;
	put_event(INSTANT, 1, "end", "");
}

/* Read what was written, or so many bytes of it. Returns as trace_read(). */
static int read_bytes(const char *bytes, size_t size, struct report_model *model, char *reason)
{
	struct cli_reason why = {""};
	FILE *file = size > 0 ? fmemopen((char *)bytes, size, "r") : fopen("/dev/null", "r");
	int ret;

	check(file != NULL);
	model_init(model);
	ret = trace_read(file, model, &why);
	fclose(file);
	strcpy(reason, why.text);
	return ret;
}

static void check_refused(const char *bytes, size_t size, const char *expected)
{
	struct report_model model;
	char reason[256];

	check(read_bytes(bytes, size, &model, reason) < 0);
	check_str(reason, expected);
	model_finish(&model);
}

static void finish(void)
{
	fclose(trace.file);
	free(trace.bytes);
}

/* The page of a model, to be freed. */
static char *make_page(const struct report_model *model, const char *name)
{
	struct findings findings;
	char *page = NULL;
	size_t size;
	FILE *file = open_memstream(&page, &size);

	check(file != NULL);
	findings_init(&findings, model);
	check_int(page_write(file, name, model, &findings), 0);
	findings_finish(&findings);
	fclose(file);
	return page;
}

TEST(facts)
{
	const struct report_client *client;
	const struct report_surface *surface;
	const struct report_buffer *buffer;
	struct report_model model;
	char reason[256];

	begin();
	put_client();
	fflush(trace.file);
	check_int(read_bytes(trace.bytes, trace.size, &model, reason), 0);
	check(model.has_end && !model.is_cut && !model.is_damaged);
	check_int(model.lost, 12);
	check_int(model.clock.begin_ns, 5 * S);
	check_int(model_duration(&model), 4 * S);
	check_int(model.n_clients, 1);
	client = wltex_container_of(model.clients.next, struct report_client, link);
	check_int(client->pid, 77);
	check_str(client->name, "client");
	check_int(client->buffers_made, 2);
	check_int(client->gauges[GAUGE_BYTES].peak, 65536);
	check_int(client->gauges[GAUGE_BYTES].now, 32768);
	check_int(client->n_signs, 1);
	check_int(client->n_failures, 1);
	check(client->failures[0].limit && client->failures[0].refused);
	surface = wltex_container_of(client->surfaces.next, struct report_surface, link);
	check_int(surface->id, 4278190081);
	check_str(surface->title, "Title");
	check_str(surface->app_id, "org.example");
	check_int(surface->outcomes[OUTCOME_IMPORTED], 1);
	check_int(surface->outcomes[OUTCOME_SHOWN], 1);
	check_int(surface->outcomes[OUTCOME_FAILED], 1);
	check_int(surface->looks, 1);
	check_int(surface->true_px, 4096);
	check_int(surface->heat.columns, 2);
	check_int(surface->heat.cells[0].claimed, 1);
	check_int(surface->heat.cells[0].changed, 0);
	check_int(surface->heat.cells[1].changed, 1);
	check_int(surface->releases.late, 1);
	check_int(surface->releases.worst_ns, S);
	check_int(model.n_buffers, 1);
	buffer = wltex_container_of(client->buffers.next, struct report_buffer, link);
	check_int(buffer->number.number, 2);
	check(buffer->is_shown);
	check_int(buffer->made_ns, 7 * S);
	model_finish(&model);
	finish();
}

TEST(no_traces)
{
	char many[512];

	check_refused("", 0, "it is empty");
	check_refused("<html>", 6, "it is no Perfetto trace");
	check_refused("\x1f\x8b\x08\x00", 4, "it is no Perfetto trace");
	memset(many, 0xff, sizeof(many));
	many[0] = '\n';
	check_refused(many, sizeof(many), "it is no Perfetto trace");
}

/* Of another program: a process with a thread, events without names, packets of other kinds. */
static void put_foreign(void)
{
	put_process(2, 77, "other");
	put_track(3, 2, "Some thread");
	put_track(4, 2, "Some counter");
	put_track(5, 0, "Some track");
	put_event(BEGIN, 3, "slice", "");
	put_event(INSTANT, 5, "end", "");
	put_event(END, 3, NULL, "");
	put_event(END, 99, NULL, "");
	put_counter(4, -5);
	/* A packet that is larger than any of ours. */
	fputc('\n', trace.file);
	put_varint(200000);
	for (unsigned int i = 0; i < 200000; i++)
		fputc('x', trace.file);
}

TEST(foreign_trace)
{
	begin();
	put_foreign();
	fflush(trace.file);
	check_refused(trace.bytes, trace.size,
		"nothing of wltex is in it; 'wltex record' writes what is");
	finish();
}

/* One trace after the other in one file, as Perfetto allows. */
TEST(merged_traces)
{
	struct report_model model;
	char reason[256];

	begin();
	put_client();
	put_process(102, 78, "other");
	put_track(103, 102, "Some thread");
	put_event(BEGIN, 103, "slice", "");
	fflush(trace.file);
	check_int(read_bytes(trace.bytes, trace.size, &model, reason), 0);
	check_int(model.n_clients, 1);
	model_finish(&model);
	finish();
}

/* At each byte: no crash, and what came before is there. */
TEST(cut_traces)
{
	struct report_model model;
	bool seen = false;
	char reason[256];

	begin();
	put_client();
	fflush(trace.file);
	for (size_t size = 0; size < trace.size; size++) {
		int ret = read_bytes(trace.bytes, size, &model, reason);

		check(ret == 0 || reason[0] != '\0');
		check(ret == 0 || !seen);
		seen = seen || ret == 0;
		check(!model.is_damaged && !model.has_end);
		model_finish(&model);
	}
	finish();
}

/* A small generator of numbers: the same each time. */
static uint32_t get_random(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* Bytes that are changed anywhere: whatever is read, a page can be made of it. */
TEST(damaged_traces)
{
	struct report_model model;
	char reason[256], *bytes, *page;

	begin();
	put_client();
	fflush(trace.file);
	bytes = malloc(trace.size);
	check(bytes != NULL);
	for (unsigned int i = 0; i < 3000; i++) {
		memcpy(bytes, trace.bytes, trace.size);
		for (unsigned int n = 0; n <= i % 8; n++)
			bytes[get_random() % trace.size] = (char)get_random();
		if (read_bytes(bytes, trace.size, &model, reason) == 0) {
			page = make_page(&model, "x");
			check(strstr(page, "</html>") != NULL);
			free(page);
		}
		model_finish(&model);
	}
	free(bytes);
	finish();
}

/* Buffers, surfaces and clients without end. */
TEST(endless_traces)
{
	struct report_model model;
	char reason[256], text[64];

	begin();
	put_client();
	for (unsigned int i = 0; i < 150000; i++) {
		snprintf(text, sizeof(text), "buffer=%u", i + 100);
		put_track(1000 + i, 2, i % 8 ? "wl_buffer@9" : "wl_surface@9");
		put_event(BEGIN, 1000 + i, "buffer", text);
	}
	fflush(trace.file);
	check_int(read_bytes(trace.bytes, trace.size, &model, reason), 0);
	check_int(model.n_buffers, MODEL_BUFFERS_MAX);
	check_int(model.n_surfaces, MODEL_SURFACES_MAX);
	check(model.buffers_left_out > 0 && model.surfaces_left_out > 0);
	model_finish(&model);
	finish();
}

/* What clients are called is text, whatever it is. */
TEST(hostile_names)
{
	static const char evil[] =
		"</script><img src=x onerror=\"console.error(1)\">'&\x1b[31m\xff";
	struct report_client *client;
	struct report_surface *surface;
	struct report_model model;
	char *page, *end;

	model_init(&model);
	client = model_add_client(&model, 1, evil);
	surface = model_add_surface(&model, client, 1);
	model_set_gauge(&model, client, GAUGE_BYTES, 4096);
	model_copy(surface->title, sizeof(surface->title), evil);
	model_add_outcome(&model, surface, OUTCOME_FAILED);
	model_add_failure(&model, surface, false, evil, evil);
	model_add_sign(&model, client, evil);
	surface->width = surface->height = 64;
	model_add_damage(&model, surface, &(struct damage_facts){4096, 4096, "0,0,1,1", "0,0,1,1"});
	model_add_buffer(
		&model, client, &(struct buffer_facts){.number = 1, .kind = evil, .format = evil});
	model_set_time(&model, S);
	model_end(&model);
	page = make_page(&model, evil);
	check(strstr(page, "<img") == NULL);
	check(strstr(page, "onerror=\"") == NULL);
	check(strstr(page, "\x1b") == NULL && strstr(page, "\xff") == NULL);
	check(strstr(page, "&lt;/script&gt;&lt;img src=x onerror=&quot;") != NULL);
	/* There is but one end of a script. */
	end = strstr(page, "</script>");
	check(end != NULL && strstr(end + 1, "</script>") == NULL);
	free(page);
	model_finish(&model);
}

/* Nothing to show is shown as that. */
TEST(empty_page)
{
	struct report_model model;
	char *page;

	model_init(&model);
	model_end(&model);
	page = make_page(&model, "nothing");
	check(strstr(page, "No findings") != NULL);
	check(strstr(page, "nan") == NULL && strstr(page, "inf\"") == NULL);
	free(page);
	model_finish(&model);
}
