/* SPDX-License-Identifier: MIT */
/*
 * Each call of plugin/server that can fail is made to, with a real wl_display: what cannot
 * be had is refused to the one who asked, and others find everything in order.
 */
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fault.h"
#include "server/control.h"
#include "server/server.h"
#include "track-fixture.h"

FAULT_WRAP(struct wl_global *, wl_global_create,
	(struct wl_display * display, const struct wl_interface *interface, int version, void *data,
		wl_global_bind_func_t bind),
	(display, interface, version, data, bind), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_resource *, wl_resource_create,
	(struct wl_client * client, const struct wl_interface *interface, int version, uint32_t id),
	(client, interface, version, id), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_event_source *, wl_event_loop_add_fd,
	(struct wl_event_loop * loop, int fd, uint32_t mask, wl_event_loop_fd_func_t func,
		void *data),
	(loop, fd, mask, func, data), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(struct wl_event_source *, wl_event_loop_add_timer,
	(struct wl_event_loop * loop, wl_event_loop_timer_func_t func, void *data),
	(loop, func, data), FAULT_ERRNO(ENOMEM, NULL))
FAULT_WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol),
	FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
	FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, listen, (int fd, int backlog), (fd, backlog), FAULT_ERRNO(ENOMEM, -1))
FAULT_WRAP(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
	(fd, address, size, flags), FAULT_ERRNO(EMFILE, -1))
FAULT_WRAP(struct json_tokener *, json_tokener_new_ex, (int depth), (depth), NULL)
FAULT_WRAP(const char *, json_object_to_json_string, (struct json_object * object), (object), NULL)

enum {
	ID_SURFACE = ID_FREE,
	ID_MANAGER,
	ID_WATCH
};
enum {
	MANAGER_GET_SURFACE = 1,
	WATCH_SET_CONTENT_SUM = 1
};

/* What a client of wltex-v1 does. Returns whether it all worked. */
static bool watch(struct fixture *f, struct peer *peer, bool with_faults)
{
	const struct wltex_event event = {.state = WLTEX_STATE_IMPORTED};
	struct wl_resource *surface;
	uint32_t sum = 0;

	peer_request(peer, ID_COMPOSITOR, COMPOSITOR_CREATE_SURFACE, ID_SURFACE);
	world_dispatch(&f->world);
	surface = f->world.last_surface;
	peer_bind(peer, "wltex_manager_v1", 1, ID_MANAGER);
	peer_request(peer, ID_MANAGER, MANAGER_GET_SURFACE, ID_WATCH, ID_SURFACE);
	peer_request(peer, ID_WATCH, WATCH_SET_CONTENT_SUM, 77);
	if (with_faults)
		fault_arm();
	world_dispatch(&f->world);
	fault_disarm();
	if (peer->client == NULL)
		return false;
	wltex_server_commit(surface, 1, true);
	wltex_server_send_event(surface, 1, &event);
	return wltex_server_take_sum(surface, 1, &sum) && sum == 77;
}

/* A commit, to which a sum is promised; 0: none is. */
static void commit(struct fixture *f, struct peer *peer, uint32_t serial, uint32_t sum)
{
	if (sum != 0)
		peer_request(peer, ID_WATCH, WATCH_SET_CONTENT_SUM, sum);
	world_dispatch(&f->world);
	wltex_server_commit(f->world.last_surface, serial, true);
}

static uint32_t take(const struct fixture *f, uint32_t serial)
{
	uint32_t sum = 0;

	return wltex_server_take_sum(f->world.last_surface, serial, &sum) ? sum : 0;
}

/* Several commits wait, and each has what was promised of it alone. */
TEST(promises_wait)
{
	struct wltex_server *server;
	struct fixture f;
	struct peer peer;

	setup(&f);
	server = wltex_server_create(f.world.display);
	peer_init(&peer, &f.world, 3);
	check(watch(&f, &peer, false));
	commit(&f, &peer, 2, 72);
	commit(&f, &peer, 3, 73);
	commit(&f, &peer, 4, 0);
	wltex_server_commit(f.world.last_surface, 5, false);
	check_int(take(&f, 1), 0);
	check_int(take(&f, 2), 72);
	check_int(take(&f, 2), 0);
	check_int(take(&f, 3), 73);
	check_int(take(&f, 5), 0);
	/* Of several that are applied at once the last one counts, also if it promises nothing. */
	commit(&f, &peer, 6, 76);
	commit(&f, &peer, 7, 77);
	check_int(take(&f, 9), 77);
	commit(&f, &peer, 10, 80);
	commit(&f, &peer, 11, 0);
	check_int(take(&f, 11), 0);
	/* More than are kept: of those that are not, nothing is known. */
	for (uint32_t i = 20; i < 20 + 2 * WLTEX_SERVER_MAX_PROMISES; i++)
		commit(&f, &peer, i, i);
	check_int(take(&f, 20), 0);
	check_int(take(&f, 20 + 2 * WLTEX_SERVER_MAX_PROMISES - 2),
		20 + 2 * WLTEX_SERVER_MAX_PROMISES - 2);
	check_int(take(&f, UINT32_MAX / 2), 20 + 2 * WLTEX_SERVER_MAX_PROMISES - 1);
	peer_finish(&peer);
	wltex_server_destroy(server);
	teardown(&f);
}

TEST(protocol)
{
	int dropped = 0, refused = 0;
	struct fixture f;

	setup(&f);
	int blocks = fault_blocks();
	FAULT_LOOP(way)
	{
		struct wltex_server *server;
		struct peer peer, other;
		bool worked;

		fault_arm();
		errno = 0;
		server = wltex_server_create(f.world.display);
		fault_disarm();
		check(server != NULL || (errno == ENOMEM && fault_hit() != NULL));
		refused += server == NULL;
		if (server == NULL)
			continue;
		peer_init(&peer, &f.world, 3);
		peer_init(&other, &f.world, 3);
		worked = watch(&f, &peer, true);
		check_int(worked, fault_hit() == NULL);
		if (!worked) {
			dropped++;
			peer_receive(&peer);
			check_int(peer.error, 2); /* wl_display.error.no_memory */
		}
		check(watch(&f, &other, false));
		check_int(other.error, -1);
		/* Clients may outlive the global. */
		wltex_server_destroy(server);
		peer_request(&other, ID_WATCH, WATCH_SET_CONTENT_SUM, 78);
		world_dispatch(&f.world);
		check(other.client != NULL);
		peer_finish(&peer);
		peer_finish(&other);
		check_int(test_count_fds(), f.fds);
		check_int(fault_blocks(), blocks);
	}
	check_int(refused, 2 * 2);
	check_int(dropped, 2 * 3);
	teardown(&f);
}

static bool write_piece(void *data, FILE *file)
{
	int *n = data;

	fprintf(file, ", \"piece %d\": true", *n);
	return ++*n < 3;
}

static void end_pieces(void *data)
{
	free(data);
}

static const char *answer_request(void *data, const char *name, struct json_object *request,
	struct wltex_control_answer *answer)
{
	if (strcmp(name, "memory") == 0)
		answer->fd = memfd_create("wltex-test", MFD_CLOEXEC);
	fprintf(answer->file, ", \"fine\": true");
	if (strcmp(name, "pieces") != 0)
		return NULL;
	answer->rest = (struct wltex_control_rest){write_piece, end_pieces, calloc(1, sizeof(int))};
	return answer->rest.data != NULL ? NULL : "out of memory";
}

static const struct wltex_control_interface control_interface = {.request = answer_request};

static int ignore_timer(void *data)
{
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	check(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* Returns the number of fds that came with an answer, -1 without one; -2: it hung up. */
static int receive_answer(int fd)
{
	char text[4096], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *header;
	int passed;

	if (n <= 0)
		return n == 0 || errno != EAGAIN ? -2 : -1;
	text[n] = '\0';
	/* Of a line that has no end there is no more. */
	if (text[n - 1] != '\n') {
		check_int(recv(fd, text, sizeof(text), MSG_DONTWAIT), 0);
		return -2;
	}
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL)
		return strstr(text, "fine") != NULL ? 0 : -1;
	memcpy(&passed, CMSG_DATA(header), sizeof(passed));
	close(passed);
	check(strstr(text, "fine") != NULL);
	return 1;
}

/* What is answered to a request, as above. */
static int ask(struct fixture *f, int fd, const char *request)
{
	check_int(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	fault_arm();
	/* Ends only if the compositor has nothing to do any more: it must not spin. */
	world_dispatch(&f->world);
	fault_disarm();
	return receive_answer(fd);
}

static void check_unharmed(struct fixture *f, const char *path)
{
	struct wl_event_loop *loop = wl_display_get_event_loop(f->world.display);
	static const char request[] = "{\"request\": \"memory\"}\n";
	int fd = connect_to(path), answer = -1;

	check_int(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	/* After a connection that could not be taken there is a pause. */
	for (int i = 0; i < 100 && answer == -1; i++) {
		wl_event_loop_dispatch(loop, 10);
		answer = receive_answer(fd);
	}
	check_int(answer, 1);
	close(fd);
	world_dispatch(&f->world);
}

TEST(control)
{
	char dir[] = "/tmp/wltex-test.XXXXXX", path[64];
	int refused = 0, unanswered = 0;
	struct fixture f;

	setup(&f);
	int blocks = fault_blocks();
	check(mkdtemp(dir) != NULL);
	/* The loop keeps an fd from its first timer on. */
	wl_event_source_remove(wl_event_loop_add_timer(
		wl_display_get_event_loop(f.world.display), ignore_timer, NULL));
	f.fds = test_count_fds();
	snprintf(path, sizeof(path), "%s/socket", dir);
	FAULT_LOOP(way)
	{
		struct wltex_control *control;
		int fd, first, second;

		fault_arm();
		errno = 0;
		control = wltex_control_create(wl_display_get_event_loop(f.world.display), path,
			&control_interface, NULL, NULL);
		fault_disarm();
		check(control != NULL || (errno != 0 && fault_hit() != NULL));
		refused += control == NULL;
		if (control != NULL) {
			fd = connect_to(path);
			first = ask(&f, fd, "{\"request\": \"pieces\", \"id\": 1}\n");
			second = first == -2 ? -2 : ask(&f, fd, "{\"request\": \"memory\"}\n");
			unanswered += first < 0 || second < 0;
			if (fault_hit() == NULL)
				check(first == 0 && second == 1);
			check_unharmed(&f, path);
			close(fd);
			world_dispatch(&f.world);
		}
		wltex_control_destroy(control);
		check(access(path, F_OK) < 0);
		check_int(test_count_fds(), f.fds);
		check_int(fault_blocks(), blocks);
	}
	check(refused > 0 && unanswered > 0);
	/* Socket and lock are gone after each of them. */
	check_int(rmdir(dir), 0);
	check(fault_count("accept4") > 0 && fault_count("json_tokener_new_ex") > 0);
	check(fault_count("open_memstream") > 0 && fault_count("malloc") > 0);
	teardown(&f);
}
