// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "handler.h"

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <uapi/rdmarpc_netlink.h>

#include "connection.h"
#include "request_bulk.h"
#include "server.h"
#include "trace.h"

/* ---- a server's table of handlers ---- */

int rr_handler_attach(struct rr_handler *h, struct rdmarpc_server *srv, u16 method)
{
	int err = -ESHUTDOWN;

	h->latency = alloc_percpu_gfp(struct rr_latency, GFP_KERNEL_ACCOUNT);
	if (!h->latency)
		return -ENOMEM;
	h->srv = srv;
	h->method = method;
	refcount_set(&h->users, 1);
	h->attached = false;

	mutex_lock(&srv->handlers_lock);
	if (!srv->handlers_closed)
		err = xa_insert(&srv->handlers, method, h, GFP_KERNEL);
	if (!err) {
		h->attached = true;
		kref_get(&srv->ref);
	}
	mutex_unlock(&srv->handlers_lock);
	if (err)
		free_percpu(h->latency);
	return err == -EBUSY ? -EEXIST : err;
}

static bool handler_erase(struct rr_handler *h)
{
	struct rdmarpc_server *srv = h->srv;
	bool was;

	mutex_lock(&srv->handlers_lock);
	was = h->attached;
	if (was)
		xa_erase(&srv->handlers, h->method);
	h->attached = false;
	mutex_unlock(&srv->handlers_lock);
	return was;
}

void rr_handler_detach(struct rr_handler *h)
{
	handler_erase(h);
}

void rr_handler_put(struct rr_handler *h)
{
	struct rdmarpc_server *srv = h->srv;

	if (!refcount_dec_and_test(&h->users))
		return;
	free_percpu(h->latency);
	h->ops->release(h);
	rr_server_put(srv);
}

struct rr_handler *rr_handler_find(struct rdmarpc_server *srv, u16 method)
{
	struct rr_handler *h;

	rcu_read_lock();
	h = xa_load(&srv->handlers, method);
	if (h && !refcount_inc_not_zero(&h->users))
		h = NULL;
	rcu_read_unlock();
	return h;
}

static void latency_get(const struct rr_handler *h, struct rr_latency *sum)
{
	int cpu;

	for_each_possible_cpu(cpu)
		rr_latency_sum(sum, per_cpu_ptr(h->latency, cpu));
}

int rr_handler_info_get(struct rdmarpc_server *srv, unsigned long from,
			struct rr_handler_info *info)
{
	struct rr_handler *h;
	unsigned long method;

	*info = (struct rr_handler_info) {};
	xa_for_each_start(&srv->handlers, method, h, from) {
		h = rr_handler_find(srv, method);
		if (!h)
			continue;
		info->method = method;
		h->ops->info(h, info);
		latency_get(h, &info->latency);
		rr_handler_put(h);
		return 0;
	}
	return -ENOENT;
}

void rr_handlers_detach_all(struct rdmarpc_server *srv)
{
	struct rr_handler *h;
	unsigned long method;

	mutex_lock(&srv->handlers_lock);
	srv->handlers_closed = true;
	mutex_unlock(&srv->handlers_lock);

	xa_for_each(&srv->handlers, method, h) {
		h = rr_handler_find(srv, method);
		if (!h)
			continue;
		if (handler_erase(h) && h->ops->detach)
			h->ops->detach(h);
		rr_handler_put(h);
	}
}

void rr_handler_dispatch(struct rdmarpc_server *srv, struct rr_request *req)
{
	struct rr_handler *h;

	if (req->refused || rr_server_ends(srv)) {
		rr_request_end(req, RR_STATUS_GOING_AWAY, 0, 0);
		return;
	}
	/* Before there was a buffer for its reply. */
	if (atomic_read(&req->phase) & RR_REQ_CANCELLED) {
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
		return;
	}
	h = rr_handler_find(srv, req->method);
	if (!h) {
		rr_request_end(req, READ_ONCE(srv->handlers_closed) ?
			       RR_STATUS_GOING_AWAY : RR_STATUS_NO_METHOD, 0, 0);
		return;
	}
	/* Who would cancel it may look at it by now. */
	WRITE_ONCE(req->handler, h);
	trace_rdmarpc_call_dispatched(req->conn->id, req->tag, req->method, req->len);
	if (req->len > h->max_request)
		rr_request_end(req, RR_STATUS_TOO_LARGE, 0, 0);
	else if (req->large && !(h->pulls && rr_request_to_pull(req)))
		rr_request_fetch(req);
	else
		h->ops->take(h, req);
}

/* ---- the built-in echo ---- */

static void echo_take(struct rr_handler *h, struct rr_request *req)
{
	if (!rr_request_begin(req))
		return;
	if (req->pages) {
		req->reply = req->pages;
		req->pages = NULL;
	} else {
		memcpy(rr_request_reply_room(req), rr_request_payload(req), req->len);
	}
	rr_request_end(req, RR_STATUS_OK, 0, req->len);
}

static void echo_release(struct rr_handler *h)
{
	kfree_rcu(h, rcu);
}

/* The registration is the server's: it ends with it. */
static void echo_detach(struct rr_handler *h)
{
	rr_handler_put(h);
}

static void echo_info(struct rr_handler *h, struct rr_handler_info *info)
{
	info->kind = RDMARPC_HANDLER_KIND_ECHO;
}

static const struct rr_handler_ops echo_ops = {
	.info = echo_info,
	.take = echo_take,
	.detach = echo_detach,
	.release = echo_release,
};

int rr_echo_attach(struct rdmarpc_server *srv)
{
	struct rr_handler *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err;

	if (!h)
		return -ENOMEM;
	h->ops = &echo_ops;
	h->max_request = RR_MAX_BULK;
	err = rr_handler_attach(h, srv, RDMARPC_METHOD_ECHO);
	if (err)
		kfree(h);
	return err;
}
