// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "region.h"

#include <linux/container_of.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>

/* What one object covers at most, so that connections of all devices cost alike. */
#define RR_MR_PAGES	256

/* Objects that are kept though nobody has used them for RR_MR_IDLE. */
#define RR_MR_KEEP	8
#define RR_MR_IDLE	HZ

/* ---- objects ---- */

static void set_trim(struct work_struct *work);

void rr_mr_set_init(struct rr_mr_set *set, struct ib_pd *pd,
		    void (*done)(struct ib_cq *cq, struct ib_wc *wc))
{
	set->done = done;
	spin_lock_init(&set->lock);
	set->pd = pd;
	set->pages = min_t(u32, pd->device->attrs.max_fast_reg_page_list_len, RR_MR_PAGES);
	INIT_LIST_HEAD(&set->free);
	INIT_LIST_HEAD(&set->all);
	INIT_LIST_HEAD(&set->regions);
	init_waitqueue_head(&set->rests);
	set->nr_free = 0;
	set->nr_idle = 0;
	set->nr_busy = 0;
	set->closed = false;
	INIT_DELAYED_WORK(&set->trim_work, set_trim);
}

u32 rr_mr_set_max_bulk(const struct rr_mr_set *set)
{
	/* Half of the segments for each direction; both ends may be in mid-page. */
	return (RR_MAX_SEGS / 2 * set->pages - 1) * PAGE_SIZE;
}

u32 rr_mr_set_mrs(const struct rr_mr_set *set, u32 len)
{
	/* Both ends may be in mid-page, so there may be a page more. */
	return DIV_ROUND_UP(PAGE_ALIGN(len) + PAGE_SIZE, set->pages * PAGE_SIZE);
}

u32 rr_mr_set_works(const struct rr_mr_set *set, u32 max_bulk)
{
	return max_bulk ? 2 * rr_mr_set_mrs(set, max_bulk) : 0;
}

static void mr_work_init(struct rr_mr_work *work, struct rr_mr *mr, struct ib_send_wr *wr,
			 bool fences)
{
	work->mr = mr;
	work->fences = fences;
	work->work.cqe.done = mr->set->done;
	work->work.wr = wr;
}

static struct rr_mr *mr_create(struct rr_mr_set *set)
{
	struct rr_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);

	if (!mr)
		return NULL;
	mr->sgt.sgl = kvmalloc_array(set->pages, sizeof(*mr->sgt.sgl), GFP_KERNEL);
	if (!mr->sgt.sgl)
		goto err_free;
	sg_init_table(mr->sgt.sgl, set->pages);
	mr->mr = ib_alloc_mr(set->pd, IB_MR_TYPE_MEM_REG, set->pages);
	if (IS_ERR(mr->mr))
		goto err_sg;
	INIT_LIST_HEAD(&mr->link);
	mr->set = set;
	mr_work_init(&mr->reg_work, mr, &mr->reg.wr, false);
	mr_work_init(&mr->inv_work, mr, &mr->inv, true);
	spin_lock_bh(&set->lock);
	list_add_tail(&mr->all, &set->all);
	spin_unlock_bh(&set->lock);
	return mr;

err_sg:
	kvfree(mr->sgt.sgl);
err_free:
	kfree(mr);
	return NULL;
}

static void mr_destroy(struct rr_mr *mr)
{
	ib_dereg_mr(mr->mr);
	kvfree(mr->sgt.sgl);
	kfree(mr);
	/* There may be thousands of a large payload's. */
	cond_resched();
}

static struct rr_mr *mr_get(struct rr_mr_set *set)
{
	struct rr_mr *mr;

	spin_lock_bh(&set->lock);
	mr = list_first_entry_or_null(&set->free, struct rr_mr, link);
	if (mr) {
		list_del_init(&mr->link);
		set->nr_free--;
		set->nr_idle = min(set->nr_idle, set->nr_free);
	}
	spin_unlock_bh(&set->lock);
	return mr ?: mr_create(set);
}

static void set_trim_later(struct rr_mr_set *set)
{
	lockdep_assert_held(&set->lock);
	if (set->nr_free > RR_MR_KEEP && !set->closed)
		schedule_delayed_work(&set->trim_work, RR_MR_IDLE);
}

/* Nobody uses @region's objects any more. */
static void set_put(struct rr_mr_set *set, struct rr_region *region)
{
	lockdep_assert_held(&set->lock);
	list_splice_init(&region->mrs, &set->free);
	set->nr_free += region->nr_mrs;
	set_trim_later(set);
}

/* That its key was made valid may be told long after its call has been answered. */
static bool mr_told(const struct rr_mr *mr)
{
	/* Pairs with rr_conn_work_done(). */
	return !smp_load_acquire(&mr->reg_work.work.nr_posted);
}

static void set_trim(struct work_struct *work)
{
	struct rr_mr_set *set = container_of(work, struct rr_mr_set, trim_work.work);
	struct rr_mr *mr, *tmp;
	LIST_HEAD(idle);

	spin_lock_bh(&set->lock);
	list_for_each_entry_safe_reverse(mr, tmp, &set->free, link) {
		if (set->nr_idle <= RR_MR_KEEP)
			break;
		if (!mr_told(mr))
			continue;
		list_move(&mr->link, &idle);
		list_del(&mr->all);
		set->nr_idle--;
		set->nr_free--;
	}
	set->nr_idle = set->nr_free;
	set_trim_later(set);
	spin_unlock_bh(&set->lock);
	list_for_each_entry_safe(mr, tmp, &idle, link)
		mr_destroy(mr);
}

/* ---- an object's part of a payload ---- */

/* A key that the peer cannot know from those before. */
static void mr_new_key(struct ib_mr *mr)
{
	u8 old = mr->rkey;

	ib_update_fast_reg_key(mr, old + 1 + get_random_u32() % 255);
}

/* For what the device finds at its entries. */
static int mr_key(struct rr_mr *mr, int access)
{
	int n = ib_map_mr_sg(mr->mr, mr->sgt.sgl, mr->sgt.nents, NULL, PAGE_SIZE);

	if (n != mr->sgt.nents)
		return n < 0 ? n : -EIO;
	mr_new_key(mr->mr);
	mr->reg = (struct ib_reg_wr) {
		.wr.wr_cqe = &mr->reg_work.work.cqe,
		.wr.send_flags = IB_SEND_SIGNALED,
		.wr.opcode = IB_WR_REG_MR,
		.mr = mr->mr,
		.key = mr->mr->rkey,
		.access = access,
	};
	mr->inv = (struct ib_send_wr) {
		.wr_cqe = &mr->inv_work.work.cqe,
		.send_flags = IB_SEND_SIGNALED,
		.opcode = IB_WR_LOCAL_INV,
		.ex.invalidate_rkey = mr->mr->rkey,
	};
	return 0;
}

/* Nothing of what an entry was used for before is left, but that its list ends there. */
static void sg_reset(struct scatterlist *sg)
{
	*sg = (struct scatterlist) { .page_link = sg->page_link & SG_END };
}

static void sg_fill(struct scatterlist *sg, const struct bio_vec *bv)
{
	sg_reset(sg);
	sg_set_page(sg, bv->bv_page, bv->bv_len, bv->bv_offset);
}

static int mr_map(struct rr_mr *mr, const struct bio_vec *bv, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		sg_fill(&mr->sgt.sgl[i], &bv[i]);
	mr->sgt.orig_nents = nr;
	return ib_dma_map_sgtable_attrs(mr->set->pd->device, &mr->sgt, mr->region->dir, 0);
}

static void mr_unmap(struct rr_mr *mr)
{
	ib_dma_unmap_sgtable_attrs(mr->set->pd->device, &mr->sgt, mr->region->dir, 0);
}

/* Where a part begins that is yet to be covered: @at bytes into @sg. */
struct part_cursor {
	struct scatterlist *sg;
	size_t at;
	size_t left;
};

/* Entries with nothing but what the device sees, of as much as an object can cover. */
static void mr_take(struct rr_mr *mr, struct part_cursor *from)
{
	size_t into = offset_in_page(sg_dma_address(from->sg) + from->at);
	size_t len = min(from->left, mr->set->pages * PAGE_SIZE - into), n;
	struct scatterlist *to = mr->sgt.sgl;

	from->left -= len;
	for (; len; len -= n, to++) {
		n = min_t(size_t, len, sg_dma_len(from->sg) - from->at);
		sg_reset(to);
		sg_dma_address(to) = sg_dma_address(from->sg) + from->at;
		sg_dma_len(to) = n;
		from->at += n;
		if (from->at == sg_dma_len(from->sg)) {
			from->at = 0;
			from->sg++;
		}
	}
	mr->sgt.nents = to - mr->sgt.sgl;
}

static void mr_sync_for_device(struct rr_mr *mr)
{
	struct ib_device *device = mr->set->pd->device;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&mr->sgt, sg, i)
		ib_dma_sync_single_for_device(device, sg_dma_address(sg), sg_dma_len(sg),
					      mr->region->dir);
}

static void mr_sync_for_cpu(struct rr_mr *mr)
{
	struct ib_device *device = mr->set->pd->device;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&mr->sgt, sg, i)
		ib_dma_sync_single_for_cpu(device, sg_dma_address(sg), sg_dma_len(sg),
					   mr->region->dir);
}

/* ---- regions ---- */

/* Return: one more of its objects, that covers nothing yet. */
static struct rr_mr *region_mr(struct rr_region *region)
{
	struct rr_mr *mr = mr_get(region->set);

	if (!mr)
		return NULL;
	mr->region = region;
	mr->sgt.nents = 0;
	mr->sgt.orig_nents = 0;
	list_add_tail(&mr->link, &region->mrs);
	region->nr_mrs++;
	return mr;
}

/* The device no longer knows the pages. */
static void region_release(struct rr_region *region)
{
	struct rr_mr *mr;

	if (region->sgt.sgl)
		ib_dma_unmap_sgtable_attrs(region->set->pd->device, &region->sgt, region->dir, 0);
	list_for_each_entry(mr, &region->mrs, link) {
		if (region->whole)
			mr_sync_for_cpu(mr);
		else if (mr->sgt.nents)
			mr_unmap(mr);
	}
}

static bool set_enter(struct rr_mr_set *set)
{
	bool open;

	spin_lock_bh(&set->lock);
	open = !set->closed;
	set->nr_busy += open;
	spin_unlock_bh(&set->lock);
	return open;
}

static void set_leave(struct rr_mr_set *set)
{
	lockdep_assert_held(&set->lock);
	if (!--set->nr_busy)
		wake_up(&set->rests);
}

static int region_map(struct rr_region *region, const struct rr_pages *pages, int access)
{
	struct rr_mr *mr;
	u32 i, n;
	int err;

	for (i = 0; i < pages->nr; i += n) {
		n = min(pages->nr - i, region->set->pages);
		mr = region_mr(region);
		if (!mr)
			return -ENOMEM;
		cond_resched();
		err = mr_map(mr, &pages->bv[i], n) ?: mr_key(mr, access);
		if (err)
			return err;
	}
	return 0;
}

static struct scatterlist *whole_sg(const struct rr_pages *pages)
{
	struct scatterlist *sg;
	u32 i;

	sg = kvmalloc_array(pages->nr, sizeof(*sg),
			    GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!sg)
		return NULL;
	sg_init_table(sg, pages->nr);
	for (i = 0; i < pages->nr; i++) {
		rr_pages_pause(i);
		sg_fill(&sg[i], &pages->bv[i]);
	}
	return sg;
}

static int region_map_whole(struct rr_region *whole, const struct rr_pages *pages)
{
	struct sg_table sgt = { whole_sg(pages), pages->nr, pages->nr };
	int err;

	if (!sgt.sgl)
		return -ENOMEM;
	err = ib_dma_map_sgtable_attrs(whole->set->pd->device, &sgt, whole->dir, 0);
	if (err)
		kvfree(sgt.sgl);
	else
		whole->sgt = sgt;
	return err;
}

/* Where the @at-th byte of @whole is. */
static struct part_cursor whole_seek(const struct rr_region *whole, size_t at)
{
	struct scatterlist *sg = whole->sgt.sgl;

	/* Where none have become one for the device, it is a page each but for the first. */
	if (whole->sgt.nents == whole->sgt.orig_nents && at >= sg_dma_len(sg)) {
		at -= sg_dma_len(sg);
		sg += 1 + at / PAGE_SIZE;
		at %= PAGE_SIZE;
	}
	for (; at >= sg_dma_len(sg); sg++)
		at -= sg_dma_len(sg);
	return (struct part_cursor) { .sg = sg, .at = at };
}

static int region_map_part(struct rr_region *part, size_t at, size_t len, int access)
{
	struct part_cursor from = whole_seek(part->whole, at);
	struct rr_mr *mr;
	int err;

	for (from.left = len; from.left;) {
		mr = region_mr(part);
		if (!mr)
			return -ENOMEM;
		cond_resched();
		mr_take(mr, &from);
		mr_sync_for_device(mr);
		err = mr_key(mr, access);
		if (err)
			return err;
	}
	return 0;
}

/* Return: whether the connection is still there: then region_mapped() follows. */
static bool region_init(struct rr_region *region, struct rr_mr_set *set,
			enum dma_data_direction dir)
{
	*region = (struct rr_region) { .set = set, .dir = dir };
	INIT_LIST_HEAD(&region->mrs);
	return set_enter(set);
}

static int region_mapped(struct rr_region *region, int err)
{
	struct rr_mr_set *set = region->set;

	if (err)
		region_release(region);
	spin_lock_bh(&set->lock);
	if (err) {
		set_put(set, region);
		region->set = NULL;
	} else {
		list_add_tail(&region->link, &set->regions);
		region->mapped = true;
	}
	set_leave(set);
	spin_unlock_bh(&set->lock);
	return err;
}

int rr_region_map(struct rr_region *region, struct rr_mr_set *set, struct rr_pages *pages,
		  enum dma_data_direction dir, int access)
{
	if (!region_init(region, set, dir))
		return -ENOTCONN;
	return region_mapped(region, region_map(region, pages, access));
}

int rr_region_map_whole(struct rr_region *whole, struct rr_mr_set *set, struct rr_pages *pages)
{
	if (!region_init(whole, set, DMA_BIDIRECTIONAL))
		return -ENOTCONN;
	return region_mapped(whole, region_map_whole(whole, pages));
}

int rr_region_map_part(struct rr_region *region, const struct rr_region *whole, size_t at,
		       size_t len, enum dma_data_direction dir, int access)
{
	if (!region_init(region, whole->set, dir))
		return -ENOTCONN;
	region->whole = whole;
	return region_mapped(region, region_map_part(region, at, len, access));
}

void rr_region_unmap(struct rr_region *region)
{
	struct rr_mr_set *set = region->set;
	bool mapped;

	if (!set)
		return;
	spin_lock_bh(&set->lock);
	mapped = region->mapped;
	region->mapped = false;
	if (mapped) {
		list_del(&region->link);
		set->nr_busy++;
	}
	spin_unlock_bh(&set->lock);
	if (mapped) {
		region_release(region);
		spin_lock_bh(&set->lock);
		set_put(set, region);
		set_leave(set);
		spin_unlock_bh(&set->lock);
	}
	kvfree(region->sgt.sgl);
	region->set = NULL;
}

static bool set_rests(struct rr_mr_set *set)
{
	bool rests;

	spin_lock_bh(&set->lock);
	rests = !set->nr_busy;
	spin_unlock_bh(&set->lock);
	return rests;
}

static void set_unmap_all(struct rr_mr_set *set)
{
	struct rr_region *region;

	spin_lock_bh(&set->lock);
	/*
	 * Under the lock, so that an owner who finds it unmapped may free its pages; and the
	 * last first, for parts come after what they are of.
	 */
	while (!list_empty(&set->regions)) {
		region = list_last_entry(&set->regions, struct rr_region, link);
		list_del(&region->link);
		region->mapped = false;
		set_put(set, region);
		region_release(region);
	}
	spin_unlock_bh(&set->lock);
}

void rr_mr_set_close(struct rr_mr_set *set)
{
	struct rr_mr *mr, *tmp;

	spin_lock_bh(&set->lock);
	set->closed = true;
	spin_unlock_bh(&set->lock);
	/* As long as it takes to map or to unmap one; nobody begins to map another. */
	wait_event(set->rests, set_rests(set));
	set_unmap_all(set);
	wait_event(set->rests, set_rests(set));
	cancel_delayed_work_sync(&set->trim_work);
	list_for_each_entry_safe(mr, tmp, &set->all, all)
		mr_destroy(mr);
}

/* ---- work requests ---- */

void rr_region_reg(struct rr_region *region, struct list_head *works)
{
	struct rr_mr *mr;

	list_for_each_entry(mr, &region->mrs, link)
		list_add_tail(&mr->reg_work.work.link, works);
}

bool rr_region_inv(struct rr_region *region, void (*fenced)(struct rr_region *region),
		   const u32 *but, struct list_head *works)
{
	struct rr_mr *mr;

	region->fenced = fenced;
	region->nr_valid = 0;
	list_for_each_entry(mr, &region->mrs, link) {
		if (but && mr->mr->rkey == *but)
			continue;
		list_add_tail(&mr->inv_work.work.link, works);
		region->nr_valid++;
	}
	return region->nr_valid;
}

bool rr_region_has_key(const struct rr_region *region, u32 key)
{
	struct rr_mr *mr;

	list_for_each_entry(mr, &region->mrs, link)
		if (mr->mr->rkey == key)
			return true;
	return false;
}

void rr_mr_done(struct rr_mr_work *work)
{
	struct rr_region *region = work->mr->region;

	if (!--region->nr_valid)
		region->fenced(region);
}

unsigned int rr_region_segs(const struct rr_region *region, void *msg, unsigned int i)
{
	struct rr_seg seg;
	struct rr_mr *mr;

	list_for_each_entry(mr, &region->mrs, link) {
		seg = (struct rr_seg) {
			.addr = mr->mr->iova,
			.rkey = mr->mr->rkey,
			.len = mr->mr->length,
		};
		rr_wire_put_seg(msg, i++, &seg);
	}
	return i;
}
