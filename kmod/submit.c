// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* How a call starts: what of it is large is exposed, the rest is in its message. */
#include <linux/err.h>
#include <linux/jiffies.h>

#include "deadline.h"
#include "poller.h"
#include "send.h"
#include "session.h"
#include "trace.h"

/*
 * What of it is large: a request that does not fit a message beside the segments of
 * its reply's room; room for more than a message can carry.
 */
static int call_expose(struct rr_call *call, const struct iov_iter *request,
		       const struct iov_iter *room)
{
	struct rr_conn *conn = call->session->conn;
	size_t len = iov_iter_count(request);
	struct iov_iter all = {};
	struct rr_bulk *bulk;
	size_t inline_room = RR_MAX_EAGER;

	if (room && iov_iter_count(room) > RR_MAX_EAGER && conn->max_bulk > RR_MAX_EAGER) {
		all = *room;
		iov_iter_truncate(&all, conn->max_bulk);
		call->room = iov_iter_count(&all);
		/* Each object covers a row of pages, one more for the ends. */
		inline_room -= RR_SEG_LEN * rr_mr_set_mrs(&conn->mrs, call->room);
	}
	if (len <= inline_room && !call->room)
		return 0;
	bulk = rr_bulk_create(conn, len > inline_room ? request : NULL,
			      call->room ? &all : NULL, &call->places);
	if (IS_ERR(bulk))
		return PTR_ERR(bulk);
	bulk->fenced = rr_call_fenced;
	bulk->owner = call;
	call->bulk = bulk;
	return 0;
}

static int call_copy(struct rr_call *call, struct rr_hdr *hdr, struct iov_iter *request)
{
	struct rr_buf *tx = call->tx;

	if (call->bulk) {
		rr_bulk_header(call->bulk, hdr, tx->data);
		rr_bulk_reg(call->bulk, tx);
	}
	if (hdr->bulk_request)
		return 0;
	hdr->inline_len = iov_iter_count(request);
	return copy_from_iter(tx->data + rr_hdr_len(hdr), hdr->inline_len, request) ==
		hdr->inline_len ? 0 : -EFAULT;
}

/* What rr_call_put() gives back is not given back here. */
static int call_fill(struct rr_call *call, struct rr_hdr *hdr, struct iov_iter *request,
		     const struct iov_iter *room)
{
	int err;

	call->room = 0;
	call->request_len = iov_iter_count(request);
	if (iov_iter_count(request) > rr_session_max_payload(call->session))
		return -EMSGSIZE;
	err = call_expose(call, request, room);
	return err ?: call_copy(call, hdr, request);
}

/*
 * Opens the call and queues its request as one step for whoever would end it:
 * an open call's request is queued or has left.
 */
static int call_send(struct rr_call *call, const struct rr_hdr *hdr, u64 timeout_us)
{
	struct rr_session *ses = call->session;
	unsigned long end;
	int err = -ENOTCONN;

	spin_lock_bh(&ses->lock);
	if (!ses->ended && rr_call_open(&call->bits)) {
		call->fence_by = KTIME_MAX;
		call->start = ktime_get();
		call->deadline = timeout_us == RDMARPC_NO_DEADLINE ? KTIME_MAX :
				 ktime_add_us(call->start, timeout_us);
		end = jiffies + rr_deadline_jiffies(call->deadline, call->start);
		call->sent = true;
		/* Bottom halves are off. */
		spin_lock(&ses->conn->lock);
		err = rr_conn_send_locked(ses->conn, call->tx, hdr, call);
		spin_unlock(&ses->conn->lock);
		if (err) {
			call->sent = false;
			rr_call_unopen(&call->bits);
		} else {
			rr_poller_rouse(ses->conn->cq.poller);
			timer_reduce(&ses->timer, end);
			rr_stat_inc(ses->conn->stats, RR_STAT_CALLS_STARTED);
		}
	}
	spin_unlock_bh(&ses->lock);
	return err;
}

int rr_call_start(struct rr_call *call, u16 method, struct iov_iter *request,
		  const struct iov_iter *room, u64 timeout_us)
{
	struct rr_hdr hdr = {
		.type = RR_MSG_CALL,
		.code = method,
		.tag = rr_tag(call->slot, call->gen),
	};
	int err;

	if (!rr_timeout_valid(timeout_us))
		return -EINVAL;
	err = call_fill(call, &hdr, request, room);
	if (err)
		return err;
	call->method = method;
	trace_rdmarpc_call_queued(call->session->conn->id, hdr.tag, method, call->request_len);
	return call_send(call, &hdr, timeout_us);
}
