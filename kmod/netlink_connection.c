// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Connections of servers and of clients, and the clients. */
#include "netlink.h"

#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/slab.h>

#include "client.h"
#include "server.h"

struct found {
	struct rr_conn_info info;
	struct rr_latency latency;
	char server[RDMARPC_NAME_LEN];	/* "" on a client */
};

int rr_nl_fill_connection(struct sk_buff *skb, const struct rr_conn_info *info,
			  const struct rr_latency *latency, const char *server)
{
	if (nla_put_u32(skb, RDMARPC_A_CONNECTION_ID, info->id) ||
	    (server && nla_put_string(skb, RDMARPC_A_CONNECTION_SERVER, server)) ||
	    (info->client && nla_put_u32(skb, RDMARPC_A_CONNECTION_CLIENT, info->client)) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_ROLE, info->role) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_STATE, info->state) ||
	    (info->state == RR_CONN_CLOSING &&
	     nla_put_u32(skb, RDMARPC_A_CONNECTION_REASON, info->reason)) ||
	    rr_nl_put_addr(skb, RDMARPC_A_CONNECTION_LOCAL, &info->local) ||
	    rr_nl_put_addr(skb, RDMARPC_A_CONNECTION_PEER, &info->peer) ||
	    nla_put_string(skb, RDMARPC_A_CONNECTION_DEVICE, info->device) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_CALLS_IN_FLIGHT, info->in_flight) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_WINDOW, info->window) ||
	    rr_nl_put_latency(skb, RDMARPC_A_CONNECTION_LATENCY, latency))
		return -EMSGSIZE;
	return 0;
}

static int fill_found(struct sk_buff *skb, const void *what)
{
	const struct found *found = what;

	return rr_nl_fill_connection(skb, &found->info, &found->latency,
				     *found->server ? found->server : NULL);
}

/* Return: whether there is a connection with this @id. */
static bool find_connection(struct net *net, u32 id, struct found *found)
{
	struct rdmarpc_server *srv;
	unsigned long pos = 0;
	bool mine = false;

	while (!mine && (srv = rr_server_next(net, &pos))) {
		mine = !rr_server_conn_info(srv, id - 1, &found->info, &found->latency) &&
		       found->info.id == id;
		strscpy(found->server, srv->name, sizeof(found->server));
		rr_server_put(srv);
	}
	if (mine)
		return true;
	*found->server = '\0';
	return !rr_client_conn_info(net, id - 1, &found->info, &found->latency) &&
	       found->info.id == id;
}

/* Return: the id that was asked for, or 0 with the reason told. */
static u32 get_id(struct genl_info *info, struct nlattr *attr)
{
	u32 id = rr_nl_u32(attr);

	if (!id)
		NL_SET_ERR_MSG(info->extack, "The id is missing");
	return id;
}

static int no_connection(struct genl_info *info, struct nlattr *attr)
{
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "There is no connection of this id");
	return -ENOENT;
}

int rdmarpc_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_CONNECTION_ID];
	u32 id = get_id(info, attr);
	struct found *found;
	int err;

	if (!id)
		return -EINVAL;
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found)
		return -ENOMEM;
	if (find_connection(genl_info_net(info), id, found))
		err = rr_nl_reply(info, RDMARPC_CMD_CONNECTION_GET, fill_found, found);
	else
		err = no_connection(info, attr);
	kfree(found);
	return err;
}

/*
 * cb->args: 0 the last server done with, 1 the last connection told of, 3 whose
 * that was: it may be gone, and another's connections may have smaller ids.
 */
static int dump_server_conns(struct sk_buff *skb, struct netlink_callback *cb,
			     struct found *found)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_CONNECTION_GET);
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	int err = 0;

	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		if (cb->args[3] != pos) {
			cb->args[3] = pos;
			cb->args[1] = 0;
		}
		strscpy(found->server, srv->name, sizeof(found->server));
		while (!err && !rr_server_conn_info(srv, cb->args[1], &found->info,
						    &found->latency)) {
			err = rr_nl_put(skb, &part, fill_found, found);
			if (!err)
				cb->args[1] = found->info.id;
		}
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	return err;
}

static int dump_client_conns(struct sk_buff *skb, struct netlink_callback *cb,
			     struct found *found)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_CONNECTION_GET);
	int err = 0;

	*found->server = '\0';
	while (!err && !rr_client_conn_info(sock_net(skb->sk), cb->args[2], &found->info,
					    &found->latency)) {
		err = rr_nl_put(skb, &part, fill_found, found);
		if (!err)
			cb->args[2] = found->info.id;
	}
	return err;
}

int rdmarpc_nl_connection_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct found *found;
	int err = rr_nl_dump_check(cb);

	if (err)
		return err;
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found)
		return -ENOMEM;
	err = dump_server_conns(skb, cb, found);
	if (!err)
		err = dump_client_conns(skb, cb, found);
	kfree(found);
	return skb->len ?: err;
}

int rdmarpc_nl_connection_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_CONNECTION_ID];
	struct net *net = genl_info_net(info);
	u32 id = get_id(info, attr);
	struct rdmarpc_server *srv;
	unsigned long pos = 0;
	bool closed = false;

	if (!id)
		return -EINVAL;
	while (!closed && (srv = rr_server_next(net, &pos))) {
		closed = rr_server_conn_close(srv, id);
		rr_server_put(srv);
	}
	if (!closed && !rr_client_conn_close(net, id))
		return no_connection(info, attr);
	return 0;
}

/* ---- clients ---- */

/* A process that the reader's pid namespace does not have is not named there. */
static int fill_client(struct sk_buff *skb, const void *what)
{
	const struct rr_client_info *info = what;
	const struct rr_process_info *process = &info->process;

	if (nla_put_u32(skb, RDMARPC_A_CLIENT_ID, info->id) ||
	    nla_put_u32(skb, RDMARPC_A_CLIENT_STATE, info->state) ||
	    nla_put_u32(skb, RDMARPC_A_CLIENT_CONNECTION, info->connection) ||
	    nla_put_u32(skb, RDMARPC_A_CLIENT_RECONNECTIONS, info->reconnections) ||
	    (process->pid && nla_put_u32(skb, RDMARPC_A_CLIENT_PID, process->pid)) ||
	    (uid_valid(process->uid) &&
	     nla_put_u32(skb, RDMARPC_A_CLIENT_UID,
			 from_kuid_munged(current_user_ns(), process->uid))) ||
	    (process->pid && nla_put_string(skb, RDMARPC_A_CLIENT_COMM, process->comm)) ||
	    rr_nl_put_addr(skb, RDMARPC_A_CLIENT_PEER, &info->peer) ||
	    nla_put_u32(skb, RDMARPC_A_CLIENT_DEPTH, info->depth) ||
	    nla_put_u32(skb, RDMARPC_A_CLIENT_CALLS_IN_FLIGHT, info->in_flight))
		return -EMSGSIZE;
	return 0;
}

static int no_client(struct genl_info *info, struct nlattr *attr)
{
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "There is no client of this id");
	return -ENOENT;
}

int rdmarpc_nl_client_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_CLIENT_ID];
	u32 id = get_id(info, attr);
	struct rr_client_info client;

	if (!id)
		return -EINVAL;
	if (rr_client_info(genl_info_net(info), id - 1, &client) || client.id != id)
		return no_client(info, attr);
	return rr_nl_reply(info, RDMARPC_CMD_CLIENT_GET, fill_client, &client);
}

/* cb->args[0] is the last one told of. */
int rdmarpc_nl_client_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_CLIENT_GET);
	struct rr_client_info client;
	int err = rr_nl_dump_check(cb);

	while (!err && !rr_client_info(sock_net(skb->sk), cb->args[0], &client)) {
		err = rr_nl_put(skb, &part, fill_client, &client);
		if (!err)
			cb->args[0] = client.id;
	}
	return skb->len ?: err;
}
