/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Connection: a queue pair with its protection domain, completion queue,
 * buffers, credits and state, the same for both sides. What the messages mean
 * is the business of its role: session.c or request.c.
 */
#ifndef RR_CONNECTION_H
#define RR_CONNECTION_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <rdma/rdma_cm.h>

#include "credit.h"
#include "latency.h"
#include "liveness.h"
#include "memory.h"
#include "poller.h"
#include "region.h"
#include "stats.h"
#include "transfer.h"
#include "wire.h"

struct rr_conn;
struct rr_request;

/* In the order of "connection-state" of uapi/rdmarpc.yaml. */
enum rr_conn_state {
	RR_CONN_HANDSHAKE,
	RR_CONN_ACTIVE,
	RR_CONN_CLOSING,
};

/*
 * Why a connection is closed, as far as this side knows, in the order of
 * "close-reason" of uapi/rdmarpc.yaml.
 */
enum rr_close {
	RR_CLOSE_OWNER,		/* its client is closed, its server stops */
	RR_CLOSE_ADMIN,
	RR_CLOSE_PEER,		/* the other side has closed it, or cannot be reached */
	RR_CLOSE_HANDSHAKE,	/* not set up, or not proven in time */
	RR_CLOSE_BAD_MESSAGE,
	RR_CLOSE_TRANSFER,	/* a work request failed */
	RR_CLOSE_SILENT,	/* the peer gave no sign of life */
	RR_CLOSE_DEVICE,	/* it is broken or going away */
	RR_CLOSE_STUCK,		/* the peer answers none of the calls that were given up */
};

enum rr_conn_role {
	RR_ROLE_SERVER,
	RR_ROLE_CLIENT,
};

/**
 * struct rr_conn_ops - what a role does with its connection
 * @message: a message of an active connection other than AUTH and NOP came
 *	(Poller). Sets *@keep if it holds on to @buf. Return: enum rr_bad.
 * @leaving: a buffer with an owner is about to be posted, its header may still
 *	be changed (connection's lock held). Return: false: it must not be, and its
 *	owner takes it back by rr_conn_unsend(). Optional.
 * @resume: buffers may have come free (Poller). Optional.
 * @proven: the connection is active now (Poller). Optional.
 * @busy: return whether calls are under way: a silent peer keeps somebody waiting
 *	(Poller, a lock of its held). Who makes it so, other than by what has come, calls
 *	rr_poller_rouse().
 * @stuck: return whether nothing can be called, for calls that were given up hold
 *	every slot (Poller). Optional.
 * @gone: the queue pair is no more, nothing will come any more. May sleep.
 * @released: nor events of the CM, whose id may have waited for a mute peer. May sleep.
 *	Optional.
 */
struct rr_conn_ops {
	enum rr_bad (*message)(struct rr_conn *conn, const struct rr_hdr *hdr,
			       struct rr_buf *buf, bool *keep);
	bool (*leaving)(void *owner);
	void (*resume)(struct rr_conn *conn);
	void (*proven)(struct rr_conn *conn);
	bool (*busy)(struct rr_conn *conn);
	bool (*stuck)(struct rr_conn *conn);
	void (*gone)(struct rr_conn *conn);
	void (*released)(struct rr_conn *conn);
};

/**
 * struct rr_conn - one connection
 *
 * @lock protects everything from @state to @went_away, the pool and
 * the credits. It is taken with bottom halves off (deadline timers send, too)
 * and is held while posting, so that credits are spent in the order in which
 * messages leave. Nothing else is taken inside it.
 *
 * The first reference is the queue pair's: teardown drops it. While @in_setup,
 * the one who sets the connection up is the one who tears it down.
 */
struct rr_conn {
	/* What each message needs, together: there are many connections, and few caches. */
	struct kref ref;
	u32 id;
	enum rr_conn_role role;
	u32 features;			/* RR_FEATURE_*, negotiated before it is proven */
	const struct rr_conn_ops *ops;
	void *owner;
	struct rr_stats_set *stats;
	struct ib_pd *pd;
	struct ib_qp *qp;
	struct rr_request *reqs;	/* server: max_calls of them */
	u16 max_calls;
	bool iwarp;
	bool heard;			/* since the last tick: the Poller's own */
	u32 max_bulk;			/* negotiated before it is proven; 0: none */
	atomic_t in_flight;		/* server: requests whose REPLY is not queued */
	int turn;			/* server: its own among those of its server */
	struct rr_cq cq;
	struct rr_pool pool;

	spinlock_t lock;
	enum rr_conn_state state;
	bool in_setup;
	bool was_proven;
	bool want_ack;
	bool ask;			/* the next NOP asks for one in return */
	bool stalled;
	bool wants_buf;			/* the pool was empty when somebody asked */
	struct rr_credit credit;
	u32 sq_size, sq_free;
	u32 rq_posted;
	u32 nr_control;			/* of RR_CONTROL_BUFS, those in use */
	u32 nr_silent, max_silent;	/* SENDs since one that tells when it is done */
	struct rr_buf *flying;		/* buffers that the device has to send, in order */
	struct rr_buf **flying_end;
	struct ib_send_wr *chain;	/* to be posted before the lock is released, or the batch ends */
	struct ib_send_wr **chain_end;
	u32 nr_chain;
	bool chain_works;		/* not only SENDs are in it */
	ktime_t batch_began;		/* server: when what is in it came to be, at the latest */
	u32 nr_accepted;		/* server: calls so far */
	struct list_head workq;		/* struct rr_work, to be posted */
	struct list_head sendq;
	struct list_head starved;	/* requests that wait for a reply buffer */
	struct rr_transfers transfers;
	enum rr_close reason;		/* why it is closing */
	const char *why;		/* more of that, if it is known */
	bool went_away;			/* server: GOAWAY has been queued */

	struct rr_latency latency;	/* server: @lock; client: its Poller's */
	struct rr_mr_set mrs;
	atomic_long_t bulk_bytes;	/* of large payloads under way */

	/* The Poller's own: */
	struct rr_liveness liveness;
	u32 stuck_ticks;

	struct net *net;		/* the owner's, until @gone */
	const char *server;		/* likewise; NULL on a client */
	u32 client;			/* its client's id; 0 on a server */
	bool quiet;			/* if its handshake fails, that is no news */
	struct list_head link;		/* the owner's */
	struct rdma_cm_id *cm_id;
	struct sockaddr_storage local, peer;
	char device[IB_DEVICE_NAME_MAX];
	struct completion progress;	/* of the handshake */
	struct delayed_work handshake_work;
	struct work_struct broken_work;
	struct work_struct teardown_work;
};

/**
 * struct rr_conn_info - a connection as the administrator sees it
 * @id: unique while the module is loaded, growing
 * @client: its client's id; 0 on a server
 * @role: enum rr_conn_role
 * @state: enum rr_conn_state
 * @reason: enum rr_close, of one that is closing
 * @local: our address
 * @peer: the other's
 * @device: the RDMA device's name
 * @in_flight: calls in flight
 * @window: receives posted
 */
struct rr_conn_info {
	u32 id;
	u32 client;
	u32 role;
	u32 state;
	u32 reason;
	struct sockaddr_storage local, peer;
	char device[IB_DEVICE_NAME_MAX];
	u32 in_flight;
	u32 window;
};

/*
 * What the large payloads may cost that a connection has under way, on either side: four
 * of the largest, each with as many objects as a CALL can describe.
 */
#define RR_CONN_BULK	(4L * (RR_MAX_BULK + RR_MAX_SEGS / 2 * PAGE_SIZE))

/*
 * Return: whether it may have payloads that cost @bytes more, by rr_mr_set_cost(), which
 * are given back by rr_conn_bulk_put().
 */
bool rr_conn_bulk_get(struct rr_conn *conn, size_t bytes);

static inline void rr_conn_bulk_put(struct rr_conn *conn, size_t bytes)
{
	atomic_long_sub(bytes, &conn->bulk_bytes);
}

struct rr_conn_config {
	struct net *net;
	const char *server;		/* its server's name; NULL on a client */
	u32 client;			/* its client's id; 0 on a server */
	bool quiet;
	enum rr_conn_role role;
	const struct rr_conn_ops *ops;
	void *owner;
	struct rr_stats_set *stats;	/* NULL: the module's */
	struct rr_poller *poller;
	struct rr_request *reqs;	/* server; freed with the connection */
	u16 max_calls;
	u16 peer_window;		/* 0: not known yet */
	u32 max_bulk;			/* what is offered */
};

/*
 * Return: an id that no connection has had, nor will have, nor a client: one that is taken
 * for the other's is found nowhere.
 */
u32 rr_conn_next_id(void);

/**
 * rr_conn_create - make a connection's resources on a bound cm_id
 * @cm_id: bound to a device; the connection's from here on if this succeeds
 * @cfg: what it is to be
 *
 * The result is in setup: rr_conn_setup_done() ends that.
 * Context: may sleep. Return: the connection, or ERR_PTR.
 */
struct rr_conn *rr_conn_create(struct rdma_cm_id *cm_id, const struct rr_conn_config *cfg);

/* Setup is over; if the connection was closed meanwhile, teardown begins. */
void rr_conn_setup_done(struct rr_conn *conn);

/*
 * Ends a connection, for the reason that came first. Idempotent; any context with
 * interrupts on. Teardown is a workqueue's.
 */
void rr_conn_close(struct rr_conn *conn, enum rr_close reason);

/* Likewise. @why: what an event says of it, should it not have been proven; not copied. */
void rr_conn_fail(struct rr_conn *conn, enum rr_close reason, const char *why);

/* Likewise, after an event of the CM that is an end. */
void rr_conn_cm_ended(struct rr_conn *conn, enum rdma_cm_event_type event);

/* May sleep: waits for the teardown of all connections that are closed. */
void rr_conn_flush(void);

static inline void rr_conn_get(struct rr_conn *conn)
{
	kref_get(&conn->ref);
}

/* Any context. */
void rr_conn_put(struct rr_conn *conn);

/*
 * Its device refuses to work for it: ends it. For those who hold the connection's lock,
 * or whose context is the device's.
 */
void rr_conn_broken(struct rr_conn *conn);

/* Return: whether this runs in @conn's teardown, that is, in its gone(). */
bool rr_conn_in_teardown(const struct rr_conn *conn);

/* Return: RR_FEATURE_*, as far as the device has what they need. */
u32 rr_conn_features(const struct ib_device *device);

/* Fills in what CM's connect and accept need. */
void rr_conn_param(struct rr_conn *conn, struct rdma_conn_param *param);

/* Return: whether it is neither closing nor gone. */
static inline bool rr_conn_open(const struct rr_conn *conn)
{
	return READ_ONCE(conn->state) != RR_CONN_CLOSING;
}

/*
 * Bottom halves are off. Return: a buffer from the pool, or NULL: there is none until
 * resume() finds @wants_buf, or somebody gives one back.
 */
struct rr_buf *rr_conn_buf_get(struct rr_conn *conn);

/* Return: whether there is one; likewise. */
bool rr_conn_buf_ready(struct rr_conn *conn);
void rr_conn_buf_put(struct rr_conn *conn, struct rr_buf *buf);

/* The same, with the connection's lock held. */
void rr_conn_buf_put_locked(struct rr_conn *conn, struct rr_buf *buf);

/* Where the payload is of a message without segments. */
static inline void *rr_buf_payload(const struct rr_buf *buf)
{
	return buf->data + RR_HDR_LEN;
}

/* Return: whether no call is in flight and all that was sent has arrived. */
bool rr_conn_at_rest(struct rr_conn *conn);

void rr_conn_info_get(const struct rr_conn *conn, struct rr_conn_info *info);

int rr_conn_init(void);
void rr_conn_exit(void);

#endif /* RR_CONNECTION_H */
