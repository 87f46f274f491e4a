/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What the modules of the benchmark share: memory to move, and what a measurement came
 * to, as the parameter "result" tells it:
 *
 *	ops=N bytes=N ns=N mean=NS p10=NS p50=NS p90=NS p99=NS p999=NS max=NS
 *
 * @ns from the first begin to the last end, the others of single operations; @mean of all
 * but the longest fiftieth, which met a timer or the like. Where connections are made,
 * bytes are those of the memory that all of them take.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/bvec.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#define BENCH_MAX_SIZE	(64U << 20)
#define BENCH_MAX_DEPTH	64
#define BENCH_MAX_OPS	1000000U
#define BENCH_MAX_CONNS	1000U
#define BENCH_MAX_WRS	1024U
/* What a result takes, each number of its being as long as can be. */
#define BENCH_RESULT	320

/**
 * struct bench_times - what was measured; one writer at a time
 * @began: when the first operation began
 * @ended: when the last one ended
 * @bytes: moved
 * @ops: operations
 * @every: of so many of them, one is kept
 * @nr: kept
 * @max: room for so many
 * @ns: how long each that is kept took
 */
struct bench_times {
	u64 began, ended;
	u64 bytes;
	u32 ops, every;
	u32 nr, max;
	u64 *ns;
};

static inline int bench_times_alloc(struct bench_times *t, u32 max)
{
	*t = (struct bench_times) { .every = 1, .max = max };
	t->ns = kvcalloc(max, sizeof(*t->ns), GFP_KERNEL);
	return t->ns ? 0 : -ENOMEM;
}

static inline void bench_times_free(struct bench_times *t)
{
	kvfree(t->ns);
	t->ns = NULL;
}

/* There are more than there is room for: every second one is as good. */
static inline void bench_times_thin(struct bench_times *t)
{
	u32 i;

	for (i = 1; 2 * i < t->nr; i++)
		t->ns[i] = t->ns[2 * i];
	t->nr = i;
	t->every *= 2;
}

static inline void bench_times_add(struct bench_times *t, u64 start, u64 end, u64 bytes)
{
	if (t->nr == t->max)
		bench_times_thin(t);
	if (t->nr < t->max && !(t->ops % t->every))
		t->ns[t->nr++] = end - start;
	t->ops++;
	t->bytes += bytes;
	t->ended = end;
}

static inline int bench_cmp(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static inline u64 bench_mean(const struct bench_times *t)
{
	u32 nr = t->nr - t->nr / 50, i;
	u64 all = 0;

	for (i = 0; i < nr; i++)
		all += t->ns[i];
	return div_u64(all, nr);
}

/* What @mille of a thousand took at most. */
static inline u64 bench_mille(const struct bench_times *t, u32 mille)
{
	return t->ns[(u64)t->nr * mille / 1000];
}

static inline int bench_times_print(struct bench_times *t, char *to, size_t size)
{
	if (!t->nr)
		return scnprintf(to, size, "ops=0\n");
	sort(t->ns, t->nr, sizeof(*t->ns), bench_cmp, NULL);
	return scnprintf(to, size,
			 "ops=%u bytes=%llu ns=%llu mean=%llu p10=%llu p50=%llu p90=%llu p99=%llu p999=%llu max=%llu\n",
			 t->ops, t->bytes, t->ended - t->began, bench_mean(t), bench_mille(t, 100),
			 bench_mille(t, 500), bench_mille(t, 900), bench_mille(t, 990),
			 bench_mille(t, 999), t->ns[t->nr - 1]);
}

/* Memory that is taken while connections are made, in bytes. */
static inline u64 bench_mem_left(void)
{
	return (u64)si_mem_available() << PAGE_SHIFT;
}

static inline u64 bench_mem_taken(u64 left_before)
{
	u64 left = bench_mem_left();

	return left_before > left ? left_before - left : 0;
}

/* Pages from all over the memory, an entry each. */
struct bench_mem {
	struct bio_vec *bv;
	u32 nr;
};

static inline void bench_mem_free(struct bench_mem *m)
{
	while (m->nr)
		__free_page(m->bv[--m->nr].bv_page);
	kvfree(m->bv);
	m->bv = NULL;
}

static inline int bench_mem_alloc(struct bench_mem *m, size_t len)
{
	size_t at;
	struct page *page;

	m->nr = 0;
	m->bv = kvcalloc(DIV_ROUND_UP(len, PAGE_SIZE), sizeof(*m->bv), GFP_KERNEL);
	if (!m->bv)
		return -ENOMEM;
	for (at = 0; at < len; at += PAGE_SIZE) {
		page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NORETRY | __GFP_NOWARN);
		if (!page) {
			bench_mem_free(m);
			return -ENOMEM;
		}
		bvec_set_page(&m->bv[m->nr++], page, min_t(size_t, len - at, PAGE_SIZE), 0);
	}
	return 0;
}

static inline void bench_mem_mark(struct bench_mem *m, u64 mark)
{
	u32 i;

	for (i = 0; i < m->nr; i++)
		*(u64 *)page_address(m->bv[i].bv_page) = mark + i;
}

static inline bool bench_mem_marked(const struct bench_mem *m, u64 mark)
{
	u32 i;

	for (i = 0; i < m->nr; i++)
		if (*(u64 *)page_address(m->bv[i].bv_page) != mark + i)
			return false;
	return true;
}

#endif /* BENCH_H */
