// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "area.h"

/* Return: what comes behind the first gap of @nr pages, which begins at *@first, or NULL. */
static struct list_head *gap_find(struct rr_areas *areas, u32 nr, u32 *first)
{
	struct rr_area *area;

	*first = 0;
	list_for_each_entry(area, &areas->used, link) {
		if (area->first - *first >= nr)
			return &area->link;
		*first = area->first + area->nr;
	}
	return areas->nr - *first >= nr ? &areas->used : NULL;
}

bool rr_areas_fit(struct rr_areas *areas, u32 nr)
{
	u32 first;

	return gap_find(areas, nr, &first);
}

bool rr_area_get(struct rr_areas *areas, struct rr_area *area, u32 nr)
{
	struct list_head *behind = gap_find(areas, nr, &area->first);

	if (!behind)
		return false;
	area->nr = nr;
	list_add_tail(&area->link, behind);
	return true;
}

void rr_area_put(struct rr_area *area)
{
	if (area->nr)
		list_del_init(&area->link);
	area->nr = 0;
}
