/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* As much of the verbs as kmod/memory.c uses, and a device that counts mappings. */
#ifndef SHIM_IB_VERBS_H
#define SHIM_IB_VERBS_H

#include <errno.h>
#include <linux/list.h>
#include <linux/types.h>

#define DMA_BIDIRECTIONAL	0

/* What the device adds to an address. */
#define SHIM_DMA		0x5500000000000000ull
#define SHIM_DMA_ERROR		(~0ull)

struct ib_device {
	int mapped;
	int fail_at;		/* this mapping and all after it fail; -1: none */
};

struct ib_pd {
	struct ib_device *device;
	u32 local_dma_lkey;
};

struct ib_cqe {
	void (*done)(void *cq, void *wc);
};

struct ib_sge {
	u64 addr;
	u32 length;
	u32 lkey;
};

struct ib_send_wr {
	struct ib_send_wr *next;
};

static inline u64 ib_dma_map_single(struct ib_device *dev, void *p, size_t len, int dir)
{
	(void)len;
	(void)dir;
	if (dev->mapped == dev->fail_at)
		return SHIM_DMA_ERROR;
	dev->mapped++;
	return (u64)(uintptr_t)p + SHIM_DMA;
}

static inline int ib_dma_mapping_error(struct ib_device *dev, u64 addr)
{
	(void)dev;
	return addr == SHIM_DMA_ERROR;
}

static inline void ib_dma_unmap_single(struct ib_device *dev, u64 addr, size_t len, int dir)
{
	(void)addr;
	(void)len;
	(void)dir;
	dev->mapped--;
}

#endif
