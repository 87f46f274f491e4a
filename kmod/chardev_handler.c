// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Handlers in user space: HANDLE, SERVE, poll and mmap of /dev/rdmarpc. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/rdmarpc.h>

#include "chardev.h"
#include "deadline.h"
#include "pages.h"
#include "pull.h"
#include "server.h"
#include "upcall.h"

/* ---- HANDLE ---- */

static int hfile_attach(struct rr_hfile *hf, struct net *net, const struct cred *opener,
			const struct rdmarpc_handle *args)
{
	struct rdmarpc_server *srv = rr_server_find(net, args->server);
	int err = -EACCES;

	if (!srv)
		return -ENOENT;
	if (rr_server_permits(srv, opener))
		err = rr_upcall_join(hf, srv, args->method);
	rr_server_put(srv);
	return err;
}

/* Return: bytes of its pool for areas, or -EINVAL: not what can be had. */
static int bulk_size(const struct rdmarpc_handle *args)
{
	u32 least = rr_pull_least(args->max_request, args->max_reply);

	if (args->max_request > RDMARPC_MAX_PAYLOAD || args->max_reply > RDMARPC_MAX_PAYLOAD ||
	    args->bulk_size > RDMARPC_MAX_BULK_SIZE)
		return -EINVAL;
	if (args->max_request <= RR_MAX_EAGER && args->max_reply <= RR_MAX_EAGER)
		return args->bulk_size ? -EINVAL : 0;
	if (!args->bulk_size)
		return min_t(u32, 4 * least, RDMARPC_MAX_BULK_SIZE);
	return args->bulk_size < least ? -EINVAL : PAGE_ALIGN(args->bulk_size);
}

static struct rr_hfile *hfile_alloc(const struct rdmarpc_handle *args)
{
	u32 slots = args->slots, nr_first = PAGE_ALIGN(slots * RDMARPC_SLOT_SIZE) >> PAGE_SHIFT;
	u32 nr_areas = args->bulk_size >> PAGE_SHIFT, i;
	struct rr_hfile *hf;

	hf = kvzalloc(struct_size(hf, slots, slots), GFP_KERNEL_ACCOUNT);
	if (!hf)
		return NULL;
	if (rr_hpool_init(&hf->pool, nr_first, nr_first + nr_areas)) {
		kvfree(hf);
		return NULL;
	}
	refcount_set(&hf->users, 1);
	INIT_LIST_HEAD(&hf->ready);
	init_waitqueue_head(&hf->wait);
	init_waitqueue_head(&hf->cancel_wait);
	rr_areas_init(&hf->areas, nr_areas);
	hf->first_area = nr_first;
	hf->max_request = args->max_request;
	hf->max_reply = args->max_reply;
	hf->nr_slots = slots;
	for (i = 0; i < slots; i++)
		hf->slots[i].hf = hf;
	rr_process_current(&hf->process);
	return hf;
}

static int handle_args(struct rdmarpc_handle *args)
{
	int size;

	if (args->flags || args->reserved || args->reserved2 || args->reserved3 ||
	    args->slots > RDMARPC_MAX_SLOTS ||
	    strnlen(args->server, sizeof(args->server)) == sizeof(args->server))
		return -EINVAL;
	size = bulk_size(args);
	if (size < 0)
		return size;
	args->slots = args->slots ?: RDMARPC_DEFAULT_SLOTS;
	args->bulk_size = size;
	return 0;
}

static u32 pool_size(const struct rr_hfile *hf)
{
	/* Slots alone do not fill pages of all sizes. */
	return hf->areas.nr ? hf->pool.nr << PAGE_SHIFT : hf->nr_slots * RDMARPC_SLOT_SIZE;
}

struct rr_hfile *rr_hfile_handle(struct net *net, const struct cred *opener,
				 void __user *arg)
{
	struct rdmarpc_handle args;
	struct rr_hfile *hf;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (!err)
		err = handle_args(&args);
	if (err)
		return ERR_PTR(err);
	hf = hfile_alloc(&args);
	if (!hf)
		return ERR_PTR(-ENOMEM);
	err = hfile_attach(hf, net, opener, &args);
	if (err) {
		rr_hfile_put(hf);
		return ERR_PTR(err);
	}
	args.pool_size = pool_size(hf);
	err = rr_copy_results(arg, &args, offsetof(struct rdmarpc_handle, slots), sizeof(args));
	if (err) {
		rr_hfile_release(hf);
		return ERR_PTR(err);
	}
	return hf;
}

/* ---- SERVE: replies ---- */

static u64 slot_cookie(const struct rr_hfile *hf, const struct rr_uslot *slot)
{
	return (u64)slot->gen << 32 | (slot - hf->slots + 1);
}

static void slot_free(struct rr_uslot *slot)
{
	spin_lock_bh(&slot->hf->up->lock);
	rr_uslot_reset(slot);
	spin_unlock_bh(&slot->hf->up->lock);
}

/* What is larger than a message, and not too large, has to be in its own area. */
static bool reply_fits(const struct rr_uslot *slot, const struct rdmarpc_reply *reply)
{
	return reply->len <= RR_MAX_EAGER || reply->offset == RDMARPC_REPLY_NOWHERE ||
	       reply->len > rr_pull_room(slot->hf, slot->req) ||
	       rr_pull_within(slot, reply->offset, reply->len);
}

/*
 * Return: the slot of a delivered request, taken; or ERR_PTR: ESTALE it has ended,
 * EINVAL the reply is not in its area.
 */
static struct rr_uslot *slot_take(struct rr_hfile *hf, const struct rdmarpc_reply *reply)
{
	struct rr_uslot *slot;
	u32 nr = (u32)reply->cookie;
	int err = -ESTALE;

	if (!nr || nr > hf->nr_slots)
		return ERR_PTR(-ESTALE);
	slot = &hf->slots[array_index_nospec(nr - 1, hf->nr_slots)];
	spin_lock_bh(&hf->up->lock);
	if (slot->gen == reply->cookie >> 32) {
		if (slot->state == SLOT_DELIVERED)
			err = reply_fits(slot, reply) ? 0 : -EINVAL;
		else if (slot->state == SLOT_LATE)
			rr_uslot_reset(slot);
		if (!err)
			slot->state = SLOT_BUSY;
	}
	spin_unlock_bh(&hf->up->lock);
	return err ? ERR_PTR(err) : slot;
}

/* Return: -ESTALE: too late, its caller has been told; -EMSGSIZE: too large, likewise; or 0. */
static int reply_refused(struct rr_uslot *slot, const struct rdmarpc_reply *reply)
{
	struct rr_request *req = slot->req;

	if (!rr_request_budget_us(req)) {
		/* As the timer would have said in a moment. */
		rr_request_end(req, RR_STATUS_HANDLER_LATE, 0, 0);
		rr_stat_inc(&slot->hf->up->h.srv->stats, RR_STAT_LATE_REPLIES);
		return -ESTALE;
	}
	if (reply->offset == RDMARPC_REPLY_NOWHERE) {
		rr_request_end(req, RR_STATUS_REPLY_TOO_BIG, 0, reply->len);
		return -EMSGSIZE;
	}
	if (reply->len > rr_pull_room(slot->hf, req)) {
		rr_request_end(req, RR_STATUS_REPLY_TOO_BIG, 0, 0);
		return -EMSGSIZE;
	}
	return 0;
}

/* Return: 0, or -ENOMEM: its caller has been told that there is no reply. */
static int reply_large(struct rr_uslot *slot, const struct rdmarpc_reply *reply)
{
	struct rr_pages *pages = rr_hpool_pages(&slot->hf->pool, reply->offset, reply->len);

	if (!pages) {
		rr_request_end(slot->req, RR_STATUS_HANDLER_FAILED, 0, 0);
		slot_free(slot);
		return -ENOMEM;
	}
	rr_pull_reply(slot, pages, reply->app_error);
	return 0;
}

static void reply_small(struct rr_uslot *slot, const struct rdmarpc_reply *reply)
{
	rr_hpool_get(&slot->hf->pool, reply->offset, reply->len,
		     rr_request_reply_room(slot->req));
	rr_request_end(slot->req, reply->app_error ? RR_STATUS_APP_ERROR : RR_STATUS_OK,
		       reply->app_error, reply->len);
}

static int reply_one(struct rr_hfile *hf, const struct rdmarpc_reply *reply)
{
	struct rr_uslot *slot;
	int err;

	if (reply->offset != RDMARPC_REPLY_NOWHERE &&
	    (u64)reply->offset + reply->len > pool_size(hf))
		return -EINVAL;
	slot = slot_take(hf, reply);
	if (IS_ERR(slot)) {
		if (PTR_ERR(slot) == -ESTALE)
			rr_stat_inc(&hf->up->h.srv->stats, RR_STAT_LATE_REPLIES);
		return PTR_ERR(slot);
	}
	err = reply_refused(slot, reply);
	if (!err && reply->len > RR_MAX_EAGER)
		return reply_large(slot, reply);
	if (!err)
		reply_small(slot, reply);
	slot_free(slot);
	return err;
}

static int reply_many(struct rr_hfile *hf, struct rdmarpc_serve *args)
{
	struct rdmarpc_reply __user *from = u64_to_user_ptr(args->replies);
	struct rdmarpc_reply reply;
	int result;

	while (args->replied < args->nr_replies) {
		if (copy_from_user(&reply, from, sizeof(reply)))
			return -EFAULT;
		result = reply_one(hf, &reply);
		/* Looked at, even where its result cannot be told. */
		args->replied++;
		if (put_user(result, &from->result))
			return -EFAULT;
		from++;
	}
	return 0;
}

/* ---- SERVE: requests ---- */

static struct rr_uslot *find_free(struct rr_hfile *hf)
{
	u32 i;

	lockdep_assert_held(&hf->up->lock);
	for (i = 0; i < hf->nr_slots; i++)
		if (hf->slots[i].state == SLOT_FREE)
			return &hf->slots[i];
	return NULL;
}

/* Return: a slot that is ready, taken, or NULL. */
static struct rr_uslot *take_ready(struct rr_hfile *hf)
{
	struct rr_uslot *slot = list_first_entry_or_null(&hf->ready, struct rr_uslot, link);

	lockdep_assert_held(&hf->up->lock);
	if (!slot)
		return NULL;
	list_del_init(&slot->link);
	hf->nr_pulled--;
	slot->state = SLOT_BUSY;
	return slot;
}

/* Return: a slot with the next request in it, taken or to be fetched, or NULL. */
static struct rr_uslot *take_queued(struct rr_hfile *hf)
{
	struct rr_uslot *slot = find_free(hf);

	lockdep_assert_held(&hf->up->lock);
	if (slot)
		slot->req = rr_pull_next(hf, slot);
	if (!slot || !slot->req)
		return NULL;
	slot->tag = slot->req->tag;
	slot->gen++;
	slot->state = SLOT_BUSY;
	if (rr_request_to_pull(slot->req)) {
		slot->state = SLOT_FETCHING;
		hf->nr_pulled++;
	}
	return slot;
}

/* Return: one to be delivered; or, with @fetch, to be fetched; or NULL. */
static struct rr_uslot *fetch_begin(struct rr_hfile *hf, bool *fetch)
{
	struct rr_uslot *slot;

	spin_lock_bh(&hf->up->lock);
	slot = take_ready(hf) ?: take_queued(hf);
	*fetch = slot && slot->state == SLOT_FETCHING;
	spin_unlock_bh(&hf->up->lock);
	return slot;
}

/* Its bytes, unless they have been fetched. */
static void deliver_bytes(struct rr_uslot *slot)
{
	struct rr_request *req = slot->req;
	struct iov_iter from;

	if (!rr_request_to_pull(req)) {
		rr_request_iter(req, &from);
		rr_hpool_put(&slot->hf->pool, rr_pull_offset(slot), req->len, &from);
	}
	rr_request_done_reading(req);
}

static int fetch_deliver(struct rr_hfile *hf, struct rr_uslot *slot,
			 struct rdmarpc_request __user *to)
{
	struct rr_request *req = slot->req;
	ktime_t deadline = req->deadline;
	struct rdmarpc_request entry = {
		.cookie = slot_cookie(hf, slot),
		.budget_us = rr_request_budget_us(req),
		.offset = rr_pull_offset(slot),
		.len = req->len,
		.method = req->method,
		.reply_room = rr_pull_room(hf, req),
	};
	const struct rdmarpc_reply none = { .cookie = entry.cookie };

	deliver_bytes(slot);
	/* Before the copy, which may take as long as the program likes. */
	spin_lock_bh(&hf->up->lock);
	slot->state = SLOT_DELIVERED;
	rr_upcall_watch(hf->up, deadline);
	spin_unlock_bh(&hf->up->lock);
	if (!copy_to_user(to, &entry, sizeof(entry)))
		return 0;

	slot = slot_take(hf, &none);
	if (!IS_ERR(slot)) {
		rr_request_end(slot->req, RR_STATUS_HANDLER_DIED, 0, 0);
		slot_free(slot);
	}
	return -EFAULT;
}

/* There is no memory for its area; or who fetches is being killed, and another may have it. */
static void fetch_fail(struct rr_uslot *slot, int err)
{
	struct rr_upcall *up = slot->hf->up;
	struct rr_request *req = slot->req;
	enum rr_status status = RR_STATUS_BUSY;

	spin_lock_bh(&up->lock);
	if (err == -EINTR)
		status = rr_upcall_put_back(up, req);
	rr_uslot_reset(slot);
	spin_unlock_bh(&up->lock);
	if (status)
		rr_request_end(req, status, 0, 0);
}

/* Return: whether a slot's request is to be delivered; if not, the slot is free. */
static bool fetch_ready(struct rr_uslot *slot)
{
	int err = rr_request_to_pull(slot->req) ? 0 : rr_pull_fill(slot);

	if (err) {
		fetch_fail(slot, err);
		return false;
	}
	if (rr_request_begin(slot->req))
		return true;
	slot_free(slot);
	return false;
}

static int fetch_many(struct rr_hfile *hf, struct rdmarpc_serve *args)
{
	struct rdmarpc_request __user *to = u64_to_user_ptr(args->requests);
	struct rr_uslot *slot;
	bool fetch;
	int err;

	while (args->fetched < args->nr_requests && !fatal_signal_pending(current)) {
		slot = fetch_begin(hf, &fetch);
		if (!slot)
			break;
		if (fetch) {
			rr_pull_start(slot);
			continue;
		}
		if (!fetch_ready(slot))
			continue;
		err = fetch_deliver(hf, slot, to + args->fetched);
		if (err)
			return err;
		args->fetched++;
	}
	return 0;
}

enum fetch_state {
	FETCH_READY,
	FETCH_EMPTY,
	FETCH_NO_SLOT,
	FETCH_STOPPED,
};

/* Return: whether the device frees a slot, or makes one ready. */
static bool slots_move(struct rr_hfile *hf)
{
	u32 i;

	for (i = 0; i < hf->nr_slots; i++)
		if (hf->slots[i].state == SLOT_FETCHING || hf->slots[i].state == SLOT_LEAVING)
			return true;
	return false;
}

static enum fetch_state look(struct rr_hfile *hf)
{
	lockdep_assert_held(&hf->up->lock);
	if (hf->up->stopped)
		return FETCH_STOPPED;
	if (!list_empty(&hf->ready))
		return FETCH_READY;
	if (!find_free(hf))
		return slots_move(hf) ? FETCH_EMPTY : FETCH_NO_SLOT;
	return rr_pull_could(hf) ? FETCH_READY : FETCH_EMPTY;
}

static enum fetch_state fetch_look(struct rr_hfile *hf)
{
	enum fetch_state state;

	spin_lock_bh(&hf->up->lock);
	state = look(hf);
	spin_unlock_bh(&hf->up->lock);
	return state;
}

struct fetch_waiter {
	struct wait_queue_entry entry;
	struct rr_hfile *hf;
};

/* Who could not begin with what has come is passed over, for who can. */
static int fetch_wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct fetch_waiter *w = container_of(entry, struct fetch_waiter, entry);

	if (look(w->hf) == FETCH_EMPTY)
		return 0;
	return autoremove_wake_function(entry, mode, flags, key);
}

/* Sleeps until a request may be there. Return: jiffies left. */
static long fetch_wait(struct rr_hfile *hf, long left)
{
	struct fetch_waiter w = { .hf = hf };
	DEFINE_WAIT(entry);

	init_wait(&w.entry);
	w.entry.func = fetch_wake;
	prepare_to_wait_exclusive(&hf->wait, &entry, TASK_INTERRUPTIBLE);
	prepare_to_wait_exclusive(&hf->up->wait, &w.entry, TASK_INTERRUPTIBLE);
	if (fetch_look(hf) == FETCH_EMPTY && !signal_pending(current))
		left = schedule_timeout(left);
	finish_wait(&hf->up->wait, &w.entry);
	finish_wait(&hf->wait, &entry);
	return left;
}

/*
 * What has come wakes one of those who wait, who may have been woken already, or leave
 * without it: so who has waited wakes another if there is more.
 */
static void wake_next(struct rr_hfile *hf)
{
	struct rr_upcall *up = hf->up;

	spin_lock_bh(&up->lock);
	if (look(hf) == FETCH_READY)
		wake_up(&hf->wait);
	if (up->queue.nr)
		wake_up(&up->wait);
	spin_unlock_bh(&up->lock);
}

/* Fetches, waiting for the first one. Return: 0, or why there is none. */
static int fetch_loop(struct rr_hfile *hf, struct rdmarpc_serve *args, long left)
{
	bool waited = false;
	int err;

	for (;;) {
		err = fetch_many(hf, args);
		if (err || args->fetched)
			break;
		switch (fetch_look(hf)) {
		case FETCH_READY:
			break;
		case FETCH_STOPPED:
			return -ESHUTDOWN;
		case FETCH_NO_SLOT:
			/* Only its own replies free one: it must not sleep on them. */
			err = -EAGAIN;
			break;
		case FETCH_EMPTY:
			err = left ? 0 : -EAGAIN;
			if (left && !signal_pending(current))
				left = fetch_wait(hf, left);
			waited = true;
			break;
		}
		if (!err && signal_pending(current))
			err = -EINTR;
		if (err)
			break;
	}
	if (err || waited)
		wake_next(hf);
	return err;
}

/* ---- SERVE: what nobody waits for any more ---- */

static struct rr_uslot *find_cancelled(struct rr_hfile *hf)
{
	u32 i;

	lockdep_assert_held(&hf->up->lock);
	for (i = 0; i < hf->nr_slots; i++)
		if (hf->slots[i].cancelled == CANCELLED_TO_TELL)
			return &hf->slots[i];
	return NULL;
}

/* Return: the cookie of a slot that was cancelled, now told of; 0: none. */
static u64 next_cancelled(struct rr_hfile *hf)
{
	struct rr_uslot *slot;
	u64 cookie = 0;

	spin_lock_bh(&hf->up->lock);
	slot = find_cancelled(hf);
	if (slot) {
		slot->cancelled = CANCELLED_TOLD;
		cookie = slot_cookie(hf, slot);
	}
	spin_unlock_bh(&hf->up->lock);
	return cookie;
}

static bool has_cancelled(struct rr_hfile *hf)
{
	bool has;

	spin_lock_bh(&hf->up->lock);
	has = find_cancelled(hf);
	spin_unlock_bh(&hf->up->lock);
	return has;
}

static int fetch_cancelled(struct rr_hfile *hf, struct rdmarpc_serve *args)
{
	struct rdmarpc_request __user *to = u64_to_user_ptr(args->requests);
	struct rdmarpc_request entry = { .method = hf->up->h.method };

	while (args->fetched < args->nr_requests && (entry.cookie = next_cancelled(hf))) {
		if (copy_to_user(to + args->fetched, &entry, sizeof(entry)))
			return -EFAULT;
		args->fetched++;
	}
	return 0;
}

/* Fetches, waiting for the first one. Return: 0, or why there is none. */
static int cancelled_loop(struct rr_hfile *hf, struct rdmarpc_serve *args, long left)
{
	int err;

	for (;;) {
		err = fetch_cancelled(hf, args);
		if (err || args->fetched)
			return err;
		if (READ_ONCE(hf->up->stopped))
			return -ESHUTDOWN;
		if (!left)
			return -EAGAIN;
		left = wait_event_interruptible_timeout(hf->cancel_wait, has_cancelled(hf) ||
							READ_ONCE(hf->up->stopped), left);
		if (left < 0)
			return -EINTR;
	}
}

/* ---- SERVE ---- */

static int serve_loop(struct rr_hfile *hf, struct rdmarpc_serve *args, bool nonblock)
{
	long left = nonblock ? 0 : rr_wait_jiffies(args->wait_us);
	int err = reply_many(hf, args);

	if (err || !args->nr_requests)
		return err;
	if (args->flags & RDMARPC_SERVE_CANCELLED)
		return cancelled_loop(hf, args, left);
	return fetch_loop(hf, args, left);
}

int rr_hfile_serve(struct rr_hfile *hf, void __user *arg, bool nonblock)
{
	struct rdmarpc_serve args;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return err;
	if ((args.flags & ~RDMARPC_SERVE_CANCELLED) || args.nr_replies > RDMARPC_MAX_BATCH ||
	    args.nr_requests > RDMARPC_MAX_BATCH)
		return -EINVAL;
	args.replied = 0;
	args.fetched = 0;
	err = serve_loop(hf, &args, nonblock);
	if (rr_copy_results(arg, &args, offsetof(struct rdmarpc_serve, replied), sizeof(args)))
		return -EFAULT;
	return args.replied || args.fetched ? 0 : err;
}

/* ---- poll, mmap, release ---- */

__poll_t rr_hfile_poll(struct rr_hfile *hf, struct file *file, poll_table *wait)
{
	__poll_t mask = 0;
	enum fetch_state state;

	poll_wait(file, &hf->up->wait, wait);
	poll_wait(file, &hf->wait, wait);
	poll_wait(file, &hf->cancel_wait, wait);
	if (has_cancelled(hf))
		mask |= EPOLLPRI;
	state = fetch_look(hf);
	if (state == FETCH_READY)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (state == FETCH_STOPPED)
		mask |= EPOLLHUP;
	return mask;
}

int rr_hfile_mmap(struct rr_hfile *hf, struct vm_area_struct *vma)
{
	return rr_hpool_mmap(&hf->pool, vma);
}

void rr_hfile_release(struct rr_hfile *hf)
{
	rr_upcall_leave(hf);
}
