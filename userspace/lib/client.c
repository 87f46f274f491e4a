// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "librdmarpc.h"

#define REAP_BATCH 16

/*
 * One of the threads that wait reaps for all: it takes completions from the
 * kernel, hands them out, and gives the role up when its own call has ended.
 */
struct rdmarpc_client {
	int fd;
	unsigned int depth;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool reaping;
};

struct waiter {
	struct rdmarpc_completion result;
	bool done;
};

int rdmarpc_client_open(const char *addr, unsigned int depth, unsigned int timeout_ms,
			struct rdmarpc_client **client)
{
	struct rdmarpc_connect args = { .size = sizeof(args) };
	struct sockaddr_storage sa;
	struct rdmarpc_client *cl;
	socklen_t len;
	int err;

	err = rdmarpc_resolve(addr, &sa, &len);
	if (err)
		return err;
	cl = calloc(1, sizeof(*cl));
	if (!cl)
		return -ENOMEM;
	cl->fd = open(RDMARPC_DEVICE, O_RDWR | O_CLOEXEC);
	if (cl->fd < 0) {
		err = -errno;
		free(cl);
		return err;
	}
	args.addr = (uintptr_t)&sa;
	args.addr_len = len;
	args.depth = depth;
	args.timeout_ms = timeout_ms;
	if (ioctl(cl->fd, RDMARPC_IOCTL_CONNECT, &args)) {
		err = -errno;
		close(cl->fd);
		free(cl);
		return err;
	}
	cl->depth = args.depth;
	pthread_mutex_init(&cl->lock, NULL);
	pthread_cond_init(&cl->changed, NULL);
	*client = cl;
	return 0;
}

void rdmarpc_client_close(struct rdmarpc_client *cl)
{
	close(cl->fd);
	pthread_cond_destroy(&cl->changed);
	pthread_mutex_destroy(&cl->lock);
	free(cl);
}

unsigned int rdmarpc_client_depth(const struct rdmarpc_client *cl)
{
	return cl->depth;
}

static int submit(struct rdmarpc_client *cl, const struct rdmarpc_submit *sub)
{
	struct rdmarpc_call args;

	do {
		args = (struct rdmarpc_call) {
			.size = sizeof(args),
			.submit = (uintptr_t)sub,
			.nr_submit = 1,
			.wait_us = sub->timeout_us,
		};
		if (!ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args))
			return 0;
	} while (errno == EINTR);
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* With the lock held, released meanwhile. Return: 0 or a negative errno. */
static int reap(struct rdmarpc_client *cl)
{
	struct rdmarpc_completion done[REAP_BATCH];
	struct rdmarpc_call args = {
		.size = sizeof(args),
		.complete = (uintptr_t)done,
		.nr_complete = REAP_BATCH,
		.min_complete = 1,
		.wait_us = ~0ULL,
	};
	int err = 0;
	__u32 i;

	cl->reaping = true;
	pthread_mutex_unlock(&cl->lock);
	if (ioctl(cl->fd, RDMARPC_IOCTL_CALL, &args))
		err = -errno;
	pthread_mutex_lock(&cl->lock);
	cl->reaping = false;
	for (i = 0; !err && i < args.completed; i++) {
		struct waiter *w = (struct waiter *)(uintptr_t)done[i].user_data;

		w->result = done[i];
		w->done = true;
	}
	pthread_cond_broadcast(&cl->changed);
	return err == -EINTR ? 0 : err;
}

int rdmarpc_call(struct rdmarpc_client *cl, uint16_t method,
		 const void *request, size_t request_len, void *reply, size_t room,
		 uint64_t timeout_us, struct rdmarpc_completion *result)
{
	struct waiter w = { .done = false };
	struct rdmarpc_submit sub = {
		.user_data = (uintptr_t)&w,
		.request = (uintptr_t)request,
		.reply = (uintptr_t)reply,
		.timeout_us = timeout_us,
		.request_len = request_len > UINT32_MAX ? UINT32_MAX : request_len,
		.reply_len = room > UINT32_MAX ? UINT32_MAX : room,
		.method = method,
	};
	int err;

	*result = (struct rdmarpc_completion) { .outcome = RDMARPC_OUTCOME_NOT_EXECUTED };
	err = submit(cl, &sub);
	if (err) {
		result->error = err;
		return err;
	}
	pthread_mutex_lock(&cl->lock);
	while (!w.done) {
		if (cl->reaping)
			pthread_cond_wait(&cl->changed, &cl->lock);
		else if ((err = reap(cl)))
			break;
	}
	pthread_mutex_unlock(&cl->lock);
	if (!w.done) {
		w.result.error = err;
		w.result.outcome = RDMARPC_OUTCOME_MAYBE_EXECUTED;
	}
	*result = w.result;
	return result->error;
}
