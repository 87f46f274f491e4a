/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Handlers and the requests they answer.
 *
 * A request is a slot of a server's connection: the slot that the client chose,
 * so there are never more than the negotiated calls in flight, and no
 * allocation. From its arrival to rr_request_end() it holds a reference on the
 * connection and, once found, on its handler, and owns two buffers: the one it
 * arrived in and the one its reply will leave in.
 */
#ifndef RR_HANDLER_H
#define RR_HANDLER_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "call.h"
#include "latency.h"
#include "pages.h"
#include "process.h"
#include "rdmarpc.h"
#include "wire.h"

struct rdmarpc_server;
struct rr_buf;
struct rr_conn;
struct rr_handler;
struct rr_transfer;

/* What kmod/rdmarpc.h's functions know a request by; connection's lock. */
struct rdmarpc_req {
	rdmarpc_cancel_fn cancel;
	void *cancel_arg;
};

/**
 * struct rr_request - one request on a server
 * @pub: for handlers in the kernel
 * @conn: where it came from
 * @handler: who answers it; cleared under the connection's lock, which keeps it for those
 *	who look at what may be another's request by now
 * @in: the buffer it arrived in; rr_request_done_reading() gives it back
 * @out: the buffer its reply leaves in
 * @payload: the request, in @in, if it is not large
 * @pages: the request, if it is large and has been fetched
 * @reply: the reply, if a handler has asked for room for a large one or has lent it, or NULL
 * @to: the iterator that a handler in the kernel writes its reply with
 * @reply_len: of it, and the rest of what rr_request_end() was told, while it is moved
 * @tag: of the CALL
 * @len: payload bytes
 * @room: for a large reply, at the caller's; 0: none
 * @key: what its REPLY makes invalid, if it has segments and that was negotiated
 * @nr_segs: segments in @in, which stays until the end then
 * @large: the request is to be fetched, from the first of them
 * @method: of the CALL
 * @given_up: nobody waits for it any more, in whatever phase; connection's lock
 * @transfer: what is just moved of it, if anything is; connection's lock
 * @refused: it came after its client had been told that the server goes away
 * @phase: RR_REQ_* of call.h; left and returned to FREE under the connection's lock
 * @arrived: when it came
 * @deadline: by our clock, KTIME_MAX: none
 * @link: for the handler's own queue
 * @work: moves what is large
 */
struct rr_request {
	struct rdmarpc_req pub;
	struct rr_conn *conn;
	struct rr_handler *handler;
	struct rr_buf *in;
	struct rr_buf *out;
	struct kvec payload;
	struct rr_pages *pages;
	struct rr_pages *reply;
	struct iov_iter *to;
	size_t reply_len;
	u32 app_error;
	u8 status;
	u8 nr_segs;
	bool large;
	bool refused;
	bool given_up;
	u16 method;
	u32 tag;
	u32 len;
	u32 room;
	u32 key;
	atomic_t phase;
	ktime_t arrived;
	ktime_t deadline;
	struct list_head link;
	struct work_struct work;
	struct rr_transfer *transfer;
};

/* Return: whether a handler that pulls is to fetch it: it fits no message. */
static inline bool rr_request_to_pull(const struct rr_request *req)
{
	return req->len > RR_MAX_EAGER;
}

/*
 * The payload of a request that is not large: rr_request.len bytes, valid until
 * done_reading or end.
 */
const void *rr_request_payload(const struct rr_request *req);

/* The payload of any request, until then. */
void rr_request_iter(const struct rr_request *req, struct iov_iter *iter);

/* Where the reply's payload goes: RR_MAX_EAGER bytes, until rr_request_end(). */
void *rr_request_reply_room(const struct rr_request *req);

/* The same for those who may not write all that they say: it holds nothing of the kernel's. */
void *rr_request_reply_room_clear(const struct rr_request *req);

/* Gives the arrival buffer back early, so that the peer gets its credit. */
void rr_request_done_reading(struct rr_request *req);

/**
 * rr_request_end - answer a request; it is gone afterwards
 * @req: the request; only its one owner may end it
 * @status: enum rr_status: one that says "not executed" before rr_request_begin(),
 *	another afterwards
 * @app_error: not 0 with RR_STATUS_APP_ERROR, else 0
 * @len: payload bytes in rr_request_reply_room(), or in rr_request.reply if there is
 *	one; OK and APP_ERROR only. REPLY_TOO_BIG: how many it would have been, if known
 *
 * On a dead connection the answer is dropped and counted. Context: any but
 * hard interrupt; no lock of a handler's queue need be released for it.
 */
void rr_request_end(struct rr_request *req, enum rr_status status,
		    u32 app_error, size_t len);

/* Return: microseconds left, RDMARPC_NO_DEADLINE if there is none, 0 if over. */
u64 rr_request_budget_us(const struct rr_request *req);

/*
 * Its handler is about to see it. Return: false: it has been answered instead,
 * because nobody waits for it any more.
 */
bool rr_request_begin(struct rr_request *req);

/* Of a method's processes, how many are told of. */
#define RR_HANDLER_PROCESSES	8

/**
 * struct rr_handler_info - a handler as the administrator sees it
 * @method: its method
 * @kind: enum rdmarpc_handler_kind
 * @files: open files that answer it
 * @nr_processes: whose files they are, the first RR_HANDLER_PROCESSES of them
 * @processes: each once
 * @queued: requests that wait for a program, or a kernel handler that may sleep
 * @delivered: requests in the hands of programs, or of such a handler
 * @latency: of the requests that it was found for, from arrival to reply
 */
struct rr_handler_info {
	u16 method;
	u32 kind;
	u32 files, queued, delivered;
	u32 nr_processes;
	struct rr_process_info processes[RR_HANDLER_PROCESSES];
	struct rr_latency latency;
};

/**
 * struct rr_handler_ops - a kind of handler
 * @info: fills in what it knows, of a struct that was zeroed
 * @take: takes over a request (Poller context: must not sleep) and sees to it
 *	that rr_request_end() is called exactly once, now or later
 * @cancel: the caller no longer waits (it cancelled, or its connection ended):
 *	if nobody has begun with it, end it with RR_STATUS_CANCELLED. Called with
 *	no lock held; @req may have been ended and its slot reused meanwhile, so
 *	compare @tag under the queue's lock. Optional.
 * @detach: the server stops: end what is queued, refuse the rest. May sleep;
 *	called once, after the handler can no longer be found. Optional.
 * @release: the last reference is gone
 */
struct rr_handler_ops {
	void (*info)(struct rr_handler *h, struct rr_handler_info *info);
	void (*take)(struct rr_handler *h, struct rr_request *req);
	void (*cancel)(struct rr_handler *h, struct rr_request *req, u32 tag);
	void (*detach)(struct rr_handler *h);
	void (*release)(struct rr_handler *h);
};

/**
 * struct rr_handler - who answers a method of a server
 * @ops: its kind
 * @srv: its server, referenced
 * @method: its method
 * @users: the registration and each request hold one
 * @max_request: the largest request that it takes
 * @pulls: it takes those that fit no message before they are fetched
 * @latency: how long its requests took; of each processor
 * @attached: it is in the server's table (server's handlers_lock)
 * @rcu: the kind frees it by kfree_rcu(): who finds it may be late
 *
 * Embedded in the kind's own struct.
 */
struct rr_handler {
	const struct rr_handler_ops *ops;
	struct rdmarpc_server *srv;
	u16 method;
	u32 max_request;
	bool pulls;
	refcount_t users;
	struct rr_latency __percpu *latency;
	bool attached;
	struct rcu_head rcu;
};

/**
 * rr_handler_attach - put a handler into its server's table
 * @h: its @ops set; @users becomes 1, the registration's
 * @srv: the server
 * @method: which method
 *
 * Context: may sleep; takes the server's handlers_lock.
 * Return: 0, EEXIST the method has a handler, ESHUTDOWN the server is stopping, ENOMEM.
 */
int rr_handler_attach(struct rr_handler *h, struct rdmarpc_server *srv, u16 method);

/*
 * Takes it out of the table (if the server's stop has not); requests on their
 * way to it still come. The registration's reference stays with the caller.
 */
void rr_handler_detach(struct rr_handler *h);

void rr_handler_put(struct rr_handler *h);

/* Return: the handler of @method with a reference, or NULL. */
struct rr_handler *rr_handler_find(struct rdmarpc_server *srv, u16 method);

/**
 * rr_handler_info_get - look at the handlers of a server, one after the other
 * @srv: the server
 * @from: the first method of interest, up to 65536 for none
 * @info: filled in for the handler with the smallest method from there on
 *
 * Return: 0, or -ENOENT there is none.
 */
int rr_handler_info_get(struct rdmarpc_server *srv, unsigned long from,
			struct rr_handler_info *info);

/* The server stops: detaches every handler it has. */
void rr_handlers_detach_all(struct rdmarpc_server *srv);

/* Answers @req by its method's handler, or refuses it. Poller context. */
void rr_handler_dispatch(struct rdmarpc_server *srv, struct rr_request *req);

/* Turns on the built-in echo at RDMARPC_METHOD_ECHO. */
int rr_echo_attach(struct rdmarpc_server *srv);

#endif /* RR_HANDLER_H */
