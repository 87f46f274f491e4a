/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Sessions: one connection of a client's and its call slots. A session ends with
 * its connection and is not made again.
 */
#ifndef RR_SESSION_H
#define RR_SESSION_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include "bulk.h"
#include "call.h"
#include "connection.h"
#include "dial.h"
#include "rdmarpc.h"

struct rr_pin;
struct rr_session;

/**
 * struct rr_call - one slot of a session, and the call that is in it
 * @session: whose slot
 * @bits: CALL_* of call.h: what still holds the slot
 * @slot: its number
 * @gen: its generation, one more with each use
 * @serial: how many of its connection's had left with it, once it has
 * @cancel_due: its peer is still to be told that nobody waits for it
 * @link: in the free list, and the owner's own from rr_session_call_get() to rr_call_put()
 * @tx: buffer that the request leaves in
 * @sent: @tx has been handed over to the connection
 * @rx: buffer that the reply came in, from done() to rr_call_put(), unless it is large
 * @bulk: its large payloads, from the start to rr_call_put(), or NULL
 * @places: where they are, if in registered buffers: its owner's, before the start; cleared
 *	by rr_call_put()
 * @room: how much of a large reply there is room for; 0: none
 * @method: which handler
 * @request_len: payload bytes
 * @start: when it was submitted
 * @deadline: by our clock
 * @fence_by: when one that has ended has to be fenced
 * @result: valid from done() to rr_call_put()
 * @done: called exactly once after rr_call_start() succeeded, from the Poller,
 *	the deadline timer or the connection's end: must not sleep. The
 *	session's lock is not held. Nobody else touches the call's memory any more.
 * @owner: for the owner
 * @user: for the owner
 */
struct rr_call {
	struct rr_session *session;
	atomic_t bits;
	u16 slot;
	u16 gen;
	bool cancel_due;
	bool sent;
	u64 serial;
	struct list_head link;
	struct rr_buf *tx;
	struct rr_buf *rx;
	struct rr_bulk *bulk;
	struct rr_bulk_places places;
	u32 room;
	u32 request_len;
	u16 method;
	ktime_t start;
	ktime_t deadline;
	ktime_t fence_by;
	struct rdmarpc_result result;
	void (*done)(struct rr_call *call);
	void *owner;
	struct {
		u64 data;
		u64 reply;
		u32 room;
		struct rr_pin *pins[2];
	} user;
};

/**
 * struct rr_session_ops - what a session tells its owner; none may sleep
 * @room: a slot came free
 * @over: one that was connected takes no further call: the server said that it is
 *	going away, or the connection is gone
 * @released: the session is no more
 */
struct rr_session_ops {
	void (*room)(void *owner);
	void (*over)(void *owner);
	void (*released)(void *owner);
};

struct rr_session_config {
	struct net *net;		/* the owner's, until @released */
	const struct rr_session_ops *ops;
	void *owner;
	u32 client;			/* the owner's id, for the administrator */
	u64 client_id;			/* for the hello */
	u32 epoch;			/* likewise */
	u16 depth;
};

/**
 * struct rr_session - a connection and its call slots
 *
 * @lock (bottom halves off) protects @free, @nr_cancels_due, @ended, @going_away, which
 * is read without it by those who then read @accepted, and the opening of calls against
 * the deadline timer, which must not take the next call in a slot for the one whose
 * deadline has passed. The connection's lock is taken inside it, and protects @nr_left.
 *
 * References: its owner's, until close; the connection's, until it is gone;
 * each call slot in use. Its memory outlives them until RCU readers are done:
 * rr_session_call_get() and rr_session_check() may be theirs.
 */
struct rr_session {
	struct kref ref;
	struct rcu_head rcu;
	struct list_head link;		/* the owner's */
	const struct rr_session_ops *ops;
	void *owner;
	struct net *net;
	u32 client;
	u64 client_id;
	u32 epoch;
	struct rr_dial dial;
	struct rr_conn *conn;		/* from the dial on */
	struct completion gone;

	spinlock_t lock;
	struct list_head free;
	u32 nr_cancels_due;
	bool begun;
	bool ended;
	bool going_away;
	u64 accepted;			/* of our calls, by a server that is going away */
	u64 nr_left;			/* calls so far */
	struct timer_list timer;
	u16 depth;			/* what the server granted */
	struct rr_call calls[];
};

/* May sleep. Return: a session without a connection yet, or ERR_PTR. */
struct rr_session *rr_session_create(const struct rr_session_config *cfg);

/**
 * rr_session_connect - connect it; once
 * @ses: the session
 * @poller: the connection's
 * @addr: the server's, IPv4 or IPv6
 * @end: when to give up, in jiffies
 *
 * Context: may sleep, killable. Return: 0, or a negative errno as struct
 * rdmarpc_connect lists them: to be abandoned.
 */
int rr_session_connect(struct rr_session *ses, struct rr_poller *poller,
		       const struct sockaddr *addr, unsigned long end);

/* Lets a connect that is under way, or begins later, fail soon with ECANCELED. */
void rr_session_abort(struct rr_session *ses);

/*
 * Drops a session that is not, or could not be connected. What its connection left
 * is not waited for: an iWARP driver may wait for a mute peer before an id can be
 * destroyed.
 */
void rr_session_abandon(struct rr_session *ses);

/* Ends the connection of a connected one and waits until it is gone. May sleep. */
void rr_session_disconnect(struct rr_session *ses);

/*
 * Ends a connected one and waits until every call's done() has returned; afterwards only
 * rr_call_put() and rr_call_reply() may be used. May sleep.
 */
void rr_session_close(struct rr_session *ses);

/**
 * rr_session_call_get - take a free slot
 * @ses: the session
 *
 * Context: any but hard interrupt.
 * Return: the slot, to be given back by rr_call_put(); or ERR_PTR: EAGAIN all are in
 * use, or all buffers, ENOTCONN the connection has ended, ESHUTDOWN the server said
 * that it is going away.
 */
struct rr_call *rr_session_call_get(struct rr_session *ses);

/* The same context. Return: 0, or what rr_session_call_get() would say now. */
int rr_session_check(struct rr_session *ses);

/* Return: whether its connection is gone. */
bool rr_session_ended(const struct rr_session *ses);

/* Return: the largest request and reply, in bytes. */
u32 rr_session_max_payload(const struct rr_session *ses);

/* Return: calls in flight. */
u32 rr_session_in_flight(const struct rr_session *ses);

static inline bool rr_timeout_valid(u64 timeout_us)
{
	return timeout_us == RDMARPC_NO_DEADLINE ||
	       (timeout_us && timeout_us <= RDMARPC_MAX_TIMEOUT_US);
}

/**
 * rr_call_start - send a request
 * @call: from rr_session_call_get(), its done (and owner, user) set
 * @method: which handler
 * @request: the payload, copied before this returns, or, if it is large and in memory
 *	of the kernel's, to stay as it is until done()
 * @room: for the reply, likewise; NULL: for none that is large. What is beyond
 *	rr_session_max_payload() is not used
 * @timeout_us: one that rr_timeout_valid()
 *
 * Context: may fault if @request is user memory, may sleep if one of them is beyond
 * RR_MAX_EAGER; else any but hard interrupt.
 * Return: 0: done() will be called (it may have been already, on another
 * processor); EMSGSIZE, EINVAL, EFAULT, ENOTCONN, ENOBUFS, ENOMEM, EIO: it will
 * not be.
 */
int rr_call_start(struct rr_call *call, u16 method, struct iov_iter *request,
		  const struct iov_iter *room, u64 timeout_us);

/* Its large payloads, whose owner the call is, can be touched by nobody but us (Poller). */
void rr_call_fenced(void *call);

/* Ends a call that is in flight as cancelled, if nothing else has ended it. */
void rr_call_cancel(struct rr_call *call);

/* Return: bytes of the reply that are here. */
static inline u32 rr_call_reply_len(const struct rr_call *call)
{
	return call->result.outcome <= RDMARPC_OUTCOME_APP_ERROR ? call->result.reply_len : 0;
}

/* Return: the reply's bytes, if it is not large; from done() to put. */
const void *rr_call_reply(const struct rr_call *call);

/*
 * Hands the reply over, if it is not in @to's memory already: @to is advanced.
 * Return: 0, or as rr_call_result_undelivered() has it: EMSGSIZE, EFAULT.
 */
int rr_call_take_reply(struct rr_call *call, struct iov_iter *to);

/*
 * Gives the slot back: after done(), or when rr_call_start() was not called or
 * failed. It is free once the peer is done with it, too.
 */
void rr_call_put(struct rr_call *call);

#endif /* RR_SESSION_H */
