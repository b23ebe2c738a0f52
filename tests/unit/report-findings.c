/* SPDX-License-Identifier: MIT */
/* The rules of wltex-report(1), each just before and just beyond its threshold. */
#include <stdio.h>
#include <string.h>

#include "cli/report/findings.h"
#include "test.h"

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)

static struct report_model model;
static struct report_client *client;
static struct report_surface *surface;
static struct findings findings;

/* One client with a surface, 10 s after some beginning. */
static void begin(void)
{
	model_init(&model);
	model_set_time(&model, 10 * S);
	client = model_add_client(&model, 7, "client");
	model_set_gauge(&model, client, GAUGE_BYTES, 0);
	surface = model_add_surface(&model, client, 3);
}

static void end(void)
{
	findings_finish(&findings);
	model_finish(&model);
}

/* The kinds that are found, a letter each. */
static void check_found(const char *expected)
{
	char found[16] = "";

	model_end(&model);
	findings_init(&findings, &model);
	check(findings.count < sizeof(found));
	for (size_t i = 0; i < findings.count; i++)
		found[i] = "LFRCU"[findings.list[i].kind];
	check_str(found, expected);
	for (size_t i = 0; i < findings.count; i++) {
		check(findings.list[i].client == client);
		check(findings.list[i].advice[0] != '\0');
	}
}

static void check_says(size_t i, const char *words)
{
	if (strstr(findings.list[i].what, words) == NULL)
		test_fail(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", findings.list[i].what,
			words);
}

static struct report_buffer *add_buffer(uint64_t number)
{
	const struct buffer_facts facts = {
		.number = number,
		.bytes = 1024,
		.width = 640,
		.height = 640,
		.kind = "dmabuf",
		.format = "XR24",
	};

	return model_add_buffer(&model, client, &facts);
}

/* So many commits that claim so many tiles and change so many. */
static void look(unsigned int count, uint64_t claimed, uint64_t changed)
{
	const struct damage_facts facts = {
		.claimed_px = claimed * 4096,
		.true_px = changed * 4096,
		.claimed_tiles = "",
		.true_tiles = "",
	};

	for (unsigned int i = 0; i < count; i++)
		model_add_damage(&model, surface, &facts);
}

TEST(nothing)
{
	begin();
	check_found("");
	end();
	model_init(&model);
	check_found("");
	end();
}

static void keep_buffers(unsigned int count, uint64_t ns)
{
	begin();
	for (unsigned int i = 1; i <= count; i++)
		add_buffer(i);
	model_set_time(&model, 10 * S + ns);
}

TEST(buffers_that_nobody_sees)
{
	keep_buffers(IDLE_BUFFERS - 1, IDLE_NS);
	check_found("");
	end();
	keep_buffers(IDLE_BUFFERS, IDLE_NS - 1);
	check_found("");
	end();
	keep_buffers(IDLE_BUFFERS, IDLE_NS);
	check_found("L");
	check_says(0, "8 buffers (8\u00a0KiB), the oldest of them 10\u00a0s old");
	end();
}

/* One of them is on the screen: that is no leak, however old it is. */
TEST(buffers_that_are_shown)
{
	keep_buffers(IDLE_BUFFERS, 0);
	model_attach(&model, surface, 1);
	model_set_time(&model, 90 * S);
	check_found("");
	/* Then it is no longer, and was seen until now. */
	model_detach(&model, surface);
	model_release(&model, index_find(&model.buffers, 1), 0);
	findings_finish(&findings);
	check_found("");
	model_set_time(&model, 90 * S + IDLE_NS);
	findings_finish(&findings);
	check_found("L");
	end();
}

TEST(buffers_that_go)
{
	keep_buffers(IDLE_BUFFERS, IDLE_NS);
	model_remove_buffer(&model, index_find(&model.buffers, 5));
	check_found("");
	end();
}

TEST(signs)
{
	begin();
	model_set_time(&model, 12 * S);
	model_add_sign(&model, client, "buffers-grow");
	model_add_sign(&model, client, "params-unused");
	model_add_sign(&model, client, "buffers-grow");
	model_add_sign(&model, client, "a sign of another version");
	check_found("LLL");
	check_says(0, "keeps more and more buffers (sign \u201cbuffers-grow\u201d, seen 2\u00a0s");
	check_says(1, "params");
	check_says(2, "a sign of another version");
	check(findings.list[0].advice != findings.list[2].advice);
	end();
}

/* A sign that comes again and again, of whatever name, takes no more room. */
TEST(many_signs)
{
	char name[32];

	begin();
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "sign %u", i);
		model_add_sign(&model, client, name);
	}
	check_found("LLLLLLLL");
	end();
}

TEST(long_signs)
{
	char name[300];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	begin();
	model_add_sign(&model, client, name);
	model_add_sign(&model, client, name);
	check_found("L");
	end();
}

static void release(unsigned int count, uint64_t late_ns)
{
	struct report_buffer *buffer = add_buffer(1);

	for (unsigned int i = 0; i < count; i++) {
		model_attach(&model, surface, 1);
		model_detach(&model, surface);
		model_release(&model, buffer, late_ns);
	}
}

TEST(late_releases)
{
	begin();
	release(1000, MODEL_LATE_NS);
	check_found("");
	end();
	begin();
	release(LATE_RELEASES - 1, 60 * S);
	check_found("");
	end();
	begin();
	release(LATE_RELEASES, MODEL_LATE_NS + MS);
	check_found("R");
	check(findings.list[0].surface == surface);
	check_says(0, "3 of 3 buffers came back later than 100\u00a0ms");
	end();
}

TEST(buffers_that_wait_for_release)
{
	begin();
	add_buffer(1);
	model_attach(&model, surface, 1);
	model_set_time(&model, 20 * S);
	model_detach(&model, surface);
	model_set_time(&model, 20 * S + UNRELEASED_NS - 1);
	check_found("");
	findings_finish(&findings);
	model_set_time(&model, 20 * S + UNRELEASED_NS);
	check_found("R");
	check_says(0, "1 had not come back at the end, one for 5\u00a0s");
	findings_finish(&findings);
	/* Shown again, it does not wait. */
	model_attach(&model, surface, 1);
	check_found("");
	end();
}

/* As Weston does: the release comes first, then what takes its place. */
TEST(released_before_replaced)
{
	struct report_buffer *buffer;

	begin();
	buffer = add_buffer(1);
	model_attach(&model, surface, 1);
	model_set_time(&model, 20 * S);
	model_release(&model, buffer, 0);
	model_detach(&model, surface);
	model_set_time(&model, 60 * S);
	check_found("");
	end();
}

TEST(claims)
{
	begin();
	look(CLAIM_LOOKS - 1, 100, 1);
	check_found("");
	end();
	begin();
	look(CLAIM_LOOKS, 100, 26);
	check_found("");
	end();
	begin();
	look(CLAIM_LOOKS, 15, 1);
	check_found("");
	end();
	begin();
	look(CLAIM_LOOKS, 100, 25);
	/* Those that change nothing are another finding, or too few for one. */
	look(CLAIM_LOOKS - 1, 100, 0);
	check_found("C");
	check_says(
		0, "30 commits that changed something claimed 12\u00a0Mpx, of which 3.1\u00a0Mpx");
	check_says(0, "(25\u00a0%)");
	end();
}

TEST(unchanged)
{
	begin();
	look(UNCHANGED_LOOKS - 1, 1, 0);
	check_found("");
	end();
	begin();
	look(50, 1, 0);
	look(51, 1, 1);
	check_found("");
	end();
	begin();
	look(50, 1, 0);
	look(50, 1, 1);
	check_found("U");
	check_says(0, "50 of 100 commits that could be compared (50\u00a0%)");
	end();
}

/* Where nobody looks at damage, textures know of commits of the same buffer. */
TEST(unchanged_textures)
{
	begin();
	for (unsigned int i = 1; i <= 100; i++)
		model_add_outcome(&model, surface, i % 2 ? OUTCOME_REUSED : OUTCOME_REIMPORTED);
	check_found("U");
	end();
	/* Other buffers are not compared. */
	begin();
	for (unsigned int i = 1; i <= 100; i++)
		model_add_outcome(&model, surface, i < 20 ? OUTCOME_REUSED : OUTCOME_IMPORTED);
	check_found("");
	end();
}

TEST(failures)
{
	begin();
	model_set_time(&model, 12 * S);
	model_add_failure(&model, surface, true, "limit", "more than 3 textures");
	model_add_failure(&model, surface, false, "invalid", "EGL does not take it");
	model_add_failure(&model, surface, false, "invalid", "EGL does not take it");
	model_add_failure(&model, surface, false, "context_lost", "");
	check_found("FFF");
	check_says(0,
		"2 imports failed, the first 2\u00a0s after the beginning: EGL does not take it.");
	check_says(1, "1 buffer was refused, 2\u00a0s after the beginning: more than 3 textures.");
	check_says(2, "1 import failed, 2\u00a0s after the beginning: context_lost.");
	check(strstr(findings.list[1].advice, "limit-textures") != NULL);
	end();
}

TEST(many_failures)
{
	char message[300];

	begin();
	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	for (unsigned int i = 0; i < 1000; i++) {
		message[0] = (char)('a' + i % 26);
		model_add_failure(&model, surface, false, "invalid", message);
	}
	check_found("FFFFFFFF");
	check_int(model.failures_left_out, 1000 - 8 * 39);
	end();
}

/* The worst first: kinds in their order, in each by weight. */
TEST(order)
{
	begin();
	look(100, 100, 0);
	look(60, 100, 1);
	release(5, S);
	model_add_failure(&model, surface, false, "invalid", "a");
	model_add_sign(&model, client, "buffers-grow");
	check_found("LFRCU");
	end();
}

/* A model has bounds, and counts what is beyond them. */
TEST(bounds)
{
	model_init(&model);
	for (unsigned int i = 0; i < MODEL_CLIENTS_MAX + 5; i++)
		client = model_add_client(&model, 1, "x");
	check(client == NULL);
	check_int(model.clients_left_out, 5);
	client = wltex_container_of(model.clients.next, struct report_client, link);
	for (unsigned int i = 0; i < MODEL_SURFACES_MAX + 5; i++)
		surface = model_add_surface(&model, client, 1);
	check(surface == NULL);
	check_int(model.surfaces_left_out, 5);
	for (uint64_t i = 1; i <= MODEL_BUFFERS_MAX; i++)
		check(add_buffer(i) != NULL);
	check(add_buffer(1) == NULL);
	check(add_buffer(MODEL_BUFFERS_MAX + 1) == NULL);
	check_int(client->buffers_made, MODEL_BUFFERS_MAX + 2);
	check_int(model.buffers_left_out, 2);
	/* As some go there is room for others. */
	model_remove_buffer(&model, index_find(&model.buffers, 1));
	check(add_buffer(1) != NULL);
	model_finish(&model);
}
