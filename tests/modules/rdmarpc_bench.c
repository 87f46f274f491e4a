// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * The benchmark's kernel caller and kernel handlers, to be held against rdmarpc_floor.
 * The handlers' server is there for programs too, as long as the module is. The
 * parameter "run" takes
 *
 *	request|reply SIZE DEPTH COUNT
 *	both SIZE DEPTH COUNT [echo|atomic|sleeping|program [CONNECTIONS]]
 *	async SIZE DEPTH COUNT [echo|atomic|sleeping|program|take|give [CONNECTIONS]]
 *	beside SIZE DEPTH COUNT
 *	connect DEPTH COUNT
 *
 * and makes COUNT calls over one connection, or over each of CONNECTIONS in turn, DEPTH at a
 * time, each from a thread and memory of its own, which has called once before; "result" has
 * the outcome. A "request" of
 * SIZE bytes is answered with 8, a "reply" of SIZE bytes is the answer to 16, "both" have
 * that size, which may be 0. So have "async", which no thread waits for: the end of one
 * begins the next. They are answered by the server's own echo, by handlers here that may not
 * sleep or may, or by bench-handler; or they are as a "request", for a handler that takes, or
 * as a "reply", for one that gives. "beside" makes COUNT calls of 64 bytes or more, one at a
 * time, while DEPTH threads call with "both" and have been answered a few times, after each
 * of them has been once; its outcome is that of the former. "connect" makes COUNT connections
 * for DEPTH calls each, one after the other, and keeps them until all are there.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/spinlock.h>

#include "bench.h"
#include "fixture.h"

#define PORT		7491
#define SMALL		64
/* Large calls that small ones are made beside. */
#define BESIDE_LARGE	4
#define CALL_US		(60 * USEC_PER_SEC)

/* Methods, as bench-call and bench-handler have them. */
enum { ECHO, TAKE, GIVE, ATOMIC, SLEEPING, PROGRAM, NR_METHODS };

/* All but TAKE and GIVE answer with what they got. */
static const char * const methods[NR_METHODS] = {
	[ECHO] = "echo", [TAKE] = "take", [GIVE] = "give",
	[ATOMIC] = "atomic", [SLEEPING] = "sleeping", [PROGRAM] = "program",
};

enum bench_op {
	BENCH_REQUEST, BENCH_REPLY, BENCH_BOTH, BENCH_ASYNC, BENCH_BESIDE, BENCH_CONNECT,
};

/* What a GIVE asks for. */
struct bench_want {
	u64 len;
	u64 mark;
};

/* A measurement. @lock protects @left, @large, @err and @times. */
struct bench {
	enum bench_op op;
	size_t size;		/* of each call */
	u16 method;		/* what answers "both" and "async" */
	u32 depth, count;	/* calls at a time; calls that are measured */
	struct rdmarpc_client **clients;
	u32 nr_clients;
	spinlock_t lock;
	u32 left;		/* calls to be begun */
	int err;
	struct bench_times times;
	atomic_t running;	/* callers */
	bool over;		/* those that call beside may end */
	u32 large;		/* of theirs, to be answered */
	struct completion warm;	/* they have been, once */
	atomic_t cold;		/* callers that have not called yet */
	struct completion begin;	/* all have: now they are measured */
	struct completion done;
};

/* One of those that call, each one at a time. */
struct bench_caller {
	struct bench *b;
	u16 method;
	size_t size;
	u32 next;		/* of the clients */
	u64 start;		/* of an asynchronous call */
	bool measured;
	u64 mark;
	struct bench_mem out, in;
};

/* ---- handlers ---- */

static u64 *mark_of(const struct bench_mem *m)
{
	return page_address(m->bv->bv_page);
}

/* Answers with the request's first 8 bytes, and does not look at others. */
static int take_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	u64 mark;
	size_t n = min_t(size_t, iov_iter_count(request), sizeof(mark));

	return copy_from_iter(&mark, n, request) == n &&
	       copy_to_iter(&mark, n, reply) == n ? 0 : -EFAULT;
}

static int back_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	char bytes[SMALL];
	size_t n;

	while (iov_iter_count(request)) {
		n = copy_from_iter(bytes, sizeof(bytes), request);
		if (!n || copy_to_iter(bytes, n, reply) != n)
			return -EFAULT;
	}
	return 0;
}

/* What is given, from memory that is there: of the last size that was asked for. */
struct bench_gift {
	struct list_head link;
	size_t len;
	struct bench_mem mem;
};

static LIST_HEAD(gifts);
static DEFINE_SPINLOCK(gifts_lock);

static void gift_free(struct bench_gift *g)
{
	bench_mem_free(&g->mem);
	kfree(g);
}

static void gift_back(void *arg)
{
	struct bench_gift *g = arg;

	spin_lock_bh(&gifts_lock);
	list_add(&g->link, &gifts);
	spin_unlock_bh(&gifts_lock);
}

static struct bench_gift *gift_get(void)
{
	struct bench_gift *g;

	spin_lock_bh(&gifts_lock);
	g = list_first_entry_or_null(&gifts, struct bench_gift, link);
	if (g)
		list_del(&g->link);
	spin_unlock_bh(&gifts_lock);
	return g;
}

static struct bench_gift *gift_make(size_t len)
{
	struct bench_gift *g;

	while ((g = gift_get()) && g->len != len)
		gift_free(g);
	if (g)
		return g;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g || bench_mem_alloc(&g->mem, len)) {
		kfree(g);
		return NULL;
	}
	g->len = len;
	return g;
}

/* As many as are given at once are there before it is measured how long that takes. */
static int gifts_make(size_t len, u32 nr)
{
	struct bench_gift *g, *tmp;
	LIST_HEAD(made);
	u32 i;

	for (i = 0; i < nr; i++) {
		g = gift_make(len);
		if (!g)
			break;
		list_add(&g->link, &made);
	}
	list_for_each_entry_safe(g, tmp, &made, link)
		gift_back(g);
	return i == nr ? 0 : -ENOMEM;
}

static int give_large(const struct bench_want *want, struct rdmarpc_req *req,
		      struct iov_iter *reply)
{
	struct bench_gift *g = gift_make(want->len);
	struct iov_iter from;
	int err;

	if (!g)
		return -ENOMEM;
	*mark_of(&g->mem) = want->mark;
	iov_iter_bvec(&from, ITER_SOURCE, g->mem.bv, g->mem.nr, want->len);
	err = rdmarpc_req_reply_from(req, &from, reply, gift_back, g);
	if (err)
		gift_free(g);
	return err;
}

/* Writes the first 8 bytes; the others are what they were. */
static int give_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	struct bench_want want;
	size_t n;

	if (copy_from_iter(&want, sizeof(want), request) != sizeof(want))
		return -EINVAL;
	if (want.len > RDMARPC_MAX_EAGER)
		return give_large(&want, req, reply);
	n = min_t(size_t, want.len, sizeof(want.mark));
	if (copy_to_iter(&want.mark, n, reply) != n)
		return -EFAULT;
	iov_iter_advance(reply, want.len - n);
	return 0;
}

/* ---- callers ---- */

/* Each uses them in turn, and no two the same one unless there are fewer than callers. */
static struct rdmarpc_client *caller_client(struct bench_caller *c)
{
	struct bench *b = c->b;
	struct rdmarpc_client *cl = b->clients[c->next];

	c->next += b->depth;
	if (c->next >= b->nr_clients)
		c->next %= b->nr_clients;
	return cl;
}

/* How many bytes are to come back, and how many of them have the mark. */
static size_t caller_marked(const struct bench_caller *c)
{
	return min(c->size, sizeof(c->mark));
}

static size_t caller_comes(const struct bench_caller *c)
{
	return c->method == TAKE ? caller_marked(c) : c->size;
}

/* Return: 0, -EBADMSG if something else came back, or what the call ended with. */
static int call_one(struct bench_caller *c)
{
	struct bench_want want = { c->size, c->mark };
	size_t come = caller_comes(c);
	struct kvec kv = { &want, sizeof(want) };
	struct iov_iter from, to;
	struct rdmarpc_result r;
	int err;

	*mark_of(&c->in) = 0;
	*mark_of(&c->out) = c->mark;
	if (c->method == GIVE)
		iov_iter_kvec(&from, ITER_SOURCE, &kv, 1, sizeof(want));
	else
		iov_iter_bvec(&from, ITER_SOURCE, c->out.bv, c->out.nr, c->size);
	iov_iter_bvec(&to, ITER_DEST, c->in.bv, c->in.nr, come);
	err = rdmarpc_call(caller_client(c), c->method, &from, &to, CALL_US, 0, &r);
	if (err)
		return err;
	return r.reply_len == come && !memcmp(mark_of(&c->in), &c->mark, caller_marked(c)) ?
	       0 : -EBADMSG;
}

/* A call has ended. Return: whether there is one more to make. */
static bool call_ended(struct bench_caller *c, u64 start, int err)
{
	struct bench *b = c->b;
	bool more;

	spin_lock_bh(&b->lock);
	if (err)
		b->err = err;
	else if (c->measured)
		bench_times_add(&b->times, start, ktime_get_ns(), c->size);
	if (!c->measured && b->large)
		b->large--;
	if (!b->large || err)
		complete(&b->warm);
	more = !err && (c->measured ? !b->err && (b->left || b->large) : !READ_ONCE(b->over));
	b->left -= c->measured && more && b->left;
	spin_unlock_bh(&b->lock);
	return more;
}

static void caller_run(struct bench_caller *c)
{
	u64 start;
	int err;

	do {
		start = ktime_get_ns();
		err = call_one(c);
	} while (call_ended(c, start, err));
}

static void caller_free(struct bench_caller *c)
{
	bench_mem_free(&c->out);
	bench_mem_free(&c->in);
	kfree(c);
}

static u16 op_method(const struct bench *b, enum bench_op op)
{
	return op == BENCH_REQUEST ? TAKE : op == BENCH_REPLY ? GIVE : b->method;
}

static struct bench_caller *caller_alloc(struct bench *b, enum bench_op op, size_t size)
{
	struct bench_caller *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return NULL;
	c->b = b;
	c->method = op_method(b, op);
	c->size = size;
	c->mark = get_random_u64() | 1;
	/* There is room for a mark, even if less of it goes. */
	size = max(size, sizeof(c->mark));
	err = bench_mem_alloc(&c->out, c->method == GIVE ? sizeof(c->mark) : size) ?:
	      bench_mem_alloc(&c->in, c->method == TAKE ? sizeof(c->mark) : size);
	if (!err)
		return c;
	caller_free(c);
	return NULL;
}

static void caller_over(struct bench *b)
{
	if (atomic_dec_and_test(&b->running))
		complete(&b->done);
}

/*
 * What a connection takes once, as the objects that register memory, is no part of it.
 * Return: whether all may begin.
 */
static bool caller_warm(struct bench_caller *c)
{
	struct bench *b = c->b;
	int err = call_one(c);

	if (err)
		WRITE_ONCE(b->err, err);
	if (atomic_dec_and_test(&b->cold)) {
		b->times.began = ktime_get_ns();
		complete_all(&b->begin);
	}
	wait_for_completion(&b->begin);
	return !READ_ONCE(b->err);
}

static int caller_thread(void *arg)
{
	struct bench_caller *c = arg;
	struct bench *b = c->b;

	if (!c->measured || caller_warm(c))
		caller_run(c);
	caller_over(b);
	return 0;
}

/* ---- callers that do not wait ---- */

static void async_done(void *ctx, const struct rdmarpc_result *r, struct iov_iter *reply);

static int async_begin(struct bench_caller *c)
{
	struct bench_want want = { c->size, c->mark };
	struct kvec kv = { mark_of(&c->out), c->size };
	u32 tries = c->b->nr_clients;
	struct iov_iter from;
	int err;

	if (c->method == GIVE)
		kv = (struct kvec) { &want, sizeof(want) };
	c->start = ktime_get_ns();
	/* Callers that are not equally fast may meet at one that has room for few. */
	do {
		iov_iter_kvec(&from, ITER_SOURCE, &kv, 1, kv.iov_len);
		err = rdmarpc_call_async(caller_client(c), c->method, &from, CALL_US,
					 async_done, c);
	} while (err == -EAGAIN && --tries);
	return err;
}

static void async_done(void *ctx, const struct rdmarpc_result *r, struct iov_iter *reply)
{
	struct bench_caller *c = ctx;
	size_t n = caller_marked(c);
	u64 mark;
	int err = r->error;

	if (!err && (iov_iter_count(reply) != caller_comes(c) ||
		     copy_from_iter(&mark, n, reply) != n || memcmp(&mark, &c->mark, n)))
		err = -EBADMSG;
	if (call_ended(c, c->start, err)) {
		err = async_begin(c);
		if (!err)
			return;
		call_ended(c, 0, err);
	}
	caller_over(c->b);
}

/* ---- a measurement ---- */

static int threads_begin(struct bench *b, struct bench_caller **callers, u32 nr)
{
	struct task_struct *task;
	u32 i;

	for (i = 0; i < nr; i++) {
		task = kthread_create(caller_thread, callers[i], "rdmarpc_bench/%u", i);
		if (IS_ERR(task)) {
			WRITE_ONCE(b->err, PTR_ERR(task));
			complete_all(&b->begin);
			return b->err;
		}
		atomic_inc(&b->running);
		wake_up_process(task);
	}
	return 0;
}

static int async_begin_all(struct bench *b, struct bench_caller **callers, u32 nr)
{
	u32 i;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		*mark_of(&callers[i]->out) = callers[i]->mark;
		atomic_inc(&b->running);
		err = async_begin(callers[i]);
		if (err)
			atomic_dec(&b->running);
	}
	return err;
}

static void callers_free(struct bench_caller **callers, u32 nr)
{
	u32 i;

	for (i = 0; i < nr && callers && callers[i]; i++)
		caller_free(callers[i]);
	kfree(callers);
}

/* Their memory is there before they begin. */
static struct bench_caller **callers_make(struct bench *b, enum bench_op op, u32 nr)
{
	struct bench_caller **callers = kcalloc(nr, sizeof(*callers), GFP_KERNEL);
	u32 i;

	for (i = 0; i < nr && callers; i++) {
		callers[i] = caller_alloc(b, op, b->size);
		if (!callers[i]) {
			callers_free(callers, nr);
			return NULL;
		}
		callers[i]->measured = b->op != BENCH_BESIDE;
		callers[i]->next = i % b->nr_clients;
	}
	return callers;
}

static void callers_wait(struct bench *b)
{
	WRITE_ONCE(b->over, true);
	if (!atomic_dec_and_test(&b->running))
		wait_for_completion(&b->done);
}

static int small_run(struct bench *b)
{
	struct bench_caller *c = caller_alloc(b, BENCH_BOTH, SMALL);

	if (!c)
		return -ENOMEM;
	/* What large calls take once, as the objects that register memory, is no part of it. */
	wait_for_completion(&b->warm);
	c->measured = true;
	spin_lock_bh(&b->lock);
	b->left = b->count - 1;
	b->large = BESIDE_LARGE;
	spin_unlock_bh(&b->lock);
	b->times.began = ktime_get_ns();
	caller_run(c);
	caller_free(c);
	return 0;
}

static int bench_measure(struct bench *b)
{
	enum bench_op op = b->op == BENCH_BESIDE ? BENCH_BOTH : b->op;
	u32 nr = b->op == BENCH_BESIDE ? b->depth : min(b->depth, b->count);
	struct bench_caller **callers = callers_make(b, op, nr);
	int err;

	if (!callers)
		return -ENOMEM;
	err = op == BENCH_REPLY ? gifts_make(b->size, nr) : 0;
	if (err) {
		callers_free(callers, nr);
		return err;
	}
	atomic_set(&b->running, 1);
	atomic_set(&b->cold, nr);
	b->large = b->op == BENCH_BESIDE ? nr : 0;
	/* Each makes one before it asks whether there are more. */
	b->left = b->count - min(nr, b->count);
	b->times.began = ktime_get_ns();
	err = op == BENCH_ASYNC ? async_begin_all(b, callers, nr) : threads_begin(b, callers, nr);
	if (!err && b->op == BENCH_BESIDE)
		err = small_run(b);
	callers_wait(b);
	callers_free(callers, nr);
	return err ?: b->err;
}

/* ---- connections ---- */

/* For a call more than are measured at a time: one is made beside them. */
static u32 client_depth(const struct bench *b)
{
	if (b->op == BENCH_CONNECT)
		return b->depth + 1;
	return DIV_ROUND_UP(b->depth, b->nr_clients) + 1;
}

static int client_open(struct bench *b, u32 i)
{
	u64 start = ktime_get_ns();

	b->clients[i] = fixture_client(PORT, client_depth(b));
	if (IS_ERR(b->clients[i]))
		return PTR_ERR(b->clients[i]);
	if (b->op == BENCH_CONNECT)
		bench_times_add(&b->times, start, ktime_get_ns(), 0);
	return 0;
}

/* What it has opened is left for clients_close(), even if it fails. */
static int clients_open(struct bench *b)
{
	u32 i;
	int err = 0;

	b->clients = kvcalloc(b->nr_clients, sizeof(*b->clients), GFP_KERNEL);
	for (i = 0; i < b->nr_clients && b->clients && !err; i++)
		err = client_open(b, i);
	return b->clients ? err : -ENOMEM;
}

static void clients_close(struct bench *b)
{
	u32 i;

	for (i = 0; i < b->nr_clients && b->clients; i++)
		rdmarpc_client_destroy(b->clients[i]);
	kvfree(b->clients);
}

/* Return: 0, or why they could not all be made. */
static int bench_connect(struct bench *b)
{
	u64 left = bench_mem_left();
	int err;

	b->times.began = ktime_get_ns();
	err = clients_open(b);
	b->times.bytes = bench_mem_taken(left);
	return err;
}

static char result[BENCH_RESULT];
module_param_string(result, result, sizeof(result), 0444);
MODULE_PARM_DESC(result, "what the last run came to");

static int bench_run(struct bench *b)
{
	int err;

	*result = '\0';
	err = bench_times_alloc(&b->times, b->count);
	if (err)
		return err;
	init_completion(&b->done);
	init_completion(&b->warm);
	init_completion(&b->begin);
	spin_lock_init(&b->lock);
	if (b->op == BENCH_CONNECT)
		err = bench_connect(b);
	else
		err = clients_open(b) ?: bench_measure(b);
	clients_close(b);
	if (!err)
		bench_times_print(&b->times, result, sizeof(result));
	bench_times_free(&b->times);
	return err;
}

static bool calls_valid(const struct bench *b, int n, int op, int method)
{
	bool names_it = op == BENCH_BOTH || op == BENCH_ASYNC;
	bool small = op == BENCH_ASYNC || method != ECHO;
	bool one_way = method == TAKE || method == GIVE;

	return n >= 4 && op >= 0 && op < BENCH_CONNECT && method >= 0 && b->depth && b->count &&
	       (b->size || (names_it && !one_way)) && (!one_way || op == BENCH_ASYNC) &&
	       b->size <= (small ? RDMARPC_MAX_EAGER : BENCH_MAX_SIZE) &&
	       b->depth <= BENCH_MAX_DEPTH && b->count <= BENCH_MAX_OPS && b->nr_clients &&
	       b->nr_clients <= BENCH_MAX_CONNS && (n == 4 || names_it);
}

static int connect_parse(struct bench *b, const char *val)
{
	if (sscanf(val, "connect %u %u", &b->depth, &b->count) != 2 || !b->depth || !b->count ||
	    b->depth > BENCH_MAX_DEPTH || b->count > BENCH_MAX_CONNS)
		return -EINVAL;
	b->op = BENCH_CONNECT;
	b->nr_clients = b->count;
	return 0;
}

static int bench_parse(struct bench *b, const char *val)
{
	static const char * const ops[] = { "request", "reply", "both", "async", "beside" };
	char op[8], handler[12] = "echo";
	int n, i, method;

	if (strstarts(val, "connect "))
		return connect_parse(b, val);
	b->nr_clients = 1;
	n = sscanf(val, "%7s %zu %u %u %11s %u", op, &b->size, &b->depth, &b->count, handler,
		   &b->nr_clients);
	i = match_string(ops, ARRAY_SIZE(ops), op);
	method = match_string(methods, ARRAY_SIZE(methods), handler);
	if (!calls_valid(b, n, i, method))
		return -EINVAL;
	b->op = i;
	b->method = method;
	return 0;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	struct bench *b = kzalloc(sizeof(*b), GFP_KERNEL);
	int err = b ? bench_parse(b, val) : -ENOMEM;

	err = err ?: bench_run(b);
	kfree(b);
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "measure: request|reply|both|async|beside SIZE DEPTH COUNT [HANDLER [CONNECTIONS]], or connect DEPTH COUNT");

static struct rdmarpc_server *server;
static struct rdmarpc_handler *handlers[NR_METHODS];

static void bench_exit(void)
{
	struct bench_gift *g;
	int i;

	for (i = 0; i < NR_METHODS; i++)
		rdmarpc_handler_unregister(handlers[i]);
	while ((g = gift_get()))
		gift_free(g);
	rdmarpc_server_destroy(server);
}

/* Of which as many calls may be under way as a measurement makes, and one more. */
static struct rdmarpc_server *server_make(void)
{
	struct sockaddr_in addr = fixture_addr(PORT);
	const struct rdmarpc_server_config cfg = {
		.name = "bench",
		.addr = (struct sockaddr *)&addr,
		.echo = true,
		.max_calls = BENCH_MAX_DEPTH + 1,
	};

	return rdmarpc_server_create(&init_net, &cfg);
}

static int __init bench_init(void)
{
	static const struct {
		rdmarpc_handler_fn fn;
		unsigned int flags;
	} fns[NR_METHODS] = {
		[TAKE] = { take_fn, RDMARPC_HANDLER_ATOMIC },
		/* Which finds memory for its reply, and so may sleep. */
		[GIVE] = { give_fn, 0 },
		[ATOMIC] = { back_fn, RDMARPC_HANDLER_ATOMIC },
		[SLEEPING] = { back_fn, 0 },
	};
	int i, err = 0;

	server = server_make();
	if (IS_ERR(server))
		return PTR_ERR(server);
	for (i = 0; i < NR_METHODS && !err; i++) {
		if (!fns[i].fn)
			continue;
		handlers[i] = rdmarpc_handler_register(server, i, fns[i].fn, NULL, fns[i].flags);
		err = PTR_ERR_OR_ZERO(handlers[i]);
	}
	if (err)
		bench_exit();
	return err;
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("rdmarpc: what calls cost between kernel callers and handlers");
MODULE_LICENSE("Dual BSD/GPL");
