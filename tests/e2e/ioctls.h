/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Bare ioctls of /dev/rdmarpc, for programs that say which line did not hold, and exit
 * with 1. The server "s" listens on 10.0.0.1:7471.
 */
#ifndef IOCTLS_H
#define IOCTLS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rdmarpc.h>

#define WANT(expr, value) do { \
	long is_ = (expr), want_ = (value); \
	if (is_ != want_) { \
		printf("line %d: %s is %ld, not %ld\n", __LINE__, #expr, is_, want_); \
		exit(1); \
	} \
} while (0)

#define PTR(p) ((uintptr_t)(p))
#define FOREVER (~0ULL)

static inline int dev(void)
{
	int fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);

	WANT(fd >= 0, 1);
	return fd;
}

static inline int do_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

static struct sockaddr_in server = { .sin_family = AF_INET };

static inline struct rdmarpc_connect connect_args(__u32 depth)
{
	server.sin_port = htons(7471);
	server.sin_addr.s_addr = htonl(0x0a000001);
	return (struct rdmarpc_connect) {
		.size = sizeof(struct rdmarpc_connect),
		.addr = PTR(&server),
		.addr_len = sizeof(server),
		.depth = depth,
	};
}

static inline int client(__u32 depth)
{
	struct rdmarpc_connect args = connect_args(depth);
	int fd = dev();

	WANT(do_ioctl(fd, RDMARPC_IOCTL_CONNECT, &args), 0);
	WANT(args.depth <= depth, 1);
	WANT(args.max_payload, RDMARPC_MAX_PAYLOAD);
	return fd;
}

static inline int call(int fd, struct rdmarpc_submit *sub, int nr_sub,
		struct rdmarpc_completion *c, int nr_c, int min, __u64 wait,
		struct rdmarpc_call *args)
{
	*args = (struct rdmarpc_call) {
		.size = sizeof(*args), .submit = PTR(sub), .complete = PTR(c),
		.nr_submit = nr_sub, .nr_complete = nr_c, .min_complete = min, .wait_us = wait,
	};
	return do_ioctl(fd, RDMARPC_IOCTL_CALL, args);
}

static inline int serve(int fd, struct rdmarpc_reply *r, int nr_r, struct rdmarpc_request *q,
		 int nr_q, __u64 wait, struct rdmarpc_serve *args)
{
	*args = (struct rdmarpc_serve) {
		.size = sizeof(*args), .replies = PTR(r), .requests = PTR(q),
		.nr_replies = nr_r, .nr_requests = nr_q, .wait_us = wait,
	};
	return do_ioctl(fd, RDMARPC_IOCTL_SERVE, args);
}

static inline int is_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	WANT(poll(&p, 1, 0) >= 0, 1);
	return p.revents & events;
}

#endif
