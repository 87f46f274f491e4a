// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Serves a store of values by key, on a server of its own or on one that the
 * administrator has started. docs/kernel-api.md explains it line by line.
 */
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/inet.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include <rdmarpc.h>
#include "rdmarpc_sample.h"

#define MAX_ENTRIES	1024

struct entry {
	struct hlist_node node;
	u16 key_len;
	u16 value_len;
	u8 bytes[];		/* the key, then the value */
};

static DEFINE_HASHTABLE(store, 8);
static DEFINE_SPINLOCK(store_lock);
static unsigned int nr_entries;

static u32 hash_of(const u8 *key, size_t len)
{
	return jhash(key, len, 0);
}

static struct entry *find(const u8 *key, size_t len)
{
	struct entry *e;

	lockdep_assert_held(&store_lock);
	hash_for_each_possible(store, e, node, hash_of(key, len))
		if (e->key_len == len && !memcmp(e->bytes, key, len))
			return e;
	return NULL;
}

/* Atomic: must not sleep. */
static int sample_get(void *ctx, struct rdmarpc_req *req,
		      struct iov_iter *request, struct iov_iter *reply)
{
	size_t len = iov_iter_count(request);
	u8 key[SAMPLE_MAX_KEY];
	struct entry *e;
	int err = 0;

	if (!len || len > sizeof(key) || copy_from_iter(key, len, request) != len)
		return SAMPLE_MALFORMED;
	spin_lock(&store_lock);
	e = find(key, len);
	if (!e)
		err = SAMPLE_NO_KEY;
	else if (copy_to_iter(e->bytes + e->key_len, e->value_len, reply) != e->value_len)
		err = -EMSGSIZE;
	spin_unlock(&store_lock);
	return err;
}

static struct entry *read_entry(struct iov_iter *request)
{
	size_t key_len, value_len, len;
	struct sample_put put;
	struct entry *e;

	if (copy_from_iter(&put, sizeof(put), request) != sizeof(put))
		return ERR_PTR(-EBADMSG);
	key_len = le16_to_cpu(put.key_len);
	value_len = le16_to_cpu(put.value_len);
	len = key_len + value_len;
	if (!key_len || key_len > SAMPLE_MAX_KEY || value_len > SAMPLE_MAX_VALUE ||
	    iov_iter_count(request) != len)
		return ERR_PTR(-EBADMSG);

	e = kmalloc(struct_size(e, bytes, len), GFP_KERNEL);
	if (!e)
		return ERR_PTR(-ENOMEM);
	e->key_len = key_len;
	e->value_len = value_len;
	if (copy_from_iter(e->bytes, len, request) != len) {
		kfree(e);
		return ERR_PTR(-EBADMSG);
	}
	return e;
}

/* Sleeping: may wait for memory. */
static int sample_put(void *ctx, struct rdmarpc_req *req,
		      struct iov_iter *request, struct iov_iter *reply)
{
	struct entry *e = read_entry(request);
	struct entry *old;
	bool full;

	if (IS_ERR(e))
		return PTR_ERR(e) == -EBADMSG ? SAMPLE_MALFORMED : PTR_ERR(e);
	spin_lock(&store_lock);
	old = find(e->bytes, e->key_len);
	full = !old && nr_entries == MAX_ENTRIES;
	if (!full) {
		if (old)
			hash_del(&old->node);
		else
			nr_entries++;
		hash_add(store, &e->node, hash_of(e->bytes, e->key_len));
	}
	spin_unlock(&store_lock);
	kfree(full ? e : old);
	return full ? SAMPLE_FULL : 0;
}

static char *server = "sample";
module_param(server, charp, 0444);
MODULE_PARM_DESC(server, "name of the server");

static char *listen = "";
module_param(listen, charp, 0444);
MODULE_PARM_DESC(listen, "address to make it at; without, it is one that exists");

static ushort port = 7471;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "port to make it at");

static struct rdmarpc_server *created;
static struct rdmarpc_handler *get_handler;
static struct rdmarpc_handler *put_handler;

static struct rdmarpc_server *create_server(void)
{
	struct sockaddr_storage addr;
	struct rdmarpc_server_config cfg = {
		.name = server,
		.addr = (struct sockaddr *)&addr,
	};
	char port_text[8];
	int err;

	snprintf(port_text, sizeof(port_text), "%u", port);
	err = inet_pton_with_scope(&init_net, AF_UNSPEC, listen, port_text, &addr);
	if (err)
		return ERR_PTR(err);
	return rdmarpc_server_create(&init_net, &cfg);
}

static int register_handlers(struct rdmarpc_server *srv)
{
	get_handler = rdmarpc_handler_register(srv, SAMPLE_GET, sample_get, NULL,
					       RDMARPC_HANDLER_ATOMIC);
	if (IS_ERR(get_handler))
		return PTR_ERR(get_handler);
	put_handler = rdmarpc_handler_register(srv, SAMPLE_PUT, sample_put, NULL, 0);
	if (IS_ERR(put_handler)) {
		rdmarpc_handler_unregister(get_handler);
		return PTR_ERR(put_handler);
	}
	return 0;
}

static int __init sample_init(void)
{
	struct rdmarpc_server *srv;
	int err;

	srv = *listen ? create_server() : rdmarpc_server_get(&init_net, server);
	if (!srv)
		return -ENOENT;
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	err = register_handlers(srv);
	if (!*listen)
		rdmarpc_server_put(srv);
	else if (err)
		rdmarpc_server_destroy(srv);
	else
		created = srv;
	return err;
}

static void __exit sample_exit(void)
{
	struct hlist_node *next;
	struct entry *e;
	int i;

	rdmarpc_server_destroy(created);
	rdmarpc_handler_unregister(put_handler);
	rdmarpc_handler_unregister(get_handler);
	hash_for_each_safe(store, i, next, e, node)
		kfree(e);
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_DESCRIPTION("rdmarpc sample: a store of values by key");
MODULE_LICENSE("Dual BSD/GPL");
