// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The floor: what bare verbs cost, with both ends of one connection in this module. The
 * parameter "run" takes
 *
 *	read|write SIZE DEPTH COUNT [once|each]
 *	send SIZE DEPTH COUNT [CONNECTIONS]
 *	beside SIZE DEPTH COUNT [read|write]
 *	connect SENDS RECVS COUNT
 *
 * and makes COUNT operations of SIZE bytes, DEPTH at a time; "result" has the outcome.
 * A READ or WRITE goes in chunks as rdmarpc's do, posted in one chain of which the last
 * is signalled, between pages that are registered as there: once, before it begins; or
 * for each operation, both ends making a new key valid and the last one invalid. A
 * "send" is a SEND of that many bytes, or none, and another one back, over one connection or
 * each of CONNECTIONS in turn, at least DEPTH or a divisor of it. "beside" is COUNT SENDs of 64
 * bytes and another one back, one at a time, while the end that answers READs or WRITEs as
 * above; its outcome is that of the former. "connect" makes COUNT connections, with queues
 * for as many SENDs and receives, one after the other, and keeps them until all are there. The
 * parameter "form" says where completions are taken. /dev/rdmarpc_floor has an ioctl that
 * copies 64 bytes in and out, to hold what a program's call adds against.
 */
#include <linux/module.h>
#include <linux/string.h>

#include "floor.h"

static enum floor_form form;

static int form_set(const char *val, const struct kernel_param *kp)
{
	int i = __sysfs_match_string(floor_forms, -1, val);

	if (i < 0)
		return i;
	form = i;
	return 0;
}

static int form_get(char *to, const struct kernel_param *kp)
{
	return scnprintf(to, PAGE_SIZE, "%s\n", floor_forms[form]);
}

static const struct kernel_param_ops form_ops = { .set = form_set, .get = form_get };
module_param_cb(form, &form_ops, NULL, 0644);
MODULE_PARM_DESC(form, "where completions are taken: softirq|workqueue|kthread|shared|polled");

static void unsignalled_done(struct ib_cq *cq, struct ib_wc *wc)
{
}

struct ib_cqe floor_unsignalled = { .done = unsignalled_done };

void floor_end_one(struct floor *f, int err)
{
	if (err)
		f->err = err;
	if (!--f->running)
		complete(&f->done);
}

static int floor_make(struct floor *f)
{
	int err = f->op == FLOOR_SEND ? 0 : floor_slots_make(f);

	return err ?: f->msg_depth ? floor_msgs_make(f) : 0;
}

static int floor_check(struct floor *f)
{
	int err = f->op == FLOOR_SEND ? 0 : floor_slots_check(f);

	return err ?: f->msg_depth ? floor_msgs_check(f) : 0;
}

static void floor_begin(struct floor *f)
{
	int err;

	f->running = f->beside ? f->depth : floor_at_once(f);
	f->left = f->count - (f->beside ? min(f->msg_depth, f->count) : floor_at_once(f));
	f->times.began = ktime_get_ns();
	err = f->op == FLOOR_SEND ? 0 : floor_slots_begin(f);
	if (!err && f->msg_depth)
		err = f->many ? floor_many_msgs_begin(f) : floor_msgs_begin(f);
	if (!err)
		return;
	f->err = err;
	complete(&f->done);
}

static void floor_end(struct floor *f)
{
	floor_end_stop(&f->active);
	floor_end_stop(&f->passive);
	floor_slots_free(f);
	floor_msgs_free(f);
	floor_disconnect(f);
}

static int floor_measure(struct floor *f)
{
	int err;

	f->accepts = f;
	f->all = f;
	err = floor_listen(f) ?: floor_connect(f) ?: floor_make(f);
	if (err)
		return err;
	floor_begin(f);
	return floor_await(f, &f->done) ?: f->err ?: floor_check(f);
}

static int floor_measure_many(struct floor *f)
{
	int err = floor_many_make(f) ?: floor_many_msgs_make(f);

	if (err)
		return err;
	floor_begin(f);
	return floor_await(f, &f->done) ?: f->err ?: floor_many_msgs_check(f);
}

static char result[BENCH_RESULT];
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
	spin_lock_init(&f->lock);
	if (f->nr_many) {
		err = f->op == FLOOR_CONNECT ? floor_many_make(f) : floor_measure_many(f);
		floor_many_free(f);
	} else {
		err = floor_measure(f);
		floor_end(f);
	}
	if (!err)
		bench_times_print(&f->times, result, sizeof(result));
	bench_times_free(&f->times);
	return err;
}

u32 floor_sends(const struct floor *f)
{
	u32 mrs = DIV_ROUND_UP(f->size, FLOOR_MR_PAGES * PAGE_SIZE);
	u32 chunks = DIV_ROUND_UP(f->size, FLOOR_CHUNK);

	return (f->msg_depth ? 2 * f->msg_depth + 2 * FLOOR_SIGNAL : 0) +
	       (f->op == FLOOR_SEND ? 0 : f->depth * (chunks + 2 * mrs));
}

static int connect_parse(struct floor *f, const char *val)
{
	if (sscanf(val, "connect %u %u %u", &f->sends, &f->recvs, &f->count) != 3 ||
	    !f->sends || !f->recvs || f->sends > BENCH_MAX_WRS || f->recvs > BENCH_MAX_WRS ||
	    !f->count || f->count > BENCH_MAX_CONNS)
		return -EINVAL;
	f->op = FLOOR_CONNECT;
	f->form = FLOOR_SOFTIRQ;
	f->nr_many = f->count;
	return 0;
}

/* Over several connections each has as many at a time, or one, and all have been used. */
static int send_parse_many(struct floor *f, const char *nr)
{
	int err = kstrtou32(nr, 10, &f->nr_many);

	if (err || !f->nr_many || f->nr_many > BENCH_MAX_CONNS || f->count < f->depth ||
	    f->count < 2 * f->nr_many || (f->nr_many < f->depth && f->depth % f->nr_many))
		return -EINVAL;
	f->form = FLOOR_SOFTIRQ;
	return 0;
}

static int floor_parse(struct floor *f, const char *val)
{
	static const char * const ops[] = { "read", "write", "send" };
	char op[8], more[8] = "";
	int n, i;

	if (strstarts(val, "connect "))
		return connect_parse(f, val);
	n = sscanf(val, "%7s %zu %u %u %7s", op, &f->size, &f->depth, &f->count, more);
	f->beside = !strcmp(op, "beside");
	i = match_string(ops, f->beside ? 2 : 3, f->beside ? *more ? more : "read" : op);
	if (n < 4 || i < 0 || (!f->size && i != FLOOR_SEND) || !f->depth || !f->count ||
	    f->size > (i == FLOOR_SEND ? PAGE_SIZE : BENCH_MAX_SIZE) ||
	    f->depth > BENCH_MAX_DEPTH || f->count > BENCH_MAX_OPS)
		return -EINVAL;
	f->op = i;
	f->form = form;
	f->msg_size = i == FLOOR_SEND ? f->size : FLOOR_SMALL;
	f->msg_depth = i == FLOOR_SEND ? f->depth : f->beside;
	f->sends = floor_sends(f);
	f->recvs = 2 * f->depth;
	if (i == FLOOR_SEND && *more)
		return send_parse_many(f, more);
	f->each = !strcmp(more, "each");
	return f->beside || f->each || !*more || !strcmp(more, "once") ? 0 : -EINVAL;
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
MODULE_PARM_DESC(run, "measure: read|write SIZE DEPTH COUNT [once|each], send SIZE DEPTH COUNT [CONNECTIONS], beside SIZE DEPTH COUNT [read|write], or connect SENDS RECVS COUNT");

static int __init floor_init(void)
{
	return floor_ioctl_init();
}

static void __exit floor_exit(void)
{
	floor_ioctl_exit();
}

module_init(floor_init);
module_exit(floor_exit);

MODULE_DESCRIPTION("rdmarpc: what bare verbs cost");
MODULE_LICENSE("Dual BSD/GPL");
