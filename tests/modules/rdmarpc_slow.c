// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Handlers of the server named server=, that answer with nothing. Two may sleep: method 6
 * answers after delay_ms, or when nobody waits any more, method 7 at once. Method 8 keeps
 * the Poller busy for a millisecond.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"

#define METHOD_SLOW	6
#define METHOD_QUICK	7
#define METHOD_BUSY	8

static char *server;
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "whose methods to answer");

static uint delay_ms = 1000;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "time to answer of method 6");

static struct rdmarpc_handler *handlers[3];

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

static int busy(void *ctx, struct rdmarpc_req *req, struct iov_iter *request,
		struct iov_iter *reply)
{
	udelay(1000);
	return 0;
}

static void unregister(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		rdmarpc_handler_unregister(handlers[i]);
}

static int __init slow_init(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, server ?: "");
	int i, err = 0;

	if (!srv)
		return -ENOENT;
	handlers[0] = rdmarpc_handler_register(srv, METHOD_SLOW, slow, NULL, 0);
	handlers[1] = rdmarpc_handler_register(srv, METHOD_QUICK, quick, NULL, 0);
	handlers[2] = rdmarpc_handler_register(srv, METHOD_BUSY, busy, NULL,
					       RDMARPC_HANDLER_ATOMIC);
	rdmarpc_server_put(srv);
	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		err = err ?: PTR_ERR_OR_ZERO(handlers[i]);
	if (err)
		unregister();
	return err;
}

static void __exit slow_exit(void)
{
	unregister();
}

module_init(slow_init);
module_exit(slow_exit);

MODULE_DESCRIPTION("rdmarpc: handlers that take their time, for tests");
MODULE_LICENSE("Dual BSD/GPL");
