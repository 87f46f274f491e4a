/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* How long things took, as exactly as one measurement deserves. */
#ifndef SPREAD_H
#define SPREAD_H

#include <stdint.h>

/* Each power of two has so many buckets of equal width. */
#define SPREAD_STEPS	64
#define SPREAD_BUCKETS	(59 * SPREAD_STEPS)

/**
 * struct spread - times in nanoseconds; zeroed to begin with
 * @count: how many
 * @min, @max: the shortest and the longest, exact; 0 of none
 * @buckets: how many took how long
 */
struct spread {
	uint64_t count;
	uint64_t min, max;
	uint64_t buckets[SPREAD_BUCKETS];
};

void spread_add(struct spread *s, uint64_t ns);

/*
 * Return: the time that @percent of them, 0 to 100, did not exceed: at most a 64th too
 * much, and never above the longest; 0 of none.
 */
uint64_t spread_percentile(const struct spread *s, double percent);

#endif /* SPREAD_H */
