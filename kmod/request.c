// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "request.h"

#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "deadline.h"
#include "handler.h"
#include "request_bulk.h"
#include "send.h"
#include "server.h"
#include "trace.h"
#include "transfer.h"

struct rr_request *rr_requests_alloc(u16 max_calls)
{
	return kvcalloc(max_calls, sizeof(struct rr_request), GFP_KERNEL);
}

const void *rr_request_payload(const struct rr_request *req)
{
	return req->payload.iov_base;
}

void rr_request_iter(const struct rr_request *req, struct iov_iter *iter)
{
	if (req->pages)
		rr_pages_iter(req->pages, ITER_SOURCE, req->len, iter);
	else
		iov_iter_kvec(iter, ITER_SOURCE, &req->payload, 1, req->len);
}

void *rr_request_reply_room(const struct rr_request *req)
{
	return rr_buf_payload(req->out);
}

void *rr_request_reply_room_clear(const struct rr_request *req)
{
	rr_buf_clear(req->out);
	return rr_request_reply_room(req);
}

void rr_request_done_reading(struct rr_request *req)
{
	rr_request_pages_free(req->pages);
	req->pages = NULL;
	/* What tells where the reply goes is needed until then. */
	if (req->room)
		return;
	rr_conn_buf_put(req->conn, req->in);
	req->in = NULL;
}

u64 rr_request_budget_us(const struct rr_request *req)
{
	return rr_deadline_left_us(req->deadline, ktime_get());
}

static enum rr_stat stat_of(const struct rr_request *req, enum rr_status status)
{
	switch (status) {
	case RR_STATUS_OK:
		return RR_STAT_REQUESTS_OK;
	case RR_STATUS_APP_ERROR:
		return RR_STAT_REQUESTS_APP_ERROR;
	case RR_STATUS_EXPIRED:
	case RR_STATUS_CANCELLED:
	case RR_STATUS_HANDLER_LATE:
		return RR_STAT_REQUESTS_EXPIRED;
	case RR_STATUS_HANDLER_FAILED:
		return req->given_up ? RR_STAT_REQUESTS_EXPIRED : RR_STAT_REQUESTS_FAILED;
	case RR_STATUS_REPLY_TOO_BIG:
	case RR_STATUS_HANDLER_DIED:
		return RR_STAT_REQUESTS_FAILED;
	default:
		return RR_STAT_REQUESTS_REFUSED;
	}
}

/* It is about to be answered: how long it took. */
static void request_measure(const struct rr_request *req, ktime_t now)
{
	u64 ns = ktime_to_ns(ktime_sub(now, req->arrived));

	lockdep_assert_held(&req->conn->lock);
	if (req->conn->state != RR_CONN_ACTIVE || !req->out)
		return;
	rr_latency_count(&req->conn->latency, ns);
	/* The lock keeps bottom halves off, so this processor has no other writer. */
	if (req->handler)
		rr_latency_count(this_cpu_ptr(req->handler->latency), ns);
}

/* The slot is the client's again as soon as it has the reply. */
static void request_free(struct rr_request *req)
{
	lockdep_assert_held(&req->conn->lock);
	if (req->in)
		rr_conn_buf_put_locked(req->conn, req->in);
	request_measure(req, ktime_get());
	req->handler = NULL;
	req->in = NULL;
	req->out = NULL;
	rr_req_free(&req->phase);
}

static void request_free_pages(struct rr_request *req)
{
	rr_request_pages_free(req->pages);
	rr_request_pages_free(req->reply);
	req->pages = NULL;
	req->reply = NULL;
}

void rr_request_reply(struct rr_request *req, u32 bulk_len)
{
	struct rr_handler *h = req->handler;
	enum rr_status status = req->status;
	enum rr_stat stat = stat_of(req, status);
	struct rr_conn *conn = req->conn;
	struct rr_buf *out = req->out;
	const struct rr_hdr hdr = {
		.type = RR_MSG_REPLY,
		.code = status,
		.tag = req->tag,
		.inline_len = bulk_len ? 0 : req->reply_len,
		.bulk_reply = bulk_len,
		.arg = req->app_error,
	};
	bool sent;

	if (out && req->nr_segs && conn->features & RR_FEATURE_INVALIDATE) {
		out->inv = true;
		out->inv_key = req->key;
	}
	request_free_pages(req);
	spin_lock_bh(&conn->lock);
	request_free(req);
	sent = out && !rr_conn_send_locked(conn, out, &hdr, NULL);
	if (out && !sent)
		rr_conn_buf_put_locked(conn, out);
	rr_stat_inc(conn->stats, sent ? stat : RR_STAT_REQUESTS_DROPPED);
	/*
	 * It is queued: until then the connection was not at rest. Who sees that its SEND is
	 * done sees this, too: nothing else would tell a drain later.
	 */
	atomic_dec(&conn->in_flight);
	spin_unlock_bh(&conn->lock);
	/* The handler keeps the server, and so conn->stats, until here. */
	if (h)
		rr_handler_put(h);
	rr_conn_put(conn);
}

/* Return: whether what is in pages goes by bulk; if not, it is in the message now. */
static bool reply_is_large(struct rr_request *req)
{
	struct kvec kv = { rr_request_reply_room(req), RR_MAX_EAGER };
	struct iov_iter to;

	if (!req->reply)
		return false;
	if (req->reply_len > RR_MAX_EAGER)
		return true;
	iov_iter_kvec(&to, ITER_DEST, &kv, 1, kv.iov_len);
	rr_pages_copy_to(req->reply, req->reply_len, &to);
	return false;
}

void rr_request_end(struct rr_request *req, enum rr_status status,
		    u32 app_error, size_t len)
{
	if (WARN_ON_ONCE(!rr_req_end(&req->phase, status)))
		return;
	trace_rdmarpc_call_replied(req->conn->id, req->tag, req->method, status, len);
	if (status <= RR_STATUS_APP_ERROR && len > max_t(u32, req->room, RR_MAX_EAGER))
		status = RR_STATUS_REPLY_TOO_BIG;
	req->status = status;
	req->app_error = status == RR_STATUS_REPLY_TOO_BIG ? len : app_error;
	req->reply_len = status <= RR_STATUS_APP_ERROR ? len : 0;
	if (req->out && reply_is_large(req))
		rr_request_deliver(req);
	else
		rr_request_reply(req, 0);
}

bool rr_request_begin(struct rr_request *req)
{
	if (rr_deadline_over(req->deadline, ktime_get()))
		rr_request_end(req, RR_STATUS_EXPIRED, 0, 0);
	else if (!rr_conn_open(req->conn) || !rr_req_begin(&req->phase))
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
	else
		return true;
	return false;
}

u64 rdmarpc_req_left_us(const struct rdmarpc_req *pub)
{
	return rr_request_budget_us(container_of(pub, struct rr_request, pub));
}
EXPORT_SYMBOL_GPL(rdmarpc_req_left_us);

bool rdmarpc_req_cancelled(const struct rdmarpc_req *pub)
{
	const struct rr_request *req = container_of(pub, struct rr_request, pub);

	return atomic_read(&req->phase) & RR_REQ_CANCELLED || !rr_request_budget_us(req);
}
EXPORT_SYMBOL_GPL(rdmarpc_req_cancelled);

bool rdmarpc_req_on_cancel(struct rdmarpc_req *pub, rdmarpc_cancel_fn fn, void *arg)
{
	struct rr_request *req = container_of(pub, struct rr_request, pub);
	bool waits;

	spin_lock_bh(&req->conn->lock);
	waits = !(atomic_read(&req->phase) & RR_REQ_CANCELLED);
	pub->cancel = waits ? fn : NULL;
	pub->cancel_arg = arg;
	spin_unlock_bh(&req->conn->lock);
	return waits;
}
EXPORT_SYMBOL_GPL(rdmarpc_req_on_cancel);

static enum rr_bad request_call(struct rr_conn *conn, const struct rr_hdr *hdr,
				struct rr_buf *buf, bool *keep)
{
	u16 slot = rr_tag_slot(hdr->tag);
	ktime_t now = ktime_get();
	struct rr_request *req;
	bool arrived;

	if (slot >= conn->max_calls)
		return RR_BAD_SLOT;
	req = &conn->reqs[slot];

	spin_lock_bh(&conn->lock);
	rr_send_waits(conn, now);
	arrived = rr_req_arrive(&req->phase);
	if (arrived) {
		req->conn = conn;
		req->in = buf;
		req->out = rr_pool_get(&conn->pool);
		req->tag = hdr->tag;
		req->large = hdr->bulk_request;
		req->len = hdr->bulk_request ?: hdr->inline_len;
		req->room = hdr->bulk_reply;
		req->nr_segs = hdr->nr_segs;
		req->key = hdr->nr_segs ? rr_wire_seg(buf->data, 0).rkey : 0;
		req->reply_len = 0;
		req->payload.iov_base = buf->data + rr_hdr_len(hdr);
		req->payload.iov_len = hdr->inline_len;
		req->method = hdr->code;
		req->arrived = now;
		req->deadline = rr_deadline_of_budget(now, hdr->arg);
		INIT_LIST_HEAD(&req->link);
		req->refused = conn->went_away;
		req->given_up = false;
		conn->nr_accepted++;
		atomic_inc(&conn->in_flight);
		if (!req->out)
			list_add_tail(&req->link, &conn->starved);
	}
	spin_unlock_bh(&conn->lock);
	if (!arrived)
		return RR_BAD_SLOT;

	*keep = true;
	rr_conn_get(conn);
	rr_stat_inc(conn->stats, RR_STAT_REQUESTS_RECEIVED);
	trace_rdmarpc_call_received(conn->id, hdr->tag, hdr->code, req->len);
	if (req->out)
		rr_handler_dispatch(conn->owner, req);
	return RR_BAD_NONE;
}

/* What is just moved of it is stopped, and nothing is moved later. */
static void request_give_up(struct rr_request *req)
{
	WRITE_ONCE(req->given_up, true);
	if (req->transfer)
		rr_transfer_stop(req->transfer);
}

/*
 * Tells the handler of the request in a slot that nobody waits for it, if the
 * slot holds @tag (or @any); and stops what is just moved of it.
 */
static void request_cancel(struct rr_conn *conn, u16 slot, u32 tag, bool any)
{
	struct rr_request *req = &conn->reqs[slot];
	struct rr_handler *h = NULL;

	spin_lock_bh(&conn->lock);
	if (any || req->tag == tag)
		request_give_up(req);
	if ((any || req->tag == tag) && rr_req_cancel(&req->phase)) {
		if (req->pub.cancel)
			req->pub.cancel(req->pub.cancel_arg);
		req->pub.cancel = NULL;
		tag = req->tag;
		h = READ_ONCE(req->handler);
		if (h && (!h->ops->cancel || !refcount_inc_not_zero(&h->users)))
			h = NULL;
	}
	spin_unlock_bh(&conn->lock);
	if (!h)
		return;
	h->ops->cancel(h, req, tag);
	rr_handler_put(h);
}

enum rr_bad rr_request_message(struct rr_conn *conn, const struct rr_hdr *hdr,
			       struct rr_buf *buf, bool *keep)
{
	switch (hdr->type) {
	case RR_MSG_CALL:
		return request_call(conn, hdr, buf, keep);
	case RR_MSG_CANCEL:
		if (rr_tag_slot(hdr->tag) >= conn->max_calls)
			return RR_BAD_SLOT;
		/* One that crosses the reply on its way finds nothing: fine. */
		request_cancel(conn, rr_tag_slot(hdr->tag), hdr->tag, false);
		return RR_BAD_NONE;
	default:
		return RR_BAD_STATE;
	}
}

static struct rr_request *starved_next(struct rr_conn *conn, bool need_buf)
{
	struct rr_request *req;

	spin_lock_bh(&conn->lock);
	req = list_first_entry_or_null(&conn->starved, struct rr_request, link);
	if (req && need_buf) {
		req->out = rr_pool_get(&conn->pool);
		if (!req->out)
			req = NULL;
	}
	if (req)
		list_del_init(&req->link);
	spin_unlock_bh(&conn->lock);
	return req;
}

void rr_requests_go_away(struct rr_conn *conn)
{
	struct rr_hdr hdr = { .type = RR_MSG_GOAWAY };
	struct rr_buf *buf = NULL;

	spin_lock_bh(&conn->lock);
	/* What comes from here on is refused. */
	if (conn->state == RR_CONN_ACTIVE && !conn->went_away)
		buf = rr_pool_get(&conn->pool);
	if (buf) {
		conn->went_away = true;
		hdr.arg = conn->nr_accepted;
	}
	spin_unlock_bh(&conn->lock);
	if (buf && rr_conn_send(conn, buf, &hdr, NULL))
		rr_conn_buf_put(conn, buf);
}

void rr_requests_resume(struct rr_conn *conn)
{
	struct rr_request *req;

	/* The Poller alone adds to them. */
	while (!list_empty(&conn->starved) && (req = starved_next(conn, true)))
		rr_handler_dispatch(conn->owner, req);
	if (!rr_server_draining(conn->owner))
		return;
	/* There was no buffer for it, or the connection was not proven yet. */
	rr_requests_go_away(conn);
	if (rr_conn_at_rest(conn))
		rr_server_rested(conn->owner);
}

void rr_requests_orphan(struct rr_conn *conn)
{
	struct rr_request *req;
	u16 slot;

	while ((req = starved_next(conn, false)))
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
	for (slot = 0; slot < conn->max_calls; slot++)
		request_cancel(conn, slot, 0, true);
}
