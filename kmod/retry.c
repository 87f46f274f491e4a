// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "retry.h"

#include <linux/errno.h>

/* What a retry costs, in what a call earns. */
#define RETRY_COST	10
#define RETRIES_MIN	10

u32 rr_backoff_next(struct rr_backoff *b, u32 random)
{
	u32 step = b->step_ms ?: RR_BACKOFF_MIN_MS;
	u32 half = step / 2;

	b->step_ms = step < RR_BACKOFF_MAX_MS / 2 ? step * 2 : RR_BACKOFF_MAX_MS;
	return step - half + random % (half + 1);
}

void rr_budget_init(struct rr_budget *b, u16 depth)
{
	b->max = RETRY_COST * (depth > RETRIES_MIN ? depth : RETRIES_MIN);
	atomic_set(&b->left, b->max);
}

void rr_budget_earn(struct rr_budget *b)
{
	/* As many callers as there are may step over it, by one each. */
	if (atomic_read(&b->left) < b->max)
		atomic_add(1, &b->left);
}

bool rr_budget_spend(struct rr_budget *b)
{
	int left = atomic_read(&b->left);

	do {
		if (left < RETRY_COST)
			return false;
	} while (!atomic_try_cmpxchg(&b->left, &left, left - RETRY_COST));
	return true;
}

static enum rr_retry retry_not_executed(int error)
{
	switch (error) {
	case -ENOTCONN:
	case -ESHUTDOWN:
	case -EOPNOTSUPP:
		return RR_RETRY_RECONNECTED;
	case -ENOBUFS:
		return RR_RETRY;
	default:
		return RR_RETRY_NOT;
	}
}

enum rr_retry rr_retry_of(const struct rdmarpc_result *res, unsigned int flags)
{
	switch (res->outcome) {
	case RDMARPC_OUTCOME_NOT_EXECUTED:
		return flags & (RDMARPC_CALL_WAIT | RDMARPC_CALL_IDEMPOTENT) ?
		       retry_not_executed(res->error) : RR_RETRY_NOT;
	case RDMARPC_OUTCOME_MAYBE_EXECUTED:
		return (flags & RDMARPC_CALL_IDEMPOTENT) &&
		       (res->error == -ECONNRESET || res->error == -EOWNERDEAD) ?
		       RR_RETRY_PAID : RR_RETRY_NOT;
	default:
		return RR_RETRY_NOT;
	}
}
