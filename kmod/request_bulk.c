// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "request_bulk.h"

#include <linux/container_of.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "connection.h"
#include "handler.h"
#include "request.h"
#include "server.h"
#include "stash.h"
#include "transfer.h"

static struct workqueue_struct *bulk_wq;

static unsigned int bulk_memory_mb = 1024;
module_param(bulk_memory_mb, uint, 0644);
MODULE_PARM_DESC(bulk_memory_mb, "Memory that all servers together may use for large requests and replies (MiB)");
static atomic_long_t bulk_memory;

static bool count_get(atomic_long_t *count, size_t len, u32 limit_mb)
{
	if (atomic_long_add_return(len, count) <= (long)limit_mb << 20)
		return true;
	atomic_long_sub(len, count);
	return false;
}

static bool memory_get(struct rdmarpc_server *srv, size_t len)
{
	if (!count_get(&srv->bulk_bytes, len, READ_ONCE(srv->limits.bulk_mb)))
		return false;
	if (count_get(&bulk_memory, len, READ_ONCE(bulk_memory_mb)))
		return true;
	atomic_long_sub(len, &srv->bulk_bytes);
	return false;
}

static void memory_put(struct rdmarpc_server *srv, size_t len)
{
	atomic_long_sub(len, &bulk_memory);
	atomic_long_sub(len, &srv->bulk_bytes);
}

/* Neither a request's handler nor its connection keeps the server until its pages go. */
struct rr_pages *rr_request_pages(struct rr_conn *conn, size_t len, enum rr_pages_fill fill)
{
	struct rdmarpc_server *srv = conn->owner;
	struct rr_pages *pages;

	if (!rr_conn_bulk_get(conn, rr_mr_set_cost(&conn->mrs, len)))
		return NULL;
	if (!memory_get(srv, PAGE_ALIGN(len)))
		goto err_conn;
	pages = fill == RR_PAGES_WHOLE ? rr_pages_take(len) : rr_pages_alloc(len, fill);
	if (!pages)
		goto err_memory;
	kref_get(&srv->ref);
	pages->owner = conn;
	return pages;

err_memory:
	memory_put(srv, PAGE_ALIGN(len));
err_conn:
	rr_conn_bulk_put(conn, rr_mr_set_cost(&conn->mrs, len));
	return NULL;
}

static void pages_free(struct rr_pages *pages)
{
	struct rr_conn *conn = pages->owner;
	struct rdmarpc_server *srv = conn->owner;

	memory_put(srv, PAGE_ALIGN(pages->len));
	rr_conn_bulk_put(conn, rr_mr_set_cost(&conn->mrs, pages->len));
	rr_pages_free(pages);
	rr_server_put(srv);
}

/* More pages than that are not freed by a Poller: it has others' messages to take. */
#define RR_FREE_AT_ONCE	64

static LLIST_HEAD(pages_freed);

static void pages_free_all(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&pages_freed);
	struct rr_pages *pages, *tmp;
	struct rr_conn *conn;

	llist_for_each_entry_safe(pages, tmp, list, node) {
		conn = pages->owner;
		pages_free(pages);
		rr_conn_put(conn);
		cond_resched();
	}
}

static DECLARE_WORK(pages_free_work, pages_free_all);

/* They count until then, and so need whom they are counted for. */
static void pages_free_later(struct rr_pages *pages)
{
	rr_conn_get(pages->owner);
	if (llist_add(&pages->node, &pages_freed))
		queue_work(bulk_wq, &pages_free_work);
}

void rr_request_pages_free(struct rr_pages *pages)
{
	if (!pages)
		return;
	if (pages->release)
		pages->release(pages);
	else if (pages->nr > RR_FREE_AT_ONCE && rr_in_poller())
		pages_free_later(pages);
	else
		pages_free(pages);
}

/*
 * One direction of one request. @req is that of a request that waits for it; it
 * outlives a request whose REPLY is under way. @pulled and @arg are those of
 * rr_request_pull().
 */
struct rr_carry {
	struct rr_transfer t;
	struct rr_conn *conn;
	struct rr_request *req;
	struct rr_pages *pages;
	void (*pulled)(struct rr_request *req, void *arg, int err);
	void *arg;
	struct rr_seg segs[];
};

/* The segments of a CALL are those of a large request first, then those of its reply. */
static void carry_segs(struct rr_carry *c, const struct rr_request *req)
{
	u32 skip = c->t.write && req->large ? req->len : 0;
	struct rr_seg seg;
	u32 i;

	for (i = 0; i < req->nr_segs; i++) {
		seg = rr_wire_seg(req->in->data, i);
		if (skip)
			skip -= seg.len;
		else
			c->segs[c->t.nr_segs++] = seg;
	}
}

/* iWARP's READ is a WRITE of the peer's, so where it goes must be open to him. */
static int carry_access(const struct rr_conn *conn, bool write)
{
	return IB_ACCESS_LOCAL_WRITE | (conn->iwarp && !write ? IB_ACCESS_REMOTE_WRITE : 0);
}

/* Return: whether it may begin; who gives the request up finds the transfer from here on. */
static bool carry_begin(struct rr_carry *c)
{
	bool wanted;

	spin_lock_bh(&c->conn->lock);
	wanted = !c->req->given_up;
	if (wanted)
		c->req->transfer = &c->t;
	spin_unlock_bh(&c->conn->lock);
	return wanted;
}

/* The transfer is not the request's any more. Return: the request. */
static struct rr_request *carry_end(struct rr_carry *c)
{
	struct rr_request *req = c->req;

	spin_lock_bh(&c->conn->lock);
	req->transfer = NULL;
	spin_unlock_bh(&c->conn->lock);
	c->req = NULL;
	return req;
}

static void carry_free(struct rr_carry *c)
{
	struct rr_conn *conn = c->conn;

	if (c->req)
		carry_end(c);
	rr_region_unmap(&c->t.region);
	kfree(c);
	rr_conn_put(conn);
}

static struct rr_carry *carry_new(struct rr_request *req, struct rr_pages *pages, bool write,
				  size_t len, void (*done)(struct rr_transfer *t, int err))
{
	struct rr_carry *c = kzalloc(struct_size(c, segs, req->nr_segs), GFP_KERNEL);

	if (!c)
		return NULL;
	rr_conn_get(req->conn);
	c->conn = req->conn;
	c->req = req;
	c->pages = pages;
	c->t.conn = req->conn;
	c->t.write = write;
	c->t.len = len;
	/* A reply is its caller's to give up: his time is over before ours. */
	c->t.until = write ? KTIME_MAX : req->deadline;
	c->t.segs = c->segs;
	c->t.done = done;
	carry_segs(c, req);
	return c;
}

/* Return: 0, with its pages being moved from now on; or an error, and it is gone. */
static int carry_start(struct rr_carry *c)
{
	struct rr_conn *conn = c->conn;
	int err = -ECANCELED;

	/* Once it has started, carry and request may be gone before this returns. */
	rr_conn_get(conn);
	if (carry_begin(c))
		err = rr_region_map(&c->t.region, &conn->mrs, c->pages,
				    c->t.write ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
				    carry_access(conn, c->t.write));
	if (!err)
		err = rr_transfer_start(&c->t);
	if (err)
		carry_free(c);
	rr_conn_put(conn);
	return err;
}

/* ---- requests ---- */

/* It has not been fetched, and so not been executed. */
static void fetch_failed(struct rr_request *req, int err)
{
	if (err != -ECANCELED && err != -ENOTCONN)
		rr_request_end(req, RR_STATUS_BUSY, 0, 0);
	else if (!rr_request_budget_us(req))
		rr_request_end(req, RR_STATUS_EXPIRED, 0, 0);
	else
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
}

static void fetch_done(struct rr_transfer *t, int err)
{
	struct rr_carry *c = container_of(t, struct rr_carry, t);
	struct rr_request *req = carry_end(c);

	req->pages = c->pages;
	carry_free(c);
	if (err)
		fetch_failed(req, err);
	else
		req->handler->ops->take(req->handler, req);
}

static int fetch(struct rr_request *req, struct rr_pages *pages)
{
	struct rr_carry *c = carry_new(req, pages, false, req->len, fetch_done);

	return c ? carry_start(c) : -ENOMEM;
}

static void fetch_work(struct work_struct *work)
{
	struct rr_request *req = container_of(work, struct rr_request, work);
	struct rr_pages *pages = NULL;
	int err = -ECANCELED;

	/* Not only its bytes take their time. */
	if (!READ_ONCE(req->given_up) && rr_request_budget_us(req)) {
		pages = rr_request_pages(req->conn, req->len, RR_PAGES_WHOLE);
		err = pages ? fetch(req, pages) : -ENOMEM;
	}
	if (!err)
		return;
	rr_request_pages_free(pages);
	fetch_failed(req, err);
}

void rr_request_fetch(struct rr_request *req)
{
	INIT_WORK(&req->work, fetch_work);
	queue_work(bulk_wq, &req->work);
}

static void pull_done(struct rr_transfer *t, int err)
{
	struct rr_carry *c = container_of(t, struct rr_carry, t);
	void (*pulled)(struct rr_request *req, void *arg, int err) = c->pulled;
	struct rr_request *req = carry_end(c);
	void *arg = c->arg;

	carry_free(c);
	pulled(req, arg, err);
}

int rr_request_pull(struct rr_request *req, struct rr_pages *pages,
		    void (*done)(struct rr_request *req, void *arg, int err), void *arg)
{
	struct rr_carry *c = carry_new(req, pages, false, req->len, pull_done);

	if (!c)
		return -ENOMEM;
	c->pulled = done;
	c->arg = arg;
	return carry_start(c);
}

/* ---- replies ---- */

/* From here on the slot may be used again; the pages are the transfer's. */
static void deliver_posted(struct rr_transfer *t)
{
	struct rr_carry *c = container_of(t, struct rr_carry, t);
	struct rr_request *req = carry_end(c);

	req->key = c->segs[0].rkey;
	req->reply = NULL;
	rr_request_reply(req, t->len);
}

/* It has been executed, and its reply will not be had. */
static void deliver_failed(struct rr_request *req)
{
	req->status = RR_STATUS_HANDLER_FAILED;
	req->app_error = 0;
	req->reply_len = 0;
	rr_request_reply(req, 0);
}

static void deliver_done(struct rr_transfer *t, int err)
{
	struct rr_carry *c = container_of(t, struct rr_carry, t);

	rr_region_unmap(&c->t.region);
	/* If it has not been posted whole, they are the request's still. */
	if (c->req)
		deliver_failed(carry_end(c));
	else
		rr_request_pages_free(c->pages);
	carry_free(c);
}

static void deliver_work(struct work_struct *work)
{
	struct rr_request *req = container_of(work, struct rr_request, work);
	struct rr_carry *c = carry_new(req, req->reply, true, req->reply_len, deliver_done);

	if (c) {
		c->t.posted = deliver_posted;
		if (!carry_start(c))
			return;
	}
	deliver_failed(req);
}

void rr_request_deliver(struct rr_request *req)
{
	INIT_WORK(&req->work, deliver_work);
	queue_work(bulk_wq, &req->work);
}

int rr_request_bulk_init(void)
{
	bulk_wq = alloc_workqueue("rdmarpc_bulk", WQ_UNBOUND, 0);
	return bulk_wq ? 0 : -ENOMEM;
}

void rr_request_bulk_exit(void)
{
	destroy_workqueue(bulk_wq);
	rr_stash_exit();
}
