/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over a corpus without a fuzzing engine: over each file that is
 * named, and over each file in each folder that is named.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_SIZE (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(MAX_SIZE);
	int runs = 0;
	size_t size;

	if (file != NULL && data != NULL) {
		size = fread(data, 1, MAX_SIZE, file);
		/* Shrunk to fit, so that a read behind the end is found. */
		uint8_t *input = realloc(data, size > 0 ? size : 1);
		data = input != NULL ? input : data;
		fprintf(stderr, "%s\n", path);
		LLVMFuzzerTestOneInput(data, size);
		runs = 1;
	}
	free(data);
	if (file != NULL)
		fclose(file);
	return runs;
}

static int run_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), runs = 0;

	for (int i = 0; i < n; i++) {
		char name[4096];
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			runs += run_file(name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return runs;
}

int main(int argc, char *argv[])
{
	int runs = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) == 0)
			runs += S_ISDIR(st.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
	}
	printf("%d inputs\n", runs);
	/* A corpus that is not found must not look like one that passed. */
	return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
