/* SPDX-License-Identifier: MIT */
/*
 * Connections to the control socket: the input is a row of operations, each a byte and its
 * arguments; see run(). Peers send anything in any pieces, with or without fds, and read
 * or do not. Behind the socket are a ledger, whose owners are called anything, and replies
 * of any size, with fds or without. In the end each peer that kept to the rules must have
 * got its replies, and nothing may be left: see settle() and finish().
 */
#include <json.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "control-peer.h"
#include "fuzz.h"
#include "ledger/ledger.h"
#include "server/control.h"
#include "server/peer.h"
#include "util/fd.h"

#define MAX_FDS 160
#define MAX_OPERATIONS 300
#define MAX_OWNERS 4
/* More than are let in. */
#define N_PEERS 36
#define MAX_LET_IN 32
#define MAX_ROUNDS 100000
#define MAX_TEXT (1 << 18)
#define MAX_PIECES 100

struct world {
	struct wl_event_loop *loop;
	struct wltex_control *control;
	struct wltex_ledger *ledger;
	struct wltex_owner *owners[MAX_OWNERS];
	uint64_t live[MAX_OWNERS]; // bytes of the texture that each has; 0: none
	struct peer peers[N_PEERS];
	unsigned int connections; // that the server may still have
	size_t produced;          // bytes of replies and events
	int64_t events;
	uint64_t turns, last_piece; // of the loop
	int unfinished;             // replies that go on
};

/* Open fds before anything is made, and without any connection. */
static int fds_before, fds_alone;

static char dir[80], path[96];
static int memory;

static void remove_dir(void)
{
	rmdir(dir);
}

static void print_ledger(struct world *world, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	FILE *json = open_memstream(&text, &size);

	expect(json != NULL && wltex_ledger_print_json(world->ledger, json) == 0);
	fclose(json);
	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\n')
			*c = ' ';
	}
	fprintf(file, ", \"ledger\": %s", text);
	free(text);
}

static void print_text(struct json_object *request, FILE *file)
{
	struct json_object *size = NULL;

	json_object_object_get_ex(request, "size", &size);
	fprintf(file, ", \"text\": \"%0*d\"", (int)(json_object_get_uint64(size) % MAX_TEXT), 0);
}

struct pieces {
	struct world *world;
	uint32_t left;
};

/* A text, of which each piece is as long as there are still to come. */
static bool write_piece(void *data, FILE *file)
{
	struct pieces *pieces = data;

	/* Never two in one turn of the loop. */
	expect(pieces->world->turns != pieces->world->last_piece);
	pieces->world->last_piece = pieces->world->turns;
	fprintf(file, "%0*d", (int)pieces->left * 64, 0);
	pieces->world->produced += (size_t)ftell(file);
	if (--pieces->left > 0)
		return true;
	fputc('"', file);
	return false;
}

static void end_pieces(void *data)
{
	struct pieces *pieces = data;

	pieces->world->unfinished--;
	free(pieces);
}

static void print_pieces(
	struct world *world, struct json_object *request, struct wltex_control_answer *answer)
{
	struct pieces *pieces = calloc(1, sizeof(*pieces));
	struct json_object *size = NULL;

	json_object_object_get_ex(request, "size", &size);
	*pieces = (struct pieces){world, 1 + (uint32_t)(json_object_get_uint64(size) % MAX_PIECES)};
	fputs(", \"text\": \"", answer->file);
	answer->rest = (struct wltex_control_rest){write_piece, end_pieces, pieces};
	world->unfinished++;
}

static const char *handle_request(void *data, const char *name, struct json_object *request,
	struct wltex_control_answer *answer)
{
	struct world *world = data;
	FILE *file = answer->file;
	int *fd = &answer->fd;

	expect(*fd == -1 && answer->rest.write == NULL);
	if (strcmp(name, "state") == 0) {
		print_ledger(world, file);
	} else if (strcmp(name, "text") == 0) {
		print_text(request, file);
	} else if (strcmp(name, "pieces") == 0) {
		print_pieces(world, request, answer);
	} else if (strcmp(name, "lost pieces") == 0) {
		print_pieces(world, request, answer);
		return "the pieces were lost";
	} else if (strcmp(name, "picture") == 0) {
		print_text(request, file);
		*fd = wltex_fd_dup(memory);
		expect(*fd >= 0);
	} else if (strcmp(name, "lost picture") == 0) {
		print_text(request, file);
		*fd = wltex_fd_dup(memory);
		return "the picture was lost";
	} else {
		return "unknown request";
	}
	world->produced += (size_t)ftell(file);
	return NULL;
}

static const struct wltex_control_interface control_interface = {.request = handle_request};

static void init(struct world *world)
{
	*world = (struct world){0};
	world->loop = wl_event_loop_create();
	world->ledger = wltex_ledger_create();
	expect(world->loop != NULL && world->ledger != NULL);
	world->control = wltex_control_create(world->loop, path, &control_interface, world, NULL);
	expect(world->control != NULL);
	if (fds_alone == 0)
		fds_alone = count_fds(MAX_FDS);
	for (int i = 0; i < N_PEERS; i++)
		peer_init(&world->peers[i]);
}

/* Whether anything is to be done. */
static bool dispatch(struct world *world)
{
	struct pollfd fd = {.fd = wl_event_loop_get_fd(world->loop), .events = POLLIN};

	if (poll(&fd, 1, 0) <= 0)
		return false;
	world->turns++;
	wl_event_loop_dispatch(world->loop, 0);
	return true;
}

/* Until nobody has anything to do: with a source that is always ready, that is never. */
static void settle(struct world *world)
{
	bool busy = true;

	for (int round = 0; busy; round++) {
		expect(round < MAX_ROUNDS);
		busy = dispatch(world);
		for (int i = 0; i < N_PEERS; i++)
			busy |= peer_receive(&world->peers[i], 65536) > 0;
	}
	world->connections = 0;
	for (int i = 0; i < N_PEERS; i++) {
		peer_check_settled(&world->peers[i]);
		world->connections += world->peers[i].fd >= 0;
	}
	expect(world->unfinished == 0);
}

/* A new texture of so many bytes, or none; the ledger checks its own sums. */
static void set_live(struct world *world, size_t i, uint64_t bytes)
{
	if (world->live[i] > 0)
		wltex_ledger_destroyed(world->ledger, world->owners[i], world->live[i]);
	if (bytes > 0)
		wltex_ledger_import(world->ledger, world->owners[i], bytes, world->live[i] > 0);
	world->live[i] = bytes;
}

static void finish(struct world *world)
{
	int let_in = 0, rounds = 0;

	for (int i = 0; i < N_PEERS; i++) {
		let_in += world->peers[i].fd >= 0;
		peer_disconnect(&world->peers[i]);
	}
	expect(let_in <= MAX_LET_IN);
	while (dispatch(world))
		expect(++rounds < MAX_ROUNDS);
	expect(count_fds(MAX_FDS) == fds_alone);
	expect(!wltex_control_has_subscribers(world->control));
	expect(world->unfinished == 0);
	wltex_control_destroy(world->control);
	expect(access(path, F_OK) < 0);
	for (size_t i = 0; i < MAX_OWNERS; i++) {
		set_live(world, i, 0);
		wltex_owner_destroy(world->owners[i]);
	}
	expect(wltex_ledger_get_counts(world->ledger)->live_bytes == 0);
	wltex_ledger_destroy(world->ledger);
	wl_event_loop_destroy(world->loop);
}

static struct peer *take_peer(struct world *world, struct input *input)
{
	return &world->peers[take(input, 1) % N_PEERS];
}

static void connect_peer(struct world *world, struct peer *peer)
{
	peer_disconnect(peer);
	if (!peer_connect(peer, path, &world->produced))
		return;
	world->connections++;
	/* Those that left may not have been noticed yet. */
	if (world->connections > MAX_LET_IN)
		peer->careless = true;
}

static void send_bytes(struct world *world, struct peer *peer, struct input *input)
{
	int fds[] = {memory, peer->fd, memory};
	size_t n_fds = take(input, 1) % (ARRAY_LENGTH(fds) + 1);
	const uint8_t *bytes;
	size_t size = take_bytes(input, take(input, 1), &bytes);

	peer_send(peer, bytes, size, fds, n_fds);
}

/* A request as it should be; in two pieces if there is a second argument. */
static void send_request(struct world *world, struct peer *peer, struct input *input)
{
	static const char *const names[] = {"state", "subscribe", "unsubscribe", "text", "picture",
		"lost picture", "?", "pieces", "lost pieces"};
	size_t i = take(input, 1) % ARRAY_LENGTH(names), piece = take(input, 1) % 64;
	uint32_t size = take32(input, 3) % MAX_TEXT;
	char line[128];
	size_t length = (size_t)snprintf(line, sizeof(line),
		"{\"request\": \"%s\", \"id\": %u, \"size\": %u}\n", names[i], size, size);

	if (piece > length)
		piece = length;
	peer_send(peer, line, piece, NULL, 0);
	if (piece > 0)
		dispatch(world);
	peer_send(peer, line + piece, length - piece, NULL, 0);
}

/* Much of the same, without a newline or of newlines alone. */
static void send_run(struct peer *peer, struct input *input)
{
	static char text[16384];
	size_t size = take(input, 2) % sizeof(text);

	memset(text, (int)take(input, 1), size);
	peer_send(peer, text, size, NULL, 0);
}

static void send_event(struct world *world, struct input *input)
{
	int padding = (int)take(input, 2);
	char *line;

	expect(asprintf(&line, "{\"event\": \"%0*d\", \"number\": %jd}", padding, 0,
		       (intmax_t)world->events) >= 0);
	world->events++;
	world->produced += strlen(line) + 1;
	wltex_control_send_event(world->control, line);
	free(line);
}

static void shut(struct peer *peer, struct input *input)
{
	static const int ways[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
	int way = ways[take(input, 1) % ARRAY_LENGTH(ways)];

	if (peer->fd < 0)
		return;
	shutdown(peer->fd, way);
	peer->careless = true;
}

/* What becomes of a commit. */
static void commit(struct world *world, struct input *input)
{
	size_t i = take(input, 1) % MAX_OWNERS;
	struct wltex_owner *owner = world->owners[i];
	uint32_t what = take32(input, 1) % 6, amount = take32(input, 4);

	wltex_ledger_commit(world->ledger, owner);
	wltex_ledger_damage(world->ledger, owner, amount, amount / 2, amount == 0);
	if (what == 0)
		set_live(world, i, amount);
	else if (what == 1)
		wltex_ledger_upload(world->ledger, owner);
	else if (what == 2)
		wltex_ledger_reuse(world->ledger, owner);
	else if (what == 3)
		wltex_ledger_failure(world->ledger, owner);
	else if (what == 4)
		wltex_ledger_refuse(world->ledger, owner);
	else
		wltex_ledger_slow(world->ledger, owner);
}

static void change_owner(struct world *world, struct input *input)
{
	size_t i = take(input, 1) % MAX_OWNERS;
	struct wltex_owner **owner = &world->owners[i];
	const uint8_t *bytes;
	size_t size = take_bytes(input, take(input, 1) % 80, &bytes);
	char name[81] = "";

	set_live(world, i, 0);
	wltex_owner_destroy(*owner);
	memcpy(name, bytes, size);
	*owner = wltex_owner_create(world->ledger, 1, name);
	expect(*owner != NULL);
	wltex_ledger_commit(world->ledger, *owner);
	wltex_ledger_refuse(world->ledger, *owner);
}

static void run(struct world *world, struct input *input)
{
	struct peer *peer;

	switch (take(input, 1) % 13) {
	case 0:
		connect_peer(world, take_peer(world, input));
		break;
	case 1:
		peer_disconnect(take_peer(world, input));
		break;
	case 2:
	case 3:
		send_bytes(world, take_peer(world, input), input);
		break;
	case 4:
		send_request(world, take_peer(world, input), input);
		break;
	case 5:
		send_run(take_peer(world, input), input);
		break;
	case 6:
		dispatch(world);
		break;
	case 7:
		peer = take_peer(world, input);
		peer_receive(peer, take(input, 2));
		break;
	case 8:
		send_event(world, input);
		break;
	case 9:
		shut(take_peer(world, input), input);
		break;
	case 10:
		change_owner(world, input);
		break;
	case 11:
		commit(world, input);
		break;
	case 12:
		settle(world);
		break;
	}
}

static void init_once(void)
{
	if (memory > 0)
		return;
	memory = memfd_create("fuzz", MFD_CLOEXEC);
	snprintf(dir, sizeof(dir), "%s/wltex-fuzz.XXXXXX",
		getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	expect(memory > 0 && mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/socket", dir);
	atexit(remove_dir);
	fds_before = count_fds(MAX_FDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct world world;

	init_once();
	init(&world);
	for (int i = 0; i < MAX_OPERATIONS && input.left > 0; i++)
		run(&world, &input);
	settle(&world);
	finish(&world);
	expect(count_fds(MAX_FDS) == fds_before);
	return 0;
}
