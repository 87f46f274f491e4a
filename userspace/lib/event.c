// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Events of the netlink family's group "events". */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "admin.h"

struct rdmarpc_events {
	struct nl_sock *sock;
	bool ended;		/* the family has gone */
	bool started;		/* @seq is that of the last event */
	uint32_t seq;
	bool pending;		/* @next has come, behind a loss that is told first */
	bool arrived;
	struct rdmarpc_event next;
};

static void error_of(struct nlattr **t, struct rdmarpc_error_event *e)
{
	e->kind = rr_u32_of(t[RDMARPC_A_ERROR_KIND]);
	e->connection = rr_u32_of(t[RDMARPC_A_ERROR_CONNECTION]);
	rr_text_of(t[RDMARPC_A_ERROR_SERVER], e->server, sizeof(e->server));
	rr_addr_of(t[RDMARPC_A_ERROR_PEER], &e->peer);
	rr_text_of(t[RDMARPC_A_ERROR_REASON], e->reason, sizeof(e->reason));
}

/* Without the family, silence would mean nothing any more. */
static int on_family(struct nl_msg *msg, struct rdmarpc_events *e)
{
	struct nlattr *t[CTRL_ATTR_MAX + 1];

	if (genlmsg_hdr(nlmsg_hdr(msg))->cmd == CTRL_CMD_DELFAMILY &&
	    !genlmsg_parse(nlmsg_hdr(msg), 0, t, CTRL_ATTR_MAX, NULL) &&
	    t[CTRL_ATTR_FAMILY_NAME] &&
	    !nla_strcmp(t[CTRL_ATTR_FAMILY_NAME], RDMARPC_FAMILY_NAME))
		e->ended = true;
	return NL_OK;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *hdr = genlmsg_hdr(nlmsg_hdr(msg));
	struct rdmarpc_events *e = arg;
	struct rdmarpc_event *ev = &e->next;
	struct nlattr *t[RR_ATTRS] = { NULL };

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL)
		return on_family(msg, e);
	if (genlmsg_parse(nlmsg_hdr(msg), 0, t, RR_ATTRS - 1, NULL))
		return NL_SKIP;
	memset(ev, 0, sizeof(*ev));
	switch (hdr->cmd) {
	case RDMARPC_CMD_SERVER_NTF:
		ev->type = RDMARPC_EVENT_SERVER;
		ev->seq = rr_u32_of(t[RDMARPC_A_SERVER_EVENT_SEQ]);
		rr_server_of(t, &ev->server);
		break;
	case RDMARPC_CMD_CONNECTION_NTF:
		ev->type = RDMARPC_EVENT_CONNECTION;
		ev->seq = rr_u32_of(t[RDMARPC_A_CONNECTION_EVENT_SEQ]);
		rr_connection_of(t, &ev->connection);
		break;
	case RDMARPC_CMD_ERROR_NTF:
		ev->type = RDMARPC_EVENT_ERROR;
		ev->seq = rr_u32_of(t[RDMARPC_A_ERROR_EVENT_SEQ]);
		error_of(t, &ev->error);
		break;
	default:
		/* A later kernel's. */
		return NL_SKIP;
	}
	e->arrived = true;
	return NL_OK;
}

static int join(struct rdmarpc_events *e, const char *family, const char *group)
{
	int id = genl_ctrl_resolve_grp(e->sock, family, group);

	return id < 0 ? id : nl_socket_add_membership(e->sock, id);
}

int rdmarpc_events_open(struct rdmarpc_events **events)
{
	struct rdmarpc_events *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->sock = nl_socket_alloc();
	if (!e->sock) {
		free(e);
		return -ENOMEM;
	}
	nl_socket_disable_seq_check(e->sock);
	err = genl_connect(e->sock);
	if (!err)
		err = join(e, RDMARPC_FAMILY_NAME, RDMARPC_MCGRP_EVENTS);
	if (!err)
		err = join(e, "nlctrl", "notify");
	if (!err)
		err = nl_socket_modify_cb(e->sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, e);
	if (err) {
		rdmarpc_events_close(e);
		return rr_errno_of_nl(err);
	}
	*events = e;
	return 0;
}

void rdmarpc_events_close(struct rdmarpc_events *e)
{
	if (!e)
		return;
	nl_socket_free(e->sock);
	free(e);
}

int rdmarpc_events_fd(const struct rdmarpc_events *e)
{
	return nl_socket_get_fd(e->sock);
}

/* Return: whether events are missing between the last and @e->next, told in @ev. */
static bool tell_loss(struct rdmarpc_events *e, struct rdmarpc_event *ev)
{
	uint32_t lost = e->started ? e->next.seq - e->seq - 1 : 0;

	e->started = true;
	e->seq = e->next.seq;
	if (!lost)
		return false;
	*ev = (struct rdmarpc_event) { .type = RDMARPC_EVENT_LOST, .seq = e->seq, .lost = lost };
	return true;
}

static int errno_of_receive(int err)
{
	switch (-err) {
	case NLE_INTR:
		return -EINTR;
	case NLE_AGAIN:
		return -EAGAIN;
	default:
		return rr_errno_of_nl(err);
	}
}

int rdmarpc_events_next(struct rdmarpc_events *e, struct rdmarpc_event *ev)
{
	int err;

	while (!e->pending) {
		if (e->ended)
			return -ENODEV;
		e->arrived = false;
		err = nl_recvmsgs_default(e->sock);
		/* The socket was full: the next event's number tells how much that cost. */
		if (err == -NLE_NOMEM)
			continue;
		if (err < 0)
			return errno_of_receive(err);
		if (!e->arrived)
			continue;
		e->pending = true;
		if (tell_loss(e, ev))
			return 0;
	}
	e->pending = false;
	*ev = e->next;
	return 0;
}
