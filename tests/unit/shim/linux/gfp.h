/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Pages from the C library: as many as a power of two, filled unless zeroed. */
#ifndef SHIM_GFP_H
#define SHIM_GFP_H

#include <linux/slab.h>

#define SHIM_PAGE	4096

#define GFP_KERNEL_ACCOUNT	0
#define __GFP_RETRY_MAYFAIL	0
#define __GFP_NOWARN		0
#define __GFP_ZERO		1u

static inline int get_order(size_t size)
{
	int order = 0;

	while ((size_t)SHIM_PAGE << order < size)
		order++;
	return order;
}

static inline unsigned long __get_free_pages(unsigned int gfp, int order)
{
	size_t size = (size_t)SHIM_PAGE << order;
	void *p = shim_fails() ? NULL : aligned_alloc(SHIM_PAGE, size);

	if (p)
		memset(p, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	return (unsigned long)p;
}

static inline void free_pages(unsigned long addr, int order)
{
	(void)order;
	free((void *)addr);
}

#endif
