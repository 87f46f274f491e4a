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
	/* Half of the segments for each direction, one of them for what is not aligned. */
	return (RR_MAX_SEGS / 2 - 1) * (set->pages - 1) * PAGE_SIZE;
}

u32 rr_mr_set_mrs(const struct rr_mr_set *set, u32 len)
{
	/*
	 * Both ends may be in mid-page, so there may be a page more; and where entries of
	 * several pages are cut, an object covers a page less than it could.
	 */
	return DIV_ROUND_UP(len, (set->pages - 1) * PAGE_SIZE) + 1;
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
	mr->mr = ib_alloc_mr(set->pd, IB_MR_TYPE_MEM_REG, set->pages);
	if (IS_ERR(mr->mr)) {
		kfree(mr);
		return NULL;
	}
	INIT_LIST_HEAD(&mr->link);
	mr->set = set;
	mr_work_init(&mr->reg_work, mr, &mr->reg.wr, false);
	mr_work_init(&mr->inv_work, mr, &mr->inv, true);
	spin_lock_bh(&set->lock);
	list_add_tail(&mr->all, &set->all);
	spin_unlock_bh(&set->lock);
	return mr;
}

static void mr_destroy(struct rr_mr *mr)
{
	ib_dereg_mr(mr->mr);
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

/* ---- regions ---- */

static int region_sg(struct rr_region *region, const struct rr_pages *pages)
{
	struct scatterlist *sg;
	u32 i;
	int err;

	err = sg_alloc_table(&region->sgt, pages->nr, GFP_KERNEL);
	if (err)
		return err;
	for_each_sgtable_sg(&region->sgt, sg, i) {
		rr_pages_pause(i);
		sg_set_page(sg, pages->bv[i].bv_page, pages->bv[i].bv_len,
			    pages->bv[i].bv_offset);
	}
	return 0;
}

static int whole_sg(struct rr_region *whole, const struct rr_pages *pages)
{
	struct scatterlist *sg;
	u32 i;

	sg = kvmalloc_array(pages->nr, sizeof(*sg),
			    GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!sg)
		return -ENOMEM;
	sg_init_table(sg, pages->nr);
	for (i = 0; i < pages->nr; i++) {
		rr_pages_pause(i);
		sg_set_page(&sg[i], pages->bv[i].bv_page, pages->bv[i].bv_len,
			    pages->bv[i].bv_offset);
	}
	whole->sgt = (struct sg_table) { sg, pages->nr, pages->nr };
	whole->flat = true;
	return 0;
}

static void region_free_sg(struct rr_region *region)
{
	if (region->flat)
		kvfree(region->sgt.sgl);
	else
		sg_free_table(&region->sgt);
}

/* Return: the entry that has the @at-th byte, *@at then being counted from there. */
static struct scatterlist *whole_seek(const struct rr_region *whole, size_t *at)
{
	struct scatterlist *sg = whole->sgt.sgl;

	/* Where none have become one for the device, it is a page each but for the first. */
	if (whole->sgt.nents == whole->sgt.orig_nents && *at >= sg_dma_len(sg)) {
		*at -= sg_dma_len(sg);
		sg += 1 + *at / PAGE_SIZE;
		*at %= PAGE_SIZE;
	}
	for (; *at >= sg_dma_len(sg); sg++)
		*at -= sg_dma_len(sg);
	return sg;
}

/* Entries with nothing but what the device sees. */
static int part_sg(struct rr_region *part, size_t at, size_t len)
{
	struct scatterlist *from = whole_seek(part->whole, &at), *to;
	size_t n;
	int err;

	/* Both ends may be in mid-page. */
	err = sg_alloc_table(&part->sgt, DIV_ROUND_UP(len, PAGE_SIZE) + 1, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	part->sgt.nents = 0;
	for (to = part->sgt.sgl; len; len -= n, at = 0, from++, to = sg_next(to)) {
		n = min_t(size_t, len, sg_dma_len(from) - at);
		rr_pages_pause(part->sgt.nents);
		sg_dma_address(to) = sg_dma_address(from) + at;
		sg_dma_len(to) = n;
		part->sgt.nents++;
	}
	return 0;
}

static void part_sync_for_device(struct rr_region *part)
{
	struct ib_device *device = part->set->pd->device;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&part->sgt, sg, i)
		ib_dma_sync_single_for_device(device, sg_dma_address(sg), sg_dma_len(sg),
					      part->dir);
}

static void part_sync_for_cpu(struct rr_region *part)
{
	struct ib_device *device = part->set->pd->device;
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&part->sgt, sg, i)
		ib_dma_sync_single_for_cpu(device, sg_dma_address(sg), sg_dma_len(sg), part->dir);
}

/* A key that the peer cannot know from those before. */
static void mr_new_key(struct ib_mr *mr)
{
	u8 old = mr->rkey;

	ib_update_fast_reg_key(mr, old + 1 + get_random_u32() % 255);
}

/*
 * Return: how many of the @nr entries from @offset bytes into @sg on its object covers
 * whole, *@offset then being how much of the next one; or an error.
 */
static int mr_map(struct rr_mr *mr, struct scatterlist *sg, u32 nr, unsigned int *offset,
		  int access)
{
	unsigned int was = *offset;
	int n = ib_map_mr_sg(mr->mr, sg, nr, offset, PAGE_SIZE);

	if (n < 0 || (!n && *offset == was))
		return n ?: -EIO;
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
	return n;
}

static int region_keys(struct rr_region *region, int access)
{
	struct scatterlist *sg = region->sgt.sgl;
	u32 left = region->sgt.nents;
	unsigned int offset = 0;
	struct rr_mr *mr;
	int n;

	while (left) {
		mr = mr_get(region->set);
		if (!mr)
			return -ENOMEM;
		cond_resched();
		mr->region = region;
		list_add_tail(&mr->link, &region->mrs);
		region->nr_mrs++;
		n = mr_map(mr, sg, min(left, region->set->pages), &offset, access);
		if (n < 0)
			return n;
		for (left -= n; n; n--)
			sg = sg_next(sg);
	}
	return 0;
}

/* The device no longer knows the pages. */
static void region_release(struct rr_region *region)
{
	if (region->whole)
		part_sync_for_cpu(region);
	else
		ib_dma_unmap_sgtable_attrs(region->set->pd->device, &region->sgt, region->dir, 0);
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

static int region_dma_map(struct rr_region *region)
{
	return ib_dma_map_sgtable_attrs(region->set->pd->device, &region->sgt, region->dir, 0);
}

static int region_map(struct rr_region *region, const struct rr_pages *pages, int access)
{
	int err;

	err = region_sg(region, pages);
	if (err)
		return err;
	err = region_dma_map(region);
	if (err)
		goto err_table;
	err = region_keys(region, access);
	if (err)
		goto err_map;
	return 0;

err_map:
	region_release(region);
err_table:
	sg_free_table(&region->sgt);
	return err;
}

static int region_map_whole(struct rr_region *whole, const struct rr_pages *pages)
{
	int err;

	err = whole_sg(whole, pages);
	if (err)
		return err;
	err = region_dma_map(whole);
	if (err)
		region_free_sg(whole);
	return err;
}

static int region_map_part(struct rr_region *part, size_t at, size_t len, int access)
{
	int err;

	err = part_sg(part, at, len);
	if (err)
		return err;
	err = region_keys(part, access);
	if (err)
		sg_free_table(&part->sgt);
	else
		part_sync_for_device(part);
	return err;
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
	region_free_sg(region);
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
