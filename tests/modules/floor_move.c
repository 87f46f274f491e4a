// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* READs and WRITEs between registered pages. */
#include <linux/err.h>

#include "floor.h"

/* ---- registered pages ---- */

static void region_free(struct floor_region *r)
{
	struct ib_device *device = r->end ? r->end->id->device : NULL;

	while (r->nr_mrs)
		ib_dereg_mr(r->mrs[--r->nr_mrs].mr);
	kvfree(r->mrs);
	if (r->mapped)
		ib_dma_unmap_sgtable_attrs(device, &r->sgt, r->dir, 0);
	sg_free_table(&r->sgt);
	bench_mem_free(&r->mem);
}

static int region_map(struct floor_region *r)
{
	struct scatterlist *sg;
	int i, err;

	err = sg_alloc_table(&r->sgt, r->mem.nr, GFP_KERNEL);
	if (err)
		return err;
	for_each_sgtable_sg(&r->sgt, sg, i)
		sg_set_page(sg, r->mem.bv[i].bv_page, r->mem.bv[i].bv_len, 0);
	err = ib_dma_map_sgtable_attrs(r->end->id->device, &r->sgt, r->dir, 0);
	r->mapped = !err;
	return err;
}

static int region_mrs(struct floor_region *r)
{
	struct scatterlist *sg = r->sgt.sgl;
	u32 left, i;

	r->mrs = kvcalloc(DIV_ROUND_UP(r->mem.nr, FLOOR_MR_PAGES), sizeof(*r->mrs), GFP_KERNEL);
	if (!r->mrs)
		return -ENOMEM;
	for (left = r->mem.nr; left; left -= i) {
		struct floor_mr *mr = &r->mrs[r->nr_mrs];

		mr->mr = ib_alloc_mr(r->end->pd, IB_MR_TYPE_MEM_REG, FLOOR_MR_PAGES);
		if (IS_ERR(mr->mr))
			return PTR_ERR(mr->mr);
		r->nr_mrs++;
		mr->sg = sg;
		mr->nr = min(left, FLOOR_MR_PAGES);
		for (i = 0; i < mr->nr; i++)
			sg = sg_next(sg);
	}
	return 0;
}

static int region_make(struct floor_region *r, struct floor_end *end, size_t size,
		       enum dma_data_direction dir, int access)
{
	int err = bench_mem_alloc(&r->mem, size);

	r->end = end;
	r->dir = dir;
	r->access = access;
	return err ?: region_map(r) ?: region_mrs(r);
}

/* Appended at @tail: what makes a new key valid, and the last one invalid. */
static struct ib_send_wr **region_rekey(struct floor_region *r, struct ib_cqe *cqe,
					struct ib_send_wr **tail)
{
	struct floor_mr *mr;
	int n;

	for (mr = r->mrs; mr < r->mrs + r->nr_mrs; mr++) {
		if (r->valid) {
			mr->inv = (struct ib_send_wr) {
				.wr_cqe = cqe,
				.opcode = IB_WR_LOCAL_INV,
				.ex.invalidate_rkey = mr->mr->rkey,
			};
			*tail = &mr->inv;
			tail = &mr->inv.next;
			ib_update_fast_reg_key(mr->mr, mr->mr->rkey + 1);
		}
		n = ib_map_mr_sg(mr->mr, mr->sg, mr->nr, NULL, PAGE_SIZE);
		if (n != mr->nr)
			return ERR_PTR(-EIO);
		mr->reg = (struct ib_reg_wr) {
			.wr.wr_cqe = cqe,
			.wr.opcode = IB_WR_REG_MR,
			.mr = mr->mr,
			.key = mr->mr->rkey,
			.access = r->access,
		};
		*tail = &mr->reg.wr;
		tail = &mr->reg.wr.next;
	}
	r->valid = true;
	return tail;
}

/* ---- READs and WRITEs ---- */

/* What is posted unsignalled is told of only when it fails; what is last is then, too. */
static struct ib_send_wr *chain_last(struct ib_send_wr *first, struct ib_cqe *cqe)
{
	struct ib_send_wr *wr = first;

	while (wr->next)
		wr = wr->next;
	wr->wr_cqe = cqe;
	wr->send_flags = IB_SEND_SIGNALED;
	return first;
}

static void slot_keys(struct floor_slot *s)
{
	struct floor_chunk *c;
	size_t at = 0;

	for (c = s->chunks; c < s->chunks + s->nr_chunks; c++, at += FLOOR_CHUNK) {
		c->sge.lkey = s->here.mrs[at / (FLOOR_MR_PAGES * PAGE_SIZE)].mr->lkey;
		c->wr.rkey = s->there.mrs[at / (FLOOR_MR_PAGES * PAGE_SIZE)].mr->rkey;
	}
}

/* Both ends' memory is registered, or this end's is with it. */
static int slot_move(struct floor_slot *s)
{
	struct ib_send_wr *first = NULL, **tail = &first;

	if (s->f->each) {
		tail = region_rekey(&s->here, &floor_unsignalled, tail);
		if (IS_ERR(tail))
			return PTR_ERR(tail);
		slot_keys(s);
	}
	*tail = &s->chunks->wr.wr;
	return ib_post_send(s->f->active.id->qp, first, NULL);
}

static int slot_begin(struct floor_slot *s)
{
	struct ib_send_wr *first = NULL, **tail = &first;

	s->start = ktime_get_ns();
	if (!s->f->each)
		return slot_move(s);
	tail = region_rekey(&s->there, &floor_unsignalled, tail);
	if (IS_ERR(tail))
		return PTR_ERR(tail);
	*tail = NULL;
	return ib_post_send(s->f->passive.id->qp, chain_last(first, &s->registered), NULL);
}

static void slot_registered(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_slot *s = container_of(wc->wr_cqe, struct floor_slot, registered);
	int err = wc->status ? -EIO : slot_move(s);

	/* The other end's completions do not come while this one's fail. */
	if (err) {
		s->f->err = err;
		complete(&s->f->done);
	}
}

/* Return: whether a slot is to do it once more. */
static bool slot_again(struct floor *f)
{
	bool again = f->left;

	if (f->beside)
		return !READ_ONCE(f->over);
	f->left -= again;
	return again;
}

static void slot_moved(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_slot *s = container_of(wc->wr_cqe, struct floor_slot, moved);
	struct floor *f = s->f;
	int err = wc->status ? -EIO : 0;

	if (!err && !f->beside)
		bench_times_add(&f->times, s->start, ktime_get_ns(), f->size);
	if (!err && slot_again(f)) {
		err = slot_begin(s);
		if (!err)
			return;
	}
	floor_end_one(f, err);
}

static int slot_chunks(struct floor_slot *s)
{
	struct floor *f = s->f;
	size_t at = 0, in_mr;
	struct floor_mr *here, *there;
	u32 i;

	s->nr_chunks = DIV_ROUND_UP(f->size, FLOOR_CHUNK);
	s->chunks = kvcalloc(s->nr_chunks, sizeof(*s->chunks), GFP_KERNEL);
	if (!s->chunks)
		return -ENOMEM;
	for (i = 0; i < s->nr_chunks; i++, at += FLOOR_CHUNK) {
		struct floor_chunk *c = &s->chunks[i];
		bool last = i == s->nr_chunks - 1;

		in_mr = at % (FLOOR_MR_PAGES * PAGE_SIZE);
		here = &s->here.mrs[at / (FLOOR_MR_PAGES * PAGE_SIZE)];
		there = &s->there.mrs[at / (FLOOR_MR_PAGES * PAGE_SIZE)];
		c->sge.addr = here->mr->iova + in_mr;
		c->sge.length = min_t(size_t, f->size - at, FLOOR_CHUNK);
		c->wr.remote_addr = there->mr->iova + in_mr;
		c->wr.wr.next = last ? NULL : &s->chunks[i + 1].wr.wr;
		c->wr.wr.wr_cqe = last ? &s->moved : &floor_unsignalled;
		c->wr.wr.send_flags = last ? IB_SEND_SIGNALED : 0;
		c->wr.wr.sg_list = &c->sge;
		c->wr.wr.num_sge = 1;
		c->wr.wr.opcode = f->op == FLOOR_WRITE ? IB_WR_RDMA_WRITE : IB_WR_RDMA_READ;
	}
	slot_keys(s);
	return 0;
}

struct floor_wait {
	struct ib_cqe cqe;
	struct completion done;
	int status;
};

static void wait_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_wait *w = container_of(wc->wr_cqe, struct floor_wait, cqe);

	w->status = wc->status;
	complete(&w->done);
}

static int region_register(struct floor_region *r)
{
	struct floor_wait w = { .cqe.done = wait_done };
	struct ib_send_wr *first = NULL, **tail;
	int err;

	init_completion(&w.done);
	tail = region_rekey(r, &floor_unsignalled, &first);
	if (IS_ERR(tail))
		return PTR_ERR(tail);
	*tail = NULL;
	err = ib_post_send(r->end->id->qp, chain_last(first, &w.cqe), NULL);
	if (err)
		return err;
	/* It is on this stack, and so is waited for as long as it takes. */
	while (floor_await(r->end->f, &w.done))
		;
	return w.status ? -EIO : 0;
}

static int slot_make(struct floor *f, struct floor_slot *s)
{
	bool iwarp = rdma_protocol_iwarp(f->active.id->device, f->active.id->port_num);
	bool write = f->op == FLOOR_WRITE;
	/* iWARP's READ is a WRITE of the other end's. */
	int sink = IB_ACCESS_LOCAL_WRITE | (write || iwarp ? IB_ACCESS_REMOTE_WRITE : 0);
	int err;

	s->f = f;
	s->moved.done = slot_moved;
	s->registered.done = slot_registered;
	err = region_make(&s->here, &f->active, f->size,
			  write ? DMA_TO_DEVICE : DMA_FROM_DEVICE, write ? 0 : sink);
	err = err ?: region_make(&s->there, &f->passive, f->size,
				 write ? DMA_FROM_DEVICE : DMA_TO_DEVICE,
				 write ? sink : IB_ACCESS_REMOTE_READ);
	err = err ?: region_register(&s->here) ?: region_register(&s->there);
	if (err)
		return err;
	bench_mem_mark(write ? &s->here.mem : &s->there.mem, s - f->slots + 1);
	return slot_chunks(s);
}

void floor_slots_free(struct floor *f)
{
	u32 i;

	for (i = 0; f->slots && i < f->depth; i++) {
		region_free(&f->slots[i].here);
		region_free(&f->slots[i].there);
		kvfree(f->slots[i].chunks);
	}
	kvfree(f->slots);
}

int floor_slots_make(struct floor *f)
{
	u32 i;
	int err = 0;

	f->slots = kvcalloc(f->depth, sizeof(*f->slots), GFP_KERNEL);
	if (!f->slots)
		return -ENOMEM;
	for (i = 0; i < f->depth && !err; i++)
		err = slot_make(f, &f->slots[i]);
	return err;
}

int floor_slots_begin(struct floor *f)
{
	u32 n = f->beside ? f->depth : floor_at_once(f), i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = slot_begin(&f->slots[i]);
	return err;
}

int floor_slots_check(struct floor *f)
{
	struct floor_slot *s;

	for (s = f->slots; s < f->slots + floor_at_once(f); s++)
		if (!bench_mem_marked(f->op == FLOOR_WRITE ? &s->there.mem : &s->here.mem,
				      s - f->slots + 1))
			return -EBADMSG;
	return 0;
}
