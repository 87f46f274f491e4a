/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Areas: a row of pages, of which pieces are somebody's for a time. Who wants one gets
 * the first gap that is large enough. Pure: whoever has them locks them.
 */
#ifndef RR_AREA_H
#define RR_AREA_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct rr_area - a piece of the row
 * @link: in rr_areas.used while it is somebody's
 * @first: its first page
 * @nr: how many; 0: it is none
 */
struct rr_area {
	struct list_head link;
	u32 first, nr;
};

/**
 * struct rr_areas - a row of pages
 * @nr: how many there are
 * @used: pieces that are somebody's, in their order in the row
 */
struct rr_areas {
	u32 nr;
	struct list_head used;
};

static inline void rr_areas_init(struct rr_areas *areas, u32 nr)
{
	areas->nr = nr;
	INIT_LIST_HEAD(&areas->used);
}

/* Return: whether a piece of @nr pages, 1 or more, could be had now. */
bool rr_areas_fit(struct rr_areas *areas, u32 nr);

/* Makes @area, which is none, a piece of @nr pages, 1 or more. Return: false: it is none still. */
bool rr_area_get(struct rr_areas *areas, struct rr_area *area, u32 nr);

/* @area, if it is one, is nobody's from here on. */
void rr_area_put(struct rr_area *area);

#endif /* RR_AREA_H */
