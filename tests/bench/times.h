/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the benchmark's programs share: the clock, and what a measurement came to, told as
 * the modules tell it (tests/modules/bench.h).
 */
#ifndef BENCH_TIMES_H
#define BENCH_TIMES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * How long each of @nr took, of at most @max; the first began and the last ended at such times.
 * All in ticks; @made is when it was made, in ticks and in ns.
 */
struct times {
	uint64_t *took, began, ended;
	unsigned long nr, max;
	struct {
		uint64_t ticks, ns;
	} made;
};

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* What is read for each call: to ask the kernel can take as long as the call, as under UML. */
static inline uint64_t now_ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return now_ns();
#endif
}

/* Return: 0, or -12 if there is no memory. */
static inline int times_init(struct times *t, unsigned long max)
{
	*t = (struct times) { .took = calloc(max, sizeof(*t->took)), .began = UINT64_MAX,
			      .max = max, .made = { now_ticks(), now_ns() } };
	return t->took ? 0 : -12;
}

static inline void times_add(struct times *t, uint64_t start, uint64_t end)
{
	if (end > t->ended)
		t->ended = end;
	if (start < t->began)
		t->began = start;
	t->took[t->nr++] = end - start;
}

static inline int times_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* What so many of a thousand took at most. */
static inline unsigned long long times_mille(const struct times *t, unsigned long of)
{
	unsigned long i = t->nr * of / 1000;

	return t->took[i < t->nr ? i : t->nr - 1];
}

/* From ticks to ns, by what has passed since it was made. */
static inline void times_convert(struct times *t)
{
	double ns = now_ns() - t->made.ns, each = ns / (now_ticks() - t->made.ticks);

	for (unsigned long i = 0; i < t->nr; i++)
		t->took[i] *= each;
	t->ended = (t->ended - t->began) * each;
	t->began = 0;
}

/* Each took as long as @each of what is told did; the longest fiftieth is in no mean. */
static inline void times_print(struct times *t, unsigned int each, size_t size)
{
	unsigned long most = t->nr - t->nr / 50, ops = t->nr * each;
	unsigned long long all = 0;

	times_convert(t);
	qsort(t->took, t->nr, sizeof(*t->took), times_compare);
	for (unsigned long i = 0; i < most; i++)
		all += t->took[i];
	printf("ops=%lu bytes=%llu ns=%llu mean=%llu ", ops, (unsigned long long)ops * size,
	       (unsigned long long)(t->ended - t->began), all / most / each);
	printf("p10=%llu p50=%llu p90=%llu p99=%llu p999=%llu max=%llu\n",
	       times_mille(t, 100) / each, times_mille(t, 500) / each, times_mille(t, 900) / each,
	       times_mille(t, 990) / each, times_mille(t, 999) / each, times_mille(t, 1000) / each);
}

#endif /* BENCH_TIMES_H */
