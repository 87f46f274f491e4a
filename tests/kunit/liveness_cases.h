/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Signs of life: kmod/liveness.c. */
#include "../../kmod/liveness.h"
#include "cases.h"

static const struct rr_patience usual = { .busy_ms = 3000, .idle_ms = 60000 };

/* Ticks without a sign until there is something to do. */
static u32 liveness_silence(struct rr_liveness *l, bool busy, enum rr_sign *sign)
{
	u32 ticks = 0;

	do {
		*sign = rr_liveness_tick(l, &usual, false, busy, 1);
		ticks++;
	} while (*sign == RR_SIGN_NONE && ticks < 10000);
	return ticks;
}

CASE(liveness_finds_a_dead_peer_of_calls_in_time)
{
	struct rr_liveness l = {};
	enum rr_sign sign;
	u32 ticks;

	ticks = liveness_silence(&l, true, &sign);
	EXPECT_EQ(sign, RR_SIGN_ASK);
	EXPECT_EQ(ticks, 4);
	ticks += liveness_silence(&l, true, &sign);
	EXPECT_EQ(sign, RR_SIGN_DEAD);
	/* What came just behind a tick is one tick older than it seems. */
	EXPECT((ticks + 1) * RR_TICK_MS <= usual.busy_ms);
}

CASE(liveness_bears_stuck_calls_for_a_while)
{
	const struct rr_patience p = { .stuck_ms = 1000 };
	u32 ticks = 0;
	int i;

	for (i = 0; i < 4; i++)
		EXPECT_EQ(rr_liveness_stuck(&ticks, &p, true), false);
	EXPECT_EQ(rr_liveness_stuck(&ticks, &p, false), false);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(rr_liveness_stuck(&ticks, &p, true), false);
	EXPECT_EQ(rr_liveness_stuck(&ticks, &p, true), true);
}

CASE(liveness_asks_an_idle_peer_once_a_minute)
{
	struct rr_liveness l = {};
	enum rr_sign sign;
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(liveness_silence(&l, false, &sign), 240);
		EXPECT_EQ(sign, RR_SIGN_ASK);
		EXPECT_EQ(rr_liveness_tick(&l, &usual, true, false, 1), RR_SIGN_NONE);
	}
	liveness_silence(&l, false, &sign);
	EXPECT_EQ(sign, RR_SIGN_ASK);
	EXPECT_EQ(liveness_silence(&l, false, &sign), 6);
	EXPECT_EQ(sign, RR_SIGN_DEAD);
}

/* A call begins where all has been silent for long: the peer is asked first. */
CASE(liveness_asks_before_it_believes)
{
	struct rr_liveness l = {};
	int i;

	for (i = 0; i < 200; i++)
		EXPECT_EQ(rr_liveness_tick(&l, &usual, false, false, 1), RR_SIGN_NONE);
	EXPECT_EQ(rr_liveness_tick(&l, &usual, false, true, 1), RR_SIGN_ASK);
	EXPECT_EQ(rr_liveness_tick(&l, &usual, false, true, 1), RR_SIGN_NONE);
}

CASE(liveness_any_sign_will_do)
{
	struct rr_liveness l = {};
	enum rr_sign sign;
	int i;

	for (i = 0; i < 1000; i++)
		EXPECT_EQ(rr_liveness_tick(&l, &usual, i % 4 == 3, true, 1), RR_SIGN_NONE);
	liveness_silence(&l, true, &sign);
	EXPECT_EQ(sign, RR_SIGN_ASK);
	EXPECT_EQ(rr_liveness_tick(&l, &usual, true, true, 1), RR_SIGN_NONE);
	EXPECT_EQ(liveness_silence(&l, true, &sign), 4);
	EXPECT_EQ(sign, RR_SIGN_ASK);
}

CASE(liveness_bears_the_least_patience)
{
	const struct rr_patience none = {};
	struct rr_liveness l = {};

	EXPECT_EQ(rr_liveness_tick(&l, &none, false, true, 1), RR_SIGN_ASK);
	EXPECT_EQ(rr_liveness_tick(&l, &none, false, true, 1), RR_SIGN_DEAD);
}

/* An idle peer is asked at the same time, however seldom it is looked at. */
CASE(liveness_rests_while_nothing_is_to_be_done)
{
	const struct rr_patience longer = { .busy_ms = 3000, .idle_ms = 600000 };
	struct rr_liveness l = {};

	EXPECT_EQ(rr_liveness_tick(&l, &usual, true, false, 1), RR_SIGN_NONE);
	EXPECT_EQ(rr_liveness_rest(&l, &usual, false), 240);
	EXPECT_EQ(rr_liveness_rest(&l, &usual, true), 1);
	EXPECT_EQ(rr_liveness_rest(&l, &longer, false), RR_MOST_TICKS);
	EXPECT_EQ(rr_liveness_tick(&l, &usual, false, false, 200), RR_SIGN_NONE);
	EXPECT_EQ(rr_liveness_rest(&l, &usual, false), 40);
	EXPECT_EQ(rr_liveness_tick(&l, &usual, false, false, 40), RR_SIGN_ASK);
	EXPECT_EQ(rr_liveness_rest(&l, &usual, false), 1);
}
