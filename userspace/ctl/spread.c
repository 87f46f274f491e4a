// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "spread.h"

/* Below 2^6 ns each has a bucket of its own. */
#define STEP_BITS	6

_Static_assert(SPREAD_STEPS == 1 << STEP_BITS, "as many steps as these bits tell apart");

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < SPREAD_STEPS)
		return ns;
	shift = 63 - __builtin_clzll(ns) - STEP_BITS;
	return (shift + 1) * SPREAD_STEPS + (ns >> shift) % SPREAD_STEPS;
}

/* Return: the longest time in a bucket. */
static uint64_t end_of(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < SPREAD_STEPS)
		return bucket;
	shift = bucket / SPREAD_STEPS - 1;
	return ((uint64_t)(SPREAD_STEPS + bucket % SPREAD_STEPS) << shift) + (1ULL << shift) - 1;
}

void spread_add(struct spread *s, uint64_t ns)
{
	if (!s->count || ns < s->min)
		s->min = ns;
	if (ns > s->max)
		s->max = ns;
	s->count++;
	s->buckets[bucket_of(ns)]++;
}

uint64_t spread_percentile(const struct spread *s, double percent)
{
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < SPREAD_BUCKETS; i++) {
		seen += s->buckets[i];
		if (seen && seen >= s->count * percent / 100)
			return end_of(i) < s->max ? end_of(i) : s->max;
	}
	return s->max;
}
