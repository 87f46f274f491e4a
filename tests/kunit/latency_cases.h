/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Histograms: kmod/latency.c. */
#include <linux/string.h>

#include "../../kmod/latency.h"
#include "cases.h"

/* Nanoseconds where a bucket begins. */
static u64 latency_floor(unsigned int bucket)
{
	return bucket ? (250ULL * (4 + (bucket - 1) % 4)) << (bucket - 1) / 4 : 0;
}

CASE(latency_buckets_are_where_the_specification_has_them)
{
	static const struct {
		u64 ns;
		unsigned int bucket;
	} table[] = {
		{ 0, 0 }, { 999, 0 }, { 1000, 1 }, { 1249, 1 }, { 1250, 2 }, { 1750, 4 },
		{ 1999, 4 }, { 2000, 5 }, { 2499, 5 }, { 2500, 6 }, { 3999, 8 }, { 4000, 9 },
		{ 1024000, 41 }, { 1000000000ULL, 80 }, { 14680063999ULL, 95 },
		{ 14680064000ULL, 96 }, { 60000000000ULL, 96 }, { U64_MAX, 96 },
	};
	int i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		EXPECT_EQ(rr_latency_bucket(table[i].ns), table[i].bucket);
}

CASE(latency_buckets_have_no_gap)
{
	unsigned int i;

	EXPECT_EQ(RR_LATENCY_BUCKETS, 97);
	for (i = 1; i < RR_LATENCY_BUCKETS; i++) {
		EXPECT_EQ(rr_latency_bucket(latency_floor(i) - 1), i - 1);
		EXPECT_EQ(rr_latency_bucket(latency_floor(i)), i);
	}
}

CASE(latency_counts_and_adds_up)
{
	/* Too large for a kernel's stack. */
	static struct rr_latency a, sum;

	memset(&a, 0, sizeof(a));
	memset(&sum, 0, sizeof(sum));
	EXPECT_EQ(rr_latency_used(&a), 0);
	rr_latency_count(&a, 1100);
	rr_latency_count(&a, 500);
	rr_latency_count(&a, 1000);
	EXPECT_EQ(a.max_ns, 1100);
	EXPECT_EQ(a.bucket[0], 1);
	EXPECT_EQ(a.bucket[1], 2);
	EXPECT_EQ(rr_latency_used(&a), 2);

	rr_latency_count(&sum, 1500);
	rr_latency_sum(&sum, &a);
	rr_latency_sum(&sum, &a);
	EXPECT_EQ(sum.max_ns, 1500);
	EXPECT_EQ(sum.bucket[0], 2);
	EXPECT_EQ(sum.bucket[1], 4);
	EXPECT_EQ(sum.bucket[3], 1);
	EXPECT_EQ(rr_latency_used(&sum), 4);
	rr_latency_count(&a, U64_MAX);
	rr_latency_sum(&sum, &a);
	EXPECT_EQ(sum.max_ns, U64_MAX);
	EXPECT_EQ(rr_latency_used(&sum), RR_LATENCY_BUCKETS);
}
