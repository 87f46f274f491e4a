// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A handler of the server named server=: method 8 holds each request while the parameter
 * "hold" is set, whether anybody still waits for the answer or not, and then replies with
 * the request's bytes. "holding" says how many it has.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"

#define METHOD_HOLD	8
#define HOLD_MAX	(30 * HZ)

static char *server;
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "whose method to answer");

static atomic_t holding = ATOMIC_INIT(0);
module_param_named(holding, holding.counter, int, 0444);
MODULE_PARM_DESC(holding, "requests that it has");

static DECLARE_WAIT_QUEUE_HEAD(let_go);
static bool hold;

static int hold_set(const char *val, const struct kernel_param *kp)
{
	int err = param_set_bool(val, kp);

	wake_up_all(&let_go);
	return err;
}

static const struct kernel_param_ops hold_ops = { .set = hold_set, .get = param_get_bool };
module_param_cb(hold, &hold_ops, &hold, 0644);
MODULE_PARM_DESC(hold, "hold them");

static struct rdmarpc_handler *handler;

static int echo(struct rdmarpc_req *req, struct iov_iter *request, struct iov_iter *reply)
{
	char bytes[64];
	size_t n;
	int err = 0;

	if (iov_iter_count(request) > RDMARPC_MAX_EAGER)
		err = rdmarpc_req_reply_room(req, iov_iter_count(request), reply);
	while (!err && (n = copy_from_iter(bytes, sizeof(bytes), request)))
		err = copy_to_iter(bytes, n, reply) == n ? 0 : -EFAULT;
	return err;
}

static int hold_fn(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		   struct iov_iter *reply)
{
	int err;

	atomic_inc(&holding);
	wait_event_timeout(let_go, !READ_ONCE(hold), HOLD_MAX);
	err = echo(req, request, reply);
	atomic_dec(&holding);
	return err;
}

static int __init hold_init(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, server ?: "");

	if (!srv)
		return -ENOENT;
	handler = rdmarpc_handler_register(srv, METHOD_HOLD, hold_fn, NULL, 0);
	rdmarpc_server_put(srv);
	return PTR_ERR_OR_ZERO(handler);
}

static void __exit hold_exit(void)
{
	rdmarpc_handler_unregister(handler);
}

module_init(hold_init);
module_exit(hold_exit);

MODULE_DESCRIPTION("rdmarpc: a handler that answers when it is told, for tests");
MODULE_LICENSE("Dual BSD/GPL");
