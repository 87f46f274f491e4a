// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "stash.h"

#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static void stash_age(struct work_struct *work);

/* @stash_lock protects them all. @stash_idle: there were never fewer since it was aged. */
static DEFINE_SPINLOCK(stash_lock);
static LIST_HEAD(stash);
static u32 stash_nr, stash_idle;
static DECLARE_DELAYED_WORK(stash_work, stash_age);
module_param_named(stash_pages, stash_nr, uint, 0444);
MODULE_PARM_DESC(stash_pages, "Pages that are kept for the next large requests, for a second");

static void pages_move(struct list_head *from, struct list_head *to, u32 nr)
{
	struct list_head *last = from;
	LIST_HEAD(part);
	u32 i;

	for (i = 0; i < nr; i++)
		last = last->next;
	list_cut_position(&part, from, last);
	list_splice(&part, to);
}

static void pages_free(struct list_head *pages)
{
	struct page *page, *tmp;

	list_for_each_entry_safe(page, tmp, pages, lru)
		__free_page(page);
}

void rr_stash_get(struct list_head *pages, u32 nr)
{
	spin_lock_bh(&stash_lock);
	nr = min(nr, stash_nr);
	pages_move(&stash, pages, nr);
	stash_nr -= nr;
	stash_idle = min(stash_idle, stash_nr);
	spin_unlock_bh(&stash_lock);
}

void rr_stash_put(struct list_head *pages, u32 nr)
{
	spin_lock_bh(&stash_lock);
	nr = min(nr, RR_STASH_MAX - stash_nr);
	pages_move(pages, &stash, nr);
	stash_nr += nr;
	if (nr)
		schedule_delayed_work(&stash_work, HZ);
	spin_unlock_bh(&stash_lock);
	pages_free(pages);
}

/* A part at a time: who wants the lock is not to wait for all of them. */
#define RR_STASH_PART	256U

static bool stash_free_part(u32 *idle)
{
	u32 nr = min(*idle, RR_STASH_PART);
	LIST_HEAD(pages);

	rr_stash_get(&pages, nr);
	pages_free(&pages);
	*idle -= nr;
	return *idle;
}

static void stash_age(struct work_struct *work)
{
	u32 idle;

	spin_lock_bh(&stash_lock);
	idle = stash_idle;
	spin_unlock_bh(&stash_lock);
	while (stash_free_part(&idle))
		cond_resched();
	spin_lock_bh(&stash_lock);
	stash_idle = stash_nr;
	if (stash_nr)
		schedule_delayed_work(&stash_work, HZ);
	spin_unlock_bh(&stash_lock);
}

void rr_stash_exit(void)
{
	LIST_HEAD(pages);

	cancel_delayed_work_sync(&stash_work);
	rr_stash_get(&pages, RR_STASH_MAX);
	pages_free(&pages);
}
