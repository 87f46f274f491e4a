// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * A peer that does not keep to the protocol, for netlink.bats: what docs/wire.md
 * says, by hand, to 10.0.0.1 and the port.
 *
 * peer PORT hello TIMES: asks to connect with private data that is no hello
 * peer PORT silent: connects, proves nothing, waits for the end
 * peer PORT bad: connects, proves itself, then sends a message of an unknown type
 *
 * Exits with 0 when the other side has refused, or ended the connection.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rdma/rdma_cma.h>
#include <rdma/rdma_verbs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO_LEN	48
#define MESSAGE_LEN	32
#define RECEIVES	4

static unsigned char recv_buf[RECEIVES][4096], send_buf[2][MESSAGE_LEN];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put16(unsigned char *to, unsigned int value)
{
	to[0] = value;
	to[1] = value >> 8;
}

static void fill_hello(unsigned char *hello)
{
	memset(hello, 0, HELLO_LEN);
	memcpy(hello, "RRPC", 4);
	hello[4] = HELLO_LEN;
	hello[5] = 1;			/* versions */
	hello[6] = 1;
	hello[16] = 1;			/* client id */
	put16(hello + 28, 4096);	/* receive buffer size */
	put16(hello + 32, RECEIVES);	/* window */
	put16(hello + 34, 1);		/* calls in flight */
}

/* Return: an id at the server's door. */
static struct rdma_cm_id *reach(int port)
{
	const struct rdma_addrinfo hints = { .ai_port_space = RDMA_PS_TCP };
	struct ibv_qp_init_attr attr = {
		.cap = {
			.max_send_wr = 4, .max_recv_wr = RECEIVES,
			.max_send_sge = 1, .max_recv_sge = 1,
		},
		.sq_sig_all = 1,
	};
	struct rdma_addrinfo *res;
	struct rdma_cm_id *id;
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	if (rdma_getaddrinfo("10.0.0.1", service, &hints, &res))
		die("rdma_getaddrinfo");
	if (rdma_create_ep(&id, res, NULL, &attr))
		die("rdma_create_ep");
	rdma_freeaddrinfo(res);
	return id;
}

static int ask(struct rdma_cm_id *id, const unsigned char *hello)
{
	struct rdma_conn_param param = {
		.private_data = hello, .private_data_len = HELLO_LEN,
		.responder_resources = 1, .initiator_depth = 1, .retry_count = 7,
	};

	return rdma_connect(id, &param);
}

static void send_message(struct rdma_cm_id *id, int nr, int type, int code)
{
	unsigned char *m = send_buf[nr];
	struct ibv_mr *mr = rdma_reg_msgs(id, send_buf, sizeof(send_buf));
	struct ibv_wc wc;

	memset(m, 0, MESSAGE_LEN);
	m[0] = MESSAGE_LEN;
	m[1] = type;
	put16(m + 4, code);
	m[12] = RECEIVES;		/* limit */
	if (!mr || rdma_post_send(id, NULL, m, MESSAGE_LEN, mr, 0) ||
	    rdma_get_send_comp(id, &wc) != 1)
		die("send");
}

static struct rdma_cm_id *connected(int port)
{
	unsigned char hello[HELLO_LEN];
	struct rdma_cm_id *id = reach(port);
	struct ibv_mr *mr = rdma_reg_msgs(id, recv_buf, sizeof(recv_buf));
	int i;

	for (i = 0; i < RECEIVES; i++)
		if (!mr || rdma_post_recv(id, NULL, recv_buf[i], sizeof(recv_buf[i]), mr))
			die("receive");
	fill_hello(hello);
	if (ask(id, hello))
		die("rdma_connect");
	return id;
}

static void await_end(struct rdma_cm_id *id)
{
	struct rdma_cm_event *event;

	/* The id's own channel takes no events any more: it was synchronous. */
	if (rdma_migrate_id(id, rdma_create_event_channel()) ||
	    rdma_get_cm_event(id->channel, &event))
		die("event");
	if (event->event != RDMA_CM_EVENT_DISCONNECTED) {
		fprintf(stderr, "peer: %s\n", rdma_event_str(event->event));
		exit(1);
	}
}

static void no_hello(int port, int times)
{
	const unsigned char zero[HELLO_LEN] = { 0 };
	struct rdma_cm_id *id;

	while (times--) {
		id = reach(port);
		if (!ask(id, zero)) {
			fprintf(stderr, "peer: accepted\n");
			exit(1);
		}
		rdma_destroy_ep(id);
	}
}

int main(int argc, char **argv)
{
	struct rdma_cm_id *id;
	struct ibv_wc wc;
	int port;

	alarm(60);
	if (argc < 3)
		return 2;
	port = atoi(argv[1]);
	if (!strcmp(argv[2], "hello") && argc == 4) {
		no_hello(port, atoi(argv[3]));
		return 0;
	}
	id = connected(port);
	if (!strcmp(argv[2], "bad")) {
		send_message(id, 0, 6, 1);	/* AUTH, proof */
		if (rdma_get_recv_comp(id, &wc) != 1 || wc.status)
			die("acceptance");
		send_message(id, 1, 99, 0);
	}
	await_end(id);
	return 0;
}
