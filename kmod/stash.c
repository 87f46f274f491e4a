// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "stash.h"

#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static void stash_age(struct work_struct *work);

/*
 * @stash_lock protects them all. A row of pointers: a list would go through the pages' own
 * structures, a cache line each. @stash_idle: there were never fewer since it was aged.
 */
static DEFINE_SPINLOCK(stash_lock);
static struct page *stash[RR_STASH_MAX];
static u32 stash_nr, stash_idle;
static DECLARE_DELAYED_WORK(stash_work, stash_age);
module_param_named(stash_pages, stash_nr, uint, 0444);
MODULE_PARM_DESC(stash_pages, "Pages that are kept for the next large requests, for a second");

u32 rr_stash_get(struct bio_vec *to, u32 nr)
{
	u32 i, at;

	spin_lock_bh(&stash_lock);
	nr = min(nr, stash_nr);
	at = stash_nr - nr;
	for (i = 0; i < nr; i++)
		bvec_set_page(&to[i], stash[at + i], PAGE_SIZE, 0);
	stash_nr = at;
	stash_idle = min(stash_idle, at);
	spin_unlock_bh(&stash_lock);
	return nr;
}

void rr_stash_put(const struct bio_vec *from, u32 nr)
{
	u32 kept, i;

	spin_lock_bh(&stash_lock);
	kept = min(nr, RR_STASH_MAX - stash_nr);
	for (i = 0; i < kept; i++)
		stash[stash_nr + i] = from[i].bv_page;
	stash_nr += kept;
	if (kept)
		schedule_delayed_work(&stash_work, HZ);
	spin_unlock_bh(&stash_lock);
	for (; i < nr; i++)
		__free_page(from[i].bv_page);
}

/* A part at a time: who wants the lock is not to wait for all of them. */
#define RR_STASH_PART	32U

static u32 stash_free_part(u32 most)
{
	struct bio_vec part[RR_STASH_PART];
	u32 nr = rr_stash_get(part, min(most, RR_STASH_PART)), i;

	for (i = 0; i < nr; i++)
		__free_page(part[i].bv_page);
	return nr;
}

static void stash_free(u32 nr)
{
	u32 freed;

	for (; nr; nr -= freed) {
		freed = stash_free_part(nr);
		if (!freed)
			break;
		cond_resched();
	}
}

static void stash_age(struct work_struct *work)
{
	u32 idle;

	spin_lock_bh(&stash_lock);
	idle = stash_idle;
	spin_unlock_bh(&stash_lock);
	stash_free(idle);
	spin_lock_bh(&stash_lock);
	stash_idle = stash_nr;
	if (stash_nr)
		schedule_delayed_work(&stash_work, HZ);
	spin_unlock_bh(&stash_lock);
}

void rr_stash_exit(void)
{
	cancel_delayed_work_sync(&stash_work);
	stash_free(RR_STASH_MAX);
}
