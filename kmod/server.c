// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "server.h"

#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "accept.h"
#include "event.h"
#include "handler.h"
#include "poller.h"
#include "request.h"

/* From one attempt to listen again to the next. */
#define RR_RELISTEN	HZ

/* What servers have accepted may take so long when the module is unloaded. */
#define RR_UNLOAD_DRAIN_MS	2000

/* Connections that have not proven themselves yet. */
#define RR_MAX_PENDING		128

/* Every server until its memory is freed, by @live: what stale pointers are told by. */
static DEFINE_SPINLOCK(live_lock);
static LIST_HEAD(live_servers);

static DEFINE_MUTEX(rr_servers_lock);
static LIST_HEAD(rr_servers);
static unsigned long rr_servers_last_id;
static struct workqueue_struct *down_wq;

static void server_drain_work(struct work_struct *work);

/* ---- the set of servers ---- */

static struct rdmarpc_server *find_locked(struct net *net, const char *name)
{
	struct rdmarpc_server *srv;

	lockdep_assert_held(&rr_servers_lock);
	list_for_each_entry(srv, &rr_servers, link)
		if (net_eq(srv->net, net) && !strcmp(srv->name, name))
			return srv;
	return NULL;
}

struct rdmarpc_server *rr_server_find(struct net *net, const char *name)
{
	struct rdmarpc_server *srv;

	mutex_lock(&rr_servers_lock);
	srv = find_locked(net, name);
	if (srv)
		kref_get(&srv->ref);
	mutex_unlock(&rr_servers_lock);
	return srv;
}

/* The list is in the order of ids, so a position survives changes. */
struct rdmarpc_server *rr_server_next(struct net *net, unsigned long *pos)
{
	struct rdmarpc_server *srv, *next = NULL;

	mutex_lock(&rr_servers_lock);
	list_for_each_entry(srv, &rr_servers, link) {
		if (srv->id <= *pos || !net_eq(srv->net, net))
			continue;
		kref_get(&srv->ref);
		*pos = srv->id;
		next = srv;
		break;
	}
	mutex_unlock(&rr_servers_lock);
	return next;
}

static int server_publish(struct rdmarpc_server *srv)
{
	int err = 0;

	mutex_lock(&rr_servers_lock);
	if (find_locked(srv->net, srv->name)) {
		err = -EEXIST;
	} else {
		srv->id = ++rr_servers_last_id;
		list_add_tail(&srv->link, &rr_servers);
		kref_get(&srv->ref);
	}
	mutex_unlock(&rr_servers_lock);
	return err;
}

/* Listeners hear of a server once it listens; one that never did, they never hear of. */
static void server_tell(struct rdmarpc_server *srv)
{
	lockdep_assert_held(&srv->lock);
	if (srv->announced)
		rr_event_server(srv);
}

static void server_state(struct rdmarpc_server *srv, enum rr_server_state state)
{
	lockdep_assert_held(&srv->lock);
	if (srv->state == state)
		return;
	WRITE_ONCE(srv->state, state);
	server_tell(srv);
}

/*
 * Its name is free only when listeners have heard that it stops.
 * Return: whether this call took it out.
 */
static bool server_unpublish(struct rdmarpc_server *srv)
{
	bool was;

	mutex_lock(&rr_servers_lock);
	was = !list_empty(&srv->link);
	if (was) {
		list_del_init(&srv->link);
		mutex_lock(&srv->lock);
		server_state(srv, RR_SERVER_STOPPING);
		mutex_unlock(&srv->lock);
	}
	mutex_unlock(&rr_servers_lock);
	return was;
}

/* ---- its connections ---- */

int rr_server_conn_admit(struct rdmarpc_server *srv)
{
	int rej = 0;

	mutex_lock(&srv->lock);
	if (rr_server_ends(srv))
		rej = RR_REJ_STOPPING;
	else if (srv->nr_conns >= srv->limits.max_conns ||
		 atomic_read(&srv->nr_pending) >= RR_MAX_PENDING)
		rej = RR_REJ_BUSY;
	else
		srv->nr_conns++;
	mutex_unlock(&srv->lock);
	if (!rej)
		atomic_inc(&srv->nr_pending);
	return rej;
}

static void conn_forget(struct rdmarpc_server *srv)
{
	lockdep_assert_held(&srv->lock);
	if (!--srv->nr_conns)
		wake_up_all(&srv->idle);
}

void rr_server_conn_unadmit(struct rdmarpc_server *srv)
{
	atomic_dec(&srv->nr_pending);
	mutex_lock(&srv->lock);
	conn_forget(srv);
	mutex_unlock(&srv->lock);
}

void rr_server_conn_add(struct rdmarpc_server *srv, struct rr_conn *conn)
{
	kref_get(&srv->ref);
	mutex_lock(&srv->lock);
	list_add_tail(&conn->link, &srv->conns);
	conn->turn = ida_alloc(&srv->turns, GFP_KERNEL);
	/* A stop that has gone through the list already missed this one. */
	if (srv->state == RR_SERVER_STOPPING)
		rr_conn_close(conn, RR_CLOSE_OWNER);
	mutex_unlock(&srv->lock);
}

void rr_server_conn_del(struct rdmarpc_server *srv, struct rr_conn *conn)
{
	if (!conn->was_proven)
		atomic_dec(&srv->nr_pending);
	/* Before it is forgotten: a stop that has waited for that is not to be asked again. */
	if (rr_server_draining(srv))
		rr_server_rested(srv);
	mutex_lock(&srv->lock);
	list_del_init(&conn->link);
	if (conn->turn >= 0)
		ida_free(&srv->turns, conn->turn);
	conn_forget(srv);
	mutex_unlock(&srv->lock);
	rr_server_put(srv);
}

int rr_server_conn_info(struct rdmarpc_server *srv, u32 after_id,
			struct rr_conn_info *info, struct rr_latency *latency)
{
	struct rr_conn *conn, *next = NULL;

	mutex_lock(&srv->lock);
	/* Listeners of several devices add theirs in any order. */
	list_for_each_entry(conn, &srv->conns, link)
		if (conn->id > after_id && (!next || conn->id < next->id))
			next = conn;
	if (next) {
		rr_conn_info_get(next, info);
		*latency = (struct rr_latency) {};
		rr_latency_sum(latency, &next->latency);
	}
	mutex_unlock(&srv->lock);
	return next ? 0 : -ENOENT;
}

bool rr_server_conn_close(struct rdmarpc_server *srv, u32 id)
{
	struct rr_conn *conn;
	bool found = false;

	mutex_lock(&srv->lock);
	list_for_each_entry(conn, &srv->conns, link) {
		if (conn->id != id)
			continue;
		rr_conn_close(conn, RR_CLOSE_ADMIN);
		found = true;
		break;
	}
	mutex_unlock(&srv->lock);
	return found;
}

/* ---- its life ---- */

static void server_relisten_later(struct rdmarpc_server *srv)
{
	lockdep_assert_held(&srv->lock);
	kref_get(&srv->ref);
	if (!queue_delayed_work(down_wq, &srv->relisten_work, RR_RELISTEN))
		rr_server_put(srv);
}

static void server_down_work(struct work_struct *work)
{
	struct rdmarpc_server *srv = container_of(work, struct rdmarpc_server, down_work);
	struct rdma_cm_id *listener;

	mutex_lock(&srv->lock);
	listener = srv->listener;
	srv->listener = NULL;
	if (!rr_server_ends(srv)) {
		server_state(srv, RR_SERVER_DOWN);
		server_relisten_later(srv);
	}
	mutex_unlock(&srv->lock);
	if (listener)
		rr_unlisten(listener);
	rr_server_put(srv);
}

/*
 * The device comes back, then its netdev's address, then what the RDMA core knows of
 * it: so it is tried, not waited for. A reference goes with the work.
 */
static void server_relisten_work(struct work_struct *work)
{
	struct rdmarpc_server *srv = container_of(work, struct rdmarpc_server,
						  relisten_work.work);
	struct rdma_cm_id *listener = rr_listen(srv, NULL);

	mutex_lock(&srv->lock);
	if (srv->state != RR_SERVER_DOWN) {
		/* Stopped or drained meanwhile. */
	} else if (IS_ERR(listener)) {
		server_relisten_later(srv);
	} else {
		swap(srv->listener, listener);
		server_state(srv, RR_SERVER_LISTENING);
	}
	mutex_unlock(&srv->lock);
	if (!IS_ERR_OR_NULL(listener))
		rr_unlisten(listener);
	rr_server_put(srv);
}

void rr_server_down(struct rdmarpc_server *srv)
{
	/* The listener cannot be destroyed inside its own handler. */
	kref_get(&srv->ref);
	if (!queue_work(down_wq, &srv->down_work))
		rr_server_put(srv);
}

static int check_addr(const struct sockaddr *addr, struct netlink_ext_ack *extack)
{
	__be16 port;

	switch (addr->sa_family) {
	case AF_INET:
		port = ((const struct sockaddr_in *)addr)->sin_port;
		break;
	case AF_INET6:
		port = ((const struct sockaddr_in6 *)addr)->sin6_port;
		break;
	default:
		NL_SET_ERR_MSG(extack, "Address is neither IPv4 nor IPv6");
		return -EAFNOSUPPORT;
	}
	if (!port) {
		NL_SET_ERR_MSG(extack, "Port 0: name the port to listen on");
		return -EINVAL;
	}
	return 0;
}

static int check_config(struct net *net, const struct rr_server_config *cfg,
			struct netlink_ext_ack *extack)
{
	size_t len = strnlen(cfg->name, RDMARPC_NAME_LEN);

	if (!net_eq(net, &init_net)) {
		NL_SET_ERR_MSG(extack, "Servers are only possible in the initial network namespace");
		return -EOPNOTSUPP;
	}
	if (!len || len == RDMARPC_NAME_LEN) {
		NL_SET_ERR_MSG(extack, "Server name must have 1 to 31 bytes");
		return -EINVAL;
	}
	return rr_limits_check(&cfg->limits, extack) ?: check_addr(cfg->addr, extack);
}

static struct rdmarpc_server *server_alloc(struct net *net,
					   const struct rr_server_config *cfg)
{
	struct rdmarpc_server *srv = kzalloc(sizeof(*srv), GFP_KERNEL);

	if (!srv)
		return NULL;
	if (rr_stats_init(&srv->stats)) {
		kfree(srv);
		return NULL;
	}
	kref_init(&srv->ref);
	INIT_LIST_HEAD(&srv->link);
	strscpy(srv->name, cfg->name, sizeof(srv->name));
	srv->net = net;
	rr_access_init(&srv->access);
	if (cfg->access)
		srv->access = *cfg->access;
	memcpy(&srv->addr, cfg->addr, cfg->addr->sa_family == AF_INET ?
	       sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	srv->echo = cfg->echo;
	srv->limits = rr_limits_default;
	rr_limits_set(&srv->limits, &cfg->limits);
	mutex_init(&srv->lock);
	INIT_LIST_HEAD(&srv->conns);
	ida_init(&srv->turns);
	init_waitqueue_head(&srv->idle);
	INIT_WORK(&srv->down_work, server_down_work);
	INIT_DELAYED_WORK(&srv->relisten_work, server_relisten_work);
	INIT_DELAYED_WORK(&srv->drain_work, server_drain_work);
	init_completion(&srv->stopped);
	mutex_init(&srv->handlers_lock);
	xa_init(&srv->handlers);
	spin_lock_bh(&live_lock);
	list_add_tail(&srv->live, &live_servers);
	spin_unlock_bh(&live_lock);
	return srv;
}

static void server_release(struct kref *ref)
{
	struct rdmarpc_server *srv = container_of(ref, struct rdmarpc_server, ref);

	spin_lock_bh(&live_lock);
	list_del(&srv->live);
	spin_unlock_bh(&live_lock);
	xa_destroy(&srv->handlers);
	ida_destroy(&srv->turns);
	if (srv->poller)
		rr_poller_free(srv->poller);
	rr_stats_exit(&srv->stats);
	kfree(srv);
}

void rr_server_put(struct rdmarpc_server *srv)
{
	kref_put(&srv->ref, server_release);
}

bool rr_server_get_live(struct rdmarpc_server *srv)
{
	struct rdmarpc_server *pos;
	bool live = false;

	spin_lock_bh(&live_lock);
	list_for_each_entry(pos, &live_servers, live) {
		if (pos != srv)
			continue;
		live = kref_get_unless_zero(&srv->ref);
		break;
	}
	spin_unlock_bh(&live_lock);
	return live;
}

/* Whoever changed the state since did not know of the listener. */
static int server_listen(struct rdmarpc_server *srv, struct netlink_ext_ack *extack)
{
	struct rdma_cm_id *listener = rr_listen(srv, extack);
	int err = 0;

	if (IS_ERR(listener))
		return PTR_ERR(listener);
	mutex_lock(&srv->lock);
	switch (srv->state) {
	case RR_SERVER_NEW:
		srv->listener = listener;
		srv->announced = true;
		server_state(srv, RR_SERVER_LISTENING);
		break;
	case RR_SERVER_DOWN:
		NL_SET_ERR_MSG(extack, "The RDMA device went away while the server started");
		err = -ENODEV;
		break;
	default:
		NL_SET_ERR_MSG(extack, "The server was stopped while it started");
		err = -ESHUTDOWN;
		break;
	}
	mutex_unlock(&srv->lock);
	if (err)
		rr_unlisten(listener);
	return err;
}

struct rdmarpc_server *rr_server_start(struct net *net,
				       const struct rr_server_config *cfg,
				       struct netlink_ext_ack *extack)
{
	struct rdmarpc_server *srv;
	int err;

	err = check_config(net, cfg, extack);
	if (err)
		return ERR_PTR(err);
	srv = server_alloc(net, cfg);
	if (!srv)
		return ERR_PTR(-ENOMEM);
	srv->poller = rr_poller_create(srv->name);
	if (IS_ERR(srv->poller)) {
		err = PTR_ERR(srv->poller);
		srv->poller = NULL;
		goto err_put;
	}
	if (srv->echo) {
		err = rr_echo_attach(srv);
		if (err)
			goto err_poller;
	}
	err = server_publish(srv);
	if (err) {
		NL_SET_ERR_MSG(extack, "A server of this name exists: stop it first or choose another name");
		goto err_handlers;
	}
	err = server_listen(srv, extack);
	if (err) {
		/* It could be found, so it may have to be stopped like any other. */
		rr_server_stop(srv);
		rr_server_put(srv);
		return ERR_PTR(err);
	}
	return srv;

err_handlers:
	rr_handlers_detach_all(srv);
err_poller:
	rr_poller_stop(srv->poller);
err_put:
	rr_server_put(srv);
	return ERR_PTR(err);
}

static void server_unlisten(struct rdmarpc_server *srv)
{
	struct rdma_cm_id *listener;

	mutex_lock(&srv->lock);
	listener = srv->listener;
	srv->listener = NULL;
	mutex_unlock(&srv->lock);
	if (listener)
		rr_unlisten(listener);
}

static void server_close_all(struct rdmarpc_server *srv)
{
	struct rr_conn *conn;

	mutex_lock(&srv->lock);
	list_for_each_entry(conn, &srv->conns, link)
		rr_conn_fail(conn, RR_CLOSE_OWNER, "the server was stopped");
	mutex_unlock(&srv->lock);
	wait_event(srv->idle, !READ_ONCE(srv->nr_conns));
	/* The one who woke us has let go of the lock, too. */
	mutex_lock(&srv->lock);
	mutex_unlock(&srv->lock);
}

void rr_server_stop(struct rdmarpc_server *srv)
{
	if (!server_unpublish(srv)) {
		wait_for_completion(&srv->stopped);
		return;
	}
	server_unlisten(srv);
	flush_work(&srv->down_work);
	if (cancel_delayed_work(&srv->relisten_work))
		rr_server_put(srv);
	rr_handlers_detach_all(srv);
	server_close_all(srv);
	rr_poller_stop(srv->poller);
	if (cancel_delayed_work(&srv->drain_work))
		rr_server_put(srv);
	complete_all(&srv->stopped);
	rr_server_put(srv);
}

/* ---- drain ---- */

static bool server_at_rest(struct rdmarpc_server *srv)
{
	struct rr_conn *conn;
	bool rests = true;

	mutex_lock(&srv->lock);
	list_for_each_entry(conn, &srv->conns, link) {
		rests = rr_conn_at_rest(conn);
		if (!rests)
			break;
	}
	mutex_unlock(&srv->lock);
	return rests;
}

/* Return: whether the work's reference goes on with it. */
static bool server_drain_on(struct rdmarpc_server *srv, unsigned long left)
{
	bool queued = false;

	mutex_lock(&srv->lock);
	/*
	 * A stop cancels it after it has changed the state. One that has come to rest
	 * meanwhile has queued it already.
	 */
	if (srv->state == RR_SERVER_DRAINING)
		queued = queue_delayed_work(down_wq, &srv->drain_work, left);
	mutex_unlock(&srv->lock);
	return queued;
}

/* A reference goes with the work, pending or not. */
static void server_drain_work(struct work_struct *work)
{
	struct rdmarpc_server *srv = container_of(work, struct rdmarpc_server, drain_work.work);
	long left = srv->drain_end - jiffies;

	if (left <= 0 || server_at_rest(srv))
		rr_server_stop(srv);
	else if (server_drain_on(srv, left))
		return;
	rr_server_put(srv);
}

void rr_server_rested(struct rdmarpc_server *srv)
{
	kref_get(&srv->ref);
	/* It was pending, so that it has a reference already. */
	if (mod_delayed_work(down_wq, &srv->drain_work, 0))
		rr_server_put(srv);
}

static void server_go_away(struct rdmarpc_server *srv)
{
	struct rr_conn *conn;

	mutex_lock(&srv->lock);
	list_for_each_entry(conn, &srv->conns, link)
		rr_requests_go_away(conn);
	mutex_unlock(&srv->lock);
}

int rr_server_drain(struct rdmarpc_server *srv, u32 timeout_ms)
{
	bool ends;

	mutex_lock(&srv->lock);
	ends = rr_server_ends(srv);
	if (!ends) {
		srv->drain_end = jiffies + msecs_to_jiffies(timeout_ms);
		server_state(srv, RR_SERVER_DRAINING);
	}
	mutex_unlock(&srv->lock);
	if (ends)
		return -ESHUTDOWN;
	server_unlisten(srv);
	server_go_away(srv);
	rr_server_rested(srv);
	return 0;
}

int rr_server_change(struct rdmarpc_server *srv, const struct rr_server_change *change,
		     struct netlink_ext_ack *extack)
{
	int err = rr_limits_check(&change->limits, extack);

	if (err)
		return err;
	mutex_lock(&srv->lock);
	if (rr_server_ends(srv)) {
		mutex_unlock(&srv->lock);
		NL_SET_ERR_MSG(extack, "The server is being stopped");
		return -ESHUTDOWN;
	}
	rr_limits_set(&srv->limits, &change->limits);
	if (change->set_gid)
		srv->access.gid = change->gid;
	if (change->set_uids) {
		srv->access.nr_uids = change->nr_uids;
		memcpy(srv->access.uids, change->uids, sizeof(change->uids));
	}
	server_tell(srv);
	mutex_unlock(&srv->lock);
	return 0;
}

bool rr_server_permits(struct rdmarpc_server *srv, const struct cred *opener)
{
	bool permitted;

	mutex_lock(&srv->lock);
	permitted = rr_access_permits(&srv->access, opener, srv->net);
	mutex_unlock(&srv->lock);
	return permitted;
}

static void rr_servers_drain_all(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(RR_UNLOAD_DRAIN_MS), pos = 0;
	struct rdmarpc_server *srv;
	long left;

	while ((srv = rr_server_next(&init_net, &pos))) {
		rr_server_drain(srv, RR_UNLOAD_DRAIN_MS);
		rr_server_put(srv);
	}
	pos = 0;
	while ((srv = rr_server_next(&init_net, &pos))) {
		/* One whose drain began before may have longer than we have. */
		left = end - jiffies;
		if (left > 0)
			wait_for_completion_timeout(&srv->stopped, left);
		rr_server_stop(srv);
		rr_server_put(srv);
	}
}

int rr_server_init(void)
{
	down_wq = alloc_workqueue("rdmarpc_down", WQ_UNBOUND, 0);
	return down_wq ? 0 : -ENOMEM;
}

void rr_server_exit(void)
{
	/* Nobody can start another: netlink and all consumers are gone. */
	rr_servers_drain_all();
	destroy_workqueue(down_wq);
}
