// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "netlink.h"

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/module.h>

#include "latency.h"
#include "server.h"

int rr_nl_put(struct sk_buff *skb, const struct rr_nl_part *part, rr_nl_fill fill,
	      const void *what)
{
	void *hdr = genlmsg_put(skb, part->portid, part->seq, &rr_nl_family, part->flags,
				part->cmd);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = fill(skb, what);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

int rr_nl_reply(struct genl_info *info, u8 cmd, rr_nl_fill fill, const void *what)
{
	const struct rr_nl_part part = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
	};
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	int err = msg ? rr_nl_put(msg, &part, fill, what) : -ENOMEM;

	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* Return: how many are in the buckets that it wrote, or -EMSGSIZE. */
static s64 put_buckets(struct sk_buff *skb, const struct rr_latency *lat)
{
	unsigned int i, used = rr_latency_used(lat);
	struct nlattr *attr;
	u64 n, total = 0;

	attr = nla_reserve(skb, RDMARPC_A_LATENCY_BUCKETS, used * sizeof(u64));
	if (!attr)
		return -EMSGSIZE;
	for (i = 0; i < used; i++) {
		n = READ_ONCE(lat->bucket[i]);
		total += n;
		/* Attributes are aligned to 4 bytes. */
		memcpy(nla_data(attr) + i * sizeof(n), &n, sizeof(n));
	}
	return total;
}

int rr_nl_put_latency(struct sk_buff *skb, int type, const struct rr_latency *lat)
{
	struct nlattr *nest = nla_nest_start(skb, type);
	s64 total;

	if (!nest)
		return -EMSGSIZE;
	/* The count of what is told, not of what has come meanwhile. */
	total = put_buckets(skb, lat);
	if (total < 0 ||
	    nla_put_u64_64bit(skb, RDMARPC_A_LATENCY_COUNT, total, RDMARPC_A_LATENCY_PAD) ||
	    nla_put_u64_64bit(skb, RDMARPC_A_LATENCY_MAX_NS, READ_ONCE(lat->max_ns),
			      RDMARPC_A_LATENCY_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

const char *rr_nl_name(struct nlattr *attr, struct netlink_ext_ack *extack)
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

struct rdmarpc_server *rr_nl_server(struct genl_info *info, struct nlattr *attr)
{
	const char *name = rr_nl_name(attr, info->extack);
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

struct genl_family rr_nl_family __ro_after_init = {
	.name = RDMARPC_FAMILY_NAME,
	.version = RDMARPC_FAMILY_VERSION,
	.netnsok = true,
	/* A stop waits for connections to end; no other request of ours waits for it. */
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = rdmarpc_nl_ops,
	.n_ops = ARRAY_SIZE(rdmarpc_nl_ops),
	.resv_start_op = __RDMARPC_CMD_MAX,
	.mcgrps = rdmarpc_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(rdmarpc_nl_mcgrps),
};

int rr_netlink_init(void)
{
	int err = rr_nl_events_init();

	if (err)
		return err;
	err = genl_register_family(&rr_nl_family);
	if (err) {
		rr_nl_events_exit();
		return err;
	}
	rr_nl_events_attach();
	return 0;
}

void rr_netlink_exit(void)
{
	rr_nl_events_detach();
	genl_unregister_family(&rr_nl_family);
	rr_nl_events_exit();
}

MODULE_ALIAS_GENL_FAMILY("rdmarpc");
