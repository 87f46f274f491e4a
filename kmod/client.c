// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "client.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "poller.h"
#include "retry.h"
#include "session.h"
#include "stats.h"
#include "trace.h"

#define RR_DEFAULT_CONNECT_MS	5000

/* Sessions of a client whose servers said that they are going away, and have not gone. */
#define RR_RETIRED_MAX		4

/*
 * A client has one session after the other if it reconnects, else one. The work
 * @redial makes the next one, and ends those that went before.
 *
 * @session is read under RCU. It and @sessions are changed under rr_clients_lock,
 * which protects @link and @nr_connections as well, and only by who opens, by @redial,
 * and by who closes, one after the other: these may follow them without. @lock (bottom
 * halves off) protects @closed, after which nobody queues @redial, and @dialing.
 *
 * References: the one who opened it, until close; each session, until it is no
 * more; who waits at it.
 */
struct rdmarpc_client {
	struct kref ref;
	struct rcu_head rcu;
	struct list_head link;
	u32 id;					/* the same for all its connections */
	u64 wire_id;				/* for its servers, likewise */
	struct net *net;
	struct rr_process process;		/* who connected */
	struct rr_client_config cfg;
	wait_queue_head_t wait;

	struct rr_session __rcu *session;	/* where calls go; NULL: none any more */
	struct list_head sessions;		/* it, and behind it those before */
	u32 nr_connections;			/* so far */
	struct rr_budget budget;

	spinlock_t lock;
	bool closed;
	struct rr_session *dialing;		/* to be aborted */
	struct delayed_work redial;
	struct workqueue_struct *redial_wq;	/* NULL: it does not reconnect */
	struct mem_cgroup *memcg;		/* charged for its connections */

	/* @redial's own: */
	struct rr_backoff backoff;
	unsigned long since;			/* when @session began, in jiffies */
	bool lost;				/* @session takes no more calls */
	u32 epoch;				/* attempts so far */
};

static DEFINE_MUTEX(rr_clients_lock);
static LIST_HEAD(rr_clients);
static struct rr_poller *client_poller;

static void client_release(struct kref *ref)
{
	struct rdmarpc_client *cl = container_of(ref, struct rdmarpc_client, ref);

	rr_process_put(&cl->process);
	mem_cgroup_put(cl->memcg);
	put_net(cl->net);
	kfree_rcu(cl, rcu);
}

void rr_client_get(struct rdmarpc_client *cl)
{
	kref_get(&cl->ref);
}

bool rr_client_get_unless_gone(struct rdmarpc_client *cl)
{
	return kref_get_unless_zero(&cl->ref);
}

void rr_client_put(struct rdmarpc_client *cl)
{
	kref_put(&cl->ref, client_release);
}

/* ---- calls ---- */

bool rr_client_waits(const struct rdmarpc_client *cl, unsigned int flags)
{
	return cl->cfg.reconnect && (flags & RDMARPC_SUBMIT_WAIT) && !READ_ONCE(cl->closed);
}

/* Return: @err, or for who waits for a connection that there is no slot yet. */
static int error_for(const struct rdmarpc_client *cl, unsigned int flags, int err)
{
	if ((err == -ENOTCONN || err == -ESHUTDOWN) && rr_client_waits(cl, flags))
		return -EAGAIN;
	return err;
}

struct rr_call *rr_call_get(struct rdmarpc_client *cl, unsigned int flags)
{
	struct rr_call *call = ERR_PTR(-ENOTCONN);
	struct rr_session *ses;

	rcu_read_lock();
	ses = rcu_dereference(cl->session);
	if (ses)
		call = rr_session_call_get(ses);
	rcu_read_unlock();
	if (IS_ERR(call))
		return ERR_PTR(error_for(cl, flags, PTR_ERR(call)));
	if (!(flags & RDMARPC_SUBMIT_AGAIN)) {
		rr_budget_earn(&cl->budget);
	} else if (rr_budget_spend(&cl->budget)) {
		rr_stat_inc(NULL, RR_STAT_RETRIES);
	} else {
		rr_call_put(call);
		call = ERR_PTR(-EDQUOT);
	}
	return call;
}

int rr_client_check(struct rdmarpc_client *cl, unsigned int flags)
{
	struct rr_session *ses;
	int err = -ENOTCONN;

	rcu_read_lock();
	ses = rcu_dereference(cl->session);
	if (ses)
		err = rr_session_check(ses);
	rcu_read_unlock();
	return error_for(cl, flags, err);
}

bool rr_client_alive(struct rdmarpc_client *cl)
{
	struct rr_session *ses;
	bool alive;

	if (cl->cfg.reconnect)
		return !READ_ONCE(cl->closed);
	rcu_read_lock();
	ses = rcu_dereference(cl->session);
	alive = ses && !rr_session_ended(ses);
	rcu_read_unlock();
	return alive;
}

u32 rr_client_depth(struct rdmarpc_client *cl)
{
	struct rr_session *ses;
	u32 depth;

	rcu_read_lock();
	ses = rcu_dereference(cl->session);
	depth = ses ? ses->depth : 0;
	rcu_read_unlock();
	return depth;
}

u32 rr_client_max_payload(struct rdmarpc_client *cl)
{
	struct rr_session *ses;
	u32 max = RR_MAX_EAGER;

	rcu_read_lock();
	ses = rcu_dereference(cl->session);
	if (ses)
		max = rr_session_max_payload(ses);
	rcu_read_unlock();
	return max;
}

wait_queue_head_t *rr_client_wait(struct rdmarpc_client *cl)
{
	return &cl->wait;
}

/* ---- its sessions ---- */

static void client_room(void *owner)
{
	struct rdmarpc_client *cl = owner;

	if (wq_has_sleeper(&cl->wait))
		wake_up(&cl->wait);
}

static void redial_in(struct rdmarpc_client *cl, unsigned int ms)
{
	spin_lock_bh(&cl->lock);
	if (!cl->closed)
		mod_delayed_work(cl->redial_wq, &cl->redial, msecs_to_jiffies(ms));
	spin_unlock_bh(&cl->lock);
}

static void client_over(void *owner)
{
	struct rdmarpc_client *cl = owner;

	wake_up_all(&cl->wait);
	if (!cl->cfg.reconnect)
		return;
	spin_lock_bh(&cl->lock);
	/* If an attempt is due already, then not before its time. */
	if (!cl->closed && rcu_access_pointer(cl->session))
		queue_delayed_work(cl->redial_wq, &cl->redial, 0);
	spin_unlock_bh(&cl->lock);
}

static void client_released(void *owner)
{
	rr_client_put(owner);
}

static const struct rr_session_ops client_session_ops = {
	.room = client_room,
	.over = client_over,
	.released = client_released,
};

/* Return: false: no more, it is closed. */
static bool client_dials(struct rdmarpc_client *cl, struct rr_session *ses)
{
	bool open;

	spin_lock_bh(&cl->lock);
	open = !cl->closed;
	cl->dialing = ses;
	spin_unlock_bh(&cl->lock);
	return open;
}

/* Return: a session that is connected before @end, or ERR_PTR. */
static struct rr_session *client_connect(struct rdmarpc_client *cl, unsigned long end)
{
	const struct rr_session_config cfg = {
		.net = cl->net,
		.ops = &client_session_ops,
		.owner = cl,
		.client = cl->id,
		.client_id = cl->wire_id,
		.epoch = cl->epoch++,
		.depth = cl->cfg.depth,
	};
	struct rr_session *ses;
	int err = -ECANCELED;

	rr_client_get(cl);	/* client_released()'s */
	ses = rr_session_create(&cfg);
	if (IS_ERR(ses)) {
		rr_client_put(cl);
		return ses;
	}
	if (client_dials(cl, ses))
		err = rr_session_connect(ses, client_poller,
					 (struct sockaddr *)&cl->cfg.addr, end);
	client_dials(cl, NULL);
	if (err) {
		rr_session_abandon(ses);
		return ERR_PTR(err);
	}
	return ses;
}

/* From here on it is the one where calls go. */
static void client_adopt(struct rdmarpc_client *cl, struct rr_session *ses)
{
	cl->since = jiffies;
	mutex_lock(&rr_clients_lock);
	list_add(&ses->link, &cl->sessions);
	rcu_assign_pointer(cl->session, ses);
	cl->nr_connections++;
	mutex_unlock(&rr_clients_lock);
}

static void client_end_session(struct rr_session *ses)
{
	/* Those who look for one that is in teardown have to find it until it is over. */
	rr_session_disconnect(ses);
	mutex_lock(&rr_clients_lock);
	list_del(&ses->link);
	mutex_unlock(&rr_clients_lock);
	rr_session_close(ses);
}

/* Ends those before the current one that are gone, and the oldest if they are many. */
static void client_tidy(struct rdmarpc_client *cl)
{
	struct rr_session *ses, *tmp;
	unsigned int n = 0;

	list_for_each_entry_safe(ses, tmp, &cl->sessions, link)
		if (n++ && (rr_session_ended(ses) || n > RR_RETIRED_MAX + 1))
			client_end_session(ses);
}

/* ---- reconnecting ---- */

/* @err: of the attempt that failed; 0: none has been made yet. */
static void redial_later(struct rdmarpc_client *cl, const struct rr_session *last, int err)
{
	u32 ms = rr_backoff_next(&cl->backoff, get_random_u32());

	trace_rdmarpc_client_redial(last->conn, err, ms);
	redial_in(cl, ms);
}

static void client_redial(struct work_struct *work)
{
	struct rdmarpc_client *cl =
		container_of(to_delayed_work(work), struct rdmarpc_client, redial);
	struct rr_session *ses = list_first_entry(&cl->sessions, struct rr_session, link);
	struct mem_cgroup *memcg;
	struct rr_session *next;
	int err;

	client_tidy(cl);
	err = rr_session_check(ses);
	if (err != -ENOTCONN && err != -ESHUTDOWN)
		return;
	if (!cl->lost) {
		cl->lost = true;
		/* One that lived no longer than it was waited for has cured nothing. */
		if (time_after(jiffies, cl->since + msecs_to_jiffies(cl->backoff.step_ms)))
			cl->backoff = (struct rr_backoff) {};
		redial_later(cl, ses, 0);
		return;
	}
	memcg = set_active_memcg(cl->memcg);
	next = client_connect(cl, jiffies + msecs_to_jiffies(cl->cfg.timeout_ms));
	set_active_memcg(memcg);
	if (IS_ERR(next)) {
		redial_later(cl, ses, PTR_ERR(next));
		return;
	}
	cl->lost = false;
	client_adopt(cl, next);
	rr_stat_inc(NULL, RR_STAT_RECONNECTIONS);
	wake_up_all(&cl->wait);
	/* For the one before, and should it be over already. */
	redial_in(cl, 0);
}

/* ---- opening and closing ---- */

static struct rdmarpc_client *client_alloc(const struct rr_client_config *cfg)
{
	struct rdmarpc_client *cl = kzalloc(sizeof(*cl), GFP_KERNEL_ACCOUNT);

	if (!cl)
		return NULL;
	if (cfg->reconnect) {
		/* Of its own, as an attempt takes as long as its peer likes, up to a minute. */
		cl->redial_wq = alloc_workqueue("rdmarpc_redial", WQ_UNBOUND, 1);
		if (!cl->redial_wq) {
			kfree(cl);
			return NULL;
		}
	}
	kref_init(&cl->ref);
	cl->cfg = *cfg;
	cl->cfg.depth = cfg->depth ?: RDMARPC_DEFAULT_DEPTH;
	cl->cfg.timeout_ms = cfg->timeout_ms ?: RR_DEFAULT_CONNECT_MS;
	cl->id = rr_conn_next_id();
	cl->wire_id = get_random_u64();
	cl->net = get_net(cfg->net);
	if (cfg->user) {
		rr_process_current(&cl->process);
		cl->memcg = get_mem_cgroup_from_mm(current->mm);
	} else {
		rr_process_kernel(&cl->process);
	}
	INIT_LIST_HEAD(&cl->link);
	INIT_LIST_HEAD(&cl->sessions);
	init_waitqueue_head(&cl->wait);
	spin_lock_init(&cl->lock);
	INIT_DELAYED_WORK(&cl->redial, client_redial);
	rr_budget_init(&cl->budget, cl->cfg.depth);
	return cl;
}

static void client_publish(struct rdmarpc_client *cl)
{
	mutex_lock(&rr_clients_lock);
	list_add_tail(&cl->link, &rr_clients);
	mutex_unlock(&rr_clients_lock);
}

/* Nobody reconnects it any more. */
static void client_stop_redial(struct rdmarpc_client *cl)
{
	spin_lock_bh(&cl->lock);
	cl->closed = true;
	if (cl->dialing)
		rr_session_abort(cl->dialing);
	spin_unlock_bh(&cl->lock);
	cancel_delayed_work_sync(&cl->redial);
	if (cl->redial_wq)
		destroy_workqueue(cl->redial_wq);
}

struct rdmarpc_client *rr_client_open(const struct rr_client_config *cfg)
{
	struct rdmarpc_client *cl;
	struct rr_session *ses;

	if (cfg->depth > RDMARPC_MAX_DEPTH || cfg->timeout_ms > RDMARPC_MAX_CONNECT_MS)
		return ERR_PTR(-EINVAL);
	if (cfg->addr.ss_family != AF_INET && cfg->addr.ss_family != AF_INET6)
		return ERR_PTR(-EAFNOSUPPORT);
	cl = client_alloc(cfg);
	if (!cl)
		return ERR_PTR(-ENOMEM);
	ses = client_connect(cl, jiffies + msecs_to_jiffies(cl->cfg.timeout_ms));
	if (IS_ERR(ses)) {
		client_stop_redial(cl);
		rr_client_put(cl);
		return ERR_CAST(ses);
	}
	client_adopt(cl, ses);
	client_publish(cl);
	/* Should it be over already. */
	if (cl->cfg.reconnect)
		redial_in(cl, 0);
	return cl;
}

static bool client_in_teardown(struct rdmarpc_client *cl)
{
	struct rr_session *ses;

	lockdep_assert_held(&rr_clients_lock);
	list_for_each_entry(ses, &cl->sessions, link)
		if (rr_conn_in_teardown(ses->conn))
			return true;
	return false;
}

/* @cl may be a stale pointer: it is looked at only when it is found. */
static int client_unpublish(struct rdmarpc_client *cl)
{
	struct rdmarpc_client *pos;
	int err = -ENOENT;

	mutex_lock(&rr_clients_lock);
	list_for_each_entry(pos, &rr_clients, link) {
		if (pos != cl)
			continue;
		err = client_in_teardown(cl) ? -EDEADLK : 0;
		if (!err)
			list_del(&cl->link);
		break;
	}
	mutex_unlock(&rr_clients_lock);
	return err;
}

int rr_client_close(struct rdmarpc_client *cl)
{
	struct rr_session *ses, *tmp;
	int err = client_unpublish(cl);

	if (err)
		return err;
	client_stop_redial(cl);
	rcu_assign_pointer(cl->session, NULL);
	list_for_each_entry(ses, &cl->sessions, link)
		rr_conn_close(ses->conn, RR_CLOSE_OWNER);
	list_for_each_entry_safe(ses, tmp, &cl->sessions, link)
		rr_session_close(ses);
	wake_up_all(&cl->wait);
	rr_client_put(cl);
	return 0;
}

/* ---- for the administrator ---- */

/* Return: the session whose connection has the smallest id above @after_id, or NULL. */
static struct rr_session *session_after(struct net *net, u32 after_id)
{
	struct rr_session *ses, *next = NULL;
	struct rdmarpc_client *cl;

	lockdep_assert_held(&rr_clients_lock);
	list_for_each_entry(cl, &rr_clients, link) {
		if (!net_eq(cl->net, net))
			continue;
		list_for_each_entry(ses, &cl->sessions, link)
			if (ses->conn->id > after_id && (!next || ses->conn->id < next->conn->id))
				next = ses;
	}
	return next;
}

int rr_client_conn_info(struct net *net, u32 after_id, struct rr_conn_info *info,
			struct rr_latency *latency)
{
	struct rr_session *ses;

	mutex_lock(&rr_clients_lock);
	ses = session_after(net, after_id);
	if (ses) {
		rr_conn_info_get(ses->conn, info);
		info->in_flight = rr_session_in_flight(ses);
		*latency = (struct rr_latency) {};
		rr_latency_sum(latency, &ses->conn->latency);
	}
	mutex_unlock(&rr_clients_lock);
	return ses ? 0 : -ENOENT;
}

bool rr_client_conn_close(struct net *net, u32 id)
{
	struct rr_session *ses;

	mutex_lock(&rr_clients_lock);
	ses = session_after(net, id - 1);
	if (ses && ses->conn->id != id)
		ses = NULL;
	if (ses)
		rr_conn_close(ses->conn, RR_CLOSE_ADMIN);
	mutex_unlock(&rr_clients_lock);
	return ses;
}

static struct rr_session *client_current(struct rdmarpc_client *cl)
{
	return rcu_dereference_protected(cl->session, lockdep_is_held(&rr_clients_lock));
}

/* Return: the client with the smallest id above @after_id, or NULL. */
static struct rdmarpc_client *client_after(struct net *net, u32 after_id)
{
	struct rdmarpc_client *cl, *next = NULL;

	lockdep_assert_held(&rr_clients_lock);
	list_for_each_entry(cl, &rr_clients, link)
		if (cl->id > after_id && net_eq(cl->net, net) && (!next || cl->id < next->id))
			next = cl;
	return next;
}

static u32 client_state(const struct rdmarpc_client *cl, struct rr_session *ses)
{
	int err = rr_session_check(ses);

	if (err != -ENOTCONN && err != -ESHUTDOWN)
		return RR_CLIENT_CONNECTED;
	return cl->cfg.reconnect ? RR_CLIENT_RECONNECTING : RR_CLIENT_LOST;
}

int rr_client_info(struct net *net, u32 after_id, struct rr_client_info *info)
{
	struct rdmarpc_client *cl;
	struct rr_session *ses;

	mutex_lock(&rr_clients_lock);
	cl = client_after(net, after_id);
	if (cl) {
		ses = client_current(cl);
		*info = (struct rr_client_info) {
			.id = cl->id,
			.state = client_state(cl, ses),
			.connection = ses->conn->id,
			.reconnections = cl->nr_connections - 1,
			.peer = ses->conn->peer,
			.depth = ses->depth,
			.in_flight = rr_session_in_flight(ses),
		};
		rr_process_info_get(&cl->process, &info->process);
	}
	mutex_unlock(&rr_clients_lock);
	return cl ? 0 : -ENOENT;
}

struct rr_poller *rr_client_poller(void)
{
	return client_poller;
}

int rr_client_init(void)
{
	client_poller = rr_poller_create("clients");
	return PTR_ERR_OR_ZERO(client_poller);
}

void rr_client_exit(void)
{
	/* Those that never were open. */
	rr_conn_flush();
	rr_poller_stop(client_poller);
	rr_poller_free(client_poller);
}
