/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/monitor/terminal.h"
#include "util/fd.h"

/* The other screen, so that what was on the terminal comes back; no cursor. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[m\033[?25h\033[?1049l"
/* How long the rest of a key's sequence may take, before it is the Escape key. */
#define ESCAPE_MS 40

static const int fatal_signals[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS};
static const int caught_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* The one that is taken over now: for signal handlers. */
static struct terminal *active;

bool terminal_has_colors(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fd) && (!no_color || no_color[0] == '\0') && term &&
	       strcmp(term, "dumb") != 0;
}

/* Only what a signal handler may call. */
static void leave(struct terminal *terminal)
{
	ssize_t n;

	if (active != terminal)
		return;
	active = NULL;
	n = write(STDOUT_FILENO, LEAVE, strlen(LEAVE));
	(void)n;
	if (terminal->has_saved)
		tcsetattr(terminal->in_fd, TCSANOW, &terminal->saved);
}

static void handle_fatal_signal(int signal)
{
	if (active)
		leave(active);
	/* The handler is gone (SA_RESETHAND): this time it ends the program. */
	raise(signal);
}

static void leave_at_exit(void)
{
	if (active)
		leave(active);
}

static void measure(struct terminal *terminal)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
		size = (struct winsize){.ws_col = 80, .ws_row = 24};
	terminal->columns = size.ws_col;
	terminal->rows = size.ws_row;
	terminal->dirty = true;
}

static int enter(struct terminal *terminal)
{
	struct termios raw;

	active = terminal;
	if (terminal->in_fd >= 0 && tcgetattr(terminal->in_fd, &terminal->saved) == 0) {
		terminal->has_saved = true;
		raw = terminal->saved;
		raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		if (tcsetattr(terminal->in_fd, TCSANOW, &raw) < 0)
			return -errno;
	}
	measure(terminal);
	return terminal_write(terminal, ENTER, strlen(ENTER));
}

static int catch_signals(struct terminal *terminal)
{
	struct sigaction action = {
		.sa_handler = handle_fatal_signal,
		.sa_flags = (int)SA_RESETHAND | SA_NODEFER,
	};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_ELEMENTS(caught_signals); i++)
		sigaddset(&set, caught_signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	terminal->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (terminal->signal_fd < 0)
		return -errno;
	for (size_t i = 0; i < N_ELEMENTS(fatal_signals); i++)
		sigaction(fatal_signals[i], &action, NULL);
	atexit(leave_at_exit);
	return 0;
}

int terminal_init(struct terminal *terminal, struct cli_reason *reason)
{
	const char *term = getenv("TERM");
	int ret;

	*terminal = (struct terminal){.in_fd = -1, .signal_fd = -1};
	if (!isatty(STDOUT_FILENO)) {
		cli_set_reason(reason, "standard output is not a terminal");
		return -1;
	}
	if (!term || strcmp(term, "dumb") == 0) {
		cli_set_reason(
			reason, "the terminal cannot move its cursor (TERM=%s)", term ? term : "");
		return -1;
	}
	if (isatty(STDIN_FILENO))
		terminal->in_fd = STDIN_FILENO;
	terminal->colors = terminal_has_colors(STDOUT_FILENO);
	ret = catch_signals(terminal);
	if (ret == 0)
		ret = enter(terminal);
	if (ret == 0)
		return 0;
	leave(terminal);
	wltex_fd_close(&terminal->signal_fd);
	cli_set_reason(reason, "terminal: %s", strerror(-ret));
	return -1;
}

/* Do what the signal does by itself. */
static void pass_on(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	raise(number);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* Whoever is stopped comes back here. */
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void terminal_finish(struct terminal *terminal)
{
	leave(terminal);
	wltex_fd_close(&terminal->signal_fd);
	if (terminal->end_signal != 0 && terminal->end_signal != SIGINT)
		pass_on(terminal->end_signal);
}

int terminal_write(struct terminal *terminal, const char *text, size_t size)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n < 0 && errno == EAGAIN)
			poll(&fd, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

int terminal_read(struct terminal *terminal)
{
	struct pollfd fd = {.fd = terminal->in_fd, .events = POLLIN};
	size_t room = sizeof(terminal->keys) - terminal->key_count;
	ssize_t n = read(terminal->in_fd, terminal->keys + terminal->key_count, room);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	/* With VMIN 0 that nothing came is no end; that the terminal hung up is. */
	if (n == 0 && poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)))
		return -EIO;
	terminal->key_count += (size_t)n;
	return 0;
}

static void drop_keys(struct terminal *terminal, size_t count)
{
	terminal->key_count -= count;
	memmove(terminal->keys, terminal->keys + count, terminal->key_count);
}

static int find_sequence(const unsigned char *keys, size_t count, size_t *length)
{
	static const struct {
		const char *sequence;
		enum key key;
	} sequences[] = {
		{"[A", KEY_UP},
		{"[B", KEY_DOWN},
		{"[C", KEY_RIGHT},
		{"[D", KEY_LEFT},
		{"[H", KEY_HOME},
		{"[F", KEY_END},
		{"[1~", KEY_HOME},
		{"[4~", KEY_END},
		{"[7~", KEY_HOME},
		{"[8~", KEY_END},
		{"[5~", KEY_PAGE_UP},
		{"[6~", KEY_PAGE_DOWN},
		{"OA", KEY_UP},
		{"OB", KEY_DOWN},
		{"OC", KEY_RIGHT},
		{"OD", KEY_LEFT},
		{"OH", KEY_HOME},
		{"OF", KEY_END},
	};

	for (size_t i = 0; i < N_ELEMENTS(sequences); i++) {
		*length = strlen(sequences[i].sequence);
		if (count >= *length && memcmp(keys, sequences[i].sequence, *length) == 0)
			return (int)sequences[i].key;
	}
	/* Another one: up to its last byte, if that came yet. */
	for (*length = 1; *length < count; ++*length) {
		if (keys[*length] >= 0x40 && keys[*length] <= 0x7e) {
			++*length;
			return KEY_UNKNOWN;
		}
	}
	return KEY_NONE;
}

/* Wait for the rest of a sequence. Returns whether something came. */
static bool wait_for_more(struct terminal *terminal)
{
	struct pollfd fd = {.fd = terminal->in_fd, .events = POLLIN};
	size_t before = terminal->key_count;

	return before < sizeof(terminal->keys) && poll(&fd, 1, ESCAPE_MS) > 0 &&
	       terminal_read(terminal) == 0 && terminal->key_count > before;
}

static int take_escape(struct terminal *terminal)
{
	size_t length;
	int key;

	for (;;) {
		unsigned char next = terminal->key_count > 1 ? terminal->keys[1] : 0;

		if (next == '[' || next == 'O') {
			key = find_sequence(terminal->keys + 1, terminal->key_count - 1, &length);
			if (key != KEY_NONE) {
				drop_keys(terminal, 1 + length);
				return key;
			}
		} else if (next != 0) {
			break;
		}
		if (!wait_for_more(terminal))
			break;
	}
	drop_keys(terminal, 1);
	return KEY_ESCAPE;
}

int terminal_next_key(struct terminal *terminal)
{
	unsigned char c;

	if (terminal->key_count == 0)
		return KEY_NONE;
	c = terminal->keys[0];
	if (c == '\033')
		return take_escape(terminal);
	drop_keys(terminal, 1);
	if (c == '\r' || c == '\n')
		return KEY_ENTER;
	if (c == 0x7f || c == '\b')
		return KEY_BACKSPACE;
	if (c == 'L' - 0x40)
		return KEY_REDRAW;
	return c >= ' ' && c <= '~' ? c : KEY_UNKNOWN;
}

void terminal_handle_signal(struct terminal *terminal)
{
	struct signalfd_siginfo info;

	if (read(terminal->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGWINCH:
		measure(terminal);
		break;
	case SIGTSTP:
		leave(terminal);
		pass_on(SIGTSTP);
		if (enter(terminal) < 0)
			terminal->end_signal = SIGHUP;
		break;
	default:
		terminal->end_signal = (int)info.ssi_signo;
	}
}
