// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Replies of kernel handlers that fit no message: in memory of ours, or of theirs. */
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "connection.h"
#include "handler.h"
#include "misuse.h"
#include "request_bulk.h"

#define MISUSED "a second time, or not with the handler's iterator"

static bool reply_may_be(const struct rr_request *req, const struct iov_iter *reply)
{
	return !req->reply && reply == req->to;
}

/* Return: whether a reply of @len bytes may be; if not, its caller is told the length. */
static bool reply_fits(struct rr_request *req, size_t len)
{
	req->reply_len = min_t(size_t, len, U32_MAX);
	return len <= max_t(size_t, req->room, RR_MAX_EAGER);
}

int rdmarpc_req_reply_room(struct rdmarpc_req *pub, size_t len, struct iov_iter *reply)
{
	struct rr_request *req = container_of(pub, struct rr_request, pub);
	struct rr_pages *pages;

	if (!rr_may_sleep() || rr_misused(!reply_may_be(req, reply), MISUSED))
		return -EINVAL;
	if (!reply_fits(req, len))
		return -EMSGSIZE;
	pages = rr_request_pages(req->conn, max_t(size_t, len, 1), RR_PAGES_PART);
	if (!pages)
		return -ENOMEM;
	req->reply = pages;
	rr_pages_iter(pages, ITER_DEST, pages->len, reply);
	return 0;
}
EXPORT_SYMBOL_GPL(rdmarpc_req_reply_room);

/*
 * Memory that a handler has lent. Its function is in a module that goes once the handler
 * is unregistered, which waits for us.
 */
struct lent {
	struct rr_conn *conn;
	struct rr_handler *handler;
	rdmarpc_release_fn release;
	void *arg;
};

/* Whoever frees the request's pages does so before he gives its connection back. */
static void lent_back(struct rr_pages *pages)
{
	struct lent *lent = pages->owner;

	rr_conn_bulk_put(lent->conn, rr_mr_set_cost(&lent->conn->mrs, pages->len));
	rr_pages_free(pages);
	lent->release(lent->arg);
	rr_handler_put(lent->handler);
	kfree(lent);
}

/* Return: @pages are lent; false: they are the caller's still. */
static bool lend(struct rr_request *req, struct rr_pages *pages, rdmarpc_release_fn release,
		 void *arg)
{
	struct lent *lent = kmalloc(sizeof(*lent), GFP_KERNEL);

	if (!lent)
		return false;
	if (!rr_conn_bulk_get(req->conn, rr_mr_set_cost(&req->conn->mrs, pages->len))) {
		kfree(lent);
		return false;
	}
	/* The request has a reference of its own until its reply is posted. */
	refcount_inc(&req->handler->users);
	*lent = (struct lent) { req->conn, req->handler, release, arg };
	pages->owner = lent;
	pages->release = lent_back;
	req->reply = pages;
	return true;
}

/* It cannot be used where it is. */
static int reply_copy(struct rr_request *req, const struct iov_iter *from)
{
	struct rr_pages *pages = rr_request_pages(req->conn, iov_iter_count(from), RR_PAGES_WHOLE);
	struct iov_iter iter = *from;

	if (!pages)
		return -ENOMEM;
	if (rr_pages_copy_from(pages, &iter) < pages->len) {
		rr_request_pages_free(pages);
		return -EFAULT;
	}
	req->reply = pages;
	return 0;
}

int rdmarpc_req_reply_from(struct rdmarpc_req *pub, const struct iov_iter *from,
			   struct iov_iter *reply, rdmarpc_release_fn release, void *arg)
{
	struct rr_request *req = container_of(pub, struct rr_request, pub);
	struct rr_pages *pages;
	int err;

	if (!rr_may_sleep() || rr_misused(!reply_may_be(req, reply), MISUSED) ||
	    !iov_iter_count(from))
		return -EINVAL;
	if (!reply_fits(req, iov_iter_count(from)))
		return -EMSGSIZE;
	pages = rr_pages_of(from);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	if (pages && !lend(req, pages, release, arg)) {
		rr_pages_free(pages);
		return -ENOMEM;
	}
	if (!pages) {
		err = reply_copy(req, from);
		if (err)
			return err;
		release(arg);
	}
	iov_iter_truncate(reply, 0);
	return 0;
}
EXPORT_SYMBOL_GPL(rdmarpc_req_reply_from);
