/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Backoff, budget, and what may be retried: kmod/retry.c. */
#include <linux/errno.h>

#include "../../kmod/retry.h"
#include "cases.h"

/* A random number of 0 is the least delay that a step may have. */
CASE(backoff_doubles_up_to_its_most)
{
	static const u32 least[] = { 5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000 };
	struct rr_backoff b = {};
	u32 i;

	for (i = 0; i < sizeof(least) / sizeof(least[0]); i++)
		EXPECT_EQ(rr_backoff_next(&b, 0), least[i]);
}

CASE(backoff_spreads_over_half_of_its_step)
{
	struct rr_backoff b;
	bool seen[11] = {};
	u32 i, ms;

	for (i = 0; i < 1000; i++) {
		b = (struct rr_backoff) {};
		ms = rr_backoff_next(&b, i * 2654435761U);
		REQUIRE(ms >= 5 && ms <= 10);
		seen[ms] = true;
	}
	for (ms = 5; ms <= 10; ms++)
		EXPECT(seen[ms]);
}

static u32 budget_spent(struct rr_budget *b)
{
	u32 n = 0;

	while (n < 100000 && rr_budget_spend(b))
		n++;
	return n;
}

CASE(budget_pays_one_retry_for_ten_calls)
{
	struct rr_budget b;
	u32 i;

	rr_budget_init(&b, 30);
	EXPECT_EQ(budget_spent(&b), 30);
	for (i = 0; i < 9; i++)
		rr_budget_earn(&b);
	EXPECT_EQ(budget_spent(&b), 0);
	rr_budget_earn(&b);
	EXPECT_EQ(budget_spent(&b), 1);
	for (i = 0; i < 100; i++)
		rr_budget_earn(&b);
	EXPECT_EQ(budget_spent(&b), 10);
}

CASE(budget_saves_up_no_more_than_its_most)
{
	struct rr_budget b;
	u32 i;

	rr_budget_init(&b, 1);
	for (i = 0; i < 1000; i++)
		rr_budget_earn(&b);
	EXPECT_EQ(budget_spent(&b), 10);
}

CASE(retry_only_what_is_safe_and_asked_for)
{
	static const struct {
		int error;
		u32 outcome;
		enum rr_retry plain, waits, idempotent;
	} all[] = {
		{ 0, RDMARPC_OUTCOME_OK, RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -EREMOTEIO, RDMARPC_OUTCOME_APP_ERROR,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -ENOTCONN, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_RECONNECTED, RR_RETRY_RECONNECTED },
		{ -ESHUTDOWN, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_RECONNECTED, RR_RETRY_RECONNECTED },
		{ -EOPNOTSUPP, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_RECONNECTED, RR_RETRY_RECONNECTED },
		{ -ENOBUFS, RDMARPC_OUTCOME_NOT_EXECUTED, RR_RETRY_NOT, RR_RETRY, RR_RETRY },
		{ -ETIMEDOUT, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -EBUSY, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -EACCES, RDMARPC_OUTCOME_NOT_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -EIO, RDMARPC_OUTCOME_EXECUTED, RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_PAID },
		{ -EOWNERDEAD, RDMARPC_OUTCOME_MAYBE_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_PAID },
		{ -ETIMEDOUT, RDMARPC_OUTCOME_MAYBE_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
		{ -ECANCELED, RDMARPC_OUTCOME_MAYBE_EXECUTED,
		  RR_RETRY_NOT, RR_RETRY_NOT, RR_RETRY_NOT },
	};
	struct rdmarpc_result res;
	u32 i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		res = (struct rdmarpc_result) {
			.error = all[i].error,
			.outcome = all[i].outcome,
		};
		EXPECT_EQ(rr_retry_of(&res, 0), all[i].plain);
		EXPECT_EQ(rr_retry_of(&res, RDMARPC_CALL_WAIT), all[i].waits);
		EXPECT_EQ(rr_retry_of(&res, RDMARPC_CALL_IDEMPOTENT), all[i].idempotent);
	}
}
