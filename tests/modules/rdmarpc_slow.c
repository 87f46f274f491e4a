// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Two handlers that may sleep, of the server named server=: method 6 answers with
 * nothing after delay_ms, or when nobody waits any more; method 7 at once.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"

#define METHOD_SLOW	6
#define METHOD_QUICK	7

static char *server;
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "whose methods to answer");

static uint delay_ms = 1000;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "time to answer of method 6");

static struct rdmarpc_handler *slow_handler, *quick_handler;

static int slow(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		struct iov_iter *reply)
{
	unsigned long end = jiffies + msecs_to_jiffies(READ_ONCE(delay_ms));

	while (time_before(jiffies, end) && !rdmarpc_req_cancelled(req))
		msleep(20);
	return 0;
}

static int quick(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		 struct iov_iter *reply)
{
	return 0;
}

static int __init slow_init(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, server ?: "");

	if (!srv)
		return -ENOENT;
	slow_handler = rdmarpc_handler_register(srv, METHOD_SLOW, slow, NULL, 0);
	quick_handler = rdmarpc_handler_register(srv, METHOD_QUICK, quick, NULL, 0);
	rdmarpc_server_put(srv);
	if (!IS_ERR(slow_handler) && !IS_ERR(quick_handler))
		return 0;
	rdmarpc_handler_unregister(slow_handler);
	rdmarpc_handler_unregister(quick_handler);
	return IS_ERR(slow_handler) ? PTR_ERR(slow_handler) : PTR_ERR(quick_handler);
}

static void __exit slow_exit(void)
{
	rdmarpc_handler_unregister(quick_handler);
	rdmarpc_handler_unregister(slow_handler);
}

module_init(slow_init);
module_exit(slow_exit);

MODULE_DESCRIPTION("rdmarpc: handlers that take their time, for tests");
MODULE_LICENSE("Dual BSD/GPL");
