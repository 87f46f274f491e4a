// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Clients for kernel code: kmod/rdmarpc.h on top of client.h. */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/lockdep.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "client.h"
#include "deadline.h"
#include "misuse.h"
#include "retry.h"

/*
 * Held while a done function runs, and taken by those who wait for it: lockdep
 * then tells who waits for himself. Read recursively, as done functions run in
 * soft interrupts and interrupted by them.
 */
#ifdef CONFIG_LOCKDEP
static struct lockdep_map done_map = STATIC_LOCKDEP_MAP_INIT("rdmarpc_done", &done_map);
#else
static struct lockdep_map done_map __maybe_unused;
#endif

static void waits_for_done(void)
{
	local_bh_disable();
	lock_map_acquire(&done_map);
	lock_map_release(&done_map);
	local_bh_enable();
}

static size_t sockaddr_size(const struct sockaddr *addr)
{
	return addr->sa_family == AF_INET ? sizeof(struct sockaddr_in) :
	       addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	       sizeof(addr->sa_family);
}

struct rdmarpc_client *rdmarpc_client_create(struct net *net, const struct sockaddr *addr,
					     u32 depth, u32 timeout_ms, unsigned int flags)
{
	struct rr_client_config cfg = {
		.net = net,
		.depth = depth,
		.timeout_ms = timeout_ms,
		.reconnect = flags & RDMARPC_CONNECT_RECONNECT,
	};

	if (!rr_may_sleep() || !net || !addr || (flags & ~RDMARPC_CONNECT_RECONNECT))
		return ERR_PTR(-EINVAL);
	memcpy(&cfg.addr, addr, sockaddr_size(addr));
	return rr_client_open(&cfg);
}
EXPORT_SYMBOL_GPL(rdmarpc_client_create);

void rdmarpc_client_destroy(struct rdmarpc_client *cl)
{
	int err;

	if (IS_ERR_OR_NULL(cl) || !rr_may_sleep())
		return;
	waits_for_done();
	err = rr_client_close(cl);
	rr_misused(err == -ENOENT, "not a client, or destroyed already");
	rr_misused(err == -EDEADLK, "from one of its own done functions");
}
EXPORT_SYMBOL_GPL(rdmarpc_client_destroy);

static int not_executed(struct rdmarpc_result *res, int err)
{
	*res = (struct rdmarpc_result) {
		.error = err,
		.outcome = RDMARPC_OUTCOME_NOT_EXECUTED,
	};
	return err;
}

/* Return: a slot, before @end or ERR_PTR(-ETIMEDOUT), or -ECANCELED when killed. */
static struct rr_call *wait_for_slot(struct rdmarpc_client *cl, ktime_t end, unsigned int flags)
{
	struct rr_call *call;
	ktime_t now;
	long ret = 0;

	for (;;) {
		call = rr_call_get(cl, flags);
		if (call != ERR_PTR(-EAGAIN))
			return call;
		now = ktime_get();
		if (ret < 0 || rr_deadline_over(end, now))
			return ERR_PTR(ret < 0 ? -ECANCELED : -ETIMEDOUT);
		ret = wait_event_killable_timeout(*rr_client_wait(cl),
						  rr_client_check(cl, flags) != -EAGAIN,
						  rr_deadline_jiffies(end, now));
	}
}

static struct rr_call *get_slot(struct rdmarpc_client *cl, ktime_t end, unsigned int flags)
{
	struct rr_call *call;

	rcu_read_lock();
	call = rr_call_get(cl, flags);
	/* A slot keeps the client in memory; who waits for one has to do so itself. */
	if (call == ERR_PTR(-EAGAIN) && !rr_client_get_unless_gone(cl))
		call = ERR_PTR(-ENOTCONN);
	rcu_read_unlock();
	if (call != ERR_PTR(-EAGAIN))
		return call;
	call = wait_for_slot(cl, end, flags);
	rr_client_put(cl);
	return call;
}

static void sync_done(struct rr_call *call)
{
	complete(call->owner);
}

static void take_reply(struct rr_call *call, struct iov_iter *reply,
		       struct rdmarpc_result *res)
{
	int err = rr_call_take_reply(call, reply);

	*res = call->result;
	if (err)
		rr_call_result_undelivered(err, res);
}

struct sync_call {
	struct rdmarpc_client *cl;
	u16 method;
	ktime_t end;
	struct iov_iter *request, *reply;
};

/* @flags: RDMARPC_SUBMIT_*. Return: @res->error. */
static int attempt(const struct sync_call *sc, unsigned int flags, struct rdmarpc_result *res)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct iov_iter request = *sc->request;
	struct rr_call *call;
	int err;

	call = get_slot(sc->cl, sc->end, flags);
	if (IS_ERR(call))
		return not_executed(res, PTR_ERR(call));

	call->done = sync_done;
	call->owner = &done;
	err = rr_call_start(call, sc->method, &request, sc->reply,
			    max(rr_deadline_left_us(sc->end, ktime_get()), 1));
	if (err) {
		rr_call_put(call);
		return not_executed(res, err);
	}
	if (wait_for_completion_killable(&done)) {
		rr_call_cancel(call);
		/* Whoever ended it is about to say so. */
		wait_for_completion(&done);
	}
	take_reply(call, sc->reply, res);
	rr_call_put(call);
	return res->error;
}

/* Return: whether there was a pause before the next attempt, and it makes sense. */
static bool pause(const struct sync_call *sc, struct rr_backoff *backoff)
{
	ktime_t now = ktime_get();
	ktime_t until = ktime_add_ms(now, rr_backoff_next(backoff, get_random_u32()));

	return !rr_deadline_over(sc->end, until) &&
	       !wait_event_killable_timeout(*rr_client_wait(sc->cl), !rr_client_alive(sc->cl),
					    rr_deadline_jiffies(until, now));
}

/*
 * Tries until something else is to be told. What may have been executed remains so,
 * whatever comes of later attempts that fail.
 */
static void call_and_retry(const struct sync_call *sc, unsigned int flags,
			   struct rdmarpc_result *res)
{
	struct rr_backoff backoff = {};
	struct rdmarpc_result next;
	bool maybe = false;
	unsigned int again;

	attempt(sc, RDMARPC_SUBMIT_WAIT, res);
	next = *res;
	for (;;) {
		again = 0;
		switch (rr_retry_of(&next, flags)) {
		case RR_RETRY_NOT:
			return;
		case RR_RETRY_PAID:
			again = RDMARPC_SUBMIT_AGAIN;
			maybe = true;
			break;
		case RR_RETRY_RECONNECTED:
			if (!rr_client_waits(sc->cl, RDMARPC_SUBMIT_WAIT))
				return;
			break;
		case RR_RETRY:
			break;
		}
		if (!pause(sc, &backoff))
			return;
		attempt(sc, RDMARPC_SUBMIT_WAIT | again, &next);
		if (next.outcome != RDMARPC_OUTCOME_NOT_EXECUTED || !maybe)
			*res = next;
	}
}

int rdmarpc_call(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		 struct iov_iter *reply, u64 timeout_us, unsigned int flags,
		 struct rdmarpc_result *result)
{
	struct sync_call sc = {
		.cl = cl,
		.method = method,
		.request = request,
		.reply = reply,
	};
	struct rdmarpc_result unwanted;
	struct rdmarpc_result *res = result ?: &unwanted;

	if (!rr_may_sleep() ||
	    rr_misused(IS_ERR_OR_NULL(cl) || !request || !reply, "without what it needs") ||
	    !rr_timeout_valid(timeout_us) ||
	    (flags & ~(RDMARPC_CALL_WAIT | RDMARPC_CALL_IDEMPOTENT)))
		return not_executed(res, -EINVAL);
	sc.end = timeout_us == RDMARPC_NO_DEADLINE ? KTIME_MAX :
		 ktime_add_us(ktime_get(), timeout_us);
	if (!flags)
		return attempt(&sc, 0, res);
	/* A slot keeps the client in memory; between two attempts there is none. */
	rr_client_get(cl);
	call_and_retry(&sc, flags, res);
	rr_client_put(cl);
	return res->error;
}
EXPORT_SYMBOL_GPL(rdmarpc_call);

static void async_done(struct rr_call *call)
{
	rdmarpc_done_fn done = (rdmarpc_done_fn)call->owner;
	void *ctx = (void *)(unsigned long)call->user.data;
	struct kvec kv = { (void *)rr_call_reply(call), rr_call_reply_len(call) };
	struct rdmarpc_result res = call->result;
	struct iov_iter reply;

	iov_iter_kvec(&reply, ITER_SOURCE, &kv, 1, kv.iov_len);
	lock_map_acquire_read(&done_map);
	non_block_start();
	done(ctx, &res, &reply);
	non_block_end();
	lock_map_release(&done_map);
	rr_call_put(call);
}

int rdmarpc_call_async(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		       u64 timeout_us, rdmarpc_done_fn done, void *ctx)
{
	struct rr_call *call;
	int err;

	if (rr_misused(in_hardirq() || irqs_disabled(), "with interrupts off") ||
	    rr_misused(IS_ERR_OR_NULL(cl) || !request || !done, "without what it needs"))
		return -EINVAL;
	/* More of it would have to be mapped, which may sleep. */
	if (iov_iter_count(request) > RR_MAX_EAGER)
		return -EMSGSIZE;
	call = rr_call_get(cl, 0);
	if (IS_ERR(call))
		return PTR_ERR(call);
	call->done = async_done;
	call->owner = (void *)done;
	call->user.data = (unsigned long)ctx;
	err = rr_call_start(call, method, request, NULL, timeout_us);
	if (err)
		rr_call_put(call);
	return err;
}
EXPORT_SYMBOL_GPL(rdmarpc_call_async);
