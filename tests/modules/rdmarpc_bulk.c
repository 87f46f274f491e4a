// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Large requests and replies of kernel callers and handlers. The parameter "run" takes
 * the name of a case; the write fails if the case does.
 */
#include <linux/bvec.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fixture.h"

#define PORT		7484
#define LARGE		(16UL << 20)

/* Methods. */
enum { ECHO, GIVE, SUM, LATE };

/* Behind and before what a call may touch. */
#define EDGE		3000
#define UNTOUCHED	0xee

static struct rdmarpc_server *server;
static struct rdmarpc_handler *give, *sum, *late;
static struct rdmarpc_client *client;

/* Bytes that tell where they belong. */
static u8 byte_at(size_t i, u32 seed)
{
	return i ^ i >> 8 ^ i >> 16 ^ seed;
}

static void fill(u8 *to, size_t len, u32 seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = byte_at(i, seed);
}

static bool filled(const u8 *bytes, size_t len, u32 seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != byte_at(i, seed))
			return false;
	return true;
}

/* ---- handlers ---- */

/* Replies with as many bytes as the request's first four say. */
static int give_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	__le32 want;
	u8 byte;
	size_t i;
	int err;

	if (copy_from_iter(&want, sizeof(want), request) != sizeof(want))
		return EINVAL;
	err = rdmarpc_req_reply_room(req, le32_to_cpu(want), reply);
	if (err)
		return err;
	for (i = 0; i < le32_to_cpu(want); i++) {
		byte = byte_at(i, le32_to_cpu(want));
		if (copy_to_iter(&byte, 1, reply) != 1)
			return -EFAULT;
	}
	return 0;
}

/* Replies with how many bytes came, and whether they are what they should be. */
static int sum_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		  struct iov_iter *reply)
{
	__le32 len = cpu_to_le32(iov_iter_count(request));
	u8 byte;
	size_t i;

	for (i = 0; copy_from_iter(&byte, 1, request) == 1; i++)
		if (byte != byte_at(i, le32_to_cpu(len)))
			return 1;
	return i == le32_to_cpu(len) && copy_to_iter(&len, 4, reply) == 4 ? 0 : -EFAULT;
}

/* Likewise, but when its caller's connection may have gone. */
static int late_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	msleep(300);
	return give_fn(ctx, req, request, reply);
}

/* ---- callers ---- */

static int call(u16 method, struct iov_iter *request, struct iov_iter *reply, u64 timeout_us,
		struct rdmarpc_result *r)
{
	return rdmarpc_call(client, method, request, reply, timeout_us, 0, r);
}

static int is(const char *what, size_t len, const struct rdmarpc_result *r, int error,
	      u32 outcome, u32 reply_len)
{
	if (r->error == error && r->outcome == outcome && r->reply_len == reply_len)
		return 0;
	pr_err("%s, %zu bytes: error %d outcome %u length %u\n", what, len, r->error,
	       r->outcome, r->reply_len);
	return -EPROTO;
}

/* How a payload lies in memory. */
struct shape {
	const char *name;
	size_t piece, gap;	/* of it, in how many pieces; 0: one */
	bool pages;		/* as pages rather than addresses */
};

#define PIECES	64

struct layout {
	u8 *mem;
	size_t size;
	struct kvec *kv;
	struct bio_vec *bv;
	u32 nr;
};

static void layout_iter(struct layout *l, const struct shape *s, unsigned int dir, size_t len,
			struct iov_iter *iter)
{
	if (s->pages)
		iov_iter_bvec(iter, dir, l->bv, l->nr, len);
	else
		iov_iter_kvec(iter, dir, l->kv, l->nr, len);
}

static void layout_pages(struct layout *l)
{
	u32 i, n = l->nr;

	/* A piece each: those of shapes with pages are within one. */
	for (i = 0; i < n; i++)
		bvec_set_page(&l->bv[i], vmalloc_to_page(l->kv[i].iov_base), l->kv[i].iov_len,
			      offset_in_page(l->kv[i].iov_base));
}

static int layout_make(struct layout *l, const struct shape *s, size_t len)
{
	size_t piece = s->piece ?: len, at = s->pages ? PAGE_SIZE : EDGE | 1, n;

	l->size = 2 * PAGE_SIZE + EDGE + len + (s->piece ? len / s->piece + 1 : 1) * s->gap;
	l->mem = vmalloc(l->size);
	l->bv = kcalloc(PIECES, sizeof(*l->bv), GFP_KERNEL);
	l->kv = kcalloc(PIECES, sizeof(*l->kv), GFP_KERNEL);
	if (!l->mem || !l->bv || !l->kv)
		return -ENOMEM;
	memset(l->mem, UNTOUCHED, l->size);
	for (l->nr = 0; len; len -= n, at += n + s->gap) {
		n = min(len, piece);
		l->kv[l->nr++] = (struct kvec) { l->mem + at, n };
	}
	if (s->pages)
		layout_pages(l);
	return 0;
}

static void layout_free(struct layout *l)
{
	vfree(l->mem);
	kfree(l->bv);
	kfree(l->kv);
}

static void layout_fill(struct layout *l, u32 seed)
{
	size_t i = 0, j;
	u32 k;

	for (k = 0; k < l->nr; k++)
		for (j = 0; j < l->kv[k].iov_len; j++)
			((u8 *)l->kv[k].iov_base)[j] = byte_at(i++, seed);
}

/* Whether its pieces hold that, and nothing between them was touched. */
static bool layout_is(struct layout *l, u32 seed)
{
	size_t i = 0, j;
	u8 *at = l->mem;
	u32 k;

	for (k = 0; k < l->nr; k++) {
		for (; at < (u8 *)l->kv[k].iov_base; at++)
			if (*at != UNTOUCHED)
				return false;
		for (j = 0; j < l->kv[k].iov_len; j++)
			if (*at++ != byte_at(i++, seed))
				return false;
	}
	for (; at < l->mem + l->size; at++)
		if (*at != UNTOUCHED)
			return false;
	return true;
}

static int echo_shape(const struct shape *s, size_t len)
{
	struct layout out = {}, in = {};
	struct iov_iter request, reply;
	struct rdmarpc_result r;
	int err = layout_make(&out, s, len) ?: layout_make(&in, s, len);

	if (!err) {
		layout_fill(&out, len);
		layout_iter(&out, s, ITER_SOURCE, len, &request);
		layout_iter(&in, s, ITER_DEST, len, &reply);
		call(ECHO, &request, &reply, FIXTURE_US, &r);
		err = is(s->name, len, &r, 0, RDMARPC_OUTCOME_OK, len);
		if (!err && (iov_iter_count(&reply) || !layout_is(&in, len))) {
			pr_err("%s, %zu bytes: not what was sent\n", s->name, len);
			err = -EBADMSG;
		}
	}
	layout_free(&out);
	layout_free(&in);
	return err;
}

/* Those with a gap have to be bounced, the others stay where they are. */
static int case_shapes(void)
{
	static const struct shape shapes[] = {
		{ "one piece" },
		{ "whole pages", PAGE_SIZE, 0, true },
		{ "whole pages apart", PAGE_SIZE, PAGE_SIZE, true },
		{ "pieces of pages", 1000, PAGE_SIZE - 1000, true },
		{ "odd pieces", 4999, 0 },
		{ "odd pieces apart", 4999, 77 },
	};
	static const size_t lens[] = { 4065, 4096, 8191, 8192, 8193, 40000, 63000 };
	int i, j, err = 0;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		for (j = 0; j < ARRAY_SIZE(lens) && !err; j++)
			if (!shapes[i].piece || lens[j] <= PIECES * shapes[i].piece)
				err = echo_shape(&shapes[i], lens[j]);
	return err ?: echo_shape(&shapes[0], LARGE + 1);
}

static int give_len(u16 method, u32 len, size_t room, u8 *to, struct rdmarpc_result *r)
{
	__le32 want = cpu_to_le32(len);
	struct kvec out = { &want, sizeof(want) }, in = { to, room };
	struct iov_iter request, reply;

	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, sizeof(want));
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, room);
	return rdmarpc_call(client, method, &request, &reply, FIXTURE_US, RDMARPC_CALL_WAIT, r);
}

/* A small request, a large reply; one that is small though there is room; too large. */
static int case_replies(void)
{
	static const u32 lens[] = { 0, 1, 4064, 4065, 70000, 1 << 20, (1 << 20) + 1 };
	const size_t room = (1 << 20) + 1;
	u8 *to = vmalloc(room);
	struct rdmarpc_result r;
	int i, err = to ? 0 : -ENOMEM;

	for (i = 0; i < ARRAY_SIZE(lens) && !err; i++) {
		give_len(GIVE, lens[i], room, to, &r);
		err = is("reply", lens[i], &r, 0, RDMARPC_OUTCOME_OK, lens[i]);
		if (!err && !filled(to, lens[i], lens[i]))
			err = -EBADMSG;
	}
	if (!err) {
		give_len(GIVE, room, room - 1, to, &r);
		err = is("too large", room, &r, -EMSGSIZE, RDMARPC_OUTCOME_EXECUTED, room);
	}
	if (!err) {
		give_len(GIVE, 5000, 100, to, &r);
		err = is("no room", 5000, &r, -EMSGSIZE, RDMARPC_OUTCOME_EXECUTED, 5000);
	}
	vfree(to);
	return err;
}

/* A large request, a small reply; and one that is larger than anybody takes. */
static int case_requests(void)
{
	const size_t most = RDMARPC_MAX_PAYLOAD;
	u8 *from = vmalloc(most + 1);
	__le32 got;
	struct kvec out = { from, LARGE - 1 }, in = { &got, sizeof(got) };
	struct iov_iter request, reply;
	struct rdmarpc_result r;
	int err;

	if (!from)
		return -ENOMEM;
	fill(from, LARGE - 1, LARGE - 1);
	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, LARGE - 1);
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, sizeof(got));
	call(SUM, &request, &reply, FIXTURE_US, &r);
	err = is("request", LARGE - 1, &r, 0, RDMARPC_OUTCOME_OK, sizeof(got));
	if (!err && le32_to_cpu(got) != LARGE - 1)
		err = -EBADMSG;
	out.iov_len = most + 1;
	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, most + 1);
	if (!err) {
		call(SUM, &request, &reply, FIXTURE_US, &r);
		err = is("request", most + 1, &r, -EMSGSIZE, RDMARPC_OUTCOME_NOT_EXECUTED, 0);
	}
	vfree(from);
	return err;
}

/*
 * A call that ended without its reply: its memory is ours, whatever its server, whose
 * time is over too, still does.
 */
static bool nobody_touches(u8 *mem, size_t len)
{
	memset(mem, UNTOUCHED, len);
	msleep(50);
	return !memchr_inv(mem, UNTOUCHED, len);
}

/* Return: microseconds that it took. */
static u64 echo_within(u64 us, u8 *mem, struct rdmarpc_result *r)
{
	struct kvec out = { mem, LARGE }, in = { mem + LARGE, LARGE };
	struct iov_iter request, reply;
	ktime_t began = ktime_get();

	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, LARGE);
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, LARGE);
	call(ECHO, &request, &reply, us, r);
	return ktime_us_delta(ktime_get(), began);
}

/*
 * Deadlines that pass while the request is fetched, and more of them while the reply is
 * delivered, which is when somebody else may write to the call's memory; and later ones.
 */
static int case_deadlines(void)
{
	u8 *mem = vmalloc(2 * LARGE);
	u32 ended = 0, answered = 0, part;
	u64 us = 0, alone_us = FIXTURE_US;
	struct rdmarpc_result r;
	int err = 0, i;

	if (!mem)
		return -ENOMEM;
	for (i = 0; i < 3 && !err; i++) {
		alone_us = min(alone_us, echo_within(FIXTURE_US, mem, &r));
		err = r.error;
	}
	/* Longer than meant only on a machine that has become slower. */
	for (part = 4; (part < 32 || (!answered && us < FIXTURE_US)) && !err;
	     part += part < 8 ? 2 : part < 32 ? 1 : part) {
		us = alone_us * part / 16;
		echo_within(us, mem, &r);
		if (!r.error)
			answered++;
		else if (r.error != -ETIMEDOUT || !nobody_touches(mem, 2 * LARGE))
			err = is("deadline", us, &r, -ETIMEDOUT,
				 RDMARPC_OUTCOME_MAYBE_EXECUTED, 0) ?: -EBADMSG;
		else
			ended++;
	}
	pr_info("%u ended before their reply, %u did not\n", ended, answered);
	vfree(mem);
	return err ?: ended && answered ? 0 : -ERANGE;
}

/* A byte of each page tells one call from the next, and takes no time from being called. */
static void mark_pages(u8 *mem, size_t len, u8 nr)
{
	size_t i;

	for (i = 0; i < len; i += PAGE_SIZE)
		mem[i] = nr;
}

/*
 * Calls, while the test closes their connections: one is nearly always under way, so that
 * some are lost however few are closed.
 */
static int case_closed(void)
{
	u64 end_ns = ktime_get_ns() + 60 * NSEC_PER_SEC;
	u8 *mem = vzalloc(2 * LARGE);
	struct kvec out = { mem, LARGE }, in = { mem + LARGE, LARGE };
	struct iov_iter request, reply;
	u32 lost = 0, answered = 0;
	struct rdmarpc_result r;
	int err = mem ? 0 : -ENOMEM;

	while (ktime_get_ns() < end_ns && !err && (lost < 5 || answered < 5)) {
		mark_pages(mem, LARGE, lost + answered);
		iov_iter_kvec(&request, ITER_SOURCE, &out, 1, LARGE);
		iov_iter_kvec(&reply, ITER_DEST, &in, 1, LARGE);
		rdmarpc_call(client, ECHO, &request, &reply, FIXTURE_US, RDMARPC_CALL_WAIT, &r);
		if (!r.error && memcmp(mem, mem + LARGE, LARGE))
			err = -EBADMSG;
		else if (!r.error)
			answered++;
		else if (r.error != -ECONNRESET || !nobody_touches(mem, 2 * LARGE))
			err = is("closed", LARGE, &r, -ECONNRESET,
				 RDMARPC_OUTCOME_MAYBE_EXECUTED, 0) ?: -EBADMSG;
		else
			lost++;
	}
	pr_info("%u lost, %u answered\n", lost, answered);
	vfree(mem);
	return err ?: lost && answered ? 0 : -ERANGE;
}

/* Likewise, their handler having much to reply when they are gone. */
static int case_late(void)
{
	const size_t room = 1 << 20;
	u8 *to = vmalloc(room);
	u32 lost = 0, answered = 0, i;
	struct rdmarpc_result r;
	int err = to ? 0 : -ENOMEM;

	for (i = 0; i < 40 && !err && (lost < 5 || !answered); i++) {
		give_len(LATE, room, room, to, &r);
		if (!r.error && !filled(to, room, room))
			err = -EBADMSG;
		else if (r.error && r.error != -ECONNRESET)
			err = is("late", room, &r, -ECONNRESET, RDMARPC_OUTCOME_MAYBE_EXECUTED, 0);
		else if (r.error)
			lost++;
		else
			answered++;
	}
	pr_info("%u lost, %u answered\n", lost, answered);
	vfree(to);
	return err ?: lost ? 0 : -ERANGE;
}

/* ---- many that are given up ---- */

static unsigned int given_up_mb = 16;
module_param(given_up_mb, uint, 0644);
/* Each call waits while the others map their memory, where there is one processor. */
static unsigned int slack_ms;
module_param(slack_ms, uint, 0644);

#define GIVEN_UP	4

struct given_up {
	struct task_struct *task;
	struct completion done;
	struct rdmarpc_client *cl;
	u16 method;
	u8 *mem;
	size_t len, room;
	u64 timeout_us, took_us;
	struct rdmarpc_result r;
	bool touched;
};

static void call_timed(struct given_up *g)
{
	struct kvec out = { g->mem, g->len }, in = { g->mem + g->len, g->room };
	struct iov_iter request, reply;
	ktime_t began = ktime_get();

	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, g->len);
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, g->room);
	rdmarpc_call(g->cl, g->method, &request, &reply, g->timeout_us, 0, &g->r);
	g->took_us = ktime_us_delta(ktime_get(), began);
}

static int given_up_thread(void *arg)
{
	struct given_up *g = arg;

	call_timed(g);
	g->touched = !nobody_touches(g->mem, g->len + g->room);
	complete(&g->done);
	return 0;
}

/* All at once: each has to end soon after its time, and long before all could be done. */
static int give_up(struct given_up *calls, u64 timeout_us, u64 alone_us, u32 *late)
{
	struct given_up *g;
	int err = 0;

	for (g = calls; g < calls + GIVEN_UP; g++) {
		g->timeout_us = timeout_us;
		init_completion(&g->done);
		g->task = kthread_run(given_up_thread, g, "bulk_given_up");
		if (IS_ERR(g->task)) {
			complete(&g->done);
			err = PTR_ERR(g->task);
		}
	}
	for (g = calls; g < calls + GIVEN_UP; g++) {
		wait_for_completion(&g->done);
		pr_info("%llu us of %llu: error %d after %llu\n", timeout_us, alone_us, g->r.error,
			g->took_us);
		if (err)
			continue;
		if (g->touched)
			err = -EBADMSG;
		else if (g->r.error && g->r.error != -ETIMEDOUT)
			err = -EPROTO;
		else if (g->took_us > timeout_us + 2 * alone_us + slack_ms * USEC_PER_MSEC)
			err = -ETIME;
		*late += !!g->r.error;
	}
	return err;
}

/* On a machine that stands still all may be late, but not each time. */
static int give_up_in_time(struct given_up *calls, u64 timeout_us, u64 alone_us, u32 *late)
{
	int err = -ETIME, i;

	for (i = 0; i < 3 && err == -ETIME; i++)
		err = give_up(calls, timeout_us, alone_us, late);
	return err;
}

static int given_up_make(struct given_up *calls, struct rdmarpc_client *cl)
{
	int i;

	for (i = 0; i < GIVEN_UP; i++) {
		calls[i].cl = cl;
		calls[i].method = ECHO;
		calls[i].len = (size_t)given_up_mb << 20;
		calls[i].room = calls[i].len;
		calls[i].mem = vzalloc(2 * calls[i].len);
		if (!calls[i].mem)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Calls whose time is over while others of their connection are moved, too: it goes on,
 * nobody waits for what is moved for nobody.
 */
static int case_given_up(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, GIVEN_UP);
	struct given_up *calls;
	struct rdmarpc_result r;
	u64 alone_us = FIXTURE_US;
	u32 late = 0;
	int err, i;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	calls = kcalloc(GIVEN_UP, sizeof(*calls), GFP_KERNEL);
	err = calls ? given_up_make(calls, cl) : -ENOMEM;
	for (i = 0; i < 3 && !err; i++) {
		calls[0].timeout_us = FIXTURE_US;
		call_timed(&calls[0]);
		err = calls[0].r.error;
		alone_us = min(alone_us, calls[0].took_us);
	}
	for (i = 1; i < 8 && !err; i++)
		err = give_up_in_time(calls, alone_us * i / 4 + 1000, alone_us, &late) ?:
		      fixture_call(cl, ECHO, &r);
	rdmarpc_client_destroy(cl);
	for (i = 0; calls && i < GIVEN_UP; i++)
		vfree(calls[i].mem);
	kfree(calls);
	return err ?: late > GIVEN_UP ? 0 : -ERANGE;
}

/* ---- one at a time that is cancelled ---- */

#define CANCELLED	40

/* How many of them were, and how many were done before. */
static unsigned int nr_cancelled, nr_done;
module_param(nr_cancelled, uint, 0444);
module_param(nr_done, uint, 0444);

static int cancelled_thread(void *arg)
{
	allow_signal(SIGKILL);
	return given_up_thread(arg);
}

/* Whoever waits for a call cancels it by being killed. */
static int cancel_after(struct given_up *g, u64 us)
{
	init_completion(&g->done);
	g->task = kthread_create(cancelled_thread, g, "bulk_cancelled");
	if (IS_ERR(g->task))
		return PTR_ERR(g->task);
	get_task_struct(g->task);
	wake_up_process(g->task);
	usleep_range(us, us + 1);
	send_sig(SIGKILL, g->task, 1);
	/* It is out of this module's code then. */
	kthread_stop(g->task);
	put_task_struct(g->task);
	pr_debug("after %llu us: error %d after %llu\n", us, g->r.error, g->took_us);
	if (g->touched)
		return -EBADMSG;
	if (g->r.error && g->r.error != -ECANCELED)
		return -EPROTO;
	nr_cancelled += g->r.error == -ECANCELED;
	nr_done += !g->r.error;
	return 0;
}

/*
 * Large requests for nothing are cancelled at any time of theirs, long before their
 * deadlines. Who runs this looks at how many bytes were moved for them.
 */
static int case_cancelled(void)
{
	struct rdmarpc_result r;
	struct given_up g = { .cl = client, .method = GIVE, .len = (size_t)given_up_mb << 20 };
	u64 alone_us = FIXTURE_US;
	int err = 0, i;

	nr_cancelled = 0;
	nr_done = 0;
	g.timeout_us = FIXTURE_US;
	g.mem = vzalloc(g.len);
	if (!g.mem)
		return -ENOMEM;
	for (i = 0; i < 3 && !err; i++) {
		call_timed(&g);
		err = g.r.error;
		nr_done += !err;
		alone_us = min(alone_us, g.took_us);
	}
	/* A message that comes back was sent after the word that the call is cancelled. */
	for (i = 1; i <= CANCELLED && !err; i++) {
		memset(g.mem, 0, g.len);
		err = cancel_after(&g, alone_us * i / CANCELLED) ?:
		      fixture_call(client, ECHO, &r);
	}
	vfree(g.mem);
	return err;
}

/* ---- running them ---- */

static int begin(void)
{
	struct sockaddr_in addr = fixture_addr(PORT);

	server = fixture_server("bulk", PORT);
	if (IS_ERR(server))
		return PTR_ERR(server);
	give = rdmarpc_handler_register(server, GIVE, give_fn, NULL, 0);
	if (IS_ERR(give))
		return PTR_ERR(give);
	sum = rdmarpc_handler_register(server, SUM, sum_fn, NULL, 0);
	if (IS_ERR(sum))
		return PTR_ERR(sum);
	late = rdmarpc_handler_register(server, LATE, late_fn, NULL, 0);
	if (IS_ERR(late))
		return PTR_ERR(late);
	client = rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 4, 2000,
				       RDMARPC_CONNECT_RECONNECT);
	return PTR_ERR_OR_ZERO(client);
}

static void end(void)
{
	rdmarpc_client_destroy(client);
	rdmarpc_handler_unregister(late);
	rdmarpc_handler_unregister(sum);
	rdmarpc_handler_unregister(give);
	rdmarpc_server_destroy(server);
	client = NULL;
	late = NULL;
	sum = NULL;
	give = NULL;
	server = NULL;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {
		{ "shapes", case_shapes },
		{ "replies", case_replies },
		{ "requests", case_requests },
		{ "deadlines", case_deadlines },
		{ "closed", case_closed },
		{ "late", case_late },
		{ "given_up", case_given_up },
		{ "cancelled", case_cancelled },
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!sysfs_streq(val, cases[i].name))
			continue;
		err = begin();
		err = err ?: cases[i].run();
		end();
		return err;
	}
	return -EINVAL;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init bulk_init(void)
{
	return 0;
}

static void __exit bulk_exit(void)
{
}

module_init(bulk_init);
module_exit(bulk_exit);

MODULE_DESCRIPTION("rdmarpc: tests of large requests and replies");
MODULE_LICENSE("Dual BSD/GPL");
