// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A consumer of rdmarpc in the kernel, to copy from: it answers a method of a
 * server that the administrator has started, and calls a method of one.
 *
 *   rdmarpcctl server start demo --listen 10.0.0.1:7471
 *   insmod rdmarpc_sample.ko server=demo method=3
 *   rdmarpcctl call 10.0.0.1:7471 3 hello          prints HELLO
 *
 *   insmod rdmarpc_sample.ko target=10.0.0.1 port=7471 method=3 text=hello
 *   cat /sys/module/rdmarpc_sample/parameters/reply
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"

#define TEXT_LEN	64

static char *server = "";
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "answer a method of this server, in upper case");

static ushort method = 3;
module_param(method, ushort, 0444);
MODULE_PARM_DESC(method, "which method to answer or to call");

static char *target = "";
module_param(target, charp, 0444);
MODULE_PARM_DESC(target, "IPv4 address of a server to call once");

static ushort port = 7471;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "its port");

static char *text = "";
module_param(text, charp, 0444);
MODULE_PARM_DESC(text, "what to send");

static char reply[TEXT_LEN + 1];
module_param_string(reply, reply, sizeof(reply), 0444);
MODULE_PARM_DESC(reply, "what came back, at most 64 bytes");

static struct rdmarpc_handler *handler;

/* May run for several requests at once, and may sleep. */
static int shout(void *ctx, struct iov_iter *request, struct iov_iter *out)
{
	size_t n, i;
	u8 chunk[TEXT_LEN];

	while ((n = min(iov_iter_count(request), sizeof(chunk)))) {
		if (copy_from_iter(chunk, n, request) != n)
			return -EIO;
		for (i = 0; i < n; i++)
			chunk[i] = toupper(chunk[i]);
		if (copy_to_iter(chunk, n, out) != n)
			return -EMSGSIZE;
	}
	return 0;
}

static int sample_serve(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, server);

	if (!srv)
		return -ENOENT;
	handler = rdmarpc_handler_register(srv, method, shout, NULL, 0);
	/* The handler keeps the server as long as it needs it. */
	rdmarpc_server_put(srv);
	return PTR_ERR_OR_ZERO(handler);
}

static int sample_call(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct kvec in = { text, strlen(text) };
	struct kvec out = { reply, TEXT_LEN };
	struct iov_iter request, room;
	struct rdmarpc_client *client;
	int err;

	if (!in4_pton(target, -1, (u8 *)&addr.sin_addr, -1, NULL))
		return -EINVAL;
	client = rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 1, 0);
	if (IS_ERR(client))
		return PTR_ERR(client);
	iov_iter_kvec(&request, ITER_SOURCE, &in, 1, in.iov_len);
	iov_iter_kvec(&room, ITER_DEST, &out, 1, out.iov_len);
	err = rdmarpc_call(client, method, &request, &room, USEC_PER_SEC, NULL);
	rdmarpc_client_destroy(client);
	return err;
}

static int __init sample_init(void)
{
	if (*server)
		return sample_serve();
	return *target ? sample_call() : 0;
}

static void __exit sample_exit(void)
{
	if (handler)
		rdmarpc_handler_unregister(handler);
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_DESCRIPTION("A consumer of rdmarpc to copy from");
MODULE_LICENSE("Dual BSD/GPL");
