// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "connection.h"

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <uapi/rdmarpc_netlink.h>

#include "event.h"
#include "send.h"
#include "trace.h"

/* From the connection request to the proof. */
#define RR_HANDSHAKE_TIMEOUT	(5 * HZ)

/* READs that a server has outstanding at once, at most. */
#define RR_READS		4

static struct workqueue_struct *conn_wq;
static atomic_t conn_last_id;

/* Read at each tick: a change holds from the next one on, RR_MOST_TICKS away at most. */
static struct rr_patience conn_patience = {
	.busy_ms = 3000, .idle_ms = 60000, .stuck_ms = 10000,
};
module_param_named(dead_peer_ms, conn_patience.busy_ms, uint, 0644);
MODULE_PARM_DESC(dead_peer_ms, "Silence of a peer after which its calls are given up (ms)");
module_param_named(idle_probe_ms, conn_patience.idle_ms, uint, 0644);
MODULE_PARM_DESC(idle_probe_ms, "Silence of an idle peer after which it is asked for a sign of life (ms)");
module_param_named(stuck_calls_ms, conn_patience.stuck_ms, uint, 0644);
MODULE_PARM_DESC(stuck_calls_ms, "Time after which a connection is reset whose slots are all held by calls that were given up (ms)");

static void conn_recv_done(struct ib_cq *cq, struct ib_wc *wc);
static void conn_teardown(struct work_struct *work);

/* ---- what the device reports ---- */

void rr_conn_broken(struct rr_conn *conn)
{
	queue_work(conn_wq, &conn->broken_work);
}

static void conn_broken_work(struct work_struct *work)
{
	rr_conn_fail(container_of(work, struct rr_conn, broken_work), RR_CLOSE_DEVICE,
		     "its device reported it broken");
}

static void conn_qp_event(struct ib_event *event, void *context)
{
	struct rr_conn *conn = context;

	switch (event->event) {
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_QP_REQ_ERR:
	case IB_EVENT_QP_ACCESS_ERR:
		rr_conn_broken(conn);
		break;
	case IB_EVENT_COMM_EST:
		/* A message came before CM's last word on the connection. */
		rdma_notify(conn->cm_id, event->event);
		break;
	default:
		break;
	}
}

/* ---- receiving ---- */

static void conn_error(const struct rr_conn *conn, u32 kind, const char *reason)
{
	const struct rr_error_event ev = {
		.net = conn->net,
		.kind = kind,
		.conn_id = conn->id,
		.server = conn->server,
		.peer = &conn->peer,
		.reason = reason,
	};

	rr_event_error(&ev);
}

static int conn_post_recv(struct rr_conn *conn, struct rr_buf *buf)
{
	struct ib_recv_wr wr = {
		.wr_cqe = &buf->cqe,
		.sg_list = &buf->sge,
		.num_sge = 1,
	};

	buf->sge.length = RR_RECV_SIZE;
	buf->cqe.done = conn_recv_done;
	ib_dma_sync_single_for_device(conn->pd->device, buf->sge.addr, RR_RECV_SIZE,
				      DMA_BIDIRECTIONAL);
	conn->rq_posted++;
	return ib_post_recv(conn->qp, &wr, NULL);
}

/* Posts receives up to the window; each one posted is a credit owed. */
static void conn_refill(struct rr_conn *conn)
{
	struct rr_buf *buf;

	lockdep_assert_held(&conn->lock);
	while (conn->state != RR_CONN_CLOSING && conn->rq_posted < conn->credit.window) {
		buf = rr_pool_get(&conn->pool);
		if (!buf)
			break;
		if (conn_post_recv(conn, buf)) {
			rr_conn_broken(conn);
			break;
		}
		conn->credit.posted++;
	}
}

static void conn_proven(struct rr_conn *conn)
{
	spin_lock_bh(&conn->lock);
	if (conn->state == RR_CONN_HANDSHAKE)
		conn->state = RR_CONN_ACTIVE;
	conn->was_proven = true;
	spin_unlock_bh(&conn->lock);
	cancel_delayed_work(&conn->handshake_work);
	trace_rdmarpc_conn_state(conn, RR_CONN_ACTIVE);
	rr_event_connection(conn, RR_CONN_ACTIVE);
	if (conn->ops->proven)
		conn->ops->proven(conn);
	complete(&conn->progress);
}

/* The proof goes from the active side to the passive one, the acceptance back. */
static enum rr_bad conn_auth(struct rr_conn *conn, const struct rr_hdr *hdr)
{
	const struct rr_hdr accepted = { .type = RR_MSG_AUTH, .code = RR_AUTH_ACCEPTED };
	bool server = conn->role == RR_ROLE_SERVER;

	if (READ_ONCE(conn->state) != RR_CONN_HANDSHAKE ||
	    hdr->code != (server ? RR_AUTH_PROOF : RR_AUTH_ACCEPTED))
		return RR_BAD_STATE;
	if (server && rr_conn_send_control(conn, &accepted))
		return RR_BAD_STATE;
	conn_proven(conn);
	return RR_BAD_NONE;
}

/* What can be said of it without looking at the connection's state. */
static enum rr_bad conn_parse(struct rr_conn *conn, const struct ib_wc *wc,
			      struct rr_buf *buf, struct rr_hdr *hdr)
{
	bool inv = wc->wc_flags & IB_WC_WITH_INVALIDATE;
	enum rr_bad bad;

	if (wc->opcode != IB_WC_RECV || (wc->wc_flags & IB_WC_WITH_IMM) ||
	    (inv && !(conn->features & RR_FEATURE_INVALIDATE)))
		return RR_BAD_OPCODE;
	/* What the message says of it is not looked at: the device knows. */
	buf->inv = inv;
	if (inv)
		buf->inv_key = wc->ex.invalidate_rkey;
	ib_dma_sync_single_for_cpu(conn->pd->device, buf->sge.addr, wc->byte_len,
				   DMA_BIDIRECTIONAL);
	bad = rr_wire_get(buf->data, wc->byte_len, conn->max_bulk, hdr);
	if (bad)
		return bad;
	return inv && hdr->type != RR_MSG_REPLY ? RR_BAD_INV : RR_BAD_NONE;
}

/* @hdr: NULL: no message came of it. */
static enum rr_bad conn_take_recv(struct rr_conn *conn, const struct rr_hdr *hdr)
{
	bool sane = true;

	spin_lock_bh(&conn->lock);
	conn->rq_posted--;
	if (hdr) {
		sane = rr_credit_receive(&conn->credit, hdr->limit);
		if (hdr->flags & RR_MSG_F_WANT_ACK)
			conn->want_ack = true;
	}
	spin_unlock_bh(&conn->lock);
	return sane ? RR_BAD_NONE : RR_BAD_LIMIT;
}

static enum rr_bad conn_message(struct rr_conn *conn, const struct rr_hdr *hdr,
				struct rr_buf *buf, bool *keep)
{
	if (hdr->type == RR_MSG_AUTH)
		return conn_auth(conn, hdr);
	if (READ_ONCE(conn->state) == RR_CONN_HANDSHAKE)
		return RR_BAD_STATE;
	if (hdr->type == RR_MSG_NOP)
		return RR_BAD_NONE;
	return conn->ops->message(conn, hdr, buf, keep);
}

/*
 * A client hears what has come before the end, which may be known first: replies, the
 * last ones of a server that has answered all that it accepted.
 */
static bool conn_hears(const struct rr_conn *conn)
{
	if (smp_load_acquire(&conn->state) != RR_CONN_CLOSING)
		return true;
	return conn->role == RR_ROLE_CLIENT && conn->was_proven &&
	       conn->reason != RR_CLOSE_BAD_MESSAGE;
}

static void conn_bad(struct rr_conn *conn, enum rr_bad bad, u32 len)
{
	rr_stat_inc(conn->stats, RR_STAT_MESSAGES_BAD);
	trace_rdmarpc_bad_message(conn->id, bad, len);
	conn_error(conn, RDMARPC_ERROR_KIND_BAD_MESSAGE, rr_bad_text(bad));
	rr_conn_fail(conn, RR_CLOSE_BAD_MESSAGE, rr_bad_text(bad));
}

static void conn_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct rr_buf *buf = container_of(wc->wr_cqe, struct rr_buf, cqe);
	struct rr_conn *conn = buf->conn;
	bool came = wc->status == IB_WC_SUCCESS && conn_hears(conn);
	enum rr_bad bad = RR_BAD_NONE;
	bool keep = false;
	struct rr_hdr hdr;

	if (wc->status != IB_WC_SUCCESS)
		rr_conn_close(conn, RR_CLOSE_TRANSFER);
	if (came) {
		rr_stat_inc(conn->stats, RR_STAT_MESSAGES_RECEIVED);
		conn->heard = true;
		bad = conn_parse(conn, wc, buf, &hdr);
	}
	bad = conn_take_recv(conn, came && !bad ? &hdr : NULL) ?: bad;
	if (came && !bad)
		bad = conn_message(conn, &hdr, buf, &keep);
	if (bad)
		conn_bad(conn, bad, wc->byte_len);
	if (!keep)
		rr_conn_buf_put(conn, buf);
}

/* What others have changed they have followed up themselves: this is the Poller's own. */
static bool conn_behind(const struct rr_conn *conn)
{
	return data_race(conn->rq_posted < conn->credit.window || rr_send_pending(conn));
}

static void conn_follow_up(struct rr_conn *conn)
{
	spin_lock_bh(&conn->lock);
	/* The queue is there before its queue pair. */
	if (conn->qp) {
		conn_refill(conn);
		rr_send_flush(conn);
	}
	spin_unlock_bh(&conn->lock);
}

static void conn_batch_end(struct rr_cq *rcq)
{
	struct rr_conn *conn = container_of(rcq, struct rr_conn, cq);

	if (conn->ops->resume)
		conn->ops->resume(conn);
	if (conn_behind(conn))
		conn_follow_up(conn);
	rr_transfers_resume(conn);
}

/* ---- liveness ---- */

static void conn_ask(struct rr_conn *conn)
{
	spin_lock_bh(&conn->lock);
	conn->ask = true;
	rr_send_grant(conn);
	spin_unlock_bh(&conn->lock);
}

static u32 conn_tick(struct rr_cq *rcq, u32 ticks)
{
	struct rr_conn *conn = container_of(rcq, struct rr_conn, cq);
	bool heard = conn->heard, busy;
	enum rr_sign sign;

	/* The handshake has a time limit of its own. */
	if (READ_ONCE(conn->state) != RR_CONN_ACTIVE)
		return RR_MOST_TICKS;
	conn->heard = false;
	busy = conn->ops->busy(conn);
	sign = rr_liveness_tick(&conn->liveness, &conn_patience, heard, busy, ticks);
	if (sign == RR_SIGN_DEAD) {
		rr_stat_inc(conn->stats, RR_STAT_PEERS_DEAD);
		rr_conn_close(conn, RR_CLOSE_SILENT);
	} else if (sign == RR_SIGN_ASK) {
		conn_ask(conn);
	}
	if (conn->ops->stuck &&
	    rr_liveness_stuck(&conn->stuck_ticks, &conn_patience, conn->ops->stuck(conn)))
		rr_conn_close(conn, RR_CLOSE_STUCK);
	return rr_liveness_rest(&conn->liveness, &conn_patience, busy || heard);
}

static void conn_cq_broken(struct rr_cq *rcq)
{
	rr_conn_broken(container_of(rcq, struct rr_conn, cq));
}

static const struct rr_cq_ops conn_cq_ops = {
	.batch_end = conn_batch_end,
	.tick = conn_tick,
	.broken = conn_cq_broken,
};

/* ---- buffers ---- */

void rr_conn_buf_put_locked(struct rr_conn *conn, struct rr_buf *buf)
{
	lockdep_assert_held(&conn->lock);
	rr_pool_put(&conn->pool, buf);
	/* A receive that waited for a buffer goes out with it. */
	if (conn->qp) {
		conn_refill(conn);
		rr_send_grant(conn);
	}
}

struct rr_buf *rr_conn_buf_get(struct rr_conn *conn)
{
	struct rr_buf *buf;

	spin_lock(&conn->lock);
	buf = rr_pool_get(&conn->pool);
	if (!buf)
		WRITE_ONCE(conn->wants_buf, true);
	spin_unlock(&conn->lock);
	return buf;
}

bool rr_conn_buf_ready(struct rr_conn *conn)
{
	bool ready;

	spin_lock(&conn->lock);
	ready = !rr_pool_empty(&conn->pool);
	if (!ready)
		WRITE_ONCE(conn->wants_buf, true);
	spin_unlock(&conn->lock);
	return ready;
}

void rr_conn_buf_put(struct rr_conn *conn, struct rr_buf *buf)
{
	spin_lock_bh(&conn->lock);
	rr_conn_buf_put_locked(conn, buf);
	spin_unlock_bh(&conn->lock);
}

/* ---- large payloads ---- */

bool rr_conn_bulk_get(struct rr_conn *conn, size_t bytes)
{
	if (atomic_long_add_return(bytes, &conn->bulk_bytes) <= RR_CONN_BULK)
		return true;
	rr_conn_bulk_put(conn, bytes);
	return false;
}

static void conn_mr_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct rr_mr_work *work = container_of(wc->wr_cqe, struct rr_mr_work, work.cqe);
	struct rr_conn *conn = container_of(work->mr->set, struct rr_conn, mrs);

	/* One that only made a key valid may belong to nobody any more. */
	if (!work->fences)
		rr_conn_work_done(conn, wc);
	else if (rr_conn_work_done(conn, wc))
		rr_mr_done(work);
}

/* ---- life ---- */

static int conn_create_qp(struct rr_conn *conn)
{
	struct ib_qp_init_attr attr = {
		.event_handler = conn_qp_event,
		.qp_context = conn,
		.send_cq = conn->cq.cq,
		.recv_cq = conn->cq.cq,
		.qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.cap = {
			.max_send_wr = conn->sq_free,
			.max_recv_wr = conn->credit.window,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};

	return rdma_create_qp(conn->cm_id, conn->pd, &attr);
}

static int conn_post_window(struct rr_conn *conn)
{
	u32 i;
	int err;

	for (i = 0; i < conn->credit.window; i++) {
		err = conn_post_recv(conn, rr_pool_get(&conn->pool));
		if (err)
			return err;
	}
	return 0;
}

static void conn_handshake_timeout(struct work_struct *work)
{
	struct rr_conn *conn = container_of(work, struct rr_conn, handshake_work.work);

	rr_conn_fail(conn, RR_CLOSE_HANDSHAKE, "it timed out");
}

u32 rr_conn_next_id(void)
{
	return atomic_inc_return(&conn_last_id);
}

static struct rr_conn *conn_alloc(const struct rr_conn_config *cfg)
{
	struct rr_conn *conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	u32 window = rr_window(cfg->max_calls);
	/* Each call has its request and its reply at hand, whatever has said nothing yet. */
	u32 silent = rr_send_silent(cfg->max_calls);
	u32 sends = 2 * cfg->max_calls + silent + RR_CONTROL_BUFS;

	if (!conn)
		return NULL;
	kref_init(&conn->ref);
	conn->id = rr_conn_next_id();
	conn->net = cfg->net;
	conn->server = cfg->server;
	conn->client = cfg->client;
	conn->quiet = cfg->quiet;
	conn->role = cfg->role;
	conn->ops = cfg->ops;
	conn->owner = cfg->owner;
	conn->stats = cfg->stats;
	conn->reqs = cfg->reqs;
	conn->max_calls = cfg->max_calls;
	conn->in_setup = true;
	conn->sq_size = sends;
	conn->sq_free = sends;
	spin_lock_init(&conn->lock);
	INIT_LIST_HEAD(&conn->link);
	INIT_LIST_HEAD(&conn->workq);
	conn->flying_end = &conn->flying;
	conn->max_silent = silent;
	conn->chain_end = &conn->chain;
	rr_transfers_init(conn);
	INIT_LIST_HEAD(&conn->sendq);
	INIT_LIST_HEAD(&conn->starved);
	init_completion(&conn->progress);
	INIT_DELAYED_WORK(&conn->handshake_work, conn_handshake_timeout);
	INIT_WORK(&conn->broken_work, conn_broken_work);
	INIT_WORK(&conn->teardown_work, conn_teardown);
	rr_credit_init(&conn->credit, window, cfg->peer_window);
	if (rr_pool_alloc(&conn->pool, conn, window + sends)) {
		kfree(conn);
		return NULL;
	}
	return conn;
}

struct rr_conn *rr_conn_create(struct rdma_cm_id *cm_id, const struct rr_conn_config *cfg)
{
	struct ib_device *device = cm_id->device;
	struct rr_conn *conn = conn_alloc(cfg);
	int err;

	if (!conn)
		return ERR_PTR(-ENOMEM);

	conn->cm_id = cm_id;
	conn->pd = ib_alloc_pd(device, 0);
	if (IS_ERR(conn->pd)) {
		err = PTR_ERR(conn->pd);
		goto err_free;
	}
	rr_mr_set_init(&conn->mrs, conn->pd, conn_mr_done);
	conn->features = rr_conn_features(device);
	conn->iwarp = rdma_protocol_iwarp(device, cm_id->port_num);
	conn->max_bulk = min(cfg->max_bulk, rr_mr_set_max_bulk(&conn->mrs));
	conn->sq_size += rr_mr_set_works(&conn->mrs, conn->max_bulk);
	conn->sq_free = conn->sq_size;
	err = rr_pool_map(&conn->pool, conn->pd);
	if (err)
		goto err_pd;
	err = rr_cq_create(&conn->cq, cfg->poller, device,
			   conn->sq_free + conn->credit.window, &conn_cq_ops);
	if (err)
		goto err_unmap;
	err = conn_create_qp(conn);
	if (err)
		goto err_cq;

	spin_lock_bh(&conn->lock);
	conn->qp = cm_id->qp;
	err = conn_post_window(conn);
	spin_unlock_bh(&conn->lock);
	if (err)
		goto err_qp;

	conn->local = cm_id->route.addr.src_addr;
	conn->peer = cm_id->route.addr.dst_addr;
	strscpy(conn->device, dev_name(&device->dev), sizeof(conn->device));
	trace_rdmarpc_conn_state(conn, RR_CONN_HANDSHAKE);
	/* A client's own deadline bounds its handshake. */
	if (conn->role == RR_ROLE_SERVER)
		queue_delayed_work(conn_wq, &conn->handshake_work, RR_HANDSHAKE_TIMEOUT);
	return conn;

err_qp:
	/* In setup, so this begins no teardown. */
	rr_conn_close(conn, RR_CLOSE_HANDSHAKE);
	rr_cq_detach(&conn->cq);
	rdma_destroy_qp(cm_id);
	rr_cq_destroy(&conn->cq);
	cancel_work_sync(&conn->broken_work);
	goto err_unmap;
err_cq:
	rr_cq_detach(&conn->cq);
	rr_cq_destroy(&conn->cq);
	cancel_work_sync(&conn->broken_work);
err_unmap:
	rr_pool_unmap(&conn->pool, device);
err_pd:
	ib_dealloc_pd(conn->pd);
err_free:
	rr_pool_free(&conn->pool);
	kfree(conn);
	return ERR_PTR(err);
}

static void conn_tell_end(const struct rr_conn *conn)
{
	if (conn->was_proven)
		rr_event_connection(conn, RR_CONN_CLOSING);
	else if (!conn->quiet)
		conn_error(conn, RDMARPC_ERROR_KIND_HANDSHAKE_FAILED,
			   READ_ONCE(conn->why) ?: "the connection ended before it was proven");
}

/*
 * Nobody waits for flushed completions here. All that they would tell is known:
 * once the Poller no longer looks and the queue pair is destroyed, the device
 * is done with every buffer and @gone ends whatever was in flight. So no step
 * depends on completions arriving, and each is bounded by the driver.
 */
static void conn_teardown(struct work_struct *work)
{
	struct rr_conn *conn = container_of(work, struct rr_conn, teardown_work);
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct rdma_cm_id *cm_id = conn->cm_id;
	struct ib_device *device = conn->pd->device;

	cancel_delayed_work_sync(&conn->handshake_work);
	rdma_disconnect(cm_id);
	ib_modify_qp(conn->qp, &attr, IB_QP_STATE);
	rr_cq_detach(&conn->cq);
	rdma_destroy_qp(cm_id);
	rr_cq_destroy(&conn->cq);
	/* Nobody is left who could report it broken. */
	cancel_work_sync(&conn->broken_work);
	rr_mr_set_close(&conn->mrs);
	rr_pool_unmap(&conn->pool, device);
	ib_dealloc_pd(conn->pd);
	rr_stat_inc(conn->stats, RR_STAT_CONNECTIONS_CLOSED);
	conn_tell_end(conn);
	/* Nobody's memory is exposed any more: its owner need not wait for the peer. */
	conn->ops->gone(conn);
	rdma_destroy_id(cm_id);
	if (conn->ops->released)
		conn->ops->released(conn);
	rr_conn_put(conn);
}

bool rr_conn_in_teardown(const struct rr_conn *conn)
{
	return current_work() == &conn->teardown_work;
}

void rr_conn_setup_done(struct rr_conn *conn)
{
	bool closing;

	spin_lock_bh(&conn->lock);
	conn->in_setup = false;
	closing = conn->state == RR_CONN_CLOSING;
	spin_unlock_bh(&conn->lock);
	if (closing)
		queue_work(conn_wq, &conn->teardown_work);
}

void rr_conn_fail(struct rr_conn *conn, enum rr_close reason, const char *why)
{
	bool first, in_setup;

	spin_lock_bh(&conn->lock);
	first = conn->state != RR_CONN_CLOSING;
	if (first && conn->state == RR_CONN_HANDSHAKE)
		rr_stat_inc(conn->stats, RR_STAT_HANDSHAKES_FAILED);
	if (first)
		conn->reason = reason;
	/* Who sees that it is closing, without the lock, sees why. */
	smp_store_release(&conn->state, RR_CONN_CLOSING);
	/* What the device flushes may end it before it is known what that is about. */
	if (!conn->why)
		WRITE_ONCE(conn->why, why);
	in_setup = conn->in_setup;
	spin_unlock_bh(&conn->lock);
	if (!first)
		return;

	trace_rdmarpc_conn_closed(conn, reason);
	complete(&conn->progress);
	if (!in_setup)
		queue_work(conn_wq, &conn->teardown_work);
}

void rr_conn_close(struct rr_conn *conn, enum rr_close reason)
{
	rr_conn_fail(conn, reason, NULL);
}

void rr_conn_cm_ended(struct rr_conn *conn, enum rdma_cm_event_type event)
{
	rr_conn_close(conn, event == RDMA_CM_EVENT_DEVICE_REMOVAL ? RR_CLOSE_DEVICE :
								    RR_CLOSE_PEER);
}

static void conn_release(struct kref *ref)
{
	struct rr_conn *conn = container_of(ref, struct rr_conn, ref);

	rr_pool_free(&conn->pool);
	kvfree(conn->reqs);
	kfree(conn);
}

void rr_conn_put(struct rr_conn *conn)
{
	kref_put(&conn->ref, conn_release);
}

u32 rr_conn_features(const struct ib_device *device)
{
	bool invalidates = device->attrs.device_cap_flags & IB_DEVICE_MEM_MGT_EXTENSIONS;

	return RR_FEATURES_SUPPORTED & ~(invalidates ? 0 : RR_FEATURE_INVALIDATE);
}

void rr_conn_param(struct rr_conn *conn, struct rdma_conn_param *param)
{
	const struct ib_device_attr *attrs = &conn->pd->device->attrs;

	*param = (struct rdma_conn_param) {
		.responder_resources = min_t(int, attrs->max_qp_rd_atom, RR_READS),
		.initiator_depth = min_t(int, attrs->max_qp_init_rd_atom, RR_READS),
		.retry_count = 7,
		/* Receives are posted before they are granted: RNR is a bug. */
		.rnr_retry_count = 0,
		.qp_num = conn->qp->qp_num,
	};
}

bool rr_conn_at_rest(struct rr_conn *conn)
{
	bool rests;

	spin_lock_bh(&conn->lock);
	rests = conn->state == RR_CONN_CLOSING ||
		(!atomic_read(&conn->in_flight) && list_empty(&conn->sendq) &&
		 conn->sq_free == conn->sq_size);
	spin_unlock_bh(&conn->lock);
	return rests;
}

void rr_conn_info_get(const struct rr_conn *conn, struct rr_conn_info *info)
{
	*info = (struct rr_conn_info) {
		.id = conn->id,
		.client = conn->client,
		.role = conn->role,
		.state = smp_load_acquire(&conn->state),
		.reason = READ_ONCE(conn->reason),
		.local = conn->local,
		.peer = conn->peer,
		.in_flight = atomic_read(&conn->in_flight),
		.window = conn->credit.window,
	};
	strscpy(info->device, conn->device, sizeof(info->device));
}

int rr_conn_init(void)
{
	conn_wq = alloc_workqueue("rdmarpc_conn", WQ_UNBOUND, 0);
	return conn_wq ? 0 : -ENOMEM;
}

void rr_conn_flush(void)
{
	flush_workqueue(conn_wq);
}

void rr_conn_exit(void)
{
	destroy_workqueue(conn_wq);
}
