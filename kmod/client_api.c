// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Clients for kernel code: kmod/rdmarpc.h on top of client.h. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>

#include "client.h"

struct rdmarpc_client *rdmarpc_client_create(struct net *net, const struct sockaddr *addr,
					     u32 depth, u32 timeout_ms)
{
	might_sleep();
	return rr_client_open(net, addr, depth, timeout_ms, false);
}
EXPORT_SYMBOL_GPL(rdmarpc_client_create);

void rdmarpc_client_destroy(struct rdmarpc_client *cl)
{
	might_sleep();
	rr_client_close(cl);
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
static struct rr_call *wait_for_slot(struct rdmarpc_client *cl, ktime_t end)
{
	struct rr_call *call;
	s64 left;
	long ret;

	for (;;) {
		call = rr_call_get(cl);
		if (call != ERR_PTR(-EAGAIN))
			return call;
		left = ktime_us_delta(end, ktime_get());
		if (left <= 0)
			return ERR_PTR(-ETIMEDOUT);
		ret = wait_event_killable_timeout(*rr_client_wait(cl),
						  rr_client_has_slot(cl) ||
						  !rr_client_alive(cl),
						  usecs_to_jiffies(min_t(s64, left, U32_MAX)) + 1);
		if (ret < 0)
			return ERR_PTR(-ECANCELED);
	}
}

static void sync_done(struct rr_call *call)
{
	complete(call->owner);
}

static void take_reply(struct rr_call *call, struct iov_iter *reply,
		       struct rdmarpc_result *res)
{
	u32 len = call->result.reply_len;

	*res = call->result;
	if (!len)
		return;
	if (iov_iter_count(reply) < len)
		rr_call_result_undelivered(-EMSGSIZE, res);
	else if (copy_to_iter(rr_call_reply(call), len, reply) != len)
		rr_call_result_undelivered(-EFAULT, res);
}

int rdmarpc_call(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		 struct iov_iter *reply, u64 timeout_us, struct rdmarpc_result *result)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct rdmarpc_result unwanted;
	struct rdmarpc_result *res = result ?: &unwanted;
	struct rr_call *call;
	ktime_t end;
	s64 left;
	int err;

	might_sleep();
	if (!timeout_us || timeout_us > RDMARPC_MAX_TIMEOUT_US)
		return not_executed(res, -EINVAL);
	end = ktime_add_us(ktime_get(), timeout_us);
	call = wait_for_slot(cl, end);
	if (IS_ERR(call))
		return not_executed(res, PTR_ERR(call));

	call->done = sync_done;
	call->owner = &done;
	left = max_t(s64, ktime_us_delta(end, ktime_get()), 1);
	err = rr_call_start(call, method, request, left);
	if (err) {
		rr_call_put(call);
		return not_executed(res, err);
	}
	if (wait_for_completion_killable(&done)) {
		rr_call_cancel(call);
		/* Whoever ended it is about to say so. */
		wait_for_completion(&done);
	}
	take_reply(call, reply, res);
	rr_call_put(call);
	return res->error;
}
EXPORT_SYMBOL_GPL(rdmarpc_call);

static void async_done(struct rr_call *call)
{
	rdmarpc_done_fn done = (rdmarpc_done_fn)call->owner;
	void *ctx = (void *)(unsigned long)call->user.data;
	struct kvec kv = { (void *)rr_call_reply(call), call->result.reply_len };
	struct rdmarpc_result res = call->result;
	struct iov_iter reply;

	iov_iter_kvec(&reply, ITER_SOURCE, &kv, 1, kv.iov_len);
	done(ctx, &res, &reply);
	rr_call_put(call);
}

int rdmarpc_call_async(struct rdmarpc_client *cl, u16 method, struct iov_iter *request,
		       u64 timeout_us, rdmarpc_done_fn done, void *ctx)
{
	struct rr_call *call = rr_call_get(cl);
	int err;

	if (IS_ERR(call))
		return PTR_ERR(call);
	call->done = async_done;
	call->owner = (void *)done;
	call->user.data = (unsigned long)ctx;
	err = rr_call_start(call, method, request, timeout_us);
	if (err)
		rr_call_put(call);
	return err;
}
EXPORT_SYMBOL_GPL(rdmarpc_call_async);
