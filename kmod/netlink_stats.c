// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Counters, and the Pollers. */
#include "netlink.h"

#include <linux/err.h>
#include <linux/pid.h>

#include "client.h"
#include "poller.h"
#include "server.h"
#include "stats.h"

static_assert(RDMARPC_A_STATS_BULK_BYTES_WRITTEN - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED ==
	      RR_STAT_BULK_BYTES_WRITTEN - RR_STAT_CONNECTIONS_ACCEPTED);

struct counted {
	struct rr_stats sum;
	const char *server;	/* NULL: the module's */
};

static int fill_stats(struct sk_buff *skb, const void *what)
{
	const struct counted *c = what;
	int i;

	if (c->server && nla_put_string(skb, RDMARPC_A_STATS_SERVER, c->server))
		return -EMSGSIZE;
	for (i = 0; i < RR_STAT_NR; i++)
		if (nla_put_u64_64bit(skb, RDMARPC_A_STATS_CONNECTIONS_ACCEPTED + i,
				      c->sum.count[i], RDMARPC_A_STATS_PAD))
			return -EMSGSIZE;
	return 0;
}

int rdmarpc_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_STATS_SERVER];
	struct rdmarpc_server *srv = NULL;
	struct counted c;
	int err;

	if (attr) {
		srv = rr_nl_server(info, attr);
		if (IS_ERR(srv))
			return PTR_ERR(srv);
	}
	c.server = srv ? srv->name : NULL;
	rr_stats_read(srv ? &srv->stats : &rr_stats_module, &c.sum);
	err = rr_nl_reply(info, RDMARPC_CMD_STATS_GET, fill_stats, &c);
	if (srv)
		rr_server_put(srv);
	return err;
}

/* ---- Pollers ---- */

/* The name of the Poller that no server has. */
#define CLIENTS	"clients"

struct seen {
	struct rr_poller_info info;
	const char *server;	/* NULL: the clients' */
};

static int fill_poller(struct sk_buff *skb, const void *what)
{
	const struct seen *seen = what;
	const struct rr_poller_info *info = &seen->info;

	if (nla_put_string(skb, RDMARPC_A_POLLER_NAME, seen->server ?: CLIENTS) ||
	    (seen->server && nla_put_flag(skb, RDMARPC_A_POLLER_SERVER)) ||
	    (info->pid && nla_put_u32(skb, RDMARPC_A_POLLER_PID, info->pid)) ||
	    nla_put_u32(skb, RDMARPC_A_POLLER_CONNECTIONS, info->connections) ||
	    nla_put_u64_64bit(skb, RDMARPC_A_POLLER_COMPLETIONS, info->completions,
			      RDMARPC_A_POLLER_PAD) ||
	    nla_put_u64_64bit(skb, RDMARPC_A_POLLER_POLLS, info->polls,
			      RDMARPC_A_POLLER_PAD) ||
	    nla_put_u64_64bit(skb, RDMARPC_A_POLLER_SLEEPS, info->sleeps,
			      RDMARPC_A_POLLER_PAD))
		return -EMSGSIZE;
	return 0;
}

int rdmarpc_nl_poller_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[RDMARPC_A_POLLER_NAME];
	struct rdmarpc_server *srv = NULL;
	struct seen seen = {};
	int err;

	if (nla_get_flag(info->attrs[RDMARPC_A_POLLER_SERVER])) {
		srv = rr_nl_server(info, name);
		if (IS_ERR(srv))
			return PTR_ERR(srv);
		seen.server = srv->name;
	} else if (name && nla_strcmp(name, CLIENTS)) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "Without the flag for a server's, there is only the Poller named clients");
		return -ENOENT;
	}
	rr_poller_info_get(srv ? srv->poller : rr_client_poller(), &seen.info);
	err = rr_nl_reply(info, RDMARPC_CMD_POLLER_GET, fill_poller, &seen);
	if (srv)
		rr_server_put(srv);
	return err;
}

/* cb->args: 0 the last server told of, 1 the clients' has been told of. */
int rdmarpc_nl_poller_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_POLLER_GET);
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	struct seen seen = {};
	int err = rr_nl_dump_check(cb);

	if (!err && !cb->args[1]) {
		rr_poller_info_get(rr_client_poller(), &seen.info);
		err = rr_nl_put(skb, &part, fill_poller, &seen);
		cb->args[1] = !err;
	}
	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		seen.server = srv->name;
		rr_poller_info_get(srv->poller, &seen.info);
		err = rr_nl_put(skb, &part, fill_poller, &seen);
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	return skb->len ?: err;
}
