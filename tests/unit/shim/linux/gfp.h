/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Pages from the C library: as many as a power of two, and not empty. */
#ifndef SHIM_GFP_H
#define SHIM_GFP_H

#include <linux/slab.h>

#define PAGE_SIZE	4096ul

#define GFP_KERNEL_ACCOUNT	0
#define __GFP_RETRY_MAYFAIL	0
#define __GFP_DIRECT_RECLAIM	0
#define __GFP_NOWARN		0
#define __GFP_COMP		0

static inline int get_order(size_t size)
{
	int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

/* There are no two pages in one piece. */
extern bool shim_fragmented;

static inline unsigned long __get_free_pages(unsigned int gfp, unsigned int order)
{
	size_t size = PAGE_SIZE << order;
	void *p = (shim_fragmented && order) || shim_fails() ? NULL :
		  aligned_alloc(PAGE_SIZE, size);

	(void)gfp;
	if (p)
		memset(p, 0xa5, size);
	return (unsigned long)p;
}

static inline void free_pages(unsigned long addr, unsigned int order)
{
	(void)order;
	free((void *)addr);
}

#endif
