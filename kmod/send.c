// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "send.h"

#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>

#include "connection.h"
#include "trace.h"

/* What one batch of completions gives rise to is posted together: it waits for so many. */
#define RR_CHAIN	8
/* No longer than that, and until the handler that runs returns. */
#define RR_CHAIN_US	20

static void conn_take_control(struct rr_conn *conn, struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	buf->control = true;
	conn->nr_control++;
}

static void conn_put_control(struct rr_conn *conn, struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	conn->nr_control -= buf->control;
	buf->control = false;
}

/* They are done in the order in which they left: so are those before that said nothing. */
static void conn_retire(struct rr_conn *conn, struct rr_buf *last)
{
	struct rr_buf *buf;

	lockdep_assert_held(&conn->lock);
	while (last->flying) {
		buf = conn->flying;
		conn->flying = buf->next;
		buf->flying = false;
		conn->sq_free++;
		conn_put_control(conn, buf);
		rr_pool_put(&conn->pool, buf);
	}
	if (!conn->flying)
		conn->flying_end = &conn->flying;
}

static void conn_send_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct rr_buf *buf = container_of(wc->wr_cqe, struct rr_buf, cqe);
	struct rr_conn *conn = buf->conn;

	if (wc->status != IB_WC_SUCCESS)
		rr_conn_close(conn, RR_CLOSE_TRANSFER);

	spin_lock_bh(&conn->lock);
	conn_retire(conn, buf);
	spin_unlock_bh(&conn->lock);
}

/*
 * siw lends whole pages of a SEND that says nothing to TCP, which may send them once more
 * after the SENDs behind it are done: such a buffer would be another message's by then.
 */
static bool conn_lends(const struct rr_conn *conn, const struct rr_buf *buf)
{
	return conn->iwarp && buf->sge.length >= PAGE_SIZE;
}

/*
 * A completion costs a wake-up, and is needed by few: for the buffers' sake one of several
 * SENDs says when it is done. Those that are short of room say so at once, and all do when
 * somebody waits for the last.
 */
static bool conn_tells(struct rr_conn *conn, const struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	if (!buf->control && !conn->went_away && !conn_lends(conn, buf) &&
	    ++conn->nr_silent < conn->max_silent)
		return false;
	conn->nr_silent = 0;
	return true;
}

/* Telling the device of work costs more than a piece of it: one chain for all there is. */
static void conn_chain(struct rr_conn *conn, struct ib_send_wr *wr)
{
	lockdep_assert_held(&conn->lock);
	wr->next = NULL;
	*conn->chain_end = wr;
	conn->chain_end = &wr->next;
	conn->nr_chain++;
	conn->sq_free--;
}

static void conn_post_now(struct rr_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	trace_rdmarpc_posted(conn->id, conn->nr_chain);
	/* What it is about stays with a queue pair that refuses it. */
	if (ib_post_send(conn->qp, conn->chain, NULL))
		rr_conn_broken(conn);
	conn->chain = NULL;
	conn->chain_end = &conn->chain;
	conn->nr_chain = 0;
	conn->chain_works = false;
}

/*
 * In the Poller there may be more soon: it comes back, at its batch's end if not before. Keys
 * are the device's at once: what a peer says of them may come next.
 */
static void conn_post_chain(struct rr_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	if (conn->chain && (conn->chain_works || conn->nr_chain >= RR_CHAIN ||
			    !rr_cq_more(&conn->cq)))
		conn_post_now(conn);
}

void rr_send_waits(struct rr_conn *conn, ktime_t now)
{
	lockdep_assert_held(&conn->lock);
	if (!conn->chain) {
		conn->batch_began = now;
		return;
	}
	if (ktime_us_delta(now, conn->batch_began) <= RR_CHAIN_US)
		return;
	conn_post_now(conn);
	conn->batch_began = now;
}

static void conn_chain_work(struct rr_conn *conn, struct rr_work *work)
{
	lockdep_assert_held(&conn->lock);
	list_del_init(&work->link);
	WRITE_ONCE(work->nr_posted, work->nr_posted + 1);
	conn->chain_works = true;
	conn_chain(conn, work->wr);
}

static void conn_chain_works(struct rr_conn *conn, struct list_head *works)
{
	struct rr_work *work, *tmp;

	list_for_each_entry_safe(work, tmp, works, link)
		conn_chain_work(conn, work);
}

static void conn_chain_send(struct rr_conn *conn, struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	buf->wr = (struct ib_send_wr) {
		.wr_cqe = &buf->cqe,
		.sg_list = &buf->sge,
		.num_sge = 1,
		.opcode = buf->inv ? IB_WR_SEND_WITH_INV : IB_WR_SEND,
		.ex.invalidate_rkey = buf->inv_key,
		.send_flags = conn_tells(conn, buf) ? IB_SEND_SIGNALED : 0,
	};
	if (buf->nr_works)
		conn_chain_works(conn, &buf->works);
	rr_wire_set_limit(buf->data, rr_credit_send(&conn->credit));
	buf->cqe.done = conn_send_done;
	ib_dma_sync_single_for_device(conn->pd->device, buf->sge.addr, buf->sge.length,
				      DMA_BIDIRECTIONAL);
	conn_chain(conn, &buf->wr);
	buf->next = NULL;
	*conn->flying_end = buf;
	conn->flying_end = &buf->next;
	buf->flying = true;
	rr_stat_inc(conn->stats, RR_STAT_MESSAGES_SENT);
}

static bool conn_grant_wanted(const struct rr_conn *conn)
{
	return conn->want_ack || conn->ask || rr_credit_grant_due(&conn->credit);
}

static void conn_grant(struct rr_conn *conn)
{
	const struct rr_hdr hdr = {
		.type = RR_MSG_NOP,
		.flags = conn->ask ? RR_MSG_F_WANT_ACK : 0,
	};
	struct rr_buf *buf;

	lockdep_assert_held(&conn->lock);
	if (conn->state != RR_CONN_ACTIVE || !conn->sq_free ||
	    conn->nr_control >= RR_CONTROL_BUFS ||
	    !rr_credit_may_send(&conn->credit, RR_RESERVE_GRANT))
		return;
	buf = rr_pool_get(&conn->pool);
	if (!buf)
		return;
	conn_take_control(conn, buf);
	conn->want_ack = false;
	conn->ask = false;
	rr_wire_put(buf->data, &hdr);
	buf->sge.length = RR_HDR_LEN;
	conn_chain_send(conn, buf);
}

void rr_send_grant(struct rr_conn *conn)
{
	if (conn_grant_wanted(conn))
		conn_grant(conn);
	conn_post_chain(conn);
}

static void conn_flush_works(struct rr_conn *conn)
{
	struct rr_work *work;

	lockdep_assert_held(&conn->lock);
	/* Once it is closing their owners may have forgotten them. */
	while (conn->state != RR_CONN_CLOSING && conn->sq_free) {
		work = list_first_entry_or_null(&conn->workq, struct rr_work, link);
		if (!work)
			break;
		conn_chain_work(conn, work);
	}
}

/* Return: whether there is room for what is next, and credit. */
static bool conn_may_leave(struct rr_conn *conn, const struct rr_buf *buf)
{
	bool may;

	lockdep_assert_held(&conn->lock);
	if (conn->sq_free <= buf->nr_works)
		return false;
	may = rr_credit_may_send(&conn->credit, buf->reserve);
	if (!may && !conn->stalled)
		rr_stat_inc(conn->stats, RR_STAT_CREDIT_STALLS);
	conn->stalled = !may;
	return may;
}

static void conn_leave(struct rr_conn *conn, struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	if (!buf->owner || !conn->ops->leaving || conn->ops->leaving(buf->owner))
		conn_chain_send(conn, buf);
}

void rr_send_flush(struct rr_conn *conn)
{
	struct rr_buf *buf;

	lockdep_assert_held(&conn->lock);
	conn_flush_works(conn);
	while (conn->state != RR_CONN_CLOSING) {
		buf = list_first_entry_or_null(&conn->sendq, struct rr_buf, link);
		if (!buf || !conn_may_leave(conn, buf))
			break;
		list_del_init(&buf->link);
		conn_leave(conn, buf);
	}
	rr_send_grant(conn);
}

bool rr_send_pending(const struct rr_conn *conn)
{
	return conn->chain || !list_empty(&conn->workq) || !list_empty(&conn->sendq) ||
	       conn_grant_wanted(conn);
}

static bool conn_may_queue(const struct rr_conn *conn, u8 type)
{
	return conn->state == RR_CONN_ACTIVE ||
	       (conn->state == RR_CONN_HANDSHAKE && type == RR_MSG_AUTH);
}

int rr_conn_send_locked(struct rr_conn *conn, struct rr_buf *buf, const struct rr_hdr *hdr,
			void *owner)
{
	lockdep_assert_held(&conn->lock);
	if (!conn_may_queue(conn, hdr->type))
		return -ENOTCONN;
	rr_wire_put(buf->data, hdr);
	buf->sge.length = rr_hdr_len(hdr) + hdr->inline_len;
	buf->reserve = hdr->type == RR_MSG_CALL ? RR_RESERVE_CALL : RR_RESERVE_GRANT;
	buf->owner = owner;
	conn_flush_works(conn);
	/* Most need not be queued. */
	if (list_empty(&conn->sendq) && conn_may_leave(conn, buf)) {
		conn_leave(conn, buf);
		rr_send_grant(conn);
		return 0;
	}
	/* What needs less of a reserve passes what waits for more. */
	if (hdr->type == RR_MSG_CANCEL)
		list_add(&buf->link, &conn->sendq);
	else
		list_add_tail(&buf->link, &conn->sendq);
	rr_send_flush(conn);
	return 0;
}

int rr_conn_send(struct rr_conn *conn, struct rr_buf *buf, const struct rr_hdr *hdr,
		 void *owner)
{
	int err;

	spin_lock_bh(&conn->lock);
	err = rr_conn_send_locked(conn, buf, hdr, owner);
	spin_unlock_bh(&conn->lock);
	return err;
}

void rr_conn_works(struct rr_conn *conn, struct list_head *works)
{
	lockdep_assert_held(&conn->lock);
	list_splice_tail_init(works, &conn->workq);
	conn_flush_works(conn);
	conn_post_chain(conn);
}

void rr_conn_works_later(struct rr_conn *conn, struct list_head *works)
{
	lockdep_assert_held(&conn->lock);
	list_splice_tail_init(works, &conn->workq);
}

bool rr_conn_work_done(struct rr_conn *conn, const struct ib_wc *wc)
{
	struct rr_work *work = container_of(wc->wr_cqe, struct rr_work, cqe);

	if (wc->status != IB_WC_SUCCESS)
		rr_conn_close(conn, RR_CLOSE_TRANSFER);
	spin_lock_bh(&conn->lock);
	conn->sq_free++;
	/* Its owner may be freed from here on, unless it is in use. */
	smp_store_release(&work->nr_posted, work->nr_posted - 1);
	spin_unlock_bh(&conn->lock);
	return wc->status == IB_WC_SUCCESS;
}

void rr_conn_unsend(struct rr_conn *conn, struct rr_buf *buf)
{
	spin_lock_bh(&conn->lock);
	/* It may have been passed over already. */
	list_del_init(&buf->link);
	rr_conn_buf_put_locked(conn, buf);
	/* What it held up may need less of a reserve. */
	rr_send_flush(conn);
	spin_unlock_bh(&conn->lock);
}

int rr_conn_send_control(struct rr_conn *conn, const struct rr_hdr *hdr)
{
	struct rr_buf *buf = NULL;
	int err;

	spin_lock_bh(&conn->lock);
	/* One is left for grants. */
	if (conn->nr_control < RR_CONTROL_BUFS - 1)
		buf = rr_pool_get(&conn->pool);
	if (buf)
		conn_take_control(conn, buf);
	spin_unlock_bh(&conn->lock);
	if (!buf)
		return -EAGAIN;
	err = rr_conn_send(conn, buf, hdr, NULL);
	if (err) {
		spin_lock_bh(&conn->lock);
		conn_put_control(conn, buf);
		rr_conn_buf_put_locked(conn, buf);
		spin_unlock_bh(&conn->lock);
	}
	return err;
}
