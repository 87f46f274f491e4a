// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "liveness.h"

static u32 ticks_of(u32 ms)
{
	return ms < RR_TICK_MS ? 1 : ms / RR_TICK_MS;
}

enum rr_sign rr_liveness_tick(struct rr_liveness *l, const struct rr_patience *p, bool heard,
			      bool busy, u32 ticks)
{
	if (heard) {
		*l = (struct rr_liveness) {};
		return RR_SIGN_NONE;
	}
	l->ticks += ticks;
	if (l->asked)
		return l->ticks < ticks_of(p->busy_ms / 2) ? RR_SIGN_NONE : RR_SIGN_DEAD;
	if (l->ticks < ticks_of(busy ? p->busy_ms / 3 : p->idle_ms))
		return RR_SIGN_NONE;
	*l = (struct rr_liveness) { .asked = true };
	return RR_SIGN_ASK;
}

u32 rr_liveness_rest(const struct rr_liveness *l, const struct rr_patience *p, bool busy)
{
	u32 until = ticks_of(p->idle_ms);

	if (busy || l->asked || until <= l->ticks)
		return 1;
	return until - l->ticks < RR_MOST_TICKS ? until - l->ticks : RR_MOST_TICKS;
}

bool rr_liveness_stuck(u32 *ticks, const struct rr_patience *p, bool stuck)
{
	*ticks = stuck ? *ticks + 1 : 0;
	return stuck && *ticks > ticks_of(p->stuck_ms);
}
