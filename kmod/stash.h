/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Pages that a device writes whole before anybody reads them, kept for the next that are
 * to be: kernels that zero what they allocate (init_on_alloc) would do so each time, for
 * nothing. They are of no process, no more than RR_STASH_MAX, and those that
 * were not used for a second are freed.
 */
#ifndef RR_STASH_H
#define RR_STASH_H

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/types.h>

#define RR_STASH_MAX	(64U << (20 - PAGE_SHIFT))

/*
 * Fills @to with as many whole pages as there are, or @nr. Any context but hard interrupt.
 * Return: how many.
 */
u32 rr_stash_get(struct bio_vec *to, u32 nr);

/*
 * Takes the pages of @from, @nr of them, which nobody else has, and frees those that are too
 * many. Any context but hard interrupt.
 */
void rr_stash_put(const struct bio_vec *from, u32 nr);

/* Nobody has any of its pages any more. May sleep. */
void rr_stash_exit(void);

#endif /* RR_STASH_H */
