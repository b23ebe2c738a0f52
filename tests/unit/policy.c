/* SPDX-License-Identifier: MIT */
/* When surfaces are looked at, what looks may take, and by which names they are left alone. */
#include "test.h"
#include "session/budget.h"
#include "session/options.h"
#include "session/policy.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)
#define FRAME_PX (640 * 480)
#define MIB (UINT64_C(1) << 20)

struct player {
	struct policy policy;
	uint64_t now_ns;
	unsigned int looks;
};

static void init(struct player *player)
{
	*player = (struct player){.now_ns = 1234 * S};
	policy_init(&player->policy);
}

/* A commit, 16 ms after the last. */
static bool commit(struct player *player, bool compared, uint64_t claimed_px, uint64_t changed_px)
{
	player->now_ns += 16 * MS;
	if (!policy_begin(&player->policy, claimed_px, player->now_ns))
		return false;
	player->looks++;
	policy_end(&player->policy, compared, claimed_px, changed_px, player->now_ns);
	return true;
}

static bool play_video(struct player *player)
{
	return commit(player, true, FRAME_PX, FRAME_PX);
}

/* How many milliseconds pass until the next look, however many commits come meanwhile. */
static unsigned int count_rest(struct player *player)
{
	unsigned int n = 0;

	for (; !policy_begin(&player->policy, FRAME_PX, player->now_ns); n++)
		player->now_ns += MS;
	policy_end(&player->policy, false, FRAME_PX, FRAME_PX, player->now_ns);
	return n;
}

TEST(looks_at_first)
{
	struct player player;

	init(&player);
	check_str(policy_describe(&player.policy), "looking");
	for (int i = 0; i < 3; i++)
		check(play_video(&player));
	check_str(policy_describe(&player.policy), "looking");
	check(play_video(&player));
	check(!play_video(&player));
	check_str(policy_describe(&player.policy), "left alone: all that is claimed changes");
}

/* Each rest is twice as long, up to an end; after each come two looks. */
TEST(rests_longer_and_longer)
{
	static const unsigned int rests[] = {500, 1000, 2000, 4000, 8000, 16000, 16000, 16000};
	struct player player;

	init(&player);
	for (int i = 0; i < 4; i++)
		check(play_video(&player));
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		check_int(count_rest(&player), rests[i]);
		check_str(policy_describe(&player.policy), "looking");
		policy_end(&player.policy, true, FRAME_PX, FRAME_PX, player.now_ns);
	}
}

/* A rest is of time: a client that commits a million times a second does not shorten it. */
TEST(commits_do_not_end_a_rest)
{
	struct player player;
	unsigned int looks = 0;

	init(&player);
	while (play_video(&player))
		;
	for (uint64_t i = 0; i < 499999; i++)
		looks += policy_begin(&player.policy, FRAME_PX, player.now_ns - 16 * MS + i * 1000);
	check_int(looks, 0);
}

TEST(video_costs_next_to_nothing)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 10000; i++)
		play_video(&player);
	check(player.looks >= 4);
	check(player.looks < 40);
}

TEST(wakes_when_it_pays)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 200; i++)
		play_video(&player);
	while (!commit(&player, true, FRAME_PX, 0))
		;
	for (int i = 0; i < 100; i++)
		check(commit(&player, true, FRAME_PX, i % 2 == 0 ? FRAME_PX : 0));
	/* What was learnt before counts no more. */
	while (play_video(&player))
		;
	check_int(count_rest(&player), 500 - 16);
}

/* Little is saved if an eighth of the claim is the same, or less. */
TEST(an_eighth)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 100; i++)
		check(commit(&player, true, 800000, 700000));
	for (int i = 0; i < 4; i++)
		check(commit(&player, true, 800000, 700001));
	check(!commit(&player, true, 800000, 700001));
}

/* Where there is nothing to compare with, for once, nothing is learnt. */
TEST(nothing_to_compare_with)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 1000; i++)
		check(commit(&player, i % 5 == 4, FRAME_PX, i % 5 == 4 ? 0 : FRAME_PX));
	/* For ever is another thing: a window that is never the same, or claims another part. */
	for (int i = 0; i < 1000; i++)
		commit(&player, false, FRAME_PX, FRAME_PX);
	check_str(policy_describe(&player.policy), "left alone: nothing to compare with");
	check(player.looks < 1040);
}

/*
 * A cursor that blinks, claimed exactly, is left alone like a video; but that says nothing of what
 * else is claimed.
 */
TEST(small_claims)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 4; i++)
		check(commit(&player, true, 64 * 64, 64 * 64));
	check(!commit(&player, true, 64 * 64, 64 * 64));
	check_str(policy_describe(&player.policy), "left alone: all that is claimed changes");
	for (int i = 0; i < 100; i++)
		check(commit(&player, true, FRAME_PX, 0));
	check_str(policy_describe(&player.policy), "looking");
	/* Nothing claimed is nothing learnt. */
	init(&player);
	for (int i = 0; i < 1000; i++)
		check(commit(&player, true, 0, 0));
}

TEST(too_costly)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 4; i++) {
		check(policy_begin(&player.policy, FRAME_PX, player.now_ns));
		policy_refuse(&player.policy, FRAME_PX, player.now_ns);
	}
	check(!policy_begin(&player.policy, FRAME_PX, player.now_ns));
	check_str(policy_describe(&player.policy), "left alone: sums cost too much");
}

TEST(costly_at_times_is_forgiven)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 1000; i++) {
		if (i % 4 == 3)
			policy_refuse(&player.policy, FRAME_PX, player.now_ns);
		else
			check(commit(&player, true, FRAME_PX, 0));
	}
}

/* What looks may take: 4 ms of a repaint, 250 ms of a second. */
static void init_budget(struct budget *budget)
{
	budget_init(budget, 4 * MS, 250 * MS);
	/* As if memory were read at 1 GiB/s for long. */
	for (int i = 0; i < 1000; i++) {
		struct budget_share share = {0};
		budget_spend(budget, &share, MIB, MS);
	}
	budget_begin_repaint(budget);
}

/* All surfaces together, and nothing is begun that does not fit. */
TEST(budget_of_a_repaint)
{
	struct budget_share a = {0}, b = {0};
	struct budget budget;

	init_budget(&budget);
	check(!budget_fits(&budget, &a, 5 * MIB, S));
	check(budget_fits(&budget, &a, 3 * MIB, S));
	budget_spend(&budget, &a, 3 * MIB, 3 * MS);
	check(!budget_fits(&budget, &b, 2 * MIB, S));
	check(budget_fits(&budget, &b, MIB / 2, S));
	budget_begin_repaint(&budget);
	check(budget_fits(&budget, &b, 3 * MIB, S));
}

/* Each client for itself, however many its surfaces and repaints are. */
TEST(budget_of_a_second)
{
	struct budget_share greedy = {0}, other = {0};
	uint64_t now_ns = 5 * S, spent_ns = 0;
	struct budget budget;

	init_budget(&budget);
	for (int i = 0; i < 999; i++, now_ns += MS) {
		budget_begin_repaint(&budget);
		if (!budget_fits(&budget, &greedy, 2 * MIB, now_ns))
			continue;
		budget_spend(&budget, &greedy, 2 * MIB, 2 * MS);
		spent_ns += 2 * MS;
	}
	check(spent_ns > 240 * MS && spent_ns <= 250 * MS);
	check(budget_fits(&budget, &other, 2 * MIB, now_ns));
	check(budget_fits(&budget, &greedy, 2 * MIB, 6 * S));
}

TEST(budget_of_nothing)
{
	struct budget_share share = {0};
	struct budget budget;

	budget_init(&budget, 0, 250 * MS);
	budget_begin_repaint(&budget);
	check(!budget_fits(&budget, &share, MIB, S));
	budget_init(&budget, 4 * MS, 0);
	budget_begin_repaint(&budget);
	check(!budget_fits(&budget, &share, MIB, S));
	check(!budget_fits_share(&budget, &share, 0, S));
}

/* No size makes the estimate wrap, and no measurement makes it nothing, or everything. */
TEST(budget_of_anything)
{
	struct budget_share share = {0};
	struct budget budget;

	init_budget(&budget);
	check(!budget_fits(&budget, &share, UINT64_MAX, S));
	check(!budget_fits(&budget, &share, UINT64_C(1) << 44, S));
	for (int i = 0; i < 100; i++)
		budget_spend(&budget, &share, MIB, 0);
	check(budget.ns_per_mib > 0);
	for (int i = 0; i < 1000; i++)
		budget_spend(&budget, &share, MIB, 3600 * S);
	share = (struct budget_share){0};
	budget_begin_repaint(&budget);
	check(budget_fits(&budget, &share, 64 << 10, S));
}

TEST(names)
{
	check(options_list_has("weston-terminal", "weston-terminal"));
	check(options_list_has("a,b,c", "a") && options_list_has("a,b,c", "b"));
	check(options_list_has("a,b,c", "c") && options_list_has(" a, b ,c ", "c"));
	check(options_list_has("a , b ,c", "a") && options_list_has("a , b ,c", "b"));
	check(options_list_has("My Program,x", "My Program"));
	check(options_list_has(",,a,,b,,", "b"));

	check(!options_list_has("abc", "ab") && !options_list_has("abc", "bc"));
	check(!options_list_has("ab", "abc") && !options_list_has("a b", "a"));
	check(!options_list_has("a,b", "a,b") && !options_list_has("a", "A"));
	check(!options_list_has("", "a") && !options_list_has(",", "a"));
	check(!options_list_has("", "") && !options_list_has("a,,b", ""));
	check(!options_list_has(NULL, "a") && !options_list_has("a", NULL));
	check(!options_list_has(NULL, NULL));
}
