// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Load from and on the kernel, through exported symbols only. Loaded with
 * server= it answers a method of that server with a hash of each request.
 * Writing a number to the parameter "run" makes @threads threads call
 * target:port that often each, over one connection, and returns when all have
 * ended: with EIO if any call failed or any reply was not its request's. What
 * happened is in the read-only parameters.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/inet.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"
#include "load_hash.h"

#define CALL_TIMEOUT_US	(30 * USEC_PER_SEC)

static char *server;
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "answer a method of this server");

static ushort method = 1;
module_param(method, ushort, 0444);
MODULE_PARM_DESC(method, "which method to answer and to call");

static uint gather;
module_param(gather, uint, 0444);
MODULE_PARM_DESC(gather, "hold the first requests until there are so many of them");

static bool in_poller;
module_param_named(atomic, in_poller, bool, 0444);
MODULE_PARM_DESC(atomic, "the handler runs in the Poller");

static bool mixed;
module_param(mixed, bool, 0444);
MODULE_PARM_DESC(mixed, "answer some with an error, and some too late");

static char *target = "10.0.0.1";
module_param(target, charp, 0444);
MODULE_PARM_DESC(target, "IPv4 or IPv6 address to call");

static ushort port = 7471;
module_param(port, ushort, 0444);

static uint threads = 8;
module_param(threads, uint, 0444);

/* ---- the read-only parameters ---- */

static int counter_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops counter_ops = {
	.get = counter_get,
};

#define COUNTER(name, what)					\
	static atomic_t name = ATOMIC_INIT(0);			\
	module_param_cb(name, &counter_ops, &name, 0444);	\
	MODULE_PARM_DESC(name, what)

COUNTER(served, "requests answered");
COUNTER(in_flight, "requests in the handler");
COUNTER(peak, "most requests in the handler at once");
COUNTER(ok, "calls that ended as they were to: with the hash of their request, if not mixed");
COUNTER(wrong, "calls that ended with anything else");
COUNTER(failed, "calls that ended with another error");
COUNTER(last_error, "errno of one of them, positive");

/* ---- the handler ---- */

#define GATHER_TIMEOUT	(20 * HZ)

static DECLARE_WAIT_QUEUE_HEAD(gathered);

static void raise_peak(int to)
{
	int was = atomic_read(&peak);

	while (was < to && !atomic_try_cmpxchg(&peak, &was, to))
		;
	wake_up_all(&gathered);
}

static int meet_fate(__u64 hash)
{
	switch (mixed ? load_fate(hash) : LOAD_OK) {
	case LOAD_APP_ERROR:
		return LOAD_ERROR;
	case LOAD_LATE:
		msleep(LOAD_LATE_MS);
		return 0;
	default:
		return 0;
	}
}

static int load_handler(void *ctx, struct rdmarpc_req *req,
			struct iov_iter *request, struct iov_iter *reply)
{
	__u64 hash = LOAD_HASH_KEY;
	__le64 answer;
	u8 part[128];
	size_t n;
	int ret;

	raise_peak(atomic_inc_return(&in_flight));
	/* The test looks at the peak: too few are its failure, not ours. */
	if (!in_poller)
		wait_event_timeout(gathered, atomic_read(&peak) >= gather, GATHER_TIMEOUT);
	while ((n = copy_from_iter(part, sizeof(part), request)))
		hash = load_hash_more(hash, part, n);
	answer = cpu_to_le64(hash);
	n = copy_to_iter(&answer, sizeof(answer), reply);
	ret = meet_fate(hash);
	atomic_inc(&served);
	atomic_dec(&in_flight);
	return n == sizeof(answer) ? ret : -EMSGSIZE;
}

/* ---- the callers ---- */

struct load {
	struct rdmarpc_client *client;
	uint calls;
	atomic_t caller_id;
	atomic_t running;
	struct completion done;
};

/* Return: whether a call ended as it was to. */
static bool as_expected(int err, const struct rdmarpc_result *result, __u64 hash, __u64 answer)
{
	switch (mixed ? load_fate(hash) : LOAD_OK) {
	case LOAD_APP_ERROR:
		return err == -EREMOTEIO && result->app_error == LOAD_ERROR &&
		       result->outcome == RDMARPC_OUTCOME_APP_ERROR && answer == hash;
	case LOAD_LATE:
		return err == -ETIMEDOUT && !result->reply_len &&
		       result->outcome == RDMARPC_OUTCOME_MAYBE_EXECUTED;
	default:
		return !err && result->reply_len == sizeof(answer) && answer == hash;
	}
}

static void load_call(struct rdmarpc_client *client, __u64 *random, uint nr, u8 *bytes)
{
	__le64 answer = 0;
	struct kvec to = { .iov_base = &answer, .iov_len = sizeof(answer) };
	struct kvec from = { .iov_base = bytes };
	struct rdmarpc_result result;
	struct iov_iter request, reply;
	int err;

	from.iov_len = load_request(random, nr, RDMARPC_MAX_EAGER, bytes);
	iov_iter_kvec(&request, ITER_SOURCE, &from, 1, from.iov_len);
	iov_iter_kvec(&reply, ITER_DEST, &to, 1, to.iov_len);
	err = rdmarpc_call(client, method, &request, &reply,
			   mixed ? LOAD_MIXED_TIMEOUT_MS * USEC_PER_MSEC : CALL_TIMEOUT_US,
			   0, &result);
	if (as_expected(err, &result, load_hash(bytes, from.iov_len), le64_to_cpu(answer))) {
		atomic_inc(&ok);
	} else if (err) {
		atomic_set(&last_error, -err);
		atomic_inc(&failed);
	} else {
		atomic_inc(&wrong);
	}
}

static int load_thread(void *data)
{
	struct load *load = data;
	__u64 random = (__u64)atomic_inc_return(&load->caller_id) << 32;
	u8 *bytes = kmalloc(RDMARPC_MAX_EAGER + 8, GFP_KERNEL);
	uint i;

	for (i = 0; i < load->calls; i++) {
		if (bytes)
			load_call(load->client, &random, i, bytes);
		else
			atomic_inc(&failed);
	}
	kfree(bytes);
	if (atomic_dec_and_test(&load->running))
		complete(&load->done);
	return 0;
}

static int load_run(uint calls)
{
	struct load load = { .calls = calls, .running = ATOMIC_INIT(1) };
	int failed_before = atomic_read(&failed) + atomic_read(&wrong);
	struct sockaddr_storage addr;
	struct task_struct *task;
	char port_text[8];
	uint i;
	int err;

	snprintf(port_text, sizeof(port_text), "%u", port);
	err = inet_pton_with_scope(&init_net, AF_UNSPEC, target, port_text, &addr);
	if (err)
		return err;
	init_completion(&load.done);
	load.client = rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, threads, 0, 0);
	if (IS_ERR(load.client))
		return PTR_ERR(load.client);

	for (i = 0; i < threads; i++) {
		atomic_inc(&load.running);
		task = kthread_run(load_thread, &load, "rdmarpc_load/%u", i);
		if (IS_ERR(task)) {
			err = PTR_ERR(task);
			atomic_dec(&load.running);
			break;
		}
	}
	if (!atomic_dec_and_test(&load.running))
		wait_for_completion(&load.done);
	rdmarpc_client_destroy(load.client);
	if (!err && atomic_read(&failed) + atomic_read(&wrong) != failed_before)
		err = -EIO;
	return err;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	uint calls;
	int err = kstrtouint(val, 0, &calls);

	return err ?: load_run(calls);
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
};
module_param_cb(run, &run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "let each thread make so many calls");

/* ---- life ---- */

static struct rdmarpc_handler *handler;

static int __init load_init(void)
{
	struct rdmarpc_server *srv;

	if (!server)
		return 0;
	srv = rdmarpc_server_get(&init_net, server);
	if (!srv)
		return -ENOENT;
	handler = rdmarpc_handler_register(srv, method, load_handler, NULL,
					   in_poller ? RDMARPC_HANDLER_ATOMIC : 0);
	rdmarpc_server_put(srv);
	return PTR_ERR_OR_ZERO(handler);
}

static void __exit load_exit(void)
{
	if (handler)
		rdmarpc_handler_unregister(handler);
}

module_init(load_init);
module_exit(load_exit);

MODULE_DESCRIPTION("rdmarpc: calls and a handler for load tests");
MODULE_LICENSE("Dual BSD/GPL");
