/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The active side of connection management: resolve, connect, shake hands.
 */
#ifndef RR_DIAL_H
#define RR_DIAL_H

#include <linux/completion.h>
#include <linux/socket.h>
#include <net/net_namespace.h>

#include "connection.h"
#include "wire.h"

/**
 * struct rr_dial - one attempt to connect
 * @id: the cm_id, from resolve on
 * @event: an awaited event has come
 * @error: what it said
 * @conn: closed by events that mean the end, once it is there
 * @answer: the peer's hello
 * @aborted: it is to fail
 *
 * Has to stay until the cm_id is destroyed.
 */
struct rr_dial {
	struct rdma_cm_id *id;
	struct completion event;
	int error;
	struct rr_conn *conn;
	struct rr_hello answer;
	bool aborted;
};

void rr_dial_init(struct rr_dial *dial);

/*
 * Lets a resolve or a connect that is under way, or begins later, fail soon with
 * ECANCELED. Any context.
 */
void rr_dial_abort(struct rr_dial *dial);

/**
 * rr_dial_resolve - find the device and the route to an address
 * @dial: initialized; @dial->id is the caller's to destroy if this succeeds
 * @net: network namespace
 * @addr: whom to reach
 * @end: when to give up, in jiffies
 *
 * Context: may sleep, killable. Return: 0 or a negative errno.
 */
int rr_dial_resolve(struct rr_dial *dial, struct net *net, const struct sockaddr *addr,
		    unsigned long end);

/**
 * rr_dial_connect - shake hands, the proof included
 * @dial: resolved
 * @conn: made on @dial->id, whose events close it from here on
 * @hello: what to say
 * @end: when to give up, in jiffies
 *
 * Context: may sleep, killable. Return: 0 and the connection is active, or a
 * negative errno and it is the caller's to close.
 */
int rr_dial_connect(struct rr_dial *dial, struct rr_conn *conn,
		    const struct rr_hello *hello, unsigned long end);

/* Return: what an error of rr_dial_connect() means, or NULL for the rarer ones. */
const char *rr_dial_text(int err);

#endif /* RR_DIAL_H */
