// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/rdmarpc.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/rdmarpc_netlink.h>

/* RDMARPC_CMD_SERVER_NEW - do */
const struct nla_policy rdmarpc_server_new_nl_policy[RDMARPC_A_SERVER_BULK_MEMORY + 1] = {
	[RDMARPC_A_SERVER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[RDMARPC_A_SERVER_ADDRESS] = { .type = NLA_BINARY, },
	[RDMARPC_A_SERVER_ECHO] = { .type = NLA_FLAG, },
	[RDMARPC_A_SERVER_MAX_CONNECTIONS] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_MAX_CALLS] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_HANDLER_UIDS] = { .type = NLA_BINARY, },
	[RDMARPC_A_SERVER_HANDLER_GID] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_MAX_PAYLOAD] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_BULK_MEMORY] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_SERVER_DEL - do */
const struct nla_policy rdmarpc_server_del_nl_policy[RDMARPC_A_SERVER_DRAIN_MS + 1] = {
	[RDMARPC_A_SERVER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[RDMARPC_A_SERVER_DRAIN_MS] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_SERVER_GET - do */
const struct nla_policy rdmarpc_server_get_nl_policy[RDMARPC_A_SERVER_NAME + 1] = {
	[RDMARPC_A_SERVER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* RDMARPC_CMD_CONNECTION_GET - do */
const struct nla_policy rdmarpc_connection_get_nl_policy[RDMARPC_A_CONNECTION_ID + 1] = {
	[RDMARPC_A_CONNECTION_ID] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_STATS_GET - do */
const struct nla_policy rdmarpc_stats_get_nl_policy[RDMARPC_A_STATS_SERVER + 1] = {
	[RDMARPC_A_STATS_SERVER] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* RDMARPC_CMD_SERVER_SET - do */
const struct nla_policy rdmarpc_server_set_nl_policy[RDMARPC_A_SERVER_BULK_MEMORY + 1] = {
	[RDMARPC_A_SERVER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[RDMARPC_A_SERVER_MAX_CONNECTIONS] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_MAX_CALLS] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_HANDLER_UIDS] = { .type = NLA_BINARY, },
	[RDMARPC_A_SERVER_HANDLER_GID] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_MAX_PAYLOAD] = { .type = NLA_U32, },
	[RDMARPC_A_SERVER_BULK_MEMORY] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_CONNECTION_DEL - do */
const struct nla_policy rdmarpc_connection_del_nl_policy[RDMARPC_A_CONNECTION_ID + 1] = {
	[RDMARPC_A_CONNECTION_ID] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_HANDLER_GET - do */
const struct nla_policy rdmarpc_handler_get_nl_policy[RDMARPC_A_HANDLER_METHOD + 1] = {
	[RDMARPC_A_HANDLER_SERVER] = { .type = NLA_NUL_STRING, .len = 31, },
	[RDMARPC_A_HANDLER_METHOD] = { .type = NLA_U16, },
};

/* RDMARPC_CMD_CLIENT_GET - do */
const struct nla_policy rdmarpc_client_get_nl_policy[RDMARPC_A_CLIENT_ID + 1] = {
	[RDMARPC_A_CLIENT_ID] = { .type = NLA_U32, },
};

/* RDMARPC_CMD_POLLER_GET - do */
const struct nla_policy rdmarpc_poller_get_nl_policy[RDMARPC_A_POLLER_SERVER + 1] = {
	[RDMARPC_A_POLLER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[RDMARPC_A_POLLER_SERVER] = { .type = NLA_FLAG, },
};

/* Ops table for rdmarpc */
const struct genl_ops rdmarpc_nl_ops[10] = {
	{
		.cmd		= RDMARPC_CMD_SERVER_NEW,
		.doit		= rdmarpc_nl_server_new_doit,
		.policy		= rdmarpc_server_new_nl_policy,
		.maxattr	= RDMARPC_A_SERVER_BULK_MEMORY,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= RDMARPC_CMD_SERVER_DEL,
		.doit		= rdmarpc_nl_server_del_doit,
		.policy		= rdmarpc_server_del_nl_policy,
		.maxattr	= RDMARPC_A_SERVER_DRAIN_MS,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= RDMARPC_CMD_SERVER_GET,
		.doit		= rdmarpc_nl_server_get_doit,
		.dumpit		= rdmarpc_nl_server_get_dumpit,
		.policy		= rdmarpc_server_get_nl_policy,
		.maxattr	= RDMARPC_A_SERVER_NAME,
	},
	{
		.cmd		= RDMARPC_CMD_CONNECTION_GET,
		.doit		= rdmarpc_nl_connection_get_doit,
		.dumpit		= rdmarpc_nl_connection_get_dumpit,
		.policy		= rdmarpc_connection_get_nl_policy,
		.maxattr	= RDMARPC_A_CONNECTION_ID,
	},
	{
		.cmd		= RDMARPC_CMD_STATS_GET,
		.doit		= rdmarpc_nl_stats_get_doit,
		.policy		= rdmarpc_stats_get_nl_policy,
		.maxattr	= RDMARPC_A_STATS_SERVER,
	},
	{
		.cmd		= RDMARPC_CMD_SERVER_SET,
		.doit		= rdmarpc_nl_server_set_doit,
		.policy		= rdmarpc_server_set_nl_policy,
		.maxattr	= RDMARPC_A_SERVER_BULK_MEMORY,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= RDMARPC_CMD_CONNECTION_DEL,
		.doit		= rdmarpc_nl_connection_del_doit,
		.policy		= rdmarpc_connection_del_nl_policy,
		.maxattr	= RDMARPC_A_CONNECTION_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= RDMARPC_CMD_HANDLER_GET,
		.doit		= rdmarpc_nl_handler_get_doit,
		.dumpit		= rdmarpc_nl_handler_get_dumpit,
		.policy		= rdmarpc_handler_get_nl_policy,
		.maxattr	= RDMARPC_A_HANDLER_METHOD,
	},
	{
		.cmd		= RDMARPC_CMD_CLIENT_GET,
		.doit		= rdmarpc_nl_client_get_doit,
		.dumpit		= rdmarpc_nl_client_get_dumpit,
		.policy		= rdmarpc_client_get_nl_policy,
		.maxattr	= RDMARPC_A_CLIENT_ID,
	},
	{
		.cmd		= RDMARPC_CMD_POLLER_GET,
		.doit		= rdmarpc_nl_poller_get_doit,
		.dumpit		= rdmarpc_nl_poller_get_dumpit,
		.policy		= rdmarpc_poller_get_nl_policy,
		.maxattr	= RDMARPC_A_POLLER_SERVER,
	},
};

const struct genl_multicast_group rdmarpc_nl_mcgrps[] = {
	[RDMARPC_NLGRP_EVENTS] = { "events", },
};
