// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "netlink.h"

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>

#include "server.h"

/* ---- what a request says ---- */

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

/* A limit that is given is not 0, which would stand for one that is not. */
static int get_limit(struct nlattr *attr, u32 *limit, struct netlink_ext_ack *extack)
{
	*limit = rr_nl_u32(attr);
	if (!attr || *limit)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "A limit of 0 would allow nothing: leave it out for what holds anyway");
	return -EINVAL;
}

static int get_limits(struct genl_info *info, struct rr_limits *limits)
{
	const struct {
		int attr;
		u32 *limit;
	} all[] = {
		{ RDMARPC_A_SERVER_MAX_CONNECTIONS, &limits->max_conns },
		{ RDMARPC_A_SERVER_MAX_CALLS, &limits->max_calls },
		{ RDMARPC_A_SERVER_MAX_PAYLOAD, &limits->max_payload },
		{ RDMARPC_A_SERVER_BULK_MEMORY, &limits->bulk_mb },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(all) && !err; i++)
		err = get_limit(info->attrs[all[i].attr], all[i].limit, info->extack);
	return err;
}

static int get_uids(struct nlattr *attr, kuid_t *uids, u32 *nr_uids,
		    struct netlink_ext_ack *extack)
{
	int len = nla_len(attr), i;
	u32 uid;

	if (len % sizeof(uid) || len / sizeof(uid) > RR_ACCESS_UIDS) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "The users who may answer are up to 64 numbers of 32 bits");
		return -EINVAL;
	}
	*nr_uids = len / sizeof(uid);
	for (i = 0; i < *nr_uids; i++) {
		memcpy(&uid, nla_data(attr) + i * sizeof(uid), sizeof(uid));
		uids[i] = make_kuid(current_user_ns(), uid);
		if (!uid_valid(uids[i])) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "One of the users who may answer does not exist in this user namespace");
			return -EINVAL;
		}
	}
	return 0;
}

static int get_gid(struct nlattr *attr, kgid_t *gid, struct netlink_ext_ack *extack)
{
	u32 nr = nla_get_u32(attr);

	*gid = INVALID_GID;
	if (nr == (u32)-1)
		return 0;
	*gid = make_kgid(current_user_ns(), nr);
	if (gid_valid(*gid))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "The group that may answer does not exist in this user namespace");
	return -EINVAL;
}

/* Limits and who may answer, as far as they are given. */
static int get_change(struct genl_info *info, struct rr_server_change *change)
{
	struct nlattr *uids = info->attrs[RDMARPC_A_SERVER_HANDLER_UIDS];
	struct nlattr *gid = info->attrs[RDMARPC_A_SERVER_HANDLER_GID];
	int err = get_limits(info, &change->limits);

	change->set_uids = uids;
	change->set_gid = gid;
	if (!err && uids)
		err = get_uids(uids, change->uids, &change->nr_uids, info->extack);
	if (!err && gid)
		err = get_gid(gid, &change->gid, info->extack);
	return err;
}

/* ---- new, set, del ---- */

static int start_server(struct genl_info *info, struct rr_server_config *cfg,
			const struct rr_server_change *change)
{
	struct rdmarpc_server *srv;
	struct rr_access access;

	cfg->limits = change->limits;
	rr_access_init(&access);
	if (change->set_gid)
		access.gid = change->gid;
	access.nr_uids = change->nr_uids;
	memcpy(access.uids, change->uids, sizeof(access.uids));
	cfg->access = &access;
	srv = rr_server_start(genl_info_net(info), cfg, info->extack);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	rr_server_put(srv);
	return 0;
}

int rdmarpc_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct rr_server_config cfg = {
		.echo = nla_get_flag(attrs[RDMARPC_A_SERVER_ECHO]),
	};
	struct rr_server_change change = {};
	int err;

	cfg.name = rr_nl_name(attrs[RDMARPC_A_SERVER_NAME], info->extack);
	if (!cfg.name)
		return -EINVAL;
	cfg.addr = get_addr(attrs[RDMARPC_A_SERVER_ADDRESS], info->extack);
	if (!cfg.addr)
		return -EINVAL;
	err = get_change(info, &change);
	return err ?: start_server(info, &cfg, &change);
}

int rdmarpc_nl_server_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct rr_server_change change = {};
	struct rdmarpc_server *srv;
	int err;

	err = get_change(info, &change);
	if (err)
		return err;
	srv = rr_nl_server(info, info->attrs[RDMARPC_A_SERVER_NAME]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	err = rr_server_change(srv, &change, info->extack);
	rr_server_put(srv);
	return err;
}

int rdmarpc_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_SERVER_DRAIN_MS];
	u32 drain_ms = rr_nl_u32(attr);
	struct rdmarpc_server *srv;
	int err = 0;

	if (drain_ms > RR_MAX_DRAIN_MS) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "A drain may take at most an hour");
		return -EINVAL;
	}
	srv = rr_nl_server(info, info->attrs[RDMARPC_A_SERVER_NAME]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	if (!drain_ms)
		rr_server_stop(srv);
	else
		err = rr_server_drain(srv, drain_ms);
	if (err)
		NL_SET_ERR_MSG(info->extack, "The server is being stopped or drained already");
	rr_server_put(srv);
	return err;
}

/* ---- get ---- */

static int put_access(struct sk_buff *skb, const struct rr_access *access,
		      struct user_namespace *ns)
{
	struct nlattr *attr;
	u32 i, uid;

	if (nla_put_u32(skb, RDMARPC_A_SERVER_OWNER_UID, from_kuid_munged(ns, access->owner)) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_HANDLER_GID,
			gid_valid(access->gid) ? from_kgid_munged(ns, access->gid) : (u32)-1))
		return -EMSGSIZE;
	attr = nla_reserve(skb, RDMARPC_A_SERVER_HANDLER_UIDS, access->nr_uids * sizeof(uid));
	if (!attr)
		return -EMSGSIZE;
	for (i = 0; i < access->nr_uids; i++) {
		uid = from_kuid_munged(ns, access->uids[i]);
		memcpy(nla_data(attr) + i * sizeof(uid), &uid, sizeof(uid));
	}
	return 0;
}

static int put_limits(struct sk_buff *skb, const struct rr_limits *limits)
{
	if (nla_put_u32(skb, RDMARPC_A_SERVER_MAX_CONNECTIONS, limits->max_conns) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_MAX_CALLS, limits->max_calls) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_MAX_PAYLOAD, limits->max_payload) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_BULK_MEMORY, limits->bulk_mb))
		return -EMSGSIZE;
	return 0;
}

int rr_nl_fill_server(struct sk_buff *skb, const struct rdmarpc_server *srv,
		      struct user_namespace *ns)
{
	lockdep_assert_held(&srv->lock);
	if (nla_put_string(skb, RDMARPC_A_SERVER_NAME, srv->name) ||
	    rr_nl_put_addr(skb, RDMARPC_A_SERVER_ADDRESS, &srv->addr) ||
	    (srv->echo && nla_put_flag(skb, RDMARPC_A_SERVER_ECHO)) ||
	    put_limits(skb, &srv->limits) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_CONNECTIONS, srv->nr_conns) ||
	    nla_put_u32(skb, RDMARPC_A_SERVER_STATE, srv->state))
		return -EMSGSIZE;
	return put_access(skb, &srv->access, ns);
}

static int fill_server(struct sk_buff *skb, const void *what)
{
	/* Nothing here is const to those who lock it. */
	struct rdmarpc_server *srv = (struct rdmarpc_server *)what;
	int err;

	mutex_lock(&srv->lock);
	err = rr_nl_fill_server(skb, srv, current_user_ns());
	mutex_unlock(&srv->lock);
	return err;
}

int rdmarpc_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct rdmarpc_server *srv;
	int err;

	srv = rr_nl_server(info, info->attrs[RDMARPC_A_SERVER_NAME]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	err = rr_nl_reply(info, RDMARPC_CMD_SERVER_GET, fill_server, srv);
	rr_server_put(srv);
	return err;
}

/* cb->args[0] is the position: servers may come and go between two parts. */
int rdmarpc_nl_server_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_SERVER_GET);
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	int err = rr_nl_dump_check(cb);

	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		err = rr_nl_put(skb, &part, fill_server, srv);
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	return skb->len ?: err;
}
