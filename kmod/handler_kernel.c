// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Handlers that are functions in the kernel: in the Poller those that are atomic, in
 * threads of a workqueue those that may sleep.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <uapi/rdmarpc_netlink.h>

#include "connection.h"
#include "fair.h"
#include "handler.h"
#include "misuse.h"
#include "server.h"

/* Requests of one method that its function may have at once, if it may sleep. */
#define RR_KERNEL_WORKERS	128

struct kernel_worker {
	struct work_struct work;
	struct rdmarpc_handler *kh;
	struct list_head link;		/* among those that have nothing to do */
};

/*
 * What a function that may sleep needs. @lock (bottom halves off) protects @stopped,
 * @queue and @idle; a request is ended by the one who took it out of @queue, with @lock
 * released. While anything is queued, all workers are at work. Each pool's work is a
 * class of its own for lockdep, as a function may end other handlers than its own.
 */
struct kernel_pool {
	spinlock_t lock;
	bool stopped;
	struct rr_fair queue;
	struct list_head idle;
	u32 nr_running;
	struct workqueue_struct *wq;
	struct lock_class_key key;
	struct kernel_worker workers[RR_KERNEL_WORKERS];
};

/*
 * @map is held while @fn runs and taken by those who wait for that, so that
 * lockdep tells who waits for himself; each handler is a class of its own.
 */
struct rdmarpc_handler {
	struct rr_handler h;
	struct list_head link;
	rdmarpc_handler_fn fn;
	void *ctx;
	struct kernel_pool *pool;	/* NULL: it runs in the Poller */
	struct completion idle;
	struct lock_class_key key;
	struct lockdep_map map;
};

/* Those registered: what stale pointers are told by. */
static DEFINE_MUTEX(kernel_handlers_lock);
static LIST_HEAD(kernel_handlers);

static struct rdmarpc_handler *to_kernel(struct rr_handler *h)
{
	return container_of(h, struct rdmarpc_handler, h);
}

static void kernel_run(struct rr_request *req)
{
	struct rdmarpc_handler *kh = to_kernel(req->handler);
	struct kvec out = { rr_request_reply_room_clear(req), RR_MAX_EAGER };
	struct iov_iter request, reply;
	size_t len;
	int ret;

	if (!rr_request_begin(req))
		return;
	rr_request_iter(req, &request);
	iov_iter_kvec(&reply, ITER_DEST, &out, 1, out.iov_len);
	req->to = &reply;
	lock_map_acquire(&kh->map);
	ret = kh->fn(kh->ctx, &req->pub, &request, &reply);
	lock_map_release(&kh->map);
	if (rr_misused(READ_ONCE(req->pub.cancel),
		       "a handler returned with its cancel function set"))
		rdmarpc_req_on_cancel(&req->pub, NULL, NULL);
	len = (req->reply ? req->reply->len : RR_MAX_EAGER) - iov_iter_count(&reply);

	if (!ret)
		rr_request_end(req, RR_STATUS_OK, 0, len);
	else if (ret > 0)
		rr_request_end(req, RR_STATUS_APP_ERROR, ret, len);
	else if (ret == -EMSGSIZE)
		rr_request_end(req, RR_STATUS_REPLY_TOO_BIG, 0, req->reply_len);
	else
		rr_request_end(req, RR_STATUS_HANDLER_FAILED, 0, 0);
}

/* ---- those that may sleep ---- */

/* Return: what is next for a worker, or NULL: it is idle now. */
static struct rr_request *worker_next(struct kernel_worker *w)
{
	struct kernel_pool *pool = w->kh->pool;
	struct list_head *item;

	spin_lock_bh(&pool->lock);
	item = rr_fair_next(&pool->queue);
	if (!item) {
		list_add(&w->link, &pool->idle);
		pool->nr_running--;
	}
	spin_unlock_bh(&pool->lock);
	return item ? list_entry(item, struct rr_request, link) : NULL;
}

/* Once idle it may be queued again at once: it runs again when this has returned. */
static void kernel_work(struct work_struct *work)
{
	struct kernel_worker *w = container_of(work, struct kernel_worker, work);
	struct rr_request *req;

	while ((req = worker_next(w))) {
		kernel_run(req);
		cond_resched();
	}
}

static void pool_take(struct kernel_pool *pool, struct rr_request *req)
{
	enum rr_status refuse = RR_STATUS_OK;
	struct kernel_worker *w = NULL;

	spin_lock_bh(&pool->lock);
	if (pool->stopped)
		refuse = RR_STATUS_NO_METHOD;
	else if (!rr_fair_add(&pool->queue, req->conn->turn, &req->link))
		refuse = RR_STATUS_BUSY;
	else
		w = list_first_entry_or_null(&pool->idle, struct kernel_worker, link);
	if (w) {
		list_del_init(&w->link);
		pool->nr_running++;
		queue_work(pool->wq, &w->work);
	}
	spin_unlock_bh(&pool->lock);
	if (refuse)
		rr_request_end(req, refuse, 0, 0);
}

/* What no thread has begun with is refused. */
static void pool_stop(struct kernel_pool *pool)
{
	struct rr_request *req, *tmp;
	struct list_head *item;
	LIST_HEAD(queued);

	spin_lock_bh(&pool->lock);
	pool->stopped = true;
	while ((item = rr_fair_next(&pool->queue)))
		list_add_tail(item, &queued);
	spin_unlock_bh(&pool->lock);
	list_for_each_entry_safe(req, tmp, &queued, link)
		rr_request_end(req, RR_STATUS_NO_METHOD, 0, 0);
}

/* Return: whether the request was in the queue, and is the caller's now. */
static bool pool_cancel(struct kernel_pool *pool, struct rr_request *req, u32 tag)
{
	u32 key = req->conn->turn;
	struct rr_request *pos;
	bool mine = false;

	spin_lock_bh(&pool->lock);
	list_for_each_entry(pos, rr_fair_items(&pool->queue, key), link) {
		mine = pos == req && req->tag == tag;
		if (mine) {
			rr_fair_del(&pool->queue, key, &req->link);
			break;
		}
	}
	spin_unlock_bh(&pool->lock);
	return mine;
}

static struct kernel_pool *pool_create(struct rdmarpc_handler *kh)
{
	struct kernel_pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);
	struct kernel_worker *w;
	u32 i;

	if (!pool)
		return NULL;
	/* Of its own, so that functions that never return hold up no other method. */
	pool->wq = alloc_workqueue("rdmarpc_handler", WQ_UNBOUND, RR_KERNEL_WORKERS);
	if (!pool->wq) {
		kvfree(pool);
		return NULL;
	}
	spin_lock_init(&pool->lock);
	rr_fair_init(&pool->queue);
	INIT_LIST_HEAD(&pool->idle);
	lockdep_register_key(&pool->key);
	for (i = 0; i < RR_KERNEL_WORKERS; i++) {
		w = &pool->workers[i];
		INIT_WORK(&w->work, kernel_work);
		lockdep_init_map(&w->work.lockdep_map, "rdmarpc_worker", &pool->key, 0);
		w->kh = kh;
		list_add_tail(&w->link, &pool->idle);
	}
	return pool;
}

static void pool_destroy(struct kernel_pool *pool)
{
	destroy_workqueue(pool->wq);
	lockdep_unregister_key(&pool->key);
	kvfree(pool);
}

/* ---- as a kind of handler ---- */

static void kernel_take(struct rr_handler *h, struct rr_request *req)
{
	struct kernel_pool *pool = to_kernel(h)->pool;

	if (pool) {
		pool_take(pool, req);
		return;
	}
	non_block_start();
	kernel_run(req);
	non_block_end();
}

static void kernel_cancel(struct rr_handler *h, struct rr_request *req, u32 tag)
{
	struct kernel_pool *pool = to_kernel(h)->pool;

	if (pool && pool_cancel(pool, req, tag))
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
}

static void kernel_release(struct rr_handler *h)
{
	complete(&to_kernel(h)->idle);
}

static void kernel_info(struct rr_handler *h, struct rr_handler_info *info)
{
	struct kernel_pool *pool = to_kernel(h)->pool;

	info->kind = pool ? RDMARPC_HANDLER_KIND_KERNEL_SLEEPING :
			    RDMARPC_HANDLER_KIND_KERNEL_ATOMIC;
	if (!pool)
		return;
	spin_lock_bh(&pool->lock);
	info->queued = pool->queue.nr;
	info->delivered = pool->nr_running;
	spin_unlock_bh(&pool->lock);
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
	if (!(flags & RDMARPC_HANDLER_ATOMIC)) {
		kh->pool = pool_create(kh);
		if (!kh->pool) {
			kfree(kh);
			return NULL;
		}
	}
	kh->h.ops = &kernel_ops;
	kh->h.max_request = RR_MAX_BULK;
	kh->fn = fn;
	kh->ctx = ctx;
	init_completion(&kh->idle);
	lockdep_register_key(&kh->key);
	lockdep_init_map(&kh->map, "rdmarpc_handler", &kh->key, 0);
	return kh;
}

static void kernel_free(struct rdmarpc_handler *kh)
{
	lockdep_unregister_key(&kh->key);
	if (kh->pool)
		pool_destroy(kh->pool);
	/* Whoever looks for a handler may still see it. */
	kfree_rcu(kh, h.rcu);
}

/* ---- for its users ---- */

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

/* Return: whether this is a call of @kh's function, in its workqueue. */
static bool kernel_runs_here(const struct rdmarpc_handler *kh)
{
	struct work_struct *work = current_work();

	return work && work->func == kernel_work &&
	       container_of(work, struct kernel_worker, work)->kh == kh;
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
	if (kh->pool)
		pool_stop(kh->pool);
	rr_handler_put(&kh->h);
	wait_for_completion(&kh->idle);
	kernel_free(kh);
}
EXPORT_SYMBOL_GPL(rdmarpc_handler_unregister);
