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
	void (*connection)(const struct rr_conn *conn, u32 state);
	void (*error)(const struct rr_error_event *ev);
};

/* May sleep. @sink: NULL: nobody listens, and nobody is being told any more on return. */
void rr_event_attach(const struct rr_event_sink *sink);

/*
 * @srv's state, limits or access have changed. Its lock is held, so that changes
 * are told in their order.
 */
void rr_event_server(struct rdmarpc_server *srv);

/*
 * @conn has come to @state: what it was then is told, whatever it is now. Any
 * context but hard interrupt.
 */
void rr_event_connection(const struct rr_conn *conn, u32 state);

/* Any context but hard interrupt. */
void rr_event_error(const struct rr_error_event *ev);

#endif /* RR_EVENT_H */
