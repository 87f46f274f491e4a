// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "netlink.h"

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "client.h"
#include "netlink_gen.h"
#include "server.h"
#include "stats.h"

static struct genl_family rr_family;

/* ---- servers ---- */

static size_t sockaddr_len(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
					    sizeof(struct sockaddr_in6);
}

/* Return: the name in @attr, checked, or NULL with the reason told. */
static const char *get_name(struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const char *name, *c;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "The server's name is missing");
		return NULL;
	}
	name = nla_data(attr);
	for (c = name; *c; c++)
		/* isalnum() alone takes Latin-1's letters, too. */
		if (!(isascii(*c) && isalnum(*c)) && !strchr("._-", *c))
			break;
	if (c == name || *c) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "A server's name is 1 to 31 letters, digits, dots, dashes, underscores");
		return NULL;
	}
	return name;
}

static const struct sockaddr *get_addr(struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const struct sockaddr *addr;
	int len;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "The address to listen on is missing");
		return NULL;
	}
	addr = nla_data(attr);
	len = nla_len(attr);
	if (len < (int)sizeof(addr->sa_family) ||
	    (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "The address is neither IPv4 nor IPv6");
		return NULL;
	}
	if (len < (int)(addr->sa_family == AF_INET ? sizeof(struct sockaddr_in) :
						     sizeof(struct sockaddr_in6))) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "The address is too short: give all of struct sockaddr_in or sockaddr_in6");
		return NULL;
	}
	return addr;
}

static u32 get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

int rdmarpc_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct rr_server_config cfg = {
		.echo = nla_get_flag(attrs[RDMARPC_A_SERVER_ECHO]),
		.max_conns = get_u32(attrs[RDMARPC_A_SERVER_MAX_CONNECTIONS]),
		.max_calls = get_u32(attrs[RDMARPC_A_SERVER_MAX_CALLS]),
	};
	struct rdmarpc_server *srv;

	cfg.name = get_name(attrs[RDMARPC_A_SERVER_NAME], info->extack);
	if (!cfg.name)
		return -EINVAL;
	cfg.addr = get_addr(attrs[RDMARPC_A_SERVER_ADDRESS], info->extack);
	if (!cfg.addr)
		return -EINVAL;
	srv = rr_server_start(genl_info_net(info), &cfg, info->extack);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	rr_server_put(srv);
	return 0;
}

static struct rdmarpc_server *find_server(struct genl_info *info, struct nlattr *attr)
{
	const char *name = get_name(attr, info->extack);
	struct rdmarpc_server *srv;

	if (!name)
		return ERR_PTR(-EINVAL);
	srv = rr_server_find(genl_info_net(info), name);
	if (!srv) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "There is no server of this name");
		return ERR_PTR(-ENOENT);
	}
	return srv;
}

int rdmarpc_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct rdmarpc_server *srv;

	srv = find_server(info, info->attrs[RDMARPC_A_SERVER_NAME]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	rr_server_stop(srv);
	rr_server_put(srv);
	return 0;
}

static int fill_server(struct sk_buff *skb, struct rdmarpc_server *srv, u32 portid,
		       u32 seq, int flags)
{
	void *hdr = genlmsg_put(skb, portid, seq, &rr_family, flags, RDMARPC_CMD_SERVER_GET);
	kuid_t owner = srv->owner;

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, RDMARPC_A_SERVER_NAME, srv->name) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_OWNER_UID,
			from_kuid_munged(current_user_ns(), owner)) ||
	    nla_put(skb, RDMARPC_A_SERVER_ADDRESS, sockaddr_len(&srv->addr), &srv->addr) ||
	    (srv->echo && nla_put_flag(skb, RDMARPC_A_SERVER_ECHO)) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_MAX_CONNECTIONS, srv->max_conns) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_MAX_CALLS, srv->max_calls) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_CONNECTIONS, READ_ONCE(srv->nr_conns)) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_STATE, READ_ONCE(srv->state))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int rdmarpc_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct rdmarpc_server *srv;
	struct sk_buff *msg;
	int err;

	srv = find_server(info, info->attrs[RDMARPC_A_SERVER_NAME]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	err = msg ? fill_server(msg, srv, info->snd_portid, info->snd_seq, 0) : -ENOMEM;
	rr_server_put(srv);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* cb->args[0] is the position: servers may come and go between two parts. */
int rdmarpc_nl_server_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	int err = 0;

	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		err = fill_server(skb, srv, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  NLM_F_MULTI);
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	return skb->len ?: err;
}

/* ---- connections ---- */

static int fill_connection(struct sk_buff *skb, const struct rr_conn_info *info,
			   const char *server, u32 portid, u32 seq, int flags)
{
	void *hdr = genlmsg_put(skb, portid, seq, &rr_family, flags,
				RDMARPC_CMD_CONNECTION_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, RDMARPC_A_CONNECTION_ID, info->id) ||
	    (server && nla_put_string(skb, RDMARPC_A_CONNECTION_SERVER, server)) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_ROLE, info->role) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_STATE, info->state) ||
	    nla_put(skb, RDMARPC_A_CONNECTION_LOCAL, sockaddr_len(&info->local), &info->local) ||
	    nla_put(skb, RDMARPC_A_CONNECTION_PEER, sockaddr_len(&info->peer), &info->peer) ||
	    nla_put_string(skb, RDMARPC_A_CONNECTION_DEVICE, info->device) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_CALLS_IN_FLIGHT, info->in_flight) ||
	    nla_put_u32(skb, RDMARPC_A_CONNECTION_WINDOW, info->window)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* Return: whether a connection has this @id; @server: of a server's, else empty. */
static bool find_connection(struct net *net, u32 id, struct rr_conn_info *info, char *server)
{
	struct rdmarpc_server *srv;
	unsigned long pos = 0;
	bool found = false;

	while (!found && (srv = rr_server_next(net, &pos))) {
		found = !rr_server_conn_info(srv, id - 1, info) && info->id == id;
		strscpy(server, srv->name, RDMARPC_NAME_LEN);
		rr_server_put(srv);
	}
	if (found)
		return true;
	*server = '\0';
	return !rr_client_conn_info(net, id - 1, info) && info->id == id;
}

int rdmarpc_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_CONNECTION_ID];
	char server[RDMARPC_NAME_LEN];
	struct rr_conn_info conn;
	struct sk_buff *msg;
	int err;

	if (!get_u32(attr)) {
		NL_SET_ERR_MSG(info->extack, "The connection's id is missing");
		return -EINVAL;
	}
	if (!find_connection(genl_info_net(info), nla_get_u32(attr), &conn, server)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "There is no connection of this id");
		return -ENOENT;
	}
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	err = msg ? fill_connection(msg, &conn, *server ? server : NULL, info->snd_portid,
				    info->snd_seq, 0) : -ENOMEM;
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int dump_connection(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct rr_conn_info *info, const char *server)
{
	return fill_connection(skb, info, server, NETLINK_CB(cb->skb).portid,
			       cb->nlh->nlmsg_seq, NLM_F_MULTI);
}

/*
 * cb->args: 0 the last server done with, 1 the last connection told of, 3 whose
 * that was: it may be gone, and another's connections may have smaller ids.
 */
static int dump_server_conns(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	struct rr_conn_info info;
	int err = 0;

	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		if (cb->args[3] != pos) {
			cb->args[3] = pos;
			cb->args[1] = 0;
		}
		while (!err && !rr_server_conn_info(srv, cb->args[1], &info)) {
			err = dump_connection(skb, cb, &info, srv->name);
			if (!err)
				cb->args[1] = info.id;
		}
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	return err;
}

static int dump_client_conns(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rr_conn_info info;
	int err = 0;

	while (!err && !rr_client_conn_info(sock_net(skb->sk), cb->args[2], &info)) {
		err = dump_connection(skb, cb, &info, NULL);
		if (!err)
			cb->args[2] = info.id;
	}
	return err;
}

int rdmarpc_nl_connection_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err = dump_server_conns(skb, cb);

	if (!err)
		err = dump_client_conns(skb, cb);
	return skb->len ?: err;
}

/* ---- counters ---- */

static_assert(RDMARPC_A_STATS_LATE_REPLIES - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED ==
	      RR_STAT_LATE_REPLIES - RR_STAT_CONNECTIONS_ACCEPTED);

static int fill_stats(struct sk_buff *skb, struct genl_info *info,
		      const struct rr_stats *sum, const char *server)
{
	void *hdr = genlmsg_put_reply(skb, info, &rr_family, 0, RDMARPC_CMD_STATS_GET);
	int i;

	if (!hdr || (server && nla_put_string(skb, RDMARPC_A_STATS_SERVER, server)))
		return -EMSGSIZE;
	for (i = 0; i < RR_STAT_NR; i++)
		if (nla_put_u64_64bit(skb, RDMARPC_A_STATS_CONNECTIONS_ACCEPTED + i,
				      sum->count[i], RDMARPC_A_STATS_PAD))
			return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

int rdmarpc_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_STATS_SERVER];
	struct rdmarpc_server *srv = NULL;
	struct sk_buff *msg;
	struct rr_stats sum;
	int err;

	if (attr) {
		srv = find_server(info, attr);
		if (IS_ERR(srv))
			return PTR_ERR(srv);
	}
	rr_stats_read(srv ? &srv->stats : &rr_stats_module, &sum);
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	err = msg ? fill_stats(msg, info, &sum, srv ? srv->name : NULL) : -ENOMEM;
	if (srv)
		rr_server_put(srv);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* ---- the family ---- */

static struct genl_family rr_family __ro_after_init = {
	.name = RDMARPC_FAMILY_NAME,
	.version = RDMARPC_FAMILY_VERSION,
	.netnsok = true,
	/* A stop waits for connections to end; nothing else should wait for it. */
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = rdmarpc_nl_ops,
	.n_ops = ARRAY_SIZE(rdmarpc_nl_ops),
	.resv_start_op = __RDMARPC_CMD_MAX,
};

int rr_netlink_init(void)
{
	return genl_register_family(&rr_family);
}

void rr_netlink_exit(void)
{
	genl_unregister_family(&rr_family);
}

MODULE_ALIAS_GENL_FAMILY("rdmarpc");
