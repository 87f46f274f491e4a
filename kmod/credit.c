// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "credit.h"

#include "wire.h"

void rr_credit_init(struct rr_credit *c, u32 window, u32 peer_window)
{
	*c = (struct rr_credit) {
		.peer_limit = RR_UNPROVEN_LIMIT,
		.peer_window = peer_window,
		.posted = window,
		.announced = RR_UNPROVEN_LIMIT,
		.window = window,
	};
}

void rr_credit_peer(struct rr_credit *c, u32 peer_window)
{
	c->peer_window = peer_window;
}

bool rr_credit_may_send(const struct rr_credit *c, enum rr_reserve reserve)
{
	u32 left = rr_credit_left(c);

	if (left > reserve)
		return true;
	/* The last credit goes only to a message that raises the peer's limit. */
	return left == 1 && reserve == RR_RESERVE_GRANT && rr_credit_owed(c);
}

u32 rr_credit_send(struct rr_credit *c)
{
	c->sent++;
	c->announced = c->posted;
	return c->posted;
}

bool rr_credit_receive(struct rr_credit *c, u32 limit)
{
	/*
	 * RC delivers in order and limits only grow: going back is a lie, and
	 * so is more than a window beyond what we have sent.
	 */
	if ((s32)(limit - c->peer_limit) < 0 ||
	    (s32)(limit - (c->sent + c->peer_window)) > 0)
		return false;
	c->peer_limit = limit;
	return true;
}
