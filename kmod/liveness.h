/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Liveness: when to ask a silent peer for a sign of life, when to believe that it is
 * dead, and when that it will never answer what it was asked. Silence is counted in
 * ticks, not in time: a machine that stood still has not listened, and does not blame
 * its peers for it. Who is idle is looked at when it is to be asked, and not at each
 * tick. Pure; one thread at a time.
 */
#ifndef RR_LIVENESS_H
#define RR_LIVENESS_H

#include <linux/types.h>

/* Milliseconds from one tick to the next. */
#define RR_TICK_MS	250
/* Ticks between two looks at who is idle, at most. */
#define RR_MOST_TICKS	240

enum rr_sign {
	RR_SIGN_NONE,	/* nothing to do */
	RR_SIGN_ASK,	/* ask the peer for a NOP */
	RR_SIGN_DEAD,	/* it has been asked, and nothing came */
};

/**
 * struct rr_liveness - of one connection
 * @ticks: since the peer was heard, or since it was asked
 * @asked: it has been, since it was heard
 */
struct rr_liveness {
	u32 ticks;
	bool asked;
};

/**
 * struct rr_patience - how much silence is borne
 * @busy_ms: from the last sign of a peer that has calls under way to giving it up
 * @idle_ms: from the last sign of a peer that has none to asking for one
 * @stuck_ms: how long every slot of a client may be held by a call that was given up
 *	and that the peer has not answered
 */
struct rr_patience {
	u32 busy_ms;
	u32 idle_ms;
	u32 stuck_ms;
};

/*
 * A look, @ticks after the last one. @heard: something has come since; @busy: calls are
 * under way. A busy peer is asked after a third of @busy_ms and given half of it to
 * answer; the rest is for the ticks between.
 */
enum rr_sign rr_liveness_tick(struct rr_liveness *l, const struct rr_patience *p, bool heard,
			      bool busy, u32 ticks);

/*
 * After rr_liveness_tick(). Return: ticks until the next look, 1 to RR_MOST_TICKS: more
 * than 1 only while the peer is neither busy nor asked, for as long as that is so.
 */
u32 rr_liveness_rest(const struct rr_liveness *l, const struct rr_patience *p, bool busy);

/*
 * A tick of a client, @stuck if every slot is so held; @ticks is how long it has been
 * so. Return: whether that is too long.
 */
bool rr_liveness_stuck(u32 *ticks, const struct rr_patience *p, bool stuck);

#endif /* RR_LIVENESS_H */
