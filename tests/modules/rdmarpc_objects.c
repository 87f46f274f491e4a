// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Memory region objects of a connection: more than a call has room for, and idle ones.
 * The parameter "run" takes the name of a case; the write fails if the case does.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>

#include "fixture.h"

#define PORT		7496
#define ECHO		0
#define LARGE		(16UL << 20)
/* So few pages that an object covers, and a payload that takes two objects then. */
#define FEW		16
#define TWO		(20 * PAGE_SIZE)

static struct rdmarpc_client *client;
static u8 *mem;		/* the request, the reply behind it */

/* Return: 0 if @len bytes came back, with room for @room; else the error, or EBADMSG. */
static int echo(size_t len, size_t room, struct rdmarpc_result *r)
{
	struct kvec out = { mem, len }, in = { mem + LARGE, room };
	struct iov_iter request, reply;
	int err;

	memset(mem, len, len);
	memset(mem + LARGE, 0, room);
	iov_iter_kvec(&request, ITER_SOURCE, &out, 1, len);
	iov_iter_kvec(&reply, ITER_DEST, &in, 1, room);
	err = rdmarpc_call(client, ECHO, &request, &reply, FIXTURE_US, 0, r);
	return err ?: memcmp(mem, mem + LARGE, len) ? -EBADMSG : 0;
}

/* ---- too many ---- */

/* The device's own, while few_pages() is in its place. */
static int (*map_mr_sg)(struct ib_mr *mr, struct scatterlist *sg, int nr, unsigned int *offset);

/* As for memory whose every @FEW-th page would have to begin an object. */
static int few_pages(struct ib_mr *mr, struct scatterlist *sg, int nr, unsigned int *offset)
{
	return map_mr_sg(mr, sg, min(nr, FEW), offset);
}

static struct ib_device *device_get(void)
{
	struct net_device *netdev = ip_dev_find(&init_net, htonl(FIXTURE_ADDR));
	struct ib_device *dev = NULL;

	if (netdev) {
		dev = ib_device_get_by_netdev(netdev, RDMA_DRIVER_UNKNOWN);
		dev_put(netdev);
	}
	return dev;
}

/* Not started, for its connection cannot carry it whatever else is under way. */
static int refused(size_t len, size_t room)
{
	struct rdmarpc_result r;

	echo(len, room, &r);
	if (r.error == -EIO && r.outcome == RDMARPC_OUTCOME_NOT_EXECUTED)
		return 0;
	pr_err("%zu bytes, room for %zu: error %d outcome %u\n", len, room, r.error, r.outcome);
	return -EPROTO;
}

static int few_calls(void)
{
	struct rdmarpc_result r;
	int err = 0, i;

	/* What they cost their connection is given back: together they are more than it may. */
	for (i = 0; i < 20 && !err; i++)
		err = refused(LARGE, 100) ?: refused(100, LARGE) ?: refused(LARGE, LARGE);
	err = err ?: refused(TWO, LARGE);
	/* The next fit. */
	return err ?: echo(100, 100, &r) ?: echo(TWO, TWO, &r);
}

static int case_few(void)
{
	struct ib_device *dev = device_get();
	struct rdmarpc_result r;
	int err;

	if (!dev)
		return -ENODEV;
	err = echo(LARGE, LARGE, &r);
	if (!err) {
		map_mr_sg = dev->ops.map_mr_sg;
		dev->ops.map_mr_sg = few_pages;
		err = few_calls();
		dev->ops.map_mr_sg = map_mr_sg;
	}
	ib_device_put(dev);
	return err ?: echo(LARGE, LARGE, &r);
}

/* ---- idle ones ---- */

static DECLARE_WAIT_QUEUE_HEAD(waits);
static bool go_on;

/* Calls, is silent until it is to go on, and calls again. */
static int case_idle(void)
{
	struct rdmarpc_result r;
	int err;

	WRITE_ONCE(go_on, false);
	err = echo(LARGE, LARGE, &r);
	if (!err && !wait_event_timeout(waits, READ_ONCE(go_on), 120 * HZ))
		err = -ETIMEDOUT;
	return err ?: echo(LARGE, LARGE, &r);
}

static int go_on_set(const char *val, const struct kernel_param *kp)
{
	WRITE_ONCE(go_on, true);
	wake_up(&waits);
	return 0;
}

static const struct kernel_param_ops go_on_ops = { .set = go_on_set };
module_param_cb(go_on, &go_on_ops, NULL, 0200);

/* ---- running them ---- */

static int run(int (*fn)(void))
{
	struct rdmarpc_server *server = fixture_server("objects", PORT);
	int err;

	if (IS_ERR(server))
		return PTR_ERR(server);
	client = fixture_client(PORT, 4);
	mem = vmalloc(2 * LARGE);
	err = mem ? PTR_ERR_OR_ZERO(client) : -ENOMEM;
	if (!err)
		err = fn();
	rdmarpc_client_destroy(client);
	rdmarpc_server_destroy(server);
	vfree(mem);
	return err;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	if (sysfs_streq(val, "few"))
		return run(case_few);
	if (sysfs_streq(val, "idle"))
		return run(case_idle);
	return -EINVAL;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init objects_init(void)
{
	return 0;
}

static void __exit objects_exit(void)
{
}

module_init(objects_init);
module_exit(objects_exit);

MODULE_DESCRIPTION("rdmarpc: tests of memory region objects");
MODULE_LICENSE("Dual BSD/GPL");
