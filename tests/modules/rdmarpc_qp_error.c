// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Forces queue pairs into the error state. The parameter "qp" takes the name of the
 * network interface below a device, and a number as "rdma resource show qp" has it.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>
#include <rdma/restrack.h>

static int to_error(struct ib_device *dev, u32 number)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct rdma_restrack_entry *res;
	int err;

	/* It is not destroyed as long as this is held. */
	res = rdma_restrack_get_byid(dev, RDMA_RESTRACK_QP, number);
	if (IS_ERR(res))
		return PTR_ERR(res);
	err = ib_modify_qp(container_of(res, struct ib_qp, res), &attr, IB_QP_STATE);
	rdma_restrack_put(res);
	return err;
}

static int qp_set(const char *val, const struct kernel_param *kp)
{
	struct ib_device *dev = NULL;
	struct net_device *netdev;
	char name[IFNAMSIZ];
	u32 number;
	int err;

	if (sscanf(val, "%15s %u", name, &number) != 2)
		return -EINVAL;
	netdev = dev_get_by_name(&init_net, name);
	if (netdev) {
		dev = ib_device_get_by_netdev(netdev, RDMA_DRIVER_UNKNOWN);
		dev_put(netdev);
	}
	if (!dev)
		return -ENODEV;
	err = to_error(dev, number);
	ib_device_put(dev);
	return err;
}

static const struct kernel_param_ops qp_ops = { .set = qp_set };
module_param_cb(qp, &qp_ops, NULL, 0200);

static int __init qp_error_init(void)
{
	return 0;
}

static void __exit qp_error_exit(void)
{
}

module_init(qp_error_init);
module_exit(qp_error_exit);

MODULE_DESCRIPTION("rdmarpc: forces queue pairs into the error state, for tests");
MODULE_LICENSE("Dual BSD/GPL");
