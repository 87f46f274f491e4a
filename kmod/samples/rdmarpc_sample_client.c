// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Stores values by key in a server, and fetches them, as its parameters are
 * written. docs/kernel-api.md explains it line by line.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/inet.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include <rdmarpc.h>
#include "rdmarpc_sample.h"

#define CONNECT_MS	2000
#define CALL_US		(2 * USEC_PER_SEC)

static char *target = "";
module_param(target, charp, 0444);
MODULE_PARM_DESC(target, "address of the server");

static ushort port = 7471;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "its port");

/* Written with the module's parameters locked. */
static struct rdmarpc_client *client;

static struct rdmarpc_client *connect(void)
{
	struct sockaddr_storage addr;
	char port_text[8];
	int err;

	snprintf(port_text, sizeof(port_text), "%u", port);
	err = inet_pton_with_scope(&init_net, AF_UNSPEC, target, port_text, &addr);
	if (err)
		return ERR_PTR(err);
	return rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, 0, CONNECT_MS,
				     RDMARPC_CONNECT_RECONNECT);
}

static int errno_of(u32 app_error)
{
	switch (app_error) {
	case SAMPLE_NO_KEY:
		return -ENOENT;
	case SAMPLE_FULL:
		return -ENOSPC;
	default:
		return -EBADMSG;
	}
}

/* Return: bytes of the reply, or a negative errno. */
static int call(u16 method, const struct kvec *parts, int nr, size_t len, void *to, size_t room)
{
	ktime_t end = ktime_add_us(ktime_get(), CALL_US);
	struct kvec out = { to, room };
	struct iov_iter request, reply;
	struct rdmarpc_result result;
	s64 left;

	if (IS_ERR_OR_NULL(client))
		return -ENODEV;
	while ((left = ktime_us_delta(end, ktime_get())) > 0) {
		iov_iter_kvec(&request, ITER_SOURCE, parts, nr, len);
		iov_iter_kvec(&reply, ITER_DEST, &out, 1, room);
		rdmarpc_call(client, method, &request, &reply, left, RDMARPC_CALL_IDEMPOTENT,
			     &result);
		switch (result.error) {
		case 0:
			return result.reply_len;
		case -EREMOTEIO:
			return errno_of(result.app_error);
		case -EBUSY:
			/* Not executed: the method's queue is full. */
			msleep(20);
			break;
		default:
			return result.error;
		}
	}
	return -ETIMEDOUT;
}

/* "KEY VALUE": stores it. */
static int put_set(const char *val, const struct kernel_param *kp)
{
	const char *value = strchr(val, ' ');
	size_t key_len, value_len;
	struct sample_put put;
	struct kvec parts[3];

	if (!value)
		return -EINVAL;
	key_len = value++ - val;
	value_len = strcspn(value, "\n");
	if (!key_len || key_len > SAMPLE_MAX_KEY || value_len > SAMPLE_MAX_VALUE)
		return -EINVAL;
	put.key_len = cpu_to_le16(key_len);
	put.value_len = cpu_to_le16(value_len);
	parts[0] = (struct kvec) { &put, sizeof(put) };
	parts[1] = (struct kvec) { (void *)val, key_len };
	parts[2] = (struct kvec) { (void *)value, value_len };
	return call(SAMPLE_PUT, parts, 3, sizeof(put) + key_len + value_len, NULL, 0);
}

static char fetched[SAMPLE_MAX_VALUE + 1];

/* "KEY": fetches its value, which is read from here then. */
static int get_set(const char *val, const struct kernel_param *kp)
{
	struct kvec key = { (void *)val, strcspn(val, "\n") };
	int len = call(SAMPLE_GET, &key, 1, key.iov_len, fetched, SAMPLE_MAX_VALUE);

	fetched[max(len, 0)] = '\0';
	return min(len, 0);
}

static int get_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", fetched);
}

static const struct kernel_param_ops put_ops = { .set = put_set };
module_param_cb(put, &put_ops, NULL, 0200);
MODULE_PARM_DESC(put, "write a key and a value to store it");

static const struct kernel_param_ops get_ops = { .set = get_set, .get = get_get };
module_param_cb(get, &get_ops, NULL, 0600);
MODULE_PARM_DESC(get, "write a key, read its value");

struct burst {
	atomic_t pending;
	atomic_t failed;
	struct completion done;
};

static void burst_end(struct burst *b)
{
	if (atomic_dec_and_test(&b->pending))
		complete(&b->done);
}

/* Must not sleep. */
static void burst_done(void *ctx, const struct rdmarpc_result *result, struct iov_iter *reply)
{
	struct burst *b = ctx;

	if (result->error)
		atomic_inc(&b->failed);
	burst_end(b);
}

static int burst_one(struct burst *b, unsigned int nr)
{
	struct {
		struct sample_put put;
		char key[8];
	} bytes;
	struct kvec part = { &bytes, sizeof(bytes.put) };
	struct iov_iter request;
	int err, len;

	len = snprintf(bytes.key, sizeof(bytes.key), "key%u", nr % 1000);
	bytes.put.key_len = cpu_to_le16(len);
	bytes.put.value_len = 0;
	part.iov_len += len;
	atomic_inc(&b->pending);
	do {
		iov_iter_kvec(&request, ITER_SOURCE, &part, 1, part.iov_len);
		err = rdmarpc_call_async(client, SAMPLE_PUT, &request, CALL_US, burst_done, b);
		/* No slot is free; one will be when a call has ended. */
		if (err == -EAGAIN)
			usleep_range(50, 100);
	} while (err == -EAGAIN);
	if (err)
		burst_end(b);
	return err;
}

/* "N": stores so many keys without values, many at a time. */
static int burst_set(const char *val, const struct kernel_param *kp)
{
	struct burst b = { .pending = ATOMIC_INIT(1) };
	unsigned int i, nr;
	int err;

	err = kstrtouint(val, 0, &nr);
	if (err)
		return err;
	if (IS_ERR_OR_NULL(client))
		return -ENODEV;
	init_completion(&b.done);
	for (i = 0; i < nr && !err; i++)
		err = burst_one(&b, i);
	burst_end(&b);
	/* However many there are, each ends by its deadline. */
	wait_for_completion(&b.done);
	return err ?: atomic_read(&b.failed) ? -EIO : 0;
}

static const struct kernel_param_ops burst_ops = { .set = burst_set };
module_param_cb(burst, &burst_ops, NULL, 0200);
MODULE_PARM_DESC(burst, "write how many keys to store without waiting for each");

static int __init sample_init(void)
{
	struct rdmarpc_client *cl = connect();

	if (IS_ERR(cl))
		return PTR_ERR(cl);
	kernel_param_lock(THIS_MODULE);
	client = cl;
	kernel_param_unlock(THIS_MODULE);
	return 0;
}

static void __exit sample_exit(void)
{
	struct rdmarpc_client *cl;

	kernel_param_lock(THIS_MODULE);
	cl = client;
	client = ERR_PTR(-ENODEV);
	kernel_param_unlock(THIS_MODULE);
	rdmarpc_client_destroy(cl);
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_DESCRIPTION("rdmarpc sample: a client of a store of values by key");
MODULE_LICENSE("Dual BSD/GPL");
