/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Credits: one window per direction, one rule. Every SEND spends one; a message
 * carries the cumulative number of SENDs its sender accepts, a serial number
 * modulo 2^32. Pure; the connection's lock protects a struct rr_credit.
 */
#ifndef RR_CREDIT_H
#define RR_CREDIT_H

#include <linux/types.h>

/* What must stay unspent after a message of some kind has been sent. */
enum rr_reserve {
	RR_RESERVE_GRANT = 1,	/* all but CALL: leave one for a message that raises the limit */
	RR_RESERVE_CALL = 2,	/* CALL: leave one for a CANCEL, too */
};

/**
 * struct rr_credit - both directions of one connection
 * @sent: SENDs posted so far
 * @peer_limit: SENDs the peer accepts, as it last said
 * @peer_window: receives the peer keeps, from its hello
 * @posted: receives posted so far: what we accept
 * @announced: the limit in our last SEND
 * @window: receives we keep
 */
struct rr_credit {
	u32 sent;
	u32 peer_limit;
	u32 peer_window;
	u32 posted;
	u32 announced;
	u32 window;
};

void rr_credit_init(struct rr_credit *c, u32 window, u32 peer_window);

/* The peer's window, once its hello is known. */
void rr_credit_peer(struct rr_credit *c, u32 peer_window);

/* Return: SENDs that may still be posted. */
static inline u32 rr_credit_left(const struct rr_credit *c)
{
	return c->peer_limit - c->sent;
}

/* Return: receives posted that the peer has not been told of. */
static inline u32 rr_credit_owed(const struct rr_credit *c)
{
	return c->posted - c->announced;
}

/* Return: whether a SEND that must leave @reserve may be posted now. */
bool rr_credit_may_send(const struct rr_credit *c, enum rr_reserve reserve);

/* Spends one credit. Return: the limit to write into the message. */
u32 rr_credit_send(struct rr_credit *c);

/* Takes the limit of a message that arrived. Return: false if it is impossible. */
bool rr_credit_receive(struct rr_credit *c, u32 limit);

/* Return: whether half a window or more is owed, so that a pure grant is due. */
static inline bool rr_credit_grant_due(const struct rr_credit *c)
{
	return rr_credit_owed(c) >= c->window / 2;
}

#endif /* RR_CREDIT_H */
