/* SPDX-License-Identifier: MIT */
/*
 * Clients and a compositor under the tracker. The input is a row of choices: each step
 * begins with a byte; RAW is followed by a length and that many bytes that a client sends
 * as they are, anything else lets the machinery of the unit tests choose what happens.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fuzz.h"
#include "track-chaos.h"

#define RAW 0xff
#define MAX_STEPS 2000

static uint32_t choose(void *data, uint32_t bound)
{
	struct input *input = data;

	if (input->left == 0)
		return 0;
	input->left--;
	return *input->data++ % bound;
}

static void send_raw(struct chaos *chaos, struct input *input)
{
	struct chaos_peer *p = &chaos->peers[choose(input, CHAOS_PEERS)];
	int fd = choose(input, 2) ? chaos->memory[choose(input, 3)] : -1;
	size_t size = 4 * (size_t)choose(input, 32);

	if (size > input->left)
		size = input->left;
	if (size > 0)
		peer_send_bytes(&p->peer, input->data, size, fd);
	input->data += size;
	input->left -= size;
}

/* The lowest fd that is free: the same before and after, or something was left open. */
static int lowest_free_fd(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.data = data, .left = size};
	struct chaos chaos = {.choose = choose, .data = &input};
	int before = lowest_free_fd();

	chaos_init(&chaos);
	for (int i = 0; i < MAX_STEPS && input.left > 0; i++) {
		if (*input.data == RAW) {
			input.data++;
			input.left--;
			send_raw(&chaos, &input);
		} else {
			chaos_step(&chaos);
		}
	}
	chaos_finish(&chaos);
	expect(lowest_free_fd() == before);
	return 0;
}
