/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Pools of handlers: pages of the kernel's that a program maps, and its requests and
 * replies go through. Those of the first part are there from the beginning; the others,
 * for what is large, come when they are first needed, zeroed and charged to who needs
 * them, and stay until the end. Nothing in them is believed.
 */
#ifndef RR_HPOOL_H
#define RR_HPOOL_H

#include <linux/types.h>

struct iov_iter;
struct page;
struct rr_pages;
struct vm_area_struct;

/**
 * struct rr_hpool - a pool
 * @nr: its pages
 * @nr_first: those that are there from the beginning
 * @pages: each is NULL until it is there, and then what it is
 */
struct rr_hpool {
	u32 nr, nr_first;
	struct page **pages;
};

/* May sleep. Return: 0 or -ENOMEM. */
int rr_hpool_init(struct rr_hpool *pool, u32 nr_first, u32 nr);

/* Nobody maps it any more, and no device knows of it. May sleep. */
void rr_hpool_destroy(struct rr_hpool *pool);

/*
 * Sees that @nr pages from @first on are there. May sleep. Return: false, with none added:
 * there is no memory for them, all pools together have as much as they may, or a signal
 * kills.
 */
bool rr_hpool_fill(struct rr_hpool *pool, u32 first, u32 nr);

/*
 * Copies @len bytes, @offset from its beginning on, from @from or to @to. What is not
 * there is not written, and read as zero. Any context but hard interrupt.
 */
void rr_hpool_put(struct rr_hpool *pool, u32 offset, u32 len, struct iov_iter *from);
void rr_hpool_get(const struct rr_hpool *pool, u32 offset, u32 len, void *to);

/* Return: @len bytes, 1 or more, from @offset on, all of them there; or NULL: no memory. */
struct rr_pages *rr_hpool_pages(const struct rr_hpool *pool, u32 offset, u32 len);

/* Maps it; the mapping's file keeps it. Return: 0 or -EINVAL. */
int rr_hpool_mmap(struct rr_hpool *pool, struct vm_area_struct *vma);

#endif /* RR_HPOOL_H */
