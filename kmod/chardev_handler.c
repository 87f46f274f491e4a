// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Handlers in user space: HANDLE, SERVE, poll and mmap of /dev/rdmarpc. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <uapi/rdmarpc.h>

#include "chardev.h"
#include "compat/mm.h"
#include "deadline.h"
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

static void hfile_free(struct rr_hfile *hf)
{
	rr_process_put(&hf->process);
	vfree(hf->pool);
	kvfree(hf);
}

/*
 * As vmalloc_user(), but charged to the process. Return: @nr pages in a row, for
 * vfree(), or NULL.
 */
static void *hpool_alloc(unsigned int nr)
{
	struct page **pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	unsigned int i;
	void *pool;

	if (!pages)
		return NULL;
	for (i = 0; i < nr; i++) {
		pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!pages[i])
			goto err;
	}
	pool = vmap(pages, nr, VM_USERMAP | VM_MAP | VM_MAP_PUT_PAGES, PAGE_KERNEL);
	if (pool)
		return pool;
err:
	while (i--)
		__free_page(pages[i]);
	kvfree(pages);
	return NULL;
}

static struct rr_hfile *hfile_alloc(u32 slots)
{
	struct rr_hfile *hf = kvzalloc(struct_size(hf, slots, slots), GFP_KERNEL_ACCOUNT);

	if (!hf)
		return NULL;
	init_waitqueue_head(&hf->cancel_wait);
	hf->nr_slots = slots;
	hf->pool = hpool_alloc(DIV_ROUND_UP((size_t)slots * RDMARPC_SLOT_SIZE, PAGE_SIZE));
	if (!hf->pool) {
		kvfree(hf);
		return NULL;
	}
	rr_process_current(&hf->process);
	return hf;
}

struct rr_hfile *rr_hfile_handle(struct net *net, const struct cred *opener,
				 void __user *arg)
{
	struct rdmarpc_handle args;
	struct rr_hfile *hf;
	int err;

	err = rr_copy_args(&args, sizeof(args), arg);
	if (err)
		return ERR_PTR(err);
	if (args.flags || args.reserved || args.reserved2 ||
	    args.slots > RDMARPC_MAX_SLOTS ||
	    strnlen(args.server, sizeof(args.server)) == sizeof(args.server))
		return ERR_PTR(-EINVAL);
	hf = hfile_alloc(args.slots ?: RDMARPC_DEFAULT_SLOTS);
	if (!hf)
		return ERR_PTR(-ENOMEM);
	err = hfile_attach(hf, net, opener, &args);
	if (err) {
		hfile_free(hf);
		return ERR_PTR(err);
	}
	args.slots = hf->nr_slots;
	args.pool_size = hf->nr_slots * RDMARPC_SLOT_SIZE;
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

static void slot_reset(struct rr_hfile *hf, struct rr_uslot *slot)
{
	struct rr_upcall *up = hf->up;

	lockdep_assert_held(&up->lock);
	slot->req = NULL;
	slot->state = SLOT_FREE;
	slot->cancelled = CANCELLED_NOT;
	/* It makes a difference where requests wait for it; poll looks at that. */
	if (up->queue.nr)
		wake_up(&up->wait);
}

static void slot_free(struct rr_hfile *hf, struct rr_uslot *slot)
{
	spin_lock_bh(&hf->up->lock);
	slot_reset(hf, slot);
	spin_unlock_bh(&hf->up->lock);
}

/* Return: the slot of a delivered request, taken; NULL if it has ended. */
static struct rr_uslot *slot_take(struct rr_hfile *hf, u64 cookie)
{
	u32 nr = (u32)cookie;
	struct rr_uslot *slot;
	bool taken = false;

	if (!nr || nr > hf->nr_slots)
		return NULL;
	slot = &hf->slots[array_index_nospec(nr - 1, hf->nr_slots)];
	spin_lock_bh(&hf->up->lock);
	if (slot->gen == cookie >> 32) {
		taken = slot->state == SLOT_DELIVERED;
		if (taken)
			slot->state = SLOT_BUSY;
		else if (slot->state == SLOT_LATE)
			slot_reset(hf, slot);
	}
	spin_unlock_bh(&hf->up->lock);
	return taken ? slot : NULL;
}

static int reply_one(struct rr_hfile *hf, const struct rdmarpc_reply *reply)
{
	u64 size = (u64)hf->nr_slots * RDMARPC_SLOT_SIZE;
	struct rr_request *req;
	struct rr_uslot *slot;
	int result = 0;

	if ((u64)reply->offset + reply->len > size)
		return -EINVAL;
	slot = slot_take(hf, reply->cookie);
	if (!slot) {
		rr_stat_inc(&hf->up->h.srv->stats, RR_STAT_LATE_REPLIES);
		return -ESTALE;
	}
	req = slot->req;
	if (!rr_request_budget_us(req)) {
		/* As the timer would have said in a moment. */
		rr_request_end(req, RR_STATUS_HANDLER_LATE, 0, 0);
		rr_stat_inc(&hf->up->h.srv->stats, RR_STAT_LATE_REPLIES);
		result = -ESTALE;
	} else if (reply->len > RR_MAX_EAGER) {
		rr_request_end(req, RR_STATUS_REPLY_TOO_BIG, 0, 0);
		result = -EMSGSIZE;
	} else {
		memcpy(rr_request_reply_room(req), hf->pool + reply->offset, reply->len);
		rr_request_end(req, reply->app_error ? RR_STATUS_APP_ERROR : RR_STATUS_OK,
			       reply->app_error, reply->len);
	}
	slot_free(hf, slot);
	return result;
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

/* Return: a slot with the next request in it, taken, or NULL. */
static struct rr_uslot *fetch_begin(struct rr_hfile *hf)
{
	struct rr_upcall *up = hf->up;
	struct rr_uslot *slot = NULL;

	spin_lock_bh(&up->lock);
	if (up->queue.nr)
		slot = find_free(hf);
	if (slot) {
		slot->req = list_entry(rr_fair_next(&up->queue), struct rr_request, link);
		slot->tag = slot->req->tag;
		slot->gen++;
		slot->state = SLOT_BUSY;
	}
	spin_unlock_bh(&up->lock);
	return slot;
}

static int fetch_deliver(struct rr_hfile *hf, struct rr_uslot *slot,
			 struct rdmarpc_request __user *to)
{
	u32 offset = (slot - hf->slots) * RDMARPC_SLOT_SIZE;
	struct rr_request *req = slot->req;
	ktime_t deadline = req->deadline;
	struct rdmarpc_request entry = {
		.cookie = slot_cookie(hf, slot),
		.budget_us = rr_request_budget_us(req),
		.offset = offset,
		.len = req->len,
		.method = req->method,
	};
	struct iov_iter from;

	rr_request_iter(req, &from);
	/* It is in kernel memory, all of it. */
	WARN_ON_ONCE(!copy_from_iter_full(hf->pool + offset, req->len, &from));
	rr_request_done_reading(req);
	/* Before the copy, which may take as long as the program likes. */
	spin_lock_bh(&hf->up->lock);
	slot->state = SLOT_DELIVERED;
	rr_upcall_watch(hf->up, deadline);
	spin_unlock_bh(&hf->up->lock);
	if (!copy_to_user(to, &entry, sizeof(entry)))
		return 0;

	slot = slot_take(hf, entry.cookie);
	if (slot) {
		rr_request_end(slot->req, RR_STATUS_HANDLER_DIED, 0, 0);
		slot_free(hf, slot);
	}
	return -EFAULT;
}

static int fetch_many(struct rr_hfile *hf, struct rdmarpc_serve *args)
{
	struct rdmarpc_request __user *to = u64_to_user_ptr(args->requests);
	struct rr_uslot *slot;
	int err;

	while (args->fetched < args->nr_requests) {
		slot = fetch_begin(hf);
		if (!slot)
			break;
		if (!rr_request_begin(slot->req)) {
			slot_free(hf, slot);
			continue;
		}
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

static enum fetch_state fetch_look(struct rr_hfile *hf)
{
	struct rr_upcall *up = hf->up;
	enum fetch_state state = FETCH_READY;

	spin_lock_bh(&up->lock);
	if (up->stopped)
		state = FETCH_STOPPED;
	else if (!find_free(hf))
		state = FETCH_NO_SLOT;
	else if (!up->queue.nr)
		state = FETCH_EMPTY;
	spin_unlock_bh(&up->lock);
	return state;
}

/*
 * Sleeps until a request may be there. A request wakes one of those who wait:
 * who leaves without one passes the wake-up on, by wake_next().
 * Return: jiffies left.
 */
static long fetch_wait(struct rr_hfile *hf, long left)
{
	DEFINE_WAIT(entry);

	prepare_to_wait_exclusive(&hf->up->wait, &entry, TASK_INTERRUPTIBLE);
	if (fetch_look(hf) == FETCH_EMPTY && !signal_pending(current))
		left = schedule_timeout(left);
	finish_wait(&hf->up->wait, &entry);
	return left;
}

static void wake_next(struct rr_upcall *up)
{
	bool more;

	spin_lock_bh(&up->lock);
	more = up->queue.nr;
	spin_unlock_bh(&up->lock);
	if (more)
		wake_up(&up->wait);
}

/* Fetches, waiting for the first one. Return: 0, or why there is none. */
static int fetch_loop(struct rr_hfile *hf, struct rdmarpc_serve *args, long left)
{
	int err;

	for (;;) {
		err = fetch_many(hf, args);
		if (err || args->fetched)
			return err;
		switch (fetch_look(hf)) {
		case FETCH_READY:
			continue;
		case FETCH_STOPPED:
			return -ESHUTDOWN;
		case FETCH_NO_SLOT:
			/* Only its own replies free one: it must not sleep on them. */
			return -EAGAIN;
		case FETCH_EMPTY:
			break;
		}
		if (!left)
			return -EAGAIN;
		if (signal_pending(current))
			return -EINTR;
		left = fetch_wait(hf, left);
	}
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
	err = fetch_loop(hf, args, left);
	if (err)
		wake_next(hf->up);
	return err;
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
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vm_flags_set(vma, VM_DONTCOPY);
	return remap_vmalloc_range(vma, hf->pool, vma->vm_pgoff);
}

void rr_hfile_release(struct rr_hfile *hf)
{
	rr_upcall_leave(hf);
	hfile_free(hf);
}
