// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* A SEND of a message, and another one back. */
#include <linux/string.h>

#include "floor.h"

/* The @i-th row of an end's is received into, the @msg_depth rows behind them are sent. */
static int msg_post_recv(struct floor_msg *m)
{
	struct floor *f = m->f;
	struct floor_end *end = m->end;
	struct ib_sge sge = {
		.addr = end->dma + (m - end->msgs) * f->msg_size,
		.length = f->msg_size,
		.lkey = end->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_cqe = &m->received,
		.sg_list = &sge,
		.num_sge = !!f->msg_size,
	};

	return ib_post_recv(end->id->qp, &wr, NULL);
}

static int msg_send(struct floor_msg *m)
{
	struct floor *f = m->f;
	struct floor_end *end = m->end;
	struct ib_sge sge = {
		.addr = end->dma + (f->msg_depth + (m - end->msgs)) * f->msg_size,
		.length = f->msg_size,
		.lkey = end->pd->local_dma_lkey,
	};
	struct ib_send_wr wr = {
		.wr_cqe = &floor_unsignalled,
		.sg_list = &sge,
		.num_sge = !!f->msg_size,
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
	m->f->all->err = err;
	complete(&m->f->all->done);
}

/* What goes on beside them ends, and with it the measurement. */
static void msgs_over(struct floor *f, int err)
{
	if (err)
		f->err = err;
	WRITE_ONCE(f->over, true);
}

/* Other connections' completions may be taken on other processors. */
static void all_lock(struct floor *all, const struct floor *one)
{
	if (all != one)
		spin_lock(&all->lock);
}

static void all_unlock(struct floor *all, const struct floor *one)
{
	if (all != one)
		spin_unlock(&all->lock);
}

static void msg_came_back(struct ib_cq *cq, struct ib_wc *wc)
{
	struct floor_msg *m = container_of(wc->wr_cqe, struct floor_msg, received);
	struct floor *f = m->f->all;
	int err = wc->status ? -EIO : 0;
	bool again;

	all_lock(f, m->f);
	if (!err)
		bench_times_add(&f->times, m->start, ktime_get_ns(), f->msg_size);
	again = !err && f->left;
	f->left -= again;
	all_unlock(f, m->f);
	if (again) {
		err = msg_post_recv(m) ?: msg_send(m->next);
		if (!err)
			return;
	}
	all_lock(f, m->f);
	if (f->beside)
		msgs_over(f, err);
	else
		floor_end_one(f, err);
	all_unlock(f, m->f);
}

/* An end's rows: there is something to map even if messages have no bytes. */
static size_t msgs_len(const struct floor *f)
{
	return 2 * f->msg_depth * max_t(size_t, f->msg_size, 1);
}

static void end_msgs_free(struct floor *f, struct floor_end *end)
{
	if (end->dma)
		ib_dma_unmap_single(end->id->device, end->dma, msgs_len(f), DMA_BIDIRECTIONAL);
	kfree(end->bytes);
	kfree(end->msgs);
}

static int end_msgs_make(struct floor *f, struct floor_end *end, u8 fill,
			 void (*came)(struct ib_cq *cq, struct ib_wc *wc))
{
	size_t all = msgs_len(f);
	u64 dma;
	u32 i;
	int err = 0;

	end->msgs = kcalloc(f->msg_depth, sizeof(*end->msgs), GFP_KERNEL);
	end->bytes = kzalloc(all, GFP_KERNEL);
	if (!end->msgs || !end->bytes)
		return -ENOMEM;
	memset(end->bytes + all / 2, fill, all / 2);
	dma = ib_dma_map_single(end->id->device, end->bytes, all, DMA_BIDIRECTIONAL);
	if (ib_dma_mapping_error(end->id->device, dma))
		return -ENOMEM;
	end->dma = dma;
	for (i = 0; i < f->msg_depth && !err; i++) {
		end->msgs[i].f = f;
		end->msgs[i].end = end;
		end->msgs[i].next = &end->msgs[i];
		end->msgs[i].received.done = came;
		err = msg_post_recv(&end->msgs[i]);
	}
	return err;
}

static int end_msgs_check(const struct floor *f, const struct floor_end *end, u8 filled)
{
	u32 nr = min(f->msg_depth, f->count);

	return memchr_inv(end->bytes, filled, nr * f->msg_size) ? -EBADMSG : 0;
}

/* Which end's SENDs are answered by the other's. */
static struct floor_end *msgs_ask(struct floor *f)
{
	return f->beside ? &f->passive : &f->active;
}

static struct floor_end *msgs_answer(struct floor *f)
{
	return f->beside ? &f->active : &f->passive;
}

int floor_msgs_make(struct floor *f)
{
	return end_msgs_make(f, msgs_ask(f), 1, msg_came_back) ?:
	       end_msgs_make(f, msgs_answer(f), 2, msg_came);
}

int floor_msgs_begin(struct floor *f)
{
	u32 n = min(f->msg_depth, f->count), i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = msg_send(&msgs_ask(f)->msgs[i]);
	return err;
}

int floor_msgs_check(struct floor *f)
{
	return end_msgs_check(f, msgs_ask(f), 2) ?: end_msgs_check(f, msgs_answer(f), 1);
}

void floor_msgs_free(struct floor *f)
{
	end_msgs_free(f, &f->active);
	end_msgs_free(f, &f->passive);
}
