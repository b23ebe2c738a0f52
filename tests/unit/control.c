/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "server/control.h"
#include "test.h"

/* More than may wait for a peer that does not read. */
#define LARGE (20u << 20)

/* Of the replies that come in pieces. */
#define PIECES 40
#define PIECE_SIZE (64u << 10)
#define MAX_PEERS 8

struct world {
	struct wl_event_loop *loop;
	struct wltex_control *control;
	char folder[32], path[64];
	/* Pieces in this turn of the loop, in all, and of each reply in the order of requests. */
	int in_turn, written, pieces[MAX_PEERS];
	int n_replies, n_ended;
};

static struct world *world;

static bool write_piece(void *data, FILE *file)
{
	int *pieces = data;

	world->in_turn++;
	world->written++;
	++*pieces;
	fprintf(file, ", \"%d\": \"%*s\"", *pieces, (int)PIECE_SIZE, "");
	return *pieces < PIECES;
}

static void end_pieces(void *data)
{
	world->n_ended++;
}

static const char *handle_request(void *data, const char *name, struct json_object *request,
	struct wltex_control_answer *answer)
{
	if (strcmp(name, "state") == 0)
		fprintf(answer->file, ", \"large\": \"%*s\"", (int)LARGE, "");
	else if (strcmp(name, "pieces") == 0)
		answer->rest = (struct wltex_control_rest){
			write_piece, end_pieces, &world->pieces[world->n_replies++]};
	return NULL;
}

static const struct wltex_control_interface interface = {.request = handle_request};

static void setup(struct world *w)
{
	*w = (struct world){.loop = wl_event_loop_create(), .folder = "/tmp/wltex-control.XXXXXX"};
	world = w;
	check(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/socket", w->folder);
	w->control = wltex_control_create(w->loop, w->path, &interface, NULL, NULL);
	check(w->control);
}

static void teardown(struct world *w)
{
	wltex_control_destroy(w->control);
	check_int(w->n_ended, w->n_replies);
	wl_event_loop_destroy(w->loop);
	check_int(rmdir(w->folder), 0);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static void ask(int fd, const char *request)
{
	check_int(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
}

static void turn(void)
{
	world->in_turn = 0;
	wl_event_loop_dispatch(world->loop, 0);
	check(world->in_turn <= 1);
}

/* Serve until nothing is done any more. */
static void settle(void)
{
	int before;

	do {
		before = world->written;
		for (int i = 0; i < 8; i++)
			turn();
	} while (world->written > before);
}

/* Serve, and read one line, in steps of so many bytes. Returns its length. */
static size_t read_line(int fd, char *line, size_t room, size_t step)
{
	size_t size = 0;

	do {
		ssize_t n;

		turn();
		check(size + step <= room);
		n = recv(fd, line + size, step, MSG_DONTWAIT | MSG_PEEK);
		check(n != 0);
		if (n < 0)
			continue;
		if (memchr(line + size, '\n', (size_t)n))
			n = (char *)memchr(line + size, '\n', (size_t)n) + 1 - line - (ssize_t)size;
		size += (size_t)recv(fd, line + size, (size_t)n, 0);
	} while (size == 0 || line[size - 1] != '\n');
	line[size - 1] = '\0';
	return size;
}

static char line[LARGE + (1u << 20)];

static void read_pieces(int fd, size_t step)
{
	static const char start[] = "{\"reply\": \"pieces\", ";
	char member[16];
	const char *at = line;

	check(read_line(fd, line, sizeof(line), step) > PIECES * PIECE_SIZE);
	check(strncmp(line, start, strlen(start)) == 0);
	for (int i = 1; i <= PIECES; i++) {
		snprintf(member, sizeof(member), ", \"%d\": \"", i);
		at = strstr(at, member);
		check(at);
	}
	check_str(line + strlen(line) - 2, "\"}");
}

/* A reply that is made at once may be as large as it is. */
TEST(large_replies)
{
	struct world w;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	for (int i = 0; i < 2; i++) {
		ask(fd, "{\"request\": \"state\"}\n");
		check(read_line(fd, line, sizeof(line), 1 << 16) > LARGE);
	}
	close(fd);
	teardown(&w);
}

/* Of a long reply no more is made than is read, whoever reads how slowly. */
TEST(slow_reader)
{
	struct world w;
	int fd, before;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"pieces\"}\n");
	settle();
	/* As much as the socket holds, and what waits for that. */
	before = w.written;
	check(before > 0 && before < PIECES / 2);
	settle();
	check_int(w.written, before);
	check_int(w.n_ended, 0);
	read_pieces(fd, 1000);
	check_int(w.written, PIECES);
	check_int(w.n_ended, 1);
	close(fd);
	teardown(&w);
}

/* Nothing comes in between; what was asked and what happened meanwhile comes after it. */
TEST(lines_stay_whole)
{
	static const char event[] = "{\"event\": \"x\"}";
	struct world w;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"subscribe\"}\n{\"request\": \"pieces\"}\n"
		"{\"request\": \"a\"}\n{\"request\": \"pieces\"}\n{\"request\": \"b");
	check(read_line(fd, line, sizeof(line), 1) > 0);
	settle();
	wltex_control_send_event(w.control, event);
	settle();
	wltex_control_send_event(w.control, event);
	ask(fd, "\"}\n");
	read_pieces(fd, 1 << 16);
	for (int i = 0; i < 2; i++) {
		read_line(fd, line, sizeof(line), 64);
		check_str(line, event);
	}
	read_line(fd, line, sizeof(line), 64);
	check_str(line, "{\"reply\": \"a\"}");
	read_pieces(fd, 1 << 16);
	read_line(fd, line, sizeof(line), 64);
	check_str(line, "{\"reply\": \"b\"}");
	close(fd);
	teardown(&w);
}

/* One piece a turn, and each of those who read gets its share. */
TEST(many_readers)
{
	struct world w;
	int fds[MAX_PEERS], least, most;

	setup(&w);
	for (int i = 0; i < MAX_PEERS; i++) {
		fds[i] = connect_to(w.path);
		ask(fds[i], "{\"request\": \"pieces\"}\n");
	}
	/* The first does not read. */
	while (w.n_ended < MAX_PEERS - 1) {
		turn();
		for (int i = 1; i < MAX_PEERS; i++)
			(void)!recv(fds[i], line, 2 * PIECE_SIZE, MSG_DONTWAIT);
		least = PIECES;
		most = 0;
		for (int i = 1; i < w.n_replies; i++) {
			least = w.pieces[i] < least ? w.pieces[i] : least;
			most = w.pieces[i] > most ? w.pieces[i] : most;
		}
		check(w.n_replies < MAX_PEERS || most - least <= 2);
	}
	check(w.pieces[0] < PIECES);
	read_pieces(fds[0], 1 << 16);
	for (int i = 0; i < MAX_PEERS; i++)
		close(fds[i]);
	teardown(&w);
}

/* Whoever goes, and whenever: each rest is ended once. */
TEST(peer_goes)
{
	for (int turns = 0; turns < 2 * PIECES; turns += 3) {
		struct world w;
		int fd;

		setup(&w);
		fd = connect_to(w.path);
		ask(fd, "{\"request\": \"pieces\"}\n{\"request\": \"pieces\"}\n");
		for (int i = 0; i < turns; i++) {
			turn();
			(void)!recv(fd, line, 4 * PIECE_SIZE, MSG_DONTWAIT);
		}
		close(fd);
		settle();
		check_int(w.n_ended, w.n_replies);
		teardown(&w);
	}
}

TEST(server_goes)
{
	struct world w;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"pieces\"}\n");
	settle();
	check_int(w.n_replies - w.n_ended, 1);
	teardown(&w);
	close(fd);
}

/* It shuts its end as soon as it has asked, as "nc -N" does. */
TEST(asks_and_shuts)
{
	struct world w;
	char byte;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"pieces\"}\n{\"request\": \"a\"}\n{\"request\": \"state\"}\n");
	shutdown(fd, SHUT_WR);
	settle();
	read_pieces(fd, 1 << 16);
	read_line(fd, line, sizeof(line), 64);
	check_str(line, "{\"reply\": \"a\"}");
	check(read_line(fd, line, sizeof(line), 1 << 16) > LARGE);
	settle();
	check_int(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
	close(fd);
	teardown(&w);
}

/* It asks on and on, and does not read: it is dropped, and no fd of its own keeps it there. */
TEST(asks_and_does_not_read)
{
	struct world w;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"pieces\"}\n");
	settle();
	check_int(w.n_replies - w.n_ended, 1);
	while (send(fd, "{\"request\": \"a\"}\n", 17, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		turn();
	check_int(errno, EPIPE);
	check_int(w.n_ended, 1);
	close(fd);
	teardown(&w);
}

/* It sends its own end of the connection along, and goes: nobody can read any more. */
TEST(keeps_itself_alive)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS,
			     .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec data = {(char[]){'{'}, 1};
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct world w;
	int fd;

	setup(&w);
	fd = connect_to(w.path);
	ask(fd, "{\"request\": \"pieces\"}\n");
	settle();
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	check_int(sendmsg(fd, &message, 0), 1);
	close(fd);
	settle();
	check_int(w.n_ended, 1);
	teardown(&w);
}
