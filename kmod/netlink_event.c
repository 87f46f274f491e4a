// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Events for the multicast group "events". Each namespace numbers its own, those
 * that nobody hears included, so that a listener sees by a gap what it has lost:
 * for want of memory, for want of room in its socket, or because peers broke the
 * protocol more often than is worth telling.
 */
#include <linux/ratelimit.h>
#include <net/netns/generic.h>

#include "connection.h"
#include "event.h"
#include "netlink.h"
#include "server.h"

/* Errors that peers make, per second and namespace, that are told. */
#define RR_ERRORS_PER_SECOND	20

struct event_net {
	/* Taken from a number to its event's leaving, so that they come in order. */
	spinlock_t lock;
	u32 seq;
	struct ratelimit_state errors;
};

static unsigned int event_net_id __read_mostly;

struct event {
	const void *what;
	u32 seq;
};

static void send(struct net *net, u8 cmd, rr_nl_fill fill, const struct event *ev)
{
	const struct rr_nl_part part = { .cmd = cmd };
	struct sk_buff *msg;

	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return;
	if (rr_nl_put(msg, &part, fill, ev))
		nlmsg_free(msg);
	else
		genlmsg_multicast_netns(&rr_nl_family, net, msg, 0, RDMARPC_NLGRP_EVENTS,
					GFP_ATOMIC | __GFP_NOWARN);
}

static void tell(struct net *net, u8 cmd, rr_nl_fill fill, const void *what)
{
	struct event_net *en = net_generic(net, event_net_id);
	struct event ev = { .what = what };

	spin_lock_bh(&en->lock);
	ev.seq = ++en->seq;
	if (genl_has_listeners(&rr_nl_family, net, RDMARPC_NLGRP_EVENTS))
		send(net, cmd, fill, &ev);
	spin_unlock_bh(&en->lock);
}

/* One that is not worth telling still has its number. */
static void skip(struct net *net)
{
	struct event_net *en = net_generic(net, event_net_id);

	spin_lock_bh(&en->lock);
	en->seq++;
	spin_unlock_bh(&en->lock);
}

static int fill_server(struct sk_buff *skb, const void *what)
{
	const struct event *ev = what;
	const struct rdmarpc_server *srv = ev->what;

	/* Whoever changed it: the users are those of its own namespace. */
	return rr_nl_fill_server(skb, srv, srv->net->user_ns) ?:
	       nla_put_u32(skb, RDMARPC_A_SERVER_EVENT_SEQ, ev->seq);
}

static void tell_server(struct rdmarpc_server *srv)
{
	tell(srv->net, RDMARPC_CMD_SERVER_NTF, fill_server, srv);
}

struct conn_event {
	const struct rr_conn *conn;
	u32 state;
};

static int fill_connection(struct sk_buff *skb, const void *what)
{
	const struct event *ev = what;
	const struct conn_event *ce = ev->what;
	const struct rr_conn *conn = ce->conn;
	struct rr_conn_info info;

	rr_conn_info_get(conn, &info);
	info.state = ce->state;
	return rr_nl_fill_connection(skb, &info, &conn->latency, conn->server) ?:
	       nla_put_u32(skb, RDMARPC_A_CONNECTION_EVENT_SEQ, ev->seq);
}

static void tell_connection(const struct rr_conn *conn, u32 state)
{
	const struct conn_event ce = { .conn = conn, .state = state };

	tell(conn->net, RDMARPC_CMD_CONNECTION_NTF, fill_connection, &ce);
}

static int fill_error(struct sk_buff *skb, const void *what)
{
	const struct event *ev = what;
	const struct rr_error_event *err = ev->what;

	if (nla_put_u32(skb, RDMARPC_A_ERROR_KIND, err->kind) ||
	    (err->conn_id && nla_put_u32(skb, RDMARPC_A_ERROR_CONNECTION, err->conn_id)) ||
	    (err->server && nla_put_string(skb, RDMARPC_A_ERROR_SERVER, err->server)) ||
	    rr_nl_put_addr(skb, RDMARPC_A_ERROR_PEER, err->peer) ||
	    nla_put_string(skb, RDMARPC_A_ERROR_REASON, err->reason) ||
	    nla_put_u32(skb, RDMARPC_A_ERROR_EVENT_SEQ, ev->seq))
		return -EMSGSIZE;
	return 0;
}

static void tell_error(const struct rr_error_event *err)
{
	struct event_net *en = net_generic(err->net, event_net_id);

	if (__ratelimit(&en->errors))
		tell(err->net, RDMARPC_CMD_ERROR_NTF, fill_error, err);
	else
		skip(err->net);
}

static const struct rr_event_sink sink = {
	.server = tell_server,
	.connection = tell_connection,
	.error = tell_error,
};

static int event_net_start(struct net *net)
{
	struct event_net *en = net_generic(net, event_net_id);

	spin_lock_init(&en->lock);
	en->seq = 0;
	ratelimit_state_init(&en->errors, HZ, RR_ERRORS_PER_SECOND);
	/* The gap in the numbers tells; the log need not. */
	ratelimit_set_flags(&en->errors, RATELIMIT_MSG_ON_RELEASE);
	return 0;
}

static struct pernet_operations event_net_ops = {
	.init = event_net_start,
	.id = &event_net_id,
	.size = sizeof(struct event_net),
};

int rr_nl_events_init(void)
{
	return register_pernet_subsys(&event_net_ops);
}

void rr_nl_events_exit(void)
{
	unregister_pernet_subsys(&event_net_ops);
}

void rr_nl_events_attach(void)
{
	rr_event_attach(&sink);
}

void rr_nl_events_detach(void)
{
	rr_event_attach(NULL);
}
