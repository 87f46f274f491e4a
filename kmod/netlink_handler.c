// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "netlink.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "handler.h"
#include "server.h"

struct found {
	struct rr_handler_info info;
	const char *server;
};

static int put_process(struct sk_buff *skb, int index, const struct rr_process_info *p)
{
	struct nlattr *nest = nla_nest_start(skb, index);

	if (!nest || nla_put_u32(skb, RDMARPC_A_PROCESS_PID, p->pid) ||
	    nla_put_u32(skb, RDMARPC_A_PROCESS_UID,
			from_kuid_munged(current_user_ns(), p->uid)) ||
	    nla_put_string(skb, RDMARPC_A_PROCESS_COMM, p->comm))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_processes(struct sk_buff *skb, const struct rr_handler_info *info)
{
	struct nlattr *nest;
	u32 i;

	if (!info->nr_processes)
		return 0;
	nest = nla_nest_start(skb, RDMARPC_A_HANDLER_PROCESSES);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < info->nr_processes; i++)
		if (put_process(skb, i + 1, &info->processes[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_handler(struct sk_buff *skb, const void *what)
{
	const struct found *found = what;
	const struct rr_handler_info *info = &found->info;

	if (nla_put_string(skb, RDMARPC_A_HANDLER_SERVER, found->server) ||
	    nla_put_u16(skb, RDMARPC_A_HANDLER_METHOD, info->method) ||
	    nla_put_u32(skb, RDMARPC_A_HANDLER_KIND, info->kind) ||
	    nla_put_u32(skb, RDMARPC_A_HANDLER_FILES, info->files) ||
	    nla_put_u32(skb, RDMARPC_A_HANDLER_QUEUED, info->queued) ||
	    nla_put_u32(skb, RDMARPC_A_HANDLER_DELIVERED, info->delivered) ||
	    rr_nl_put_latency(skb, RDMARPC_A_HANDLER_LATENCY, &info->latency) ||
	    put_processes(skb, info))
		return -EMSGSIZE;
	return 0;
}

int rdmarpc_nl_handler_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RDMARPC_A_HANDLER_METHOD];
	struct rdmarpc_server *srv;
	struct found *found;
	u16 method;
	int err;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "The method is missing");
		return -EINVAL;
	}
	srv = rr_nl_server(info, info->attrs[RDMARPC_A_HANDLER_SERVER]);
	if (IS_ERR(srv))
		return PTR_ERR(srv);
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found) {
		err = -ENOMEM;
		goto out_put;
	}
	method = nla_get_u16(attr);
	found->server = srv->name;
	err = rr_handler_info_get(srv, method, &found->info);
	if (err || found->info.method != method) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "Nobody answers this method");
		err = -ENOENT;
	} else {
		err = rr_nl_reply(info, RDMARPC_CMD_HANDLER_GET, fill_handler, found);
	}
	kfree(found);
out_put:
	rr_server_put(srv);
	return err;
}

/* cb->args: 0 the last server done with, 1 the method to go on from, 2 whose. */
int rdmarpc_nl_handler_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct rr_nl_part part = rr_nl_dump_part(cb, RDMARPC_CMD_HANDLER_GET);
	unsigned long pos = cb->args[0];
	struct rdmarpc_server *srv;
	struct found *found;
	int err = rr_nl_dump_check(cb);

	if (err)
		return err;
	found = kmalloc(sizeof(*found), GFP_KERNEL);
	if (!found)
		return -ENOMEM;
	while (!err && (srv = rr_server_next(sock_net(skb->sk), &pos))) {
		if (cb->args[2] != pos) {
			cb->args[2] = pos;
			cb->args[1] = 0;
		}
		found->server = srv->name;
		while (!err && !rr_handler_info_get(srv, cb->args[1], &found->info)) {
			err = rr_nl_put(skb, &part, fill_handler, found);
			if (!err)
				cb->args[1] = found->info.method + 1;
		}
		rr_server_put(srv);
		if (!err)
			cb->args[0] = pos;
	}
	kfree(found);
	return skb->len ?: err;
}
