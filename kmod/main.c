// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/module.h>

#include "chardev.h"
#include "client.h"
#include "connection.h"
#include "handler.h"
#include "netlink.h"
#include "request_bulk.h"
#include "server.h"
#include "stats.h"
#include "upcall.h"

/* Each layer with what ends it, from the bottom up. */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} layers[] = {
	{ rr_conn_init, rr_conn_exit },
	{ rr_client_init, rr_client_exit },
	{ rr_upcall_init, rr_upcall_exit },
	{ rr_request_bulk_init, rr_request_bulk_exit },
	{ rr_server_init, rr_server_exit },
	{ rr_netlink_init, rr_netlink_exit },
	/* The last that can fail: an open file outlives no failure. */
	{ rr_chardev_init, rr_chardev_exit },
};

static void layers_exit(int n)
{
	while (n--)
		layers[n].exit();
	rr_stats_exit(&rr_stats_module);
}

static int __init rdmarpc_init(void)
{
	int i, err;

	err = rr_stats_init(&rr_stats_module);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(layers); i++) {
		err = layers[i].init();
		if (err) {
			layers_exit(i);
			return err;
		}
	}
	return 0;
}

static void __exit rdmarpc_exit(void)
{
	layers_exit(ARRAY_SIZE(layers));
}

module_init(rdmarpc_init);
module_exit(rdmarpc_exit);

MODULE_DESCRIPTION("Remote procedure calls over RDMA");
MODULE_AUTHOR("The rdmarpc authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1.0");
