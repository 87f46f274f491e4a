/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* Memory from the C library, until shim_fail_after allocations from now. */
#ifndef SHIM_SLAB_H
#define SHIM_SLAB_H

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

/* -1: none fails. */
extern int shim_fail_after;

static inline bool shim_fails(void)
{
	return shim_fail_after >= 0 && !shim_fail_after--;
}

static inline void *kvcalloc(size_t n, size_t size, unsigned int gfp)
{
	(void)gfp;
	return shim_fails() ? NULL : calloc(n, size);
}

static inline void kvfree(void *p)
{
	free(p);
}

#endif
