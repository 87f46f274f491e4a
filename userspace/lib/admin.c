// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Generic netlink: uapi/rdmarpc.yaml with libnl. */
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <rdmarpc/rdmarpc_netlink.h>

#include "librdmarpc.h"

struct rdmarpc_admin {
	struct nl_sock *sock;
	int family;
	int error;
	char message[256];
};

/* libnl turns errnos into numbers of its own and back; only these are met. */
static int errno_of_nl(int err)
{
	switch (-err) {
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_DUMP_INTR:
		/* The list changed while it was read. */
		return -EAGAIN;
	default:
		return -EIO;
	}
}

int rdmarpc_admin_open(struct rdmarpc_admin **admin)
{
	struct rdmarpc_admin *a = calloc(1, sizeof(*a));
	int on = 1, err;

	if (!a)
		return -ENOMEM;
	a->sock = nl_socket_alloc();
	if (!a->sock) {
		free(a);
		return -ENOMEM;
	}
	err = genl_connect(a->sock);
	if (!err) {
		setsockopt(nl_socket_get_fd(a->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
		setsockopt(nl_socket_get_fd(a->sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
		setsockopt(nl_socket_get_fd(a->sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
			   sizeof(on));
		a->family = genl_ctrl_resolve(a->sock, RDMARPC_FAMILY_NAME);
		err = a->family < 0 ? a->family : 0;
	}
	if (err) {
		nl_socket_free(a->sock);
		free(a);
		return errno_of_nl(err);
	}
	*admin = a;
	return 0;
}

void rdmarpc_admin_close(struct rdmarpc_admin *a)
{
	nl_socket_free(a->sock);
	free(a);
}

const char *rdmarpc_admin_message(const struct rdmarpc_admin *a)
{
	return a->message;
}

/* The kernel's words stand in attributes behind the error, which libnl skips. */
static void take_message(struct rdmarpc_admin *a, struct nlmsgerr *e)
{
	struct nlmsghdr *h = (struct nlmsghdr *)((char *)e - NLMSG_HDRLEN);
	size_t skip = sizeof(*e);
	struct nlattr *attr;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	if (NLMSG_HDRLEN + skip > h->nlmsg_len)
		return;
	attr = nla_find((struct nlattr *)((char *)e + skip), h->nlmsg_len - NLMSG_HDRLEN - skip,
			NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(a->message, attr, sizeof(a->message));
}

/* An exchange under way. */
struct talk {
	struct rdmarpc_admin *admin;
	bool done;
};

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	struct rdmarpc_admin *a = arg;

	(void)who;
	a->error = e->error;
	take_message(a, e);
	return NL_STOP;
}

/* The end of a dump carries the error that broke it off, which libnl skips too. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct talk *t = arg;

	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(int)))
		t->admin->error = *(int *)nlmsg_data(h);
	t->done = true;
	return NL_SKIP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct talk *t = arg;

	(void)msg;
	t->done = true;
	return NL_STOP;
}

/* Sends @msg, which it frees, and takes what comes until the kernel is done. */
static int talk(struct rdmarpc_admin *a, struct nl_msg *msg,
		int (*valid)(struct nl_msg *, void *), void *ctx)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	struct talk t = { .admin = a };
	int err;

	a->error = 0;
	a->message[0] = '\0';
	if (!cb) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, a);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &t);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &t);
	if (valid)
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, valid, ctx);
	err = nl_send_auto(a->sock, msg);
	nlmsg_free(msg);
	while (err >= 0 && !t.done && !a->error)
		err = nl_recvmsgs(a->sock, cb);
	nl_cb_put(cb);
	if (a->error)
		return a->error;
	return err < 0 ? errno_of_nl(err) : 0;
}

static struct nl_msg *request(struct rdmarpc_admin *a, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, a->family, 0, flags, cmd,
				RDMARPC_FAMILY_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* ---- servers ---- */

int rdmarpc_server_new(struct rdmarpc_admin *a, const struct rdmarpc_server_info *info)
{
	struct nl_msg *msg = request(a, RDMARPC_CMD_SERVER_NEW, NLM_F_ACK);
	size_t len = info->addr.ss_family == AF_INET ? 16 : 28;

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, info->name) ||
	    nla_put(msg, RDMARPC_A_SERVER_ADDRESS, len, &info->addr) ||
	    (info->echo && nla_put_flag(msg, RDMARPC_A_SERVER_ECHO)) ||
	    nla_put_u32(msg, RDMARPC_A_SERVER_MAX_CONNECTIONS, info->max_connections) ||
	    nla_put_u32(msg, RDMARPC_A_SERVER_MAX_CALLS, info->max_calls)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(a, msg, NULL, NULL);
}

int rdmarpc_server_del(struct rdmarpc_admin *a, const char *name)
{
	struct nl_msg *msg = request(a, RDMARPC_CMD_SERVER_DEL, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, name)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(a, msg, NULL, NULL);
}

static uint32_t u32_of(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void addr_of(struct nlattr *attr, struct sockaddr_storage *addr)
{
	if (attr)
		nla_memcpy(addr, attr, sizeof(*addr));
}

static void text_of(struct nlattr *attr, char *text, size_t room)
{
	if (attr)
		nla_strlcpy(text, attr, room);
}

struct server_walk {
	int (*each)(const struct rdmarpc_server_info *info, void *ctx);
	void *ctx;
	int stop;
};

static int on_server(struct nl_msg *msg, void *arg)
{
	struct nlattr *t[RDMARPC_A_SERVER_MAX + 1];
	struct rdmarpc_server_info info = { .name = "" };
	struct server_walk *w = arg;

	if (w->stop || genlmsg_parse(nlmsg_hdr(msg), 0, t, RDMARPC_A_SERVER_MAX, NULL))
		return NL_SKIP;
	text_of(t[RDMARPC_A_SERVER_NAME], info.name, sizeof(info.name));
	info.owner_uid = u32_of(t[RDMARPC_A_SERVER_OWNER_UID]);
	addr_of(t[RDMARPC_A_SERVER_ADDRESS], &info.addr);
	info.echo = !!t[RDMARPC_A_SERVER_ECHO];
	info.max_connections = u32_of(t[RDMARPC_A_SERVER_MAX_CONNECTIONS]);
	info.max_calls = u32_of(t[RDMARPC_A_SERVER_MAX_CALLS]);
	info.connections = u32_of(t[RDMARPC_A_SERVER_CONNECTIONS]);
	info.state = u32_of(t[RDMARPC_A_SERVER_STATE]);
	w->stop = w->each(&info, w->ctx);
	return NL_OK;
}

int rdmarpc_server_each(struct rdmarpc_admin *a,
			int (*each)(const struct rdmarpc_server_info *info, void *ctx),
			void *ctx)
{
	struct server_walk w = { each, ctx, 0 };
	struct nl_msg *msg = request(a, RDMARPC_CMD_SERVER_GET, NLM_F_DUMP);

	return msg ? talk(a, msg, on_server, &w) : -ENOMEM;
}

static int copy_server(const struct rdmarpc_server_info *info, void *ctx)
{
	*(struct rdmarpc_server_info *)ctx = *info;
	return 1;
}

int rdmarpc_server_get(struct rdmarpc_admin *a, const char *name,
		       struct rdmarpc_server_info *info)
{
	struct server_walk w = { copy_server, info, 0 };
	struct nl_msg *msg = request(a, RDMARPC_CMD_SERVER_GET, NLM_F_ACK);
	int err;

	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, RDMARPC_A_SERVER_NAME, name)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = talk(a, msg, on_server, &w);
	return err || w.stop ? err : -ENOENT;
}

/* ---- connections ---- */

struct connection_walk {
	int (*each)(const struct rdmarpc_connection_info *info, void *ctx);
	void *ctx;
	int stop;
};

static int on_connection(struct nl_msg *msg, void *arg)
{
	struct nlattr *t[RDMARPC_A_CONNECTION_MAX + 1];
	struct rdmarpc_connection_info info = { .id = 0 };
	struct connection_walk *w = arg;

	if (w->stop || genlmsg_parse(nlmsg_hdr(msg), 0, t, RDMARPC_A_CONNECTION_MAX, NULL))
		return NL_SKIP;
	info.id = u32_of(t[RDMARPC_A_CONNECTION_ID]);
	text_of(t[RDMARPC_A_CONNECTION_SERVER], info.server, sizeof(info.server));
	info.role = u32_of(t[RDMARPC_A_CONNECTION_ROLE]);
	info.state = u32_of(t[RDMARPC_A_CONNECTION_STATE]);
	addr_of(t[RDMARPC_A_CONNECTION_LOCAL], &info.local);
	addr_of(t[RDMARPC_A_CONNECTION_PEER], &info.peer);
	text_of(t[RDMARPC_A_CONNECTION_DEVICE], info.device, sizeof(info.device));
	info.calls_in_flight = u32_of(t[RDMARPC_A_CONNECTION_CALLS_IN_FLIGHT]);
	info.window = u32_of(t[RDMARPC_A_CONNECTION_WINDOW]);
	w->stop = w->each(&info, w->ctx);
	return NL_OK;
}

int rdmarpc_connection_each(struct rdmarpc_admin *a,
			    int (*each)(const struct rdmarpc_connection_info *info, void *ctx),
			    void *ctx)
{
	struct connection_walk w = { each, ctx, 0 };
	struct nl_msg *msg = request(a, RDMARPC_CMD_CONNECTION_GET, NLM_F_DUMP);

	return msg ? talk(a, msg, on_connection, &w) : -ENOMEM;
}

/* ---- counters ---- */

static const char * const stat_names[] = {
	"connections-accepted", "connections-refused", "connections-opened",
	"connections-closed", "handshakes-failed", "messages-sent", "messages-received",
	"messages-bad", "credit-stalls", "calls-started", "calls-ok", "calls-app-error",
	"calls-not-executed", "calls-executed", "calls-maybe-executed", "calls-timed-out",
	"calls-refused", "requests-received", "requests-ok", "requests-app-error",
	"requests-refused", "requests-expired", "requests-failed", "requests-dropped",
	"late-replies",
};

_Static_assert(sizeof(stat_names) / sizeof(stat_names[0]) ==
	       RDMARPC_A_STATS_LATE_REPLIES - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED + 1,
	       "a name for each counter of the specification");

struct stats_walk {
	int (*each)(const char *name, uint64_t value, void *ctx);
	void *ctx;
};

static int on_stats(struct nl_msg *msg, void *arg)
{
	struct nlattr *t[RDMARPC_A_STATS_MAX + 1];
	struct stats_walk *w = arg;
	struct nlattr *attr;
	int i;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, t, RDMARPC_A_STATS_MAX, NULL))
		return NL_SKIP;
	for (i = RDMARPC_A_STATS_CONNECTIONS_ACCEPTED; i <= RDMARPC_A_STATS_LATE_REPLIES; i++) {
		attr = t[i];
		if (attr && w->each(stat_names[i - RDMARPC_A_STATS_CONNECTIONS_ACCEPTED],
				    nla_get_u64(attr), w->ctx))
			break;
	}
	return NL_OK;
}

int rdmarpc_stats_each(struct rdmarpc_admin *a, const char *server,
		       int (*each)(const char *name, uint64_t value, void *ctx), void *ctx)
{
	struct stats_walk w = { each, ctx };
	struct nl_msg *msg = request(a, RDMARPC_CMD_STATS_GET, NLM_F_ACK);

	if (!msg)
		return -ENOMEM;
	if (server && nla_put_string(msg, RDMARPC_A_STATS_SERVER, server)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(a, msg, on_stats, &w);
}
