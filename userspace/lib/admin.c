// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* The exchange with the kernel over generic netlink, with libnl. */
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

#include "admin.h"

/* libnl turns errnos into numbers of its own and back; only these are met. */
int rr_errno_of_nl(int err)
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

/* Return: an error of libnl's. */
static int connect_socket(struct nl_sock *sock)
{
	int on = 1, err = genl_connect(sock);

	if (err)
		return err;
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

int rdmarpc_admin_open(struct rdmarpc_admin **admin)
{
	struct rdmarpc_admin *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->sock = nl_socket_alloc();
	if (!a->sock) {
		free(a);
		return -ENOMEM;
	}
	err = connect_socket(a->sock);
	if (!err) {
		a->family = genl_ctrl_resolve(a->sock, RDMARPC_FAMILY_NAME);
		err = a->family < 0 ? a->family : 0;
	}
	if (err) {
		nl_socket_free(a->sock);
		free(a);
		return rr_errno_of_nl(err);
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
	uint32_t seq;
	bool done;
};

/* What an earlier exchange, that failed on its way, has left behind is not ours. */
static int on_seq(struct nl_msg *msg, void *arg)
{
	const struct talk *t = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == t->seq ? NL_OK : NL_SKIP;
}

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

int rr_talk(struct rdmarpc_admin *a, struct nl_msg *msg,
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
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_seq, &t);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &t);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &t);
	if (valid)
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, valid, ctx);
	err = nl_send_auto(a->sock, msg);
	t.seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	while (err >= 0 && !t.done && !a->error)
		err = nl_recvmsgs(a->sock, cb);
	nl_cb_put(cb);
	if (a->error)
		return a->error;
	if (err >= 0)
		return 0;
	/* The kernel may be in the middle of an answer, and not begin with another. */
	nl_close(a->sock);
	connect_socket(a->sock);
	return rr_errno_of_nl(err);
}

struct nl_msg *rr_request(struct rdmarpc_admin *a, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, a->family, 0, flags, cmd,
				RDMARPC_FAMILY_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static int on_object(struct nl_msg *msg, void *arg)
{
	struct rr_walk *w = arg;
	struct nlattr *t[RR_ATTRS];

	if (w->stop || genlmsg_parse(nlmsg_hdr(msg), 0, t, w->max, NULL))
		return NL_SKIP;
	w->stop = w->take(t, w);
	return NL_OK;
}

int rr_walk(struct rdmarpc_admin *a, int cmd, struct rr_walk *w)
{
	struct nl_msg *msg = rr_request(a, cmd, NLM_F_DUMP);

	return msg ? rr_talk(a, msg, on_object, w) : -ENOMEM;
}

int rr_get(struct rdmarpc_admin *a, struct nl_msg *msg, struct rr_walk *w)
{
	return rr_talk(a, msg, on_object, w);
}
