/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Events: what happens to servers and connections, told to whoever listens.
 * Those to whom it happens know nothing of the listener: netlink_event.c.
 */
#ifndef RR_EVENT_H
#define RR_EVENT_H

#include <linux/socket.h>
#include <linux/types.h>

struct net;
struct rdmarpc_server;
struct rr_conn;

/**
 * struct rr_error_event - a peer broke the protocol or was refused
 * @net: where
 * @kind: enum rdmarpc_error_kind
 * @conn_id: the connection's, 0 if none was made
 * @server: the server's name, NULL on a client
 * @peer: its address
 * @reason: what was wrong
 */
struct rr_error_event {
	struct net *net;
	u32 kind;
	u32 conn_id;
	const char *server;
	const struct sockaddr_storage *peer;
	const char *reason;
};

/* Called under rcu_read_lock(): none of them may sleep. */
struct rr_event_sink {
	void (*server)(struct rdmarpc_server *srv);
	void (*connection)(struct rr_conn *conn);
	void (*error)(const struct rr_error_event *ev);
};

/* May sleep. @sink: NULL: nobody listens, and nobody is being told any more on return. */
void rr_event_attach(const struct rr_event_sink *sink);

/* Any context but hard interrupt: @srv's state or limits have changed. */
void rr_event_server(struct rdmarpc_server *srv);

/* @conn's state has changed. */
void rr_event_connection(struct rr_conn *conn);

void rr_event_error(const struct rr_error_event *ev);

#endif /* RR_EVENT_H */
