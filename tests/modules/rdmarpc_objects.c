// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Memory region objects of a connection: ones that the device does not map, and idle ones.
 * The parameter "run" takes the name of a case; the write fails if the case does.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>
#include <rdma/ib_verbs.h>

#include "fixture.h"

#define PORT		7496
#define ECHO		0
#define LARGE		(16UL << 20)
/* So few pages are mapped at a time, and a payload that has more. */
#define FEW		16
#define MORE		(20 * PAGE_SIZE)

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

/* ---- too few pages ---- */

/* The device's own, while few_pages() is in its place. */
static int (*map_mr_sg)(struct ib_mr *mr, struct scatterlist *sg, int nr, unsigned int *offset);

/* As if the others had no place. */
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

/* Not started: what is not mapped whole is no use. */
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
	err = err ?: refused(MORE, LARGE);
	/* The next fit. */
	return err ?: echo(100, 100, &r) ?: echo(FEW * PAGE_SIZE, FEW * PAGE_SIZE, &r);
}

static int few_case(void)
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

/* ---- running them ---- */

static struct rdmarpc_server *server;

static void end(void)
{
	rdmarpc_client_destroy(client);
	rdmarpc_server_destroy(server);
	vfree(mem);
	client = NULL;
	server = NULL;
	mem = NULL;
}

static int begin(void)
{
	server = fixture_server("objects", PORT);
	if (IS_ERR(server))
		return PTR_ERR(server);
	client = fixture_client(PORT, 4);
	mem = vmalloc(2 * LARGE);
	return mem ? PTR_ERR_OR_ZERO(client) : -ENOMEM;
}

/* "idle" leaves a connection that has carried much, which "again" uses and ends. */
static int run_set(const char *val, const struct kernel_param *kp)
{
	bool few = sysfs_streq(val, "few"), again = sysfs_streq(val, "again");
	struct rdmarpc_result r;
	int err;

	if (!few && !again && !sysfs_streq(val, "idle"))
		return -EINVAL;
	if (again != !!server)
		return -EBUSY;
	err = again ? 0 : begin();
	if (!err)
		err = few ? few_case() : echo(LARGE, LARGE, &r);
	if (err || few || again)
		end();
	return err;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

static int __init objects_init(void)
{
	return 0;
}

static void __exit objects_exit(void)
{
	end();
}

module_init(objects_init);
module_exit(objects_exit);

MODULE_DESCRIPTION("rdmarpc: tests of memory region objects");
MODULE_LICENSE("Dual BSD/GPL");
