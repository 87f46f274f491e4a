/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef SHIM_KTIME_H
#define SHIM_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t;

#define KTIME_MAX	INT64_MAX
#define NSEC_PER_USEC	1000L
#define USEC_PER_SEC	1000000L

static inline ktime_t ktime_add_us(ktime_t t, u64 us)
{
	return t + us * NSEC_PER_USEC;
}

static inline ktime_t ktime_sub(ktime_t a, ktime_t b)
{
	return a - b;
}

static inline s64 ktime_to_ns(ktime_t t)
{
	return t;
}

static inline int ktime_compare(ktime_t a, ktime_t b)
{
	return a < b ? -1 : a > b;
}

#endif
