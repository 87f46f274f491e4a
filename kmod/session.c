// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "session.h"

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "compat/timer.h"
#include "deadline.h"
#include "send.h"
#include "trace.h"

/* How long a call that has ended waits for its peer's REPLY, to be fenced. */
#define RR_FENCE_MS	1000

/* ---- slots ---- */

static void session_release(struct kref *ref)
{
	struct rr_session *ses = container_of(ref, struct rr_session, ref);

	if (ses->conn)
		rr_conn_put(ses->conn);
	ses->ops->released(ses->owner);
	kvfree_rcu(ses, rcu);
}

static void session_put(struct rr_session *ses)
{
	kref_put(&ses->ref, session_release);
}

static void call_free(struct rr_call *call)
{
	struct rr_session *ses = call->session;

	spin_lock_bh(&ses->lock);
	ses->nr_cancels_due -= call->cancel_due;
	call->cancel_due = false;
	call->gen++;
	list_add_tail(&call->link, &ses->free);
	spin_unlock_bh(&ses->lock);
	ses->ops->room(ses->owner);
	session_put(ses);
}

static void call_drop(struct rr_call *call, int held)
{
	unsigned int found = rr_call_drop(&call->bits, held);

	if (found & RR_CALL_TELL)
		call->done(call);
	if (found & RR_CALL_LAST)
		call_free(call);
}

static int session_check(struct rr_session *ses)
{
	lockdep_assert_held(&ses->lock);
	/* The connection is there as long as it has not ended. */
	if (ses->ended || !rr_conn_open(ses->conn))
		return -ENOTCONN;
	if (ses->going_away)
		return -ESHUTDOWN;
	return list_empty(&ses->free) ? -EAGAIN : 0;
}

int rr_session_check(struct rr_session *ses)
{
	int err;

	spin_lock_bh(&ses->lock);
	err = session_check(ses);
	if (!err && !rr_conn_buf_ready(ses->conn))
		err = -EAGAIN;
	spin_unlock_bh(&ses->lock);
	return err;
}

/* Return: a free slot with a buffer for its request, or ERR_PTR. */
static struct rr_call *call_take(struct rr_session *ses)
{
	struct rr_call *call;
	struct rr_buf *tx;
	int err = session_check(ses);

	if (err)
		return ERR_PTR(err);
	tx = rr_conn_buf_get(ses->conn);
	if (!tx)
		return ERR_PTR(-EAGAIN);
	call = list_first_entry(&ses->free, struct rr_call, link);
	list_del_init(&call->link);
	atomic_set(&call->bits, CALL_TAKEN);
	call->tx = tx;
	call->sent = false;
	kref_get(&ses->ref);
	return call;
}

struct rr_call *rr_session_call_get(struct rr_session *ses)
{
	struct rr_call *call;

	spin_lock_bh(&ses->lock);
	call = call_take(ses);
	spin_unlock_bh(&ses->lock);
	return call;
}

void rr_call_put(struct rr_call *call)
{
	if (!call->sent)
		rr_conn_buf_put(call->session->conn, call->tx);
	if (call->rx)
		rr_conn_buf_put(call->session->conn, call->rx);
	call->rx = NULL;
	rr_bulk_free(call->bulk);
	call->bulk = NULL;
	call->places = (struct rr_bulk_places) {};
	call_drop(call, CALL_TAKEN);
}

const void *rr_call_reply(const struct rr_call *call)
{
	return call->rx ? rr_buf_payload(call->rx) : NULL;
}

int rr_call_take_reply(struct rr_call *call, struct iov_iter *to)
{
	u32 len = rr_call_reply_len(call);

	if (len > iov_iter_count(to))
		return -EMSGSIZE;
	if (len && !call->rx)
		return rr_bulk_take_reply(call->bulk, len, to);
	return copy_to_iter(rr_call_reply(call), len, to) == len ? 0 : -EFAULT;
}

u32 rr_session_max_payload(const struct rr_session *ses)
{
	return max_t(u32, ses->conn->max_bulk, RR_MAX_EAGER);
}

bool rr_session_ended(const struct rr_session *ses)
{
	return READ_ONCE(ses->ended);
}

u32 rr_session_in_flight(const struct rr_session *ses)
{
	u32 n = 0;
	u16 i;

	for (i = 0; i < ses->depth; i++)
		n += !!(atomic_read(&ses->calls[i].bits) & CALL_OPEN);
	return n;
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

/* The one who ended the call tells its owner, if its memory is not exposed. */
static void call_finish(struct rr_call *call, unsigned int found, bool refused)
{
	struct rr_conn *conn = call->session->conn;

	call_count(conn, &call->result, refused);
	trace_rdmarpc_call_completed(conn->id, rr_tag(call->slot, call->gen),
				     call->result.error, call->result.outcome,
				     call->result.reply_len);
	if (!(found & RR_CALL_EXPOSED))
		call->done(call);
}

void rr_call_fenced(void *owner)
{
	struct rr_call *call = owner;

	/* Still nobody but us has it. */
	rr_bulk_unmap(call->bulk);
	call_drop(call, CALL_MEM);
}

/* It has ended and its owner waits until its memory is fenced, but not for ever. */
static void call_fence_soon(struct rr_call *call)
{
	struct rr_session *ses = call->session;

	spin_lock_bh(&ses->lock);
	call->fence_by = ktime_add_ms(ktime_get(), RR_FENCE_MS);
	spin_unlock_bh(&ses->lock);
	timer_reduce(&call->session->timer, jiffies + msecs_to_jiffies(RR_FENCE_MS));
}

/* As many as may be on their way. The lock keeps an answered call's slot from the next. */
static void session_send_cancels(struct rr_session *ses)
{
	struct rr_hdr cancel = { .type = RR_MSG_CANCEL };
	struct rr_call *call;

	spin_lock_bh(&ses->lock);
	for (call = ses->calls; ses->nr_cancels_due; call++) {
		if (!call->cancel_due)
			continue;
		cancel.tag = rr_tag(call->slot, call->gen);
		if (rr_conn_send_control(ses->conn, &cancel) == -EAGAIN)
			break;
		call->cancel_due = false;
		ses->nr_cancels_due--;
	}
	spin_unlock_bh(&ses->lock);
}

/* A courtesy: the slot, which the caller still holds, stays taken until the peer answers. */
static void call_tell_peer(struct rr_call *call)
{
	struct rr_session *ses = call->session;

	spin_lock_bh(&ses->lock);
	ses->nr_cancels_due += !call->cancel_due;
	call->cancel_due = true;
	spin_unlock_bh(&ses->lock);
	session_send_cancels(ses);
}

/* Who found no buffer may find one now. */
static void session_room(struct rr_session *ses)
{
	struct rr_conn *conn = ses->conn;
	bool room;

	spin_lock_bh(&conn->lock);
	room = conn->wants_buf && !rr_pool_empty(&conn->pool);
	if (room)
		WRITE_ONCE(conn->wants_buf, false);
	spin_unlock_bh(&conn->lock);
	if (room)
		ses->ops->room(ses->owner);
}

/* A SEND may have completed. The peer ignores what comes after its answer. */
static void session_resume(struct rr_conn *conn)
{
	struct rr_session *ses = conn->owner;

	if (READ_ONCE(conn->wants_buf))
		session_room(ses);
	if (READ_ONCE(ses->nr_cancels_due))
		session_send_cancels(ses);
}

static enum rr_call_reach call_reach(const struct rr_call *call, bool left)
{
	const struct rr_session *ses = call->session;

	if (!left)
		return RR_REACH_QUEUE;
	/* Pairs with session_goes_away(). */
	if (smp_load_acquire(&ses->going_away) && rr_call_beyond(call->serial, ses->accepted))
		return RR_REACH_REFUSED;
	return RR_REACH_PEER;
}

/* What follows from rr_call_end(): nothing, unless it was what ended the call. */
static void call_ended(struct rr_call *call, enum rr_call_end end, unsigned int found)
{
	bool left = found & RR_CALL_LEFT;

	if (!(found & RR_CALL_WON))
		return;
	rr_call_result_of_end(end, call_reach(call, left), &call->result);
	if (!left)
		rr_conn_unsend(call->session->conn, call->tx);
	else if (end != RR_END_DISCONNECT)
		call_tell_peer(call);
	call_finish(call, found, false);
	if (found & RR_CALL_EXPOSED) {
		call_fence_soon(call);
		call_drop(call, CALL_ENDING);
	}
	if (!left)
		call_drop(call, CALL_TX);
}

void rr_call_cancel(struct rr_call *call)
{
	call_ended(call, RR_END_CANCEL, rr_call_end(&call->bits));
}

/* ---- deadlines ---- */

/* Return: whether it has ended, and its memory should have been fenced by now. */
static bool call_unfenced(const struct rr_call *call, ktime_t now, ktime_t *next)
{
	ktime_t by = call->fence_by;

	lockdep_assert_held(&call->session->lock);
	if ((atomic_read(&call->bits) & (CALL_OPEN | CALL_MEM)) != CALL_MEM)
		return false;
	if (!rr_deadline_over(by, now)) {
		*next = min(*next, by);
		return false;
	}
	return true;
}

static void session_timer(struct timer_list *timer)
{
	struct rr_session *ses = timer_container_of(ses, timer, timer);
	ktime_t now = ktime_get(), next = KTIME_MAX;
	struct rr_call *call;
	unsigned int found;
	bool unfenced;
	u16 i;

	for (i = 0; i < ses->depth; i++) {
		call = &ses->calls[i];
		found = 0;
		spin_lock(&ses->lock);
		if (atomic_read(&call->bits) & CALL_OPEN) {
			if (rr_deadline_over(call->deadline, now))
				found = rr_call_end(&call->bits);
			else
				next = min(next, call->deadline);
		}
		unfenced = call_unfenced(call, now, &next);
		spin_unlock(&ses->lock);
		call_ended(call, RR_END_DEADLINE, found);
		if (unfenced)
			rr_conn_close(ses->conn, RR_CLOSE_STUCK);
	}
	if (next != KTIME_MAX)
		timer_reduce(timer, jiffies + rr_deadline_jiffies(next, ktime_get()));
}

/* ---- the connection's role ---- */

/* What is left of its time is what the peer gets. */
static bool session_leaving(void *owner)
{
	struct rr_call *call = owner;
	struct rr_session *ses = call->session;
	u32 tag = rr_tag(call->slot, call->gen);
	u32 len = call->request_len;
	u16 method = call->method;

	lockdep_assert_held(&ses->conn->lock);
	rr_wire_set_arg(call->tx->data, rr_deadline_budget(call->deadline, ktime_get()));
	/* Whoever finds that it has left finds this. */
	call->serial = ses->nr_left + 1;
	if (!rr_call_leave(&call->bits, call->bulk))
		return false;
	/* From here on a peer that lies may have answered it, and the slot be another's. */
	ses->nr_left++;
	trace_rdmarpc_call_sent(ses->conn->id, tag, method, len);
	return true;
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

/* Return: whether the key that came invalid with its REPLY, if one did, is one of its. */
static bool call_owns_key(const struct rr_call *call, const struct rr_buf *buf)
{
	if (!buf->inv)
		return true;
	/* They stay as they are until it is fenced, which is for us to begin. */
	return atomic_read(&call->bits) & CALL_MEM && rr_bulk_has_key(call->bulk, buf->inv_key);
}

static enum rr_bad session_reply(struct rr_session *ses, const struct rr_hdr *hdr,
				 struct rr_buf *buf, bool *keep)
{
	/* The buffer may be its owner's soon. */
	const bool inv = buf->inv;
	const u32 inv_key = inv ? buf->inv_key : 0;
	u16 slot = rr_tag_slot(hdr->tag);
	struct rr_call *call;
	unsigned int found;

	if (slot >= ses->depth)
		return RR_BAD_SLOT;
	call = &ses->calls[slot];
	/*
	 * Its generation and room stay while the peer holds the slot, which is looked at
	 * once: a REPLY to what is just about to leave must not find only some of them.
	 * Pairs with rr_call_leave().
	 */
	if (!(atomic_read_acquire(&call->bits) & CALL_PEER))
		return RR_BAD_SLOT;
	if (hdr->tag != rr_tag(call->slot, READ_ONCE(call->gen)))
		return RR_BAD_SLOT;
	if (hdr->bulk_reply > call->room)
		return RR_BAD_ROOM;
	if (!call_owns_key(call, buf))
		return RR_BAD_KEY;
	found = rr_call_answer(&call->bits);
	if (found & RR_CALL_STRAY)
		return RR_BAD_SLOT;
	if (found & RR_CALL_WON) {
		rr_call_result_of_status(hdr->code, hdr->arg, &call->result);
		if (hdr->bulk_reply) {
			call->result.reply_len = hdr->bulk_reply;
		} else {
			/* Of one that did not fit: how long it is. */
			call->result.reply_len = hdr->code == RR_STATUS_REPLY_TOO_BIG ?
						 hdr->arg : hdr->inline_len;
			call->rx = buf;
			*keep = true;
		}
		/* Only the Poller comes here. */
		rr_latency_count(&ses->conn->latency,
				 ktime_to_ns(ktime_sub(ktime_get(), call->start)));
		call_finish(call, found, status_refuses(hdr->code));
	}
	/* The call of one that exposes memory is still its owner's. */
	if (found & RR_CALL_EXPOSED)
		rr_bulk_fence(call->bulk, inv ? &inv_key : NULL);
	if (found & RR_CALL_LAST)
		call_free(call);
	return RR_BAD_NONE;
}

/* Said once, and not of calls that it cannot have heard of. */
static enum rr_bad session_goes_away(struct rr_session *ses, u32 accepted)
{
	bool begun, sane;
	u64 last;

	spin_lock_bh(&ses->conn->lock);
	sane = rr_call_accepted(accepted, ses->nr_left, &last);
	spin_unlock_bh(&ses->conn->lock);

	spin_lock_bh(&ses->lock);
	begun = ses->begun;
	sane = sane && !ses->going_away;
	if (sane) {
		ses->accepted = last;
		smp_store_release(&ses->going_away, true);
	}
	spin_unlock_bh(&ses->lock);
	if (!sane)
		return RR_BAD_STATE;
	if (begun)
		ses->ops->over(ses->owner);
	return RR_BAD_NONE;
}

static enum rr_bad session_message(struct rr_conn *conn, const struct rr_hdr *hdr,
				   struct rr_buf *buf, bool *keep)
{
	struct rr_session *ses = conn->owner;

	switch (hdr->type) {
	case RR_MSG_REPLY:
		return session_reply(ses, hdr, buf, keep);
	case RR_MSG_GOAWAY:
		return session_goes_away(ses, hdr->arg);
	default:
		return RR_BAD_STATE;
	}
}

/* Nothing is on its way any more: every call ends, every slot comes free. */
static void session_gone(struct rr_conn *conn)
{
	struct rr_session *ses = conn->owner;
	struct rr_call *call;
	bool begun;
	u16 i;

	spin_lock_bh(&ses->lock);
	begun = ses->begun;
	ses->ended = true;
	spin_unlock_bh(&ses->lock);

	for (i = 0; i < ses->depth; i++) {
		call = &ses->calls[i];
		call_ended(call, RR_END_DISCONNECT, rr_call_end(&call->bits));
		/* The keys have gone with the queue pair, and the region with it. */
		call_drop(call, CALL_PEER | CALL_TX | CALL_MEM);
	}
	if (begun)
		ses->ops->over(ses->owner);
	complete_all(&ses->gone);
}

/* The CM's events are told to the session. */
static void session_released(struct rr_conn *conn)
{
	session_put(conn->owner);
}

static bool session_busy(struct rr_conn *conn)
{
	struct rr_session *ses = conn->owner;
	u16 i;

	for (i = 0; i < ses->depth; i++)
		if (atomic_read(&ses->calls[i].bits) & (CALL_OPEN | CALL_PEER))
			return true;
	return false;
}

static bool session_stuck(struct rr_conn *conn)
{
	struct rr_session *ses = conn->owner;
	u16 i;

	for (i = 0; i < ses->depth; i++)
		if ((atomic_read(&ses->calls[i].bits) & (CALL_OPEN | CALL_PEER)) != CALL_PEER)
			return false;
	return true;
}

static const struct rr_conn_ops session_ops = {
	.message = session_message,
	.leaving = session_leaving,
	.resume = session_resume,
	.busy = session_busy,
	.stuck = session_stuck,
	.gone = session_gone,
	.released = session_released,
};

/* ---- opening and closing ---- */

struct rr_session *rr_session_create(const struct rr_session_config *cfg)
{
	struct rr_session *ses;
	struct rr_call *call;
	u16 i;

	ses = kvzalloc(struct_size(ses, calls, cfg->depth), GFP_KERNEL_ACCOUNT);
	if (!ses)
		return ERR_PTR(-ENOMEM);
	kref_init(&ses->ref);
	ses->ops = cfg->ops;
	ses->owner = cfg->owner;
	ses->net = cfg->net;
	ses->client = cfg->client;
	ses->client_id = cfg->client_id;
	ses->epoch = cfg->epoch;
	INIT_LIST_HEAD(&ses->link);
	INIT_LIST_HEAD(&ses->free);
	spin_lock_init(&ses->lock);
	init_completion(&ses->gone);
	rr_dial_init(&ses->dial);
	timer_setup(&ses->timer, session_timer, 0);
	ses->depth = cfg->depth;
	for (i = 0; i < ses->depth; i++) {
		call = &ses->calls[i];
		call->session = ses;
		call->slot = i;
		INIT_LIST_HEAD(&call->link);
	}
	return ses;
}

static int session_dial(struct rr_session *ses, struct rr_poller *poller, unsigned long end)
{
	struct rr_conn_config cfg = {
		.net = ses->net,
		.client = ses->client,
		/* Of a server that is away, its first absence has been told. */
		.quiet = ses->epoch,
		.role = RR_ROLE_CLIENT,
		.ops = &session_ops,
		.owner = ses,
		.poller = poller,
		.max_calls = ses->depth,
		.max_bulk = RR_MAX_BULK,
	};
	struct rr_hello hello = {
		.ver_min = RR_WIRE_VERSION,
		.ver_max = RR_WIRE_VERSION,
		.required = RR_FEATURES_REQUIRED,
		.client_id = ses->client_id,
		.epoch = ses->epoch,
		.recv_size = RR_RECV_SIZE,
		.window = rr_window(ses->depth),
		.max_calls = ses->depth,
		.nonce = get_random_u64(),
	};
	int err;

	ses->conn = rr_conn_create(ses->dial.id, &cfg);
	if (IS_ERR(ses->conn)) {
		err = PTR_ERR(ses->conn);
		ses->conn = NULL;
		rdma_destroy_id(ses->dial.id);
		return err;
	}
	hello.supported = ses->conn->features;
	hello.max_bulk = ses->conn->max_bulk;
	rr_conn_get(ses->conn);
	kref_get(&ses->ref);	/* session_released()'s */
	err = rr_dial_connect(&ses->dial, ses->conn, &hello, end);
	if (err)
		rr_conn_fail(ses->conn, RR_CLOSE_HANDSHAKE, rr_dial_text(err));
	/*
	 * If it failed, its teardown is not waited for: an iWARP driver may wait
	 * for a mute peer before an id can be destroyed.
	 */
	rr_conn_setup_done(ses->conn);
	return err;
}

/* The slots that were granted can be had from here on. */
static void session_begin(struct rr_session *ses)
{
	u16 i;

	spin_lock_bh(&ses->lock);
	ses->begun = true;
	ses->depth = min(ses->depth, ses->dial.answer.max_calls);
	for (i = 0; i < ses->depth; i++)
		list_add_tail(&ses->calls[i].link, &ses->free);
	spin_unlock_bh(&ses->lock);
	rr_stat_inc(ses->conn->stats, RR_STAT_CONNECTIONS_OPENED);
}

int rr_session_connect(struct rr_session *ses, struct rr_poller *poller,
		       const struct sockaddr *addr, unsigned long end)
{
	int err;

	err = rr_dial_resolve(&ses->dial, ses->net, addr, end);
	if (!err)
		err = session_dial(ses, poller, end);
	if (!err)
		session_begin(ses);
	return err;
}

void rr_session_abort(struct rr_session *ses)
{
	rr_dial_abort(&ses->dial);
}

void rr_session_abandon(struct rr_session *ses)
{
	session_put(ses);
}

void rr_session_disconnect(struct rr_session *ses)
{
	rr_conn_close(ses->conn, RR_CLOSE_OWNER);
	wait_for_completion(&ses->gone);
}

void rr_session_close(struct rr_session *ses)
{
	rr_session_disconnect(ses);
	timer_shutdown_sync(&ses->timer);
	session_put(ses);
}
