/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Tags: kmod/wire.h. */
#include "../../kmod/wire.h"
#include "cases.h"

CASE(tag_holds_slot_and_generation)
{
	static const u16 edges[] = { 0, 1, 2, 0x7fff, 0x8000, 0xfffe, 0xffff };
	const int n = sizeof(edges) / sizeof(*edges);
	u32 tag;
	int i;

	for (i = 0; i < n * n; i++) {
		tag = rr_tag(edges[i / n], edges[i % n]);
		EXPECT_EQ(rr_tag_slot(tag), edges[i / n]);
		EXPECT_EQ(rr_tag_gen(tag), edges[i % n]);
	}
	EXPECT_EQ(rr_tag(0x0102, 0x0304), 0x03040102);
}

/* A reply that is late by less than a whole round of generations is told from another's. */
CASE(tag_of_each_use_is_another)
{
	const u32 first = rr_tag(7, 65530);
	u16 gen = 65530;
	u32 uses;

	for (uses = 1; uses < 0x10000; uses++)
		if (rr_tag(7, ++gen) == first || rr_tag_slot(rr_tag(7, gen)) != 7)
			break;
	EXPECT_EQ(uses, 0x10000);
	EXPECT_EQ(rr_tag(7, ++gen), first);
}
