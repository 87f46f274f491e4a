/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A connection's buffers: a fixed number of them, several in a piece of memory if there is
 * such a piece, DMA-mapped once, for as long as the connection's queue pair lives. A
 * buffer is in the pool, posted, queued to be sent, or held by a request or a call;
 * whoever takes it gives it back.
 * The pages outlive the mapping, for holders that are not done when the
 * connection ends.
 */
#ifndef RR_MEMORY_H
#define RR_MEMORY_H

#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <rdma/ib_verbs.h>

#include "wire.h"

struct rr_conn;

/**
 * struct rr_buf - one buffer of RR_RECV_SIZE bytes
 * @next: the one below it in the pool, or behind it among those that the device has to send
 * @cqe: its completion
 * @sge: the whole buffer, or what is being sent
 * @data: its memory
 * @conn: whose
 * @owner: the call whose request it is, until it has left
 * @nr_works: how many there are in @works, or were
 * @reserve: enum rr_reserve, while queued
 * @order: of the pages that it and those after it are in, if it is the first there
 * @flying: the device has it to send
 * @control: it counts in rr_conn.nr_control
 * @cleared: nothing is in it that was there before the connection
 * @inv: its SEND makes a key invalid at the peer's, or has done so here
 * @wr: its SEND, until it is posted
 * @inv_key: which key, if @inv
 * @link: in the send queue
 * @works: struct rr_work, to be posted right before it
 */
struct rr_buf {
	/* What each message needs: one cache line. */
	struct rr_buf *next;
	struct ib_cqe cqe;
	struct ib_sge sge;
	void *data;
	struct rr_conn *conn;
	void *owner;
	u16 nr_works;
	u8 reserve;
	u8 order;
	bool flying;
	bool control;
	bool cleared;
	bool inv;
	/* And what one to be sent does. */
	struct ib_send_wr wr;
	u32 inv_key;
	struct list_head link;
	struct list_head works;
} ____cacheline_aligned;

static_assert(offsetof(struct rr_buf, wr) <= 64);

/**
 * struct rr_pool - a connection's buffers
 * @bufs: all of them
 * @nr: how many
 * @nr_mapped: how many the device knows
 * @free: those that nobody has, the one used last on top
 *
 * Protected by the connection's lock once traffic may flow.
 */
struct rr_pool {
	struct rr_buf *bufs;
	u32 nr;
	u32 nr_mapped;
	struct rr_buf *free;
};

/* May sleep. Return: 0 or -ENOMEM. */
int rr_pool_alloc(struct rr_pool *pool, struct rr_conn *conn, u32 nr);
void rr_pool_free(struct rr_pool *pool);

/* Maps all buffers for the device of @pd. May sleep. Return: 0 or -ENOMEM. */
int rr_pool_map(struct rr_pool *pool, struct ib_pd *pd);
void rr_pool_unmap(struct rr_pool *pool, struct ib_device *device);

/* Return: a buffer, or NULL if there is none. */
struct rr_buf *rr_pool_get(struct rr_pool *pool);
void rr_pool_put(struct rr_pool *pool, struct rr_buf *buf);

/*
 * Before somebody writes it who may leave gaps, which would be sent as they are. Later it holds
 * what came and went on the same connection, at most.
 */
void rr_buf_clear(struct rr_buf *buf);

static inline bool rr_pool_empty(const struct rr_pool *pool)
{
	return !pool->free;
}

#endif /* RR_MEMORY_H */
