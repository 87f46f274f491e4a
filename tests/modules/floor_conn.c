// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include "floor.h"

#include <linux/err.h>
#include <linux/in.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>

#define FLOOR_ADDR	0x0a000001
#define FLOOR_PORT	7490
#define FLOOR_READS	16

/* What it has made is left in @end for floor_disconnect(), even if it fails. */
static int end_create(struct floor *f, struct floor_end *end, struct rdma_cm_id *id)
{
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.cap = {
			/* One more each, for draining. */
			.max_send_wr = f->sends + 1,
			.max_recv_wr = f->recvs + 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};
	struct ib_pd *pd = ib_alloc_pd(id->device, 0);
	int err;

	if (IS_ERR(pd))
		return PTR_ERR(pd);
	end->pd = pd;
	err = floor_cq_create(end, id->device, f->sends + f->recvs + 2);
	if (err)
		return err;
	attr.send_cq = end->cq;
	attr.recv_cq = end->cq;
	err = rdma_create_qp(id, pd, &attr);
	if (!err)
		end->id = id;
	return err;
}

void floor_end_stop(struct floor_end *end)
{
	if (!end->id)
		return;
	rdma_disconnect(end->id);
	ib_drain_qp(end->id->qp);
}

static void end_free(struct floor_end *end)
{
	floor_cq_destroy(end);
	if (end->pd)
		ib_dealloc_pd(end->pd);
	if (end->id)
		rdma_destroy_id(end->id);
}

void floor_disconnect(struct floor *f)
{
	/* So that no connection comes that was not there to be stopped. */
	if (f->listener)
		rdma_destroy_id(f->listener);
	/* What still tells of completions is a queue pair's. */
	if (f->active.id)
		rdma_destroy_qp(f->active.id);
	if (f->passive.id)
		rdma_destroy_qp(f->passive.id);
	floor_pollers_stop(f);
	end_free(&f->active);
	end_free(&f->passive);
}

static void end_param(const struct floor_end *end, struct rdma_conn_param *param)
{
	const struct ib_device_attr *attrs = &end->pd->device->attrs;

	*param = (struct rdma_conn_param) {
		.responder_resources = min_t(int, attrs->max_qp_rd_atom, FLOOR_READS),
		.initiator_depth = min_t(int, attrs->max_qp_init_rd_atom, FLOOR_READS),
		.retry_count = 7,
		.qp_num = end->id->qp->qp_num,
	};
}

static int floor_accept(struct floor *f, struct rdma_cm_id *id)
{
	struct rdma_conn_param param;
	int err = end_create(f, &f->passive, id);

	if (err)
		return err;
	end_param(&f->passive, &param);
	/* On an error the connection never comes, and the id is ended as any other. */
	if (rdma_accept(id, &param))
		rdma_reject(id, NULL, 0, IB_CM_REJ_CONSUMER_DEFINED);
	return 0;
}

static int floor_cm(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct floor *f = id->context;
	struct floor_end *end = f->passive.id == id ? &f->passive : &f->active;

	switch (event->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		f = f->accepts;
		id->context = f;
		return f->passive.pd ? -EBUSY : floor_accept(f, id);
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
	case RDMA_CM_EVENT_ESTABLISHED:
		break;
	default:
		end->status = -ECONNRESET;
		break;
	}
	complete(&end->event);
	return 0;
}

static int end_wait(struct floor_end *end)
{
	if (!wait_for_completion_timeout(&end->event, FLOOR_WAIT))
		return -ETIMEDOUT;
	return end->status;
}

static int floor_dial(struct floor *f, struct rdma_cm_id *id, struct sockaddr *addr)
{
	struct rdma_conn_param param;
	int err;

	err = rdma_resolve_addr(id, NULL, addr, 2000) ?: end_wait(&f->active);
	if (err)
		return err;
	err = rdma_resolve_route(id, 2000) ?: end_wait(&f->active);
	if (err)
		return err;
	err = end_create(f, &f->active, id);
	if (err)
		return err;
	end_param(&f->active, &param);
	return rdma_connect(id, &param) ?: end_wait(&f->active) ?: end_wait(&f->passive);
}

static struct sockaddr_in floor_addr(void)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = htons(FLOOR_PORT),
		.sin_addr.s_addr = htonl(FLOOR_ADDR),
	};
}

int floor_listen(struct floor *f)
{
	struct sockaddr_in addr = floor_addr();
	struct rdma_cm_id *id = rdma_create_id(&init_net, floor_cm, f, RDMA_PS_TCP, IB_QPT_RC);

	if (IS_ERR(id))
		return PTR_ERR(id);
	f->listener = id;
	return rdma_bind_addr(id, (struct sockaddr *)&addr) ?: rdma_listen(id, 1);
}

int floor_connect(struct floor *f)
{
	struct sockaddr_in addr = floor_addr();
	struct rdma_cm_id *id;
	int err;

	f->active.f = f;
	f->passive.f = f;
	init_completion(&f->active.event);
	init_completion(&f->passive.event);
	id = rdma_create_id(&init_net, floor_cm, f, RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(id))
		return PTR_ERR(id);
	err = floor_dial(f, id, (struct sockaddr *)&addr);
	/* Otherwise it is the active end's. */
	if (!f->active.id)
		rdma_destroy_id(id);
	return err;
}
