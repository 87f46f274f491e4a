// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Connections, one after the other, that are all kept until there are as many as are wanted. */
#include <linux/err.h>
#include <linux/slab.h>

#include "floor.h"

static int many_connect(struct floor *f, struct floor *one)
{
	u64 start = ktime_get_ns();
	int err;

	one->op = FLOOR_CONNECT;
	one->form = f->form;
	one->sends = f->sends;
	one->recvs = f->recvs;
	f->accepts = one;
	err = floor_connect(one);
	if (!err)
		bench_times_add(&f->times, start, ktime_get_ns(), 0);
	return err;
}

int floor_many_make(struct floor *f)
{
	u64 left;
	u32 i;
	int err;

	f->many = kvcalloc(f->count, sizeof(*f->many), GFP_KERNEL);
	if (!f->many)
		return -ENOMEM;
	err = floor_listen(f);
	/* What is ours, and no connection's, is there already. */
	left = bench_mem_left();
	f->times.began = ktime_get_ns();
	for (i = 0; i < f->count && !err; i++)
		err = many_connect(f, &f->many[i]);
	f->times.bytes = bench_mem_taken(left);
	return err;
}

void floor_many_free(struct floor *f)
{
	u32 i;

	/* First the listener: what it accepts is one of them. */
	floor_disconnect(f);
	for (i = 0; i < f->count && f->many; i++) {
		floor_end_stop(&f->many[i].active);
		floor_end_stop(&f->many[i].passive);
		floor_disconnect(&f->many[i]);
	}
	kvfree(f->many);
}
