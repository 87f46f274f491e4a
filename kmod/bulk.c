// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "bulk.h"

#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "send.h"

static void bulk_fenced(struct rr_bulk *bulk)
{
	if (!--bulk->nr_keyed)
		bulk->fenced(bulk->owner);
}

static void request_fenced(struct rr_region *region)
{
	bulk_fenced(container_of(region, struct rr_bulk, request.region));
}

static void reply_fenced(struct rr_region *region)
{
	bulk_fenced(container_of(region, struct rr_bulk, reply.region));
}

static int side_map(struct rr_bulk_side *side, struct rr_conn *conn,
		    enum dma_data_direction dir, int access)
{
	if (!side->pages)
		return -ENOMEM;
	return rr_region_map(&side->region, &conn->mrs, side->pages, dir, access);
}

static int side_map_part(struct rr_bulk_side *side, struct rr_conn *conn,
			 const struct rr_buffer_part *part, enum dma_data_direction dir,
			 int access)
{
	struct rr_buffer_map *map = rr_buffer_map_get(part->buffer, conn);

	if (IS_ERR(map))
		return PTR_ERR(map);
	side->map = map;
	return rr_region_map_part(&side->region, &map->whole, part->at, side->len, dir, access);
}

static int bulk_request(struct rr_bulk *bulk, struct rr_conn *conn,
			const struct iov_iter *request, const struct rr_buffer_part *part)
{
	const int access = IB_ACCESS_REMOTE_READ;
	struct iov_iter from = *request;
	struct rr_pages *pages;

	bulk->request.len = iov_iter_count(request);
	if (part->buffer)
		return side_map_part(&bulk->request, conn, part, DMA_TO_DEVICE, access);
	pages = rr_pages_of(request);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	if (!pages) {
		pages = rr_pages_alloc(bulk->request.len, RR_PAGES_WHOLE);
		if (!pages)
			return -ENOMEM;
		if (rr_pages_copy_from(pages, &from) != pages->len) {
			rr_pages_free(pages);
			return -EFAULT;
		}
	}
	bulk->request.pages = pages;
	return side_map(&bulk->request, conn, DMA_TO_DEVICE, access);
}

static int bulk_room(struct rr_bulk *bulk, struct rr_conn *conn, const struct iov_iter *room,
		     const struct rr_buffer_part *part)
{
	const int access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE;
	struct rr_pages *pages;

	bulk->reply.len = iov_iter_count(room);
	if (part->buffer)
		return side_map_part(&bulk->reply, conn, part, DMA_FROM_DEVICE, access);
	pages = rr_pages_of(room);
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	/* A peer may say that it has written what it has not. */
	bulk->reply.pages = pages ?: rr_pages_alloc(bulk->reply.len, RR_PAGES_PART);
	return side_map(&bulk->reply, conn, DMA_FROM_DEVICE, access);
}

static size_t iter_cost(const struct rr_conn *conn, const struct iov_iter *iter)
{
	return iter ? rr_mr_set_cost(&conn->mrs, iov_iter_count(iter)) : 0;
}

struct rr_bulk *rr_bulk_create(struct rr_conn *conn, const struct iov_iter *request,
			       const struct iov_iter *room, const struct rr_bulk_places *places)
{
	struct rr_bulk *bulk = kzalloc(sizeof(*bulk), GFP_KERNEL);
	int err = 0;

	if (!bulk)
		return ERR_PTR(-ENOMEM);
	bulk->conn = conn;
	bulk->cost = iter_cost(conn, request) + iter_cost(conn, room);
	if (!rr_conn_bulk_get(conn, bulk->cost)) {
		kfree(bulk);
		return ERR_PTR(-ENOBUFS);
	}
	if (request)
		err = bulk_request(bulk, conn, request, &places->request);
	if (!err && room)
		err = bulk_room(bulk, conn, room, &places->reply);
	if (!err)
		return bulk;
	rr_bulk_free(bulk);
	return ERR_PTR(err);
}

static u32 bulk_nr_segs(const struct rr_bulk *bulk)
{
	return bulk->request.region.nr_mrs + bulk->reply.region.nr_mrs;
}

void rr_bulk_header(const struct rr_bulk *bulk, struct rr_hdr *hdr, void *msg)
{
	hdr->nr_segs = bulk_nr_segs(bulk);
	if (bulk->request.len) {
		hdr->bulk_request = bulk->request.len;
		rr_region_segs(&bulk->request.region, msg, 0);
	}
	if (bulk->reply.len) {
		hdr->bulk_reply = bulk->reply.len;
		rr_region_segs(&bulk->reply.region, msg, bulk->request.region.nr_mrs);
	}
}

void rr_bulk_reg(struct rr_bulk *bulk, struct rr_buf *buf)
{
	if (bulk->request.len)
		rr_region_reg(&bulk->request.region, &buf->works);
	if (bulk->reply.len)
		rr_region_reg(&bulk->reply.region, &buf->works);
	buf->nr_works = bulk_nr_segs(bulk);
}

static bool side_has_key(const struct rr_bulk_side *side, u32 key)
{
	return side->len && rr_region_has_key(&side->region, key);
}

bool rr_bulk_has_key(const struct rr_bulk *bulk, u32 key)
{
	return side_has_key(&bulk->request, key) || side_has_key(&bulk->reply, key);
}

void rr_bulk_fence(struct rr_bulk *bulk, const u32 *inv)
{
	struct rr_conn *conn = bulk->conn;
	LIST_HEAD(works);
	bool keyed;

	/* A reply that comes too early finds the keys' requests posted, or not begun with. */
	spin_lock_bh(&conn->lock);
	bulk->nr_keyed = 0;
	if (bulk->request.len)
		bulk->nr_keyed += rr_region_inv(&bulk->request.region, request_fenced, inv, &works);
	if (bulk->reply.len)
		bulk->nr_keyed += rr_region_inv(&bulk->reply.region, reply_fenced, inv, &works);
	keyed = bulk->nr_keyed;
	rr_conn_works(conn, &works);
	spin_unlock_bh(&conn->lock);
	if (!keyed)
		bulk->fenced(bulk->owner);
}

void rr_bulk_unmap(struct rr_bulk *bulk)
{
	rr_region_unmap(&bulk->request.region);
	rr_region_unmap(&bulk->reply.region);
}

int rr_bulk_take_reply(struct rr_bulk *bulk, size_t len, struct iov_iter *to)
{
	if (bulk->reply.pages && bulk->reply.pages->ours)
		return rr_pages_copy_to(bulk->reply.pages, len, to) == len ? 0 : -EFAULT;
	iov_iter_advance(to, len);
	return 0;
}

void rr_bulk_free(struct rr_bulk *bulk)
{
	if (!bulk)
		return;
	rr_bulk_unmap(bulk);
	rr_buffer_map_put(bulk->request.map);
	rr_buffer_map_put(bulk->reply.map);
	rr_pages_free(bulk->request.pages);
	rr_pages_free(bulk->reply.pages);
	rr_conn_bulk_put(bulk->conn, bulk->cost);
	kfree(bulk);
}
