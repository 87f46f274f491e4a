/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Servers: a name, listeners, connections and a handler per method.
 */
#ifndef RR_SERVER_H
#define RR_SERVER_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <uapi/rdmarpc.h>

#include "access.h"
#include "connection.h"
#include "limits.h"
#include "poller.h"
#include "rdmarpc.h"
#include "stats.h"

struct netlink_ext_ack;
struct rdma_cm_id;
struct rr_poller;

enum rr_server_state {
	RR_SERVER_NEW,
	RR_SERVER_LISTENING,
	RR_SERVER_DOWN,		/* its device went away */
	RR_SERVER_STOPPING,
	RR_SERVER_DRAINING,
};

/**
 * struct rdmarpc_server - one server
 *
 * rr_servers_lock protects @link, that is, the set of servers and their names; @lock
 * may be taken inside it.
 * @lock protects @state, @announced, @conns, @nr_conns, @turns, @listener, @access and
 * changes of @limits; a connection's lock may be taken inside it. @handlers
 * is written under @handlers_lock and read under RCU.
 *
 * References: the list of servers, each connection, each handler and whoever
 * looked it up hold one. The list's goes with rr_server_stop(). @created and
 * @lookups are those that kernel code has not given back yet.
 */
struct rdmarpc_server {
	struct kref ref;
	unsigned long id;
	struct list_head link;
	struct list_head live;
	bool created;
	u32 lookups;
	char name[RDMARPC_NAME_LEN];
	struct net *net;
	struct sockaddr_storage addr;
	bool echo;
	struct rr_limits limits;
	atomic_long_t bulk_bytes;	/* of large payloads that it has in memory */

	struct mutex lock;
	enum rr_server_state state;
	bool announced;			/* it has listened: events tell of it */
	struct rdma_cm_id *listener;
	struct list_head conns;
	u32 nr_conns;
	struct ida turns;
	struct rr_access access;
	atomic_t nr_pending;
	wait_queue_head_t idle;
	struct work_struct down_work;
	struct delayed_work relisten_work, drain_work;
	unsigned long drain_end;	/* jiffies, while it drains */
	struct completion stopped;

	struct mutex handlers_lock;
	struct xarray handlers;
	bool handlers_closed;
	struct rr_poller *poller;
	struct rr_stats_set stats;
};

/* The longest drain, an hour. */
#define RR_MAX_DRAIN_MS	3600000

/**
 * struct rr_server_config - what a server is to be
 * @name: unique in the net namespace, 1 to RDMARPC_NAME_LEN - 1 bytes
 * @addr: where to listen, IPv4 or IPv6, port not 0
 * @echo: answer RDMARPC_METHOD_ECHO with the request's bytes
 * @limits: what it allows, rr_limits_default where they are not given
 * @access: who may answer; NULL: its owner alone
 */
struct rr_server_config {
	const char *name;
	const struct sockaddr *addr;
	bool echo;
	struct rr_limits limits;
	const struct rr_access *access;
};

/**
 * struct rr_server_change - what is to be different
 * @limits: those that are given, for connections made from then on
 * @set_uids: @uids and @nr_uids replace those of struct rr_access
 * @set_gid: @gid replaces that of struct rr_access
 * @nr_uids: entries of @uids
 * @uids: users
 * @gid: a group, or INVALID_GID
 */
struct rr_server_change {
	struct rr_limits limits;
	bool set_uids, set_gid;
	u32 nr_uids;
	kuid_t uids[RR_ACCESS_UIDS];
	kgid_t gid;
};

/**
 * rr_server_start - make a server and let it listen
 * @net: its network namespace
 * @cfg: what it is to be
 * @extack: where to say why not, may be NULL
 *
 * Context: may sleep.
 * Return: the server with a reference for the caller, or ERR_PTR: EEXIST the
 * name is taken, EINVAL, ENODEV or EADDRNOTAVAIL no RDMA device has the
 * address, or it went away meanwhile, EADDRINUSE, EOPNOTSUPP not the initial
 * network namespace, ESHUTDOWN it was stopped meanwhile, ENOMEM.
 */
struct rdmarpc_server *rr_server_start(struct net *net,
				       const struct rr_server_config *cfg,
				       struct netlink_ext_ack *extack);

/**
 * rr_server_stop - end a server: refuse, disconnect, detach its handlers
 * @srv: the server; the caller's reference stays
 *
 * Idempotent; returns when all its connections are gone. What it waits for is
 * bounded by the RDMA core and the driver alone: for connection requests that are
 * being looked at, and for each connection's disconnect, queue pair and CQ to be
 * destroyed, which wait for no peer, no completion and no handler (but one that
 * runs in the Poller, which must not sleep). A signal does not end the wait: the
 * server is out of the list by then, so nobody else could finish it. Netlink calls
 * this with generic netlink's lock held for reading, so no longer wait belongs here.
 *
 * Context: may sleep, not from a handler of the same server.
 */
void rr_server_stop(struct rdmarpc_server *srv);

/**
 * rr_server_drain - let a server finish what it has accepted, then end it
 * @srv: the server; the caller's reference stays
 * @timeout_ms: how long that may take, at most RR_MAX_DRAIN_MS; what is left is ended
 *	as by rr_server_stop()
 *
 * New connections and requests are refused from here on, clients are told so, and
 * rr_server_stop() follows in a workqueue. A second drain changes nothing.
 *
 * Context: may sleep, not from a handler of the same server. Does not wait for
 * the end: that is @stopped.
 * Return: 0, or -ESHUTDOWN it is being stopped or drained.
 */
int rr_server_drain(struct rdmarpc_server *srv, u32 timeout_ms);

/* A connection of a draining server may have come to rest. */
void rr_server_rested(struct rdmarpc_server *srv);

static inline bool rr_server_draining(const struct rdmarpc_server *srv)
{
	return READ_ONCE(srv->state) == RR_SERVER_DRAINING;
}

/* Return: whether it begins with no further request. */
static inline bool rr_server_ends(const struct rdmarpc_server *srv)
{
	enum rr_server_state state = READ_ONCE(srv->state);

	return state == RR_SERVER_STOPPING || state == RR_SERVER_DRAINING;
}

/*
 * May sleep. Return: 0; or EINVAL, or ESHUTDOWN it is being stopped, with the reason
 * in @extack and nothing changed.
 */
int rr_server_change(struct rdmarpc_server *srv, const struct rr_server_change *change,
		     struct netlink_ext_ack *extack);

/* May sleep. Return: whether one who opened a file as @opener may answer for @srv. */
bool rr_server_permits(struct rdmarpc_server *srv, const struct cred *opener);

/* May sleep. Return: whether there was a connection with this @id to be closed. */
bool rr_server_conn_close(struct rdmarpc_server *srv, u32 id);

/* Return: the server with a reference, or NULL. */
struct rdmarpc_server *rr_server_find(struct net *net, const char *name);

/**
 * rr_server_next - walk the servers of a namespace
 * @net: the namespace
 * @pos: 0 at first, then as it was left: servers come and go underneath
 *
 * Return: the next server, with a reference, or NULL.
 */
struct rdmarpc_server *rr_server_next(struct net *net, unsigned long *pos);

void rr_server_put(struct rdmarpc_server *srv);

/*
 * Takes a reference if @srv, which may be a stale pointer, is one of a server.
 * Return: whether it is.
 */
bool rr_server_get_live(struct rdmarpc_server *srv);

/**
 * rr_server_conn_info - walk the connections of a server
 * @srv: the server
 * @after_id: 0 at first, then the id of the last one
 * @info: filled in
 * @latency: likewise
 *
 * Return: 0, or -ENOENT there are no more.
 */
int rr_server_conn_info(struct rdmarpc_server *srv, u32 after_id,
			struct rr_conn_info *info, struct rr_latency *latency);

/* ---- for accept.c ---- */

/* Return: 0 and one more connection is counted, or the enum rr_rej to refuse it with. */
int rr_server_conn_admit(struct rdmarpc_server *srv);
void rr_server_conn_unadmit(struct rdmarpc_server *srv);

/* An admitted connection is in the server's list, from here to rr_server_conn_del(). */
void rr_server_conn_add(struct rdmarpc_server *srv, struct rr_conn *conn);
void rr_server_conn_del(struct rdmarpc_server *srv, struct rr_conn *conn);

/*
 * The listener's device is going: ends the listener, outside its handler. The server
 * listens again when a device has its address again.
 */
void rr_server_down(struct rdmarpc_server *srv);

int rr_server_init(void);
void rr_server_exit(void);

#endif /* RR_SERVER_H */
