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
#define RR_ERRORS_PER_SECOND	100

struct event_net {
	atomic_t seq;
	struct ratelimit_state errors;
};

static unsigned int event_net_id __read_mostly;

struct event {
	const void *what;
	u32 seq;
};

static u32 next_seq(struct net *net)
{
	struct event_net *en = net_generic(net, event_net_id);

	return atomic_inc_return(&en->seq);
}

static void tell(struct net *net, u8 cmd, rr_nl_fill fill, const void *what)
{
	const struct event ev = { .what = what, .seq = next_seq(net) };
	const struct rr_nl_part part = { .cmd = cmd };
	struct sk_buff *msg;

	if (!genl_has_listeners(&rr_nl_family, net, RDMARPC_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return;
	if (rr_nl_put(msg, &part, fill, &ev))
		nlmsg_free(msg);
	else
		genlmsg_multicast_netns(&rr_nl_family, net, msg, 0, RDMARPC_NLGRP_EVENTS,
					GFP_ATOMIC | __GFP_NOWARN);
}

static int fill_server(struct sk_buff *skb, const void *what)
{
	const struct event *ev = what;

	return rr_nl_fill_server(skb, ev->what) ?:
	       nla_put_u32(skb, RDMARPC_A_SERVER_EVENT_SEQ, ev->seq);
}

static void tell_server(struct rdmarpc_server *srv)
{
	tell(srv->net, RDMARPC_CMD_SERVER_NTF, fill_server, srv);
}

static int fill_connection(struct sk_buff *skb, const void *what)
{
	const struct event *ev = what;
	const struct rr_conn *conn = ev->what;
	struct rr_conn_info info;

	rr_conn_info_get(conn, &info);
	return rr_nl_fill_connection(skb, &info, &conn->latency, conn->server) ?:
	       nla_put_u32(skb, RDMARPC_A_CONNECTION_EVENT_SEQ, ev->seq);
}

static void tell_connection(struct rr_conn *conn)
{
	tell(conn->net, RDMARPC_CMD_CONNECTION_NTF, fill_connection, conn);
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
		next_seq(err->net);
}

static const struct rr_event_sink sink = {
	.server = tell_server,
	.connection = tell_connection,
	.error = tell_error,
};

static int event_net_start(struct net *net)
{
	struct event_net *en = net_generic(net, event_net_id);

	atomic_set(&en->seq, 0);
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
