// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* README.md's lines for the kernel compile, with what they leave out. */
#include <linux/err.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include <rdmarpc.h>

static int answer(void *ctx, struct rdmarpc_req *req,
		  struct iov_iter *request, struct iov_iter *reply)
{
	return 0;
}

static int __init readme_init(void)
{
	struct rdmarpc_server *srv = rdmarpc_server_get(&init_net, "nobody");
	struct sockaddr_in addr = {};
	struct iov_iter request = {}, reply = {};
	struct rdmarpc_result result;
	struct rdmarpc_handler *h;
	struct rdmarpc_client *cl;
	void *ctx = NULL;
	int err;

#include "readme-kernel.inc"
	return err ?: PTR_ERR_OR_ZERO(h);
}

module_init(readme_init);
MODULE_DESCRIPTION("README.md, compiled");
MODULE_LICENSE("Dual BSD/GPL");
