// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "latency.h"

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/math64.h>

/* The narrowest bucket: a quarter of a microsecond. */
#define QUARTER_NS	250

unsigned int rr_latency_bucket(u64 ns)
{
	u64 quarters = div_u64(ns, QUARTER_NS);
	unsigned int power, bucket;

	if (quarters < 4)
		return 0;
	power = fls64(quarters) - 3;
	/* Its two bits below the highest say which of the four. */
	bucket = 1 + 4 * power + (quarters >> power & 3);
	return bucket < RR_LATENCY_BUCKETS ? bucket : RR_LATENCY_BUCKETS - 1;
}

void rr_latency_count(struct rr_latency *lat, u64 ns)
{
	u64 *bucket = &lat->bucket[rr_latency_bucket(ns)];

	WRITE_ONCE(*bucket, *bucket + 1);
	if (ns > lat->max_ns)
		WRITE_ONCE(lat->max_ns, ns);
}

void rr_latency_sum(struct rr_latency *sum, const struct rr_latency *part)
{
	u64 max_ns = READ_ONCE(part->max_ns);
	unsigned int i;

	if (max_ns > sum->max_ns)
		sum->max_ns = max_ns;
	for (i = 0; i < RR_LATENCY_BUCKETS; i++)
		sum->bucket[i] += READ_ONCE(part->bucket[i]);
}

unsigned int rr_latency_used(const struct rr_latency *lat)
{
	unsigned int used = RR_LATENCY_BUCKETS;

	while (used && !READ_ONCE(lat->bucket[used - 1]))
		used--;
	return used;
}
