/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Retries: which calls may be tried again, how many, and how soon the next attempt
 * is. So that clients do not bring a server down that is in trouble, or one that
 * has just come back. Pure.
 */
#ifndef RR_RETRY_H
#define RR_RETRY_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "rdmarpc.h"

/* Milliseconds from a failure to the next attempt: at first, and at most. */
#define RR_BACKOFF_MIN_MS	10
#define RR_BACKOFF_MAX_MS	2000

/**
 * struct rr_backoff - attempts that failed, one after the other; zeroed to begin with
 * @step_ms: the next one's delay is that at most, and half of it at least
 */
struct rr_backoff {
	u32 step_ms;
};

/* An attempt has failed. Return: milliseconds to the next. @random: any number. */
u32 rr_backoff_next(struct rr_backoff *b, u32 random);

/**
 * struct rr_budget - retries that a client may make: one for ten of its calls
 * @left: tenths of them
 * @max: as many may be saved up
 */
struct rr_budget {
	atomic_t left;
	int max;
};

/* Full: as many as @depth, ten at least. */
void rr_budget_init(struct rr_budget *b, u16 depth);

/* A call begins that is no retry. */
void rr_budget_earn(struct rr_budget *b);

/* Return: whether a call may be tried again; it is paid for then. */
bool rr_budget_spend(struct rr_budget *b);

enum rr_retry {
	RR_RETRY_NOT,
	RR_RETRY,		/* it was not executed */
	RR_RETRY_RECONNECTED,	/* nor was it, and may be when there is a connection and a handler */
	RR_RETRY_PAID,		/* it may have been executed: a matter of the budget */
};

/* Return: whether a call that ended with @res is tried again. @flags: RDMARPC_CALL_*. */
enum rr_retry rr_retry_of(const struct rdmarpc_result *res, unsigned int flags);

#endif /* RR_RETRY_H */
