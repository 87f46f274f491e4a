// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "accept.h"

#include <linux/err.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>
#include <uapi/rdmarpc_netlink.h>

#include "connection.h"
#include "event.h"
#include "request.h"
#include "server.h"
#include "transfer.h"

static void accept_proven(struct rr_conn *conn)
{
	struct rdmarpc_server *srv = conn->owner;

	atomic_dec(&srv->nr_pending);
	rr_stat_inc(conn->stats, RR_STAT_CONNECTIONS_ACCEPTED);
}

static void accept_gone(struct rr_conn *conn)
{
	struct rdmarpc_server *srv = conn->owner;

	rr_transfers_gone(conn);
	rr_requests_orphan(conn);
	rr_server_conn_del(srv, conn);
}

static bool accept_busy(struct rr_conn *conn)
{
	return atomic_read(&conn->in_flight);
}

static const struct rr_conn_ops accept_ops = {
	.message = rr_request_message,
	.resume = rr_requests_resume,
	.proven = accept_proven,
	.busy = accept_busy,
	.gone = accept_gone,
};

/* Events of a connection that has been accepted. */
static int accepted_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct rr_conn *conn = id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_ESTABLISHED:
		break;
	default:
		/* All others, those that are not invented yet included, are an end. */
		rr_conn_cm_ended(conn, event->event);
		break;
	}
	return 0;
}

static struct rr_conn *accept_create(struct rdmarpc_server *srv, struct rdma_cm_id *id,
				     const struct rr_hello *ask, u16 max_calls,
				     u32 max_bulk)
{
	struct rr_conn_config cfg = {
		.net = srv->net,
		.server = srv->name,
		.role = RR_ROLE_SERVER,
		.ops = &accept_ops,
		.owner = srv,
		.stats = &srv->stats,
		.poller = srv->poller,
		.max_calls = max_calls,
		.peer_window = ask->window,
		.max_bulk = max_bulk,
	};
	struct rr_conn *conn;

	cfg.reqs = rr_requests_alloc(max_calls);
	if (!cfg.reqs)
		return ERR_PTR(-ENOMEM);
	conn = rr_conn_create(id, &cfg);
	if (IS_ERR(conn))
		kvfree(cfg.reqs);
	return conn;
}

/* Return: the largest payload that it takes by bulk, 0: a message carries all. */
static u32 accept_bulk(const struct rdmarpc_server *srv)
{
	u32 max = READ_ONCE(srv->limits.max_payload);

	return max > RR_MAX_EAGER ? max : 0;
}

/*
 * Return: 0 when @id belongs to a connection from here on, else the reason to
 * refuse it with.
 */
static int accept_request(struct rdmarpc_server *srv, struct rdma_cm_id *id,
			  const struct rdma_conn_param *ask_param)
{
	u16 max_calls;
	u8 bytes[RR_HELLO_LEN];
	struct rdma_conn_param param;
	struct rr_hello ask, answer;
	struct rr_conn *conn;
	int rej;

	rej = rr_hello_get(ask_param->private_data, ask_param->private_data_len, &ask);
	if (rej)
		return rej;
	max_calls = min_t(u32, ask.max_calls, READ_ONCE(srv->limits.max_calls));
	rej = rr_hello_answer(&ask, rr_conn_features(id->device), rr_window(max_calls), max_calls,
			      accept_bulk(srv), &answer);
	if (rej)
		return rej;
	answer.nonce = get_random_u64();
	rej = rr_server_conn_admit(srv);
	if (rej)
		return rej;

	conn = accept_create(srv, id, &ask, answer.max_calls, answer.max_bulk);
	if (IS_ERR(conn)) {
		rr_server_conn_unadmit(srv);
		return RR_REJ_RESOURCES;
	}
	id->context = conn;
	id->event_handler = accepted_event;
	rr_server_conn_add(srv, conn);

	rr_conn_param(conn, &param);
	param.responder_resources = min(param.responder_resources,
					ask_param->responder_resources);
	param.initiator_depth = min(param.initiator_depth, ask_param->initiator_depth);
	/* Who lets us READ nothing is sent nothing large, either. */
	if (!param.initiator_depth)
		conn->max_bulk = 0;
	conn->features = answer.supported;
	answer.max_bulk = conn->max_bulk;
	rr_hello_put(bytes, &answer);
	param.private_data = bytes;
	param.private_data_len = sizeof(bytes);
	if (rdma_accept(id, &param))
		rr_conn_close(conn, RR_CLOSE_HANDSHAKE);
	rr_conn_setup_done(conn);
	return 0;
}

static void accept_refused(const struct rdmarpc_server *srv, const struct rdma_cm_id *id,
			   enum rr_rej rej)
{
	const struct rr_error_event ev = {
		.net = srv->net,
		.kind = RDMARPC_ERROR_KIND_CONNECTION_REFUSED,
		.server = srv->name,
		.peer = &id->route.addr.dst_addr,
		.reason = rr_rej_text(rej),
	};

	rr_event_error(&ev);
}

static int listener_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct rdmarpc_server *srv = id->context;
	u8 bytes[RR_REJ_LEN];
	int rej;

	switch (event->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		rej = accept_request(srv, id, &event->param.conn);
		if (!rej)
			return 0;
		rr_stat_inc(&srv->stats, RR_STAT_CONNECTIONS_REFUSED);
		accept_refused(srv, id, rej);
		rr_rej_put(bytes, rej);
		rdma_reject(id, bytes, sizeof(bytes), IB_CM_REJ_CONSUMER_DEFINED);
		/* The core destroys the id. */
		return -ECONNREFUSED;
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		rr_server_down(srv);
		return 0;
	default:
		return 0;
	}
}

static void listen_error(struct netlink_ext_ack *extack, int err)
{
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "Address and port are in use: choose another port");
	else
		NL_SET_ERR_MSG(extack, "No RDMA device can listen on this address: see rdma link, ip address");
}

struct rdma_cm_id *rr_listen(struct rdmarpc_server *srv, struct netlink_ext_ack *extack)
{
	struct rdma_cm_id *id;
	int err;

	id = rdma_create_id(srv->net, listener_event, srv, RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(id))
		return id;
	if (srv->addr.ss_family == AF_INET6) {
		err = rdma_set_afonly(id, 1);
		if (err)
			goto err;
	}
	err = rdma_bind_addr(id, (struct sockaddr *)&srv->addr);
	if (err) {
		listen_error(extack, err);
		goto err;
	}
	err = rdma_listen(id, 128);
	if (err) {
		listen_error(extack, err);
		goto err;
	}
	return id;
err:
	rdma_destroy_id(id);
	return ERR_PTR(err);
}

void rr_unlisten(struct rdma_cm_id *listener)
{
	rdma_destroy_id(listener);
}
