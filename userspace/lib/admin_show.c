// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* What there is besides servers: connections, handlers, clients, Pollers, counters. */
#include <errno.h>
#include <string.h>

#include "admin.h"

/* A function of the library that lists objects of one kind. */
#define EACH(function, info_type, cmd, set, of)						\
static int function##_take(struct nlattr **t, struct rr_walk *w)			\
{											\
	int (*each)(const struct info_type *, void *) =					\
		(int (*)(const struct info_type *, void *))w->each;			\
	struct info_type info;								\
											\
	of(t, &info);									\
	return each(&info, w->ctx);							\
}											\
											\
int function(struct rdmarpc_admin *a,							\
	     int (*each)(const struct info_type *info, void *ctx), void *ctx)		\
{											\
	struct rr_walk w = {								\
		.max = set, .take = function##_take, .each = (void (*)(void))each,	\
		.ctx = ctx,								\
	};										\
											\
	return rr_walk(a, cmd, &w);							\
}

/* ---- latencies ---- */

/* What a later kernel tells apart beyond our last bucket is in that. */
static void latency_of(struct nlattr *nest, struct rdmarpc_latency *l)
{
	struct nlattr *t[RDMARPC_A_LATENCY_MAX + 1];
	struct nlattr *buckets;
	uint64_t nr;
	int i;

	if (!nest || nla_parse_nested(t, RDMARPC_A_LATENCY_MAX, nest, NULL))
		return;
	l->count = rr_u64_of(t[RDMARPC_A_LATENCY_COUNT]);
	l->max_ns = rr_u64_of(t[RDMARPC_A_LATENCY_MAX_NS]);
	buckets = t[RDMARPC_A_LATENCY_BUCKETS];
	for (i = 0; buckets && i < nla_len(buckets) / (int)sizeof(nr); i++) {
		/* Not aligned to eight bytes. */
		memcpy(&nr, (char *)nla_data(buckets) + i * sizeof(nr), sizeof(nr));
		l->buckets[i < RDMARPC_LATENCY_BUCKETS ? i : RDMARPC_LATENCY_BUCKETS - 1] += nr;
	}
}

/* ---- connections ---- */

void rr_connection_of(struct nlattr **t, struct rdmarpc_connection_info *info)
{
	*info = (struct rdmarpc_connection_info) { .id = rr_u32_of(t[RDMARPC_A_CONNECTION_ID]) };
	rr_text_of(t[RDMARPC_A_CONNECTION_SERVER], info->server, sizeof(info->server));
	info->role = rr_u32_of(t[RDMARPC_A_CONNECTION_ROLE]);
	info->state = rr_u32_of(t[RDMARPC_A_CONNECTION_STATE]);
	rr_addr_of(t[RDMARPC_A_CONNECTION_LOCAL], &info->local);
	rr_addr_of(t[RDMARPC_A_CONNECTION_PEER], &info->peer);
	rr_text_of(t[RDMARPC_A_CONNECTION_DEVICE], info->device, sizeof(info->device));
	info->calls_in_flight = rr_u32_of(t[RDMARPC_A_CONNECTION_CALLS_IN_FLIGHT]);
	info->window = rr_u32_of(t[RDMARPC_A_CONNECTION_WINDOW]);
	info->reason = rr_u32_of(t[RDMARPC_A_CONNECTION_REASON]);
	info->client = rr_u32_of(t[RDMARPC_A_CONNECTION_CLIENT]);
	latency_of(t[RDMARPC_A_CONNECTION_LATENCY], &info->latency);
}

EACH(rdmarpc_connection_each, rdmarpc_connection_info, RDMARPC_CMD_CONNECTION_GET,
     RDMARPC_A_CONNECTION_MAX, rr_connection_of)

int rdmarpc_connection_close(struct rdmarpc_admin *a, uint32_t id)
{
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_CONNECTION_DEL, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, RDMARPC_A_CONNECTION_ID, id)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return rr_talk(a, msg, NULL, NULL);
}

/* ---- handlers ---- */

static void process_of(struct nlattr *attr, struct rdmarpc_process_info *info)
{
	struct nlattr *t[RDMARPC_A_PROCESS_MAX + 1] = { NULL };

	*info = (struct rdmarpc_process_info) { .pid = 0 };
	if (nla_parse_nested(t, RDMARPC_A_PROCESS_MAX, attr, NULL))
		return;
	info->pid = rr_u32_of(t[RDMARPC_A_PROCESS_PID]);
	info->uid = rr_u32_of(t[RDMARPC_A_PROCESS_UID]);
	rr_text_of(t[RDMARPC_A_PROCESS_COMM], info->comm, sizeof(info->comm));
}

static void processes_of(struct nlattr *attr, struct rdmarpc_handler_info *info)
{
	struct nlattr *pos;
	int left;

	if (!attr)
		return;
	nla_for_each_nested(pos, attr, left)
		if (info->nr_processes < RDMARPC_HANDLER_PROCESSES)
			process_of(pos, &info->processes[info->nr_processes++]);
}

static void handler_of(struct nlattr **t, struct rdmarpc_handler_info *info)
{
	struct nlattr *method = t[RDMARPC_A_HANDLER_METHOD];

	*info = (struct rdmarpc_handler_info) { .server = "" };
	rr_text_of(t[RDMARPC_A_HANDLER_SERVER], info->server, sizeof(info->server));
	info->method = method ? nla_get_u16(method) : 0;
	info->kind = rr_u32_of(t[RDMARPC_A_HANDLER_KIND]);
	info->files = rr_u32_of(t[RDMARPC_A_HANDLER_FILES]);
	info->queued = rr_u32_of(t[RDMARPC_A_HANDLER_QUEUED]);
	info->delivered = rr_u32_of(t[RDMARPC_A_HANDLER_DELIVERED]);
	processes_of(t[RDMARPC_A_HANDLER_PROCESSES], info);
	latency_of(t[RDMARPC_A_HANDLER_LATENCY], &info->latency);
}

EACH(rdmarpc_handler_each, rdmarpc_handler_info, RDMARPC_CMD_HANDLER_GET,
     RDMARPC_A_HANDLER_MAX, handler_of)

/* ---- clients ---- */

static void client_of(struct nlattr **t, struct rdmarpc_client_info *info)
{
	*info = (struct rdmarpc_client_info) { .id = rr_u32_of(t[RDMARPC_A_CLIENT_ID]) };
	info->kernel = !t[RDMARPC_A_CLIENT_UID];
	info->pid = rr_u32_of(t[RDMARPC_A_CLIENT_PID]);
	info->uid = rr_u32_of(t[RDMARPC_A_CLIENT_UID]);
	rr_text_of(t[RDMARPC_A_CLIENT_COMM], info->comm, sizeof(info->comm));
	rr_addr_of(t[RDMARPC_A_CLIENT_PEER], &info->peer);
	info->depth = rr_u32_of(t[RDMARPC_A_CLIENT_DEPTH]);
	info->calls_in_flight = rr_u32_of(t[RDMARPC_A_CLIENT_CALLS_IN_FLIGHT]);
	info->state = rr_u32_of(t[RDMARPC_A_CLIENT_STATE]);
	info->connection = rr_u32_of(t[RDMARPC_A_CLIENT_CONNECTION]);
	info->reconnections = rr_u32_of(t[RDMARPC_A_CLIENT_RECONNECTIONS]);
}

EACH(rdmarpc_client_each, rdmarpc_client_info, RDMARPC_CMD_CLIENT_GET,
     RDMARPC_A_CLIENT_MAX, client_of)

/* ---- Pollers ---- */

static void poller_of(struct nlattr **t, struct rdmarpc_poller_info *info)
{
	*info = (struct rdmarpc_poller_info) { .name = "" };
	rr_text_of(t[RDMARPC_A_POLLER_NAME], info->name, sizeof(info->name));
	info->is_server = !!t[RDMARPC_A_POLLER_SERVER];
	info->pid = rr_u32_of(t[RDMARPC_A_POLLER_PID]);
	info->connections = rr_u32_of(t[RDMARPC_A_POLLER_CONNECTIONS]);
	info->completions = rr_u64_of(t[RDMARPC_A_POLLER_COMPLETIONS]);
	info->polls = rr_u64_of(t[RDMARPC_A_POLLER_POLLS]);
	info->sleeps = rr_u64_of(t[RDMARPC_A_POLLER_SLEEPS]);
}

EACH(rdmarpc_poller_each, rdmarpc_poller_info, RDMARPC_CMD_POLLER_GET,
     RDMARPC_A_POLLER_MAX, poller_of)

/* ---- counters ---- */

static const char * const stat_names[] = {
	"connections-accepted", "connections-refused", "connections-opened",
	"connections-closed", "handshakes-failed", "messages-sent", "messages-received",
	"messages-bad", "credit-stalls", "calls-started", "calls-ok", "calls-app-error",
	"calls-not-executed", "calls-executed", "calls-maybe-executed", "calls-timed-out",
	"calls-refused", "requests-received", "requests-ok", "requests-app-error",
	"requests-refused", "requests-expired", "requests-failed", "requests-dropped",
	"late-replies", "peers-dead", "reconnections", "retries", "bulk-bytes-read",
	"bulk-bytes-written",
};

_Static_assert(sizeof(stat_names) / sizeof(stat_names[0]) ==
	       RDMARPC_A_STATS_MAX - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED + 1,
	       "a name for each counter of the specification");

typedef int (*stats_fn)(const char *name, uint64_t value, void *ctx);

static int take_stats(struct nlattr **t, struct rr_walk *w)
{
	stats_fn each = (stats_fn)w->each;
	int i;

	for (i = RDMARPC_A_STATS_CONNECTIONS_ACCEPTED; i <= RDMARPC_A_STATS_MAX; i++)
		if (t[i] && each(stat_names[i - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED],
				 nla_get_u64(t[i]), w->ctx))
			break;
	return 1;
}

int rdmarpc_stats_each(struct rdmarpc_admin *a, const char *server, stats_fn each, void *ctx)
{
	struct rr_walk w = {
		.max = RDMARPC_A_STATS_MAX, .take = take_stats, .each = (void (*)(void))each,
		.ctx = ctx,
	};
	struct nl_msg *msg = rr_request(a, RDMARPC_CMD_STATS_GET, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (server && nla_put_string(msg, RDMARPC_A_STATS_SERVER, server)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return rr_get(a, msg, &w);
}
