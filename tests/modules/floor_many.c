// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Connections, one after the other, that are all kept until there are as many as are wanted;
 * and SENDs over them in turn.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "floor.h"

static int many_connect(struct floor *f, struct floor *one)
{
	u64 start = ktime_get_ns();
	int err;

	one->op = f->op;
	one->all = f;
	one->form = f->form;
	one->msg_size = f->msg_size;
	one->msg_depth = f->op == FLOOR_SEND ? DIV_ROUND_UP(f->depth, f->nr_many) : 0;
	one->count = one->msg_depth;
	one->sends = f->op == FLOOR_SEND ? floor_sends(one) : f->sends;
	one->recvs = f->op == FLOOR_SEND ? 2 * one->msg_depth : f->recvs;
	f->accepts = one;
	err = floor_connect(one);
	if (!err && f->op == FLOOR_CONNECT)
		bench_times_add(&f->times, start, ktime_get_ns(), 0);
	return err;
}

int floor_many_make(struct floor *f)
{
	u64 left;
	u32 i;
	int err;

	f->many = kvcalloc(f->nr_many, sizeof(*f->many), GFP_KERNEL);
	if (!f->many)
		return -ENOMEM;
	err = floor_listen(f);
	/* What is ours, and no connection's, is there already. */
	left = bench_mem_left();
	f->times.began = ktime_get_ns();
	for (i = 0; i < f->nr_many && !err; i++)
		err = many_connect(f, &f->many[i]);
	if (f->op == FLOOR_CONNECT)
		f->times.bytes = bench_mem_taken(left);
	return err;
}

/* Connections that messages are under way on at a time: no two go over the same ones. */
static u32 many_at_once(const struct floor *f)
{
	return min(f->depth, f->nr_many);
}

int floor_many_msgs_make(struct floor *f)
{
	u32 at_once = many_at_once(f), i, next;
	int err = 0;

	for (i = 0; i < f->nr_many && !err; i++)
		err = floor_msgs_make(&f->many[i]);
	for (i = 0; i < f->nr_many && !err && f->nr_many > at_once; i++) {
		next = i + at_once < f->nr_many ? i + at_once : i % at_once;
		f->many[i].active.msgs->next = f->many[next].active.msgs;
	}
	return err;
}

int floor_many_msgs_begin(struct floor *f)
{
	u32 i;
	int err = 0;

	for (i = 0; i < many_at_once(f) && !err; i++)
		err = floor_msgs_begin(&f->many[i]);
	return err;
}

int floor_many_msgs_check(struct floor *f)
{
	u32 i;
	int err = 0;

	for (i = 0; i < f->nr_many && !err; i++)
		err = floor_msgs_check(&f->many[i]);
	return err;
}

void floor_many_free(struct floor *f)
{
	u32 i;

	/* First the listener: what it accepts is one of them. */
	floor_disconnect(f);
	for (i = 0; i < f->nr_many && f->many; i++) {
		floor_end_stop(&f->many[i].active);
		floor_end_stop(&f->many[i].passive);
	}
	/* What comes back on one is sent on over another. */
	for (i = 0; i < f->nr_many && f->many; i++) {
		floor_msgs_free(&f->many[i]);
		floor_disconnect(&f->many[i]);
	}
	kvfree(f->many);
}
