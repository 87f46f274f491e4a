// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "handler.h"

#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <uapi/rdmarpc_netlink.h>

#include "connection.h"
#include "misuse.h"
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

	if (rr_server_draining(srv)) {
		rr_request_end(req, RR_STATUS_GOING_AWAY, 0, 0);
		return;
	}
	h = rr_handler_find(srv, req->method);
	if (!h) {
		rr_request_end(req, READ_ONCE(srv->handlers_closed) ?
			       RR_STATUS_GOING_AWAY : RR_STATUS_NO_METHOD, 0, 0);
		return;
	}
	spin_lock_bh(&req->conn->lock);
	req->handler = h;
	spin_unlock_bh(&req->conn->lock);
	trace_rdmarpc_call_dispatched(req->conn->id, req->tag, req->method, req->len);
	h->ops->take(h, req);
}

/* ---- handlers in the kernel ---- */

/* Where those that may sleep run. */
static struct workqueue_struct *handler_wq;

int rr_handlers_init(void)
{
	handler_wq = alloc_workqueue("rdmarpc_handler", WQ_UNBOUND, 0);
	return handler_wq ? 0 : -ENOMEM;
}

void rr_handlers_exit(void)
{
	destroy_workqueue(handler_wq);
}

/* Those registered: what stale pointers are told by. */
static DEFINE_MUTEX(kernel_handlers_lock);
static LIST_HEAD(kernel_handlers);

/*
 * @map is held while @fn runs and taken by those who wait for that, so that
 * lockdep tells who waits for himself; each handler is a class of its own.
 */
struct rdmarpc_handler {
	struct rr_handler h;
	struct list_head link;
	rdmarpc_handler_fn fn;
	void *ctx;
	unsigned int flags;
	struct completion idle;
	struct lock_class_key key;
	struct lockdep_map map;
};

static struct rdmarpc_handler *to_kernel(struct rr_handler *h)
{
	return container_of(h, struct rdmarpc_handler, h);
}

static void kernel_run(struct rr_request *req)
{
	struct rdmarpc_handler *kh = to_kernel(req->handler);
	struct kvec in = { (void *)rr_request_payload(req), req->len };
	struct kvec out = { rr_request_reply_room(req), RR_MAX_EAGER };
	struct iov_iter request, reply;
	size_t len;
	int ret;

	if (!rr_request_begin(req))
		return;
	iov_iter_kvec(&request, ITER_SOURCE, &in, 1, in.iov_len);
	iov_iter_kvec(&reply, ITER_DEST, &out, 1, out.iov_len);
	lock_map_acquire(&kh->map);
	ret = kh->fn(kh->ctx, &req->pub, &request, &reply);
	lock_map_release(&kh->map);
	if (rr_misused(READ_ONCE(req->pub.cancel),
		       "a handler returned with its cancel function set"))
		rdmarpc_req_on_cancel(&req->pub, NULL, NULL);
	len = RR_MAX_EAGER - iov_iter_count(&reply);

	if (!ret)
		rr_request_end(req, RR_STATUS_OK, 0, len);
	else if (ret > 0)
		rr_request_end(req, RR_STATUS_APP_ERROR, ret, len);
	else if (ret == -EMSGSIZE)
		rr_request_end(req, RR_STATUS_REPLY_TOO_BIG, 0, 0);
	else
		rr_request_end(req, RR_STATUS_HANDLER_FAILED, 0, 0);
}

static void kernel_work(struct work_struct *work)
{
	kernel_run(container_of(work, struct rr_request, work));
}

static void kernel_take(struct rr_handler *h, struct rr_request *req)
{
	if (to_kernel(h)->flags & RDMARPC_HANDLER_ATOMIC) {
		non_block_start();
		kernel_run(req);
		non_block_end();
		return;
	}
	INIT_WORK(&req->work, kernel_work);
	queue_work(handler_wq, &req->work);
}

/*
 * The slot cannot have been used again: the Poller, which would take the next
 * CALL, is who asks, or the connection is gone.
 */
static void kernel_cancel(struct rr_handler *h, struct rr_request *req, u32 tag)
{
	if (!(to_kernel(h)->flags & RDMARPC_HANDLER_ATOMIC) && cancel_work(&req->work))
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
}

static void kernel_release(struct rr_handler *h)
{
	complete(&to_kernel(h)->idle);
}

static void kernel_info(struct rr_handler *h, struct rr_handler_info *info)
{
	info->kind = to_kernel(h)->flags & RDMARPC_HANDLER_ATOMIC ?
		     RDMARPC_HANDLER_KIND_KERNEL_ATOMIC :
		     RDMARPC_HANDLER_KIND_KERNEL_SLEEPING;
}

static const struct rr_handler_ops kernel_ops = {
	.info = kernel_info,
	.take = kernel_take,
	.cancel = kernel_cancel,
	.release = kernel_release,
};

static struct rdmarpc_handler *kernel_alloc(rdmarpc_handler_fn fn, void *ctx,
					    unsigned int flags)
{
	struct rdmarpc_handler *kh = kzalloc(sizeof(*kh), GFP_KERNEL);

	if (!kh)
		return NULL;
	kh->h.ops = &kernel_ops;
	kh->fn = fn;
	kh->ctx = ctx;
	kh->flags = flags;
	init_completion(&kh->idle);
	lockdep_register_key(&kh->key);
	lockdep_init_map(&kh->map, "rdmarpc_handler", &kh->key, 0);
	return kh;
}

static void kernel_free(struct rdmarpc_handler *kh)
{
	lockdep_unregister_key(&kh->key);
	/* Whoever looks for a handler may still see it. */
	kfree_rcu(kh, h.rcu);
}

struct rdmarpc_handler *rdmarpc_handler_register(struct rdmarpc_server *srv,
						 u16 method, rdmarpc_handler_fn fn,
						 void *ctx, unsigned int flags)
{
	struct rdmarpc_handler *kh;
	int err;

	if (!rr_may_sleep() || IS_ERR_OR_NULL(srv) || !fn ||
	    (flags & ~RDMARPC_HANDLER_ATOMIC) ||
	    rr_misused(!rr_server_get_live(srv), "not a server any more"))
		return ERR_PTR(-EINVAL);
	kh = kernel_alloc(fn, ctx, flags);
	err = kh ? rr_handler_attach(&kh->h, srv, method) : -ENOMEM;
	rr_server_put(srv);
	if (err) {
		if (kh)
			kernel_free(kh);
		return ERR_PTR(err);
	}
	mutex_lock(&kernel_handlers_lock);
	list_add_tail(&kh->link, &kernel_handlers);
	mutex_unlock(&kernel_handlers_lock);
	return kh;
}
EXPORT_SYMBOL_GPL(rdmarpc_handler_register);

/* Return: whether this is a call of @kh's function, in the workqueue. */
static bool kernel_runs_here(const struct rdmarpc_handler *kh)
{
	struct work_struct *work = current_work();

	return work && work->func == kernel_work &&
	       container_of(work, struct rr_request, work)->handler == &kh->h;
}

/* @kh may be a stale pointer: it is looked at only when it is found. */
static int kernel_unlist(struct rdmarpc_handler *kh)
{
	struct rdmarpc_handler *pos;
	int err = -ENOENT;

	mutex_lock(&kernel_handlers_lock);
	list_for_each_entry(pos, &kernel_handlers, link) {
		if (pos != kh)
			continue;
		err = kernel_runs_here(kh) ? -EDEADLK : 0;
		if (!err)
			list_del(&kh->link);
		break;
	}
	mutex_unlock(&kernel_handlers_lock);
	return err;
}

void rdmarpc_handler_unregister(struct rdmarpc_handler *kh)
{
	int err;

	if (IS_ERR_OR_NULL(kh) || !rr_may_sleep())
		return;
	err = kernel_unlist(kh);
	if (rr_misused(err == -ENOENT, "not a handler, or unregistered already"))
		return;
	/* It is there still: we are its only owner, or in its function. */
	lock_map_acquire(&kh->map);
	lock_map_release(&kh->map);
	if (rr_misused(err == -EDEADLK, "from the handler itself"))
		return;
	rr_handler_detach(&kh->h);
	rr_handler_put(&kh->h);
	wait_for_completion(&kh->idle);
	kernel_free(kh);
}
EXPORT_SYMBOL_GPL(rdmarpc_handler_unregister);

/* ---- the built-in echo ---- */

static void echo_take(struct rr_handler *h, struct rr_request *req)
{
	if (!rr_request_begin(req))
		return;
	memcpy(rr_request_reply_room(req), rr_request_payload(req), req->len);
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
	err = rr_handler_attach(h, srv, RDMARPC_METHOD_ECHO);
	if (err)
		kfree(h);
	return err;
}
