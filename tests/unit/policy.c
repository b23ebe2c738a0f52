/* SPDX-License-Identifier: MIT */
/* When a surface's commits are looked at, and by which names it is left alone. */
#include "test.h"
#include "weston/options.h"
#include "weston/policy.h"

#define MS 1000000u
#define S (1000 * (uint64_t)MS)
#define FRAME_PX (640 * 480)

static const struct policy_budget budget = {.commit_ns = 4 * MS, .second_ns = 250 * MS};

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

/* A commit, 16 ms after the last, of which a look would take so long. */
static bool commit(struct player *player, bool compared, uint64_t claimed_px, uint64_t changed_px,
	uint64_t cost_ns)
{
	player->now_ns += 16 * MS;
	if (!policy_begin(&player->policy))
		return false;
	player->looks++;
	policy_end(&player->policy, &budget, compared, claimed_px, changed_px, player->now_ns,
		cost_ns);
	return true;
}

static bool play_video(struct player *player)
{
	return commit(player, true, FRAME_PX, FRAME_PX, MS);
}

/* How many commits pass until the next look. */
static unsigned int count_rest(struct player *player)
{
	unsigned int n = 0;

	while (!policy_begin(&player->policy))
		n++;
	policy_end(&player->policy, &budget, false, FRAME_PX, FRAME_PX, player->now_ns, MS);
	return n;
}

TEST(looks_at_first)
{
	struct player player;

	init(&player);
	check_str(policy_state_name(player.policy.state), "looking");
	for (int i = 0; i < 3; i++)
		check(play_video(&player));
	check_str(policy_state_name(player.policy.state), "looking");
	check(play_video(&player));
	check(!play_video(&player));
	check_str(
		policy_state_name(player.policy.state), "left alone: all that is claimed changes");
}

/* Each rest is twice as long, up to an end; after each come two looks. */
TEST(rests_longer_and_longer)
{
	static const unsigned int rests[] = {32, 64, 128, 256, 512, 1024, 1024, 1024};
	struct player player;

	init(&player);
	for (int i = 0; i < 4; i++)
		check(play_video(&player));
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		check_int(count_rest(&player), rests[i]);
		check_str(policy_state_name(player.policy.state), "looking");
		check(play_video(&player));
	}
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
	while (!commit(&player, true, FRAME_PX, 0, MS))
		;
	for (int i = 0; i < 100; i++)
		check(commit(&player, true, FRAME_PX, i % 2 == 0 ? FRAME_PX : 0, MS));
	/* What was learnt before counts no more. */
	while (play_video(&player))
		;
	check_int(count_rest(&player), 31);
}

/* Little is saved if an eighth of the claim is the same, or less. */
TEST(an_eighth)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 100; i++)
		check(commit(&player, true, 800000, 700000, MS));
	for (int i = 0; i < 4; i++)
		check(commit(&player, true, 800000, 700001, MS));
	check(!commit(&player, true, 800000, 700001, MS));
}

/* Where there was nothing to compare with, nothing is learnt. */
TEST(nothing_to_compare_with)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 1000; i++)
		check(commit(&player, false, FRAME_PX, FRAME_PX, MS));
}

/* A small claim is looked at whatever comes of it: a cursor, a clock. */
TEST(small_claims)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 1000; i++)
		check(commit(&player, true, 64 * 64, 64 * 64, MS / 10));
	for (int i = 0; i < 1000; i++)
		check(commit(&player, true, 0, 0, 0));
}

/* Over the budget of a commit: even if it finds something, and also if it cannot compare. */
TEST(costly_commits)
{
	for (int compared = 0; compared < 2; compared++) {
		struct player player;
		init(&player);
		for (int i = 0; i < 4; i++)
			check(commit(&player, compared != 0, FRAME_PX, 0, 4 * MS + 1));
		check(!commit(&player, compared != 0, FRAME_PX, 0, 4 * MS + 1));
		check_str(policy_state_name(player.policy.state), "left alone: sums cost too much");
	}
}

TEST(one_costly_commit_is_forgiven)
{
	struct player player;

	init(&player);
	for (int i = 0; i < 1000; i++)
		check(commit(&player, true, FRAME_PX, 0, i % 4 == 3 ? 5 * MS : MS));
}

/* Each commit within its budget, but too many of them. */
TEST(costly_second)
{
	struct player player;
	uint64_t spent_ns = 0, begin_ns;

	init(&player);
	begin_ns = player.now_ns;
	while (policy_begin(&player.policy)) {
		player.now_ns += 5 * MS;
		policy_end(&player.policy, &budget, true, FRAME_PX, 0, player.now_ns, 4 * MS);
		spent_ns += 4 * MS;
		check(player.now_ns - begin_ns < S);
	}
	check(spent_ns > 250 * MS && spent_ns < 280 * MS);
	check_str(policy_state_name(player.policy.state), "left alone: sums cost too much");
}

TEST(seconds_are_counted_apart)
{
	struct player player;

	init(&player);
	/* 60 commits a second, of 4 ms each: 240 ms. */
	for (int i = 0; i < 1000; i++)
		check(commit(&player, true, FRAME_PX, 0, 4 * MS));
}

TEST(no_budget)
{
	const struct policy_budget none = {0};
	struct policy policy;
	int looks = 0;

	policy_init(&policy);
	for (uint64_t i = 0; i < 1000; i++) {
		if (!policy_begin(&policy))
			continue;
		looks++;
		policy_end(&policy, &none, true, FRAME_PX, 0, i * MS, 1);
	}
	check(looks < 12);
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
