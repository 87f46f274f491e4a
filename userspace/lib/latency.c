// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* How long calls took: uapi/rdmarpc.yaml, attribute set "latency". */
#include "librdmarpc.h"

/*
 * Return: the upper end of a bucket, in nanoseconds. Bucket 0 ends at 1 us; of the
 * four of each power of two, the q-th ends at 2^power * (5 + q) / 4 us.
 */
static uint64_t bucket_end(unsigned int i)
{
	return i ? (uint64_t)250 * (5 + (i - 1) % 4) << (i - 1) / 4 : 1000;
}

static uint64_t at_most(uint64_t value, uint64_t limit)
{
	return value < limit ? value : limit;
}

uint64_t rdmarpc_latency_percentile(const struct rdmarpc_latency *l, double percent)
{
	uint64_t total = 0, seen = 0;
	unsigned int i;

	/* Counted and added to at the same time, @count may be ahead of the buckets. */
	for (i = 0; i < RDMARPC_LATENCY_BUCKETS; i++)
		total += l->buckets[i];
	if (!total)
		return 0;
	for (i = 0; i < RDMARPC_LATENCY_BUCKETS - 1; i++) {
		seen += l->buckets[i];
		if (seen && seen >= total * percent / 100)
			return at_most(bucket_end(i), l->max_ns);
	}
	/* The last takes all that is longer, too. */
	return l->max_ns;
}

void rdmarpc_latency_add(struct rdmarpc_latency *l, const struct rdmarpc_latency *other)
{
	unsigned int i;

	l->count += other->count;
	l->max_ns = l->max_ns > other->max_ns ? l->max_ns : other->max_ns;
	for (i = 0; i < RDMARPC_LATENCY_BUCKETS; i++)
		l->buckets[i] += other->buckets[i];
}

/* A counter that went down has begun anew. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

void rdmarpc_latency_since(struct rdmarpc_latency *l, const struct rdmarpc_latency *before)
{
	unsigned int i, last = 0;

	l->count = grown(l->count, before->count);
	for (i = 0; i < RDMARPC_LATENCY_BUCKETS; i++) {
		l->buckets[i] = grown(l->buckets[i], before->buckets[i]);
		if (l->buckets[i])
			last = i;
	}
	if (!l->buckets[last])
		l->max_ns = 0;
	else if (last < RDMARPC_LATENCY_BUCKETS - 1)
		l->max_ns = at_most(bucket_end(last), l->max_ns);
}
