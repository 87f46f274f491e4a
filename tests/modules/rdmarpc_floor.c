// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The floor: what bare verbs cost, with both ends of one connection in this module. The
 * parameter "run" takes
 *
 *	read|write SIZE DEPTH COUNT [once|each]
 *	send SIZE DEPTH COUNT
 *
 * and makes COUNT operations of SIZE bytes, DEPTH at a time; "result" has the outcome.
 * A READ or WRITE goes in chunks as rdmarpc's do, posted in one chain of which the last
 * is signalled, between pages that are registered as there: once, before it begins; or
 * for each operation, both ends making a new key valid and the last one invalid. A
 * "send" is a SEND of that many bytes and another one back.
 */
#include <linux/err.h>
#include <linux/module.h>

#include "floor.h"

static bool workqueue;
module_param(workqueue, bool, 0644);
MODULE_PARM_DESC(workqueue, "take completions in a workqueue rather than a soft interrupt");

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

static void floor_end_one(struct floor *f, int err)
{
	if (err)
		f->err = err;
	if (!--f->running)
		complete(&f->done);
}

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

static void unsignalled_done(struct ib_cq *cq, struct ib_wc *wc)
{
}

static struct ib_cqe unsignalled = { .done = unsignalled_done };

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
		tail = region_rekey(&s->here, &unsignalled, tail);
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
	tail = region_rekey(&s->there, &unsignalled, tail);
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

static void slot_moved(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_slot *s = container_of(wc->wr_cqe, struct floor_slot, moved);
	struct floor *f = s->f;
	int err = wc->status ? -EIO : 0;

	if (!err)
		bench_times_add(&f->times, s->start, ktime_get_ns(), f->size);
	if (!err && f->left) {
		f->left--;
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
		c->wr.wr.wr_cqe = last ? &s->moved : &unsignalled;
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
	tail = region_rekey(r, &unsignalled, &first);
	if (IS_ERR(tail))
		return PTR_ERR(tail);
	*tail = NULL;
	err = ib_post_send(r->end->id->qp, chain_last(first, &w.cqe), NULL);
	if (err)
		return err;
	wait_for_completion(&w.done);
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

static void slots_free(struct floor *f)
{
	u32 i;

	for (i = 0; f->slots && i < f->depth; i++) {
		region_free(&f->slots[i].here);
		region_free(&f->slots[i].there);
		kvfree(f->slots[i].chunks);
	}
	kvfree(f->slots);
}

static int slots_make(struct floor *f)
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

static u32 floor_at_once(const struct floor *f)
{
	return min(f->depth, f->count);
}

static int slots_check(struct floor *f)
{
	struct floor_slot *s;

	for (s = f->slots; s < f->slots + floor_at_once(f); s++)
		if (!bench_mem_marked(f->op == FLOOR_WRITE ? &s->there.mem : &s->here.mem,
				      s - f->slots + 1))
			return -EBADMSG;
	return 0;
}

/* ---- SENDs ---- */

/* The @i-th row of an end's is received into, the @depth rows behind them are sent. */
static int msg_post_recv(struct floor_msg *m)
{
	struct floor *f = m->f;
	struct floor_end *end = m->end;
	struct ib_sge sge = {
		.addr = end->dma + (m - end->msgs) * f->size,
		.length = f->size,
		.lkey = end->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_cqe = &m->received,
		.sg_list = &sge,
		.num_sge = 1,
	};

	return ib_post_recv(end->id->qp, &wr, NULL);
}

static int msg_send(struct floor_msg *m)
{
	struct floor *f = m->f;
	struct floor_end *end = m->end;
	struct ib_sge sge = {
		.addr = end->dma + (f->depth + (m - end->msgs)) * f->size,
		.length = f->size,
		.lkey = end->pd->local_dma_lkey,
	};
	struct ib_send_wr wr = {
		.wr_cqe = &unsignalled,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IB_WR_SEND,
		.send_flags = ++end->nr_sent % FLOOR_SIGNAL ? 0 : IB_SEND_SIGNALED,
	};

	m->start = ktime_get_ns();
	return ib_post_send(end->id->qp, &wr, NULL);
}

static void msg_came(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_msg *m = container_of(wc->wr_cqe, struct floor_msg, received);
	int err = wc->status ? -EIO : msg_post_recv(m);

	err = err ?: msg_send(m);
	if (!err)
		return;
	m->f->err = err;
	complete(&m->f->done);
}

static void msg_came_back(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_msg *m = container_of(wc->wr_cqe, struct floor_msg, received);
	struct floor *f = m->f;
	int err = wc->status ? -EIO : 0;

	if (!err)
		bench_times_add(&f->times, m->start, ktime_get_ns(), f->size);
	if (!err && f->left) {
		f->left--;
		err = msg_post_recv(m) ?: msg_send(m);
		if (!err)
			return;
	}
	floor_end_one(f, err);
}

static void end_msgs_free(struct floor *f, struct floor_end *end)
{
	if (end->dma)
		ib_dma_unmap_single(end->id->device, end->dma, 2 * f->depth * f->size,
				    DMA_BIDIRECTIONAL);
	kfree(end->bytes);
	kfree(end->msgs);
}

static int end_msgs_make(struct floor *f, struct floor_end *end, u8 fill,
			 void (*came)(struct ib_cq *cq, struct ib_wc *wc))
{
	size_t all = 2 * f->depth * f->size;
	u64 dma;
	u32 i;
	int err = 0;

	end->msgs = kcalloc(f->depth, sizeof(*end->msgs), GFP_KERNEL);
	end->bytes = kzalloc(all, GFP_KERNEL);
	if (!end->msgs || !end->bytes)
		return -ENOMEM;
	memset(end->bytes + all / 2, fill, all / 2);
	dma = ib_dma_map_single(end->id->device, end->bytes, all, DMA_BIDIRECTIONAL);
	if (ib_dma_mapping_error(end->id->device, dma))
		return -ENOMEM;
	end->dma = dma;
	for (i = 0; i < f->depth && !err; i++) {
		end->msgs[i].f = f;
		end->msgs[i].end = end;
		end->msgs[i].received.done = came;
		err = msg_post_recv(&end->msgs[i]);
	}
	return err;
}

static int end_msgs_check(const struct floor *f, const struct floor_end *end, u8 filled)
{
	return memchr_inv(end->bytes, filled, floor_at_once(f) * f->size) ? -EBADMSG : 0;
}

/* ---- a measurement ---- */

static int floor_make(struct floor *f)
{
	if (f->op != FLOOR_SEND)
		return slots_make(f);
	return end_msgs_make(f, &f->active, 1, msg_came_back) ?:
	       end_msgs_make(f, &f->passive, 2, msg_came);
}

static int floor_check(struct floor *f)
{
	if (f->op != FLOOR_SEND)
		return slots_check(f);
	return end_msgs_check(f, &f->active, 2) ?: end_msgs_check(f, &f->passive, 1);
}

static void floor_begin(struct floor *f)
{
	u32 n = floor_at_once(f), i;
	int err = 0;

	f->left = f->count - n;
	f->running = n;
	f->times.began = ktime_get_ns();
	for (i = 0; i < n && !err; i++)
		err = f->op == FLOOR_SEND ? msg_send(&f->active.msgs[i]) :
					    slot_begin(&f->slots[i]);
	if (!err)
		return;
	f->err = err;
	complete(&f->done);
}

static void floor_end(struct floor *f)
{
	floor_end_stop(&f->active);
	floor_end_stop(&f->passive);
	slots_free(f);
	end_msgs_free(f, &f->active);
	end_msgs_free(f, &f->passive);
	floor_end_destroy(&f->active);
	floor_end_destroy(&f->passive);
	if (f->listener)
		rdma_destroy_id(f->listener);
}

static int floor_measure(struct floor *f)
{
	int err = floor_connect(f) ?: floor_make(f);

	if (err)
		return err;
	floor_begin(f);
	if (!wait_for_completion_timeout(&f->done, FLOOR_WAIT))
		return -ETIMEDOUT;
	return f->err ?: floor_check(f);
}

static char result[160];
module_param_string(result, result, sizeof(result), 0444);
MODULE_PARM_DESC(result, "what the last run came to");

static int floor_run(struct floor *f)
{
	int err;

	*result = '\0';
	err = bench_times_alloc(&f->times, f->count);
	if (err)
		return err;
	init_completion(&f->done);
	err = floor_measure(f);
	floor_end(f);
	if (!err)
		bench_times_print(&f->times, result, sizeof(result));
	bench_times_free(&f->times);
	return err;
}

static int floor_parse(struct floor *f, const char *val)
{
	static const char * const ops[] = { "read", "write", "send" };
	char op[8], keys[8] = "once";
	int n = sscanf(val, "%7s %zu %u %u %7s", op, &f->size, &f->depth, &f->count, keys);
	int i = match_string(ops, ARRAY_SIZE(ops), op);

	if (n < 4 || i < 0 || !f->size || !f->depth || !f->count ||
	    f->size > (i == FLOOR_SEND ? PAGE_SIZE : BENCH_MAX_SIZE) ||
	    f->depth > BENCH_MAX_DEPTH || f->count > BENCH_MAX_OPS)
		return -EINVAL;
	f->op = i;
	f->workqueue = workqueue;
	f->each = !strcmp(keys, "each");
	return f->each || !strcmp(keys, "once") ? 0 : -EINVAL;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	struct floor *f = kzalloc(sizeof(*f), GFP_KERNEL);
	int err = f ? floor_parse(f, val) : -ENOMEM;

	err = err ?: floor_run(f);
	kfree(f);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "measure: read|write SIZE DEPTH COUNT [once|each], or send SIZE DEPTH COUNT");

static int __init floor_init(void)
{
	return 0;
}

static void __exit floor_exit(void)
{
}

module_init(floor_init);
module_exit(floor_exit);

MODULE_DESCRIPTION("rdmarpc: what bare verbs cost");
MODULE_LICENSE("Dual BSD/GPL");
