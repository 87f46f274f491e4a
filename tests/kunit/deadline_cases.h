/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Deadlines: kmod/deadline.c. */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "../../kmod/deadline.h"
#include "../../kmod/wire.h"
#include "../../uapi/rdmarpc.h"
#include "cases.h"

#define NOW	((ktime_t)123456789123456789LL)

CASE(deadline_is_over_when_it_has_come)
{
	EXPECT(!rr_deadline_over(NOW + 1, NOW));
	EXPECT(rr_deadline_over(NOW, NOW));
	EXPECT(rr_deadline_over(NOW - 1, NOW));
	EXPECT(!rr_deadline_over(KTIME_MAX, NOW));
}

CASE(deadline_leaves_time_until_it_is_over)
{
	EXPECT_EQ(rr_deadline_left_us(NOW - 5000, NOW), 0);
	EXPECT_EQ(rr_deadline_left_us(NOW, NOW), 0);
	EXPECT_EQ(rr_deadline_left_us(NOW + 1, NOW), 1);
	EXPECT_EQ(rr_deadline_left_us(NOW + 1000, NOW), 1);
	EXPECT_EQ(rr_deadline_left_us(NOW + 1001, NOW), 2);
	EXPECT_EQ(rr_deadline_left_us(NOW + 7200000000000LL, NOW), 7200000000ULL);
	EXPECT_EQ(rr_deadline_left_us(KTIME_MAX, NOW), RDMARPC_NO_DEADLINE);
}

CASE(deadline_travels_as_its_budget)
{
	static const u32 budgets[] = { 1, 2, 1000, 0x80000000, RR_BUDGET_NONE - 1, RR_BUDGET_NONE };
	int i;

	for (i = 0; i < sizeof(budgets) / sizeof(*budgets); i++)
		EXPECT_EQ(rr_deadline_budget(rr_deadline_of_budget(NOW, budgets[i]), NOW),
			  budgets[i]);
	EXPECT_EQ(rr_deadline_of_budget(NOW, 5), NOW + 5000);
	EXPECT_EQ(rr_deadline_of_budget(NOW, RR_BUDGET_NONE), KTIME_MAX);
	/* Neither "none" nor nothing at all comes of one that is far or over. */
	EXPECT_EQ(rr_deadline_budget(NOW + 9000000000000LL, NOW), RR_BUDGET_NONE - 1);
	EXPECT_EQ(rr_deadline_budget(NOW, NOW), 1);
	EXPECT_EQ(rr_deadline_budget(NOW - 1, NOW), 1);
}

/* So many whole jiffies, and the rest of this one, are as long as that; two less are not. */
CASE(deadline_timers_are_not_early)
{
	static const u64 waits[] = {
		1, 999, 1000, 3333, 3334, 3999, 4000, 4001, 9999, 10000, 10001, 999999, 1000000,
		1000001, 3600000000ULL, 4294959296ULL, U32_MAX - 1, U32_MAX, 1ULL << 32,
		1ULL << 40,
	};
	u64 us, jiffies;
	int i;

	for (i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		us = waits[i];
		jiffies = rr_deadline_jiffies(NOW + us * 1000, NOW);
		EXPECT((jiffies - 1) * USEC_PER_SEC >= us * HZ);
		EXPECT((jiffies - 2) * USEC_PER_SEC < us * HZ);
		EXPECT_EQ(rr_wait_jiffies(us), jiffies);
	}
	EXPECT_EQ(rr_deadline_jiffies(NOW, NOW), 1);
	EXPECT_EQ(rr_deadline_jiffies(NOW - 1000, NOW), 1);
	EXPECT_EQ(rr_deadline_jiffies(NOW + 1, NOW), 2);
}

CASE(deadline_waits_end_where_they_should)
{
	EXPECT_EQ(rr_wait_jiffies(0), 0);
	EXPECT_EQ(rr_wait_jiffies(U64_MAX), MAX_SCHEDULE_TIMEOUT);
	EXPECT(rr_wait_jiffies(U64_MAX - 1) > 0);
	EXPECT(rr_wait_jiffies(U64_MAX - 1) <= MAX_JIFFY_OFFSET);
}
