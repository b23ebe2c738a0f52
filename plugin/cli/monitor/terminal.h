/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TERMINAL_H
#define CLI_MONITOR_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "cli/cli.h"

/* Beside the characters from ' ' to '~', which are themselves. */
enum key {
	KEY_NONE = 0,
	KEY_ENTER = 256,
	KEY_ESCAPE,
	KEY_BACKSPACE,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_REDRAW,
	KEY_UNKNOWN,
};

/*
 * The terminal as one screen of text. Whatever ends or stops the program, be it a signal,
 * gives the user the terminal back as it was.
 */
struct terminal {
	/* Readable when keys were pressed; -1 without a keyboard. */
	int in_fd;
	/* Readable when a signal came. */
	int signal_fd;
	unsigned int columns, rows;
	bool colors;
	/* To be redrawn: it was resized, or came back from being stopped. */
	bool dirty;
	/* A signal that asks the program to end, or 0. */
	int end_signal;

	struct termios saved;
	bool has_saved;
	unsigned char keys[64];
	size_t key_count;
};

/* Whether colors are wanted on this fd: a terminal, and NO_COLOR is not set. */
bool terminal_has_colors(int fd);

/*
 * Take over the terminal on stdout. Returns 0, or -1 with *reason set; then there is
 * nothing to finish.
 */
int terminal_init(struct terminal *terminal, struct cli_reason *reason);

/* Give it back. If a signal asked for the end, end by that signal, unless it is SIGINT. */
void terminal_finish(struct terminal *terminal);

/* Write text as it is. Returns 0 or a negative errno: the terminal is gone. */
int terminal_write(struct terminal *terminal, const char *text, size_t size);

/* Read what was typed. Returns 0 or a negative errno: the keyboard is gone. */
int terminal_read(struct terminal *terminal);

/* The next key, or KEY_NONE. */
int terminal_next_key(struct terminal *terminal);

/* Handle a signal that came. */
void terminal_handle_signal(struct terminal *terminal);

#endif
