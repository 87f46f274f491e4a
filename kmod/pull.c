// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "pull.h"

#include <linux/align.h>
#include <linux/container_of.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "connection.h"
#include "pages.h"
#include "request_bulk.h"
#include "upcall.h"

/* ---- areas ---- */

static u32 area_bytes(u32 request, u32 reply)
{
	return RDMARPC_REPLY_OFFSET(0, request) + reply;
}

u32 rr_pull_least(u32 max_request, u32 max_reply)
{
	return PAGE_ALIGN(area_bytes(max_request, max_t(u32, max_reply, RR_MAX_EAGER)));
}

u32 rr_pull_room(const struct rr_hfile *hf, const struct rr_request *req)
{
	return max_t(u32, min(req->room, hf->max_reply), RR_MAX_EAGER);
}

/* Return: pages of the area that @req needs; 0: it needs none. */
static u32 area_pages(const struct rr_hfile *hf, const struct rr_request *req)
{
	u32 room = rr_pull_room(hf, req);

	if (!rr_request_to_pull(req) && room <= RR_MAX_EAGER)
		return 0;
	return DIV_ROUND_UP(area_bytes(req->len, room), PAGE_SIZE);
}

u32 rr_pull_offset(const struct rr_uslot *slot)
{
	const struct rr_hfile *hf = slot->hf;

	if (slot->area.nr)
		return (hf->first_area + slot->area.first) << PAGE_SHIFT;
	return (slot - hf->slots) * RDMARPC_SLOT_SIZE;
}

bool rr_pull_within(const struct rr_uslot *slot, u32 offset, u32 len)
{
	u64 begin = rr_pull_offset(slot);

	return slot->area.nr && offset >= begin &&
	       (u64)offset + len <= begin + ((u64)slot->area.nr << PAGE_SHIFT);
}

/* ---- whose turn it is ---- */

/* @slot: NULL: nothing is to be taken. @waits: one waits for an area before others may. */
struct pull_scan {
	struct rr_hfile *hf;
	struct rr_uslot *slot;
	bool waits;
};

/* Half of the slots are for others. */
static bool pulls_enough(const struct rr_hfile *hf)
{
	return hf->nr_pulled >= clamp_t(u32, hf->nr_slots / 2, 1, RR_PULL_MAX);
}

static bool scan_area(struct pull_scan *s, const struct rr_request *req, u32 nr)
{
	struct rr_hfile *hf = s->hf;

	if (rr_request_to_pull(req) && pulls_enough(hf))
		return false;
	return s->slot ? rr_area_get(&hf->areas, &s->slot->area, nr) :
			 rr_areas_fit(&hf->areas, nr);
}

static bool scan_fits(struct list_head *item, void *arg)
{
	struct rr_request *req = list_entry(item, struct rr_request, link);
	struct pull_scan *s = arg;
	u32 nr = area_pages(s->hf, req);

	if (nr && !s->waits)
		s->waits = !scan_area(s, req, nr);
	return !nr || !s->waits;
}

bool rr_pull_could(struct rr_hfile *hf)
{
	struct pull_scan s = { .hf = hf };

	lockdep_assert_held(&hf->up->lock);
	return rr_fair_has_fit(&hf->up->queue, scan_fits, &s);
}

struct rr_request *rr_pull_next(struct rr_hfile *hf, struct rr_uslot *slot)
{
	struct pull_scan s = { .hf = hf, .slot = slot };
	struct list_head *item;

	lockdep_assert_held(&hf->up->lock);
	item = rr_fair_next_fit(&hf->up->queue, scan_fits, &s);
	return item ? list_entry(item, struct rr_request, link) : NULL;
}

/* ---- requests ---- */

/* What has been fetched, or could not be. Return: how it ends; RR_STATUS_OK: not yet. */
static enum rr_status pulled(struct rr_uslot *slot, struct rr_request *req, int err)
{
	struct rr_hfile *hf = slot->hf;

	lockdep_assert_held(&hf->up->lock);
	if (!rr_request_budget_us(req))
		return RR_STATUS_EXPIRED;
	if (err == -ENOTCONN || err == -ECANCELED || atomic_read(&req->phase) & RR_REQ_CANCELLED)
		return RR_STATUS_CANCELLED;
	if (err && err != -EINTR)
		return RR_STATUS_BUSY;
	if (err || hf->closed || hf->up->stopped)
		return rr_upcall_put_back(hf->up, req);
	slot->state = SLOT_READY;
	hf->nr_pulled++;
	list_add_tail(&slot->link, &hf->ready);
	wake_up(&hf->wait);
	return RR_STATUS_OK;
}

static void pull_done(struct rr_request *req, void *arg, int err)
{
	struct rr_uslot *slot = arg;
	struct rr_hfile *hf = slot->hf;
	struct rr_upcall *up = hf->up;
	ktime_t deadline = req->deadline;
	enum rr_status status;

	rr_pages_free(slot->to);
	slot->to = NULL;
	spin_lock_bh(&up->lock);
	hf->nr_pulled--;
	status = pulled(slot, req, err);
	if (slot->state == SLOT_FETCHING)
		rr_uslot_reset(slot);
	if (!status)
		rr_upcall_watch(up, deadline);
	spin_unlock_bh(&up->lock);
	if (status)
		rr_request_end(req, status, 0, 0);
	rr_hfile_put(hf);
}

int rr_pull_fill(struct rr_uslot *slot)
{
	struct rr_hfile *hf = slot->hf;

	if (rr_hpool_fill(&hf->pool, hf->first_area + slot->area.first, slot->area.nr))
		return 0;
	return fatal_signal_pending(current) ? -EINTR : -ENOMEM;
}

static int pull(struct rr_uslot *slot)
{
	struct rr_hfile *hf = slot->hf;
	int err;

	err = rr_pull_fill(slot);
	if (err)
		return err;
	slot->to = rr_hpool_pages(&hf->pool, rr_pull_offset(slot), slot->req->len);
	if (!slot->to)
		return -ENOMEM;
	return rr_request_pull(slot->req, slot->to, pull_done, slot);
}

void rr_pull_start(struct rr_uslot *slot)
{
	struct rr_request *req = slot->req;
	int err;

	rr_hfile_get(slot->hf);
	err = pull(slot);
	if (err)
		pull_done(req, slot, err);
}

/* ---- replies ---- */

/* The device is done with a reply, or was never asked. */
static void reply_release(struct rr_pages *pages)
{
	struct rr_uslot *slot = pages->owner;
	struct rr_hfile *hf = slot->hf;

	rr_pages_free(pages);
	spin_lock_bh(&hf->up->lock);
	rr_uslot_reset(slot);
	spin_unlock_bh(&hf->up->lock);
	rr_hfile_put(hf);
}

void rr_pull_reply(struct rr_uslot *slot, struct rr_pages *pages, u32 app_error)
{
	struct rr_hfile *hf = slot->hf;
	struct rr_request *req = slot->req;

	rr_hfile_get(hf);
	pages->owner = slot;
	pages->release = reply_release;
	req->reply = pages;
	spin_lock_bh(&hf->up->lock);
	slot->req = NULL;
	slot->state = SLOT_LEAVING;
	spin_unlock_bh(&hf->up->lock);
	rr_request_end(req, app_error ? RR_STATUS_APP_ERROR : RR_STATUS_OK, app_error,
		       pages->len);
}
