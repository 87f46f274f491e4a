/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Clients: one connection, a fixed number of call slots, many callers. This is
 * the layer that kmod/rdmarpc.h's functions and the character device stand on.
 */
#ifndef RR_CLIENT_H
#define RR_CLIENT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/timer.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "call.h"
#include "connection.h"
#include "process.h"
#include "rdmarpc.h"

/**
 * struct rr_call - one slot of a client, and the call that is in it
 * @client: whose slot
 * @bits: CALL_* of call.h: what still holds the slot
 * @slot: its number
 * @gen: its generation, one more with each use
 * @link: in the free list, and the owner's own from rr_call_get() to rr_call_put()
 * @tx: buffer that the request leaves in
 * @rx: buffer that the reply came in, from done() to rr_call_put()
 * @method: which handler
 * @request_len: payload bytes in @tx
 * @start: when it was submitted
 * @deadline: by our clock
 * @result: valid from done() to rr_call_put()
 * @done: called exactly once after rr_call_start() succeeded, from the Poller,
 *	the deadline timer or the connection's end: must not sleep. The
 *	client's lock is not held.
 * @owner: for the owner
 * @user: for the owner
 */
struct rr_call {
	struct rdmarpc_client *client;
	atomic_t bits;
	u16 slot;
	u16 gen;
	struct list_head link;
	struct rr_buf *tx;
	struct rr_buf *rx;
	u16 method;
	u16 request_len;
	ktime_t start;
	ktime_t deadline;
	struct rdmarpc_result result;
	void (*done)(struct rr_call *call);
	void *owner;
	struct {
		u64 data;
		u64 reply;
		u32 room;
	} user;
};

/**
 * rr_client_open - make a client and connect it
 * @net: its network namespace
 * @addr: the server's, IPv4 or IPv6
 * @depth: calls in flight wanted, 1 to RDMARPC_MAX_DEPTH; 0: RDMARPC_DEFAULT_DEPTH
 * @timeout_ms: for all of it, 1 to 60000; 0: 5000
 * @user: it is the current process's, not the kernel's
 *
 * Context: may sleep, killable.
 * Return: the client, or ERR_PTR as struct rdmarpc_connect lists them.
 */
struct rdmarpc_client *rr_client_open(struct net *net, const struct sockaddr *addr,
				      u32 depth, u32 timeout_ms, bool user);

/**
 * rr_client_close - end a client
 * @cl: the client; not to be used afterwards, but for rr_call_put() and
 *	rr_call_reply() of calls whose done() has been called
 *
 * Every call in flight ends, its done() called before this returns.
 * Context: may sleep.
 * Return: 0; or nothing was done: -EDEADLK called from a done() that the end of
 * its connection called; -ENOENT @cl is not a client (any more).
 */
int rr_client_close(struct rdmarpc_client *cl);

/* For those who wait at a client that somebody else may close. */
void rr_client_get(struct rdmarpc_client *cl);
void rr_client_put(struct rdmarpc_client *cl);

/* Return: calls in flight that the server granted. */
u32 rr_client_depth(const struct rdmarpc_client *cl);

/* Return: whether its connection still stands. */
bool rr_client_alive(const struct rdmarpc_client *cl);

/* Woken when a slot becomes free and when the connection ends. */
wait_queue_head_t *rr_client_wait(struct rdmarpc_client *cl);

/* Return: whether rr_call_get() would find a slot now. */
bool rr_client_has_slot(struct rdmarpc_client *cl);

/**
 * rr_call_get - take a free slot
 * @cl: the client
 *
 * Context: any but hard interrupt.
 * Return: the slot, to be given back by rr_call_put(); or ERR_PTR: EAGAIN all
 * are in use, ENOTCONN the connection has ended, ESHUTDOWN the server said that
 * it is going away.
 */
struct rr_call *rr_call_get(struct rdmarpc_client *cl);

static inline bool rr_timeout_valid(u64 timeout_us)
{
	return timeout_us == RDMARPC_NO_DEADLINE ||
	       (timeout_us && timeout_us <= RDMARPC_MAX_TIMEOUT_US);
}

/**
 * rr_call_start - send a request
 * @call: from rr_call_get(), its done (and owner, user) set
 * @method: which handler
 * @request: the payload, copied before this returns; count at most RR_MAX_EAGER
 * @timeout_us: one that rr_timeout_valid()
 *
 * Context: may fault if @request is user memory, else any but hard interrupt.
 * Return: 0: done() will be called (it may have been already, on another
 * processor); EMSGSIZE, EINVAL, EFAULT, ENOTCONN: it will not be.
 */
int rr_call_start(struct rr_call *call, u16 method, struct iov_iter *request,
		  u64 timeout_us);

/* Ends a call that is in flight as cancelled, if nothing else has ended it. */
void rr_call_cancel(struct rr_call *call);

/* Return: the reply's bytes, result.reply_len of them, from done() to put. */
const void *rr_call_reply(const struct rr_call *call);

/*
 * Gives the slot back: after done(), or when rr_call_start() was not called or
 * failed. It is free once the NIC and the peer are done with it, too.
 */
void rr_call_put(struct rr_call *call);

/* As rr_server_conn_info(), for the connections of this namespace's clients. */
int rr_client_conn_info(struct net *net, u32 after_id, struct rr_conn_info *info,
			struct rr_latency *latency);

/* May sleep. Return: whether there was a client's connection with this @id to be closed. */
bool rr_client_conn_close(struct net *net, u32 id);

/**
 * struct rr_client_info - a client as the administrator sees it
 * @id: its connection's
 * @process: who connected
 * @peer: the server's address
 * @depth: calls in flight that were granted
 * @in_flight: calls in flight
 */
struct rr_client_info {
	u32 id;
	struct rr_process_info process;
	struct sockaddr_storage peer;
	u32 depth;
	u32 in_flight;
};

/* The same walk. May sleep. Return: 0, or -ENOENT there are no more. */
int rr_client_info(struct net *net, u32 after_id, struct rr_client_info *info);

/* The Poller of all clients. */
struct rr_poller *rr_client_poller(void);

int rr_client_init(void);
void rr_client_exit(void);

#endif /* RR_CLIENT_H */
