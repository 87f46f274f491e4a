// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "client.h"

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat/timer.h"
#include "deadline.h"
#include "dial.h"
#include "poller.h"
#include "trace.h"

#define RR_DEFAULT_CONNECT_MS	5000

/*
 * One connection and its call slots.
 *
 * @lock (bottom halves off) protects @free, @ended, @going_away, and the
 * opening of calls against the deadline timer, which must not take the next
 * call in a slot for the one whose deadline has passed. The connection's lock is
 * taken inside it.
 *
 * References: the one who opened it, until close; the connection, until it is
 * gone; each call slot in use.
 */
struct rdmarpc_client {
	struct kref ref;
	struct list_head link;
	struct net *net;
	struct rr_process process;	/* who connected */
	struct rr_dial dial;
	struct rr_conn *conn;
	struct completion gone;
	wait_queue_head_t wait;

	spinlock_t lock;
	struct list_head free;
	bool ended;
	bool going_away;
	struct timer_list timer;
	u16 depth;
	struct rr_call calls[];
};

static DEFINE_MUTEX(rr_clients_lock);
static LIST_HEAD(rr_clients);
static struct rr_poller *client_poller;

/* ---- slots ---- */

static void client_release(struct kref *ref)
{
	struct rdmarpc_client *cl = container_of(ref, struct rdmarpc_client, ref);

	if (cl->conn)
		rr_conn_put(cl->conn);
	rr_process_put(&cl->process);
	put_net(cl->net);
	kvfree(cl);
}

static void call_free(struct rr_call *call)
{
	struct rdmarpc_client *cl = call->client;

	spin_lock_bh(&cl->lock);
	call->gen++;
	list_add_tail(&call->link, &cl->free);
	spin_unlock_bh(&cl->lock);
	wake_up(&cl->wait);
	kref_put(&cl->ref, client_release);
}

static void call_drop(struct rr_call *call, int held)
{
	if (rr_call_drop(&call->bits, held) & RR_CALL_LAST)
		call_free(call);
}

struct rr_call *rr_call_get(struct rdmarpc_client *cl)
{
	struct rr_call *call = ERR_PTR(-EAGAIN);

	spin_lock_bh(&cl->lock);
	if (cl->ended) {
		call = ERR_PTR(-ENOTCONN);
	} else if (cl->going_away) {
		call = ERR_PTR(-ESHUTDOWN);
	} else if (!list_empty(&cl->free)) {
		call = list_first_entry(&cl->free, struct rr_call, link);
		list_del_init(&call->link);
		atomic_set(&call->bits, CALL_TAKEN);
		kref_get(&cl->ref);
	}
	spin_unlock_bh(&cl->lock);
	return call;
}

void rr_call_put(struct rr_call *call)
{
	if (call->rx)
		rr_conn_buf_put(call->client->conn, call->rx);
	call->rx = NULL;
	call_drop(call, CALL_TAKEN);
}

const void *rr_call_reply(const struct rr_call *call)
{
	return call->rx ? rr_buf_payload(call->rx) : NULL;
}

bool rr_client_has_slot(struct rdmarpc_client *cl)
{
	return !list_empty_careful(&cl->free);
}

/* ---- the end of a call ---- */

static void call_count(const struct rr_conn *conn, const struct rdmarpc_result *res,
		       bool refused)
{
	static const enum rr_stat of_outcome[] = {
		[RDMARPC_OUTCOME_OK] = RR_STAT_CALLS_OK,
		[RDMARPC_OUTCOME_APP_ERROR] = RR_STAT_CALLS_APP_ERROR,
		[RDMARPC_OUTCOME_NOT_EXECUTED] = RR_STAT_CALLS_NOT_EXECUTED,
		[RDMARPC_OUTCOME_EXECUTED] = RR_STAT_CALLS_EXECUTED,
		[RDMARPC_OUTCOME_MAYBE_EXECUTED] = RR_STAT_CALLS_MAYBE_EXECUTED,
	};

	rr_stat_inc(conn->stats, of_outcome[res->outcome]);
	if (res->error == -ETIMEDOUT)
		rr_stat_inc(conn->stats, RR_STAT_CALLS_TIMED_OUT);
	else if (refused)
		rr_stat_inc(conn->stats, RR_STAT_CALLS_REFUSED);
}

/* The one who ended the call tells its owner. */
static void call_finish(struct rr_call *call, bool refused)
{
	struct rr_conn *conn = call->client->conn;

	call_count(conn, &call->result, refused);
	trace_rdmarpc_call_completed(conn->id, rr_tag(call->slot, call->gen),
				     call->result.error, call->result.outcome,
				     call->result.reply_len);
	call->done(call);
}

static void call_tell_peer(struct rr_call *call)
{
	const struct rr_hdr cancel = {
		.type = RR_MSG_CANCEL,
		.tag = rr_tag(call->slot, call->gen),
	};

	/* A courtesy: the slot stays taken until the peer answers anyway. */
	rr_conn_send_control(call->client->conn, &cancel);
}

/* What follows from rr_call_end(): nothing, unless it was what ended the call. */
static void call_ended(struct rr_call *call, enum rr_call_end end, unsigned int found)
{
	bool left = found & RR_CALL_LEFT;

	if (!(found & RR_CALL_WON))
		return;
	rr_call_result_of_end(end, left, &call->result);
	if (!left)
		rr_conn_unsend(call->client->conn, call->tx);
	else if (end != RR_END_DISCONNECT)
		call_tell_peer(call);
	call_finish(call, false);
	if (!left)
		call_drop(call, CALL_TX);
}

void rr_call_cancel(struct rr_call *call)
{
	call_ended(call, RR_END_CANCEL, rr_call_end(&call->bits));
}

/* ---- deadlines ---- */

static void client_timer(struct timer_list *timer)
{
	struct rdmarpc_client *cl = timer_container_of(cl, timer, timer);
	ktime_t now = ktime_get(), next = KTIME_MAX;
	struct rr_call *call;
	unsigned int found;
	u16 i;

	for (i = 0; i < cl->depth; i++) {
		call = &cl->calls[i];
		found = 0;
		spin_lock(&cl->lock);
		if (atomic_read(&call->bits) & CALL_OPEN) {
			if (rr_deadline_over(call->deadline, now))
				found = rr_call_end(&call->bits);
			else
				next = min(next, call->deadline);
		}
		spin_unlock(&cl->lock);
		call_ended(call, RR_END_DEADLINE, found);
	}
	if (next != KTIME_MAX)
		timer_reduce(timer, jiffies + rr_deadline_jiffies(next, ktime_get()));
}

/* ---- starting a call ---- */

static int call_fill(struct rr_call *call, struct iov_iter *request)
{
	size_t len = iov_iter_count(request);

	if (len > RR_MAX_EAGER)
		return -EMSGSIZE;
	call->tx = rr_conn_buf_get(call->client->conn);
	if (!call->tx)
		return -ENOTCONN;
	if (copy_from_iter(rr_buf_payload(call->tx), len, request) != len) {
		rr_conn_buf_put(call->client->conn, call->tx);
		return -EFAULT;
	}
	return 0;
}

/*
 * Opens the call and queues its request as one step for whoever would end it:
 * an open call's request is queued or has left.
 */
static int call_send(struct rr_call *call, const struct rr_hdr *hdr, u64 timeout_us)
{
	struct rdmarpc_client *cl = call->client;
	unsigned long end;
	int err = -ENOTCONN;

	spin_lock_bh(&cl->lock);
	if (!cl->ended && rr_call_open(&call->bits)) {
		call->start = ktime_get();
		call->deadline = timeout_us == RDMARPC_NO_DEADLINE ? KTIME_MAX :
				 ktime_add_us(call->start, timeout_us);
		end = jiffies + rr_deadline_jiffies(call->deadline, call->start);
		err = rr_conn_send(cl->conn, call->tx, hdr, call);
		if (err)
			rr_call_unopen(&call->bits);
		else
			timer_reduce(&cl->timer, end);
	}
	spin_unlock_bh(&cl->lock);
	return err;
}

int rr_call_start(struct rr_call *call, u16 method, struct iov_iter *request,
		  u64 timeout_us)
{
	struct rr_conn *conn = call->client->conn;
	struct rr_hdr hdr = {
		.type = RR_MSG_CALL,
		.code = method,
		.tag = rr_tag(call->slot, call->gen),
		.inline_len = iov_iter_count(request),
	};
	int err;

	if (!rr_timeout_valid(timeout_us))
		return -EINVAL;
	err = call_fill(call, request);
	if (err)
		return err;
	call->method = method;
	call->request_len = hdr.inline_len;
	trace_rdmarpc_call_queued(conn->id, hdr.tag, method, hdr.inline_len);
	err = call_send(call, &hdr, timeout_us);
	/* From here on it may end at any time; its owner keeps the slot. */
	if (err)
		rr_conn_buf_put(conn, call->tx);
	else
		rr_stat_inc(conn->stats, RR_STAT_CALLS_STARTED);
	return err;
}

/* ---- the connection's role ---- */

/* What is left of its time is what the peer gets. */
static bool client_leaving(void *owner)
{
	struct rr_call *call = owner;

	if (!rr_call_leave(&call->bits))
		return false;
	rr_wire_set_arg(call->tx->data, rr_deadline_budget(call->deadline, ktime_get()));
	trace_rdmarpc_call_sent(call->client->conn->id, rr_tag(call->slot, call->gen),
				call->method, call->request_len);
	return true;
}

static void client_sent(void *owner)
{
	call_drop(owner, CALL_TX);
}

static bool status_refuses(u16 status)
{
	switch (status) {
	case RR_STATUS_NO_METHOD:
	case RR_STATUS_BUSY:
	case RR_STATUS_GOING_AWAY:
	case RR_STATUS_DENIED:
		return true;
	default:
		return false;
	}
}

static enum rr_bad client_reply(struct rdmarpc_client *cl, const struct rr_hdr *hdr,
				struct rr_buf *buf, bool *keep)
{
	u16 slot = rr_tag_slot(hdr->tag);
	struct rr_call *call;
	unsigned int found;

	if (slot >= cl->depth)
		return RR_BAD_SLOT;
	call = &cl->calls[slot];
	/* Its generation stays while the peer holds the slot. */
	if (hdr->tag != rr_tag(call->slot, READ_ONCE(call->gen)))
		return RR_BAD_SLOT;
	found = rr_call_answer(&call->bits);
	if (found & RR_CALL_STRAY)
		return RR_BAD_SLOT;
	if (found & RR_CALL_WON) {
		rr_call_result_of_status(hdr->code, hdr->arg, &call->result);
		call->result.reply_len = hdr->inline_len;
		call->rx = buf;
		*keep = true;
		/* Only the Poller comes here. */
		rr_latency_count(&cl->conn->latency,
				 ktime_to_ns(ktime_sub(ktime_get(), call->start)));
		call_finish(call, status_refuses(hdr->code));
	}
	if (found & RR_CALL_LAST)
		call_free(call);
	return RR_BAD_NONE;
}

static enum rr_bad client_message(struct rr_conn *conn, const struct rr_hdr *hdr,
				  struct rr_buf *buf, bool *keep)
{
	struct rdmarpc_client *cl = conn->owner;

	switch (hdr->type) {
	case RR_MSG_REPLY:
		return client_reply(cl, hdr, buf, keep);
	case RR_MSG_GOAWAY:
		spin_lock_bh(&cl->lock);
		cl->going_away = true;
		spin_unlock_bh(&cl->lock);
		wake_up_all(&cl->wait);
		return RR_BAD_NONE;
	default:
		return RR_BAD_STATE;
	}
}

/* Nothing is on its way any more: every call ends, every slot comes free. */
static void client_gone(struct rr_conn *conn)
{
	struct rdmarpc_client *cl = conn->owner;
	struct rr_call *call;
	u16 i;

	spin_lock_bh(&cl->lock);
	cl->ended = true;
	spin_unlock_bh(&cl->lock);

	for (i = 0; i < cl->depth; i++) {
		call = &cl->calls[i];
		call_ended(call, RR_END_DISCONNECT, rr_call_end(&call->bits));
		call_drop(call, CALL_PEER | CALL_TX);
	}
	wake_up_all(&cl->wait);
	complete_all(&cl->gone);
	kref_put(&cl->ref, client_release);
}

static bool client_busy(struct rr_conn *conn)
{
	struct rdmarpc_client *cl = conn->owner;
	u16 i;

	for (i = 0; i < cl->depth; i++)
		if (atomic_read(&cl->calls[i].bits) & (CALL_OPEN | CALL_PEER))
			return true;
	return false;
}

static bool client_stuck(struct rr_conn *conn)
{
	struct rdmarpc_client *cl = conn->owner;
	u16 i;

	for (i = 0; i < cl->depth; i++)
		if ((atomic_read(&cl->calls[i].bits) & (CALL_OPEN | CALL_PEER)) != CALL_PEER)
			return false;
	return true;
}

static const struct rr_conn_ops client_ops = {
	.message = client_message,
	.leaving = client_leaving,
	.sent = client_sent,
	.busy = client_busy,
	.stuck = client_stuck,
	.gone = client_gone,
};

/* ---- opening and closing ---- */

static struct rdmarpc_client *client_alloc(struct net *net, u16 depth)
{
	struct rdmarpc_client *cl;
	struct rr_call *call;
	u16 i;

	cl = kvzalloc(struct_size(cl, calls, depth), GFP_KERNEL);
	if (!cl)
		return NULL;
	kref_init(&cl->ref);
	cl->net = get_net(net);
	rr_process_kernel(&cl->process);
	INIT_LIST_HEAD(&cl->link);
	INIT_LIST_HEAD(&cl->free);
	spin_lock_init(&cl->lock);
	init_completion(&cl->gone);
	init_waitqueue_head(&cl->wait);
	timer_setup(&cl->timer, client_timer, 0);
	cl->depth = depth;
	for (i = 0; i < depth; i++) {
		call = &cl->calls[i];
		call->client = cl;
		call->slot = i;
		INIT_LIST_HEAD(&call->link);
	}
	return cl;
}

static int client_connect(struct rdmarpc_client *cl, unsigned long end)
{
	struct rr_conn_config cfg = {
		.net = cl->net,
		.role = RR_ROLE_CLIENT,
		.ops = &client_ops,
		.owner = cl,
		.poller = client_poller,
		.max_calls = cl->depth,
	};
	const struct rr_hello hello = {
		.ver_min = RR_WIRE_VERSION,
		.ver_max = RR_WIRE_VERSION,
		.supported = RR_FEATURES_SUPPORTED,
		.required = RR_FEATURES_REQUIRED,
		.client_id = get_random_u64(),
		.recv_size = RR_RECV_SIZE,
		.window = rr_window(cl->depth),
		.max_calls = cl->depth,
		.nonce = get_random_u64(),
	};
	int err;

	cl->conn = rr_conn_create(cl->dial.id, &cfg);
	if (IS_ERR(cl->conn)) {
		err = PTR_ERR(cl->conn);
		cl->conn = NULL;
		rdma_destroy_id(cl->dial.id);
		return err;
	}
	rr_conn_get(cl->conn);
	kref_get(&cl->ref);	/* client_gone()'s */
	err = rr_dial_connect(&cl->dial, cl->conn, &hello, end);
	if (err)
		rr_conn_fail(cl->conn, RR_CLOSE_HANDSHAKE, rr_dial_text(err));
	/*
	 * If it failed, its teardown is not waited for: an iWARP driver may wait
	 * for a mute peer before an id can be destroyed.
	 */
	rr_conn_setup_done(cl->conn);
	return err;
}

static void client_publish(struct rdmarpc_client *cl)
{
	u16 i;

	spin_lock_bh(&cl->lock);
	cl->depth = min(cl->depth, cl->dial.answer.max_calls);
	for (i = 0; i < cl->depth; i++)
		list_add_tail(&cl->calls[i].link, &cl->free);
	spin_unlock_bh(&cl->lock);
	rr_stat_inc(cl->conn->stats, RR_STAT_CONNECTIONS_OPENED);

	mutex_lock(&rr_clients_lock);
	list_add_tail(&cl->link, &rr_clients);
	mutex_unlock(&rr_clients_lock);
}

struct rdmarpc_client *rr_client_open(struct net *net, const struct sockaddr *addr,
				      u32 depth, u32 timeout_ms, bool user)
{
	unsigned long end;
	struct rdmarpc_client *cl;
	int err;

	if (depth > RDMARPC_MAX_DEPTH || timeout_ms > RDMARPC_MAX_CONNECT_MS)
		return ERR_PTR(-EINVAL);
	if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)
		return ERR_PTR(-EAFNOSUPPORT);
	end = jiffies + msecs_to_jiffies(timeout_ms ?: RR_DEFAULT_CONNECT_MS);

	cl = client_alloc(net, depth ?: RDMARPC_DEFAULT_DEPTH);
	if (!cl)
		return ERR_PTR(-ENOMEM);
	if (user)
		rr_process_current(&cl->process);
	err = rr_dial_resolve(&cl->dial, net, addr, end);
	if (!err)
		err = client_connect(cl, end);
	if (err) {
		kref_put(&cl->ref, client_release);
		return ERR_PTR(err);
	}
	client_publish(cl);
	return cl;
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
		err = rr_conn_in_teardown(cl->conn) ? -EDEADLK : 0;
		if (!err)
			list_del(&cl->link);
		break;
	}
	mutex_unlock(&rr_clients_lock);
	return err;
}

int rr_client_close(struct rdmarpc_client *cl)
{
	int err = client_unpublish(cl);

	if (err)
		return err;
	rr_conn_close(cl->conn, RR_CLOSE_OWNER);
	wait_for_completion(&cl->gone);
	timer_shutdown_sync(&cl->timer);
	kref_put(&cl->ref, client_release);
	return 0;
}

void rr_client_get(struct rdmarpc_client *cl)
{
	kref_get(&cl->ref);
}

void rr_client_put(struct rdmarpc_client *cl)
{
	kref_put(&cl->ref, client_release);
}

u32 rr_client_depth(const struct rdmarpc_client *cl)
{
	return cl->depth;
}

bool rr_client_alive(const struct rdmarpc_client *cl)
{
	return !READ_ONCE(cl->ended);
}

wait_queue_head_t *rr_client_wait(struct rdmarpc_client *cl)
{
	return &cl->wait;
}

static u32 client_in_flight(struct rdmarpc_client *cl)
{
	u32 n = 0;
	u16 i;

	for (i = 0; i < cl->depth; i++)
		n += !!(atomic_read(&cl->calls[i].bits) & CALL_OPEN);
	return n;
}

/* Return: the client whose connection has the smallest id above @after_id, or NULL. */
static struct rdmarpc_client *client_after(struct net *net, u32 after_id)
{
	struct rdmarpc_client *cl, *next = NULL;

	lockdep_assert_held(&rr_clients_lock);
	list_for_each_entry(cl, &rr_clients, link)
		if (cl->conn->id > after_id && net_eq(cl->net, net) &&
		    (!next || cl->conn->id < next->conn->id))
			next = cl;
	return next;
}

int rr_client_conn_info(struct net *net, u32 after_id, struct rr_conn_info *info,
			struct rr_latency *latency)
{
	struct rdmarpc_client *cl;

	mutex_lock(&rr_clients_lock);
	cl = client_after(net, after_id);
	if (cl) {
		rr_conn_info_get(cl->conn, info);
		info->in_flight = client_in_flight(cl);
		*latency = (struct rr_latency) {};
		rr_latency_sum(latency, &cl->conn->latency);
	}
	mutex_unlock(&rr_clients_lock);
	return cl ? 0 : -ENOENT;
}

bool rr_client_conn_close(struct net *net, u32 id)
{
	struct rdmarpc_client *cl;

	mutex_lock(&rr_clients_lock);
	cl = client_after(net, id - 1);
	if (cl && cl->conn->id != id)
		cl = NULL;
	if (cl)
		rr_conn_close(cl->conn, RR_CLOSE_ADMIN);
	mutex_unlock(&rr_clients_lock);
	return cl;
}

int rr_client_info(struct net *net, u32 after_id, struct rr_client_info *info)
{
	struct rdmarpc_client *cl;

	mutex_lock(&rr_clients_lock);
	cl = client_after(net, after_id);
	if (cl) {
		*info = (struct rr_client_info) {
			.id = cl->conn->id,
			.peer = cl->conn->peer,
			.depth = cl->depth,
			.in_flight = client_in_flight(cl),
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
