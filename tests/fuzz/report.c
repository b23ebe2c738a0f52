/* SPDX-License-Identifier: MIT */
/* A file that is given to wltex report: whatever it is, the page has an end, and names are names. */
#include <string.h>

#include "cli/report/page.h"
#include "cli/report/trace.h"
#include "fuzz.h"

static void check_page(const char *page)
{
	const char *script;

	expect(strstr(page, "</html>") != NULL);
	/* As a client's name alone could have one. */
	expect(strstr(page, "<img") == NULL && strstr(page, "<script>") == NULL);
	expect(strstr(page, "\"nan") == NULL && strstr(page, "inf\"") == NULL);
	script = strstr(page, "</script>");
	expect(script != NULL && strstr(script + 1, "</script>") == NULL);
}

static void check_model(const struct report_model *model)
{
	const struct report_client *client;

	expect(model->n_clients <= MODEL_CLIENTS_MAX);
	expect(model->n_surfaces <= MODEL_SURFACES_MAX);
	expect(model->n_buffers <= MODEL_BUFFERS_MAX);
	wltex_list_for_each (client, &model->clients, link) {
		expect(client->bytes.value <= client->gauges[GAUGE_BYTES].peak);
		expect(client->n_signs <= MODEL_SIGNS_MAX);
	}
}

static void make_page(const struct report_model *model)
{
	struct findings findings;
	char *page = NULL;
	size_t size;
	FILE *file = open_memstream(&page, &size);

	expect(file != NULL);
	findings_init(&findings, model);
	expect(page_write(file, "fuzz", model, &findings) == 0);
	findings_finish(&findings);
	fclose(file);
	check_page(page);
	free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = size > 0 ? fmemopen((void *)data, size, "r") : NULL;
	struct report_model model;
	struct cli_reason reason = {""};

	if (file == NULL)
		return 0;
	model_init(&model);
	if (trace_read(file, &model, &reason) == 0) {
		check_model(&model);
		make_page(&model);
	} else {
		expect(reason.text[0] != '\0');
	}
	model_finish(&model);
	fclose(file);
	return 0;
}
