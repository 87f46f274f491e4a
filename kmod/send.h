/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What a connection posts: messages, as credits allow and in the order in which they
 * were sent; and work requests that are no messages, ahead of them.
 */
#ifndef RR_SEND_H
#define RR_SEND_H

#include <linux/list.h>
#include <linux/minmax.h>
#include <rdma/ib_verbs.h>

#include "wire.h"

struct rr_buf;
struct rr_conn;

/* Buffers beyond window, requests and replies: grants, CANCEL, AUTH. */
#define RR_CONTROL_BUFS		4

/* SENDs of which one tells when it is done, for a connection of @max_calls calls. */
static inline u32 rr_send_silent(u16 max_calls)
{
	return clamp(max_calls / 4, 8, 16);
}

/*
 * What is to be posted is so before the connection's lock is released; but in the Poller SENDs
 * may wait for the completions that it has taken already, and are posted when its batch
 * ends, if not before.
 */

/*
 * Posts struct rr_work, or queues them until there is room; messages that are sent later
 * leave later. If the connection is closing nothing becomes of them, and its role's
 * gone() ends what they were for. Connection's lock held.
 */
void rr_conn_works(struct rr_conn *conn, struct list_head *works);

/* The same, but they wait for the next to be posted: the caller knows that it comes. */
void rr_conn_works_later(struct rr_conn *conn, struct list_head *works);

/*
 * What the completion of a work has to call first, in the Poller. Return: whether it
 * was done; otherwise the connection is closing, and gone() ends what it was for.
 */
bool rr_conn_work_done(struct rr_conn *conn, const struct ib_wc *wc);

/**
 * rr_conn_send - send a message as soon as credits allow
 * @conn: the connection
 * @buf: carries it, the payload already behind the header's place
 * @hdr: its header; the limit is filled in when it is posted. Segments are there already
 * @owner: passed to the role's leaving, may be NULL
 *
 * Context: any but hard interrupt.
 * Return: 0: the buffer will find its way back to the pool; -ENOTCONN: it is
 * still the caller's.
 */
int rr_conn_send(struct rr_conn *conn, struct rr_buf *buf, const struct rr_hdr *hdr,
		 void *owner);

/* The same, with the connection's lock held. */
int rr_conn_send_locked(struct rr_conn *conn, struct rr_buf *buf, const struct rr_hdr *hdr,
			void *owner);

/*
 * Takes a message back that rr_conn_send() queued, and that its role has not let
 * leave; the buffer goes back to the pool.
 */
void rr_conn_unsend(struct rr_conn *conn, struct rr_buf *buf);

/*
 * Sends a message without payload. Return: 0; -EAGAIN too many of these are on their
 * way; -ENOTCONN.
 */
int rr_conn_send_control(struct rr_conn *conn, const struct rr_hdr *hdr);

/* Return: whether there is something to be posted. */
bool rr_send_pending(const struct rr_conn *conn);

/*
 * A request has come at @now: posts what is ready and should not wait for its handler, too.
 * Connection's lock held.
 */
void rr_send_waits(struct rr_conn *conn, ktime_t now);

/* Posts what credits and room allow by now; and a grant, if one is owed. Connection's lock held. */
void rr_send_flush(struct rr_conn *conn);
void rr_send_grant(struct rr_conn *conn);

#endif /* RR_SEND_H */
