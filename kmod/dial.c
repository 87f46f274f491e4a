// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "dial.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "send.h"

static int error_of_rej(int reason)
{
	switch (reason) {
	case RR_REJ_VERSION:
	case RR_REJ_FEATURE:
		return -EPROTONOSUPPORT;
	case RR_REJ_AUTH:
		return -EACCES;
	case RR_REJ_BUSY:
	case RR_REJ_RESOURCES:
		return -EBUSY;
	case RR_REJ_STOPPING:
		return -ECONNREFUSED;
	default:
		return -EPROTO;
	}
}

const char *rr_dial_text(int err)
{
	switch (err) {
	case -ECONNREFUSED:
		return "nobody listens there, or the server is stopping";
	case -EPROTONOSUPPORT:
		return "no common version or feature";
	case -EPROTO:
		return "the peer does not speak this protocol";
	case -EACCES:
		return "the peer did not accept our authentication";
	case -EBUSY:
		return "the server has as many connections as it allows";
	case -ETIMEDOUT:
		return "it timed out";
	case -EINTR:
		return "its process was killed";
	default:
		return NULL;
	}
}

static int dial_rejected(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	const struct rdma_conn_param *param = &event->param.conn;
	int reason = rr_rej_get(param->private_data, param->private_data_len);
	u8 len = 0;

	if (reason)
		return error_of_rej(reason);
	/*
	 * Refused by somebody who is not one of us, or nobody listens. siw has
	 * ECONNRESET for the former, where others have what the core looks for.
	 */
	if (event->status == -ECONNRESET ||
	    (rdma_consumer_reject_data(id, event, &len) && len))
		return -EPROTO;
	return -ECONNREFUSED;
}

static int dial_established(struct rr_dial *dial, const struct rdma_cm_event *event)
{
	int rej = rr_hello_get(event->param.conn.private_data,
			       event->param.conn.private_data_len, &dial->answer);

	return rej ? error_of_rej(rej) : 0;
}

static int dial_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct rr_dial *dial = id->context;
	struct rr_conn *conn = READ_ONCE(dial->conn);
	bool end = false;

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		dial->error = 0;
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		dial->error = dial_established(dial, event);
		break;
	case RDMA_CM_EVENT_REJECTED:
		dial->error = dial_rejected(id, event);
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_CONNECT_ERROR:
		dial->error = event->status < 0 ? event->status : -EHOSTUNREACH;
		break;
	default:
		dial->error = -ECONNRESET;
		end = true;
		break;
	}
	complete(&dial->event);
	if (end && conn)
		rr_conn_cm_ended(conn, event->event);
	return 0;
}

void rr_dial_init(struct rr_dial *dial)
{
	*dial = (struct rr_dial) {};
	init_completion(&dial->event);
}

void rr_dial_abort(struct rr_dial *dial)
{
	struct rr_conn *conn;

	WRITE_ONCE(dial->aborted, true);
	/* Either dial_wait() sees that, or this sees whom it waits for. */
	smp_mb();
	conn = READ_ONCE(dial->conn);
	complete(&dial->event);
	if (conn)
		complete(&conn->progress);
}

/*
 * Return: 0 when @event came before @end, -ETIMEDOUT, -EINTR when killed, or
 * -ECANCELED.
 */
static int dial_wait(struct rr_dial *dial, struct completion *event, unsigned long end)
{
	long left = (long)(end - jiffies);
	long ret;

	if (left <= 0)
		return -ETIMEDOUT;
	/* Pairs with rr_dial_abort()'s. */
	smp_mb();
	if (READ_ONCE(dial->aborted))
		return -ECANCELED;
	ret = wait_for_completion_killable_timeout(event, left);
	if (READ_ONCE(dial->aborted))
		return -ECANCELED;
	if (ret < 0)
		return -EINTR;
	return ret ? 0 : -ETIMEDOUT;
}

static int dial_await(struct rr_dial *dial, unsigned long end)
{
	return dial_wait(dial, &dial->event, end) ?: dial->error;
}

static unsigned int ms_left(unsigned long end)
{
	long left = (long)(end - jiffies);

	return left > 0 ? jiffies_to_msecs(left) + 1 : 1;
}

int rr_dial_resolve(struct rr_dial *dial, struct net *net, const struct sockaddr *addr,
		    unsigned long end)
{
	int err;

	dial->id = rdma_create_id(net, dial_event, dial, RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(dial->id))
		return PTR_ERR(dial->id);

	err = rdma_resolve_addr(dial->id, NULL, addr, ms_left(end));
	if (!err)
		err = dial_await(dial, end);
	if (err)
		goto err_destroy;

	reinit_completion(&dial->event);
	err = rdma_resolve_route(dial->id, ms_left(end));
	if (!err)
		err = dial_await(dial, end);
	if (err)
		goto err_destroy;
	return 0;

err_destroy:
	rdma_destroy_id(dial->id);
	return err;
}

/* Return: 0, or why the answer is not one to the question. */
static int dial_check(const struct rr_hello *ask, const struct rr_hello *answer)
{
	if (answer->ver_min != RR_WIRE_VERSION || answer->ver_max != RR_WIRE_VERSION ||
	    answer->max_calls > ask->max_calls || answer->max_bulk > ask->max_bulk)
		return -EPROTO;
	return 0;
}

/* The active side sends first: iWARP wants it, and the proof needs no more. */
static int dial_prove(struct rr_dial *dial, struct rr_conn *conn, unsigned long end)
{
	const struct rr_hdr proof = { .type = RR_MSG_AUTH, .code = RR_AUTH_PROOF };
	int err;

	err = rr_conn_send_control(conn, &proof);
	if (!err)
		err = dial_wait(dial, &conn->progress, end);
	if (!err && READ_ONCE(conn->state) != RR_CONN_ACTIVE)
		err = -ECONNRESET;
	return err;
}

int rr_dial_connect(struct rr_dial *dial, struct rr_conn *conn,
		    const struct rr_hello *hello, unsigned long end)
{
	u8 bytes[RR_HELLO_LEN];
	struct rdma_conn_param param;
	int err;

	reinit_completion(&dial->event);
	WRITE_ONCE(dial->conn, conn);
	rr_hello_put(bytes, hello);
	rr_conn_param(conn, &param);
	param.private_data = bytes;
	param.private_data_len = sizeof(bytes);
	err = rdma_connect(dial->id, &param);
	if (!err)
		err = dial_await(dial, end);
	if (!err)
		err = dial_check(hello, &dial->answer);
	if (err)
		return err;

	spin_lock_bh(&conn->lock);
	rr_credit_peer(&conn->credit, dial->answer.window);
	conn->features &= dial->answer.supported;
	conn->max_bulk = dial->answer.max_bulk;
	spin_unlock_bh(&conn->lock);
	return dial_prove(dial, conn, end);
}
