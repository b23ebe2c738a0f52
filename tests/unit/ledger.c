/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "ledger/ledger.h"
#include "test.h"
#include "util/text.h"

#define N_COUNTS (sizeof(struct wltex_counts) / sizeof(uint64_t))

static void check_counts(const struct wltex_counts *c)
{
	check_int(c->imports + c->reimports, c->destroys + c->live_textures);
	check(c->live_textures <= c->peak_live_textures);
	check(c->live_bytes <= c->peak_live_bytes);
	check(c->fds <= c->peak_fds);
	check(c->shm_pools <= c->peak_shm_pools && c->shm_buffers <= c->peak_shm_buffers);
	check(c->shm_bytes <= c->peak_shm_bytes);
	check(c->damage_true_px <= c->damage_claimed_px);
	check(c->not_asked <= c->commits);
}

static struct json_object *to_json(const struct wltex_ledger *ledger)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	check(file != NULL);
	check_int(wltex_ledger_print_json(ledger, file), 0);
	check_int(fclose(file), 0);
	check_int(strlen(text), size);
	check_int(text[size - 1], '\n');
	for (size_t i = 0; i < size; i++)
		check(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f));

	struct json_tokener *tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	check(wltex_text_is_utf8(text, size));
	struct json_object *json = json_tokener_parse_ex(tokener, text, (int)size);
	check_str(json_tokener_error_desc(json_tokener_get_error(tokener)), "success");
	json_tokener_free(tokener);
	free(text);
	return json;
}

static struct json_object *get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		test_fail(__FILE__, __LINE__, "no \"%s\" in the JSON", name);
	return value;
}

static uint64_t get_number(struct json_object *object, const char *name)
{
	struct json_object *value = get(object, name);

	check(json_object_is_type(value, json_type_int));
	return json_object_get_uint64(value);
}

static size_t n_clients(struct json_object *json)
{
	return json_object_array_length(get(json, "clients"));
}

static struct json_object *client(struct json_object *json, size_t index)
{
	return json_object_array_get_idx(get(json, "clients"), index);
}

static void check_json(struct json_object *json, const struct wltex_counts *c)
{
	check_int(get_number(json, "commits"), c->commits);
	check_int(get_number(json, "imports"), c->imports);
	check_int(get_number(json, "reimports"), c->reimports);
	check_int(get_number(json, "uploads"), c->uploads);
	check_int(get_number(json, "reuses"), c->reuses);
	check_int(get_number(json, "destroys"), c->destroys);
	check_int(get_number(json, "failures"), c->failures);
	check_int(get_number(json, "refused"), c->refused);
	check_int(get_number(json, "not_asked"), c->not_asked);
	check_int(get_number(json, "live_textures"), c->live_textures);
	check_int(get_number(json, "live_bytes"), c->live_bytes);
	check_int(get_number(json, "peak_live_textures"), c->peak_live_textures);
	check_int(get_number(json, "peak_live_bytes"), c->peak_live_bytes);
	check_int(get_number(json, "redundant_commits"), c->redundant_commits);
	check_int(get_number(json, "damage_claimed_px"), c->damage_claimed_px);
	check_int(get_number(json, "damage_true_px"), c->damage_true_px);
	check_int(get_number(json, "fds"), c->fds);
	check_int(get_number(json, "peak_fds"), c->peak_fds);
	check_int(get_number(json, "shm_commits"), c->shm_commits);
	check_int(get_number(json, "shm_pools"), c->shm_pools);
	check_int(get_number(json, "peak_shm_pools"), c->peak_shm_pools);
	check_int(get_number(json, "shm_buffers"), c->shm_buffers);
	check_int(get_number(json, "peak_shm_buffers"), c->peak_shm_buffers);
	check_int(get_number(json, "shm_bytes"), c->shm_bytes);
	check_int(get_number(json, "peak_shm_bytes"), c->peak_shm_bytes);
}

TEST(empty)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct json_object *json = to_json(ledger);
	const struct wltex_counts nothing = {0};

	check(memcmp(wltex_ledger_get_counts(ledger), &nothing, sizeof(nothing)) == 0);
	check_json(json, &nothing);
	check_int(n_clients(json), 0);
	json_object_put(json);
	wltex_ledger_destroy(ledger);
}

#define N_OWNERS 5
#define MAX_LIVE 8

struct player {
	struct wltex_owner *owner; // NULL: counts in the totals only
	uint64_t live[MAX_LIVE];   // bytes of what it has
	int n_live, n_fds, n_not_asked;
	int n_pools, n_buffers;
	int64_t shm_bytes;
	uint64_t shm_commits;
};

static uint32_t next(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % limit;
}

/* So many that there are n of them, which is said of the owner later, too. */
static int change(int *count, int n)
{
	int delta = n - *count;

	*count = n;
	return delta;
}

static void play_shm(struct wltex_ledger *ledger, struct player *player, uint32_t *seed)
{
	struct wltex_owner *owner = player->owner;
	int64_t bytes = next(seed, 1000);

	wltex_ledger_shm_pools(ledger, owner, change(&player->n_pools, (int)next(seed, 6)));
	wltex_ledger_shm_buffers(ledger, owner, change(&player->n_buffers, (int)next(seed, 7)));
	wltex_ledger_shm_bytes(ledger, owner, bytes - player->shm_bytes);
	player->shm_bytes = bytes;
	if (next(seed, 2)) {
		wltex_ledger_shm_commit(ledger, owner);
		player->shm_commits++;
	}
}

static void check_shm(const struct player *player)
{
	const struct wltex_counts *counts = wltex_owner_get_counts(player->owner);

	check_int(counts->shm_pools, player->n_pools);
	check_int(counts->shm_buffers, player->n_buffers);
	check_int(counts->shm_bytes, player->shm_bytes);
	check_int(counts->shm_commits, player->shm_commits);
}

/* All that the player has goes, and so does its owner. */
static void end(struct wltex_ledger *ledger, struct player *player)
{
	struct wltex_owner *owner = player->owner;

	while (player->n_live > 0)
		wltex_ledger_destroyed(ledger, owner, player->live[--player->n_live]);
	wltex_ledger_fds(ledger, owner, -player->n_fds);
	wltex_ledger_shm_pools(ledger, owner, -player->n_pools);
	wltex_ledger_shm_buffers(ledger, owner, -player->n_buffers);
	wltex_ledger_shm_bytes(ledger, owner, -player->shm_bytes);
	wltex_owner_destroy(owner);
}

static void play(struct wltex_ledger *ledger, struct player *player, uint32_t *seed)
{
	struct wltex_owner *owner = player->owner;
	uint64_t bytes = 1 + next(seed, 1000);
	int delta;

	switch (next(seed, 11)) {
	case 0:
	case 1:
		if (player->n_live == MAX_LIVE)
			break;
		player->live[player->n_live++] = bytes;
		wltex_ledger_import(ledger, owner, bytes, next(seed, 2) == 0);
		break;
	case 2:
		if (player->n_live > 0)
			wltex_ledger_destroyed(ledger, owner, player->live[--player->n_live]);
		break;
	case 3:
		wltex_ledger_commit(ledger, owner);
		wltex_ledger_damage(ledger, owner, bytes, next(seed, (uint32_t)bytes), false);
		break;
	case 4:
		wltex_ledger_commit(ledger, owner);
		wltex_ledger_damage(ledger, owner, bytes, 0, true);
		wltex_ledger_reuse(ledger, owner);
		break;
	case 5:
		wltex_ledger_refuse(ledger, owner);
		wltex_ledger_failure(ledger, owner);
		wltex_ledger_upload(ledger, owner);
		break;
	case 6:
		wltex_ledger_commit(ledger, owner);
		wltex_ledger_not_asked(ledger, owner, 1);
		player->n_not_asked++;
		break;
	case 7:
		if (player->n_not_asked == 0)
			break;
		wltex_ledger_not_asked(ledger, owner, -1);
		wltex_ledger_reuse(ledger, owner);
		player->n_not_asked--;
		break;
	case 8:
		play_shm(ledger, player, seed);
		break;
	default:
		delta = (int)next(seed, 5) - player->n_fds;
		player->n_fds += delta;
		wltex_ledger_fds(ledger, owner, delta);
		break;
	}
}

/* Whatever happens, the invariants hold, and the totals are the sums of what adds up. */
TEST(random_play)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct player players[N_OWNERS] = {0};
	uint32_t seed = 20;

	for (int i = 1; i < N_OWNERS; i++)
		players[i].owner = wltex_owner_create(ledger, i, "player");
	for (int step = 0; step < 20000; step++) {
		/* The one without an owner only now and then. */
		uint32_t i = step % 100 == 0 ? 0 : 1 + next(&seed, N_OWNERS - 1);
		play(ledger, &players[i], &seed);
		check_counts(wltex_ledger_get_counts(ledger));
		if (players[i].owner != NULL)
			check_int(wltex_owner_get_counts(players[i].owner)->not_asked,
				players[i].n_not_asked);
		if (players[i].owner != NULL) {
			check_shm(&players[i]);
			check_counts(wltex_owner_get_counts(players[i].owner));
		}
	}
	struct json_object *json = to_json(ledger);
	check_json(json, wltex_ledger_get_counts(ledger));
	check_int(n_clients(json), N_OWNERS - 1);
	for (int i = 1; i < N_OWNERS; i++) {
		check_int(get_number(client(json, (size_t)i - 1), "pid"), i);
		check_json(client(json, (size_t)i - 1), wltex_owner_get_counts(players[i].owner));
	}
	json_object_put(json);
	for (int i = 0; i < N_OWNERS; i++)
		end(ledger, &players[i]);
	check_int(wltex_ledger_get_counts(ledger)->live_bytes, 0);
	check_int(wltex_ledger_get_counts(ledger)->fds, 0);
	check_int(wltex_ledger_get_counts(ledger)->shm_pools, 0);
	check_int(wltex_ledger_get_counts(ledger)->shm_buffers, 0);
	check_int(wltex_ledger_get_counts(ledger)->shm_bytes, 0);
	wltex_ledger_destroy(ledger);
}

static bool is_peak(size_t index)
{
	static const size_t peaks[] = {
		offsetof(struct wltex_counts, peak_live_textures),
		offsetof(struct wltex_counts, peak_live_bytes),
		offsetof(struct wltex_counts, peak_fds),
		offsetof(struct wltex_counts, peak_shm_pools),
		offsetof(struct wltex_counts, peak_shm_buffers),
		offsetof(struct wltex_counts, peak_shm_bytes),
	};

	for (size_t i = 0; i < sizeof(peaks) / sizeof(peaks[0]); i++) {
		if (index == peaks[i] / sizeof(uint64_t))
			return true;
	}
	return false;
}

TEST(totals_are_sums)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct player players[N_OWNERS] = {0};
	uint64_t sums[N_COUNTS] = {0}, totals[N_COUNTS], counts[N_COUNTS];
	uint32_t seed = 21;

	for (int i = 0; i < N_OWNERS; i++)
		players[i].owner = wltex_owner_create(ledger, i, "player");
	for (int step = 0; step < 5000; step++)
		play(ledger, &players[next(&seed, N_OWNERS)], &seed);
	for (int i = 0; i < N_OWNERS; i++) {
		memcpy(counts, wltex_owner_get_counts(players[i].owner), sizeof(counts));
		for (size_t k = 0; k < N_COUNTS; k++)
			sums[k] += counts[k];
	}
	memcpy(totals, wltex_ledger_get_counts(ledger), sizeof(totals));
	for (size_t k = 0; k < N_COUNTS; k++) {
		/* The most of all is at most the sum of the most of each. */
		if (is_peak(k))
			check(totals[k] <= sums[k]);
		else
			check_int(totals[k], sums[k]);
	}
	for (int i = 0; i < N_OWNERS; i++)
		end(ledger, &players[i]);
	wltex_ledger_destroy(ledger);
}

/* The last 64 that did something are kept, the newest first; the totals keep all. */
TEST(owners_gone)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct wltex_owner *live = wltex_owner_create(ledger, 7, "live");

	for (int i = 0; i < 100; i++) {
		struct wltex_owner *idle = wltex_owner_create(ledger, 5000 + i, "idle");
		struct wltex_owner *owner = wltex_owner_create(ledger, 1000 + i, "gone");
		wltex_ledger_commit(ledger, owner);
		wltex_owner_destroy(owner);
		wltex_owner_destroy(idle);
	}
	struct json_object *json = to_json(ledger);
	check_int(get_number(json, "commits"), 100);
	check_int(n_clients(json), 1 + 64);
	check(json_object_get_boolean(get(client(json, 0), "live")));
	check_str(json_object_get_string(get(client(json, 0), "name")), "live");
	for (size_t i = 0; i < 64; i++) {
		check_int(get_number(client(json, 1 + i), "pid"), 1099 - i);
		check(!json_object_get_boolean(get(client(json, 1 + i), "live")));
		check_int(get_number(client(json, 1 + i), "commits"), 1);
	}
	json_object_put(json);
	wltex_owner_destroy(live);
	wltex_ledger_destroy(ledger);
}

/* Each single thing is something. */
TEST(owner_that_only_was_refused)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct wltex_owner *owner = wltex_owner_create(ledger, 1, "refused");

	wltex_ledger_refuse(ledger, owner);
	wltex_owner_destroy(owner);
	struct json_object *json = to_json(ledger);
	check_int(n_clients(json), 1);
	json_object_put(json);
	wltex_ledger_destroy(ledger);
}

TEST(hostile_names)
{
	static const char *const names[][2] = {
		{NULL, ""},
		{"", ""},
		{"\"},{\"pid\": 0, \"name\": \"", "\"},{\"pid\": 0, \"name\": \""},
		{"back\\slash\\", "back\\slash\\"},
		{"new\nline\ttab\rreturn\x1b[31mred\x7f",
			"new\\x0aline\\x09tab\\x0dreturn\\x1b[31mred\\x7f"},
		{"\xff\xfe\xc0\x80\xed\xa0\x80", "\\xff\\xfe\\xc0\\x80\\xed\\xa0\\x80"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"%s%n%d", "%s%n%d"},
		{"</script>", "</script>"},
		{"0123456789012345678901234567890123456789012345678901234567890123456789",
			"012345678901234567890123456789012345678901234567890123456789012"},
	};
	struct wltex_ledger *ledger = wltex_ledger_create();
	size_t n = sizeof(names) / sizeof(names[0]);
	struct wltex_owner *owners[sizeof(names) / sizeof(names[0])];

	for (size_t i = 0; i < n; i++)
		owners[i] = wltex_owner_create(ledger, (pid_t)i, names[i][0]);
	struct json_object *json = to_json(ledger);
	check_int(n_clients(json), n);
	for (size_t i = 0; i < n; i++)
		check_str(json_object_get_string(get(client(json, i), "name")), names[i][1]);
	json_object_put(json);
	for (size_t i = 0; i < n; i++)
		wltex_owner_destroy(owners[i]);
	wltex_ledger_destroy(ledger);
}

/* A client's file of holes can have 8 EiB; some of them must not wrap the count. */
TEST(endless_bytes)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct wltex_owner *owner = wltex_owner_create(ledger, 1, "sparse");
	const struct wltex_counts *c = wltex_owner_get_counts(owner);
	uint64_t last = 0;

	for (int i = 0; i < 10; i++) {
		wltex_ledger_import(ledger, owner, i % 2 == 0 ? INT64_MAX : UINT64_MAX, false);
		check(c->live_bytes > last);
		last = c->live_bytes;
	}
	wltex_ledger_import(ledger, owner, 4096, false);
	for (int i = 0; i < 10; i++)
		wltex_ledger_destroyed(ledger, owner, i % 2 == 0 ? INT64_MAX : UINT64_MAX);
	check_int(c->live_bytes, 4096);
	wltex_ledger_destroyed(ledger, owner, 4096);
	check_int(c->live_bytes, 0);
	wltex_owner_destroy(owner);
	wltex_ledger_destroy(ledger);
}

/* Owners that outlive their ledger keep their counts, and are still to be destroyed. */
TEST(ledger_destroyed_first)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	struct wltex_owner *a = wltex_owner_create(ledger, 1, "a");
	struct wltex_owner *b = wltex_owner_create(ledger, 2, "b");

	wltex_ledger_commit(ledger, a);
	wltex_ledger_destroy(ledger);
	check_int(wltex_owner_get_counts(a)->commits, 1);
	wltex_owner_destroy(b);
	wltex_owner_destroy(a);
}

TEST(write_error)
{
	struct wltex_ledger *ledger = wltex_ledger_create();
	FILE *full = fopen("/dev/full", "w");

	if (full == NULL)
		test_skip("no /dev/full");
	check(wltex_ledger_print_json(ledger, full) < 0);
	fclose(full);
	FILE *read_only = fopen("/dev/null", "r");
	check(wltex_ledger_print_json(ledger, read_only) < 0);
	fclose(read_only);
	wltex_ledger_destroy(ledger);
}
