// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "upcall.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <uapi/rdmarpc_netlink.h>

#include "compat/timer.h"
#include "deadline.h"
#include "server.h"

/* Files that answer one method: each has slots, which are looked through. */
#define RR_UPCALL_FILES	64

/* Serialises a method's first file with its last. */
static DEFINE_MUTEX(upcalls_lock);

static struct rr_upcall *to_upcall(struct rr_handler *h)
{
	return container_of(h, struct rr_upcall, h);
}

static void end_all(struct list_head *reqs, enum rr_status status)
{
	struct rr_request *req, *tmp;

	list_for_each_entry_safe(req, tmp, reqs, link) {
		list_del_init(&req->link);
		rr_request_end(req, status, 0, 0);
	}
}

/* ---- deadlines ---- */

void rr_upcall_watch(struct rr_upcall *up, ktime_t deadline)
{
	if (deadline != KTIME_MAX)
		timer_reduce(&up->timer, jiffies + rr_deadline_jiffies(deadline, ktime_get()));
}

static void expire_lane(struct rr_upcall *up, u32 key, ktime_t now, ktime_t *next,
			struct list_head *expired)
{
	struct rr_request *req, *tmp;

	list_for_each_entry_safe(req, tmp, rr_fair_items(&up->queue, key), link) {
		if (rr_deadline_over(req->deadline, now)) {
			rr_fair_del(&up->queue, key, &req->link);
			list_add_tail(&req->link, expired);
		} else {
			*next = min(*next, req->deadline);
		}
	}
}

static void expire_queued(struct rr_upcall *up, ktime_t now, ktime_t *next,
			  struct list_head *expired)
{
	u32 key;

	lockdep_assert_held(&up->lock);
	for (key = 0; key < RR_FAIR_LANES && up->queue.nr; key++)
		expire_lane(up, key, now, next, expired);
}

/* The caller's word for it and the deadline come in any order; one of them is told. */
static void slot_cancelled(struct rr_hfile *hf, struct rr_uslot *slot)
{
	lockdep_assert_held(&hf->up->lock);
	if (slot->cancelled)
		return;
	slot->cancelled = CANCELLED_TO_TELL;
	wake_up(&hf->cancel_wait);
}

static void slot_late(struct rr_uslot *slot, struct list_head *late)
{
	list_add_tail(&slot->req->link, late);
	slot->req = NULL;
	slot->state = SLOT_LATE;
	slot_cancelled(slot->hf, slot);
}

/* One that is READY. Return: its request, which is the caller's now. */
static struct rr_request *slot_unready(struct rr_uslot *slot)
{
	struct rr_request *req = slot->req;

	lockdep_assert_held(&slot->hf->up->lock);
	list_del_init(&slot->link);
	slot->hf->nr_pulled--;
	rr_uslot_reset(slot);
	return req;
}

static void expire_held(struct rr_hfile *hf, ktime_t now, ktime_t *next,
			struct list_head *expired, struct list_head *late)
{
	struct rr_uslot *slot;
	u32 i;

	lockdep_assert_held(&hf->up->lock);
	for (i = 0; i < hf->nr_slots; i++) {
		slot = &hf->slots[i];
		if (slot->state != SLOT_DELIVERED && slot->state != SLOT_READY)
			continue;
		if (!rr_deadline_over(slot->req->deadline, now))
			*next = min(*next, slot->req->deadline);
		else if (slot->state == SLOT_DELIVERED)
			slot_late(slot, late);
		else
			list_add_tail(&slot_unready(slot)->link, expired);
	}
}

static void upcall_timer(struct timer_list *timer)
{
	struct rr_upcall *up = timer_container_of(up, timer, timer);
	ktime_t now = ktime_get(), next = KTIME_MAX;
	struct rr_hfile *hf;
	LIST_HEAD(expired);
	LIST_HEAD(late);

	spin_lock(&up->lock);
	expire_queued(up, now, &next, &expired);
	list_for_each_entry(hf, &up->files, link)
		expire_held(hf, now, &next, &expired, &late);
	spin_unlock(&up->lock);
	end_all(&expired, RR_STATUS_EXPIRED);
	end_all(&late, RR_STATUS_HANDLER_LATE);
	rr_upcall_watch(up, next);
}

/* ---- slots ---- */

void rr_uslot_reset(struct rr_uslot *slot)
{
	struct rr_hfile *hf = slot->hf;

	lockdep_assert_held(&hf->up->lock);
	rr_area_put(&slot->area);
	slot->req = NULL;
	slot->state = SLOT_FREE;
	slot->cancelled = CANCELLED_NOT;
	/* It makes a difference where requests wait for it; poll looks at that. */
	if (hf->up->queue.nr)
		wake_up(&hf->wait);
}

/* ---- the handler ---- */

static void upcall_take(struct rr_handler *h, struct rr_request *req)
{
	struct rr_upcall *up = to_upcall(h);
	ktime_t deadline = req->deadline;
	enum rr_status refuse = RR_STATUS_OK;

	spin_lock_bh(&up->lock);
	if (up->stopped)
		refuse = RR_STATUS_GOING_AWAY;
	else if (list_empty(&up->files))
		refuse = RR_STATUS_NO_METHOD;
	else if (!rr_fair_add(&up->queue, req->conn->turn, &req->link))
		refuse = RR_STATUS_BUSY;
	if (!refuse) {
		rr_upcall_watch(up, deadline);
		wake_up(&up->wait);
	}
	spin_unlock_bh(&up->lock);
	if (refuse)
		rr_request_end(req, refuse, 0, 0);
}

/* Return: whether the request was in the queue, and is the caller's now. */
static bool cancel_queued(struct rr_upcall *up, struct rr_request *req, u32 tag)
{
	u32 key = req->conn->turn;
	struct rr_request *pos;

	lockdep_assert_held(&up->lock);
	list_for_each_entry(pos, rr_fair_items(&up->queue, key), link) {
		if (pos != req || req->tag != tag)
			continue;
		rr_fair_del(&up->queue, key, &req->link);
		return true;
	}
	return false;
}

/*
 * One that an ioctl is just delivering is told of as well; what is being fetched ends
 * once it has been. Return: whether it was ready, and is the caller's now.
 */
static bool cancel_held(struct rr_upcall *up, struct rr_request *req, u32 tag)
{
	struct rr_uslot *slot;
	struct rr_hfile *hf;
	u32 i;

	lockdep_assert_held(&up->lock);
	list_for_each_entry(hf, &up->files, link) {
		for (i = 0; i < hf->nr_slots; i++) {
			slot = &hf->slots[i];
			if (slot->req != req || slot->tag != tag)
				continue;
			if (slot->state == SLOT_READY)
				return slot_unready(slot);
			if (slot->state != SLOT_FETCHING)
				slot_cancelled(hf, slot);
			return false;
		}
	}
	return false;
}

static void upcall_cancel(struct rr_handler *h, struct rr_request *req, u32 tag)
{
	struct rr_upcall *up = to_upcall(h);
	bool mine;

	/* The slot may hold another request by now, of another handler even. */
	spin_lock_bh(&up->lock);
	mine = cancel_queued(up, req, tag) || cancel_held(up, req, tag);
	spin_unlock_bh(&up->lock);
	if (mine)
		rr_request_end(req, RR_STATUS_CANCELLED, 0, 0);
}

static void take_queued(struct rr_upcall *up, struct list_head *reqs)
{
	struct list_head *item;

	lockdep_assert_held(&up->lock);
	while ((item = rr_fair_next(&up->queue)))
		list_add_tail(item, reqs);
}

static void take_ready(struct rr_hfile *hf, struct list_head *reqs)
{
	struct rr_uslot *slot;

	lockdep_assert_held(&hf->up->lock);
	while ((slot = list_first_entry_or_null(&hf->ready, struct rr_uslot, link)))
		list_add_tail(&slot_unready(slot)->link, reqs);
}

static void upcall_detach(struct rr_handler *h)
{
	struct rr_upcall *up = to_upcall(h);
	struct rr_hfile *hf;
	LIST_HEAD(queued);

	spin_lock_bh(&up->lock);
	WRITE_ONCE(up->stopped, true);
	take_queued(up, &queued);
	list_for_each_entry(hf, &up->files, link) {
		take_ready(hf, &queued);
		wake_up_all(&hf->wait);
		wake_up_all(&hf->cancel_wait);
	}
	wake_up_all(&up->wait);
	spin_unlock_bh(&up->lock);
	end_all(&queued, RR_STATUS_GOING_AWAY);
}

static void upcall_release(struct rr_handler *h)
{
	kfree_rcu(to_upcall(h), h.rcu);
}

/* A process with several files is named once. */
static void add_process(struct rr_handler_info *info, const struct rr_process *process)
{
	struct rr_process_info p;
	u32 i;

	rr_process_info_get(process, &p);
	for (i = 0; i < info->nr_processes; i++)
		if (info->processes[i].pid == p.pid)
			return;
	if (p.pid && i < RR_HANDLER_PROCESSES)
		info->processes[info->nr_processes++] = p;
}

static void upcall_info(struct rr_handler *h, struct rr_handler_info *info)
{
	struct rr_upcall *up = to_upcall(h);
	struct rr_hfile *hf;
	u32 i;

	info->kind = RDMARPC_HANDLER_KIND_PROGRAM;
	spin_lock_bh(&up->lock);
	info->queued = up->queue.nr;
	list_for_each_entry(hf, &up->files, link) {
		info->files++;
		add_process(info, &hf->process);
		info->queued += hf->nr_pulled;
		for (i = 0; i < hf->nr_slots; i++)
			info->delivered += hf->slots[i].state == SLOT_DELIVERED;
	}
	spin_unlock_bh(&up->lock);
}

static const struct rr_handler_ops upcall_ops = {
	.info = upcall_info,
	.take = upcall_take,
	.cancel = upcall_cancel,
	.detach = upcall_detach,
	.release = upcall_release,
};

/* ---- its files ---- */

static struct rr_upcall *upcall_create(struct rdmarpc_server *srv, u16 method,
				       u32 max_request)
{
	struct rr_upcall *up = kzalloc(sizeof(*up), GFP_KERNEL_ACCOUNT);
	int err;

	if (!up)
		return ERR_PTR(-ENOMEM);
	up->h.ops = &upcall_ops;
	up->h.max_request = max_request;
	up->h.pulls = true;
	spin_lock_init(&up->lock);
	rr_fair_init(&up->queue);
	INIT_LIST_HEAD(&up->files);
	init_waitqueue_head(&up->wait);
	timer_setup(&up->timer, upcall_timer, 0);
	err = rr_handler_attach(&up->h, srv, method);
	if (err) {
		kfree(up);
		return ERR_PTR(err);
	}
	return up;
}

/* Return: the method's upcall with a reference for a file, or ERR_PTR. */
static struct rr_upcall *upcall_get(struct rdmarpc_server *srv, u16 method, u32 max_request)
{
	struct rr_handler *h;
	struct rr_upcall *up;
	int err = -EEXIST;

	lockdep_assert_held(&upcalls_lock);
	h = rr_handler_find(srv, method);
	if (!h)
		return upcall_create(srv, method, max_request);
	up = to_upcall(h);
	if (h->ops == &upcall_ops) {
		if (up->nr_files >= RR_UPCALL_FILES)
			err = -EUSERS;
		else if (max_request < h->max_request)
			err = -EINVAL;
		else
			return up;
	}
	rr_handler_put(h);
	return ERR_PTR(err);
}

int rr_upcall_join(struct rr_hfile *hf, struct rdmarpc_server *srv, u16 method)
{
	struct rr_upcall *up;

	mutex_lock(&upcalls_lock);
	up = upcall_get(srv, method, max_t(u32, hf->max_request, RR_MAX_EAGER));
	if (!IS_ERR(up)) {
		hf->up = up;
		up->nr_files++;
		spin_lock_bh(&up->lock);
		list_add_tail(&hf->link, &up->files);
		spin_unlock_bh(&up->lock);
	}
	mutex_unlock(&upcalls_lock);
	return PTR_ERR_OR_ZERO(up);
}

enum rr_status rr_upcall_put_back(struct rr_upcall *up, struct rr_request *req)
{
	lockdep_assert_held(&up->lock);
	if (up->stopped)
		return RR_STATUS_GOING_AWAY;
	if (list_empty(&up->files))
		return RR_STATUS_NO_METHOD;
	rr_fair_put_back(&up->queue, req->conn->turn, &req->link);
	wake_up(&up->wait);
	return RR_STATUS_OK;
}

static void take_delivered(struct rr_hfile *hf, struct list_head *reqs)
{
	u32 i;

	lockdep_assert_held(&hf->up->lock);
	for (i = 0; i < hf->nr_slots; i++)
		if (hf->slots[i].state == SLOT_DELIVERED)
			list_add_tail(&hf->slots[i].req->link, reqs);
}

/* What was ready goes to others, if there are any, the first of them first. */
static void give_ready(struct rr_hfile *hf, struct list_head *left)
{
	struct rr_request *req, *tmp;
	LIST_HEAD(ready);

	take_ready(hf, &ready);
	list_for_each_entry_safe_reverse(req, tmp, &ready, link) {
		list_del_init(&req->link);
		if (rr_upcall_put_back(hf->up, req))
			list_add(&req->link, left);
	}
}

void rr_upcall_leave(struct rr_hfile *hf)
{
	struct rr_upcall *up = hf->up;
	LIST_HEAD(delivered);
	LIST_HEAD(queued);
	bool last;

	mutex_lock(&upcalls_lock);
	up->nr_files--;
	spin_lock_bh(&up->lock);
	hf->closed = true;
	list_del(&hf->link);
	last = list_empty(&up->files);
	take_delivered(hf, &delivered);
	give_ready(hf, &queued);
	if (last)
		take_queued(up, &queued);
	spin_unlock_bh(&up->lock);
	end_all(&delivered, RR_STATUS_HANDLER_DIED);
	end_all(&queued, RR_STATUS_NO_METHOD);
	if (last) {
		rr_handler_detach(&up->h);
		timer_shutdown_sync(&up->timer);
	}
	mutex_unlock(&upcalls_lock);
	rr_hfile_put(hf);
}

/* ---- their memory ---- */

static struct workqueue_struct *upcall_wq;

static void hfile_free(struct work_struct *work)
{
	struct rr_hfile *hf = container_of(work, struct rr_hfile, free_work);

	rr_process_put(&hf->process);
	rr_hpool_destroy(&hf->pool);
	if (hf->up)
		rr_handler_put(&hf->up->h);
	kvfree(hf);
}

void rr_hfile_put(struct rr_hfile *hf)
{
	if (!refcount_dec_and_test(&hf->users))
		return;
	INIT_WORK(&hf->free_work, hfile_free);
	queue_work(upcall_wq, &hf->free_work);
}

int rr_upcall_init(void)
{
	upcall_wq = alloc_workqueue("rdmarpc_upcall", WQ_UNBOUND, 0);
	return upcall_wq ? 0 : -ENOMEM;
}

void rr_upcall_exit(void)
{
	destroy_workqueue(upcall_wq);
}
