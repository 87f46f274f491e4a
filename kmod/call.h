/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The life of a call: who decides its end, and who still holds its slot. Pure.
 *
 *   free -> TAKEN -> TAKEN|OPEN|TX [|PEER] -> (one end) -> ... -> free
 *
 * OPEN is cleared by exactly one of reply, deadline, cancel, disconnect: that
 * one decides the result. The slot is free when nobody holds a bit any more.
 */
#ifndef RR_CALL_H
#define RR_CALL_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "rdmarpc.h"
#include "wire.h"

#define CALL_TAKEN	0x1	/* the owner has the slot */
#define CALL_OPEN	0x2	/* not ended yet */
#define CALL_TX		0x4	/* queued to be sent, or the NIC may read the request */
#define CALL_PEER	0x8	/* it left: the peer may still answer */

/* Why a call ended without its reply. */
enum rr_call_end {
	RR_END_DEADLINE,
	RR_END_CANCEL,
	RR_END_DISCONNECT,
};

/* The call begins. Return: false if the slot was not merely taken. */
static inline bool rr_call_open(atomic_t *bits)
{
	return atomic_cmpxchg(bits, CALL_TAKEN, CALL_TAKEN | CALL_OPEN | CALL_TX) ==
		CALL_TAKEN;
}

/*
 * Somebody wants to end the call. Return: the bits before, with CALL_OPEN set
 * if it is the one that does.
 */
static inline int rr_call_close(atomic_t *bits)
{
	return atomic_fetch_andnot(CALL_OPEN, bits);
}

/* It leaves: from here on it may be executed. */
static inline void rr_call_leave(atomic_t *bits)
{
	atomic_or(CALL_PEER, bits);
}

/* A holder lets go. Return: true for the last one, who frees the slot. */
static inline bool rr_call_drop(atomic_t *bits, int bit)
{
	int old = atomic_fetch_andnot(bit, bits);

	return (old & bit) && !(old & ~bit);
}

/* The result of a REPLY's status. @status: below RR_STATUS_NR. */
void rr_call_result_of_status(enum rr_status status, u32 app_error,
			      struct rdmarpc_result *res);

/* The handler ran, but its reply cannot be handed over: @err says why. */
void rr_call_result_undelivered(int err, struct rdmarpc_result *res);

/* The result of an end without a REPLY. @left: the request had left. */
void rr_call_result_of_end(enum rr_call_end end, bool left, struct rdmarpc_result *res);

#endif /* RR_CALL_H */
