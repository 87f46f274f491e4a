// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Connections and messages on rdma-core's verbs, for verbs.py. It knows nothing of
 * what is said: private data and messages are bytes, receives are posted when they
 * are asked for, and an end is told, not made better.
 *
 * One thread at a time per connection. Times are in milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <infiniband/verbs.h>
#include <poll.h>
#include <rdma/rdma_cma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MSG_SIZE	8192	/* one that is too long is to be said, too */
#define MAX_RECVS	600
#define MAX_SENDS	64
#define SEND_SLOTS	8	/* taken in turn: whoever posts more says the same in all */
#define PRIVATE_MAX	256

/* What calls here return besides lengths. */
enum {
	PEER_TIMEOUT = -1,
	PEER_ENDED = -2,
	PEER_ERROR = -3,	/* of the system: errno */
};

struct peer {
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	struct ibv_pd *pd;
	struct ibv_comp_channel *done;
	struct ibv_cq *recv_cq, *send_cq;
	struct ibv_mr *mr;
	struct ibv_mr *exposed;		/* what the other side may read and write */
	struct ibv_mw *windows[2];	/* or what of it he may: he can make these invalid */
	uint32_t invalidate;		/* with a message of that kind */
	uint32_t invalidated;		/* by the last message that came; 0: nothing */
	unsigned int recvs;		/* places to receive in, taken in turn */
	uint8_t *memory;		/* those, then SEND_SLOTS to send from */
	unsigned int posted;		/* receives so far */
	unsigned int sends;
	bool ended;
	int event;			/* of the CM, the last */
	uint8_t private[PRIVATE_MAX];	/* that came with it */
	int private_len;
};

struct peer_listener {
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
};

/* ---- time ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int left_ms(int64_t end)
{
	int64_t left = end - now_ms();

	return left > 0 ? left : 0;
}

/* ---- events of the connection manager ---- */

static void keep_event(struct peer *p, struct rdma_cm_event *event)
{
	p->event = event->event;
	p->private_len = event->param.conn.private_data_len;
	if (p->private_len > PRIVATE_MAX)
		p->private_len = PRIVATE_MAX;
	if (event->param.conn.private_data)
		memcpy(p->private, event->param.conn.private_data, p->private_len);
	else
		p->private_len = 0;
	if (event->event == RDMA_CM_EVENT_DISCONNECTED ||
	    event->event == RDMA_CM_EVENT_DEVICE_REMOVAL)
		p->ended = true;
	rdma_ack_cm_event(event);
}

/* Return: the event, or PEER_TIMEOUT. */
static int await_event(struct peer *p, int64_t end)
{
	struct pollfd fd = { .fd = p->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;

	if (poll(&fd, 1, left_ms(end)) < 1)
		return PEER_TIMEOUT;
	if (rdma_get_cm_event(p->channel, &event))
		return PEER_ERROR;
	keep_event(p, event);
	return p->event;
}

int peer_sent(struct peer *p, int ms);

/* ---- setting up ---- */

int peer_post_recvs(struct peer *p, unsigned int nr)
{
	struct ibv_recv_wr *bad;

	while (nr--) {
		unsigned int slot = p->posted % p->recvs;
		struct ibv_sge sge = {
			.addr = (uintptr_t)p->memory + (size_t)slot * MSG_SIZE,
			.length = MSG_SIZE, .lkey = p->mr->lkey,
		};
		struct ibv_recv_wr wr = { .wr_id = slot, .sg_list = &sge, .num_sge = 1 };

		if (ibv_post_recv(p->id->qp, &wr, &bad))
			return PEER_ERROR;
		p->posted++;
	}
	return 0;
}

static int make_queues(struct peer *p, unsigned int recvs)
{
	struct ibv_context *verbs = p->id->verbs;
	struct ibv_qp_init_attr attr = {
		.cap = {
			.max_send_wr = MAX_SENDS, .max_recv_wr = MAX_RECVS,
			.max_send_sge = 1, .max_recv_sge = 1,
		},
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
	};
	size_t size = (size_t)(recvs + SEND_SLOTS) * MSG_SIZE;

	p->recvs = recvs;
	p->pd = ibv_alloc_pd(verbs);
	p->done = ibv_create_comp_channel(verbs);
	p->memory = aligned_alloc(4096, size);
	if (!p->pd || !p->done || !p->memory)
		return -1;
	memset(p->memory, 0, size);
	p->mr = ibv_reg_mr(p->pd, p->memory, size, IBV_ACCESS_LOCAL_WRITE);
	p->recv_cq = ibv_create_cq(verbs, MAX_RECVS, NULL, p->done, 0);
	p->send_cq = ibv_create_cq(verbs, MAX_SENDS, NULL, NULL, 0);
	if (!p->mr || !p->recv_cq || !p->send_cq || ibv_req_notify_cq(p->recv_cq, 0))
		return -1;
	attr.recv_cq = p->recv_cq;
	attr.send_cq = p->send_cq;
	if (rdma_create_qp(p->id, p->pd, &attr))
		return -1;
	return peer_post_recvs(p, recvs);
}

/*
 * Lets the other side read and write @len bytes at @memory, which are the caller's, until
 * peer_hide(). Return: the key; 0: it could not.
 */
uint32_t peer_expose(struct peer *p, void *memory, size_t len)
{
	p->exposed = ibv_reg_mr(p->pd, memory, len, IBV_ACCESS_LOCAL_WRITE |
				IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE);
	return p->exposed ? p->exposed->rkey : 0;
}

static int bind_window(struct peer *p, struct ibv_mw *mw, void *memory, size_t len)
{
	struct ibv_send_wr wr = {
		.opcode = IBV_WR_BIND_MW,
		.bind_mw = {
			.mw = mw, .rkey = ibv_inc_rkey(mw->rkey),
			.bind_info = {
				.mr = p->exposed, .addr = (uintptr_t)memory, .length = len,
				.mw_access_flags = IBV_ACCESS_REMOTE_READ |
						   IBV_ACCESS_REMOTE_WRITE,
			},
		},
	};
	struct ibv_send_wr *bad;

	if (ibv_post_send(p->id->qp, &wr, &bad) || peer_sent(p, 5000))
		return -1;
	mw->rkey = wr.bind_mw.rkey;
	return 0;
}

/*
 * The same by windows on two parts of it, the first of @first bytes, whose keys a message
 * of the other side's can make invalid. Return: 0, or PEER_ERROR: the device has none.
 */
int peer_expose_windows(struct peer *p, void *memory, size_t len, size_t first, uint32_t *keys)
{
	int i;

	p->exposed = ibv_reg_mr(p->pd, memory, len, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_MW_BIND |
				IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE);
	if (!p->exposed)
		return PEER_ERROR;
	for (i = 0; i < 2; i++) {
		p->windows[i] = ibv_alloc_mw(p->pd, IBV_MW_TYPE_2);
		if (!p->windows[i] || bind_window(p, p->windows[i], memory + i * first,
						  i ? len - first : first))
			return PEER_ERROR;
		keys[i] = p->windows[i]->rkey;
	}
	return 0;
}

void peer_hide(struct peer *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (p->windows[i])
			ibv_dealloc_mw(p->windows[i]);
		p->windows[i] = NULL;
	}
	if (p->exposed)
		ibv_dereg_mr(p->exposed);
	p->exposed = NULL;
}

void peer_close(struct peer *p)
{
	struct rdma_cm_event *event;
	struct pollfd fd;

	if (!p)
		return;
	/* A queue pair that has windows cannot be destroyed. */
	peer_hide(p);
	if (p->id && p->id->qp) {
		rdma_disconnect(p->id);
		rdma_destroy_qp(p->id);
	}
	if (p->recv_cq)
		ibv_destroy_cq(p->recv_cq);
	if (p->send_cq)
		ibv_destroy_cq(p->send_cq);
	if (p->done)
		ibv_destroy_comp_channel(p->done);
	if (p->mr)
		ibv_dereg_mr(p->mr);
	if (p->pd)
		ibv_dealloc_pd(p->pd);
	free(p->memory);
	if (p->channel) {
		/* An id with events that nobody took cannot be destroyed. */
		fd = (struct pollfd) { .fd = p->channel->fd, .events = POLLIN };
		while (poll(&fd, 1, 0) == 1 && !rdma_get_cm_event(p->channel, &event))
			rdma_ack_cm_event(event);
	}
	if (p->id)
		rdma_destroy_id(p->id);
	if (p->channel)
		rdma_destroy_event_channel(p->channel);
	free(p);
}

static socklen_t address(const char *host, int port, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	inet_pton(AF_INET6, host, &v6->sin6_addr);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* @reads: that the other side may have under way here. */
static struct rdma_conn_param conn_param(const void *private, int len, int reads)
{
	return (struct rdma_conn_param) {
		.private_data = private, .private_data_len = len,
		.responder_resources = reads, .initiator_depth = 1,
		.retry_count = 7, .rnr_retry_count = 0,
	};
}

/*
 * Asks for a connection. Return: it, whether accepted, refused or neither: see
 * peer_event(); NULL only if the machine fails.
 */
struct peer *peer_connect(const char *host, int port, const void *private, int len,
			  unsigned int recvs, int reads, int ms)
{
	struct rdma_conn_param param = conn_param(private, len, reads);
	struct peer *p = calloc(1, sizeof(*p));
	struct sockaddr_storage addr;
	int64_t end = now_ms() + ms;

	if (!p)
		return NULL;
	address(host, port, &addr);
	p->channel = rdma_create_event_channel();
	if (!p->channel || rdma_create_id(p->channel, &p->id, NULL, RDMA_PS_TCP) ||
	    rdma_resolve_addr(p->id, NULL, (struct sockaddr *)&addr, ms) ||
	    await_event(p, end) != RDMA_CM_EVENT_ADDR_RESOLVED ||
	    rdma_resolve_route(p->id, ms) ||
	    await_event(p, end) != RDMA_CM_EVENT_ROUTE_RESOLVED ||
	    make_queues(p, recvs) || rdma_connect(p->id, &param)) {
		peer_close(p);
		return NULL;
	}
	if (await_event(p, end) == PEER_TIMEOUT)
		p->event = PEER_TIMEOUT;
	return p;
}

struct peer_listener *peer_listen(const char *host, int port)
{
	struct peer_listener *l = calloc(1, sizeof(*l));
	struct sockaddr_storage addr;

	if (!l)
		return NULL;
	address(host, port, &addr);
	l->channel = rdma_create_event_channel();
	if (!l->channel || rdma_create_id(l->channel, &l->id, NULL, RDMA_PS_TCP) ||
	    rdma_bind_addr(l->id, (struct sockaddr *)&addr) || rdma_listen(l->id, 16)) {
		perror("peer_listen");
		free(l);
		return NULL;
	}
	return l;
}

void peer_unlisten(struct peer_listener *l)
{
	rdma_destroy_id(l->id);
	rdma_destroy_event_channel(l->channel);
	free(l);
}

/* Waits for a request; its private data is peer_private()'s. Return: NULL none came. */
struct peer *peer_request(struct peer_listener *l, unsigned int recvs, int ms)
{
	struct pollfd fd = { .fd = l->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;
	struct peer *p;

	for (;;) {
		if (poll(&fd, 1, ms) < 1 || rdma_get_cm_event(l->channel, &event))
			return NULL;
		if (event->event == RDMA_CM_EVENT_CONNECT_REQUEST)
			break;
		rdma_ack_cm_event(event);
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	p->id = event->id;
	keep_event(p, event);
	p->channel = rdma_create_event_channel();
	if (!p->channel || rdma_migrate_id(p->id, p->channel) || make_queues(p, recvs)) {
		peer_close(p);
		return NULL;
	}
	return p;
}

int peer_accept(struct peer *p, const void *private, int len, int ms)
{
	struct rdma_conn_param param = conn_param(private, len, 4);

	if (rdma_accept(p->id, &param))
		return PEER_ERROR;
	return await_event(p, now_ms() + ms);
}

int peer_reject(struct peer *p, const void *private, int len)
{
	return rdma_reject(p->id, private, len) ? PEER_ERROR : 0;
}

/* ---- what became of it ---- */

/* The name of the last event, "timeout" for none. */
const char *peer_event(const struct peer *p)
{
	return p->event == PEER_TIMEOUT ? "timeout" : rdma_event_str(p->event);
}

/* Ours. */
int peer_port(const struct peer *p)
{
	return ntohs(rdma_get_src_port(p->id));
}

int peer_private(const struct peer *p, void *to)
{
	memcpy(to, p->private, p->private_len);
	return p->private_len;
}

/* ---- messages ---- */

/* Kinds of work requests. */
enum { PLAIN, WITH_IMMEDIATE, WITH_INVALIDATE, WRITE, WRITE_WITH_IMMEDIATE, READ };

static void set_kind(const struct peer *p, struct ibv_send_wr *wr, int kind)
{
	static const int opcodes[] = {
		IBV_WR_SEND, IBV_WR_SEND_WITH_IMM, IBV_WR_SEND_WITH_INV, IBV_WR_RDMA_WRITE,
		IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_RDMA_READ,
	};

	wr->opcode = opcodes[kind];
	if (kind == WITH_IMMEDIATE || kind == WRITE_WITH_IMMEDIATE)
		wr->imm_data = htonl(0x1234);
	if (kind == WITH_INVALIDATE) {
		wr->invalidate_rkey = p->invalidate ? p->invalidate : 0x1234;
		/* Where siw's library takes it from. */
		wr->wr.rdma.rkey = wr->invalidate_rkey;
	}
	if (kind >= WRITE) {
		wr->wr.rdma.remote_addr = 0x10000;
		wr->wr.rdma.rkey = 0x1234;
	}
}

/* What messages of that kind make invalid at the other side's. */
void peer_invalidate(struct peer *p, uint32_t key)
{
	p->invalidate = key;
}

/* What the last message that came made invalid here, as the device says; 0: nothing. */
uint32_t peer_invalidated(const struct peer *p)
{
	return p->invalidated;
}

/* Posts a message; @kind: 0 a plain SEND. Return: 0 or PEER_ERROR. */
int peer_post(struct peer *p, const void *message, unsigned int len, int kind)
{
	uint8_t *at = p->memory + (size_t)(p->recvs + p->sends % SEND_SLOTS) * MSG_SIZE;
	struct ibv_sge sge = { .addr = (uintptr_t)at, .length = len, .lkey = p->mr->lkey };
	struct ibv_send_wr wr = { .sg_list = &sge, .num_sge = len ? 1 : 0 };
	struct ibv_send_wr *bad;

	if (len > MSG_SIZE)
		return PEER_ERROR;
	memcpy(at, message, len);
	set_kind(p, &wr, kind);
	if (ibv_post_send(p->id->qp, &wr, &bad))
		return PEER_ERROR;
	p->sends++;
	return 0;
}

/* Waits for one more send to complete. Return: 0, PEER_TIMEOUT, or PEER_ENDED. */
int peer_sent(struct peer *p, int ms)
{
	int64_t end = now_ms() + ms;
	struct ibv_wc wc;
	int n;

	while (!(n = ibv_poll_cq(p->send_cq, 1, &wc))) {
		/* Once the other side has gone, nothing completes any more. */
		if (p->ended)
			return PEER_ENDED;
		if (!left_ms(end))
			return PEER_TIMEOUT;
		usleep(50);
		await_event(p, now_ms());
	}
	return n < 0 || wc.status ? PEER_ENDED : 0;
}

/* Return: bytes of the message, 0 none is there, or PEER_ENDED. */
static int take_message(struct peer *p, void *to, bool *came)
{
	struct ibv_wc wc;
	int n = ibv_poll_cq(p->recv_cq, 1, &wc);

	*came = n > 0;
	if (!n)
		return 0;
	if (n < 0 || wc.status) {
		p->ended = true;
		return PEER_ENDED;
	}
	/* Soft-RoCE tells programs with the kernel's bit, which is another one. */
	p->invalidated = wc.wc_flags & (IBV_WC_WITH_INV | IBV_WC_IP_CSUM_OK) ?
			 wc.invalidated_rkey : 0;
	memcpy(to, p->memory + (size_t)wc.wr_id * MSG_SIZE, wc.byte_len);
	return wc.byte_len;
}

/*
 * Waits for a message. Return: its bytes, PEER_TIMEOUT, or PEER_ENDED after the last
 * one before the connection's end.
 */
int peer_recv(struct peer *p, void *to, int ms)
{
	int64_t end = now_ms() + ms;
	struct ibv_cq *cq;
	void *context;
	bool came;
	int ret;

	for (;;) {
		ret = take_message(p, to, &came);
		if (came)
			return ret;
		if (p->ended)
			return PEER_ENDED;
		struct pollfd fds[] = {
			{ .fd = p->done->fd, .events = POLLIN },
			{ .fd = p->channel->fd, .events = POLLIN },
		};

		if (poll(fds, 2, left_ms(end)) < 1)
			return PEER_TIMEOUT;
		if (fds[0].revents & POLLIN && !ibv_get_cq_event(p->done, &cq, &context)) {
			ibv_ack_cq_events(cq, 1);
			ibv_req_notify_cq(cq, 0);
		}
		if (fds[1].revents & POLLIN)
			await_event(p, now_ms());
	}
}
