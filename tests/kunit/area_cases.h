/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Areas: kmod/area.c. */
#include "../../kmod/area.h"
#include "cases.h"

#define AREA_PAGES	16
#define AREA_PIECES	6

CASE(area_gives_the_first_gap_that_is_large_enough)
{
	struct rr_area a = {}, b = {}, c = {}, d = {};
	struct rr_areas areas;

	rr_areas_init(&areas, AREA_PAGES);
	REQUIRE(rr_area_get(&areas, &a, 4));
	REQUIRE(rr_area_get(&areas, &b, 2));
	REQUIRE(rr_area_get(&areas, &c, 4));
	EXPECT_EQ(a.first, 0);
	EXPECT_EQ(b.first, 4);
	EXPECT_EQ(c.first, 6);
	rr_area_put(&a);
	REQUIRE(rr_area_get(&areas, &d, 5));
	EXPECT_EQ(d.first, 10);
	REQUIRE(rr_area_get(&areas, &a, 3));
	EXPECT_EQ(a.first, 0);
	rr_area_put(&b);
	/* One page of the first, two of the second. */
	REQUIRE(rr_area_get(&areas, &b, 3));
	EXPECT_EQ(b.first, 3);
}

CASE(area_gives_all_there_is_and_no_more)
{
	struct rr_area a = {}, b = {};
	struct rr_areas areas;

	rr_areas_init(&areas, AREA_PAGES);
	EXPECT(!rr_areas_fit(&areas, AREA_PAGES + 1));
	EXPECT(!rr_area_get(&areas, &a, AREA_PAGES + 1));
	EXPECT(!rr_area_get(&areas, &a, U32_MAX));
	EXPECT_EQ(a.nr, 0);
	EXPECT(rr_areas_fit(&areas, AREA_PAGES));
	REQUIRE(rr_area_get(&areas, &a, AREA_PAGES));
	EXPECT(!rr_areas_fit(&areas, 1));
	EXPECT(!rr_area_get(&areas, &b, 1));
	rr_area_put(&a);
	EXPECT(rr_areas_fit(&areas, AREA_PAGES));
	rr_areas_init(&areas, 0);
	EXPECT(!rr_area_get(&areas, &a, 1));
}

CASE(area_that_is_none_can_be_put)
{
	struct rr_area a = {};
	struct rr_areas areas;

	rr_areas_init(&areas, AREA_PAGES);
	rr_area_put(&a);
	REQUIRE(rr_area_get(&areas, &a, 1));
	rr_area_put(&a);
	rr_area_put(&a);
	EXPECT_EQ(a.nr, 0);
	EXPECT(rr_areas_fit(&areas, AREA_PAGES));
}

/* Many steps of getting and putting, against a map of who has which page. */
CASE(area_pages_are_one_owners_at_a_time)
{
	struct rr_area pieces[AREA_PIECES] = {};
	struct rr_areas areas;
	u8 map[AREA_PAGES] = {};
	u32 step, seed = 1, nr, run, i;
	struct rr_area *a;

	rr_areas_init(&areas, AREA_PAGES);
	for (step = 0; step < 20000; step++) {
		seed = seed * 1664525 + 1013904223;
		a = &pieces[(seed >> 16) % AREA_PIECES];
		if (a->nr) {
			for (i = a->first; i < a->first + a->nr; i++)
				map[i]--;
			rr_area_put(a);
			continue;
		}
		nr = 1 + (seed >> 24) % (AREA_PAGES / 2);
		for (run = 0, i = 0; i < AREA_PAGES && run < nr; i++)
			run = map[i] ? 0 : run + 1;
		EXPECT_EQ(rr_areas_fit(&areas, nr), run == nr);
		EXPECT_EQ(rr_area_get(&areas, a, nr), run == nr);
		if (!a->nr)
			continue;
		EXPECT_EQ(a->first, i - nr);
		for (i = a->first; i < a->first + a->nr; i++)
			EXPECT_EQ(map[i]++, 0);
	}
}
