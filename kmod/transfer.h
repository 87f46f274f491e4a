/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Transfers: a server's READs of its clients' requests and WRITEs of its replies.
 *
 * Each goes in chunks, of which a connection has few posted at a time, its transfers
 * taking turns: so what is small, a call's message or another transfer, waits for
 * two chunks at most, and the rest is queued in software. The next chunk is posted once
 * all that had come has been looked at: the answers to small calls go ahead of it. One that
 * nobody waits for any more is stopped at its next chunk.
 */
#ifndef RR_TRANSFER_H
#define RR_TRANSFER_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <rdma/ib_verbs.h>

#include "region.h"
#include "wire.h"

struct rr_conn;
struct rr_transfer;

#define RR_CHUNK_SIZE	(256U << 10)

/* Chunks that a connection has posted at a time. */
#define RR_CHUNKS	2

/* One READ or WRITE. */
struct rr_chunk {
	struct rr_work work;
	struct ib_rdma_wr wr;
	struct ib_sge sge;
	struct rr_conn *conn;
	struct rr_transfer *transfer;	/* NULL: it is free */
};

/* A connection's; its lock protects it, and what is behind @done of each transfer. */
struct rr_transfers {
	struct list_head waiting;	/* with bytes that are not posted yet */
	struct list_head leaving;	/* with none */
	struct rr_chunk chunks[RR_CHUNKS];
	bool due;			/* some have completed (the Poller's own) */
};

/**
 * struct rr_transfer - one payload on its way
 * @link: in one of the lists of rr_transfers
 * @conn: its connection
 * @region: our memory, mapped
 * @write: to the peer; otherwise from it
 * @len: bytes to move
 * @until: when it is stopped; KTIME_MAX: not by the time
 * @posted: all of them are on their way: what is sent from now on comes after them
 *	(any context but hard interrupt). Optional.
 * @done: all have been moved, and our keys are invalid (Poller); or @err is ECANCELED,
 *	it was stopped, the same but for what has not been moved; or ENOTCONN, nothing
 *	will be moved any more (gone, may sleep). It is the owner's again.
 * @left: bytes that are not posted yet
 * @stopped: no more will be
 * @pending: chunks that have not completed, and one more until @posted has returned
 * @posting: @posted is being called
 * @gone: the connection is gone
 * @local: where we are in our memory: object and offset
 * @local_at: see there
 * @remote: where we are in the peer's: segment and offset
 * @remote_at: see there
 * @segs: the peer's segments, copied; nr_segs of them
 */
struct rr_transfer {
	struct list_head link;
	struct rr_conn *conn;
	struct rr_region region;
	bool write;
	size_t len;
	ktime_t until;
	void (*posted)(struct rr_transfer *t);
	void (*done)(struct rr_transfer *t, int err);

	size_t left;
	bool stopped;
	u32 pending;
	bool posting;
	bool gone;
	struct rr_mr *local;
	u32 local_at;
	u32 remote, remote_at;
	u32 nr_segs;
	struct rr_seg *segs;
};

void rr_transfers_init(struct rr_conn *conn);

/**
 * rr_transfer_start - move a payload
 * @t: zeroed but for @conn, referenced by the owner until @done, @region, mapped,
 *	@write, @len (1 or more), @until, @segs for that many bytes at least, @posted
 *	and @done
 *
 * Context: may sleep. Return: 0: done() will be called, once; ENOTCONN, ECANCELED it was
 * stopped before: it will not.
 */
int rr_transfer_start(struct rr_transfer *t);

/*
 * Nothing more of it is posted, whether it has been started or not; what is posted comes
 * to its end. Connection's lock held.
 */
void rr_transfer_stop(struct rr_transfer *t);

/* At the end of a batch of completions, if chunks were among them: the next (Poller). */
void rr_transfers_resume(struct rr_conn *conn);

/* The connection is gone, its queue pair too: ends all that are left. May sleep. */
void rr_transfers_gone(struct rr_conn *conn);

#endif /* RR_TRANSFER_H */
