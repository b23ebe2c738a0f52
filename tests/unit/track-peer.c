/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "track-world.h"

bool peer_send_bytes(struct peer *peer, const void *bytes, size_t size, int fd)
{
	struct iovec iov = {.iov_base = (void *)bytes, .iov_len = size};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(peer->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

bool peer_send(
	struct peer *peer, uint32_t object, uint32_t opcode, const uint32_t *args, size_t n, int fd)
{
	uint32_t words[64] = {object, (uint32_t)(8 + 4 * n) << 16 | opcode};

	assert(n <= 62);
	if (n > 0)
		memcpy(words + 2, args, 4 * n);
	return peer_send_bytes(peer, words, 8 + 4 * n, fd);
}

bool peer_send_words(struct peer *peer, uint32_t object, const uint32_t *words, size_t n)
{
	return peer_send(peer, object, words[0], words + 1, n - 1, -1);
}

void peer_bind(struct peer *peer, const char *interface, uint32_t version, uint32_t id)
{
	uint32_t args[32] = {0, (uint32_t)strlen(interface) + 1};
	size_t n = 2 + (strlen(interface) + 4) / 4;

	assert(n + 2 <= 32);
	for (int i = 0; i < peer->n_globals; i++) {
		if (strcmp(peer->globals[i].interface, interface) == 0)
			args[0] = peer->globals[i].name;
	}
	memcpy(args + 2, interface, strlen(interface));
	args[n] = version;
	args[n + 1] = id;
	peer_send(peer, ID_REGISTRY, 0, args, n + 2, -1);
}

static void handle_client_destroy(struct wl_listener *listener, void *data)
{
	struct peer *peer = wl_container_of(listener, peer, destroy);

	wl_list_remove(&peer->destroy.link);
	peer->client = NULL;
}

void peer_init(struct peer *peer, struct world *world, uint32_t version)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
		abort();
	*peer = (struct peer){.world = world, .fd = fds[0], .error = -1};
	peer->client = wl_client_create(world->display, fds[1]);
	assert(peer->client != NULL);
	peer->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(peer->client, &peer->destroy);
	peer_request(peer, ID_DISPLAY, 1, ID_REGISTRY);
	world_dispatch(world);
	peer_receive(peer);
	peer_bind(peer, "wl_compositor", 4, ID_COMPOSITOR);
	peer_bind(peer, "zwp_linux_dmabuf_v1", version, ID_DMABUF);
	peer_bind(peer, "wl_shm", 1, ID_SHM);
	world_dispatch(world);
	peer_receive(peer);
	assert(peer->error == -1);
}

void peer_finish(struct peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
	if (peer->world->display != NULL)
		world_dispatch(peer->world);
}

static void handle_global(struct peer *peer, const uint32_t *args)
{
	struct peer_global *global = &peer->globals[peer->n_globals++];

	assert(peer->n_globals <= (int)(sizeof(peer->globals) / sizeof(peer->globals[0])));
	assert(args[1] <= sizeof(global->interface));
	global->name = args[0];
	memcpy(global->interface, args + 2, args[1]);
}

static void handle_event(
	struct peer *peer, uint32_t object, uint32_t opcode, const uint32_t *args, size_t n)
{
	if (object == ID_DISPLAY && opcode == 0 && n >= 2)
		peer->error = args[1];
	else if (object == ID_REGISTRY && opcode == 0)
		handle_global(peer, args);
	else if (object >= ID_FREE && opcode == 0 && n == 1 && args[0] >= 0xff000000)
		peer->created_id = args[0];
}

void peer_receive(struct peer *peer)
{
	uint32_t words[4096];
	size_t have = 0;
	ssize_t n;

	while ((n = recv(peer->fd, (char *)words + have, sizeof(words) - have, MSG_DONTWAIT)) > 0) {
		size_t at = 0;

		have += (size_t)n;
		while (have - at >= 8 && have - at >= words[at / 4 + 1] >> 16) {
			const uint32_t *message = words + at / 4;
			size_t size = message[1] >> 16;

			handle_event(
				peer, message[0], message[1] & 0xffff, message + 2, size / 4 - 2);
			at += size;
		}
		memmove(words, (char *)words + at, have - at);
		have -= at;
	}
}

void peer_add(struct peer *peer, uint32_t params, int fd, uint32_t plane, uint32_t offset,
	uint32_t stride)
{
	peer_send(peer, params, PARAMS_ADD, (uint32_t[]){plane, offset, stride, 0, 0}, 5, fd);
}

void peer_make_buffer(
	struct peer *peer, uint32_t params, uint32_t buffer, int fd, int32_t width, int32_t height)
{
	peer_request(peer, ID_DMABUF, DMABUF_CREATE_PARAMS, params);
	peer_add(peer, params, fd, 0, 0, (uint32_t)width * 4);
	peer_request(peer, params, PARAMS_CREATE_IMMED, buffer, (uint32_t)width, (uint32_t)height,
		DRM_FORMAT_XRGB8888, 0);
}

void peer_make_pool(struct peer *peer, uint32_t pool, int fd, int32_t size)
{
	peer_send(peer, ID_SHM, SHM_CREATE_POOL, (uint32_t[]){pool, (uint32_t)size}, 2, fd);
}

void peer_make_shm_buffer(struct peer *peer, uint32_t pool, uint32_t buffer)
{
	peer_request(peer, pool, POOL_CREATE_BUFFER, buffer, 0, 16, 16, 64, 0);
}

int make_memory(size_t size)
{
	int fd = memfd_create("wltex-test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		abort();
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	return fd;
}
