/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The life of a call, on the caller's side and on the server's: who decides its
 * end, and who still holds its slot. Pure. Each function is one atomic step, so
 * all that can happen are orders of whole steps: docs/semantics.md draws them,
 * tests/unit/call_model.c goes through all of them.
 */
#ifndef RR_CALL_H
#define RR_CALL_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "rdmarpc.h"
#include "wire.h"

/* ---- the caller's side: one slot, held as long as any of these is set ---- */

#define CALL_TAKEN	0x1	/* the owner has the slot */
#define CALL_OPEN	0x2	/* not ended yet */
#define CALL_TX		0x4	/* the request is queued, and has not left */
#define CALL_PEER	0x8	/* the request left: the peer may still answer */
#define CALL_MEM	0x10	/* the peer may touch memory of the owner's: he is not told yet */
#define CALL_ENDING	0x20	/* beside MEM: the one who ended the call is not done with it */

/* What a step found, a bit each. */
#define RR_CALL_WON	0x1	/* this step ended the call: whoever made it tells the owner */
#define RR_CALL_LEFT	0x2	/* the request had left */
#define RR_CALL_LAST	0x4	/* nobody holds the slot any more: it is to be freed */
#define RR_CALL_STRAY	0x8	/* there is no call that this could be the answer to */
#define RR_CALL_EXPOSED	0x10	/* its memory is: he is to drop ENDING, and does not tell */
#define RR_CALL_TELL	0x20	/* neither MEM nor ENDING any more: the owner is to be told */

/* Why a call ended without its reply. */
enum rr_call_end {
	RR_END_DEADLINE,
	RR_END_CANCEL,
	RR_END_DISCONNECT,
};

/* How far the request of such a call came, as far as is known. */
enum rr_call_reach {
	RR_REACH_QUEUE,		/* it has not left */
	RR_REACH_REFUSED,	/* it is behind the last that the server accepted */
	RR_REACH_PEER,		/* it may be anywhere */
};

/* The call begins. Return: false if the slot was not merely taken. */
static inline bool rr_call_open(atomic_t *bits)
{
	return atomic_cmpxchg(bits, CALL_TAKEN, CALL_TAKEN | CALL_OPEN | CALL_TX) ==
		CALL_TAKEN;
}

/* It could not even be queued, and nobody else knows of it yet. */
static inline void rr_call_unopen(atomic_t *bits)
{
	atomic_andnot(CALL_OPEN | CALL_TX, bits);
}

/*
 * Its request is about to leave, and to expose memory if @exposes; from here on it may
 * be executed, and the buffer is the connection's. Return: false: it has ended and must
 * not leave; whoever ended it takes it out of the queue.
 */
static inline bool rr_call_leave(atomic_t *bits, bool exposes)
{
	int old = atomic_read(bits), with = CALL_PEER | (exposes ? CALL_MEM : 0);

	do {
		if (!(old & CALL_OPEN))
			return false;
	} while (!atomic_try_cmpxchg(bits, &old, (old & ~CALL_TX) | with));
	return true;
}

/*
 * Deadline, cancel or disconnect would end it. Return: WON, LEFT; EXPOSED if it won and
 * its memory is.
 */
static inline unsigned int rr_call_end(atomic_t *bits)
{
	int old = atomic_read(bits), next;

	do {
		if (!(old & CALL_OPEN))
			return 0;
		next = (old & ~CALL_OPEN) | (old & CALL_MEM ? CALL_ENDING : 0);
	} while (!atomic_try_cmpxchg(bits, &old, next));
	return RR_CALL_WON | (old & CALL_PEER ? RR_CALL_LEFT : 0) |
	       (old & CALL_MEM ? RR_CALL_EXPOSED : 0);
}

/*
 * A reply with its tag came. Return: WON, LAST, STRAY; EXPOSED if there is memory to be
 * fenced, before anybody is told.
 */
static inline unsigned int rr_call_answer(atomic_t *bits)
{
	int old = atomic_read(bits), left;

	do {
		if (!(old & CALL_PEER))
			return RR_CALL_STRAY;
		left = old & ~(CALL_OPEN | CALL_PEER);
	} while (!atomic_try_cmpxchg(bits, &old, left));
	return (old & CALL_OPEN ? RR_CALL_WON : 0) | (left ? 0 : RR_CALL_LAST) |
	       (old & CALL_MEM ? RR_CALL_EXPOSED : 0);
}

/*
 * Holders let go: @held is what they may hold. MEM is dropped once the call has ended
 * and its memory is fenced. Return: LAST, TELL.
 */
static inline unsigned int rr_call_drop(atomic_t *bits, int held)
{
	const int untold = CALL_MEM | CALL_ENDING;
	int old = atomic_fetch_andnot(held, bits);

	return ((old & held) && !(old & ~held) ? RR_CALL_LAST : 0) |
	       ((old & held & untold) && !(old & ~held & untold) ? RR_CALL_TELL : 0);
}

/* ---- the server's side: a request in its slot ---- */

/*
 * FREE -> WAITING -> RUNNING -> ENDING -> FREE, or from WAITING to ENDING. What is
 * answered while it waits has not been executed; what runs is in a handler's hands.
 */
#define RR_REQ_FREE		0
#define RR_REQ_WAITING		1
#define RR_REQ_RUNNING		2
#define RR_REQ_ENDING		3
#define RR_REQ_CANCELLED	4	/* beside WAITING or RUNNING: nobody wants the answer */

/* A CALL came for the slot. Return: false: it is in use. */
static inline bool rr_req_arrive(atomic_t *phase)
{
	return atomic_cmpxchg(phase, RR_REQ_FREE, RR_REQ_WAITING) == RR_REQ_FREE;
}

/* Its handler begins. Return: false: it was cancelled, and is still waiting. */
static inline bool rr_req_begin(atomic_t *phase)
{
	return atomic_cmpxchg(phase, RR_REQ_WAITING, RR_REQ_RUNNING) == RR_REQ_WAITING;
}

/* Nobody wants the answer. Return: whether that is news to a request that has not ended. */
static inline bool rr_req_cancel(atomic_t *phase)
{
	int old = atomic_read(phase);

	do {
		if (old != RR_REQ_WAITING && old != RR_REQ_RUNNING)
			return false;
	} while (!atomic_try_cmpxchg(phase, &old, old | RR_REQ_CANCELLED));
	return true;
}

/*
 * It is to be answered with @status. Return: false: not with this one, because it
 * is being answered, or because @status is for the other phase.
 */
bool rr_req_end(atomic_t *phase, enum rr_status status);

/* The answer is about to be queued: the slot may be used again. */
static inline void rr_req_free(atomic_t *phase)
{
	atomic_set(phase, RR_REQ_FREE);
}

/* ---- results ---- */

/* The result of a REPLY's status. @status: below RR_STATUS_NR; @arg: rr_hdr.arg. */
void rr_call_result_of_status(enum rr_status status, u32 arg, struct rdmarpc_result *res);

/* The handler ran, but its reply cannot be handed over: @err says why. */
void rr_call_result_undelivered(int err, struct rdmarpc_result *res);

/* The result of an end without a REPLY. */
void rr_call_result_of_end(enum rr_call_end end, enum rr_call_reach reach,
			   struct rdmarpc_result *res);

/*
 * What a GOAWAY's @accepted means to who has let @left CALLs leave: *@last, the number
 * of the last one accepted. Return: false: that cannot be, as it has not left.
 */
static inline bool rr_call_accepted(u32 accepted, u64 left, u64 *last)
{
	u32 refused = (u32)left - accepted;

	*last = left - refused;
	return (s32)refused >= 0 && refused <= left;
}

/* Return: whether the CALL that was the @serial-th to leave came after the @last accepted. */
static inline bool rr_call_beyond(u64 serial, u64 last)
{
	return serial > last;
}

#endif /* RR_CALL_H */
