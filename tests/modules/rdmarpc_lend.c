// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A kernel handler that replies from memory of its own. The parameter "run" takes the
 * name of a case; the write fails if the case does.
 */
#include <linux/bvec.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fixture.h"

#define PORT		7494
#define METHOD		1
#define MOST		(4U << 20)
#define ODD		1001
/* Pieces of memory of each size up to 8 pages. */
#define SPOILT		32
#define SPOILT_ORDERS	4

/* How what is lent lies in memory; or nothing is, and the reply is said to have been written. */
enum { PLAIN, UNALIGNED, PAGES, PIECES, SHAPES, PASSED_OVER };

/* What is asked for. */
struct want {
	__le32 len;
	__le32 shape;
	__le32 wait_ms;		/* before it is lent */
};

/* It is poisoned as soon as it is back: nobody may read it from then on. */
struct loan {
	struct llist_node node;
	u8 *mem;
	size_t size;
	struct bio_vec *bv;
};

static LLIST_HEAD(loans_back);
static atomic_t nr_lent, nr_back;

static u8 byte_at(size_t i, u32 seed)
{
	return i ^ i >> 8 ^ i >> 16 ^ seed;
}

static void loan_back(void *arg)
{
	struct loan *loan = arg;

	memset(loan->mem, 0xdd, loan->size);
	llist_add(&loan->node, &loans_back);
	atomic_inc(&nr_back);
}

static void loan_free(struct loan *loan)
{
	vfree(loan->mem);
	kfree(loan->bv);
	kfree(loan);
}

static void loans_free(void)
{
	struct loan *loan, *tmp;

	llist_for_each_entry_safe(loan, tmp, llist_del_all(&loans_back), node)
		loan_free(loan);
}

static struct loan *loan_make(u32 len)
{
	u32 i, nr = DIV_ROUND_UP(len, PAGE_SIZE);
	struct loan *loan = kzalloc(sizeof(*loan), GFP_KERNEL);

	if (!loan)
		return NULL;
	loan->size = len + 3 * PAGE_SIZE;
	loan->mem = vmalloc(loan->size);
	loan->bv = kcalloc(nr, sizeof(*loan->bv), GFP_KERNEL);
	if (!loan->mem || !loan->bv) {
		loan_free(loan);
		return NULL;
	}
	for (i = 0; i < nr; i++)
		bvec_set_page(&loan->bv[i], vmalloc_to_page(loan->mem + i * PAGE_SIZE),
			      min_t(u32, len - i * PAGE_SIZE, PAGE_SIZE), 0);
	return loan;
}

static int loan_reply(struct loan *loan, u32 len, u32 shape, struct rdmarpc_req *req,
		      struct iov_iter *reply)
{
	u8 *at = loan->mem + (shape == UNALIGNED ? ODD : 0);
	u32 first = shape == PIECES ? len / 3 : len, i;
	/* What is apart has a gap, so that it cannot stay where it is. */
	struct kvec kv[] = { { at, first }, { at + first + ODD, len - first } };
	struct iov_iter from;

	for (i = 0; i < len; i++)
		at[i < first ? i : i + ODD] = byte_at(i, len);
	if (shape == PAGES)
		iov_iter_bvec(&from, ITER_SOURCE, loan->bv, DIV_ROUND_UP(len, PAGE_SIZE), len);
	else
		iov_iter_kvec(&from, ITER_SOURCE, kv, 1 + (shape == PIECES), len);
	return rdmarpc_req_reply_from(req, &from, reply, loan_back, loan);
}

static int pass_over(u32 len, struct rdmarpc_req *req, struct iov_iter *reply)
{
	int err = len > RDMARPC_MAX_EAGER ? rdmarpc_req_reply_room(req, len, reply) : 0;

	if (!err)
		iov_iter_advance(reply, len);
	return err;
}

static int lend(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		struct iov_iter *reply)
{
	struct loan *loan;
	struct want want;
	int err;

	if (copy_from_iter(&want, sizeof(want), request) != sizeof(want))
		return EINVAL;
	if (le32_to_cpu(want.shape) == PASSED_OVER)
		return pass_over(le32_to_cpu(want.len), req, reply);
	msleep(le32_to_cpu(want.wait_ms));
	loan = loan_make(le32_to_cpu(want.len));
	if (!loan)
		return -ENOMEM;
	err = loan_reply(loan, le32_to_cpu(want.len), le32_to_cpu(want.shape), req, reply);
	if (err)
		loan_free(loan);
	else
		atomic_inc(&nr_lent);
	/* Lent, and yet not replied: so it is back at once. */
	return err ?: le32_to_cpu(want.shape) == SHAPES ? -EIO : 0;
}

/* ---- callers ---- */

struct lending {
	struct rdmarpc_server *server;
	struct rdmarpc_handler *handler;
	struct rdmarpc_client *client;
	u8 *to;
	struct rdmarpc_result r;
};

static int connect(struct lending *l)
{
	struct sockaddr_in addr = fixture_addr(PORT);

	l->client = rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 4, 2000,
					  RDMARPC_CONNECT_RECONNECT);
	return PTR_ERR_OR_ZERO(l->client);
}

static int call(struct lending *l, u32 len, u32 shape, u32 wait_ms, u32 room,
		struct rdmarpc_result *r)
{
	struct want want = { cpu_to_le32(len), cpu_to_le32(shape), cpu_to_le32(wait_ms) };
	struct kvec out = { &want, sizeof(want) }, in = { l->to, room };
	struct iov_iter request, reply;

	loans_free();
	memset(l->to, 0xee, room);
	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, sizeof(want));
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, room);
	return rdmarpc_call(l->client, METHOD, &request, &reply, FIXTURE_US,
			    RDMARPC_CALL_WAIT, r);
}

static bool came(const struct lending *l, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (l->to[i] != byte_at(i, len)) {
			pr_err("byte %u of %u is not what was lent\n", i, len);
			return false;
		}
	return true;
}

static int fails(const struct rdmarpc_result *r, int error, u32 outcome)
{
	if (r->error == error && r->outcome == outcome)
		return 0;
	pr_err("error %d, outcome %u\n", r->error, r->outcome);
	return -EPROTO;
}

/* All sizes in all shapes, and each is back. */
static int case_shapes(struct lending *l)
{
	static const u32 lens[] = { 1, 4064, 4065, 4096, 8193, 70000, MOST };
	struct rdmarpc_result r;
	u32 i, shape;
	int err = 0;

	for (shape = 0; shape < SHAPES; shape++)
		for (i = 0; i < ARRAY_SIZE(lens) && !err; i++) {
			call(l, lens[i], shape, 0, MOST, &r);
			err = fails(&r, 0, RDMARPC_OUTCOME_OK);
			if (!err && (r.reply_len != lens[i] || !came(l, lens[i])))
				err = -EBADMSG;
		}
	return err;
}

/* What was freed last is given out next: leave something in it. */
static void memory_spoil(void)
{
	unsigned long mem[SPOILT_ORDERS][SPOILT] = {};
	unsigned int order, i;

	for (order = 0; order < SPOILT_ORDERS; order++)
		for (i = 0; i < SPOILT; i++)
			mem[order][i] = __get_free_pages(GFP_KERNEL | __GFP_COMP, order);
	for (order = 0; order < SPOILT_ORDERS; order++)
		for (i = 0; i < SPOILT; i++) {
			if (mem[order][i])
				memset((void *)mem[order][i], 0xcc, PAGE_SIZE << order);
			free_pages(mem[order][i], order);
		}
}

static int passed_over(struct lending *l, u32 len)
{
	struct rdmarpc_result r;
	int err;

	call(l, len, PASSED_OVER, 0, MOST, &r);
	err = fails(&r, 0, RDMARPC_OUTCOME_OK);
	if (!err && (r.reply_len != len || memchr_inv(l->to, 0, len))) {
		pr_err("%u bytes, of which not all are 0\n", r.reply_len);
		err = -EBADMSG;
	}
	return err;
}

/* Nothing is told of the memory that such a reply is sent from: it is chance which that is. */
static int case_passed_over(struct lending *l)
{
	int err = 0, i;

	for (i = 0; i < SPOILT && !err; i++) {
		rdmarpc_client_destroy(l->client);
		memory_spoil();
		err = connect(l) ?: passed_over(l, RDMARPC_MAX_EAGER) ?: passed_over(l, 70000);
	}
	return err;
}

/* The caller has room for less, the handler fails after all: it is the handler's. */
static int case_refused(struct lending *l)
{
	struct rdmarpc_result r;
	int err;

	call(l, MOST, PLAIN, 0, MOST - 1, &r);
	err = fails(&r, -EMSGSIZE, RDMARPC_OUTCOME_EXECUTED);
	if (!err && atomic_read(&nr_lent))
		err = -EBUSY;
	if (!err) {
		call(l, MOST, SHAPES, 0, MOST, &r);
		err = fails(&r, -EIO, RDMARPC_OUTCOME_EXECUTED);
	}
	return err ?: atomic_read(&nr_lent) == 1 ? 0 : -EPROTO;
}

/* While the test closes their connections, before it is lent and while it is. */
static int case_closed(struct lending *l)
{
	u32 lost = 0, answered = 0, i;
	struct rdmarpc_result r;
	int err = 0;

	for (i = 0; i < 200 && !err && (lost < 10 || answered < 2); i++) {
		call(l, MOST, i % SHAPES, i % 3 * 50, MOST, &r);
		if (!r.error && !came(l, MOST))
			err = -EBADMSG;
		else if (r.error)
			err = fails(&r, -ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED);
		lost += !!r.error;
		answered += !r.error;
	}
	pr_info("%u lost, %u answered\n", lost, answered);
	return err ?: lost && answered ? 0 : -ERANGE;
}

static int call_thread(void *arg)
{
	struct lending *l = arg;

	call(l, MOST, PLAIN, 0, MOST, &l->r);
	return 0;
}

/* Its handler goes while the device reads what it lent. */
static int case_unregistered(struct lending *l)
{
	struct task_struct *task = kthread_create(call_thread, l, "lend_call");
	int i;

	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	for (i = 0; i < 5000 && !atomic_read(&nr_lent); i++)
		usleep_range(100, 200);
	rdmarpc_handler_unregister(l->handler);
	l->handler = NULL;
	i = atomic_read(&nr_back);
	kthread_stop(task);
	put_task_struct(task);
	if (i != 1)
		return -EBUSY;
	return fails(&l->r, 0, RDMARPC_OUTCOME_OK) ?: came(l, MOST) ? 0 : -EBADMSG;
}

/* ---- running them ---- */

static int begin(struct lending *l)
{
	atomic_set(&nr_lent, 0);
	atomic_set(&nr_back, 0);
	l->to = vmalloc(MOST);
	if (!l->to)
		return -ENOMEM;
	l->server = fixture_server("lend", PORT);
	if (IS_ERR(l->server))
		return PTR_ERR(l->server);
	l->handler = rdmarpc_handler_register(l->server, METHOD, lend, NULL, 0);
	if (IS_ERR(l->handler))
		return PTR_ERR(l->handler);
	return connect(l);
}

/* When the handler has gone, all that it lent is back: its module may go, too. */
static int end(struct lending *l)
{
	int err = 0;

	rdmarpc_handler_unregister(l->handler);
	if (atomic_read(&nr_back) != atomic_read(&nr_lent)) {
		pr_err("%d lent, %d back\n", atomic_read(&nr_lent), atomic_read(&nr_back));
		err = -EBUSY;
	}
	rdmarpc_client_destroy(l->client);
	rdmarpc_server_destroy(l->server);
	vfree(l->to);
	loans_free();
	return err;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	static const struct {
		const char *name;
		int (*run)(struct lending *l);
	} cases[] = {
		{ "shapes", case_shapes },
		{ "passed_over", case_passed_over },
		{ "refused", case_refused },
		{ "closed", case_closed },
		{ "unregistered", case_unregistered },
	};
	struct lending l = {};
	int i, err, end_err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!sysfs_streq(val, cases[i].name))
			continue;
		err = begin(&l);
		err = err ?: cases[i].run(&l);
		end_err = end(&l);
		return err ?: end_err;
	}
	return -EINVAL;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init lend_init(void)
{
	return 0;
}

static void __exit lend_exit(void)
{
}

module_init(lend_init);
module_exit(lend_exit);

MODULE_DESCRIPTION("rdmarpc: tests of replies from a handler's own memory");
MODULE_LICENSE("Dual BSD/GPL");
