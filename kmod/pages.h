/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Pages of a large payload: somebody's memory as the device sees it, or our own.
 *
 * Keys cover whole pages but for the ends, so a payload is a row of pages of which
 * only the first may begin, and only the last may end, in the middle. Memory that is
 * not so is bounced: copied into, or out of, pages of our own.
 */
#ifndef RR_PAGES_H
#define RR_PAGES_H

#include <linux/bvec.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uio.h>

/* As many pages are gone through at a time: others want the processor, too. */
#define RR_PAGES_AT_ONCE	256U

/* Of the @i-th page, in loops over many, which may sleep if there are more than a part. */
static inline void rr_pages_pause(u32 i)
{
	if (i % RR_PAGES_AT_ONCE == RR_PAGES_AT_ONCE - 1)
		cond_resched();
}

/**
 * struct rr_pages - a payload in memory
 * @len: its bytes
 * @nr: of @bv
 * @ours: they were allocated here
 * @stashed: they are to go to the stash
 * @owner: whose they are, for who allocated them
 * @release: who lent them has them back, once they are no longer used; NULL: nobody did
 * @node: among those to be freed, for who allocated them
 * @rcu: it is freed where one must not sleep
 * @bv: a page each, and what of it belongs to the payload
 */
struct rr_pages {
	size_t len;
	u32 nr;
	bool ours, stashed;
	void *owner;
	void (*release)(struct rr_pages *pages);
	struct llist_node node;
	struct rcu_head rcu;
	struct bio_vec bv[];
};

/*
 * What is written to pages before anybody reads them: all of it, or there is no telling,
 * and then they have to be zero.
 */
enum rr_pages_fill { RR_PAGES_WHOLE, RR_PAGES_PART };

/*
 * @len bytes, 1 or more. Charged to the process, if there is one. May sleep. Return: the
 * pages, or NULL.
 */
struct rr_pages *rr_pages_alloc(size_t len, enum rr_pages_fill fill);

/* The same of the stash's, which nobody is charged for; they are written whole. */
struct rr_pages *rr_pages_take(size_t len);

/*
 * The memory of @iter, all of it, in place. It is the caller's, and has to stay until
 * rr_pages_free(). May sleep.
 * Return: the pages; NULL: it is not of a kind, or not in a shape, that can be used
 * in place; or ERR_PTR(-ENOMEM).
 */
struct rr_pages *rr_pages_of(const struct iov_iter *iter);

/*
 * @len bytes, 1 or more, of pages of somebody's who keeps them, from @offset into the
 * first on. May sleep. Return: the pages, or NULL.
 */
struct rr_pages *rr_pages_in(struct page *const *from, u32 offset, u32 len);

void rr_pages_free(struct rr_pages *pages);

/* Return: bytes copied, of all that @from has, or of the first @len. */
size_t rr_pages_copy_from(struct rr_pages *pages, struct iov_iter *from);
size_t rr_pages_copy_to(const struct rr_pages *pages, size_t len, struct iov_iter *to);

/* Sets up @iter to go over the first @len bytes; @dir is ITER_SOURCE or ITER_DEST. */
static inline void rr_pages_iter(struct rr_pages *pages, unsigned int dir, size_t len,
				 struct iov_iter *iter)
{
	iov_iter_bvec(iter, dir, pages->bv, pages->nr, len);
}

#endif /* RR_PAGES_H */
