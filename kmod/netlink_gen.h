/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/rdmarpc.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_RDMARPC_GEN_H
#define _LINUX_RDMARPC_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/rdmarpc_netlink.h>

extern const struct nla_policy rdmarpc_server_new_nl_policy[RDMARPC_A_SERVER_BULK_MEMORY + 1];

extern const struct nla_policy rdmarpc_server_del_nl_policy[RDMARPC_A_SERVER_DRAIN_MS + 1];

extern const struct nla_policy rdmarpc_server_get_nl_policy[RDMARPC_A_SERVER_NAME + 1];

extern const struct nla_policy rdmarpc_connection_get_nl_policy[RDMARPC_A_CONNECTION_ID + 1];

extern const struct nla_policy rdmarpc_stats_get_nl_policy[RDMARPC_A_STATS_SERVER + 1];

extern const struct nla_policy rdmarpc_server_set_nl_policy[RDMARPC_A_SERVER_BULK_MEMORY + 1];

extern const struct nla_policy rdmarpc_connection_del_nl_policy[RDMARPC_A_CONNECTION_ID + 1];

extern const struct nla_policy rdmarpc_handler_get_nl_policy[RDMARPC_A_HANDLER_METHOD + 1];

extern const struct nla_policy rdmarpc_client_get_nl_policy[RDMARPC_A_CLIENT_ID + 1];

extern const struct nla_policy rdmarpc_poller_get_nl_policy[RDMARPC_A_POLLER_SERVER + 1];

/* Ops table for rdmarpc */
extern const struct genl_ops rdmarpc_nl_ops[10];

int rdmarpc_nl_server_new_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_server_del_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_server_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_server_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int rdmarpc_nl_connection_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_connection_get_dumpit(struct sk_buff *skb,
				     struct netlink_callback *cb);
int rdmarpc_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_server_set_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_connection_del_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_handler_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_handler_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int rdmarpc_nl_client_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_client_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int rdmarpc_nl_poller_get_doit(struct sk_buff *skb, struct genl_info *info);
int rdmarpc_nl_poller_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);

enum {
	RDMARPC_NLGRP_EVENTS,
};

extern const struct genl_multicast_group rdmarpc_nl_mcgrps[RDMARPC_NLGRP_EVENTS + 1];

#endif /* _LINUX_RDMARPC_GEN_H */
