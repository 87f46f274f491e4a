// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Uses every function of kmod/rdmarpc.h from every context that it allows. The
 * parameter "run" takes the name of a case; the write fails if the case does.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "fixture.h"

#define PORT		7480
#define NR_CHAIN	20

enum method {
	METHOD_ECHO,		/* the server's own */
	METHOD_ATOMIC,
	METHOD_SLEEPING,
	METHOD_CALLS,		/* calls, from a sleeping handler */
	METHOD_STARTS,		/* starts a call, from an atomic handler */
	METHOD_MANAGES,		/* makes and ends clients, handlers and servers */
	METHOD_BLOCKS,		/* answers when it is told to */
	METHOD_GIVES_UP,	/* answers when it is cancelled */
	METHOD_LATER,		/* registered by a case */
	NR_METHODS,
};

static struct rdmarpc_server *server;
static struct rdmarpc_client *client;
static struct rdmarpc_handler *handlers[NR_METHODS];

static DECLARE_COMPLETION(released);
static atomic_t blocked = ATOMIC_INIT(0);

/* ---- handlers ---- */

static int sleeping(void *ctx, struct rdmarpc_req *req,
		    struct iov_iter *request, struct iov_iter *reply)
{
	usleep_range(100, 200);
	return fixture_echo(ctx, req, request, reply);
}

static int calls(void *ctx, struct rdmarpc_req *req,
		 struct iov_iter *request, struct iov_iter *reply)
{
	return fixture_call(client, METHOD_SLEEPING, NULL) ?:
	       fixture_echo(ctx, req, request, reply);
}

static struct fixture_end started;

static int starts(void *ctx, struct rdmarpc_req *req,
		  struct iov_iter *request, struct iov_iter *reply)
{
	return fixture_async(client, METHOD_SLEEPING, fixture_done, &started) ?:
	       fixture_echo(ctx, req, request, reply);
}

static int manage_handler(struct rdmarpc_client *cl)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, "contexts");
	struct rdmarpc_handler *h;
	int err;

	if (!srv)
		return -ENOENT;
	h = rdmarpc_handler_register(srv, METHOD_LATER, fixture_echo, NULL, 0);
	rdmarpc_server_put(srv);
	if (IS_ERR(h))
		return PTR_ERR(h);
	err = fixture_call(cl, METHOD_LATER, NULL);
	rdmarpc_handler_unregister(h);
	return err;
}

static int manages(void *ctx, struct rdmarpc_req *req,
		   struct iov_iter *request, struct iov_iter *reply)
{
	struct rdmarpc_server *other = fixture_server("other", PORT + 1);
	struct rdmarpc_client *cl;
	int err;

	if (IS_ERR(other))
		return PTR_ERR(other);
	cl = fixture_client(PORT, 1);
	err = PTR_ERR_OR_ZERO(cl);
	if (!err) {
		err = manage_handler(cl);
		rdmarpc_client_destroy(cl);
	}
	rdmarpc_server_destroy(other);
	return err ?: fixture_echo(ctx, req, request, reply);
}

static int blocks(void *ctx, struct rdmarpc_req *req,
		  struct iov_iter *request, struct iov_iter *reply)
{
	atomic_inc(&blocked);
	wait_for_completion_timeout(&released, 15 * HZ);
	atomic_dec(&blocked);
	return fixture_echo(ctx, req, request, reply);
}

static struct {
	struct completion begun, ended;
	u64 left_us;
	bool told, cancelled, told_twice;
} given_up;

static void stop_waiting(void *arg)
{
	complete(arg);
}

static int gives_up(void *ctx, struct rdmarpc_req *req,
		    struct iov_iter *request, struct iov_iter *reply)
{
	DECLARE_COMPLETION_ONSTACK(nobody_waits);

	given_up.left_us = rdmarpc_req_left_us(req);
	rdmarpc_req_on_cancel(req, stop_waiting, &nobody_waits);
	complete(&given_up.begun);
	given_up.told = wait_for_completion_timeout(&nobody_waits, 10 * HZ);
	given_up.cancelled = rdmarpc_req_cancelled(req);
	given_up.told_twice = rdmarpc_req_on_cancel(req, NULL, NULL);
	complete(&given_up.ended);
	return 0;
}

/* ---- calls from threads ---- */

static int case_thread(void)
{
	return fixture_call(client, METHOD_ECHO, NULL) ?:
	       fixture_call(client, METHOD_ATOMIC, NULL) ?:
	       fixture_call(client, METHOD_SLEEPING, NULL);
}

struct deferred {
	struct work_struct work;
	struct timer_list timer;
	int err;
	struct fixture_end end;
};

static void deferred_call(struct work_struct *work)
{
	struct deferred *d = container_of(work, struct deferred, work);

	d->err = case_thread();
}

static int case_work(void)
{
	struct deferred d;

	INIT_WORK_ONSTACK(&d.work, deferred_call);
	schedule_work(&d.work);
	flush_work(&d.work);
	destroy_work_on_stack(&d.work);
	return d.err;
}

/* ---- asynchronous calls ---- */

static int await(struct fixture_end *end)
{
	/* Longer than any call lasts. */
	if (!wait_for_completion_timeout(&end->done, 20 * HZ))
		return -ETIME;
	return end->result.error;
}

static int case_async(void)
{
	struct fixture_end end;
	int err;

	init_completion(&end.done);
	err = fixture_async(client, METHOD_SLEEPING, fixture_done, &end);
	return err ?: await(&end);
}

static DEFINE_SPINLOCK(some_lock);

static int case_async_locked(void)
{
	struct fixture_end end;
	int err;

	init_completion(&end.done);
	spin_lock(&some_lock);
	err = fixture_async(client, METHOD_SLEEPING, fixture_done, &end);
	spin_unlock(&some_lock);
	return err ?: await(&end);
}

static int case_async_bh(void)
{
	struct fixture_end end;
	int err;

	init_completion(&end.done);
	local_bh_disable();
	err = fixture_async(client, METHOD_ATOMIC, fixture_done, &end);
	local_bh_enable();
	return err ?: await(&end);
}

static struct deferred from_timer_case;

static void deferred_async(struct timer_list *timer)
{
	struct deferred *d = &from_timer_case;

	d->err = in_softirq() ? fixture_async(client, METHOD_SLEEPING, fixture_done, &d->end) :
				-EPROTO;
	if (d->err)
		complete(&d->end.done);
}

static int case_async_timer(void)
{
	struct deferred *d = &from_timer_case;

	init_completion(&d->end.done);
	timer_setup(&d->timer, deferred_async, 0);
	mod_timer(&d->timer, jiffies + 1);
	return await(&d->end) ?: d->err;
}

/* ---- calls from done functions and handlers ---- */

struct chain {
	struct rdmarpc_client *client;
	int left;
	int err;
	struct fixture_end end;
};

static void chain_done(void *ctx, const struct rdmarpc_result *result, struct iov_iter *reply)
{
	struct chain *c = ctx;

	c->err = result->error;
	if (!c->err && c->left-- > 0)
		c->err = fixture_async(c->client, METHOD_ATOMIC, chain_done, c);
	else
		c->left = -1;
	if (c->err || c->left < 0)
		fixture_done(&c->end, result, reply);
}

static int chain(struct rdmarpc_client *cl)
{
	struct chain c = { .client = cl, .left = NR_CHAIN };
	int err;

	init_completion(&c.end.done);
	err = fixture_async(cl, METHOD_ATOMIC, chain_done, &c);
	return err ?: await(&c.end) ?: c.err;
}

static int case_done(void)
{
	return chain(client);
}

/* Of a connection with one slot, that is the call's until its done function returns. */
static int case_done_full(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 1);
	int err;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	err = chain(cl);
	rdmarpc_client_destroy(cl);
	return err == -EAGAIN ? 0 : -EPROTO;
}

static int case_sleeping_handler(void)
{
	return fixture_call(client, METHOD_CALLS, NULL);
}

static int case_atomic_handler(void)
{
	int err;

	init_completion(&started.done);
	err = fixture_call(client, METHOD_STARTS, NULL);
	return err ?: await(&started);
}

static int case_managing_handler(void)
{
	return fixture_call(client, METHOD_MANAGES, NULL);
}

/* ---- the end of what is in use ---- */

#define NR_CALLERS	4

struct caller {
	struct rdmarpc_client *client;
	struct rdmarpc_result result;
	struct completion ended;
};

static int caller_thread(void *data)
{
	struct caller *c = data;

	fixture_call(c->client, METHOD_BLOCKS, &c->result);
	complete(&c->ended);
	return 0;
}

/* Return: whether a call of a destroyed client ended as it should. */
static bool ended_well(const struct rdmarpc_result *r)
{
	return (r->error == -ECONNRESET && r->outcome == RDMARPC_OUTCOME_MAYBE_EXECUTED) ||
	       (r->error == -ENOTCONN && r->outcome == RDMARPC_OUTCOME_NOT_EXECUTED);
}

/* Two slots: two callers are in the handler, the others wait for a slot. */
static int case_destroy_with_callers(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 2);
	struct caller callers[NR_CALLERS] = {};
	int i, err = 0;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	reinit_completion(&released);
	for (i = 0; i < NR_CALLERS; i++) {
		callers[i].client = cl;
		init_completion(&callers[i].ended);
		if (IS_ERR(kthread_run(caller_thread, &callers[i], "contexts/%d", i))) {
			err = -ENOMEM;
			complete(&callers[i].ended);
		}
	}
	for (i = 0; i < 500 && atomic_read(&blocked) < 2; i++)
		msleep(20);
	msleep(50);
	rdmarpc_client_destroy(cl);
	for (i = 0; i < NR_CALLERS; i++) {
		wait_for_completion(&callers[i].ended);
		if (!ended_well(&callers[i].result))
			err = callers[i].result.error ?: -EPROTO;
	}
	complete_all(&released);
	return err;
}

static int case_destroy_with_calls(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 2);
	struct fixture_end ends[2];
	int i, err = 0;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	reinit_completion(&released);
	for (i = 0; i < 2 && !err; i++) {
		init_completion(&ends[i].done);
		err = fixture_async(cl, METHOD_BLOCKS, fixture_done, &ends[i]);
	}
	rdmarpc_client_destroy(cl);
	/* Without waiting: all of them have ended. */
	while (!err && i--)
		if (!completion_done(&ends[i].done) || !ended_well(&ends[i].result))
			err = -EPROTO;
	complete_all(&released);
	return err;
}

static int unregister_thread(void *data)
{
	struct caller *c = data;

	rdmarpc_handler_unregister(handlers[METHOD_BLOCKS]);
	/* Where it waited for the one that ran, that is over. */
	c->result.error = atomic_read(&blocked) ? -EPROTO : 0;
	complete(&c->ended);
	return 0;
}

static int case_unregister_waits(void)
{
	struct caller c = {};
	struct fixture_end end;
	int i, err;

	reinit_completion(&released);
	init_completion(&c.ended);
	init_completion(&end.done);
	err = fixture_async(client, METHOD_BLOCKS, fixture_done, &end);
	if (err)
		return err;
	for (i = 0; i < 500 && !atomic_read(&blocked); i++)
		msleep(20);
	if (IS_ERR(kthread_run(unregister_thread, &c, "contexts/unregister")))
		return -ENOMEM;
	err = wait_for_completion_timeout(&c.ended, HZ / 5) ? -EPROTO : 0;
	complete_all(&released);
	if (err)
		return err;
	wait_for_completion(&c.ended);
	handlers[METHOD_BLOCKS] = rdmarpc_handler_register(server, METHOD_BLOCKS, blocks, NULL, 0);
	return await(&end) ?: c.result.error ?: PTR_ERR_OR_ZERO(handlers[METHOD_BLOCKS]);
}

static struct rdmarpc_server *doomed;

static int destroys(void *ctx, struct rdmarpc_req *req,
		    struct iov_iter *request, struct iov_iter *reply)
{
	rdmarpc_server_destroy(doomed);
	return fixture_echo(ctx, req, request, reply);
}

/* A server's end does not wait for its handlers, so one of them may cause it. */
static int case_destroy_in_handler(void)
{
	struct rdmarpc_result result = {};
	struct rdmarpc_handler *h;
	struct rdmarpc_client *cl;

	doomed = fixture_server("doomed", PORT + 2);
	if (IS_ERR(doomed))
		return PTR_ERR(doomed);
	h = rdmarpc_handler_register(doomed, 1, destroys, NULL, 0);
	cl = fixture_client(PORT + 2, 1);
	if (!IS_ERR(h) && !IS_ERR(cl))
		fixture_call(cl, 1, &result);
	rdmarpc_client_destroy(cl);
	rdmarpc_handler_unregister(h);
	return ended_well(&result) ? 0 : -EPROTO;
}

/* ---- what is refused, without a word ---- */

static int case_ends_of_nothing(void)
{
	rdmarpc_client_destroy(NULL);
	rdmarpc_client_destroy(ERR_PTR(-EINVAL));
	rdmarpc_handler_unregister(NULL);
	rdmarpc_handler_unregister(ERR_PTR(-EINVAL));
	rdmarpc_server_destroy(NULL);
	rdmarpc_server_destroy(ERR_PTR(-EINVAL));
	rdmarpc_server_put(NULL);
	rdmarpc_server_put(ERR_PTR(-EINVAL));
	return 0;
}

static int check(const char *what, long is, long wanted)
{
	if (is != wanted)
		pr_err("contexts: %s is %ld, not %ld\n", what, is, wanted);
	return is != wanted;
}

#define REFUSED(expr, error)	check(#expr, (long)(expr), error)

static int call_for(size_t len, u64 timeout_us, struct rdmarpc_result *result)
{
	struct kvec kv = { page_address(ZERO_PAGE(0)), PAGE_SIZE };
	struct iov_iter request, reply;

	*result = (struct rdmarpc_result) { .outcome = RDMARPC_OUTCOME_OK };
	iov_iter_kvec(&request, ITER_SOURCE, &kv, 1, len);
	iov_iter_kvec(&reply, ITER_DEST, &kv, 1, 0);
	return rdmarpc_call(client, METHOD_ECHO, &request, &reply, timeout_us, 0, result);
}

static int case_refusals(void)
{
	struct sockaddr_in addr = fixture_addr(PORT);
	struct sockaddr *to = (struct sockaddr *)&addr;
	struct rdmarpc_server_config nameless = { .addr = to }, lost = { .name = "lost" };
	struct rdmarpc_result r;
	int bad = 0;

	bad += REFUSED(rdmarpc_server_create(&init_net, NULL), -EINVAL);
	bad += REFUSED(rdmarpc_server_create(&init_net, &nameless), -EINVAL);
	bad += REFUSED(rdmarpc_server_create(&init_net, &lost), -EINVAL);
	bad += REFUSED(fixture_server("contexts", PORT + 3), -EEXIST);
	bad += REFUSED(fixture_server("again", PORT), -EADDRINUSE);
	bad += REFUSED(rdmarpc_server_get(&init_net, "nobody"), 0);
	bad += REFUSED(rdmarpc_handler_register(NULL, 9, fixture_echo, NULL, 0), -EINVAL);
	bad += REFUSED(rdmarpc_handler_register(server, 9, NULL, NULL, 0), -EINVAL);
	bad += REFUSED(rdmarpc_handler_register(server, 9, fixture_echo, NULL, 2), -EINVAL);
	bad += REFUSED(rdmarpc_handler_register(server, METHOD_ATOMIC, fixture_echo, NULL, 0),
		       -EEXIST);
	bad += REFUSED(rdmarpc_client_create(&init_net, NULL, 0, 0, 0), -EINVAL);
	bad += REFUSED(rdmarpc_client_create(&init_net, to, RDMARPC_MAX_DEPTH + 1, 0, 0), -EINVAL);
	bad += REFUSED(rdmarpc_client_create(&init_net, to, 0, 60001, 0), -EINVAL);
	addr.sin_port = htons(7999);
	bad += REFUSED(rdmarpc_client_create(&init_net, to, 0, 0, 0), -ECONNREFUSED);
	bad += REFUSED(call_for(0, 0, &r), -EINVAL);
	bad += REFUSED(r.outcome, RDMARPC_OUTCOME_NOT_EXECUTED);
	bad += REFUSED(call_for(0, RDMARPC_MAX_TIMEOUT_US + 1, &r), -EINVAL);
	bad += REFUSED(call_for(RDMARPC_MAX_PAYLOAD + 1, FIXTURE_US, &r), -EMSGSIZE);
	bad += REFUSED(r.outcome, RDMARPC_OUTCOME_NOT_EXECUTED);
	bad += REFUSED(call_for(1, FIXTURE_US, &r), -EMSGSIZE);
	bad += REFUSED(r.outcome, RDMARPC_OUTCOME_EXECUTED);
	bad += REFUSED(r.reply_len, 1);
	bad += REFUSED(call_for(0, FIXTURE_US, &r), 0);
	return bad ? -EPROTO : 0;
}

/* A call's slot is free when its reply has come and its SEND has completed, in any order. */
static int start_when_free(struct rdmarpc_client *cl, u64 timeout_us, struct fixture_end *end)
{
	unsigned long give_up = jiffies + 5 * HZ;
	int err;

	for (;;) {
		err = fixture_async_within(cl, METHOD_BLOCKS, timeout_us, fixture_done, end);
		if (err != -EAGAIN || time_after(jiffies, give_up))
			return err;
		usleep_range(100, 200);
	}
}

/* The slots have had replies before; these have none. A second: it has to arrive. */
static int case_timed_out(void)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 1);
	struct fixture_end end;
	int err;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	reinit_completion(&released);
	init_completion(&end.done);
	err = fixture_call(cl, METHOD_ECHO, NULL) ?:
	      start_when_free(cl, USEC_PER_SEC, &end) ?:
	      fixture_async(cl, METHOD_BLOCKS, fixture_done, &end);
	/* The second one found the only slot taken. */
	err = err == -EAGAIN ? 0 : -EPROTO;
	if (!err && (await(&end) != -ETIMEDOUT || end.reply_len || end.result.reply_len ||
		     end.result.outcome != RDMARPC_OUTCOME_MAYBE_EXECUTED))
		err = -EPROTO;
	complete_all(&released);
	rdmarpc_client_destroy(cl);
	return err;
}

/* For a process that is killed meanwhile; what its call came to is in "killed". */
static int killed;
module_param(killed, int, 0444);

static int case_killed(void)
{
	reinit_completion(&released);
	killed = fixture_call(client, METHOD_BLOCKS, NULL);
	complete_all(&released);
	return 0;
}

/* ---- calls that nobody waits for any more ---- */

/* Return: 0 if the handler was told that its call was given up, and ended. */
static int await_given_up(void)
{
	if (!wait_for_completion_timeout(&given_up.ended, 5 * HZ))
		return -ETIME;
	return given_up.told && given_up.cancelled && !given_up.told_twice ? 0 : -EPROTO;
}

/* Return: a client of its own with a call, of @timeout_us, that the handler has. */
static struct rdmarpc_client *call_to_give_up(u64 timeout_us, struct fixture_end *end)
{
	struct rdmarpc_client *cl = fixture_client(PORT, 1);
	int err;

	if (IS_ERR(cl))
		return cl;
	init_completion(&given_up.begun);
	init_completion(&given_up.ended);
	init_completion(&end->done);
	err = fixture_async_within(cl, METHOD_GIVES_UP, timeout_us, fixture_done, end);
	if (!err && !wait_for_completion_timeout(&given_up.begun, 5 * HZ))
		err = -ETIME;
	if (!err)
		return cl;
	rdmarpc_client_destroy(cl);
	return ERR_PTR(err);
}

static int case_cancel_at_deadline(void)
{
	struct rdmarpc_client *cl;
	struct fixture_end end;
	int err;

	cl = call_to_give_up(USEC_PER_SEC, &end);
	if (IS_ERR(cl))
		return PTR_ERR(cl);
	err = await(&end) == -ETIMEDOUT ? await_given_up() : -EPROTO;
	if (!given_up.left_us || given_up.left_us > USEC_PER_SEC)
		err = err ?: -EPROTO;
	rdmarpc_client_destroy(cl);
	return err;
}

static int case_cancel_at_disconnect(void)
{
	struct rdmarpc_client *cl;
	struct fixture_end end;

	cl = call_to_give_up(RDMARPC_NO_DEADLINE, &end);
	if (IS_ERR(cl))
		return PTR_ERR(cl);
	rdmarpc_client_destroy(cl);
	if (await(&end) != -ECONNRESET || given_up.left_us != RDMARPC_NO_DEADLINE)
		return -EPROTO;
	return await_given_up();
}

static int case_no_deadline(void)
{
	char sent[4] = "ping", got[4] = "";
	struct kvec in = { sent, sizeof(sent) }, out = { got, sizeof(got) };
	struct iov_iter request, reply;

	iov_iter_kvec(&request, ITER_SOURCE, &in, 1, sizeof(sent));
	iov_iter_kvec(&reply, ITER_DEST, &out, 1, sizeof(got));
	return rdmarpc_call(client, METHOD_SLEEPING, &request, &reply, RDMARPC_NO_DEADLINE, 0, NULL) ?:
	       memcmp(sent, got, sizeof(sent)) ? -EBADMSG : 0;
}

/* What a server has accepted is answered before its drain ends. */
static int case_drain(void)
{
	struct rdmarpc_server *srv = fixture_server("drained", PORT + 2);
	struct rdmarpc_handler *h;
	struct rdmarpc_client *cl;
	struct fixture_end end;
	int err;

	if (IS_ERR(srv))
		return PTR_ERR(srv);
	reinit_completion(&released);
	init_completion(&end.done);
	h = rdmarpc_handler_register(srv, METHOD_BLOCKS, blocks, NULL, 0);
	cl = fixture_client(PORT + 2, 2);
	err = IS_ERR(h) || IS_ERR(cl) ? -EPROTO :
	      fixture_async(cl, METHOD_BLOCKS, fixture_done, &end);
	while (!err && !atomic_read(&blocked))
		usleep_range(100, 200);
	complete_all(&released);
	if (!err)
		err = rdmarpc_server_drain(srv, 10000) ?: await(&end) ?:
		      rdmarpc_server_drain(srv, 1) == -ESHUTDOWN ? 0 : -EPROTO;
	rdmarpc_client_destroy(cl);
	rdmarpc_handler_unregister(h);
	rdmarpc_server_destroy(srv);
	return err;
}

/* Calls that were given up, and that nobody answers, hold the only slot; not for ever. */
static int case_stuck(void)
{
	unsigned long end = jiffies + 10 * HZ;
	struct rdmarpc_client *cl = fixture_client(PORT, 1);
	struct fixture_end call;
	int err;

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	reinit_completion(&released);
	init_completion(&call.done);
	err = fixture_async_within(cl, METHOD_BLOCKS, 300000, fixture_done, &call) ?:
	      await(&call) == -ETIMEDOUT ? 0 : -EPROTO;
	while (!err && time_before(jiffies, end)) {
		init_completion(&call.done);
		err = fixture_async(cl, METHOD_ECHO, fixture_done, &call);
		if (err != -EAGAIN)
			break;
		err = 0;
		usleep_range(10000, 20000);
	}
	complete_all(&released);
	rdmarpc_client_destroy(cl);
	return err == -ENOTCONN ? 0 : -EPROTO;
}

/* ---- life ---- */

static int run_set(const char *val, const struct kernel_param *kp)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {
		{ "thread", case_thread },
		{ "work", case_work },
		{ "async", case_async },
		{ "async_locked", case_async_locked },
		{ "async_bh", case_async_bh },
		{ "async_timer", case_async_timer },
		{ "done", case_done },
		{ "done_full", case_done_full },
		{ "sleeping_handler", case_sleeping_handler },
		{ "atomic_handler", case_atomic_handler },
		{ "managing_handler", case_managing_handler },
		{ "destroy_with_callers", case_destroy_with_callers },
		{ "destroy_with_calls", case_destroy_with_calls },
		{ "unregister_waits", case_unregister_waits },
		{ "destroy_in_handler", case_destroy_in_handler },
		{ "ends_of_nothing", case_ends_of_nothing },
		{ "refusals", case_refusals },
		{ "timed_out", case_timed_out },
		{ "killed", case_killed },
		{ "cancel_at_deadline", case_cancel_at_deadline },
		{ "cancel_at_disconnect", case_cancel_at_disconnect },
		{ "no_deadline", case_no_deadline },
		{ "drain", case_drain },
		{ "stuck", case_stuck },
	};
	int i;

	for (i = 0; client && i < ARRAY_SIZE(cases); i++)
		if (sysfs_streq(val, cases[i].name))
			return cases[i].run();
	return -EINVAL;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static const struct {
	rdmarpc_handler_fn fn;
	unsigned int flags;
} functions[NR_METHODS] = {
	[METHOD_ATOMIC] = { fixture_echo, RDMARPC_HANDLER_ATOMIC },
	[METHOD_SLEEPING] = { sleeping, 0 },
	[METHOD_CALLS] = { calls, 0 },
	[METHOD_STARTS] = { starts, RDMARPC_HANDLER_ATOMIC },
	[METHOD_MANAGES] = { manages, 0 },
	[METHOD_BLOCKS] = { blocks, 0 },
	[METHOD_GIVES_UP] = { gives_up, 0 },
};

static void contexts_end(void)
{
	int i;

	/* Handlers call, so they go first. */
	for (i = 0; i < NR_METHODS; i++)
		rdmarpc_handler_unregister(handlers[i]);
	rdmarpc_client_destroy(client);
	rdmarpc_server_destroy(server);
}

static int __init contexts_init(void)
{
	int i, err;

	server = fixture_server("contexts", PORT);
	if (IS_ERR(server))
		return PTR_ERR(server);
	for (i = 0; i < NR_METHODS; i++)
		if (functions[i].fn)
			handlers[i] = rdmarpc_handler_register(server, i, functions[i].fn, NULL,
							       functions[i].flags);
	client = fixture_client(PORT, 0);
	err = PTR_ERR_OR_ZERO(client);
	for (i = 0; i < NR_METHODS && !err; i++)
		err = PTR_ERR_OR_ZERO(handlers[i]);
	if (err)
		contexts_end();
	return err;
}

static void __exit contexts_exit(void)
{
	contexts_end();
}

module_init(contexts_init);
module_exit(contexts_exit);
MODULE_DESCRIPTION("rdmarpc: its functions in every context");
MODULE_LICENSE("Dual BSD/GPL");
