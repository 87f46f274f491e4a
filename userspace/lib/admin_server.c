// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Servers: making, changing, stopping, listing. */
#include <errno.h>

#include "admin.h"

typedef int (*server_fn)(const struct rdmarpc_server_info *info, void *ctx);

static int put_access(struct nl_msg *msg, const struct rdmarpc_access *access)
{
	if (access->set_users &&
	    nla_put(msg, RDMARPC_A_SERVER_HANDLER_UIDS,
		    access->nr_users * sizeof(access->users[0]), access->users))
		return -1;
	if (access->set_group &&
	    nla_put_u32(msg, RDMARPC_A_SERVER_HANDLER_GID, access->group))
		return -1;
	return 0;
}

static int put_limit(struct nl_msg *msg, int attr, uint32_t limit)
{
	return limit ? nla_put_u32(msg, attr, limit) : 0;
}

static int put_limits(struct nl_msg *msg, const struct rdmarpc_server_info *info)
{
	if (put_limit(msg, RDMARPC_A_SERVER_MAX_CONNECTIONS, info->max_connections) ||
	    put_limit(msg, RDMARPC_A_SERVER_MAX_CALLS, info->max_calls) ||
	    put_limit(msg, RDMARPC_A_SERVER_MAX_PAYLOAD, info->max_payload) ||
	    put_limit(msg, RDMARPC_A_SERVER_BULK_MEMORY, info->bulk_memory_mb))
		return -1;
	return 0;
}

int rdmarpc_server_new(struct rdmarpc_admin *a, const struct rdmarpc_server_info *info)
{
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_SERVER_NEW, NLM_F_ACK);
	size_t len = info->addr.ss_family == AF_INET ? 16 : 28;

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, info->name) ||
	    nla_put(msg, RDMARPC_A_SERVER_ADDRESS, len, &info->addr) ||
	    (info->echo && nla_put_flag(msg, RDMARPC_A_SERVER_ECHO)) ||
	    put_limits(msg, info) || put_access(msg, &info->access)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return rr_talk(a, msg, NULL, NULL);
}

int rdmarpc_server_set(struct rdmarpc_admin *a, const struct rdmarpc_server_info *info)
{
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_SERVER_SET, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, info->name) ||
	    put_limits(msg, info) || put_access(msg, &info->access)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return rr_talk(a, msg, NULL, NULL);
}

static int server_del(struct rdmarpc_admin *a, const char *name, uint32_t drain_ms)
{
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_SERVER_DEL, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, name) ||
	    (drain_ms && nla_put_u32(msg, RDMARPC_A_SERVER_DRAIN_MS, drain_ms))) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return rr_talk(a, msg, NULL, NULL);
}

int rdmarpc_server_del(struct rdmarpc_admin *a, const char *name)
{
	return server_del(a, name, 0);
}

int rdmarpc_server_drain(struct rdmarpc_admin *a, const char *name, uint32_t timeout_ms)
{
	return timeout_ms ? server_del(a, name, timeout_ms) : -EINVAL;
}

static void access_of(struct nlattr **t, struct rdmarpc_access *access)
{
	struct nlattr *uids = t[RDMARPC_A_SERVER_HANDLER_UIDS];
	size_t nr = uids ? nla_len(uids) / sizeof(access->users[0]) : 0;

	access->group = t[RDMARPC_A_SERVER_HANDLER_GID] ?
			nla_get_u32(t[RDMARPC_A_SERVER_HANDLER_GID]) : RDMARPC_NO_GROUP;
	access->nr_users = nr < RDMARPC_ACCESS_USERS ? nr : RDMARPC_ACCESS_USERS;
	if (nr)
		nla_memcpy(access->users, uids, sizeof(access->users));
}

void rr_server_of(struct nlattr **t, struct rdmarpc_server_info *info)
{
	*info = (struct rdmarpc_server_info) { .name = "" };
	rr_text_of(t[RDMARPC_A_SERVER_NAME], info->name, sizeof(info->name));
	info->owner_uid = rr_u32_of(t[RDMARPC_A_SERVER_OWNER_UID]);
	rr_addr_of(t[RDMARPC_A_SERVER_ADDRESS], &info->addr);
	info->echo = !!t[RDMARPC_A_SERVER_ECHO];
	info->max_connections = rr_u32_of(t[RDMARPC_A_SERVER_MAX_CONNECTIONS]);
	info->max_calls = rr_u32_of(t[RDMARPC_A_SERVER_MAX_CALLS]);
	info->max_payload = rr_u32_of(t[RDMARPC_A_SERVER_MAX_PAYLOAD]);
	info->bulk_memory_mb = rr_u32_of(t[RDMARPC_A_SERVER_BULK_MEMORY]);
	info->connections = rr_u32_of(t[RDMARPC_A_SERVER_CONNECTIONS]);
	info->state = rr_u32_of(t[RDMARPC_A_SERVER_STATE]);
	access_of(t, &info->access);
}

static int take_server(struct nlattr **t, struct rr_walk *w)
{
	struct rdmarpc_server_info info;

	rr_server_of(t, &info);
	return ((server_fn)w->each)(&info, w->ctx);
}

static struct rr_walk server_walk(server_fn each, void *ctx)
{
	return (struct rr_walk) {
		.max = RDMARPC_A_SERVER_MAX,
		.take = take_server,
		.each = (void (*)(void))each,
		.ctx = ctx,
	};
}

int rdmarpc_server_each(struct rdmarpc_admin *a, server_fn each, void *ctx)
{
	struct rr_walk w = server_walk(each, ctx);

	return rr_walk(a, RDMARPC_CMD_SERVER_GET, &w);
}

static int copy_server(const struct rdmarpc_server_info *info, void *ctx)
{
	*(struct rdmarpc_server_info *)ctx = *info;
	return 1;
}

int rdmarpc_server_get(struct rdmarpc_admin *a, const char *name,
		       struct rdmarpc_server_info *info)
{
	struct rr_walk w = server_walk(copy_server, info);
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_SERVER_GET, NLM_F_ACK);
	int err;

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, name)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = rr_get(a, msg, &w);
	return err || w.stop ? err : -ENOENT;
}
