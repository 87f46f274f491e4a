// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Servers for kernel code: kmod/rdmarpc.h on top of server.h. */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/spinlock.h>

#include "misuse.h"
#include "server.h"

/* Protects every server's @created and @lookups. */
static DEFINE_SPINLOCK(holds_lock);

struct rdmarpc_server *rdmarpc_server_create(struct net *net,
					     const struct rdmarpc_server_config *cfg)
{
	struct rr_server_config rcfg;
	struct rdmarpc_server *srv;

	if (!rr_may_sleep() || !net || !cfg || !cfg->name || !cfg->addr)
		return ERR_PTR(-EINVAL);
	rcfg = (struct rr_server_config) {
		.name = cfg->name,
		.addr = cfg->addr,
		.echo = cfg->echo,
		.limits = {
			.max_conns = cfg->max_connections,
			.max_calls = cfg->max_calls,
			.max_payload = cfg->max_payload,
			.bulk_mb = cfg->bulk_memory_mb,
		},
	};
	srv = rr_server_start(net, &rcfg, NULL);
	if (IS_ERR(srv))
		return srv;
	spin_lock(&holds_lock);
	srv->created = true;
	spin_unlock(&holds_lock);
	return srv;
}
EXPORT_SYMBOL_GPL(rdmarpc_server_create);

/* Return: whether @srv was the caller's; it is no more. @srv may be a stale pointer. */
static bool give_back(struct rdmarpc_server *srv, bool created)
{
	bool was;

	if (!rr_server_get_live(srv))
		return false;
	spin_lock(&holds_lock);
	if (created) {
		was = srv->created;
		srv->created = false;
	} else {
		was = srv->lookups;
		srv->lookups -= was;
	}
	spin_unlock(&holds_lock);
	rr_server_put(srv);
	return was;
}

void rdmarpc_server_destroy(struct rdmarpc_server *srv)
{
	if (IS_ERR_OR_NULL(srv) || !rr_may_sleep() ||
	    rr_misused(!give_back(srv, true), "not one that was created, or destroyed already"))
		return;
	rr_server_stop(srv);
	rr_server_put(srv);
}
EXPORT_SYMBOL_GPL(rdmarpc_server_destroy);

int rdmarpc_server_drain(struct rdmarpc_server *srv, u32 timeout_ms)
{
	int err;

	if (!rr_may_sleep() || IS_ERR_OR_NULL(srv) || !timeout_ms ||
	    timeout_ms > RR_MAX_DRAIN_MS ||
	    rr_misused(!rr_server_get_live(srv), "not a server any more"))
		return -EINVAL;
	err = rr_server_drain(srv, timeout_ms);
	if (!err && wait_for_completion_killable(&srv->stopped))
		err = -EINTR;
	rr_server_put(srv);
	return err;
}
EXPORT_SYMBOL_GPL(rdmarpc_server_drain);

struct rdmarpc_server *rdmarpc_server_get(struct net *net, const char *name)
{
	struct rdmarpc_server *srv;

	if (!rr_may_sleep() || !net || !name)
		return NULL;
	srv = rr_server_find(net, name);
	if (!srv)
		return NULL;
	spin_lock(&holds_lock);
	srv->lookups++;
	spin_unlock(&holds_lock);
	return srv;
}
EXPORT_SYMBOL_GPL(rdmarpc_server_get);

void rdmarpc_server_put(struct rdmarpc_server *srv)
{
	if (IS_ERR_OR_NULL(srv) || !rr_may_sleep() ||
	    rr_misused(!give_back(srv, false), "not one that was looked up, or put already"))
		return;
	rr_server_put(srv);
}
EXPORT_SYMBOL_GPL(rdmarpc_server_put);
