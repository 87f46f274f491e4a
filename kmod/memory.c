// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "memory.h"

#include <linux/gfp.h>
#include <linux/slab.h>

/*
 * Charged to the process that connects, if one does. What a peer asks for must
 * fail rather than have others killed for it.
 */
#define RR_POOL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

int rr_pool_alloc(struct rr_pool *pool, struct rr_conn *conn, u32 nr)
{
	struct rr_buf *buf;

	pool->free = NULL;
	pool->nr_mapped = 0;
	pool->nr = 0;
	pool->bufs = kvcalloc(nr, sizeof(*pool->bufs), RR_POOL_GFP);
	if (!pool->bufs)
		return -ENOMEM;

	for (; pool->nr < nr; pool->nr++) {
		buf = &pool->bufs[pool->nr];
		buf->data = (void *)__get_free_pages(RR_POOL_GFP | __GFP_ZERO,
						     get_order(RR_RECV_SIZE));
		if (!buf->data) {
			rr_pool_free(pool);
			return -ENOMEM;
		}
		buf->conn = conn;
		INIT_LIST_HEAD(&buf->link);
		rr_pool_put(pool, buf);
	}
	return 0;
}

void rr_pool_free(struct rr_pool *pool)
{
	while (pool->nr)
		free_pages((unsigned long)pool->bufs[--pool->nr].data,
			   get_order(RR_RECV_SIZE));
	kvfree(pool->bufs);
	pool->bufs = NULL;
}

int rr_pool_map(struct rr_pool *pool, struct ib_pd *pd)
{
	struct rr_buf *buf;
	u64 addr;

	for (; pool->nr_mapped < pool->nr; pool->nr_mapped++) {
		buf = &pool->bufs[pool->nr_mapped];
		addr = ib_dma_map_single(pd->device, buf->data, RR_RECV_SIZE,
					 DMA_BIDIRECTIONAL);
		if (ib_dma_mapping_error(pd->device, addr)) {
			rr_pool_unmap(pool, pd->device);
			return -ENOMEM;
		}
		buf->sge.addr = addr;
		buf->sge.length = RR_RECV_SIZE;
		buf->sge.lkey = pd->local_dma_lkey;
	}
	return 0;
}

void rr_pool_unmap(struct rr_pool *pool, struct ib_device *device)
{
	while (pool->nr_mapped)
		ib_dma_unmap_single(device, pool->bufs[--pool->nr_mapped].sge.addr,
				    RR_RECV_SIZE, DMA_BIDIRECTIONAL);
}

struct rr_buf *rr_pool_get(struct rr_pool *pool)
{
	struct rr_buf *buf = pool->free;

	if (buf) {
		pool->free = buf->next;
		buf->inv = false;
	}
	return buf;
}

void rr_pool_put(struct rr_pool *pool, struct rr_buf *buf)
{
	buf->owner = NULL;
	INIT_LIST_HEAD(&buf->works);
	buf->nr_works = 0;
	/* The one used last is the one still in the cache. */
	buf->next = pool->free;
	pool->free = buf;
}
