/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Pages that a device writes whole before anybody reads them, kept for the next that are
 * to be: kernels that zero what they allocate (init_on_alloc) would do so each time, for
 * nothing. They are of no process, no more than RR_STASH_MAX, and those that
 * were not used for a second are freed.
 */
#ifndef RR_STASH_H
#define RR_STASH_H

#include <linux/mm.h>
#include <linux/types.h>

struct list_head;

#define RR_STASH_MAX	(64U << (20 - PAGE_SHIFT))

/* Adds to @pages, by their lru, as many as there are, or @nr. Any but hard interrupt. */
void rr_stash_get(struct list_head *pages, u32 nr);

/* Takes @nr @pages, and frees those that are too many. Any but hard interrupt. */
void rr_stash_put(struct list_head *pages, u32 nr);

/* Nobody has any of its pages any more. May sleep. */
void rr_stash_exit(void);

#endif /* RR_STASH_H */
