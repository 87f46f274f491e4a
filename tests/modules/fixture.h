/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* A server on 10.0.0.1, and clients of it, for test modules. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include "rdmarpc.h"

#define FIXTURE_ADDR	0x0a000001
#define FIXTURE_US	(10 * USEC_PER_SEC)

static inline struct sockaddr_in fixture_addr(u16 port)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(FIXTURE_ADDR),
	};
}

static inline struct rdmarpc_server *fixture_server(const char *name, u16 port)
{
	struct sockaddr_in addr = fixture_addr(port);
	const struct rdmarpc_server_config cfg = {
		.name = name,
		.addr = (struct sockaddr *)&addr,
		.echo = true,
	};

	return rdmarpc_server_create(&init_net, &cfg);
}

static inline struct rdmarpc_client *fixture_client(u16 port, u32 depth)
{
	struct sockaddr_in addr = fixture_addr(port);

	return rdmarpc_client_create(&init_net, (struct sockaddr *)&addr, depth, 0, 0);
}

/* Return: 0 if the method answered with the four bytes that it got. */
static inline int fixture_call(struct rdmarpc_client *cl, u16 method,
			       struct rdmarpc_result *result)
{
	char sent[4] = "ping", got[4] = "";
	struct kvec in = { sent, sizeof(sent) }, out = { got, sizeof(got) };
	struct iov_iter request, reply;
	int err;

	iov_iter_kvec(&request, ITER_SOURCE, &in, 1, sizeof(sent));
	iov_iter_kvec(&reply, ITER_DEST, &out, 1, sizeof(got));
	err = rdmarpc_call(cl, method, &request, &reply, FIXTURE_US, 0, result);
	return err ?: memcmp(sent, got, sizeof(sent)) ? -EBADMSG : 0;
}

static inline int fixture_async_within(struct rdmarpc_client *cl, u16 method, u64 timeout_us,
				       rdmarpc_done_fn done, void *ctx)
{
	struct kvec in = { "ping", 4 };
	struct iov_iter request;

	iov_iter_kvec(&request, ITER_SOURCE, &in, 1, 4);
	return rdmarpc_call_async(cl, method, &request, timeout_us, done, ctx);
}

static inline int fixture_async(struct rdmarpc_client *cl, u16 method, rdmarpc_done_fn done,
				void *ctx)
{
	return fixture_async_within(cl, method, FIXTURE_US, done, ctx);
}

/* Answers with the request's bytes. */
static inline int fixture_echo(void *ctx, struct rdmarpc_req *req,
			       struct iov_iter *request, struct iov_iter *reply)
{
	char bytes[64];
	size_t n = copy_from_iter(bytes, sizeof(bytes), request);

	return copy_to_iter(bytes, n, reply) == n ? 0 : -EMSGSIZE;
}

/* An asynchronous call, and its end. */
struct fixture_end {
	struct completion done;
	struct rdmarpc_result result;
	size_t reply_len;
};

static inline void fixture_done(void *ctx, const struct rdmarpc_result *result,
				struct iov_iter *reply)
{
	struct fixture_end *end = ctx;

	end->result = *result;
	end->reply_len = iov_iter_count(reply);
	complete(&end->done);
}

#endif /* FIXTURE_H */
