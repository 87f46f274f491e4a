// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "memory.h"

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

/*
 * Charged to the process that connects, if one does. What a peer asks for must
 * fail rather than have others killed for it.
 */
#define RR_POOL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)
/* Several in one piece only if that is at hand: nothing is reclaimed or moved for it. */
#define RR_CHUNK_GFP	((GFP_KERNEL_ACCOUNT & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN | __GFP_COMP)
/* So many buffers, or those that a page has: a device may bounce what it maps. */
#define RR_CHUNK_ORDER	get_order(8 * RR_RECV_SIZE)

static u32 chunk_bufs(unsigned int order)
{
	return (PAGE_SIZE << order) / RR_RECV_SIZE;
}

/* Return: how many buffers are in the same piece of memory as the first one of it, @at. */
static u32 chunk_nr(const struct rr_pool *pool, u32 at)
{
	return min(pool->nr - at, chunk_bufs(pool->bufs[at].order));
}

/*
 * Return: memory for one buffer of @wanted or more of them; @order says how much, and before
 * how much may be had.
 */
static void *chunk_alloc(u32 wanted, unsigned int *order)
{
	unsigned long mem;

	for (; *order; --*order) {
		if (chunk_bufs(*order) > wanted)
			continue;
		mem = __get_free_pages(RR_CHUNK_GFP, *order);
		if (mem)
			return (void *)mem;
	}
	return (void *)__get_free_pages(RR_POOL_GFP, 0);
}

static int pool_grow(struct rr_pool *pool, struct rr_conn *conn, u32 wanted,
		     unsigned int *order)
{
	struct rr_buf *buf = &pool->bufs[pool->nr];
	void *mem = chunk_alloc(wanted, order);
	u32 nr = min(wanted, chunk_bufs(*order)), i;

	if (!mem)
		return -ENOMEM;
	buf->order = *order;
	for (i = 0; i < nr; i++, buf++) {
		buf->data = mem + i * RR_RECV_SIZE;
		buf->conn = conn;
		INIT_LIST_HEAD(&buf->link);
		INIT_LIST_HEAD(&buf->works);
		rr_pool_put(pool, buf);
	}
	pool->nr += nr;
	return 0;
}

int rr_pool_alloc(struct rr_pool *pool, struct rr_conn *conn, u32 nr)
{
	unsigned int order = RR_CHUNK_ORDER;

	pool->free = NULL;
	pool->nr_mapped = 0;
	pool->nr = 0;
	pool->bufs = kvcalloc(nr, sizeof(*pool->bufs), RR_POOL_GFP);
	if (!pool->bufs)
		return -ENOMEM;

	while (pool->nr < nr) {
		if (pool_grow(pool, conn, nr - pool->nr, &order)) {
			rr_pool_free(pool);
			return -ENOMEM;
		}
	}
	return 0;
}

void rr_pool_free(struct rr_pool *pool)
{
	u32 at, nr;

	for (at = 0; at < pool->nr; at += nr) {
		nr = chunk_nr(pool, at);
		free_pages((unsigned long)pool->bufs[at].data, pool->bufs[at].order);
	}
	pool->nr = 0;
	kvfree(pool->bufs);
	pool->bufs = NULL;
}

int rr_pool_map(struct rr_pool *pool, struct ib_pd *pd)
{
	struct rr_buf *buf;
	u32 nr, i;
	u64 addr;

	for (; pool->nr_mapped < pool->nr; pool->nr_mapped += nr) {
		buf = &pool->bufs[pool->nr_mapped];
		nr = chunk_nr(pool, pool->nr_mapped);
		addr = ib_dma_map_single(pd->device, buf->data, nr * RR_RECV_SIZE,
					 DMA_BIDIRECTIONAL);
		if (ib_dma_mapping_error(pd->device, addr)) {
			rr_pool_unmap(pool, pd->device);
			return -ENOMEM;
		}
		for (i = 0; i < nr; i++, buf++) {
			buf->sge.addr = addr + i * RR_RECV_SIZE;
			buf->sge.length = RR_RECV_SIZE;
			buf->sge.lkey = pd->local_dma_lkey;
		}
	}
	return 0;
}

void rr_pool_unmap(struct rr_pool *pool, struct ib_device *device)
{
	u32 at, nr;

	for (at = 0; at < pool->nr_mapped; at += nr) {
		nr = chunk_nr(pool, at);
		ib_dma_unmap_single(device, pool->bufs[at].sge.addr, nr * RR_RECV_SIZE,
				    DMA_BIDIRECTIONAL);
	}
	pool->nr_mapped = 0;
}

void rr_buf_clear(struct rr_buf *buf)
{
	if (likely(buf->cleared))
		return;
	memset(buf->data, 0, RR_RECV_SIZE);
	buf->cleared = true;
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
	if (buf->nr_works) {
		INIT_LIST_HEAD(&buf->works);
		buf->nr_works = 0;
	}
	/* The one used last is the one still in the cache. */
	buf->next = pool->free;
	pool->free = buf;
}
