/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Histograms of how long something took, as uapi/rdmarpc.yaml's set "latency" has
 * them: bucket 0 below a microsecond; from there on four of equal width for each
 * power of two; the last one without an end. So what is read from them is off by
 * a quarter at most. Pure.
 */
#ifndef RR_LATENCY_H
#define RR_LATENCY_H

#include <linux/types.h>

/* Powers of two of microseconds that are told apart: the last bucket begins at 14.7 s. */
#define RR_LATENCY_POWERS	24
#define RR_LATENCY_BUCKETS	(1 + 4 * RR_LATENCY_POWERS)

/**
 * struct rr_latency - one histogram
 * @max_ns: the longest
 * @bucket: how many took how long
 *
 * One writer at a time; readers need no lock and see it in the making.
 */
struct rr_latency {
	u64 max_ns;
	u64 bucket[RR_LATENCY_BUCKETS];
};

/* Return: which bucket counts what took @ns. */
unsigned int rr_latency_bucket(u64 ns);

/* Counts one that took @ns. */
void rr_latency_count(struct rr_latency *lat, u64 ns);

/* Adds what @part has counted to @sum. */
void rr_latency_sum(struct rr_latency *sum, const struct rr_latency *part);

/* Return: how many buckets there are up to the last that is not empty. */
unsigned int rr_latency_used(const struct rr_latency *lat);

#endif /* RR_LATENCY_H */
