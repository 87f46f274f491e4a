/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Who takes turns with whom, and when there are too many: kmod/fair.c. */
#include "../../kmod/fair.h"
#include "cases.h"

/* More than any queue may hold. */
#define FAIR_ITEMS	(4 * RR_FAIR_FULL)

static struct fair_item {
	struct list_head link;
	u32 key;
} fair_items[FAIR_ITEMS];
static u32 fair_used;
static struct rr_fair fair_queue;

static void fair_begin(void)
{
	fair_used = 0;
	rr_fair_init(&fair_queue);
}

static bool fair_add(u32 key)
{
	struct fair_item *item = &fair_items[fair_used];

	item->key = key;
	if (!rr_fair_add(&fair_queue, key, &item->link))
		return false;
	fair_used++;
	return true;
}

static struct fair_item *fair_next(void)
{
	return (struct fair_item *)rr_fair_next(&fair_queue);
}

CASE(fair_owners_take_turns)
{
	static const u32 turns[] = { 1, 2, 3, 1, 2, 1, 1, 1 };
	struct fair_item *item;
	u32 i;

	fair_begin();
	for (i = 0; i < 5; i++)
		fair_add(1);
	fair_add(2);
	fair_add(2);
	fair_add(3);
	for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		item = fair_next();
		REQUIRE(item);
		EXPECT_EQ(item->key, turns[i]);
	}
	EXPECT(!fair_next());
	EXPECT_EQ(fair_queue.nr, 0);
}

CASE(fair_items_of_an_owner_keep_their_order)
{
	u32 i;

	fair_begin();
	for (i = 0; i < 10; i++)
		fair_add(7);
	for (i = 0; i < 10; i++)
		EXPECT(fair_next() == &fair_items[i]);
}

CASE(fair_who_comes_late_does_not_wait_for_who_has_many)
{
	struct fair_item *item;

	fair_begin();
	while (fair_add(1))
		;
	EXPECT_EQ(fair_queue.nr, RR_FAIR_FULL);
	fair_next();
	REQUIRE(fair_add(2));
	fair_next();
	item = fair_next();
	REQUIRE(item);
	EXPECT_EQ(item->key, 2);
}

/* One more lane does not cost those before it theirs, and all together are bounded. */
CASE(fair_everybody_has_a_share_of_what_is_full)
{
	u32 key, mine;

	fair_begin();
	while (fair_add(0))
		;
	for (key = 1; key < RR_FAIR_LANES; key++) {
		for (mine = 0; fair_add(key); mine++)
			REQUIRE(mine < RR_FAIR_SHARE);
		EXPECT_EQ(mine, RR_FAIR_SHARE);
	}
	EXPECT(fair_queue.nr < 2 * RR_FAIR_FULL);
	EXPECT(!fair_add(0));
	while (fair_next())
		;
	EXPECT_EQ(fair_queue.nr, 0);
	EXPECT(fair_add(0));
}

CASE(fair_what_is_taken_out_has_no_turn)
{
	fair_begin();
	fair_add(1);
	fair_add(2);
	fair_add(2);
	rr_fair_del(&fair_queue, 1, &fair_items[0].link);
	EXPECT(list_empty(rr_fair_items(&fair_queue, 1)));
	rr_fair_del(&fair_queue, 2, &fair_items[1].link);
	EXPECT_EQ(fair_queue.nr, 1);
	EXPECT(fair_next() == &fair_items[2]);
	EXPECT(!fair_next());
	EXPECT_EQ(fair_queue.nr, 0);
}

static bool fair_is_even(struct list_head *item, void *asked)
{
	++*(u32 *)asked;
	return !(((struct fair_item *)item)->key % 2);
}

CASE(fair_who_does_not_fit_keeps_his_turn)
{
	struct fair_item *item;
	u32 asked = 0;

	fair_begin();
	fair_add(1);
	fair_add(3);
	fair_add(2);
	fair_add(4);
	fair_add(2);
	EXPECT(rr_fair_has_fit(&fair_queue, fair_is_even, &asked));
	EXPECT_EQ(asked, 3);
	EXPECT_EQ(fair_queue.nr, 5);
	EXPECT(rr_fair_next_fit(&fair_queue, fair_is_even, &asked) == &fair_items[2].link);
	EXPECT(rr_fair_next_fit(&fair_queue, fair_is_even, &asked) == &fair_items[3].link);
	item = fair_next();
	REQUIRE(item);
	EXPECT_EQ(item->key, 1);
	EXPECT(rr_fair_next_fit(&fair_queue, fair_is_even, &asked) == &fair_items[4].link);
	EXPECT(!rr_fair_has_fit(&fair_queue, fair_is_even, &asked));
	EXPECT(!rr_fair_next_fit(&fair_queue, fair_is_even, &asked));
	EXPECT(fair_next() == &fair_items[1]);
	EXPECT_EQ(fair_queue.nr, 0);
}

CASE(fair_what_is_put_back_is_next_and_always_has_room)
{
	struct fair_item *item;

	fair_begin();
	fair_add(1);
	fair_add(1);
	fair_add(2);
	item = fair_next();
	REQUIRE(item);
	rr_fair_put_back(&fair_queue, item->key, &item->link);
	EXPECT_EQ(fair_queue.nr, 3);
	EXPECT(fair_next() == item);
	EXPECT(fair_next() == &fair_items[2]);
	rr_fair_put_back(&fair_queue, 2, &fair_items[2].link);
	EXPECT(fair_next() == &fair_items[2]);
	EXPECT(fair_next() == &fair_items[1]);

	while (fair_add(1))
		;
	item = fair_next();
	while (fair_add(1))
		;
	REQUIRE(item);
	rr_fair_put_back(&fair_queue, 1, &item->link);
	EXPECT_EQ(fair_queue.nr, RR_FAIR_FULL + 1);
	EXPECT(fair_next() == item);
}
