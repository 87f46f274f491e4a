// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "transfer.h"

#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "connection.h"
#include "deadline.h"
#include "send.h"
#include "stats.h"

static struct rr_chunk *chunk_free(struct rr_transfers *ts)
{
	unsigned int i;

	for (i = 0; i < RR_CHUNKS; i++)
		if (!ts->chunks[i].transfer)
			return &ts->chunks[i];
	return NULL;
}

/* Takes the next chunk of @t: within one object of ours and one segment of the peer's. */
static void chunk_fill(struct rr_chunk *c, struct rr_transfer *t)
{
	const struct rr_seg *seg = &t->segs[t->remote];
	struct ib_mr *mr = t->local->mr;
	u32 n = min_t(size_t, t->left, RR_CHUNK_SIZE);

	n = min3(n, (u32)mr->length - t->local_at, seg->len - t->remote_at);
	c->transfer = t;
	c->sge = (struct ib_sge) {
		.addr = mr->iova + t->local_at,
		.length = n,
		.lkey = mr->lkey,
	};
	c->wr = (struct ib_rdma_wr) {
		.wr.wr_cqe = &c->work.cqe,
		.wr.sg_list = &c->sge,
		.wr.num_sge = 1,
		.wr.opcode = t->write ? IB_WR_RDMA_WRITE : IB_WR_RDMA_READ,
		.wr.send_flags = IB_SEND_SIGNALED,
		.remote_addr = seg->addr + t->remote_at,
		.rkey = seg->rkey,
	};
	t->pending++;
	t->left -= n;
	t->local_at += n;
	if (t->local_at == mr->length) {
		t->local = list_next_entry(t->local, link);
		t->local_at = 0;
	}
	t->remote_at += n;
	if (t->remote_at == seg->len) {
		t->remote++;
		t->remote_at = 0;
	}
}

static void transfer_fenced(struct rr_region *region)
{
	struct rr_transfer *t = container_of(region, struct rr_transfer, region);

	spin_lock_bh(&t->conn->lock);
	list_del(&t->link);
	spin_unlock_bh(&t->conn->lock);
	t->done(t, t->stopped ? -ECANCELED : 0);
}

/* One that it waits for has come. */
static void transfer_put(struct rr_transfer *t)
{
	struct rr_conn *conn = t->conn;
	LIST_HEAD(works);

	lockdep_assert_held(&conn->lock);
	/* A connection that is closing ends it otherwise. */
	if (--t->pending || conn->state == RR_CONN_CLOSING)
		return;
	rr_region_inv(&t->region, transfer_fenced, NULL, &works);
	rr_conn_works(conn, &works);
}

void rr_transfer_stop(struct rr_transfer *t)
{
	lockdep_assert_held(&t->conn->lock);
	t->stopped = true;
	if (!t->left)
		return;
	t->left = 0;
	list_move_tail(&t->link, &t->conn->transfers.leaving);
	/* There is no last chunk to wait for. */
	transfer_put(t);
}

/*
 * Return: the transfer whose last bytes are on their way with whatever is posted next, be
 * it the message that says so; or NULL.
 */
static struct rr_transfer *transfers_post(struct rr_conn *conn)
{
	struct rr_transfers *ts = &conn->transfers;
	struct rr_transfer *t;
	struct rr_chunk *c;
	LIST_HEAD(works);

	lockdep_assert_held(&conn->lock);
	while (conn->state != RR_CONN_CLOSING && (c = chunk_free(ts))) {
		t = list_first_entry_or_null(&ts->waiting, struct rr_transfer, link);
		if (!t)
			break;
		if (rr_deadline_over(t->until, ktime_get())) {
			rr_transfer_stop(t);
			continue;
		}
		chunk_fill(c, t);
		list_add_tail(&c->work.link, &works);
		list_move_tail(&t->link, t->left ? &ts->waiting : &ts->leaving);
		if (!t->left) {
			t->posting = true;
			rr_conn_works_later(conn, &works);
			return t;
		}
	}
	rr_conn_works(conn, &works);
	return NULL;
}

static void transfers_run(struct rr_conn *conn)
{
	struct rr_transfer *t;
	bool gone;

	spin_lock_bh(&conn->lock);
	while ((t = transfers_post(conn))) {
		spin_unlock_bh(&conn->lock);
		if (t->posted)
			t->posted(t);
		spin_lock_bh(&conn->lock);
		t->posting = false;
		gone = t->gone;
		if (!gone)
			transfer_put(t);
		spin_unlock_bh(&conn->lock);
		if (gone)
			t->done(t, -ENOTCONN);
		spin_lock_bh(&conn->lock);
	}
	spin_unlock_bh(&conn->lock);
}

static void chunk_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct rr_chunk *c = container_of(wc->wr_cqe, struct rr_chunk, work.cqe);
	struct rr_conn *conn = c->conn;

	if (!rr_conn_work_done(conn, wc))
		return;
	/* Progress is a sign of life. */
	conn->heard = true;
	rr_stat_add(conn->stats, c->wr.wr.opcode == IB_WR_RDMA_WRITE ?
		    RR_STAT_BULK_BYTES_WRITTEN : RR_STAT_BULK_BYTES_READ, c->sge.length);
	spin_lock_bh(&conn->lock);
	transfer_put(c->transfer);
	c->transfer = NULL;
	spin_unlock_bh(&conn->lock);
	conn->transfers.due = true;
}

void rr_transfers_resume(struct rr_conn *conn)
{
	if (!conn->transfers.due)
		return;
	conn->transfers.due = false;
	transfers_run(conn);
}

void rr_transfers_init(struct rr_conn *conn)
{
	struct rr_transfers *ts = &conn->transfers;
	struct rr_chunk *c;

	INIT_LIST_HEAD(&ts->waiting);
	INIT_LIST_HEAD(&ts->leaving);
	for (c = ts->chunks; c < ts->chunks + RR_CHUNKS; c++) {
		c->conn = conn;
		c->work.cqe.done = chunk_done;
		c->work.wr = &c->wr.wr;
	}
}

/* Return: 0, or why it cannot begin. */
static int transfer_begin(struct rr_transfer *t)
{
	struct rr_conn *conn = t->conn;
	LIST_HEAD(works);

	lockdep_assert_held(&conn->lock);
	if (conn->state == RR_CONN_CLOSING)
		return -ENOTCONN;
	if (t->stopped)
		return -ECANCELED;
	t->left = t->len;
	t->pending = 1;
	t->local = list_first_entry(&t->region.mrs, struct rr_mr, link);
	rr_region_reg(&t->region, &works);
	rr_conn_works_later(conn, &works);
	list_add_tail(&t->link, &conn->transfers.waiting);
	return 0;
}

int rr_transfer_start(struct rr_transfer *t)
{
	struct rr_conn *conn = t->conn;
	int err;

	spin_lock_bh(&conn->lock);
	err = transfer_begin(t);
	spin_unlock_bh(&conn->lock);
	if (!err)
		transfers_run(conn);
	return err;
}

static struct rr_transfer *transfers_next(struct rr_conn *conn)
{
	struct rr_transfers *ts = &conn->transfers;
	struct rr_transfer *t;

	lockdep_assert_held(&conn->lock);
	t = list_first_entry_or_null(&ts->waiting, struct rr_transfer, link);
	return t ?: list_first_entry_or_null(&ts->leaving, struct rr_transfer, link);
}

void rr_transfers_gone(struct rr_conn *conn)
{
	struct rr_transfer *t;
	bool posting;

	spin_lock_bh(&conn->lock);
	while ((t = transfers_next(conn))) {
		list_del(&t->link);
		t->gone = true;
		posting = t->posting;
		spin_unlock_bh(&conn->lock);
		/* Else who is just posting it does so. */
		if (!posting)
			t->done(t, -ENOTCONN);
		spin_lock_bh(&conn->lock);
	}
	spin_unlock_bh(&conn->lock);
}
