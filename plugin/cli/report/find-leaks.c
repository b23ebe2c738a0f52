/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/report/figures.h"
#include "cli/report/findings.h"

/* Buffers of a client that are there at the end. */
struct hoard {
	uint64_t count, bytes;
	/* Those that nobody has seen for IDLE_NS, and how long the first of them. */
	uint64_t idle, idle_bytes, longest_ns;
	/* The age of the first. */
	uint64_t oldest_ns;
};

static uint64_t get_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Since when nobody has seen it. */
static uint64_t get_last_seen(const struct report_buffer *buffer)
{
	return buffer->shown_ns != 0 ? buffer->shown_ns : buffer->made_ns;
}

static void add_buffer(struct hoard *hoard, const struct report_buffer *buffer, uint64_t now_ns)
{
	uint64_t unseen_ns = buffer->is_shown ? 0 : now_ns - get_last_seen(buffer);

	hoard->count++;
	hoard->bytes += buffer->bytes;
	hoard->oldest_ns = get_max(hoard->oldest_ns, now_ns - buffer->made_ns);
	if (unseen_ns < IDLE_NS)
		return;
	hoard->idle++;
	hoard->idle_bytes += buffer->bytes;
	hoard->longest_ns = get_max(hoard->longest_ns, unseen_ns);
}

static struct hoard get_hoard(const struct report_model *model, const struct report_client *client)
{
	const struct report_buffer *buffer;
	struct hoard hoard = {0};

	wltex_list_for_each (buffer, &client->buffers, link)
		add_buffer(&hoard, buffer, model->end_ns);
	return hoard;
}

/* What signs of leaks mean, and what to do. */
static const struct meaning {
	const char *sign, *words, *advice;
} meanings[] = {
	{"buffers-grow", "keeps more and more buffers",
		"Destroy (wl_buffer.destroy) each buffer that is not used again, once it is "
		"released, and close its file descriptor. Two to four buffers for each surface "
		"are enough."},
	{"buffer-per-frame", "makes a new buffer for each frame",
		"Draw into a buffer that was released instead of making another: making and "
		"importing one costs client and compositor more than the drawing of most "
		"frames."},
	{"params-unused", "makes dmabuf params and no buffers of them",
		"Destroy each zwp_linux_buffer_params_v1 after create or create_immed, also "
		"when it failed. Until then the compositor keeps its file descriptors."},
	{"buffers-unmapped", "keeps buffers while no surface shows anything",
		"Destroy the buffers of a window that is closed or hidden; they can be made "
		"again when it is shown."},
	{"not-released", "waits for the release of a buffer that another has replaced",
		"If the client destroys nothing and the compositor does not release: look at "
		"what the compositor still does with it (an output that is off, a capture, a "
		"surface without content)."},
	{NULL, "shows a sign of a leak",
		"See what the sign means in wltex-weston(7), option leak-seconds."},
};

static const struct meaning *find_meaning(const char *sign)
{
	const struct meaning *meaning = meanings;

	while (meaning->sign != NULL && strcmp(meaning->sign, sign) != 0)
		meaning++;
	return meaning;
}

/* What there is of buffers, after what is said of them. */
static void describe(struct finding *finding, const struct hoard *hoard)
{
	size_t used = strlen(finding->what);
	char *text = finding->what + used;
	size_t size = sizeof(finding->what) - used;

	if (hoard->count == 0) {
		snprintf(text, size, ". It has no buffers at the end.");
		return;
	}
	snprintf(text, size, ". At the end it has %s buffers (%s), the oldest of them %s old",
		figure_count(hoard->count).text, figure_bytes(hoard->bytes).text,
		figure_duration(hoard->oldest_ns).text);
	used = strlen(finding->what);
	if (hoard->idle > 0)
		snprintf(finding->what + used, sizeof(finding->what) - used,
			"; %s of them (%s) have not been shown for %s or more, one of them for %s",
			figure_count(hoard->idle).text, figure_bytes(hoard->idle_bytes).text,
			figure_duration(IDLE_NS).text, figure_duration(hoard->longest_ns).text);
	strncat(finding->what, ".", sizeof(finding->what) - strlen(finding->what) - 1);
}

static void add_sign(struct findings *findings, const struct report_model *model,
	const struct report_client *client, const struct sign *sign, const struct hoard *hoard)
{
	const struct meaning *meaning = find_meaning(sign->name);
	struct finding *finding = findings_add(findings, FINDING_LEAK, client, NULL);

	finding->weight = hoard->bytes;
	finding->advice = meaning->advice;
	snprintf(finding->what, sizeof(finding->what),
		"It %s (sign \u201c%s\u201d, seen %s after the beginning)", meaning->words,
		sign->name, figure_duration(model_get_since(model, sign->first_ns)).text);
	describe(finding, hoard);
}

void find_leaks(struct findings *findings, const struct report_model *model,
	const struct report_client *client)
{
	struct hoard hoard = get_hoard(model, client);
	struct finding *finding;

	for (unsigned int i = 0; i < client->n_signs; i++)
		add_sign(findings, model, client, &client->signs[i], &hoard);
	if (client->n_signs > 0 || hoard.idle < IDLE_BUFFERS)
		return;
	finding = findings_add(findings, FINDING_LEAK, client, NULL);
	finding->weight = hoard.idle_bytes;
	finding->advice = meanings[0].advice;
	snprintf(finding->what, sizeof(finding->what), "It keeps buffers that nobody sees");
	describe(finding, &hoard);
}
