/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Fair queues: items of many owners wait for the same service, and the owners take
 * turns, so that who has many items waits longer for the last of them, and nobody
 * else does. Pure: whoever has one locks it.
 */
#ifndef RR_FAIR_H
#define RR_FAIR_H

#include <linux/list.h>
#include <linux/types.h>

/* Owners whose keys differ by less than this never share a turn. */
#define RR_FAIR_LANES	64

/* When so many items wait, a lane that has its share of them gets no more. */
#define RR_FAIR_FULL	1024
#define RR_FAIR_SHARE	(RR_FAIR_FULL / RR_FAIR_LANES)

struct rr_fair_lane {
	struct list_head turn;		/* in rr_fair.turns while it has items */
	struct list_head items;
	u32 nr;
};

/**
 * struct rr_fair - a fair queue
 * @nr: items in it, fewer than 2 * RR_FAIR_FULL and those put back
 * @turns: lanes that have items, the next one first
 * @lanes: each owner's items are in one of them, in the order in which they came
 */
struct rr_fair {
	u32 nr;
	struct list_head turns;
	struct rr_fair_lane lanes[RR_FAIR_LANES];
};

void rr_fair_init(struct rr_fair *q);

/*
 * @item, which is in no list, waits in the lane of @key, its owner's. Return: false:
 * it does not, there are too many.
 */
bool rr_fair_add(struct rr_fair *q, u32 key, struct list_head *item);

/* Return: the item whose turn it is, taken out, or NULL. */
struct list_head *rr_fair_next(struct rr_fair *q);

typedef bool (*rr_fair_fits_fn)(struct list_head *item, void *arg);

/*
 * The same of owners whose first item @fits: it is asked of one after the other, in
 * their turns, until it says so. Those that were passed over keep their turns.
 */
struct list_head *rr_fair_next_fit(struct rr_fair *q, rr_fair_fits_fn fits, void *arg);

/* Return: whether there is such an item; it stays. */
bool rr_fair_has_fit(struct rr_fair *q, rr_fair_fits_fn fits, void *arg);

/*
 * @item, which had been taken out, is the first of its owner's again, whose turn is
 * next. There is room for it, however full it is.
 */
void rr_fair_put_back(struct rr_fair *q, u32 key, struct list_head *item);

/* Takes out @item, which is in the lane of @key. */
void rr_fair_del(struct rr_fair *q, u32 key, struct list_head *item);

/* Where the items of @key are, and maybe those of others. */
static inline struct list_head *rr_fair_items(struct rr_fair *q, u32 key)
{
	return &q->lanes[key % RR_FAIR_LANES].items;
}

#endif /* RR_FAIR_H */
