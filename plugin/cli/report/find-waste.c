/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/report/figures.h"
#include "cli/report/findings.h"

/* Of a surface: buffers that wait for their release at the end. */
struct waiting {
	uint64_t count, longest_ns;
};

static bool is_waiting(const struct report_buffer *buffer, const struct report_surface *surface)
{
	return buffer->surface == surface && buffer->replaced_ns != 0;
}

static struct waiting get_waiting(
	const struct report_model *model, const struct report_surface *surface)
{
	const struct report_buffer *buffer;
	struct waiting waiting = {0};

	wltex_list_for_each (buffer, &surface->client->buffers, link) {
		uint64_t ns = model->end_ns - buffer->replaced_ns;

		if (!is_waiting(buffer, surface) || ns < UNRELEASED_NS)
			continue;
		waiting.count++;
		waiting.longest_ns = ns > waiting.longest_ns ? ns : waiting.longest_ns;
	}
	return waiting;
}

static void describe_late(
	struct finding *finding, const struct releases *releases, const struct waiting *waiting)
{
	int length = 0;

	if (releases->late > 0)
		length = snprintf(finding->what, sizeof(finding->what),
			"%s of %s buffers came back later than %s after another had taken their "
			"place, the latest after %s.",
			figure_count(releases->late).text, figure_count(releases->count).text,
			figure_duration(MODEL_LATE_NS).text,
			figure_duration(releases->worst_ns).text);
	if (waiting->count > 0)
		snprintf(finding->what + length, sizeof(finding->what) - (size_t)length,
			"%s%s had not come back at the end, one for %s.", length > 0 ? " " : "",
			figure_count(waiting->count).text,
			figure_duration(waiting->longest_ns).text);
}

void find_late(struct findings *findings, const struct report_model *model,
	const struct report_surface *surface)
{
	const struct waiting waiting = get_waiting(model, surface);
	struct finding *finding;

	if (surface->releases.late < LATE_RELEASES && waiting.count == 0)
		return;
	finding = findings_add(findings, FINDING_LATE, surface->client, surface);
	finding->weight = surface->releases.late + waiting.count;
	finding->advice =
		"This is the compositor\u2019s doing: it should release a buffer as soon as it "
		"reads it no more, at the latest with the repaint after the next commit. Look for "
		"what holds it: an output that is not repainted, a capture, direct scan-out, a "
		"fence. Until then the client needs one buffer more, or stands still.";
	describe_late(finding, &surface->releases, &waiting);
}

void find_claims(struct findings *findings, const struct report_surface *surface)
{
	uint64_t looks = surface->looks - surface->unchanged;
	struct finding *finding;

	if (looks < CLAIM_LOOKS || surface->claimed_px / looks < CLAIM_PX ||
		surface->true_px / CLAIM_PERCENT > surface->claimed_px / 100)
		return;
	finding = findings_add(findings, FINDING_CLAIM, surface->client, surface);
	finding->weight = surface->claimed_px - surface->true_px;
	finding->advice =
		"Send what really changed with wl_surface.damage_buffer (in EGL: "
		"eglSwapBuffersWithDamageKHR). Meanwhile wltex can have the compositor repaint "
		"only what changed: option true-damage.";
	snprintf(finding->what, sizeof(finding->what),
		"%s commits that changed something claimed %s, of which %s (%s) did change. Each "
		"claimed %s on average.",
		figure_count(looks).text, figure_pixels(surface->claimed_px).text,
		figure_pixels(surface->true_px).text,
		figure_share(surface->true_px, surface->claimed_px).text,
		figure_pixels(surface->claimed_px / looks).text);
}

/*
 * Commits that were compared with what was shown before, and those of them that were the same:
 * as looks say, or textures, which know it where the same buffer was committed again.
 */
static uint64_t get_compared(const struct report_surface *surface, uint64_t *same)
{
	uint64_t again = surface->outcomes[OUTCOME_REUSED] + surface->outcomes[OUTCOME_REIMPORTED];

	if (surface->looks >= again) {
		*same = surface->unchanged;
		return surface->looks;
	}
	*same = surface->outcomes[OUTCOME_REUSED];
	return again;
}

void find_unchanged(struct findings *findings, const struct report_surface *surface)
{
	uint64_t same, compared = get_compared(surface, &same);
	struct finding *finding;

	if (compared < UNCHANGED_LOOKS || same * 100 < compared * UNCHANGED_PERCENT)
		return;
	finding = findings_add(findings, FINDING_UNCHANGED, surface->client, surface);
	finding->weight = same;
	finding->advice =
		"Commit only when there is something new to show, and wait for wl_surface.frame "
		"before drawing. A commit that changes nothing needs no buffer and no damage.";
	snprintf(finding->what, sizeof(finding->what),
		"%s of %s commits that could be compared (%s) changed no pixel. They claimed %s.",
		figure_count(same).text, figure_count(compared).text,
		figure_share(same, compared).text, figure_pixels(surface->vain_px).text);
}

static const char *get_failure_words(const struct failure *failure)
{
	if (failure->refused)
		return failure->count == 1 ? "buffer was refused" : "buffers were refused";
	return failure->count == 1 ? "import failed" : "imports failed";
}

static const char *get_failure_advice(const struct failure *failure)
{
	if (failure->limit)
		return "The client has reached a limit. Let it use less, or raise the limit: options "
		       "limit-textures, limit-bytes, limit-buffers and others of wltex-weston(7).";
	if (failure->refused)
		return "The client made a buffer that cannot be right. Correct its attributes (size, "
		       "stride, offset, format, modifier) after the reason; wltex info lists what "
		       "this machine can import.";
	return "EGL or GL did not take the buffer. Choose format and modifier from those that "
	       "zwp_linux_dmabuf_feedback_v1 offers; wltex info lists what this machine can "
	       "import.";
}

static void add_failure(struct findings *findings, const struct report_model *model,
	const struct report_client *client, const struct failure *failure)
{
	struct finding *finding = findings_add(findings, FINDING_FAILURE, client, NULL);

	finding->weight = failure->count;
	finding->advice = get_failure_advice(failure);
	snprintf(finding->what, sizeof(finding->what), "%s %s, %s%s after the beginning: %s.",
		figure_count(failure->count).text, get_failure_words(failure),
		failure->count > 1 ? "the first " : "",
		figure_duration(model_get_since(model, failure->first_ns)).text, failure->message);
}

void find_failures(struct findings *findings, const struct report_model *model,
	const struct report_client *client)
{
	for (unsigned int i = 0; i < client->n_failures; i++)
		add_failure(findings, model, client, &client->failures[i]);
}
