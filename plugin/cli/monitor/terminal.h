/* SPDX-License-Identifier: MIT */
#ifndef CLI_MONITOR_TERMINAL_H
#define CLI_MONITOR_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "cli/cli.h"

/* Beside the characters from ' ' to '~', which are themselves. */
enum wltex_key {
	WLTEX_KEY_NONE = 0,
	WLTEX_KEY_ENTER = 256,
	WLTEX_KEY_ESCAPE,
	WLTEX_KEY_BACKSPACE,
	WLTEX_KEY_UP,
	WLTEX_KEY_DOWN,
	WLTEX_KEY_LEFT,
	WLTEX_KEY_RIGHT,
	WLTEX_KEY_PAGE_UP,
	WLTEX_KEY_PAGE_DOWN,
	WLTEX_KEY_HOME,
	WLTEX_KEY_END,
	WLTEX_KEY_REDRAW,
	WLTEX_KEY_UNKNOWN,
};

/*
 * The terminal as one screen of text. Whatever ends or stops the program, be it a signal,
 * gives the user the terminal back as it was.
 */
struct wltex_terminal {
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

/* Whether colours are wanted on this fd: a terminal, and NO_COLOR is not set. */
bool wltex_terminal_has_colors(int fd);

/*
 * Take over the terminal on stdout. Returns 0, or -1 with *reason set; then there is
 * nothing to finish.
 */
int wltex_terminal_init(struct wltex_terminal *terminal, struct wltex_cli_reason *reason);

/* Give it back; if a signal asked for the end, end by it (but for an interrupt). */
void wltex_terminal_finish(struct wltex_terminal *terminal);

/* Write text as it is. Returns 0 or a negative errno: the terminal is gone. */
int wltex_terminal_write(struct wltex_terminal *terminal, const char *text, size_t size);

/* Read what was typed. Returns 0 or a negative errno: the keyboard is gone. */
int wltex_terminal_read(struct wltex_terminal *terminal);

/* The next key, or WLTEX_KEY_NONE. */
int wltex_terminal_next_key(struct wltex_terminal *terminal);

/* Handle a signal that came. */
void wltex_terminal_handle_signal(struct wltex_terminal *terminal);

#endif
