/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/report/findings.h"
#include "cli/report/page.h"
#include "cli/report/trace.h"
#include "util/text.h"

enum {
	OPT_HELP = 256,
	OPT_OUTPUT = 'o',
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, OPT_HELP},
	{"output", required_argument, NULL, OPT_OUTPUT},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: wltex report [OPTION]... FILE\n"
	"Turn what wltex record wrote into a page to look at: who held how much and when, what\n"
	"became of each commit, where pixels changed, and findings in words. FILE may be - for\n"
	"standard input.\n"
	"\n"
	"      --output=FILE        where the page goes, - for standard output (-o; default\n"
	"                           report.html)\n"
	"      --help               print this\n";

static bool is_standard(const char *name)
{
	return strcmp(name, "-") == 0;
}

/* The last part of a name. */
static const char *get_base(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

/* Returns an exit status. */
static int complain(const char *name, const char *why)
{
	cli_say("%s: %s", name, why);
	return CLI_FAILED;
}

static int write_page(FILE *file, const char *input, const char *output,
	const struct report_model *model, const struct findings *findings)
{
	int ret = page_write(
		file, is_standard(input) ? "standard input" : get_base(input), model, findings);

	if (ret == 0 && (fflush(file) != 0 || ferror(file)))
		ret = errno != 0 ? -errno : -EIO;
	return ret < 0 ? complain(output, strerror(-ret)) : CLI_OK;
}

/* Where the page does not go to, the findings do as lines. */
static void print_findings(const struct findings *findings, const char *output)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		char name[MODEL_NAME_SIZE * 4];

		printf("%s: %s (%d): %s\n", finding_get_name(finding->kind),
			wltex_text_clean(name, sizeof(name), finding->client->name),
			finding->client->pid, finding->what);
	}
	printf("%s: %zu finding%s\n", output, findings->count, findings->count == 1 ? "" : "s");
}

static int write_report(const char *input, const char *output, const struct report_model *model)
{
	struct findings findings;
	FILE *file = is_standard(output) ? stdout : fopen(output, "we");
	int status;

	if (file == NULL)
		return complain(output, strerror(errno));
	findings_init(&findings, model);
	status = write_page(file, input, output, model, &findings);
	if (file != stdout && fclose(file) != 0 && status == CLI_OK)
		status = complain(output, strerror(errno));
	if (status == CLI_OK && file != stdout)
		print_findings(&findings, output);
	findings_finish(&findings);
	return status == CLI_OK ? cli_finish() : status;
}

static int read_input(const char *input, struct report_model *model)
{
	struct cli_reason reason = {""};
	FILE *file = is_standard(input) ? stdin : fopen(input, "re");
	int ret;

	if (file == NULL)
		return complain(input, strerror(errno));
	ret = trace_read(file, model, &reason);
	if (file != stdin)
		fclose(file);
	if (ret < 0)
		return complain(input, reason.text);
	if (model->is_cut || model->is_damaged)
		cli_say("%s: the trace is %s; the page shows what could be read", input,
			model->is_damaged ? "damaged" : "cut off");
	return CLI_OK;
}

static int make_report(const char *input, const char *output)
{
	struct report_model model;
	int status;

	model_init(&model);
	status = read_input(input, &model);
	if (status == CLI_OK)
		status = write_report(input, output, &model);
	model_finish(&model);
	return status;
}

int cli_report(int argc, char *argv[])
{
	const char *output = "report.html";
	int option = 0, status = 0;

	optind = 0;
	while (status == 0 && (option = cli_next_option_before_files(
				       argc, argv, long_options, help, &status)) > 0)
		output = optarg;
	if (option >= 0)
		return status;
	if (argc - optind != 1)
		return cli_usage_error(argc > optind ? "more than one file" : "no file given");
	return make_report(argv[optind], output);
}
