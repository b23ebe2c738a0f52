/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cli/report/findings.h"

const char *finding_get_name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
		[FINDING_LEAK] = "leak",
		[FINDING_FAILURE] = "failure",
		[FINDING_LATE] = "late release",
		[FINDING_CLAIM] = "claims too much",
		[FINDING_UNCHANGED] = "changes nothing",
	};

	return names[kind];
}

static void grow(struct findings *findings)
{
	size_t room = findings->room > 0 ? 2 * findings->room : 16;
	struct finding *list = realloc(findings->list, room * sizeof(*list));

	if (list == NULL)
		return;
	findings->list = list;
	findings->room = room;
}

struct finding *findings_add(struct findings *findings, enum finding_kind kind,
	const struct report_client *client, const struct report_surface *surface)
{
	struct finding *finding = &findings->spare;

	if (findings->count == findings->room)
		grow(findings);
	if (findings->count < findings->room)
		finding = &findings->list[findings->count++];
	else
		findings->is_short = true;
	*finding = (struct finding){.kind = kind, .client = client, .surface = surface};
	return finding;
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind > y->kind ? 1 : -1;
	return (x->weight < y->weight) - (x->weight > y->weight);
}

void findings_init(struct findings *findings, const struct report_model *model)
{
	const struct report_client *client;
	const struct report_surface *surface;

	*findings = (struct findings){NULL};
	wltex_list_for_each (client, &model->clients, link) {
		find_leaks(findings, model, client);
		find_failures(findings, model, client);
		wltex_list_for_each (surface, &client->surfaces, link) {
			find_late(findings, model, surface);
			find_claims(findings, surface);
			find_unchanged(findings, surface);
		}
	}
	if (findings->count > 0)
		qsort(findings->list, findings->count, sizeof(*findings->list), compare);
}

void findings_finish(struct findings *findings)
{
	free(findings->list);
}
