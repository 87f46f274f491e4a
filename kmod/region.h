/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Regions: pages that a connection's queue pair may touch, under keys that hold for
 * one transfer. The keys are those of memory registration (FRWR): a work request makes
 * a key valid, another one (LOCAL_INV) or the end of the queue pair makes it invalid,
 * and each use of a memory region object has a new key.
 *
 * The objects are the connection's and are used again; it makes as many as are needed
 * at a time, and frees those that nobody has used for a second, but for a few. What is
 * still mapped when it ends is unmapped then, after its queue pair is gone; so whoever has
 * a region must not free the pages before rr_region_unmap().
 */
#ifndef RR_REGION_H
#define RR_REGION_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

#include <uapi/rdmarpc.h>

#include "pages.h"
#include "wire.h"

/* The largest request or reply, where the device can. */
#define RR_MAX_BULK	((u32)RDMARPC_MAX_PAYLOAD)

/**
 * struct rr_work - a work request of a connection's that is no message
 * @link: among those to be posted
 * @cqe: its completion
 * @wr: what is posted, signalled
 * @nr_posted: completions that have not been taken (connection's lock)
 */
struct rr_work {
	struct list_head link;
	struct ib_cqe cqe;
	struct ib_send_wr *wr;
	u32 nr_posted;
};

struct rr_mr;
struct rr_mr_set;
struct rr_region;

/* One of the two requests of a memory region object; both may be under way. */
struct rr_mr_work {
	struct rr_work work;
	struct rr_mr *mr;
	bool fences;
};

/**
 * struct rr_mr - a memory region object of a connection's
 * @link: while nobody uses it; or in its region
 * @all: in rr_mr_set.all
 * @set: whose it is
 * @region: where it is in use
 * @mr: the verbs object
 * @sgt: what its key covers, with room for as many pages as it may: pages that are mapped
 *       for the device; or, of a part, what the device sees of them and nothing else
 * @reg, @reg_work: makes its key valid
 * @inv, @inv_work: makes it invalid
 */
struct rr_mr {
	struct list_head link;
	struct list_head all;
	struct rr_mr_set *set;
	struct rr_region *region;
	struct ib_mr *mr;
	struct sg_table sgt;
	struct rr_mr_work reg_work, inv_work;
	struct ib_reg_wr reg;
	struct ib_send_wr inv;
};

/**
 * struct rr_mr_set - the memory region objects of a connection
 * @lock: (bottom halves off) protects all below; nothing is taken inside it
 * @pd: whose
 * @pages: that one covers
 * @free: those that nobody uses, the last used first
 * @nr_free: how many
 * @nr_idle: there were never fewer since it was trimmed
 * @all: all
 * @regions: mapped ones
 * @nr_busy: regions that their owners are just mapping or unmapping
 * @rests: woken when there are none
 * @closed: the end of the connection has come this far
 * @trim_work: frees idle ones
 * @done: the connection's, of all work requests of these objects
 */
struct rr_mr_set {
	spinlock_t lock;
	struct ib_pd *pd;
	u32 pages;
	struct list_head free;
	u32 nr_free, nr_idle;
	struct list_head all;
	struct list_head regions;
	u32 nr_busy;
	wait_queue_head_t rests;
	bool closed;
	struct delayed_work trim_work;
	void (*done)(struct ib_cq *cq, struct ib_wc *wc);
};

void rr_mr_set_init(struct rr_mr_set *set, struct ib_pd *pd,
		    void (*done)(struct ib_cq *cq, struct ib_wc *wc));

/* What @done owes the object whose key this has made invalid, in the Poller. */
void rr_mr_done(struct rr_mr_work *work);

/* The queue pair is gone: unmaps what is mapped, frees all objects. May sleep. */
void rr_mr_set_close(struct rr_mr_set *set);

/* Return: the largest payload that as many segments as a CALL may have can describe. */
u32 rr_mr_set_max_bulk(const struct rr_mr_set *set);

/* Return: objects that a payload of @len bytes takes, at most. */
u32 rr_mr_set_mrs(const struct rr_mr_set *set, u32 len);

/* Return: what it costs its connection: bytes of whole pages, and a page for each object. */
static inline size_t rr_mr_set_cost(const struct rr_mr_set *set, u32 len)
{
	return PAGE_ALIGN(len) + rr_mr_set_mrs(set, len) * PAGE_SIZE;
}

/* Return: work requests for keys that a CALL may need at once, its request's and reply's. */
u32 rr_mr_set_works(const struct rr_mr_set *set, u32 max_bulk);

/**
 * struct rr_region - a mapped payload
 * @set: its connection's
 * @link: in rr_mr_set.regions while mapped
 * @mapped: it is, and has not been unmapped by the end of the connection
 * @sgt: of one that is mapped whole: where the device finds the pages
 * @whole: what it is a part of; NULL: it was mapped by itself
 * @dir: who writes
 * @mrs: its objects, in order
 * @nr_mrs: how many
 * @nr_valid: keys that have not been made invalid yet, once that has begun
 * @fenced: called when all of them are (Poller)
 */
struct rr_region {
	struct rr_mr_set *set;
	struct list_head link;
	bool mapped;
	struct sg_table sgt;
	const struct rr_region *whole;
	enum dma_data_direction dir;
	struct list_head mrs;
	u32 nr_mrs;
	u32 nr_valid;
	void (*fenced)(struct rr_region *region);
};

/**
 * rr_region_map - map a payload for the device and choose its keys
 * @region: to be filled in
 * @set: of the connection
 * @pages: the payload
 * @dir: DMA_TO_DEVICE: the device reads it; DMA_FROM_DEVICE: it writes
 * @access: IB_ACCESS_*
 *
 * No key is valid before the work requests of rr_region_reg() have been posted. They are
 * completed through rr_mr_set.done.
 * Context: may sleep.
 * Return: 0, ENOMEM, EIO the device cannot map it, ENOTCONN the connection has ended.
 */
int rr_region_map(struct rr_region *region, struct rr_mr_set *set, struct rr_pages *pages,
		  enum dma_data_direction dir, int access);

/*
 * Maps pages of which parts are to be used again and again, in either direction; it has
 * no keys. The same context and errors.
 */
int rr_region_map_whole(struct rr_region *whole, struct rr_mr_set *set, struct rr_pages *pages);

/*
 * rr_region_map() of @len bytes, 1 or more, from the @at-th on of what is mapped already, and
 * stays so until this is unmapped.
 */
int rr_region_map_part(struct rr_region *region, const struct rr_region *whole, size_t at,
		       size_t len, enum dma_data_direction dir, int access);

/*
 * The keys are invalid, or the queue pair is gone: the pages are their owner's again.
 * Any context but hard interrupt. For one that was never mapped it does nothing.
 */
void rr_region_unmap(struct rr_region *region);

/*
 * The work requests that make the keys valid, or invalid, added to @works in order;
 * @fenced is called when all of the latter are done. @but: a key that is invalid
 * already, or NULL. Return, of the latter: whether there are any.
 */
void rr_region_reg(struct rr_region *region, struct list_head *works);
bool rr_region_inv(struct rr_region *region, void (*fenced)(struct rr_region *region),
		   const u32 *but, struct list_head *works);

/* Return: whether @key is one of its. */
bool rr_region_has_key(const struct rr_region *region, u32 key);

/* Writes its segments into the message @msg from the @i-th on. Return: the next one's number. */
unsigned int rr_region_segs(const struct rr_region *region, void *msg, unsigned int i);

#endif /* RR_REGION_H */
