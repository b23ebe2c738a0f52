/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/run/program.h"

#define LIBRARY "libwayland-server.so"

enum {
	CANNOT_RUN = 126,
	NOT_FOUND = 127,
};

/* A file in memory. */
struct image {
	const uint8_t *data;
	size_t size;
};

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* In the folders of PATH. NULL: in none. */
static char *search(const char *name)
{
	const char *folders = getenv("PATH");
	char *path = NULL;

	for (const char *p = folders != NULL ? folders : "/usr/bin:/bin"; p != NULL;) {
		size_t n = strcspn(p, ":");
		free(path);
		if (asprintf(&path, "%.*s/%s", n > 0 ? (int)n : 1, n > 0 ? p : ".", name) < 0)
			return NULL;
		if (is_program(path))
			return path;
		p = p[n] == ':' ? p + n + 1 : NULL;
	}
	free(path);
	return NULL;
}

static int find_path(struct program *program, const char *name, struct cli_reason *reason)
{
	struct stat status;

	program->path = strchr(name, '/') != NULL ? strdup(name) : search(name);
	if (program->path == NULL || stat(program->path, &status) < 0) {
		cli_set_reason(reason, "there is no program %s", name);
		return NOT_FOUND;
	}
	if (is_program(program->path))
		return 0;
	cli_set_reason(reason, "%s cannot be run: %s", name,
		S_ISREG(status.st_mode) ? "no permission" : "it is no file");
	return CANNOT_RUN;
}

/* The system takes LD_PRELOAD from programs that get more rights than who starts them. */
static int check_rights(const char *path, struct cli_reason *reason)
{
	struct stat status;
	const char *what = NULL;

	if (stat(path, &status) < 0)
		return 0;
	if ((status.st_mode & S_ISUID && status.st_uid != getuid()) ||
		(status.st_mode & S_ISGID && status.st_gid != getgid()))
		what = "is set-uid or set-gid";
	else if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		what = "has file capabilities";
	if (what == NULL)
		return 0;
	cli_set_reason(reason,
		"%s %s: nothing can be preloaded into it; a copy (cp) has none of "
		"that",
		path, what);
	return CANNOT_RUN;
}

/* false: it cannot be read. */
static bool map(struct image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *data = MAP_FAILED;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && status.st_size > 0)
		data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return false;
	*image = (struct image){data, (size_t)status.st_size};
	return true;
}

static void unmap(struct image *image)
{
	munmap((void *)image->data, image->size);
}

/* NULL: not of a machine and a word size like ours. */
static const ElfW(Ehdr) * get_header(const struct image *image)
{
	const ElfW(Ehdr) *header = (const void *)image->data;
	const uint8_t class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	const ElfW(Ehdr) * ours;
	struct image self;
	bool same;

	if (image->size < sizeof(*header) || header->e_ident[EI_CLASS] != class ||
		!map(&self, "/proc/self/exe"))
		return NULL;
	ours = (const void *)self.data;
	same = header->e_machine == ours->e_machine &&
	       header->e_ident[EI_DATA] == ours->e_ident[EI_DATA];
	unmap(&self);
	return same ? header : NULL;
}

/* NULL: it is not there. */
static const ElfW(Phdr) *
	find_segment(const struct image *image, const ElfW(Ehdr) * header, uint32_t type)
{
	const ElfW(Phdr) * segment;

	for (size_t i = 0; i < header->e_phnum; i++) {
		size_t offset = header->e_phoff + i * sizeof(*segment);
		if (header->e_phoff > image->size || offset > image->size - sizeof(*segment))
			return NULL;
		segment = (const void *)(image->data + offset);
		if (segment->p_type == type)
			return segment;
	}
	return NULL;
}

/* The dynamic linker that the program names, to be freed; NULL: none. */
static char *get_linker(const struct image *image, const ElfW(Ehdr) * header)
{
	const ElfW(Phdr) *segment = find_segment(image, header, PT_INTERP);

	if (segment == NULL || segment->p_offset > image->size ||
		segment->p_filesz > image->size - segment->p_offset)
		return NULL;
	return strndup((const char *)image->data + segment->p_offset, segment->p_filesz);
}

/* Start "LINKER --list PROGRAM", which runs nothing of the program. Returns the pid or -1. */
static pid_t list_libraries(char *linker, char *path, int output)
{
	char list[] = "--list";
	char *arguments[] = {linker, list, path, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, linker, &actions, NULL, arguments, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static bool find_line(FILE *file, const char *word)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (getline(&line, &size, file) >= 0)
		found = found || strstr(line, word) != NULL;
	free(line);
	return found;
}

/* Whether the dynamic linker would load it. */
static bool loads(char *linker, char *path, const char *library)
{
	int ends[2];
	bool found = false;
	FILE *file;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid = list_libraries(linker, path, ends[1]);
	close(ends[1]);
	file = fdopen(ends[0], "r");
	if (file == NULL) {
		close(ends[0]);
	} else {
		found = pid > 0 && find_line(file, library);
		fclose(file);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return found;
}

static int look_at_elf(
	struct program *program, const struct image *image, struct cli_reason *reason)
{
	const ElfW(Ehdr) *header = get_header(image);
	char *linker;

	if (header == NULL) {
		cli_set_reason(
			reason, "%s is for another kind of machine than wltex", program->path);
		return CANNOT_RUN;
	}
	linker = get_linker(image, header);
	if (linker == NULL) {
		cli_set_reason(reason, "%s is statically linked: nothing can be preloaded into it",
			program->path);
		return CANNOT_RUN;
	}
	program->uses_wayland = loads(linker, program->path, LIBRARY);
	free(linker);
	return 0;
}

/* Of what cannot be read, or is no ELF, the system knows what to do. */
static int look_at(struct program *program, struct cli_reason *reason)
{
	struct image image;
	int ret = 0;

	if (!map(&image, program->path)) {
		program->uses_wayland = true;
		return 0;
	}
	program->script = image.size >= 2 && memcmp(image.data, "#!", 2) == 0;
	if (image.size >= SELFMAG && memcmp(image.data, ELFMAG, SELFMAG) == 0)
		ret = look_at_elf(program, &image, reason);
	unmap(&image);
	return ret;
}

int program_find(struct program *program, const char *name, struct cli_reason *reason)
{
	int ret;

	*program = (struct program){0};
	ret = find_path(program, name, reason);
	if (ret == 0)
		ret = check_rights(program->path, reason);
	if (ret == 0)
		ret = look_at(program, reason);
	if (ret != 0)
		free(program->path);
	return ret;
}
