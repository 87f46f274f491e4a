// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "event.h"

#include <linux/rcupdate.h>

static const struct rr_event_sink __rcu *event_sink;

void rr_event_attach(const struct rr_event_sink *sink)
{
	rcu_assign_pointer(event_sink, sink);
	synchronize_rcu();
}

void rr_event_server(struct rdmarpc_server *srv)
{
	const struct rr_event_sink *sink;

	rcu_read_lock();
	sink = rcu_dereference(event_sink);
	if (sink)
		sink->server(srv);
	rcu_read_unlock();
}

void rr_event_connection(const struct rr_conn *conn, u32 state)
{
	const struct rr_event_sink *sink;

	rcu_read_lock();
	sink = rcu_dereference(event_sink);
	if (sink)
		sink->connection(conn, state);
	rcu_read_unlock();
}

void rr_event_error(const struct rr_error_event *ev)
{
	const struct rr_event_sink *sink;

	rcu_read_lock();
	sink = rcu_dereference(event_sink);
	if (sink)
		sink->error(ev);
	rcu_read_unlock();
}
