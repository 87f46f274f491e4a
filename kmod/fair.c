// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "fair.h"

void rr_fair_init(struct rr_fair *q)
{
	u32 i;

	q->nr = 0;
	INIT_LIST_HEAD(&q->turns);
	for (i = 0; i < RR_FAIR_LANES; i++) {
		INIT_LIST_HEAD(&q->lanes[i].turn);
		INIT_LIST_HEAD(&q->lanes[i].items);
		q->lanes[i].nr = 0;
	}
}

bool rr_fair_add(struct rr_fair *q, u32 key, struct list_head *item)
{
	struct rr_fair_lane *lane = &q->lanes[key % RR_FAIR_LANES];

	if (q->nr >= RR_FAIR_FULL && lane->nr >= RR_FAIR_SHARE)
		return false;
	list_add_tail(item, &lane->items);
	if (!lane->nr++)
		list_add_tail(&lane->turn, &q->turns);
	q->nr++;
	return true;
}

static void lane_del(struct rr_fair *q, struct rr_fair_lane *lane, struct list_head *item)
{
	list_del_init(item);
	q->nr--;
	if (!--lane->nr)
		list_del_init(&lane->turn);
}

static struct list_head *lane_next(struct rr_fair *q, struct rr_fair_lane *lane)
{
	struct list_head *item = lane->items.next;

	/* Its next turn is after those of all others. */
	list_del_init(&lane->turn);
	list_add_tail(&lane->turn, &q->turns);
	lane_del(q, lane, item);
	return item;
}

struct list_head *rr_fair_next(struct rr_fair *q)
{
	struct rr_fair_lane *lane =
		list_first_entry_or_null(&q->turns, struct rr_fair_lane, turn);

	return lane ? lane_next(q, lane) : NULL;
}

static struct rr_fair_lane *lane_find(struct rr_fair *q, rr_fair_fits_fn fits, void *arg)
{
	struct rr_fair_lane *lane;

	list_for_each_entry(lane, &q->turns, turn)
		if (fits(lane->items.next, arg))
			return lane;
	return NULL;
}

struct list_head *rr_fair_next_fit(struct rr_fair *q, rr_fair_fits_fn fits, void *arg)
{
	struct rr_fair_lane *lane = lane_find(q, fits, arg);

	return lane ? lane_next(q, lane) : NULL;
}

bool rr_fair_has_fit(struct rr_fair *q, rr_fair_fits_fn fits, void *arg)
{
	return lane_find(q, fits, arg);
}

void rr_fair_put_back(struct rr_fair *q, u32 key, struct list_head *item)
{
	struct rr_fair_lane *lane = &q->lanes[key % RR_FAIR_LANES];

	list_add(item, &lane->items);
	if (lane->nr++)
		list_del_init(&lane->turn);
	list_add(&lane->turn, &q->turns);
	q->nr++;
}

void rr_fair_del(struct rr_fair *q, u32 key, struct list_head *item)
{
	lane_del(q, &q->lanes[key % RR_FAIR_LANES], item);
}
